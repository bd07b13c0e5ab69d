"""What a function computes of one window, told for all windows: the rows of a table."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...loops.implicit import ImplicitSite
from ...loops.remarks import Reason
from ...loops.scalar_facts import surely_scalar
from ..shared.build import attr, binop, call, clone, const, item, name

OWN = frozenset({"max", "min", "median", "sum", "mean"})
REDUCTIONS = frozenset({"max", "min", "sum", "mean", "std", "var", "argmax", "argmin", "any", "all", "median"})
ELEMENTWISE = frozenset({"abs", "absolute", "sqrt", "log", "exp", "square", "sign"})
SUMS = frozenset({"sum", "mean", "std", "var"})


class Uncompiled(Exception):
    """The function has no form for all windows at once."""

    def __init__(self, message: str, reason: Reason = Reason.UNSUPPORTED_SYNTAX) -> None:
        self.message, self.reason = message, reason
        super().__init__(message)


@dataclass(frozen=True)
class Body:
    """The function: its parameter and the expression that it returns. `raw`: it gets arrays, no Series."""

    parameter: str
    value: ast.expr
    raw: bool
    skips_nothing: bool = False  # it takes missing values as they are, also where it gets a Series


@dataclass
class Made:
    """The values of all windows."""

    node: ast.expr
    names: list[str] = field(default_factory=list)
    reordered: bool = False


def function_body(site: ImplicitSite, raw: bool) -> Body:
    """What the function of `apply` returns."""
    match site.function:
        case ast.Lambda(args=ast.arguments(posonlyargs=[], args=[only], kwonlyargs=[], defaults=[]) as a, body=value):
            if a.vararg is None and a.kwarg is None:
                return _body(site, only.arg, value, raw)
        case ast.Name(id=id_) if (found := _defined(site, id_)) is not None:
            return _body(site, *found, raw)
        case ast.Name() | ast.Attribute() as function:
            path = site.dotted(function) or ""
            if path.startswith("numpy.") or path in ("builtins.max", "builtins.min", "builtins.sum"):
                return _body(site, "§x", ast.Call(function, [name("§x")], []), raw)
    raise Uncompiled("the function is no expression of its window", Reason.UNKNOWN_CALL)


def _defined(site: ImplicitSite, id_: str) -> tuple[str, ast.expr] | None:
    """The parameter and the value of a function of this file that only returns something."""
    owner = site.file.scopes.owner(id_, site.scope)
    binders = owner.binders(id_) if owner is not None else []
    match binders:
        case [ast.FunctionDef(args=ast.arguments(posonlyargs=[], args=[only], kwonlyargs=[], defaults=[]) as a) as f]:
            body = f.body[1:] if ast.get_docstring(f) is not None else f.body
            if f.decorator_list or a.vararg or a.kwarg or len(body) != 1 or owner is not site.file.scopes.module:
                return None
            return (only.arg, body[0].value) if isinstance(body[0], ast.Return) and body[0].value else None
    return None


def _body(site: ImplicitSite, parameter: str, value: ast.expr, raw: bool) -> Body:
    called = isinstance(value, ast.Call) and (site.dotted(value.func) or "")
    return Body(parameter, value, raw, called in ("numpy.median", "builtins.max", "builtins.min", "builtins.sum"))


def own_method(site: ImplicitSite, body: Body) -> ast.Call | None:
    """The method of windows that is the function, as a call; None if there is none."""
    match body.value:
        case ast.Call(func=ast.Attribute(value=window, attr=method), args=[], keywords=[]) if method in OWN:
            if _is_window(body, window) and not (method == "median" and body.raw):
                return call(attr(name("§"), method))
        case ast.Call(func=func, args=[x], keywords=[]) if _is_window(body, x):
            module, _, function = (site.dotted(func) or "").rpartition(".")
            function = {"amax": "max", "amin": "min"}.get(function, function)
            if (module == "numpy" and function in OWN) or (module == "builtins" and function in ("max", "min", "sum")):
                return call(attr(name("§"), function))
    return _rank(site, body)


def _rank(site: ImplicitSite, body: Body) -> ast.Call | None:
    """`pd.Series(w).rank(pct=True).iloc[-1]`."""
    match body.value:
        case ast.Subscript(
            value=ast.Attribute(
                value=ast.Call(func=ast.Attribute(value=ranked, attr="rank"), args=[], keywords=words),
                attr="iloc" | "values",
            ),
            slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)),
        ):
            pass
        case _:
            return None
    match ranked:
        case ast.Call(func=func, args=[x], keywords=[]) if site.dotted(func) == "pandas.Series":
            ranked = x
        case _ if body.raw:
            return None
    known = all(k.arg in ("pct", "ascending") and isinstance(k.value, ast.Constant) for k in words)
    if not known or not (isinstance(ranked, ast.Name) and ranked.id == body.parameter):
        return None
    made = call(attr(name("§"), "rank"))
    made.keywords = words
    return made


def _is_window(body: Body, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == body.parameter


def compiled(site: ImplicitSite, body: Body, windows: str, width: ast.expr, np: str) -> Made:
    """The function for all windows: the name of the table takes the place of its window."""
    made = Made(name(windows))
    node, rank = _Compiler(site, body, windows, width, np, made).of(body.value)
    if rank != "one":
        raise Uncompiled("the function gives no number of its window")
    made.node = node
    return made


@dataclass
class _Compiler:
    """Expressions with what they are: a "table" of windows, "one" value for each, or the "same" for all."""

    site: ImplicitSite
    body: Body
    windows: str
    width: ast.expr
    np: str
    made: Made

    def of(self, node: ast.expr) -> tuple[ast.expr, str]:
        match node:
            case ast.Name(id=id_) if id_ == self.body.parameter:
                return name(self.windows), "table"
            case ast.Constant(value=int() | float()):
                return clone(node), "same"
            case ast.Name():
                if not surely_scalar(self.site, node):
                    self.made.names.append(node.id)
                return clone(node), "same"
            case ast.UnaryOp(op=ast.USub() as op, operand=operand):
                inner, rank = self.of(operand)
                return ast.UnaryOp(op, inner), rank
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() as op, right=right):
                a, b, rank = self.both(left, right)
                return binop(a, op, b), rank
            case ast.Compare(
                left=left,
                ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() | ast.Eq() | ast.NotEq() as op],
                comparators=[right],
            ):
                a, b, rank = self.both(left, right)
                return ast.Compare(a, [op], [b]), rank
            case ast.Subscript(value=base, slice=index):
                return self.element(base, index), "one"
            case ast.Attribute(value=base, attr="values") if not self.body.raw and _is_window(self.body, base):
                raise Uncompiled("the window is turned into an array first")
            case ast.Call():
                return self.call(node)
        raise Uncompiled(f"`{ast.unparse(node)[:60]}` has no form for all windows at once")

    def both(self, left: ast.expr, right: ast.expr) -> tuple[ast.expr, ast.expr, str]:
        """Two operands; a value for each window stands as a column beside a table."""
        (a, one), (b, other) = self.of(left), self.of(right)
        ranks = {one, other}
        if ranks == {"table", "one"}:
            a, b = (self.column(x) if rank == "one" else x for x, rank in ((a, one), (b, other)))
        return a, b, "table" if "table" in ranks else "one" if "one" in ranks else "same"

    def column(self, node: ast.expr) -> ast.expr:
        return item(node, ast.Tuple([ast.Slice(), const(None)], ast.Load()))

    def element(self, base: ast.expr, index: ast.expr) -> ast.expr:
        """`w[-1]` of an array, `w.iloc[-1]` of a Series."""
        match base:
            case ast.Attribute(value=window, attr="iloc" | "values") if not self.body.raw:
                pass
            case window if self.body.raw:
                pass
            case _:
                raise Uncompiled("the window is read by label")
        whole = index.operand if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub) else index
        if not _is_window(self.body, window) or not (isinstance(whole, ast.Constant) and type(whole.value) is int):
            raise Uncompiled("the window is read at a computed place")
        return item(name(self.windows), ast.Tuple([ast.Slice(), clone(index)], ast.Load()))

    def call(self, node: ast.Call) -> tuple[ast.expr, str]:
        path = self.site.dotted(node.func) or ""
        if path == "builtins.len" and len(node.args) == 1 and _is_window(self.body, node.args[0]):
            return clone(self.width), "same"
        function = path.removeprefix("numpy.")
        if path.startswith("numpy.") and len(node.args) == 1 and not node.keywords and function in ELEMENTWISE:
            inner, rank = self.of(node.args[0])
            return call(attr(name(self.np), function), inner), rank
        if path.startswith("numpy.") and len(node.args) == 1:
            return self.reduced(node, node.args[0], {"amax": "max", "amin": "min"}.get(function, function), True)
        if isinstance(node.func, ast.Attribute) and not node.args and not path:
            return self.reduced(node, node.func.value, node.func.attr, False)
        raise Uncompiled(f"`{ast.unparse(node.func)[:60]}` may do anything", Reason.UNKNOWN_CALL)

    def reduced(self, node: ast.Call, of: ast.expr, function: str, by_numpy: bool) -> tuple[ast.expr, str]:
        if function not in REDUCTIONS:
            raise Uncompiled(f"`{ast.unparse(node.func)[:60]}` may do anything", Reason.UNKNOWN_CALL)
        table, rank = self.of(of)
        words = {k.arg: k.value for k in node.keywords}
        if rank != "table" or set(words) - {"ddof"} or (words and function not in ("std", "var")):
            raise Uncompiled(f"`{ast.unparse(node)[:60]}` reduces no window, or has arguments")
        if function == "median" and not by_numpy and self.body.raw:
            raise Uncompiled("an array has no median")
        self.made.reordered = self.made.reordered or (function in SUMS and not self.body.raw)
        more: dict[str, ast.expr] = {"axis": const(1)}
        if "ddof" in words:
            more["ddof"] = clone(words["ddof"])
        elif function in ("std", "var") and not by_numpy and not self.body.raw:
            more["ddof"] = const(1)
        if function == "median":
            return call(attr(name(self.np), "median"), table, **more), "one"
        return call(attr(table, function), **more), "one"
