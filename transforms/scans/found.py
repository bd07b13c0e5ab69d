"""Which names start at None or text, and where the loop may compute with them because they surely hold a value."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import replace

from ...loops.ir import Append, Const, Effect, Expr, Op, StoreCell, strip
from ..shared.build import attr, name
from .best import Best
from .code import ScanCode
from .opened import Opened
from .recalled import Recalled
from .sure import SURE, Key, assured, facts_of
from .tracked import Tracked
from .updates import Change, change_of


def find_kept(code: ScanCode, names: Sequence[str]) -> None:
    """Recognise what starts at None or text; where such a value is surely there, the loop may compute with it."""
    for id_ in names:
        final = code.loop.finals[id_]
        change = change_of(final, id_)
        if change is None:
            continue
        kinds: tuple[type[Recalled], ...] = (Best, Tracked, Opened, Recalled)
        tried = (kind(code, id_, change, strip(final)) for kind in kinds)
        if (found := next((scan for scan in tried if scan.can()), None)) is not None:
            code.scans[id_] = found
    if not code.scans:
        return
    for scan in code.scans.values():
        scan.change = assured_change(code, scan.change)
    effects: list[Effect] = []
    for e in code.loop.effects:
        guard = None if e.guard is None else assured(e.guard, code.kept, _always(code))
        facts = _always(code) | facts_of(e.guard, True, code.kept)
        value = assured(e.value, code.kept, facts, not isinstance(e, Append))
        if isinstance(e, StoreCell) and (key := code.kept(value)) is not None and code.scans[key[0]].optional:
            value = _or_nan(code, strip(value))  # None in a column of numbers is NaN
        effects.append(replace(e, guard=guard, value=value))
    code.loop = replace(code.loop, effects=tuple(effects))
    exprs = [x for e in effects for x in (e.guard, e.value)]
    exprs += [x for s in code.scans.values() for x in (s.change.value, *s.change.tests)]
    code.computed_with = {
        key[0]
        for x in exprs
        if x is not None
        for y in x.walk()
        if isinstance(y, Op) and y.name == SURE and (key := code.kept(y.args[0])) is not None
    }


def _or_nan(code: ScanCode, e: Expr) -> Expr:
    nothing = Op("is", (e, Const(None, ast.Constant(None))))
    return Op("if", (nothing, Const(math.nan, attr(name(code.np), "nan")), Op(SURE, (e,))))


def _always(code: ScanCode) -> frozenset[Key]:
    """The values that are there at the end of each round."""
    return frozenset((n, "end") for n, s in code.scans.items() if isinstance(s, Recalled) and s.opens is True)


def assured_change(code: ScanCode, change: Change) -> Change:
    """The change with what is surely there marked as such."""
    facts = _always(code)
    tests = []
    for test in change.tests:
        tests.append(assured(test, code.kept, facts))
        facts |= facts_of(test, True, code.kept)
    return Change(tuple(tests), assured(change.value, code.kept, facts))
