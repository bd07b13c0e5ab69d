"""The formats in which `check` can report, one a file. Each has `render`, from a report to the whole text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module

from ..console import Line
from ..findings import Report

#: The name of each format, which is also that of its file, and what it is for.
FORMATS = {
    "text": "the code of each loop with the loop marked",
    "concise": "one line a loop",
    "json": "for programs; the fields are stable",
    "sarif": "SARIF 2.1.0, for code scanning",
    "github": "annotations in GitHub Actions",
    "gitlab": "GitLab's code quality report",
    "junit": "JUnit XML, for CI servers",
    "markdown": "for a pull request or a job summary",
}


def styled(name: str) -> Callable[[Report], Iterable[Line]]:
    """What makes the lines of a format for people, with their styles."""
    lines: Callable[[Report], Iterable[Line]] = import_module(f".{name}", __package__).lines
    return lines


def renderer(name: str) -> Callable[[Report], str]:
    """What makes the text of a report in this format. Only the module of that format is imported."""
    render: Callable[[Report], str] = import_module(f".{name}", __package__).render
    return render
