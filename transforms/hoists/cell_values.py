"""What is stored into the cells of a frame, where nothing that computes it raises: numbers, and of which kind."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...loops.context import SiteContext
from ...loops.exposure import closed_over
from ...loops.lift import live_out
from ...loops.literals import folded
from ...loops.walk import walk
from .body import conditions, stored_somewhere
from .cell_bounds import check_bound, check_mentions
from .cell_kinds import (
    FLAG,
    FRACTION,
    NUMBER,
    TEXT,
    WHOLE,
    Kind,
    Value,
    bindings,
    column_kinds,
    either,
    kind_of,
    may_grow,
    plainly_bound,
    recursive,
)
from .floats import number
from .own_cells import Cell, Frame, Told

#: Functions of NumPy that take any number and give one of NumPy's own.
UFUNCS = frozenset(
    f"numpy.{f}" for f in ("abs", "absolute", "exp", "log", "log10", "log2", "maximum", "minimum", "sign", "sqrt")
)
#: Functions that tell whether a number is missing.
MISSING = frozenset({"pandas.isna", "pandas.isnull", "pandas.notna", "pandas.notnull", "numpy.isnan", "math.isnan"})


@dataclass
class Values:
    """Follows the numbers through a body. `check` raises Told where something may raise, or may be no number."""

    frame: Frame
    cells: dict[ast.AST, Cell]
    names: dict[str, list[ast.expr]] = field(default_factory=dict)  # temporaries -> what they are bound to
    stored: dict[str, list[Value]] = field(default_factory=dict)  # columns -> what is stored
    scalars: list[str] = field(default_factory=list)  # what has to be a number of Python's own
    kinds: dict[str, Kind] = field(default_factory=dict)  # columns -> what they hold; numbers, if they are not here
    computed: set[str] = field(default_factory=set)  # columns that more is done with than to ask for their truth
    carried: frozenset[str] = frozenset()  # temporaries that come of what they were in the round before
    _open: set[str] = field(default_factory=set)

    @property
    def site(self) -> SiteContext:
        return self.frame.site

    def check(self) -> None:
        loop = self.site.loop
        for stmt in loop.body:
            for id_, value in bindings(stmt):
                self.names.setdefault(id_, []).append(value)
        for id_ in self.names:
            self._begins(id_)
        self.kinds = column_kinds(loop, self.cells, self.names)
        self.carried = recursive(self.names)
        if odd := next((c.node for c in self.cells.values() if c.of_row and c.column in self.kinds), None):
            raise Told(odd.lineno, f"`{ast.unparse(odd)}` is read of a row, and no number")
        for stmt in loop.body:
            self._statement(stmt)
        check_mentions(self.frame, self.cells)
        before = {id_ for stmt in self.site.block[: self.site.index] for id_, _ in plainly_bound(stmt)}
        check_bound(loop.body, set(self.names), before & set(self.names))
        self._row()

    def _row(self) -> None:
        """The row of `iterrows` is as it was before the round, and gone after the loop.

        Its numbers are of Python's own where the frame holds other things as well, and nobody may tell.
        """
        stale = [c.node for c in self.cells.values() if c.iterated and c.column in self.stored]
        if stale:
            raise Told(stale[0].lineno, f"`{ast.unparse(stale[0])}` is not what was stored")
        row, scopes = self.frame.row, self.site.file.scopes
        if row is not None and scopes.read_after(row, self.site.loop, self.site.scope) is not None:
            raise Told(self.site.loop.lineno, f"`{row}` is read after the loop")
        if row is not None and (live_out(self.site, self.names) or any(closed_over(self.site, n) for n in self.names)):
            raise Told(self.site.loop.lineno, "what is taken of a row is read after the loop")

    def _begins(self, id_: str) -> None:
        """A temporary that is bound before as well has to hold a number there."""
        scope, scopes = self.site.scope, self.site.file.scopes
        line = self.site.loop.lineno
        if id_ in scope.outer_names or scopes.owner(id_, scope) is not scope or id_ in self.frame.positions:
            raise Told(line, f"`{id_}` is not a name of this function alone")
        inside = {n for stmt in self.site.loop.body for n in walk(stmt)}
        for binder in scope.binders(id_):
            if binder in inside:
                continue
            match binder:
                case ast.Assign(targets=[ast.Name()], value=value):
                    self.names[id_].append(value)
                case _:
                    raise Told(getattr(binder, "lineno", line), f"what `{id_}` begins with is not known")

    def _statement(self, stmt: ast.stmt) -> None:
        match stmt:
            case ast.If(test=test, body=body, orelse=orelse):
                self._test(test)
                for inner in (*body, *orelse):
                    self._statement(inner)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(
                values
            ):
                for target, value in zip(targets, values, strict=True):
                    self._bound(target, value)
            case ast.Assign(targets=[target], value=value):
                self._bound(target, value)
            case ast.AugAssign(target=ast.Name() | ast.Subscript() as target, op=op, value=value):
                left = ast.Name(target.id, ast.Load()) if isinstance(target, ast.Name) else target
                self._bound(target, ast.copy_location(ast.BinOp(left, op, value), stmt))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name() as grown, attr="append"), args=[value])):
                kind = self.site.kind(grown)
                if kind is None or kind.name != "list":
                    raise Told(stmt.lineno, f"`{grown.id}` is not known to be a list")
                self._kept(value)
            case ast.Pass() | ast.Continue() | ast.Break() | ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise Told(stmt.lineno, "the statement may raise, and the frame keeps what was stored before")

    def _bound(self, target: ast.expr, value: ast.expr) -> None:
        found = self.value(value)
        if isinstance(target, ast.Name):
            return
        cell = self.cells.get(target)
        if cell is None:
            raise Told(target.lineno, f"a store at `{ast.unparse(target)}` may raise")
        if found.kind is not self.kinds.get(cell.column, Kind.NUMBER):
            raise Told(target.lineno, f"`{ast.unparse(value)}` may not fit the column")
        self.stored.setdefault(cell.column, []).append(found)

    def _kept(self, node: ast.expr) -> None:
        """What a list keeps: a number, a label, or several."""
        match node:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self._kept(part)
            case ast.Dict(keys=keys, values=values) if all(isinstance(k, ast.Constant) for k in keys):
                for value in values:
                    self._kept(value)
            case ast.Constant():
                pass
            case _ if self.frame.label(node) is None:
                if any(n in self.cells and self.cells[n].iterated for n in walk(node)) or self._of_row(node):
                    raise Told(node.lineno, f"the type of `{ast.unparse(node)}` would be another one")
                self.value(node)

    def _of_row(self, node: ast.expr) -> bool:
        """Whether a temporary may come of a row of `iterrows`."""
        return self.frame.row is not None and any(isinstance(n, ast.Name) and n.id in self.names for n in walk(node))

    def _test(self, node: ast.expr) -> None:
        """What is only asked for its truth."""
        for asked in conditions(node):
            match asked:
                case ast.Compare():
                    self._comparison(asked)
                case ast.Call(func=func, args=[given], keywords=[]) if self.site.dotted(func) in MISSING:
                    self._number(given)
                case ast.Constant():
                    pass
                case _ if asked not in self.cells:
                    self.value(asked)

    def _comparison(self, node: ast.Compare) -> None:
        """Numbers with numbers, text with text for being equal."""
        sides = [node.left, *node.comparators]
        if any(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops):
            raise Told(node.lineno, f"`{ast.unparse(node)}` is not followed")
        if isinstance(node.ops[0], (ast.In, ast.NotIn)):
            if not isinstance(sides[1], (ast.Tuple, ast.List)) or len(sides) > 2:
                raise Told(node.lineno, f"`{ast.unparse(node)}` is not followed")
            sides = [sides[0], *sides[1].elts]
        kinds = {self.value(side).kind for side in sides}
        ordered = any(isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) for op in node.ops)
        if len(kinds) > 1 or (ordered and kinds != {Kind.NUMBER}):
            raise Told(node.lineno, f"`{ast.unparse(node)}` may raise")

    def _number(self, node: ast.expr) -> Value:
        found = self.value(node)
        if found.kind is not Kind.NUMBER:
            raise Told(node.lineno, f"`{ast.unparse(node)}` is no number")
        return found

    def value(self, node: ast.expr) -> Value:
        """What an expression is; raises Told where it may be something else, or raise."""
        if (cell := self.cells.get(node)) is not None:
            self.computed.add(cell.column)
            if cell.iterated:  # of Python's own where the frame holds other things as well
                return NUMBER
            kind = self.kinds.get(cell.column, Kind.NUMBER)
            return Value(True, frozenset({cell.column}) if kind is Kind.NUMBER else None, kind)
        match node:
            case ast.Constant(value=bool()):
                return FLAG
            case ast.Constant(value=str()):
                return TEXT
            case ast.Constant(value=int(value)):
                return WHOLE if abs(value) < 2**53 else NUMBER
            case ast.Constant(value=float()):
                return NUMBER
            case ast.Name(id=id_) if id_ in self.frame.positions:
                return WHOLE
            case ast.Name(id=id_) if id_ in self.names:
                return self._named(id_)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self._number(operand)
            case ast.BinOp():
                return self._operation(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._test(test)
                return either([self.value(body), self.value(orelse)], node)
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                self._test(node)
                return FLAG
            case ast.Call(func=func, args=args, keywords=[]) if args:
                return self._call(node, self.site.dotted(func) or "", args)
            case ast.Name() | ast.Attribute() if self._fixed(node):
                return NUMBER
        raise Told(node.lineno, f"`{ast.unparse(node)}` may raise, or be no number")

    def _operation(self, node: ast.BinOp) -> Value:
        left_node, op, right = node.left, node.op, node.right
        left, other = self._number(left_node), self._number(right)
        whole = None if left.whole is None or other.whole is None else left.whole | other.whole
        numpy = left.numpy or other.numpy
        match op:
            case ast.Add() | ast.Sub() | ast.Mult() if numpy or not may_grow(op, (left_node, right), self.carried):
                return Value(numpy, whole)
            case ast.Div() | ast.FloorDiv() | ast.Mod() if numpy or (isinstance(right, ast.Constant) and right.value):
                return Value(numpy, None if isinstance(op, ast.Div) else whole)
            case ast.Pow() if left.numpy and isinstance(right, ast.Constant) and right.value in (2, 3, 0.5):
                return Value(True, whole if isinstance(right.value, int) else None)
        raise Told(node.lineno, f"`{ast.unparse(node)}` may raise, and the frame keeps what was stored before")

    def _call(self, node: ast.expr, path: str, args: list[ast.expr]) -> Value:
        given = [self._number(a) for a in args]
        match path:
            case "builtins.abs" if len(args) == 1:
                return given[0]
            case "builtins.float" if len(args) == 1:
                return NUMBER
            case "builtins.min" | "builtins.max" if len(args) > 1:
                return either(given, node)
            case "builtins.round" if len(args) == 2 and type(folded(args[1])) is int:
                if given[0].numpy or self.frame.row is None:  # Python rounds in another way than NumPy
                    return Value(given[0].numpy, None)
            case _ if path in UFUNCS:
                return FRACTION
        raise Told(node.lineno, f"`{path or ast.unparse(node)}` may raise, and the frame keeps what was stored before")

    def _named(self, id_: str) -> Value:
        """A temporary: any of the values that it is bound to."""
        if id_ in self._open:
            return Value(
                False, frozenset(), kind_of(ast.Name(id_), self.cells, self.names, self.kinds)
            )  # what it holds comes of the other values
        self._open.add(id_)
        try:
            return either([self.value(v) for v in self.names[id_]], self.names[id_][0])
        finally:
            self._open.discard(id_)

    def _fixed(self, node: ast.expr) -> bool:
        """A number from outside."""
        if number(self.site, node, self.site.scope) is not None:
            return True
        code = ast.unparse(node)
        if code == self.frame.code or not (self.site.invariant(node) or self._own_attribute(node)):
            return False
        if code not in self.scalars:
            self.scalars.append(code)
        return True

    def _own_attribute(self, node: ast.expr) -> bool:
        """An attribute beside the frame, which is one of the same object: data that the loop leaves alone."""
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if self.frame.code.startswith(f"{owner}."):
                stores = (n for n in walk(self.site.loop) if isinstance(n, ast.Attribute))
                kept = all(isinstance(n.ctx, ast.Load) for n in stores if n.attr == attribute)
                return kept and stored_somewhere(self.site, attribute)
        return False
