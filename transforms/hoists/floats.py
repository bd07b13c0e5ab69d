"""Loops in which nothing tells a NumPy float from a Python float: there a list of floats may stand for an array.

`+ - *` and comparisons of floats give the same bits in both, and neither raises. What does tell them apart (division
by zero raises in Python only, `round`, text made of them, a list or a caller that gets them) ends the analysis.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from ...loops.context import SiteContext
from ...loops.exposure import closed_over
from ...loops.lift import live_out
from ...loops.scopes import Scope
from ...loops.walk import walk
from .body import conditions


class Number(IntEnum):
    """What a value is, the less we know the larger."""

    FLOAT = 0  # a float of Python or a float64 of NumPy
    INT = 1  # a small int of Python, the same in both loops
    EITHER = 2


class Told(Exception):
    """Something may tell the two apart."""


#: Functions of `math` that return a float, and take any float the same way.
MATH = frozenset(
    f"math.{f}"
    for f in ("atan", "atan2", "copysign", "cos", "cosh", "erf", "exp", "expm1", "fabs", "hypot", "log", "log10")
) | frozenset(f"math.{f}" for f in ("log1p", "log2", "pow", "sin", "sinh", "sqrt", "tan", "tanh"))
#: Floats of Python's own that modules hold.
NUMBERS = frozenset(f"{module}.{n}" for module in ("math", "numpy") for n in ("nan", "inf", "pi", "e"))
EXACT = 2**53


@dataclass
class Flow:
    """Follows what is read through one loop. `check` raises Told where its type might be seen."""

    site: SiteContext
    reads: dict[ast.expr, str]  # the element reads -> what they read from, as it is written
    positions: frozenset[str]
    names: dict[str, set[Number]] = field(default_factory=dict)  # names that hold what comes of reads
    scalars: list[str] = field(default_factory=list)  # what has to be a number of Python's own
    compared: list[str] = field(default_factory=list)  # those of them that a float is compared with
    elements: set[ast.expr] = field(default_factory=set)  # elements of arrays of floats that are computed with
    line: int = 0  # the statement that is looked at
    stored: dict[str, set[Number]] = field(default_factory=dict)  # arrays of floats -> what is stored into them

    def check(self) -> None:
        """Go round until nothing changes, then look at every statement."""
        loop = self.site.loop
        self.line = loop.lineno
        if loop.orelse or any(isinstance(n, (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)) for n in walk(loop)):
            raise Told
        bound = self._bindings()
        while new := {id_ for id_, value in bound if id_ not in self.names and self.touched(value)}:
            self.names |= {id_: set() for id_ in new}
        for id_ in self.names:
            self.names[id_] = self._begins(id_)
        before = None
        while before != self.names:
            before = {id_: set(kinds) for id_, kinds in self.names.items()}
            for id_, value in bound:
                if id_ in self.names:
                    self.names[id_].add(self.type(value))
        for stmt in loop.body:
            self._statement(stmt)
        if isinstance(loop, ast.While):
            self._test(loop.test)
        if live_out(self.site, self.names) or any(closed_over(self.site, id_) for id_ in self.names):
            raise Told

    def touched(self, node: ast.AST) -> bool:
        """Whether anything in it comes of an element that was read."""
        return any(n in self.reads or (isinstance(n, ast.Name) and n.id in self.names) for n in walk(node))

    def _bindings(self) -> list[tuple[str, ast.expr]]:
        """What the body binds to plain names."""
        found: list[tuple[str, ast.expr]] = []
        for node in (n for s in self.site.loop.body for n in walk(s)):
            match node:
                case ast.Assign(targets=[ast.Name(id=id_)], value=value):
                    found.append((id_, value))
                case ast.AugAssign(target=ast.Name(id=id_), op=op, value=value):
                    found.append((id_, ast.BinOp(ast.Name(id_, ast.Load()), op, value)))
        return found

    def _begins(self, id_: str) -> set[Number]:
        """What the name holds before the loop: every other binding of it has to be a number that is known."""
        scope = self.site.scope
        if id_ in scope.outer_names or self.site.file.scopes.owner(id_, scope) is not scope or id_ in self.positions:
            raise Told
        inside = {n for s in self.site.loop.body for n in walk(s)}
        values = [_bound_value(b, id_) for b in scope.binders(id_) if b not in inside]
        found = [Number.FLOAT if self._first_element(v) else number(self.site, v, scope) for v in values]
        if any(f is None for f in found):
            raise Told
        return {f for f in found if f is not None}

    def _first_element(self, node: ast.expr | None) -> bool:
        """`df["c"].iloc[0]`, of a column that the loop reads."""
        match node:
            case ast.Subscript(value=ast.Attribute(value=series, attr="iloc" | "iat"), slice=ast.Constant(value=int())):
                return ast.unparse(series) in self.reads.values()
        return False

    def _statement(self, stmt: ast.stmt) -> None:
        self.line = stmt.lineno
        match stmt:
            case ast.If(test=test, body=body, orelse=orelse):
                self._test(test)
                for inner in (*body, *orelse):
                    self._statement(inner)
            case ast.Assign(targets=[ast.Name()], value=value) if self.touched(stmt):
                self.type(value)
            case ast.Assign(targets=[ast.Subscript() as target], value=value) if self.touched(stmt):
                self._store(target, self.type(value))
            case ast.AugAssign(target=ast.Name(id=id_), op=op, value=value) if self.touched(stmt):
                self.type(ast.BinOp(ast.Name(id_, ast.Load()), op, value))
            case ast.AugAssign(target=ast.Subscript() as target, op=op, value=value) if self.touched(stmt):
                self._store(target, self._operation(op, Number.FLOAT, value))
            case _ if self.touched(stmt):
                raise Told

    def _store(self, target: ast.Subscript, value: Number) -> None:
        """A store into an array of floats, which holds float64 whatever it is given."""
        kind = self.site.kind(target.value)
        if kind is None or (kind.name, kind.dtype) != ("ndarray", "float64") or not isinstance(target.value, ast.Name):
            raise Told
        if self.touched(target.slice) or self.position(target.slice) is None:
            raise Told
        self.stored.setdefault(target.value.id, set()).add(value)

    def position(self, node: ast.expr) -> str | None:
        """The variable of a position: `i`, `i - 1`."""
        match node:
            case (
                ast.Name(id=id_)
                | ast.BinOp(left=ast.Name(id=id_), op=ast.Add() | ast.Sub(), right=ast.Constant(value=int()))
            ):
                return id_ if id_ in self.positions else None
        return None

    def _test(self, node: ast.expr) -> None:
        """A condition: only its truth is seen."""
        for asked in filter(self.touched, conditions(node)):
            match asked:
                case ast.Compare(left=left, ops=ops, comparators=others):
                    if any(isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in ops):
                        raise Told
                    for side in (left, *others):
                        self.type(side)
                        if (code := ast.unparse(side)) in self.scalars and code not in self.compared:
                            self.compared.append(code)
                case _:
                    self.type(asked)

    def type(self, node: ast.expr) -> Number:
        """The type of a number; raises Told for anything else."""
        if node in self.reads:
            return Number.FLOAT
        if isinstance(node, ast.Subscript) and self._is_element(node):
            self.elements.add(node)
            return Number.FLOAT
        match node:
            case ast.Name(id=id_) if id_ in self.names:
                return _either(self.names[id_])
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.type(operand)
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(op, self.type(left), right)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._test(test)
                return _either([self.type(body), self.type(orelse)])
            case ast.Call(func=func, args=args, keywords=[]) if args:
                return self._call(self.site.dotted(func) or "", args)
        if self.touched(node):
            raise Told
        return self._fixed(node)

    def _operation(self, op: ast.operator, left: Number, right: ast.expr) -> Number:
        other = self.type(right)
        match op:
            case ast.Add() | ast.Sub() | ast.Mult():
                return Number.FLOAT if Number.FLOAT in (left, other) else max(left, other)
            case ast.Div() | ast.FloorDiv() | ast.Mod() if isinstance(right, ast.Constant) and right.value:
                return Number.FLOAT if Number.FLOAT in (left, other) or isinstance(op, ast.Div) else max(left, other)
        raise Told

    def _call(self, path: str, args: list[ast.expr]) -> Number:
        given = [self.type(a) for a in args]
        if path in MATH:
            return Number.FLOAT
        match path:
            case "builtins.abs" if len(args) == 1:
                return given[0]
            case "builtins.float" if len(args) == 1:
                return Number.FLOAT
            case "builtins.min" | "builtins.max" if len(args) > 1:
                return _either(given)
        raise Told

    def _is_element(self, node: ast.Subscript) -> bool:
        """An element of an array of floats."""
        kind = self.site.kind(node.value) if self.position(node.slice) is not None else None
        return kind is not None and (kind.name, kind.dtype, kind.ndim) == ("ndarray", "float64", 1)

    def _fixed(self, node: ast.expr) -> Number:
        """What does not come of reads: a number of Python's own."""
        if isinstance(node, ast.Name) and node.id in self.positions:
            return Number.INT
        found = number(self.site, node, self.site.scope)
        if found is not None:
            return found
        if not self._invariant(node):
            raise Told
        if (code := ast.unparse(node)) not in self.scalars:
            self.scalars.append(code)
        return Number.EITHER

    def _invariant(self, node: ast.expr) -> bool:
        plain = (ast.Name, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Constant, ast.Load)
        return self.site.invariant(node) and all(isinstance(n, plain) for n in walk(node))


def _either(kinds: Iterable[Number]) -> Number:
    found = set(kinds)
    return found.pop() if len(found) == 1 else Number.EITHER if found else Number.FLOAT


def _bound_value(binder: ast.AST, id_: str) -> ast.expr | None:
    """What one statement binds to a name, where that is plain to see."""
    match binder:
        case ast.Assign(targets=targets, value=value) if all(isinstance(t, ast.Name) for t in targets):
            return value
        case ast.AnnAssign(value=value):
            return value
        case ast.Assign(targets=[ast.Tuple(elts=elts)], value=ast.Tuple(elts=values)) if len(elts) == len(values):
            found = [v for t, v in zip(elts, values, strict=True) if isinstance(t, ast.Name) and t.id == id_]
            return found[0] if len(found) == 1 else None
    return None


def number(site: SiteContext, node: ast.expr | None, scope: Scope, depth: int = 0) -> Number | None:
    """Which number of Python's own an expression is, whatever is passed in; None if that is not known."""

    def inner(x: ast.expr | None) -> Number | None:
        return number(site, x, scope, depth + 1)

    match node:
        case ast.Constant(value=float()):
            return Number.FLOAT
        case ast.Attribute() if site.dotted(node) in NUMBERS:
            return Number.FLOAT
        case ast.Constant(value=int(value)) if not isinstance(value, bool) and abs(value) < EXACT:
            return Number.INT
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return inner(operand)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            a, b = inner(left), inner(right)
            if a is None or b is None:
                return None
            return Number.FLOAT if Number.FLOAT in (a, b) else max(a, b)
        case ast.IfExp(body=body, orelse=orelse):
            a, b = inner(body), inner(orelse)
            return None if a is None or b is None else _either([a, b])
        case ast.Name(id=id_) if depth < 6 and (owner := site.file.scopes.owner(id_, scope)) is not None:
            if id_ in site.assigned and owner is site.scope:
                return None
            found = [number(site, _bound_value(b, id_), owner, depth + 1) for b in owner.binders(id_)]
            known = [f for f in found if f is not None]
            return _either(known) if known and len(known) == len(found) else None
    return None
