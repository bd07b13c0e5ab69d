"""From paths to findings: which files there are, and what stands in them. Nothing is run."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..codemods.engine import Options
from ..equivalence.scaffold_mark import MARK
from ..sources.discovery import discover
from ..transforms.base import Rule
from .model import Policy, Problem
from .standalone import PACKAGE
from .survey import Looked, Named, Survey
from .terms import Terms, every_rule

if TYPE_CHECKING:
    from .answers import Answers

#: (stage, done, total).
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Job:
    """Which files, how to look at them, and what may be proposed.

    `exclude` are patterns as in `.gitignore`, relative to `root`. `name_of` gives the name to show for a path.
    `options`, `wants` and `policy` are those for the whole job; `local` gives what holds for one file instead.
    `left_out` says whether a file that was found in a folder is not meant; with `force_exclude` that goes for one that
    was named, too. With `answers` it is left out what a reviewer declined.
    """

    paths: Sequence[Path]
    exclude: Sequence[str] = ()
    root: Path | None = None
    options: Options = field(default_factory=Options)
    wants: Callable[[Rule], bool] = every_rule
    policy: Policy = field(default_factory=Policy)
    name_of: Callable[[Path], str] = lambda path: shown_name(path)
    local: Callable[[Path], Terms] | None = None
    left_out: Callable[[Path], bool] = lambda path: False
    force_exclude: bool = False
    answers: Answers | None = None

    def terms(self, path: Path) -> Terms:
        """What holds for one file."""
        return self.local(path) if self.local is not None else Terms(self.options, self.policy, self.wants)


def shown_name(path: Path) -> str:
    """How a file is called in messages and diffs: relative to the current folder when it is inside."""
    absolute = os.path.abspath(path)
    inside = (
        os.path.relpath(absolute) if os.path.splitdrive(absolute)[0] == os.path.splitdrive(os.getcwd())[0] else ".."
    )
    return (absolute if inside.startswith("..") else inside).replace(os.sep, "/")


def label_of(path: Path, job: Job) -> str:
    """The file relative to the project, or to the current folder: the same name from wherever it is called."""
    for base in (job.root, Path.cwd()):
        if base is not None:
            inside = os.path.relpath(os.path.abspath(path), os.path.abspath(base)).replace(os.sep, "/")
            if not inside.startswith(".."):
                return inside
    return f"{path.absolute().parent.name}/{path.name}"


def state_base(job: Job) -> Path:
    """The folder in which deloop keeps its own: that of the configuration, else the current one."""
    return Path(os.path.abspath(job.root)) if job.root is not None else Path.cwd()


def find_files(job: Job) -> tuple[list[Named], list[Problem]]:
    """The Python files of the job in a fixed order, those that deloop wrote left out; what was wrong with the paths."""
    files, problems = python_files(job)
    return [(job.name_of(path), path) for path in files if not is_generated(path)], problems


def python_files(job: Job) -> tuple[list[Path], list[Problem]]:
    """All Python files of the job in a fixed order, and what was wrong with the paths."""
    found, errors = discover(job.paths, exclude=job.exclude, root=job.root)
    problems = [Problem(job.name_of(e.path), e.line or 0, e.message) for e in errors]
    named = set() if job.force_exclude else set(job.paths)
    files = [path for path in found if path in named or not job.left_out(path)]
    if not found and not problems:
        problems = [Problem(job.name_of(path), 0, "no Python files in it") for path in job.paths]
    return files, problems


def find_scaffolds(job: Job, folder: Path | None = None) -> tuple[list[Path], list[Problem]]:
    """The generated test files among the paths of the job and in one more folder, and what is wrong with that one."""
    more = [folder] if folder else []
    files, _ = discover([*job.paths, *more], exclude=job.exclude, root=job.root)
    tests, errors = [path for path in files if is_scaffold(path)], discover(more)[1] if more else []
    return tests, [Problem(job.name_of(e.path), e.line or 0, e.message) for e in errors]


def is_scaffold(path: Path) -> bool:
    """Whether this is a test file that `deloop scaffold` wrote."""
    return path.name.startswith("test_") and is_generated(path)


def is_generated(path: Path) -> bool:
    """Whether `deloop scaffold` wrote the file: what it keeps of the originals is no code to rewrite."""
    if not path.name.startswith("test_") and PACKAGE not in path.parts:
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(MARK)) == MARK.encode()
    except OSError:
        return False


def look_at(
    job: Job, tick: Tick, only: Callable[[Path], bool] = lambda path: True, unused: bool = False
) -> tuple[list[Looked], list[Problem]]:
    """Every file with what was found in it, and all that was wrong. Nothing is run. `only` leaves out files unread."""
    files, problems = find_files(job)
    asked = [(name, path, job.terms(path)) for name, path in files if only(path)]
    looked = []
    for number, one in enumerate(Survey(asked, unused), 1):
        tick("looking", number, len(asked))
        looked.append(one)
    return looked, problems + [one.problem for one in looked if one.problem is not None]
