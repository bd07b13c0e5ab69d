"""Loops that carry values: every carried name is a scan, the lists and arrays that are filled use their lanes."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ...loops.context import SiteContext
from ...loops.ir import Append, Effect, Expr, Loop, Pos, StoreCell, StoreItem, strip
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk
from ..array_store import item_store
from ..base import Edit, Replace, Rewrite, Rule
from ..column_store import ColumnStore, for_unique_labels
from ..hoists.body import may_be_caught
from ..lanes.arithmetic import list_edits, list_output, plain_loop
from ..lanes.arrays import Extension
from ..lanes.emit import Output, emit
from ..lanes.lanes import NotVector
from ..lanes.overlaps import by_round
from ..lanes.vector import array_rewrite
from ..lanes.whole_store import settled
from ..shared.sinks import Sink, find_sink
from ..shared.stored_columns import columns_owed, read_and_stored, stored_elsewhere
from ..shared.targets import Target, find_target
from .best import Best
from .code import ScanCode
from .found import assured_change, find_kept
from .kinds import KINDS, Extreme, Held, Streak
from .scan import Scan
from .updates import carried_names, change_of

#: Builtins that new code may call.
CALLED = frozenset({"len", "int", "max", "min", "list", "zip"})
#: Kinds of values that no scan is made of.
CONTAINERS = frozenset({"dict", "list", "set", "tuple"})


def scan_loop(
    rule: Rule, site: SiteContext, loop: Loop, extend: Extension | None = None
) -> Sequence[Rewrite] | Refusal | None:
    """The array form of a loop whose carried names are all scans, if the rule is the one for its kind.

    `extend` knows more lanes, for a rule of any kind.
    """
    handed_on = _handed_on(loop)
    wanted = [n for n in loop.finals if n in loop.carried or n in loop.live_out or n in handed_on]
    if (
        not wanted
        or (not any(n in loop.live_out for n in wanted) and not loop.effects)
        or (not loop.carried and not _left(loop) and not handed_on)
    ):
        return None
    if not all(_plain(e) for e in loop.effects) or len({_place(e) for e in loop.effects}) != len(loop.effects):
        return None
    objection = objections(site, loop, wanted)
    if objection is None and any(isinstance(e, StoreCell) for e in loop.effects):
        objection = read_and_stored(site, loop) or stored_elsewhere(site, loop)
    if objection:
        return objection
    code = ScanCode.build(site, loop)
    code.extend = extend
    try:
        _find(code, wanted)
        mine = extend is not None or rule.code == _code_of(loop, code.scans)
        return _rewrite(rule, code) if mine else None
    except NotVector as e:
        return Refusal(e.refusal.reason, e.refusal.line or site.loop.lineno, e.refusal.message)
    finally:
        code.scans.clear()  # they hold the code that holds them: a circle is slow to find as garbage


def _handed_on(loop: Loop) -> set[str]:
    """Names that every round sets, and the next one reads: `previous = x`."""
    used = running_names(loop) | carried_names(*loop.carried.values())
    return {n for n in used if n in loop.finals and n not in loop.carried}


def side_by_side(
    rule: Rule, site: SiteContext, loop: Loop, extend: Extension | None = None
) -> Sequence[Rewrite] | Refusal | None:
    """The array form of a loop that carries nothing, and fills lists and arrays. `extend` knows more lanes."""
    objection = objections(site, loop, [])
    if objection:
        return objection
    code = ScanCode.build(site, loop)
    code.extend = extend
    try:
        return _rewrite(rule, code)
    except NotVector as e:
        return Refusal(e.refusal.reason, e.refusal.line or site.loop.lineno, e.refusal.message)


def _plain(e: Effect) -> bool:
    stored = isinstance(e, StoreItem) and isinstance(e.index, Pos) and not e.augmented
    return stored or isinstance(e, Append | StoreCell)


def _place(e: Effect) -> tuple[str, Expr | None]:
    """What is filled: a list, an array, or a column of a frame."""
    return e.target, e.column if isinstance(e, StoreCell) else None


def _left(loop: Loop) -> bool:
    """Temporaries that are read after the loop."""
    return any(n in loop.finals for n in loop.live_out)


def running_names(loop: Loop) -> set[str]:
    """Carried names whose value an effect uses on each round."""
    found: set[str] = set()
    for e in loop.effects:
        found |= carried_names(e.value, e.guard)
    return found


def _code_of(loop: Loop, scans: dict[str, Scan]) -> str:
    """The rule that a loop belongs to: what its effects use decides."""
    running = running_names(loop)
    if not running:
        return "DL401"
    kinds = [type(scans[n]) for n in running if n in scans]
    if Streak in kinds:
        return "DL405"
    if Extreme in kinds or Best in kinds:
        return "DL403"
    return "DL404" if any(issubclass(k, Held) for k in kinds) else "DL402"


def objections(site: SiteContext, loop: Loop, names: Sequence[str]) -> Refusal | None:
    """Objections to computing all rounds at once, carried names left out."""
    line = site.loop.lineno
    outer = next((n for n in names if n in site.scope.outer_names), None)
    if outer is not None:
        return Refusal(Reason.SCOPE, line, f"`{outer}` belongs to an outer scope")
    visited = next((n for n in loop.live_out if n not in loop.finals), None)
    if visited is not None:
        return Refusal(Reason.VALUE_READ_LATER, loop.live_out[visited], f"`{visited}` is read after the loop")
    if may_be_caught(site):
        return Refusal(
            Reason.EXCEPTION_HANDLING,
            line,
            "an exception half way would leave partial results, and may be handled in this function",
        )
    return plain_loop(site, replace(loop, carried={}, live_out={}))


def _find(code: ScanCode, names: Sequence[str]) -> None:
    """Recognise every carried name; raises NotVector for one that is no known scan."""
    find_kept(code, names)
    for id_ in names:
        if id_ in code.scans:
            continue
        held = code.site.kind(ast.Name(id_, ast.Load())) if id_ in code.loop.carried else None
        if held is not None and held.name in CONTAINERS:
            raise code.refuse(f"`{id_}` is a {held.name}, and no number", reason=Reason.CARRIED_STATE)
        final = code.loop.finals[id_]
        change = change_of(final, id_)
        if change is None:
            continue
        change = assured_change(code, change)
        for kind in KINDS:
            scan = kind(code, id_, change, strip(final))
            if scan.can():
                code.scans[id_] = scan
                break
        else:
            raise code.refuse(
                f"`{id_}` is carried from one round to the next in a way that has no array form",
                reason=Reason.CARRIED_STATE,
            )


def _rewrite(rule: Rule, code: ScanCode) -> list[Rewrite] | Refusal:
    site, loop = code.site, code.loop
    outputs: list[Output] = []
    targets: list[Target] = []
    sinks: list[Sink] = []
    for e in by_round(loop.effects):
        if isinstance(e, StoreItem):
            with code.within(e.guard):
                outputs.append(item_store(code, e))
            continue
        if isinstance(e, StoreCell):
            with code.within(e.guard):
                outputs.append(ColumnStore().store(site, code, e))
            continue
        assert isinstance(e, Append)
        target = find_target(site, e.target, "list", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target
        targets.append(target)
        sinks.append(find_sink(site, target) if target.fresh else Sink("list"))
        with code.within(e.guard):
            outputs.append(list_output(code, e, target, sinks[-1]))
    for owed in columns_owed([e for e in loop.effects if isinstance(e, StoreCell)]) if _cells(loop) else ():
        for subject in owed.subjects or (None,):
            code.owe(owed.name, subject)
    if code.raises and _cells(loop):
        code.owe("no-exceptions")  # who handles it sees the cells that the loop had stored before
    outputs += _left_behind(code)
    if not code.steps:
        return Refusal(Reason.UNKNOWN_KIND, site.loop.lineno, "no column or array is read")
    reserved = {e.target for e in loop.effects} | set(code.scans)
    statements = emit(code, settled(code, outputs), reserved)
    hidden = hidden_builtin(site, statements)
    if hidden is not None:
        return Refusal(Reason.SHADOWED_NAME, site.loop.lineno, f"`{hidden}` is not Python's own here")
    replaced: list[Edit] = [Replace(site.loop, tuple(statements))]
    edits = list_edits(code, targets, sinks, statements) if targets else replaced
    form = array_rewrite(rule, code, statements, edits)
    kept = for_unique_labels(site, loop, form) if _cells(loop) else form
    return kept if isinstance(kept, Refusal) else [kept]


def _cells(loop: Loop) -> bool:
    return any(isinstance(e, StoreCell) for e in loop.effects)


def hidden_builtin(site: SiteContext, statements: Sequence[ast.stmt]) -> str | None:
    """A builtin that the new code calls, and that is the name of something else in this file."""
    calls = [n.func for s in statements for n in walk(s) if isinstance(n, ast.Call)]
    for func in calls:
        if isinstance(func, ast.Name) and func.id in CALLED and site.dotted(func) != f"builtins.{func.id}":
            return func.id
    return None


def _left_behind(code: ScanCode) -> list[Output]:
    """What the names hold after the loop. A name that others are computed from comes last."""
    found: list[tuple[ast.expr | None, ast.stmt, bool]] = []
    for scan in _dependents_first(code):
        if scan.id not in code.loop.live_out:
            continue
        code.risk = False
        for test, stmt in scan.leave():
            found.append((test, stmt, code.risk))
    outputs: list[Output] = []
    for test, stmt, risk in found:
        before = outputs[-1].stmt if outputs else None
        if test is None or (isinstance(test, ast.Constant) and test.value):
            outputs.append(Output(stmt, risk))
        elif isinstance(before, ast.If) and ast.dump(before.test) == ast.dump(test):
            before.body.append(stmt)
            outputs[-1].guarded_risk |= risk
        else:
            outputs.append(Output(ast.If(test, [stmt], []), risk))
    return outputs


def _dependents_first(code: ScanCode) -> list[Scan]:
    """The scans, each before those whose values it uses."""
    uses = {n: carried_names(s.change.value, *s.change.tests) - {n} for n, s in code.scans.items()}
    left = dict(code.scans)
    ordered: list[Scan] = []
    while left:
        free = [n for n in left if not any(n in uses[m] for m in left if m != n)] or list(left)[:1]
        ordered += [left.pop(n) for n in free]
    return ordered
