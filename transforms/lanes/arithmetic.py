"""What the arithmetic idioms share: lists filled with elementwise values become arrays."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...loops.context import SiteContext
from ...loops.ir import Append, Expr, HeaderForm, Label, Loop, Op, Read, Scalar, StoreItem, strip
from ...loops.remarks import Reason, Refusal
from ..base import Edit, Replace, Rewrite, Rule, Substitute
from ..hoists.body import unchanged
from ..shared.build import assign, attr, call, clone, item, name
from ..shared.sinks import Sink, find_sink
from ..shared.targets import Target, drop_init, find_target
from .arrays import ArrayCode, Extension
from .emit import Output, emit
from .fresh import fresh_array
from .lanes import Lane, NotVector
from .vector import array_rewrite, own

#: Forms of a result that is an array where the loop made a list.
ARRAY_FORMS = ("array", "arraylike")


def lists_to_arrays(
    rule: Rule,
    site: SiteContext,
    loop: Loop,
    extend: Extension | None = None,
    known: Mapping[str, Target] | None = None,
) -> Sequence[Rewrite] | Refusal | None:
    """The array form of a loop that only appends elementwise values to lists.

    `extend` knows more lanes, `known` the lists that are not made as lists that grow are.
    """
    appends = [e for e in loop.effects if isinstance(e, Append)]
    if not appends or len(appends) != len(loop.effects) or len({e.target for e in appends}) != len(appends):
        return None
    objection = plain_loop(site, loop)
    if objection:
        return objection
    targets: list[Target] = []
    for e in appends:
        target = (known or {}).get(e.target) or find_target(site, e.target, "list", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target
        targets.append(target)
    sinks = [find_sink(site, t) if t.fresh else Sink("list") for t in targets]
    code = ArrayCode.build(site, loop)
    code.extend = extend
    try:
        outputs = [list_output(code, e, t, s) for e, t, s in zip(appends, targets, sinks, strict=True)]
    except NotVector as e:
        return _at(e.refusal, site)
    if not code.steps:
        return Refusal(Reason.UNKNOWN_KIND, loop.header.node.lineno, "no column or array is read")
    reserved = {t.name for t in targets}
    statements = emit(code, outputs, reserved)
    if code.conditions:
        # A list stays empty without rounds; what is made of it after the loop stays, but has to be verified too.
        kept = dict.fromkeys(u for s in sinks for u in (s.statement, *s.uses) if u is not None)
        statements = code.under_conditions(statements)
        edits: list[Edit] = [Replace(site.loop, tuple(statements)), *(Replace(stmt, (stmt,)) for stmt in kept)]
    else:
        edits = list_edits(code, targets, sinks, statements)
    return [array_rewrite(rule, code, statements, edits)]


def plain_loop(site: SiteContext, loop: Loop) -> Refusal | None:
    """Objections to any form that computes all rounds at once from a frame that stays as it is."""
    objection = independent(site, loop)
    table = loop.header.table
    if objection is None and table is not None:
        filled = any(isinstance(e, StoreItem) and e.target == table.code for e in loop.effects)
        counted = filled and loop.header.form is HeaderForm.POSITIONS and fresh_array(site, table.code) is not None
        return unchanged(site, table, [], counted=counted)
    return objection


def independent(site: SiteContext, loop: Loop) -> Refusal | None:
    """Objections to any form that computes all rounds at once."""
    line = loop.header.node.lineno
    if loop.carried:
        return Refusal(
            Reason.CARRIED_STATE, line, f"`{next(iter(loop.carried))}` is carried from one round to the next"
        )
    if loop.live_out:
        n, where = next(iter(loop.live_out.items()))
        return Refusal(Reason.VALUE_READ_LATER, where, f"`{n}` is read after the loop")
    if loop.opaque:
        return Refusal(Reason.UNKNOWN_CALL, loop.opaque[0], f"`{loop.called}` may do anything, for all that is known")
    if isinstance(site.scope.node, ast.ClassDef):
        return Refusal(Reason.SCOPE, line, "the loop stands in a class body")
    return None


def _at(refusal: Refusal, site: SiteContext) -> Refusal:
    return Refusal(refusal.reason, refusal.line or site.loop.lineno, refusal.message)


def list_output(code: ArrayCode, e: Append, target: Target, sink: Sink) -> Output:
    """The statement that makes a list, or the array in its place."""
    mask = None
    if e.guard is not None:
        mask = code.mask(e.guard, e.line)
        code.depth += 1
    code.mixed = code.blended = False
    value = list_value(code, e.value, mask, sink)
    if sink.form in ARRAY_FORMS and own(code, value):
        code.owned.add(target.name)
    elif (sink.form == "array" or sink.keeps) and not _rows(e.value) and not _listing(value):
        value = call(attr(value, "copy"))
    if mask is not None:
        code.depth -= 1
    risk, code.risk = code.risk, False
    line = e.line
    if target.fresh:
        stmt: ast.stmt = assign(target.name, value, line)
        if target.annotation is not None and sink.form == "list":
            stmt = ast.AnnAssign(ast.Name(target.name, ast.Store()), target.annotation, value, 1)
    else:
        stmt = ast.AugAssign(ast.Name(target.name, ast.Store()), ast.Add(), value)
    stmt.lineno = line
    return Output(stmt, risk)


def list_value(code: ArrayCode, value: Expr, mask: Lane | None, sink: Sink) -> ast.expr:
    """The expression that makes a list of a value for all rounds, or the array in its place."""
    inner = strip(value)
    if isinstance(inner, Op) and _rows(inner):
        columns = [_listed(code, a, mask) for a in inner.args]
        rows = call("list", call("zip", *columns))
        return code.numpy("array", rows) if sink.form == "array" else rows
    lane = _full(code, code.elements(value))
    node = lane.node if mask is None else item(lane.node, mask.node)
    if lane.dtype == "text" and sink.form == "arraylike" and sink.copy is None and not sink.pandas:
        return _as_list(code, node, lane, value)  # NumPy takes an empty list for one of numbers
    if lane.dtype == "any":
        if code.mixed or code.blended:
            code.owe("element-types")
        listed = call(attr(node, "tolist"))  # what is made of the list finds out the type, as it did
        return code.numpy("array", listed) if sink.form == "array" else listed
    if sink.form in ARRAY_FORMS:
        if lane.dtype != "float" or sink.pandas:
            code.owe("empty-type")
        if lane.dtype == "text" and not sink.pandas:
            code.owe("element-types")  # an array of text is as wide as the longest text that it was made of
        if lane.dtype in ("int", "number"):
            for read in (x for x in value.walk() if isinstance(x, Read) and x.scalar is Scalar.ROW):
                code.owe("no-upcast", read.source.base.code)
        if code.mixed or code.blended:
            # All ints on one side of a branch make an array of ints.
            code.owe("float64" if lane.dtype == "float" and not code.mixed else "element-types")
        return node
    return _as_list(code, node, lane, value)


def _rows(value: Expr) -> bool:
    """Whether each round appends a tuple."""
    inner = strip(value)
    return isinstance(inner, Op) and inner.name == "tuple" and bool(inner.args)


def _listing(value: ast.expr) -> bool:
    """Whether an expression makes a list of its own."""
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "tolist"


def _as_list(code: ArrayCode, node: ast.expr, lane: Lane, value: Expr) -> ast.expr:
    """Python scalars where the loop had them, NumPy scalars where it had those."""
    unsure = lane.python is None or code.mixed or code.blended
    integers = lane.dtype in ("int", "number")
    if unsure or (integers and reads_rows(value)):
        code.owe("element-types")
    if lane.python is False and not code.mixed and not code.blended:
        return call("list", node)
    if integers and lane.python is not True and "small-integers" not in code.obligations:
        code.owe("no-overflow")  # what goes on from here with Python's integers never overflows
    match node:
        case ast.Call(args=[ast.ListComp() as listed], keywords=[]) if lane.python is True:
            return listed  # an array only for its elements
    return call(attr(node, "tolist"))


def reads_rows(value: Expr) -> bool:
    """Whether it is made of elements of rows, which may have turned integers into floats."""
    return any(isinstance(x, Read) and x.scalar is Scalar.ROW for x in value.walk())


def _listed(code: ArrayCode, value: Expr, mask: Lane | None) -> ast.expr:
    inner = strip(value)
    if isinstance(inner, Label):
        index = attr(clone(inner.frame.node), "index")
        return index if mask is None else item(index, mask.node)
    code.mixed = code.blended = False
    if isinstance(inner, Read) and inner not in code.memo and (series := code.series(inner)) is not None:
        # A column that is only copied keeps any element type; gone through, it gives Python's numbers.
        if inner.scalar.value != "python":
            code.owe("element-types")
        return series if mask is None else item(series, mask.node)
    lane = _full(code, code.elements(value))
    node = lane.node if mask is None else item(lane.node, mask.node)
    if lane.python is not False:
        return _as_list(code, node, lane, inner)
    if code.mixed or code.blended or (lane.dtype in ("int", "number") and reads_rows(inner)):
        code.owe("element-types")
    return node


def _full(code: ArrayCode, lane: Lane) -> Lane:
    """An array with one element a round, also where the value is the same for all rounds."""
    if lane.array:
        return lane
    if isinstance(lane.node, ast.Constant) and isinstance(lane.node.value, str):
        raise NotVector(Reason.UNSUPPORTED_SYNTAX, code.line, "the elements are text")
    return replace(lane, node=code.numpy("full", code.count(), lane.node), array=True, python=None)


def list_edits(
    code: ArrayCode, targets: Sequence[Target], sinks: Sequence[Sink], statements: list[ast.stmt]
) -> list[Edit]:
    """The statements in place of the loop; the initialisers and conversions that they make superfluous go."""
    edits: list[Edit] = []
    fresh = {t.name for t in targets if t.fresh}
    dropped: set[int] = set()
    for t, s in zip(targets, sinks, strict=True):
        if t.fresh and id(t.init) not in dropped:
            dropped.add(id(t.init))
            edits += [Replace(stmt, rest) for stmt, rest in drop_init(t, fresh) or []]
        if s.statement is not None:
            edits.append(Replace(s.statement, ()))
    edits.append(Replace(code.site.loop, tuple(statements)))
    folded = [(t, s.copy) for t, s in zip(targets, sinks, strict=True) if s.copy is not None and t.name in code.owned]
    edits += [Substitute(made, name(t.name)) for t, made in folded]
    inside = {n for _, made in folded for n in code.site.file.scopes.ancestors(made)}
    # The statements that take the array in place of a list stay as they are, but belong to what has to be verified.
    kept = dict.fromkeys(u for s in sinks for u in s.uses if u not in inside)
    edits += [Replace(stmt, (stmt,)) for stmt in kept]
    return edits
