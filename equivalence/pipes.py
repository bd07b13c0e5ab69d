"""What the parents of all child processes do with the pipes to them."""

from __future__ import annotations

import contextlib
import queue
import subprocess


def pump(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    """Hand on the lines that a child writes, and None at their end."""
    assert process.stdout is not None
    with contextlib.suppress(ValueError, OSError):
        for line in process.stdout:
            lines.put(line)
    lines.put(None)


def end(process: subprocess.Popen[str]) -> None:
    """End a child, and close the pipes to it."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
