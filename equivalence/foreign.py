"""A codemod of the user's, in a child process: it gets texts and gives texts, and can write no file."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .pipes import end, pump

_CHILD = Path(__file__).parent / "child" / "__main__.py"
#: Seconds for its import, and for one file: more than the child itself allows.
_START, _FILE = 120.0, 150.0


class NoCodemod(Exception):
    """The codemod can't be run; the message says why."""


class Failed(Exception):
    """The codemod failed on one file; the message says how."""


class Codemod:
    """One codemod, and the process that runs it."""

    def __init__(self, name: str, given: Mapping[str, str], python: str | None = None) -> None:
        self.name = name
        self._command = [python or sys.executable, "-P", "-B", "-X", "utf8", str(_CHILD), "--codemod", name]
        self._command += [json.dumps(dict(given)), os.getcwd()]
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()

    def start(self) -> None:
        """Load the codemod. Raises NoCodemod."""
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="surrogatepass",
                start_new_session=True,  # Ctrl-C is for the parent, which then ends the child
            )
        except OSError as problem:
            raise NoCodemod(f"{self._command[0]}: {problem.strerror}") from None
        self._lines = queue.Queue()
        threading.Thread(target=pump, args=(self._process, self._lines), daemon=True).start()
        answer = self._next(_START)
        if "ready" not in answer:
            self.close()
            raise NoCodemod(f"{self.name}: {answer.get('wrong') or answer.get('error')}")

    def run(self, name: str, text: str) -> str:
        """The text that the codemod makes of the text of a file. Raises Failed, and NoCodemod at the first call."""
        if self._process is None:
            self.start()
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"name": name, "text": text}) + "\n")
            self._process.stdin.flush()
        except OSError:
            self.close()
            raise Failed("the codemod ended the process") from None
        answer = self._next(_FILE)
        if "text" not in answer:
            raise Failed(answer.get("error", "the codemod gave no answer"))
        return str(answer["text"])

    def _next(self, seconds: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            line = None
        if line is None:
            self.close()  # the next file gets a new process
            return {"error": "the codemod ended the process, or did not end in time"}
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """End the child."""
        process, self._process = self._process, None
        if process is not None:
            end(process)
