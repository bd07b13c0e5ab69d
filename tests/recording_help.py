"""Small programs that are recorded."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import command_help

from deloop.equivalence.recordings import Ran, Run, runs_in

FLOW = """\
import pandas as pd

SCALE = 2.0


class Book:
    def __init__(self, prices):
        self.prices = prices
        self.lock = __import__("threading").Lock()

    def costs(self, fee):
        out = []
        for price in self.prices:
            out.append(price * fee + SCALE)
        return out


def total(frame: pd.DataFrame):
    out = []
    for i in range(len(frame)):
        out.append(frame["a"].iloc[i] * 2 + 1)
    return out


def doubled(values):
    out = []
    for value in values:
        out.append(value * 2)
    return out
"""
#: The same on the same lines for programs that only use `Book` and `doubled`: to load pandas takes half a second.
LIGHT = FLOW.replace("import pandas as pd", "import sys").replace("frame: pd.DataFrame", "frame")


def deloop(*words: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder, and more variables in its environment."""
    return command_help.deloop(cwd, *words, env=more)


def files(folder: Path, texts: Mapping[str, str]) -> Path:
    """Write the files into a folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def recorded(folder: Path, *command: str, options: tuple[str, ...] = ()) -> Run:
    """The only run of a command that has to succeed."""
    done = deloop("record", *options, "--", *command, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = runs_in(folder)
    return run


def ran(run: Run, function: str) -> Ran:
    """What was recorded of the first loop of a function."""
    return next(one for one in run.ran if one.function == function)
