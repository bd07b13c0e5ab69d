"""What a name holds before the loop, as far as the code shows it: the seed of a sum, an extreme or a counter."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, replace

from ...loops.context import SiteContext
from ...loops.names import bound_names
from ...loops.remarks import Reason
from ..lanes.lanes import NotVector
from ..shared.build import name

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
LOOPS = (ast.For, ast.While, ast.AsyncFor)
NUMBERS = {"numpy.inf": math.inf, "numpy.nan": math.nan, "math.inf": math.inf, "math.nan": math.nan}


@dataclass(frozen=True)
class Seed:
    """A number. `dtype` is "int", "float", "bool" or "number"; `python` None when it may be a NumPy scalar or not.

    `value` is known for a literal; `source` is the code of the column or array whose element it is; `assumed` says that
    nothing in the code shows it to be a number.
    """

    id: str
    dtype: str
    python: bool | None
    value: float | None = None
    source: str | None = None
    assumed: bool = False
    unbound: bool = False  # it may have no value: the loop would raise in its first round

    @property
    def node(self) -> ast.Name:
        return name(self.id)

    @property
    def may_be_nan(self) -> bool:
        if self.value is not None:
            return math.isnan(self.value)
        return self.dtype not in ("int", "bool")

    @property
    def may_be_minus_zero(self) -> bool:
        return self.dtype not in ("int", "bool") and (
            self.value is None or (self.value == 0 and math.copysign(1, self.value) < 0)
        )


def find_seed(site: SiteContext, id_: str) -> Seed:
    """The seed of a carried name; raises NotVector when it is surely no number, or not bound before the loop."""
    line = site.loop.lineno
    bound = _last_binding(site, id_)
    if bound is None:
        return replace(_unknown(site, id_, line), unbound=not _surely_bound(site, id_))
    value, repeated = bound
    seed = _classified(site, id_, value)
    if not repeated:
        return seed
    if not _always_like(site, id_, seed):
        if seed.dtype == "bool" and seed.python:
            raise NotVector(Reason.CARRIED_STATE, line, f"`{id_}` is a truth value at first, and then a number")
        return Seed(id_, "number", None, assumed=seed.assumed)
    return replace(seed, value=None, source=None)  # the loop around starts it from where it was left


def other_start(site: SiteContext, id_: str) -> ast.Constant | None:
    """The None or the text that a name surely holds when the loop starts."""
    bound = _last_binding(site, id_)
    if bound is None or bound[1] or not isinstance(bound[0], ast.Constant):
        return None
    return bound[0] if bound[0].value is None or isinstance(bound[0].value, str) else None


def _unknown(site: SiteContext, id_: str, line: int) -> Seed:
    binders = site.scope.binders(id_)
    argument = next((b for b in binders if isinstance(b, ast.arg)), None)
    before = [b for b in binders if getattr(b, "lineno", line) < line]
    if not before:
        raise NotVector(Reason.CARRIED_STATE, line, f"`{id_}` has no value before the loop in this function")
    if argument is not None and len(before) == 1:
        return _classified(site, id_, name(id_))
    kind = site.kind(name(id_))
    if kind is not None and kind.name not in ("int", "float", "bool"):
        raise NotVector(Reason.CARRIED_STATE, line, f"`{id_}` is no number")
    return Seed(id_, "number", None, assumed=True)


def _last_binding(site: SiteContext, id_: str) -> tuple[ast.expr, bool] | None:
    """The value that the name was given last before the loop; whether the loop runs again without that."""
    here: ast.AST = site.loop
    repeated = False
    while isinstance(here, ast.stmt) and (block := site.file.scopes.block.get(here)) is not None:
        for stmt in reversed(block[: block.index(here)]):
            if id_ in site.file.scopes.bound_by(stmt):
                found = _assigned(stmt, id_)
                return None if found is None else (found, repeated)
        here = site.file.scopes.parent[here]
        if isinstance(here, FUNCTIONS):
            return None
        repeated = repeated or isinstance(here, LOOPS)
    return None


def _assigned(stmt: ast.stmt, id_: str) -> ast.expr | None:
    match stmt:
        case ast.Assign(targets=targets, value=value) if any(isinstance(t, ast.Name) and t.id == id_ for t in targets):
            return value
        case ast.AnnAssign(target=ast.Name(id=n), value=ast.expr() as value) if n == id_:
            return value
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            return next(
                (v for t, v in zip(targets, values, strict=True) if isinstance(t, ast.Name) and t.id == id_), None
            )
    return None


def _classified(site: SiteContext, id_: str, node: ast.expr) -> Seed:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _classified(site, id_, operand)
            return Seed(
                id_,
                "int" if inner.dtype == "bool" else inner.dtype,
                inner.python,
                None if inner.value is None else -inner.value,
                None,
                inner.assumed,
            )
        case ast.Constant(value=bool() as value):
            return Seed(id_, "bool", True, value)
        case ast.Constant(value=int() | float() as value) if abs(value) < 2**63 or isinstance(value, float):
            return Seed(id_, type(value).__name__, True, value)
        case ast.Constant():  # None, text, an integer beyond 64 bits
            raise NotVector(Reason.CARRIED_STATE, site.loop.lineno, f"`{id_}` is no number of 64 bits before the loop")
        case ast.Call(func=func, args=[ast.Constant(value=str(text))], keywords=[]) if (
            site.dotted(func) == "builtins.float"
        ):
            try:
                return Seed(id_, "float", True, float(text))
            except ValueError:
                raise NotVector(Reason.UNKNOWN_KIND, node.lineno, f"`{ast.unparse(node)}` is no number") from None
        case ast.Attribute() if (path := site.dotted(node)) in NUMBERS:
            return Seed(id_, "float", True, NUMBERS[path or ""])
    element = _element(site, node)
    if element is not None:
        return Seed(id_, "number", False, source=element)
    kind = site.kind(node)
    if kind is None:
        return Seed(id_, "number", None, assumed=True)
    if kind.name in ("int", "float", "bool"):
        # An annotation `float` lets an int through.
        sure = kind.why != "annotation"
        return Seed(
            id_, kind.name if sure or kind.name == "int" else "number", True if sure else None, assumed=not sure
        )
    raise NotVector(Reason.CARRIED_STATE, site.loop.lineno, f"`{id_}` is no number before the loop")


def _element(site: SiteContext, node: ast.expr) -> str | None:
    """The column or array whose element this is: `s.iloc[0]`, `a[0]`, `df["c"].values[0]`."""
    match node:
        case ast.Subscript(value=ast.Attribute(value=base, attr="iloc" | "iat"), slice=where) if _position(where):
            kind = site.kind(base)
            return ast.unparse(base) if kind and kind.name == "series" else None
        case ast.Subscript(value=base, slice=where) if _position(where):
            kind = site.kind(base)
            if kind and kind.name == "ndarray" and kind.ndim == 1:
                match base:
                    case ast.Attribute(value=series, attr="values"):
                        return ast.unparse(series)
                return ast.unparse(base)
    return None


def _position(node: ast.expr) -> bool:
    return isinstance(node, (ast.Constant, ast.UnaryOp)) and isinstance(
        getattr(node, "value", getattr(getattr(node, "operand", None), "value", None)), int
    )


def _always_like(site: SiteContext, id_: str, seed: Seed) -> bool:
    """Every binding in the function keeps the type of the seed: `n = 0` and `n += 1`."""
    if seed.dtype != "int" or seed.python is not True:
        return False
    for binder in site.scope.binders(id_):
        match binder:
            case ast.Assign(value=value) if _is_int(value):
                continue
            case ast.AugAssign(op=ast.Add() | ast.Sub() | ast.Mult(), value=value) if _is_int(value):
                continue
            case ast.Assign(value=ast.BinOp(left=ast.Name(id=n), op=ast.Add() | ast.Sub(), right=right)) if (
                n == id_ and _is_int(right)
            ):
                continue
        return False
    return True


def _is_int(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _surely_bound(site: SiteContext, id_: str) -> bool:
    """Whether some statement before the loop binds the name on every path to the loop."""
    if any(isinstance(b, ast.arg) for b in site.scope.binders(id_)):
        return True
    here: ast.AST = site.loop
    while isinstance(here, ast.stmt) and (block := site.file.scopes.block.get(here)) is not None:
        if any(_binds(stmt, id_) for stmt in block[: block.index(here)]):
            return True
        here = site.file.scopes.parent[here]
        if isinstance(here, (ast.For, ast.AsyncFor)) and id_ in bound_names(here.target):
            return True
        if isinstance(here, FUNCTIONS):
            return False
    return False


def _binds(stmt: ast.stmt, id_: str) -> bool:
    """Whether a statement that is run to its end has bound the name."""
    match stmt:
        case ast.For() | ast.AsyncFor() | ast.While() | ast.Try() | ast.Match():
            return any(_binds(s, id_) for s in getattr(stmt, "finalbody", ()))
        case ast.If(body=body, orelse=orelse):
            return all(any(_binds(s, id_) for s in branch) for branch in (body, orelse))
        case ast.With(items=items) | ast.AsyncWith(items=items):  # it may end its body early, and go on
            return any(id_ in bound_names(i.optional_vars) for i in items if i.optional_vars is not None)
        case ast.Delete() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return False
    return id_ in bound_names(stmt)


def bound_before(site: SiteContext, id_: str) -> bool:
    """The name surely has a value when the loop starts."""
    return _last_binding(site, id_) is not None or any(isinstance(b, ast.arg) for b in site.scope.binders(id_))
