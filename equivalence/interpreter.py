"""Which Python runs the user's code: the one that has NumPy and pandas."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

#: Looks for the packages and does not load them: that takes most of a second, and the child does it anyway.
_PROBE = """
import importlib.util, sys
missing = [name for name in ("numpy", "pandas") if importlib.util.find_spec(name) is None]
sys.exit(3 if sys.version_info < (3, 11) else f"it has no {missing[0]}" if missing else 0)
"""
_LOADED = "import numpy, pandas"


class NoInterpreter(Exception):
    """No usable Python; the message says what was tried and what to do."""


@cache
def choose_python(explicit: str | None = None) -> str:
    """The interpreter for the child: the one asked for, else the active environment's, else our own, else one on PATH.

    Raises NoInterpreter when none of them is Python 3.11 or newer with NumPy and pandas.
    """
    tried: list[str] = []
    for candidate in [explicit] if explicit else _candidates():
        found = shutil.which(candidate) if candidate else None
        if not found:
            tried.append(f"{candidate}: not found")
            continue
        problem = _problem(found)
        if not problem:
            return found
        tried.append(f"{candidate}: {problem}")
    hint = "name one with --python" if not explicit else "name one that has them with --python"
    raise NoInterpreter(f"no Python 3.11+ with NumPy and pandas to run the code with ({'; '.join(tried)}): {hint}")


@cache
def provides(python: str, package: str) -> bool:
    """Whether an interpreter can import a package."""
    code = f"import {package}"
    try:
        done = subprocess.run(
            [python, "-s", "-P", "-c", code], capture_output=True, timeout=120, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _candidates() -> list[str]:
    found: list[str] = []
    environment = os.environ.get("VIRTUAL_ENV")
    if environment:
        found += [str(Path(environment, "bin", "python")), str(Path(environment, "Scripts", "python.exe"))]
        found = [c for c in found if Path(c).exists()]
    return list(dict.fromkeys([*found, sys.executable, "python3", "python"]))


def broken(python: str) -> str:
    """Why an interpreter that has NumPy and pandas can't load them; empty if it can."""
    return _problem(python, _LOADED)


def _problem(python: str, code: str = _PROBE) -> str:
    try:
        done = subprocess.run(
            [python, "-s", "-P", "-c", code], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as e:
        return f"can't be run ({type(e).__name__})"
    if done.returncode == 3:
        return "older than Python 3.11"
    if done.returncode:
        lines = done.stderr.strip().split("\n")
        return lines[-1] or f"exit status {done.returncode}"
    return ""
