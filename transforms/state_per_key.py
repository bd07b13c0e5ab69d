"""DL410: what a loop keeps for each key in a dict: how often it was there, what it had the last time."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import Refused, SiteContext
from ..loops.exposure import closed_over
from ..loops.header import lift_header
from ..loops.ir import Append, Carried, Const, Loop, Read, StoreCell, StoreItem, strip
from ..loops.lift import lift_body
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Example, Replace, Rewrite, Rule, Severity, Transform
from .column_store import ColumnStore
from .keyed.entries import Entries
from .keyed.first import Cases
from .keyed.slots import KEY, Slots, with_slots
from .lanes.arrays import Extension
from .scans.scans import side_by_side
from .scans.updates import bare
from .shared.forgotten import forgotten
from .shared.targets import Target, drop_init, find_target, uses_after


class StatePerKey(Transform):
    """A dict that holds a count, a total or the last value of each key is a `groupby`.

    `seen[k] = seen.get(k, 0) + 1` numbers the rows of each key: `groupby(k).cumcount()`. What `last.get(k)` finds is
    the value of the row before with the same key, a set that grows tells which keys are new (`duplicated`), a total for
    each key is `groupby(k)[c].cumsum()`.

    pandas takes equal keys for one as a dict does, but for missing ones: each NaN of a column of floats is another key
    of a dict, and no group. It adds floats in another order than the loop.
    """

    rule = Rule("DL410", "state-per-key", Severity.MEDIUM)
    needs_body = False
    examples = (
        Example(
            before="""
                import pandas as pd


                def number(visits: pd.DataFrame):
                    seen = {}
                    numbers = []
                    for patient in visits["patient"]:
                        seen[patient] = seen.get(patient, 0) + 1
                        numbers.append(seen[patient])
                    return numbers
            """,
            after="""
                import pandas as pd


                def number(visits: pd.DataFrame):
                    numbers = (visits.groupby("patient", sort=False).cumcount().values + 1).tolist()
                    return numbers
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def since_last_order(orders: pd.DataFrame):
                    last = {}
                    days = []
                    for row in orders.itertuples():
                        if row.client in last:
                            days.append(row.day - last[row.client])
                        else:
                            days.append(None)
                        last[row.client] = row.day
                    return days
            """,
            after="""
                import numpy as np
                import pandas as pd


                def since_last_order(orders: pd.DataFrame):
                    day = orders["day"].values
                    order = np.argsort(pd.factorize(orders["client"])[0], kind="stable")
                    days = np.where(
                        ~orders["client"].duplicated().values,
                        None,
                        (day - day[np.concatenate((order[:1], order))[:-1][np.argsort(order)]]).astype(
                            object
                        ),
                    ).tolist()
                    return days
            """,
            note="the row before of the same client",
        ),
    )
    refused = (
        Example(
            before="""
                import pandas as pd


                def number(visits: pd.DataFrame):
                    seen = {}
                    numbers = []
                    for patient in visits["patient"]:
                        seen[patient] = seen.get(patient, 0) + 1
                        numbers.append(seen[patient])
                    return numbers, seen
            """,
            reason=Reason.VALUE_READ_LATER,
            note="the dict itself is wanted, too",
        ),
        Example(
            before="""
                import pandas as pd


                def levels(moves: pd.DataFrame):
                    stock = {}
                    out = []
                    for row in moves.itertuples():
                        stock[row.item] = max(stock.get(row.item, 0) + row.qty, 0)
                        out.append(stock[row.item])
                    return out
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import pandas as pd


                def levels(moves: pd.DataFrame):
                    out = moves.groupby("item", sort=False)["qty"].cumsum().clip(0).tolist()
                    return out
            """,
            note="a floor at zero makes each round depend on the one before",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if not isinstance(site.loop, ast.For):
            return None
        targets = _kept(site)
        slots = with_slots(site, {t: kind for t, (kind, _) in targets.items()}) if targets else None
        if slots is None:
            return None
        lifted = _lifted(site, slots)
        if isinstance(lifted, Refusal):
            return lifted
        if (objection := _objection(site, slots, lifted, targets)) is not None:
            return objection
        made = _split(lifted, slots)
        if made is None:
            return None
        split, entries = made
        answer = self._answer(site, split, entries.lane)
        if answer is None or isinstance(answer, Refusal):
            return answer
        used = [targets[d][1] for d in slots.names.values()]
        seen = replace(lifted, live_out=dict.fromkeys((KEY, *slots.names), site.loop.lineno))
        owed = (*forgotten(site, seen), *_no_none(entries.cases))
        return [_without(site, form, used, owed) for form in answer]

    def _answer(self, site: SiteContext, loop: Loop, extend: Extension) -> Sequence[Rewrite] | Refusal | None:
        if all(isinstance(e, StoreCell) for e in loop.effects):
            return _Columns(self.rule, extend).rewrite(site, loop)
        if all(isinstance(e, Append | StoreItem) for e in loop.effects):
            return side_by_side(self.rule, site, loop, extend)
        return None


class _Columns(ColumnStore):
    """Columns of a frame that are filled."""

    def __init__(self, rule: Rule, extend: Extension) -> None:
        self.rule, self.extend = rule, extend  # type: ignore[misc]


def _kept(site: SiteContext) -> dict[str, tuple[str, Target]]:
    """Dicts and sets that are made empty before the loop, for its own use: name -> its kind, and where it is made."""
    found: dict[str, tuple[str, Target]] = {}
    for id_ in sorted(site.mutated):
        for kind in ("dict", "defaultdict", "set"):
            target = find_target(site, id_, kind, False)
            if isinstance(target, Target) and target.fresh:
                found[id_] = (kind, target)
    return found


def _lifted(site: SiteContext, slots: Slots) -> Loop | Refusal:
    """The loop with names for the entries."""
    old = site.loop
    assert isinstance(old, ast.For)
    node = ast.copy_location(ast.For(old.target, old.iter, slots.body, old.orelse), old)
    names = {*slots.names, KEY}
    there = replace(site, assigned=site.assigned | names, mutated=site.mutated - set(slots.names.values()))
    try:
        header = lift_header(site)
        return replace(lift_body(there, replace(header, node=node)), header=header)
    except Refused as e:
        return e.refusal


def _objection(site: SiteContext, slots: Slots, loop: Loop, targets: dict[str, tuple[str, Target]]) -> Refusal | None:
    line = site.loop.lineno
    for d in slots.names.values():
        if not site.scope.is_function or uses_after(site, d) or closed_over(site, d):
            return Refusal(Reason.VALUE_READ_LATER, line, f"`{d}` is used after the loop")
    other = next((n for n in loop.carried if n not in slots.names), None)
    if other is not None:
        return Refusal(Reason.CARRIED_STATE, line, f"`{other}` is carried from one round to the next")
    return None


def _split(loop: Loop, slots: Slots) -> tuple[Loop, Entries] | None:
    """The loop with its values split by whether the round is the first of its key, and the lanes of the entries."""
    key = strip(loop.finals[KEY])
    stored = {n: bare(loop.finals[n]) for n in slots.names if n in loop.finals}
    if not isinstance(key, Read) or set(stored) != set(slots.names):
        return None
    cases = Cases(frozenset(slots.names), stored)
    if any(_may_be_missing(cases, n) for n in stored):
        return None
    effects = []
    for e in loop.effects:
        new = cases.decided(e.guard, True) if e.guard is not None else True
        guard = cases.test(e.guard)
        if guard is False:
            return None
        value = cases.value(e.value, False) if new is False else cases.split(e.value)
        effects.append(replace(e, value=value, guard=None if guard is True else guard))
    header = loop.header
    return Loop(header, tuple(effects), {}, {}, loop.live_out, loop.opaque, loop.trace), Entries(key, cases)


def _no_none(cases: Cases) -> list[Obligation]:
    """A None that is kept looks like nothing that is kept."""
    reads = [x for x in map(strip, cases.finals.values()) if isinstance(x, Read)]
    return [Obligation("no-none", tuple(x.source.code for x in reads))] if reads else []


def _may_be_missing(cases: Cases, id_: str) -> bool:
    """Whether the first round of a key may leave it without an entry."""
    new = cases.value(cases.finals[id_], True)
    return any(isinstance(x, Carried) or (isinstance(x, Const) and x.value is None) for x in new.walk())


def _without(site: SiteContext, form: Rewrite, targets: Sequence[Target], owed: tuple[Obligation, ...]) -> Rewrite:
    """The form without the dicts, which nobody needs any more unless the loop stays beside it."""
    made = [stmt for edit in form.edits if isinstance(edit, Replace) for stmt in edit.new]
    if any(n is site.loop for stmt in made for n in walk(stmt)):
        return replace(form, obligations=(*form.obligations, *owed))
    names = {t.name for t in targets}
    gone = [Replace(stmt, rest) for t in targets for stmt, rest in drop_init(t, names) or []]
    kept = [e for e in form.edits if not (isinstance(e, Replace) and any(e.old is g.old for g in gone))]
    return replace(form, edits=(*gone, *kept), obligations=(*form.obligations, *owed))
