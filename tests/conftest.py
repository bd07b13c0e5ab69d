"""What all tests share: nothing of the machine's own settings reaches them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings

settings.register_profile("deloop", deadline=None, derandomize=True)
settings.load_profile("deloop")

# A shell that starts the tests in the background has them ignore Ctrl-C, and all that they start with them.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
#: `DELOOP_ALL_TESTS=1` has the tests go through everything, which takes half an hour.
ALL = bool(os.environ.get("DELOOP_ALL_TESTS"))

T = TypeVar("T")


def share(many: Iterable[T], one_in: int) -> list[T]:
    """Every so manyth of what is alike and takes long, always the same ones; all where all are asked for."""
    return list(many)[:: 1 if ALL else one_in]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-fixtures", action="store_true", help="write what the rules make of the fixtures")


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No debug switches, no git configuration or hooks, no colours that a CI system asks for."""
    for name in [n for n in os.environ if n.startswith(("GIT_", "DELOOP_", "COV_"))]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT
