"""Loops as compiled functions: what of a body numba computes bit by bit as Python does, and what it is given."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...loops.context import SiteContext
from ...loops.exposure import closed_over
from ...loops.ir import Access, Header, Inv, Pos, Read, Sequence_
from ...loops.lift import live_out
from ...loops.names import bound_names
from ...loops.walk import walk
from .body import conditions
from .floats import Flow, Number, Told

#: Functions that numba computes with the very bits of Python, and that raise for no float.
EXACT_CALLS = frozenset({"builtins.abs", "builtins.min", "builtins.max", "math.fabs", "math.tanh", "math.atan2"})
STORED = {"float64": Number.FLOAT, "int64": Number.INT}


@dataclass
class Kernel:
    """What a loop needs to be compiled: `check` raises Told where that would change anything."""

    site: SiteContext
    header: Header
    reads: dict[ast.expr, Read]  # cells of tables, and elements of arrays that are only read
    flow: Flow = field(init=False)
    stored: dict[str, ast.expr] = field(default_factory=dict)  # arrays that are filled -> how they are made
    carried: list[str] = field(default_factory=list)  # names that the first round reads
    line: int = 0

    def __post_init__(self) -> None:
        positions = frozenset(n for n, what in self.header.binds.items() if isinstance(what, Pos))
        self.flow = Flow(self.site, {node: read.source.code for node, read in self.reads.items()}, positions)
        self.line = self.site.loop.lineno

    def check(self) -> None:
        loop = self.site.loop
        if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name) or not self.site.scope.is_function:
            raise Told
        try:
            self.flow.check()
        finally:
            self.line = self.flow.line or self.line
        self._names()
        for stmt in loop.body:
            self._statement(stmt)
        if not self.stored:
            raise Told

    def _names(self) -> None:
        """Every name of the loop ends with it, and is bound before it is read."""
        loop, scope = self.site.loop, self.site.scope
        names = sorted(set(bound_names(loop)))
        if live_out(self.site, names) or any(closed_over(self.site, n) or n in scope.outer_names for n in names):
            raise Told
        before = self.site.block[: self.site.index]
        for name in names:
            if name in self.flow.positions:
                continue
            if name not in self.flow.names and not self._whole(name):
                raise Told
            first = next(n for s in loop.body for n in _in_order(s) if isinstance(n, ast.Name) and n.id == name)
            if any(isinstance(s, ast.Assign) and first in s.targets for s in loop.body):
                continue
            if not any(isinstance(s, ast.Assign) and name in set(bound_names(s)) for s in before):
                raise Told
            self.carried.append(name)

    def _whole(self, name: str) -> bool:
        """A state or a counter: bound to small ints, or to truth values, and to nothing else."""
        kinds: set[type] = set()
        for binder in self.site.scope.binders(name):
            value: ast.expr | None
            match binder:
                case ast.Assign(targets=[ast.Name()], value=value):
                    pass
                case ast.AugAssign(op=ast.Add() | ast.Sub(), value=ast.Constant(value=int()) as value):
                    pass
                case ast.Assign(targets=[ast.Tuple(elts=elts)], value=ast.Tuple(elts=values)):
                    pairs = zip(elts, values, strict=False)
                    value = next((v for t, v in pairs if isinstance(t, ast.Name) and t.id == name), None)
                case _:
                    return False
            literal = value.operand if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub) else value
            if not isinstance(literal, ast.Constant) or type(literal.value) not in (int, bool):
                return False
            kinds.add(type(literal.value))
        return len(kinds) == 1

    def _statement(self, stmt: ast.stmt) -> None:
        self.line = stmt.lineno
        match stmt:
            case ast.If(test=test, body=body, orelse=orelse):
                self._test(test)
                for inner in (*body, *orelse):
                    self._statement(inner)
            case ast.Assign(targets=[ast.Name(id=id_)], value=value):
                if id_ in self.flow.names or not isinstance(value, ast.Constant | ast.UnaryOp):
                    self._value(value)
            case ast.Assign(targets=[ast.Subscript() as target], value=value):
                self._store(target, value)
            case ast.AugAssign(target=ast.Name(id=id_), op=ast.Add() | ast.Sub() | ast.Mult() as op, value=value):
                self._value(ast.BinOp(ast.Name(id_, ast.Load()), op, value))
            case ast.Pass() | ast.Continue() | ast.Break():
                pass
            case _:
                raise Told

    def _store(self, target: ast.Subscript, value: ast.expr) -> None:
        kind = self.site.kind(target.value)
        if kind is None or kind.name != "ndarray" or kind.ndim != 1 or not isinstance(target.value, ast.Name):
            raise Told
        if self.flow.position(target.slice) is None or kind.dtype not in STORED:
            raise Told
        if kind.dtype == "int64" and not (isinstance(value, ast.Constant) and type(value.value) is int):
            if not (isinstance(value, ast.Name) and self._whole(value.id)):
                raise Told
        else:
            self._value(value)
        self.stored[target.value.id] = target.value

    def _test(self, node: ast.expr) -> None:
        for asked in conditions(node):
            match asked:
                case ast.Compare(left=left, ops=ops, comparators=others):
                    if any(isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in ops):
                        raise Told
                    for side in (left, *others):
                        self._value(side)
                case ast.Name(id=id_) if self._whole(id_):
                    pass
                case _:
                    self._value(asked)

    def _value(self, node: ast.expr) -> Number:
        """A number; raises Told where numba may compute another one."""
        if node in self.reads:
            return Number.FLOAT
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return Number.INT if isinstance(value, int) else Number.FLOAT
            case ast.Name(id=id_) if id_ in self.site.assigned and id_ not in self.flow.names:
                return Number.INT
            case ast.BinOp(left=left, op=op, right=right):
                kinds = {self._value(left), self._value(right)}
                if isinstance(op, ast.Mult | ast.Div | ast.FloorDiv | ast.Mod) and Number.FLOAT not in kinds:
                    raise Told  # ints grow in Python, and 0 * -1 is 0 of ints, and -0.0 of floats
                if kinds == {Number.INT}:
                    return Number.INT
            case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
                if self._value(operand) is not Number.FLOAT:
                    raise Told  # -0 is 0 of ints
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._test(test)
                self._value(body)
                self._value(orelse)
            case ast.Call(func=func, args=args, keywords=[]):
                if self.site.dotted(func) not in EXACT_CALLS:
                    raise Told
                for arg in args:
                    self._value(arg)
            case ast.Name() | ast.Attribute() | ast.Subscript() | ast.UnaryOp():
                pass
            case _:
                raise Told
        return self.flow.type(node)


def array_reads(site: SiteContext, header: Header) -> dict[ast.expr, Read]:
    """Elements by position of arrays that the loop does not store into."""
    positions = frozenset(n for n, what in header.binds.items() if isinstance(what, Pos))
    flow = Flow(site, {}, positions)
    found: dict[ast.expr, Read] = {}
    for node in (n for s in site.loop.body for n in walk(s)):
        match node:
            case ast.Subscript(value=ast.Name(id=id_) as base, ctx=ast.Load()) if id_ not in site.mutated:
                kind = site.kind(base)
                if (
                    kind is None
                    or kind.name != "ndarray"
                    or kind.ndim not in (0, 1)
                    or flow.position(node.slice) is None
                ):
                    continue
                found[node] = Read(_whole(base), Access.INDEX, _offset(node.slice))
    return found


def _whole(base: ast.Name) -> Sequence_:
    return Sequence_(Inv(base.id, base))


def _offset(index: ast.expr) -> int:
    match index:
        case ast.BinOp(op=op, right=ast.Constant(value=int(k))):
            return k if isinstance(op, ast.Add) else -k
    return 0


def _in_order(stmt: ast.stmt) -> list[ast.AST]:
    """The nodes of a statement, what is evaluated before what is bound."""
    match stmt:
        case ast.Assign(targets=targets, value=value):
            return [*walk(value), *(n for t in targets for n in walk(t))]
        case ast.If(test=test, body=body, orelse=orelse):
            return [*walk(test), *(n for s in (*body, *orelse) for n in _in_order(s))]
    return list(walk(stmt))
