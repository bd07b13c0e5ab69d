"""Ctrl-C at the wrong moment: who hears it, and when it has to wait."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def end_when_interrupted() -> None:
    """Let Ctrl-C end a worker at once and without a word; the process that started it does the talking."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def heard_afterwards() -> Iterator[None]:
    """Ctrl-C waits while workers are forked: what Python itself runs then, on both sides, would swallow it.

    The workers hear it as soon as they have called `end_when_interrupted`.
    """
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    # The mask is what workers inherit; another thread may still catch the signal, and the main one is told.
    handler = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if heard:  # whatever else went wrong: the workers may have died of the same key
            signal.raise_signal(signal.SIGINT)


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


@contextmanager
def ended_like_interrupted() -> Iterator[None]:
    """A closed terminal and a request to end are taken like Ctrl-C, so that nothing is left behind."""
    names = [name for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = {name: signal.getsignal(getattr(signal, name)) for name in names}

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    for name in names:
        signal.signal(getattr(signal, name), interrupt)
    try:
        yield
    finally:
        for name, handler in kept.items():
            signal.signal(getattr(signal, name), handler)
