"""A function of rows that is called as before, with dicts in the place of the Series that `apply` makes."""

from __future__ import annotations

import ast

from ...loops.implicit import ImplicitSite
from ...loops.ir import Const, Expr, Loop, Op, strip
from ...loops.obligations import Obligation
from ...loops.presence import has_rows
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk
from ..base import Rewrite, Rule, Tier
from ..hoists.reads import APPLIED_COLUMNS, converts
from ..shared.build import assign, clone, expr, filled, name
from .code import SCALAR, appended, placed, site_table, wrapped

OF_LAMBDA = "[called for row in (dict(zip(columns, values)) for values in zip(*columns.values()))]"
ROWS = "[called(dict(zip(columns, values))) for values in zip(*columns.values())]"


def called_form(rule: Rule, site: ImplicitSite, loop: Loop) -> Rewrite | Refusal:
    """The columns taken out once, with elements as `apply` hands them out; each row is a dict of them."""
    line = site.node.lineno
    function = _only_reads_columns(site)
    effect = appended(loop)
    if function is None or effect is None or site.columns or not converts(site) or loop.opaque:
        return Refusal(Reason.ROW_ESCAPES, line, "the function does more with a row than to read columns by name")
    if not isinstance(site.over, ast.Name) or not _one_scalar(effect.value):
        return Refusal(Reason.UNKNOWN_KIND, line, "the function is not known to return one number, truth value or text")
    columns = name(site.fresh("columns", f"{site.over.id}_columns"))
    before = assign(columns.id, filled(expr(APPLIED_COLUMNS), {"frame": clone(site.over)}))
    rows_name = name(site.fresh("values", "row_values"))
    values: dict[str, ast.expr] = {"called": clone(function), "columns": columns, "values": rows_name}
    listed = filled(expr(ROWS if isinstance(function, ast.Name) else OF_LAMBDA), values)
    assert isinstance(listed, ast.ListComp)
    inner = listed.generators[0]
    if isinstance(function, ast.Lambda):
        assert isinstance(inner.iter, ast.GeneratorExp)
        listed.elt, inner.target = clone(function.body), ast.Name(function.args.args[0].arg, ast.Store())
        inner = inner.iter.generators[0]
    inner.target = ast.Name(rows_name.id, ast.Store())
    value, imports = wrapped(site, listed, ())
    owed = [] if has_rows(site) else [Obligation("some-rows", (site_table(site),))]
    return placed(rule, Tier.HOIST, site, site.node, [before], value, owed, imports, None)


def _only_reads_columns(site: ImplicitSite) -> ast.Name | ast.Lambda | None:
    """The function, if it is one of this file that reads `row["c"]` and nothing else of its only parameter."""
    match site.function:
        case ast.Name(id=id_) as function if site.file.scopes.owner(id_, site.scope) is site.file.scopes.module:
            binders = site.file.scopes.module.binders(id_)
            defined = binders[0] if len(binders) == 1 else None
            if not isinstance(defined, ast.FunctionDef) or defined.decorator_list:
                return None
            return function if _reads_columns(site, defined) else None
        case ast.Lambda() as function if not isinstance(site.scope.node, ast.ClassDef):
            return function if _reads_columns(site, function) else None
    return None


def _reads_columns(site: ImplicitSite, function: ast.FunctionDef | ast.Lambda) -> bool:
    if len(list(walk(function.args))) != 2:
        return False
    row = function.args.args[0].arg if function.args.args else ""
    parent = site.file.scopes.parent
    reads = 0
    for n in walk(function):
        if n is not function and isinstance(n, (ast.Lambda, ast.FunctionDef, ast.NamedExpr, ast.Yield, ast.YieldFrom)):
            return False
        if isinstance(n, ast.Name) and n.id == row:
            match parent[n]:
                case ast.Subscript(value=value, slice=ast.Constant(value=str()), ctx=ast.Load()) if value is n:
                    reads += 1
                    continue
            return False
    return reads > 0  # rows of a frame without columns are as many, but dicts of none of them would be none


def _one_scalar(value: Expr) -> bool:
    """Whether a value is surely no list, tuple or Series, which `apply` would spread over columns."""
    inner = strip(value)
    match inner:
        case Const():
            return True
        case Op(name="if", args=(_, yes, no)):
            return _one_scalar(yes) and _one_scalar(no)
        case Op(name="+", args=(a, b)):
            return _one_scalar(a) or _one_scalar(b)
        case Op(name=op):
            return op in SCALAR
    return False
