"""Verifies mutants, and asks a longer search about those that the verifier let pass."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator

from deloop.equivalence.model import Trial, Verdict
from deloop.equivalence.verify import verify

from . import search
from .equivalent import reason
from .model import Mutant, Outcome, Right

#: Inputs of the longer search, in all.
TRIES, SEEDS = 1500, (11, 12)


def right_ones(rights: Iterable[Right], workers: int = 1) -> Iterator[Right]:
    """Those that the verifier finds right: of what it can't run, a mutant says nothing."""
    known = {right.trial.key: right for right in rights}
    for key, evidence in verify((r.trial for r in known.values()), timing=False, steps=False, workers=workers):
        if evidence.verdict is Verdict.VERIFIED:
            yield known[key]


def judge(mutants: Iterable[Mutant], workers: int = 1, tries: int = TRIES) -> Iterator[Outcome]:
    """The fate of each mutant."""
    search.prepare()
    known = {mutant.key: mutant for mutant in mutants}
    trials = [mutant.trial for mutant in known.values()]
    for key, evidence in verify(trials, timing=False, steps=False, shrink=False, workers=workers):
        mutant = known[key]
        if evidence.verdict is Verdict.REFUTED:
            yield Outcome(mutant, "refuted", evidence.reason, evidence.seconds)
            continue
        if found := difference(mutant, tries):
            fate = "survived" if evidence.verdict is Verdict.VERIFIED else "unjudged"
            yield Outcome(mutant, fate, found, evidence.seconds)
        elif why := reason(mutant):
            yield Outcome(mutant, "equivalent", why, evidence.seconds)
        else:
            yield Outcome(mutant, "alike", evidence.reason, evidence.seconds)


def difference(mutant: Mutant, tries: int) -> str:
    """What a longer search finds."""
    trial, right = mutant.trial, mutant.right.trial
    constants = _constants(trial)
    for seed in SEEDS:
        if found := search.differs(trial, right, constants, tries // len(SEEDS), seed):
            return found
    return ""


def _constants(trial: Trial) -> tuple[float, ...]:
    """The numbers in both versions and their neighbours."""
    found: set[float] = set()
    for text in (trial.before, trial.after):
        for node in ast.walk(ast.parse(text)):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                found |= {value, value + 1, value - 1, -value}
    return tuple(sorted(found)[:60])
