"""Ctrl-C at the wrong moment: who hears it, and when it has to wait."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def end_when_interrupted() -> None:
    """Let Ctrl-C end a worker at once and without a word; the process that started it does the talking."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Cleaning up is finished even when the user presses Ctrl-C again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, kept)
