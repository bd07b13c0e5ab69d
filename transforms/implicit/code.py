"""What the idioms of expression sites share: the value of a virtual loop as one expression, where the loop stands."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...loops.implicit import Form, ImplicitSite
from ...loops.ir import Append, Const, Expr, Inv, Loop, Op, Read, Scalar, strip
from ...loops.obligations import Obligation
from ...loops.presence import has_rows
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk
from ..base import Edit, InsertBefore, Rewrite, Rule, Substitute, Tier
from ..hoists.reads import converts
from ..lanes.arithmetic import plain_loop
from ..lanes.arrays import ArrayCode
from ..lanes.emit import Output, emit
from ..lanes.lanes import Lane, NotVector
from ..lanes.vector import numpy_import, tidy
from ..scalar.comprehensions import comprehend
from ..shared.build import assign, attr, call, clone, const, name, same
from ..shared.operators import BINARY
from .place import first_evaluated, place_of

#: What `apply` makes columns of, when a row gives it.
SPREAD = frozenset({"Series", "DataFrame"})
#: Operations that give one number or truth value.
SCALAR = frozenset({"-", "*", "/", "<", ">", "<=", ">=", "==", "!=", "not", "in", "not in"})
ORDER = frozenset({"<", "<=", ">", ">=", "==", "!="})
#: Functions of NumPy that give a Series of a Series, with its index and name.
WHOLE = frozenset({"abs", "sqrt", "exp", "log", "log2", "log10", "log1p", "expm1", "sin", "cos", "tan"})
#: Operators that a Series computes as its array does.
PLAIN = (ast.Add, ast.Sub, ast.Mult, ast.Div)


def array_form(rule: Rule, site: ImplicitSite, loop: Loop) -> Rewrite | Refusal:
    """The loop as array arithmetic, for a result that is a Series."""
    effect = loop.effects[0]
    objection = plain_loop(site, loop)
    if objection:
        return objection
    if isinstance(strip(effect.value), Read):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, "the function hands back the element itself")
    if (whole := whole_operand(site, effect.value)) is not None:
        return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, f"`{whole.code}` is computed with as a whole each time")
    place = place_of(site)
    code = ArrayCode.build(site, loop)
    try:
        lane = code.lane(effect.value)
        if not lane.array:
            return Refusal(Reason.NO_GAIN, effect.line, "the value is the same for all elements")
        _owe(code, lane, site, effect.value)
    except NotVector as e:
        return Refusal(e.refusal.reason, e.refusal.line or site.node.lineno, e.refusal.message)
    if code.conditions:
        return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, "the array form would hold on a condition only")
    before, value = emitted(code, lane.node)
    imports = numpy_import(code, [*before, ast.Expr(value)])
    if not before and place.old is site.node and (series := _as_series(site, value)) is not None:
        value = series
    elif place.objects and lane.dtype == "text":
        value = call(attr(value, "astype"), name("object"))
    elif not place.bare:
        value, imports = wrapped(site, value, imports)
    return placed(rule, Tier.VECTOR, site, place.old, before, value, code.owed(), imports, code.tolerance)


def whole_operand(site: ImplicitSite, value: Expr) -> Inv | None:
    """A table or array that each element is computed with: the results are tables and arrays too."""
    for op in (x for x in value.walk() if isinstance(x, Op) and (x.name in BINARY or x.name in ORDER)):
        for operand in (o for o in map(strip, op.args) if isinstance(o, Inv)):
            kind = site.kind(operand.node)
            if kind is not None and kind.name in ("series", "frame", "ndarray", "index", "list"):
                return operand
    return None


def _owe(code: ArrayCode, lane: Lane, site: ImplicitSite, value: Expr) -> None:
    """What the type of the result depends on: pandas infers it from the values that come out."""
    if lane.dtype not in ("bool", "float", "text"):
        code.owe("plain-columns")
    if code.mixed:
        # `0 if x < 0 else x / 2` gives integers where no x is positive.
        code.owe("element-types")
    if site.form is Form.ROWS:
        if not has_rows(site):
            code.owe("some-rows", site_table(site))
        if lane.dtype == "number":
            code.owe("no-upcast", site_table(site))
    else:
        code.owe("some-rows" if place_of(site).mask else "empty-type")
    for read in (x for x in value.walk() if isinstance(x, Read) and x.scalar is Scalar.PYTHON):
        code.owe("plain-columns", read.source.code)


def site_table(site: ImplicitSite) -> str:
    """The text of what is iterated."""
    return ast.unparse(site.over)


def emitted(code: ArrayCode, node: ast.expr) -> tuple[list[ast.stmt], ast.expr]:
    """The statements that come before, and the value."""
    if code.risk or any(s.guarded_risk for s in code.steps):
        wish = code.site.fresh("result", "applied")
        statements = emit(code, [Output(assign(wish, node), code.risk)])
        return statements, name(wish)
    wish = "§value"
    statements = emit(code, [Output(assign(wish, node))])
    last = statements.pop()
    assert isinstance(last, ast.Assign)
    return statements, last.value


def _as_series(site: ImplicitSite, value: ast.expr) -> ast.expr | None:
    """The same arithmetic on the columns themselves, where index and name come out as `apply` gives them."""
    leaves: list[ast.expr] = []
    out = _series_code(site, clone(value), leaves)
    if out is None or not leaves or isinstance(out, (ast.Name, ast.Subscript, ast.Attribute)):
        return None
    if site.form is Form.ROWS and not place_of(site).bare and len({ast.dump(x) for x in leaves}) < 2:
        return None  # the name of the one column would stay
    return out


def _series_code(site: ImplicitSite, node: ast.expr, leaves: list[ast.expr]) -> ast.expr | None:
    match node:
        case ast.Attribute(value=series, attr="values") if _is_column(site, series):
            leaves.append(series)
            return series
        case ast.Constant(value=int() | float()):
            return node
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return node
        case ast.Name() if (kind := site.kind(node)) is not None and kind.name in ("int", "float"):
            return node
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, PLAIN):
            a, b = _series_code(site, left, leaves), _series_code(site, right, leaves)
            return ast.BinOp(a, op, b) if a is not None and b is not None else None
        case ast.Compare(left=left, ops=[_] as ops, comparators=[right]):
            a, b = _series_code(site, left, leaves), _series_code(site, right, leaves)
            return ast.Compare(a, ops, [b]) if a is not None and b is not None else None
        case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=function), args=[arg], keywords=[]) if (
            module == (site.file.alias("numpy") or "np") and function in WHOLE
        ):
            known = len(leaves)
            inner = _series_code(site, arg, leaves)
            if inner is None or len(leaves) == known:  # of a number alone, no Series is made
                return None
            return call(attr(inner, "abs")) if function == "abs" else ast.Call(node.func, [inner], [])
    return None


def _is_column(site: ImplicitSite, node: ast.expr) -> bool:
    if site.form is Form.ELEMENTS:
        return same(node, site.over)
    return isinstance(node, ast.Subscript) and same(node.value, site.over)


def wrapped(site: ImplicitSite, value: ast.expr, imports: tuple[str, ...]) -> tuple[ast.expr, tuple[str, ...]]:
    """A Series with the index that `apply` gives."""
    pd = site.file.alias("pandas")
    words = {"index": attr(clone(site.over), "index")}
    if site.form is Form.ELEMENTS:
        words["name"] = _name_of(site.over)
    made = call(attr(name(pd or "pd"), "Series"), value, **words)
    return made, imports if pd else (*imports, "import pandas as pd")


def _name_of(series: ast.expr) -> ast.expr:
    match series:
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return const(key)
    return attr(clone(series), "name")


def comprehension_form(rule: Rule, site: ImplicitSite, loop: Loop, *, exact: bool = False) -> Rewrite | Refusal:
    """The rows' columns taken out once, and a comprehension over positions: each element as the row had it.

    `exact`: with elements as `apply` hands them out, which it can't say of a frame without rows.
    """
    if exact and not (has_rows(site) and converts(site)):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, site.node.lineno, "the frame may have no rows")
    effect = loop.effects[0]
    if loop.opaque:
        return Refusal(Reason.UNKNOWN_CALL, loop.opaque[0], f"`{loop.called}` may do anything, for all that is known")
    if site.columns:
        # Beside other columns the elements would be of another type than beside those that were picked.
        return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, "the function works on some columns: name that frame")
    if any(
        isinstance(x, Op) and x.name.startswith("call:pandas.") and x.name[12:] in SPREAD for x in effect.value.walk()
    ):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, effect.line, "a Series for each row becomes a row of a new frame")
    made = comprehend(site, loop, [(None, [effect.value])], exact=exact)
    if isinstance(made, Refusal):
        return made
    if not made.hoisted:
        return Refusal(Reason.NO_GAIN, site.node.lineno, "no column of the row is read")
    part = made.parts[0]
    value: ast.expr = ast.ListComp(part.values[0], part.generators)
    imports = made.imports
    if not place_of(site).column or not _scalar(effect.value):
        value, imports = wrapped(site, value, imports)
    owed = [*made.obligations, *([] if has_rows(site) else [Obligation("some-rows", (site_table(site),))])]
    return placed(rule, Tier.COMPREHENSION, site, site.node, made.prelude, value, owed, imports, None)


def _scalar(value: Expr) -> bool:
    """Whether a value is surely no list, tuple or dict, which a column would spread over rows."""
    inner = strip(value)
    return getattr(inner, "name", "") in ("+", "-", "*", "/", "<", ">", "<=", ">=", "==", "!=") or isinstance(
        inner, Const
    )


def placed(
    rule: Rule,
    tier: Tier,
    site: ImplicitSite,
    old: ast.expr,
    before: Sequence[ast.stmt],
    value: ast.expr,
    owed: Sequence[Obligation],
    imports: tuple[str, ...],
    tolerance: float | None,
) -> Rewrite | Refusal:
    """The rewrite: the expression goes, what has to come first stands before its statement."""
    before, value = _computed_once(site, before, value)
    edits: list[Edit] = [Substitute(old, value)]
    if before:
        if not first_evaluated(site):
            message = "the new code needs statements of its own, and others are evaluated before: name the result first"
            return Refusal(Reason.UNSUPPORTED_SYNTAX, site.node.lineno, message)
        edits.insert(0, InsertBefore(site.statement, tuple(before)))
    # What was tested before is not part of what the verifier runs.
    granted = (Obligation("some-rows", (site_table(site),)),) if site.form is Form.ROWS and has_rows(site) else ()
    owed = tidy(tuple(dict.fromkeys(owed)))
    return Rewrite(rule, tier, tuple(edits), owed, imports, tolerance, granted=granted)


def _computed_once(
    site: ImplicitSite, before: Sequence[ast.stmt], value: ast.expr
) -> tuple[Sequence[ast.stmt], ast.expr]:
    """A series that is computed where it is applied to gets a name, if the new code needs it more than once."""
    if not any(isinstance(n, (ast.Call, ast.BinOp, ast.Compare)) for n in walk(site.over)):
        return before, value
    if sum(same(n, site.over) for part in (*before, value) for n in walk(part)) < 2:
        return before, value
    id_ = site.fresh("series", "values_in", "series_")
    naming = _Naming(site.over, id_)
    return [assign(id_, clone(site.over)), *(naming.visit(s) for s in before)], naming.visit(value)


@dataclass
class _Naming(ast.NodeTransformer):
    """Put a name in the place of an expression."""

    old: ast.expr
    id: str

    def visit(self, node: ast.AST) -> Any:
        return name(self.id) if same(node, self.old) else self.generic_visit(node)


def appended(loop: Loop) -> Append | None:
    """The one value that a round gives."""
    return loop.effects[0] if len(loop.effects) == 1 and isinstance(loop.effects[0], Append) else None
