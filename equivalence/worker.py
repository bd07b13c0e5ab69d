"""The child process: started on demand, used for many trials, replaced when it crashes or hangs."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .interpreter import NoInterpreter, broken
from .pipes import end, pump

_CHILD = Path(__file__).parent / "child" / "__main__.py"
_START_SECONDS = 60.0
#: So many times the seconds of a request may pass in all: on a busy machine the child computes less than it waits.
_PATIENCE = 3.0
_DROPPED = ("PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "PYTHONWARNINGS", "PYTHONBREAKPOINT", "PYTHONINSPECT")


class Died(Exception):
    """The child ended or was ended in the middle of a trial. `side` is the version that was running."""

    def __init__(self, side: str, how: str) -> None:
        super().__init__(how)
        self.side, self.how = side, how


class Worker:
    """A child process that answers one request at a time."""

    def __init__(self, python: str) -> None:
        self.python = python
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._folder = ""
        self._ended = False
        self.versions = ""

    @property
    def alive(self) -> bool:
        """Whether the process is there and runs; one that was never started counts too."""
        return self._process is None or self._process.poll() is None

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send one request and wait for its answer.

        Raises Died when nothing is heard of the child for that long, and NoInterpreter when it does not start.
        """
        side = "before"
        if self._ended:
            raise Died(side, "was not run any more")
        if self._process is None:
            self._start()
        process = self._process
        assert process is not None and process.stdin is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except OSError:
            raise self._dead(side) from None
        until = time.monotonic() + _PATIENCE * seconds
        while True:
            left = until - time.monotonic()
            message = self._next(min(seconds, left), side if left > seconds else "before")
            if "answer" in message:
                answer: dict[str, Any] = message["answer"]
                if message.get("worn"):
                    self.close()  # the next request starts another
                return answer
            side = message.get("at", side)

    def _next(self, seconds: float, side: str) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            self.close()
            raise Died(side, f"did not end within {seconds:.0f} s" if seconds > 0 else "did not end in time") from None
        if line is None:
            raise self._dead(side)
        found: dict[str, Any] = json.loads(line)
        return found

    def _dead(self, side: str) -> Died:
        process = self._process
        code = process.wait(timeout=10) if process is not None else 0
        self.close()
        if code < 0:
            with contextlib.suppress(ValueError):
                return Died(side, f"killed the process ({signal.Signals(-code).name})")
        return Died(side, f"ended the process (exit status {code})")

    def _start(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="deloop-")
        environment = {k: v for k, v in os.environ.items() if k not in _DROPPED}
        environment |= {
            **{f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")},
            "PYTHONHASHSEED": "0",
            "TZ": "UTC",
            "HOME": self._folder,
            "TMPDIR": self._folder,
        }
        debug = os.environ.get("DELOOP_DEBUG")
        self._process = subprocess.Popen(
            [self.python, "-s", "-P", "-B", "-X", "utf8", str(_CHILD), self._folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if debug else subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=environment,
            cwd=self._folder,
            start_new_session=True,  # Ctrl-C is for the parent, which then ends the child
        )
        self._lines = queue.Queue()
        threading.Thread(target=pump, args=(self._process, self._lines), daemon=True).start()
        try:
            self.versions = self._next(_START_SECONDS, "before").get("ready", "")
        except Died:
            if problem := broken(self.python):
                raise NoInterpreter(f"{self.python} can't load NumPy and pandas: {problem}") from None
            raise

    def close(self) -> None:
        """End the child."""
        process, self._process = self._process, None
        if process is not None:
            end(process)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""

    def end(self) -> None:
        """End the child for good, also while another thread waits for its answer."""
        self._ended = True
        self.close()


#: Workers that wait for the next run in this process: most of a short run is the loading of pandas.
_IDLE: dict[str, list[Worker]] = {}


@contextlib.contextmanager
def borrowed(python: str, count: int = 1) -> Iterator[list[Worker]]:
    """Workers with that interpreter. They are kept for the next time unless they are left by an exception."""
    idle = [worker for worker in _IDLE.pop(python, []) if _usable(worker)]
    workers = idle[:count] + [Worker(python) for _ in range(count - len(idle))]
    try:
        yield workers
    except BaseException:
        for worker in (*workers, *idle[count:]):
            worker.end()
        raise
    _IDLE.setdefault(python, []).extend([*workers, *idle[count:]])


def _usable(worker: Worker) -> bool:
    if not worker.alive:
        worker.close()
    return worker.alive and not worker._ended


@atexit.register
def _close_all() -> None:
    for worker in (worker for workers in _IDLE.values() for worker in workers):
        worker.close()
