"""The real command in this process: to start the interpreter and a verifier anew takes most of a short run.

Run as a script it is the command `deloop` that times nothing.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import IO

import pytest
import rich.console  # noqa: F401 - it keeps the environment of its first import

from deloop.cli import main
from deloop.equivalence.verify import verify
from deloop.proposals import judge


def deloop(
    folder: Path,
    *words: str,
    data: str = "",
    env: Mapping[str, str] | None = None,
    timing: bool = False,
) -> CompletedProcess[str]:
    """`deloop` in a folder, with `data` as its input and `env` beside the variables that there are.

    The streams are real files, so that programs which it starts write to them too. Without `timing` no form is timed.
    """
    with pytest.MonkeyPatch.context() as patch, _file(data) as given, _file() as out, _file() as err:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["deloop", *words])
        patch.setattr(judge, "verify", partial(verify, timing=timing))
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        with _stream(0, "stdin", given), _stream(1, "stdout", out), _stream(2, "stderr", err):
            with pytest.raises(SystemExit) as end:
                main()
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
        return CompletedProcess(words, int(end.value.code or 0), _content(out), _content(err))


def _file(text: str = "") -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed where it is used
    file.write(text.encode())
    file.seek(0)
    return file


def _content(file: IO[bytes]) -> str:
    """All of it, with the line ends of Unix."""
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


@contextlib.contextmanager
def _stream(number: int, name: str, file: IO[bytes]) -> Iterator[None]:
    """A standard stream of the process, and of Python, that is this file."""
    before, stream = os.dup(number), getattr(sys, name)
    os.dup2(file.fileno(), number)
    mode = "rb" if number == 0 else "wb"
    with open(number, mode, closefd=False) as raw, io.TextIOWrapper(raw, encoding="utf-8", write_through=True) as text:
        setattr(sys, name, text)
        try:
            yield
        finally:
            setattr(sys, name, stream)
            text.flush()
            os.dup2(before, number)
            os.close(before)


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as forever:
        forever.setattr(judge, "verify", partial(verify, timing=False))
        main()
