"""Compiled loops: asked for by `--numba`, and each function is compiled once for all runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deloop.codemods.engine import Options


@dataclass
class Asked:
    """What deloop is asked for, and how long a run may take."""

    options: Options
    seconds: float


ASKED = Asked(Options(), 2.0)
_MADE: dict[tuple[Any, ...], Any] = {}


def compile_too() -> None:
    """Ask for compiled loops, too. Every run loads its program anew, but functions that are alike are one."""
    import numba

    ASKED.options, ASKED.seconds = Options(numba=True), 20.0
    compiler = numba.njit

    def njit(function: Callable[..., Any] | None = None, **options: Any) -> Any:
        if function is None:
            return lambda given: njit(given, **options)
        code = function.__code__
        key = (code.co_code, code.co_consts, code.co_names, code.co_varnames, *sorted(options.items()))
        if key not in _MADE:
            _MADE[key] = compiler(**options)(function)
        return _MADE[key]

    if compiler.__module__ != __name__:
        numba.njit = njit
