"""Mutants that do the same on every input, as a person found, with the reason."""

from __future__ import annotations

import re

from .model import Mutant

#: (operator, the old code, the new code, why): regular expressions for all of the code.
_REASONS = (
    ("text", r"[\"']biuf[\"']", r"'biuf_'", "kinds of dtypes are single letters"),
    ("boundary", r"np\.random\.rand\(.*\) < .*", r".* <= .*", "a draw hits a number once in 2**53 times"),
    ("sum-order", r".*[<>=] .*\.sum\(\)", r".*", "a sum of truth values is exact in any order"),
    ("related-function", r"np\.count_nonzero", r"np\.sum", "a sum of truth values counts them"),
    ("untold-option", r".*groupby\(.*\)", r".*dropna=False\)", "the group of missing keys is never asked for"),
)


def reason(mutant: Mutant) -> str:
    """Why a mutant does the same; empty when nothing is known. Asked only where no difference is found."""
    old, new = (" ".join(code.split()) for code in (mutant.old, mutant.new))
    known = (why for name, was, is_, why in _REASONS if name == mutant.operator and _fits(was, old) and _fits(is_, new))
    return next(known, "")


def _fits(pattern: str, code: str) -> bool:
    return re.fullmatch(pattern, code) is not None
