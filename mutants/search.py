"""A much longer search than the verifier's battery: does a mutant that it let pass differ on any input at all?

It runs in this process: the code is deloop's own.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

from deloop.equivalence.child import sandbox
from deloop.equivalence.child.battery import Battery, Case
from deloop.equivalence.child.changes import NUMERIC, Drafts, all_slots, all_tables
from deloop.equivalence.child.compare import Comparison, Differs
from deloop.equivalence.child.drafts import Column, Table
from deloop.equivalence.child.gathered import nothing
from deloop.equivalence.child.namespace import Version
from deloop.equivalence.child.reference import Reference
from deloop.equivalence.child.trial import Trial as Judge
from deloop.equivalence.model import Trial
from deloop.equivalence.outline import outlines
from deloop.equivalence.regions import CannotOutline
from deloop.equivalence.verify import request_for

_FLAVOURS = ("float", "int", "signed", "small", "digits")
_ODD = (0, 1, -1, 0.0, -0.0, 0.5, 1.5, -2.5, 2, 3, 7, 10, 100, 1e-9, 12345.678, float("nan"), float("inf"), 1e308)
_SECONDS = 60.0


class Search(Battery):
    """Random sizes, kinds of numbers and values, and several oddities at once."""

    def __init__(self, known: Battery, constants: tuple[float, ...], count: int, seed: int) -> None:
        super().__init__(known.parameters, seed, known.pick, known.constants)
        self.budget = count
        self.rows = known.rows
        self._constants = constants
        self._oddities = [case for case in known.cases() if case.change is not None]

    def cases(self) -> Iterator[Case]:
        """So many random ones."""
        rng = Random(self.seed)
        for k in range(self.budget):
            odd = rng.sample(self._oddities, min(rng.choice((0, 0, 1, 1, 2)), len(self._oddities)))
            tags = [tag for case in odd for tag in case.tags]
            n = rng.choice((0, 1, 2, 3, 4, 5, 7, 9, 12, 20, 33, 60))
            change = partial(self._change, cases=odd, seed=rng.random())
            yield Case((*tags, "random", f"n={n}"), n, rng.choice(_FLAVOURS), k, self.seed * 7919 + k, change)

    def _change(self, drafts: Drafts, cases: list[Case], seed: float) -> bool:
        rng = Random(seed)
        if rng.random() < 0.8:
            self._scramble(drafts, rng)
        for case in cases:
            if case.change is not None:
                case.change(drafts)
        return True

    def _scramble(self, drafts: Drafts, rng: Random) -> None:
        """Change values: to others of the input, to what is around the constants of the code, repeated, sorted."""
        slots = [s for s in all_slots(drafts) if s.spec.get("pool") is None]
        numbers = [s for s in slots if s.kind in NUMERIC]
        pool = [v for s in numbers for v in (s.values if isinstance(s, Column) else [s.value]) if _plain(v)]
        pool += self._constants
        for slot in numbers:
            share = rng.choice((0.0, 0.1, 0.5, 1.0))
            few = rng.sample(pool, min(3, len(pool))) if rng.random() < 0.3 else pool
            if isinstance(slot, Column):
                slot.values = [self._value(v, slot.kind, few, rng) if rng.random() < share else v for v in slot.values]
                if rng.random() < 0.15 and all(_plain(v) for v in slot.values):
                    slot.values.sort(reverse=rng.random() < 0.5)
                if slot.kind == "int" and not all(isinstance(v, int) for v in slot.values):
                    slot.kind = "float"
            elif rng.random() < 0.3 and not slot.spec.get("flags"):
                slot.value = self._value(slot.value, slot.kind, few, rng)
        for table in all_tables(drafts):
            if rng.random() < 0.3:
                _repeat(table, rng)

    def _value(self, old: Any, kind: str, pool: list[Any], rng: Random) -> Any:
        if not _plain(old):
            return old
        new = rng.choice(pool) if pool and rng.random() < 0.7 else rng.choice(_ODD)
        if _plain(new) and rng.random() < 0.2:
            new = rng.choice((new + 1, new - 1, -new, math.nextafter(new, math.inf), math.nextafter(new, -math.inf)))
        if kind == "int" and rng.random() < 0.97:
            return int(new) if _plain(new) and abs(new) < 2**40 else old
        return float(new) if kind == "float" else new


def _plain(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _repeat(table: Table, rng: Random) -> None:
    """Some rows come again, right after or later."""
    columns = [*table.columns.values(), *([table.index] if table.index is not None and rng.random() < 0.3 else [])]
    n = len(table)
    if table.spec.get("lookup") or n < 2 or any(len(column.values) != n for column in columns):
        return
    for _ in range(rng.randint(1, n)):
        source, target = rng.randrange(n), rng.randrange(n)
        for column in columns if rng.random() < 0.5 else rng.sample(columns, 1):
            column.values[target] = column.values[source]


def prepare() -> None:
    """What has to be set up once in a process, as in the child: what is logged must not depend on what ran before."""
    sandbox.install_timer()
    warnings.simplefilter("ignore")
    logging.raiseExceptions = False


class _Beside(Judge):
    """Counts no difference on an input on which the right rewrite differs from the loop as well."""

    def __init__(self, request: dict[str, Any], right: dict[str, Any]) -> None:
        super().__init__(request, lambda side: None)
        self._right = Version(right["after"], right["mode"], right["global_data"], right["results"])

    def _pair(
        self, drafts: Drafts, arguments: dict[str, Any], tags: tuple[str, ...], known: Any = None
    ) -> tuple[Any, Any, str]:
        a, b, difference = super()._pair(drafts, arguments, tags, known)
        if not difference:
            return a, b, difference
        self._right.calls.objects = self.before.calls.objects
        right = self.run_version(self._right, arguments, max(5.0, 10 * a.seconds))
        sandbox.violations()
        try:
            Comparison(self._rules((*tags, *nothing(self.request, a)), drafts)).outcomes(a, right)
        except (Differs, RecursionError):
            return a, None, ""
        return a, b, difference


def _request(trial: Trial, seed: int) -> dict[str, Any] | None:
    try:
        outline = next(outlines(trial, alone=True), None)
    except CannotOutline:
        return None
    options = {"seed": seed, "timeout": _SECONDS, "timing": False, "shrink": False}
    return request_for(trial, outline, options) if outline is not None else None


def differs(trial: Trial, right: Trial, constants: tuple[float, ...], count: int, seed: int) -> str:
    """How the new code differs on an input that breaks none of its assumptions, and on which the right code does not.

    Empty when the search finds nothing.
    """
    request, beside = _request(trial, seed), _request(right, seed)
    if request is None or beside is None:
        return ""
    judge = _Beside(request, beside)
    reference: Reference = judge.reference
    try:
        known = judge._known()
        judge.after.calls.objects = judge.before.calls.objects
        reference.runs.clear()
        judge.battery = reference.battery = Search(known, constants, count, seed)
        verdict = judge._battery(judge.battery)
    except Exception as e:
        return "" if type(e).__name__ == "Unverified" else f"the search failed: {type(e).__name__}: {e}"
    return str(judge.evidence.get("reason", "")) or "differs" if verdict == "refuted" else ""
