"""Symbolic evaluation: Python expressions to `Expr`, what may raise noted in the order of evaluation."""

from __future__ import annotations

import ast
from dataclasses import replace

from .access import read_attribute, read_item, read_subscript
from .calls import is_pure_call
from .combine import BINARY, COMPARE, UNARY, choose, is_pair, offset_by, pair_part, unless_row
from .context import Refused, SiteContext, root_name
from .facts import own_place, stored_columns
from .ir import Access, Carried, Const, Event, Expr, Header, Inv, Label, Op, Own, Pos, Raw, Read, Row, Undefined, strip
from .names import bound_names, names_in
from .purity import MUTATING_METHODS
from .remarks import Reason
from .scalar_facts import surely_number
from .trace import atom, silent
from .walk import copied, walk


class Expressions:
    """Evaluates the expressions of one loop (or of one inlined helper) in the environment of a round."""

    def __init__(self, site: SiteContext, header: Header) -> None:
        self.site = site
        self.header = header
        self.helper_locals: set[str] | None = None  # set while a helper is executed
        self.trace: list[Event] = []
        self.unknown: dict[int, str] = {}  # lines of calls that may do anything, and what is called
        #: What is read or computed, also where nothing comes of it; whether each round does.
        self.fetched: dict[Read | Row | Inv, bool] = {}
        self.stored: set[str] = set()  # roots of what this round has stored into so far
        self.aside = 0  # under how many conditions the evaluation stands

    def ev(self, node: ast.expr, env: dict[str, Expr]) -> Expr:
        """The value of an expression in this round; what may raise goes into the trace."""
        match node:
            case ast.BoolOp(op=op, values=values) if not self._is_invariant(node, env):
                parts = [self._row_free(self.ev(values[0], env), node), *self._shorted(values[1:], env, node)]
                return Op("and" if isinstance(op, ast.And) else "or", tuple(parts), node)
            case ast.IfExp(test=test, body=body, orelse=orelse) if not self._is_invariant(node, env):
                cond = self.ev(test, env)
                a, one = self._ev_aside(body, env)
                b, other = self._ev_aside(orelse, env)
                self.trace.append(("if", tuple(one), tuple(other)))
                return choose(cond, a, b, node)
        value = self._ev(node, env)
        if isinstance(value, Own):
            self.fetch(value.read, not self.aside)
        if isinstance(value, Read | Row) or (isinstance(value, Inv) and _computes(value.node)):
            self.fetch(value, not self.aside)
        own = isinstance(value, Op | Inv) and value.node is node and not silent(value)
        if own or isinstance(value, Raw):
            self.trace.append(atom(value.node if isinstance(value, Raw) else node))
        return value

    def fetch(self, value: Read | Row | Inv, always: bool) -> None:
        """Note that something is read or computed."""
        self.fetched[value] = always or self.fetched.get(value, False)

    def _mark(self) -> tuple[int, int]:
        return len(self.trace), len(self.fetched)

    def _undo(self, mark: tuple[int, int]) -> None:
        """Forget what was evaluated since: it is carried along in another way."""
        del self.trace[mark[0] :]
        self.fetched = dict(list(self.fetched.items())[: mark[1]])

    def _ev_aside(self, node: ast.expr, env: dict[str, Expr]) -> tuple[Expr, list[Event]]:
        kept, self.trace = self.trace, []
        self.aside += 1
        try:
            value = self.ev(node, env)
            return value, self.trace
        finally:
            self.trace = kept
            self.aside -= 1

    def _shorted(self, values: list[ast.expr], env: dict[str, Expr], node: ast.AST) -> list[Expr]:
        """The operands behind a short-circuit operator, each under the condition of the ones before."""
        if not values:
            return []
        first, events = self._ev_aside(values[0], env)
        kept, self.trace = self.trace, events
        rest = self._shorted(values[1:], env, node)
        events, self.trace = self.trace, kept
        self.trace.append(("if", tuple(events), ()))
        return [self._row_free(first, node), *rest]

    def _ev(self, node: ast.expr, env: dict[str, Expr]) -> Expr:
        if not isinstance(node, (ast.Constant, ast.Name)) and self._is_invariant(node, env):
            return Inv(ast.unparse(node), node)
        match node:
            case ast.Constant(value=value):
                return Const(value, node)
            case ast.Name(id=name):
                return self._name(name, node, env)
            case ast.Attribute(value=value, attr=attr):
                base = unless_row(self.ev(value, env))
                if isinstance(base, Inv) and isinstance(base.node, ast.Name) and self.helper_locals is not None:
                    read = ast.copy_location(ast.Attribute(base.node, attr, ast.Load()), node)
                    self.trace.append(atom(read))
                    return Inv(f"{base.code}.{attr}", read)
                if isinstance(base, Row):
                    return self._unstored(read_attribute(base, node), node)
                return Op(f"attr:{attr}", (base,), node)
            case ast.Subscript():
                return self._subscript(node, env)
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self.ev(left, env), self.ev(right, env)
                return offset_by(a, b, BINARY[type(op)]) or Op(
                    BINARY[type(op)], (self._row_free(a, node), self._row_free(b, node)), node
                )
            case ast.UnaryOp(op=op, operand=operand):
                return Op(UNARY[type(op)], (self._row_free(self.ev(operand, env), node),), node)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                return self._compare(node, left, ops, comparators, env)
            case ast.Tuple(elts=elts) | ast.List(elts=elts) | ast.Set(elts=elts) if not any(
                isinstance(e, ast.Starred) for e in elts
            ):
                return Op(type(node).__name__.lower(), tuple(self._row_free(self.ev(e, env), node) for e in elts), node)
            case ast.Dict(keys=keys, values=values) if all(k is not None for k in keys):
                parts = [
                    self._row_free(self.ev(x, env), node)
                    for k, v in zip(keys, values, strict=True)
                    if k is not None
                    for x in (k, v)
                ]
                return Op("dict", tuple(parts), node)
            case ast.Call():
                return self._call(node, env)
            case ast.Yield() | ast.YieldFrom() | ast.Await():
                raise Refused(Reason.SCOPE, node, "the body yields or awaits")
            case ast.NamedExpr():
                raise Refused(Reason.UNSUPPORTED_SYNTAX, node, "the body binds a name with :=")
            case ast.Lambda():
                if self._variant_names(node, env):
                    raise Refused(Reason.SCOPE, node, "a lambda made in the body keeps a variable of the loop")
        return self._raw(node, env)

    def _is_invariant(self, node: ast.expr, env: dict[str, Expr]) -> bool:
        if self._variant_names(node, env):
            return False
        for n in walk(node):
            if isinstance(n, ast.Call) and not self._pure_call(n):
                return False
            if isinstance(n, (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)):
                return False
        return True

    def _variant_names(self, node: ast.AST, env: dict[str, Expr]) -> set[str]:
        names = {n.id for n in walk(node) if isinstance(n, ast.Name)}
        if self.helper_locals is not None:
            return names & (set(env) | self.helper_locals)
        return (
            (names & self.site.assigned)
            | (names & self.site.mutated)
            | {n for n in names & set(env) if not isinstance(env[n], Inv)}
        )

    def _pure_call(self, node: ast.Call) -> bool:
        return is_pure_call(self.site, node)

    def _name(self, name: str, node: ast.Name, env: dict[str, Expr]) -> Expr:
        if name in env:
            return env[name]
        if self.helper_locals is not None:
            if name in self.helper_locals:
                return Undefined(name)
            return Inv(name, node)
        if name in self.site.assigned:
            return Carried(name)
        if name in self.site.mutated and (kind := self.site.kind(node)) and kind.name == "list":
            raise Refused(Reason.READS_OWN_OUTPUT, node, f"`{name}` is read while the loop fills it")
        if name in self.site.mutated:
            raise Refused(Reason.READS_OWN_OUTPUT, node, f"`{name}` is read while the loop changes it")
        return Inv(name, node)

    def _row_free(self, e: Expr, node: ast.AST) -> Expr:
        if isinstance(strip(e), Row) or is_pair(e):
            raise Refused(Reason.ROW_ESCAPES, node, "the row itself is used, not only its columns")
        return e

    def _subscript(self, node: ast.Subscript, env: dict[str, Expr]) -> Expr:
        value = node.value
        root = root_name(value)
        if isinstance(node.slice, ast.Slice):
            return self._raw(node, env)
        if (cell := self._cell(node, env)) is not None:
            found = self._subscript(cell, env)
            return replace(found, node=node) if isinstance(found, Op) else found
        start = len(self.trace)
        index = self.ev(node.slice, env)
        behind = self.trace[start:]
        if root is None or root not in env or not isinstance(env[root], Row):
            if self.helper_locals is None and root in self.site.mutated:
                return self._own_output(node, value, strip(index), env)
            read = self._element(node, strip(index), env) if self.helper_locals is None else None
            if read is not None:
                return read
        del self.trace[start:]  # what is indexed is evaluated before the index
        base = unless_row(self.ev(value, env))
        self.trace += behind
        if isinstance(base, Row):
            return self._unstored(read_item(base, node, index), node)
        if (part := pair_part(base, index)) is not None:
            return part
        return Op("item", (base, self._row_free(index, node)), node)

    def _cell(self, node: ast.Subscript, env: dict[str, Expr]) -> ast.Subscript | None:
        """`table[i, j]` for the `table[i][j]` of an array that surely has two dimensions."""
        match node.value:
            case ast.Subscript(value=ast.Name() as table, slice=row) if self._is_number(row, env):
                kind = self.site.kind(table) if self.helper_locals is None else None
                if kind is None or (kind.name, kind.ndim) != ("ndarray", 2) or kind.why == "annotation":
                    return None
                if table.id in self.site.mutated | self.site.assigned or not self._is_number(node.slice, env):
                    return None
                both = ast.copy_location(ast.Tuple([row, node.slice], ast.Load()), row)
                return ast.copy_location(ast.Subscript(table, both, ast.Load()), node)
        return None

    def _is_number(self, node: ast.expr, env: dict[str, Expr]) -> bool:
        """A position that surely is one number: a list, a mask or a tuple picks otherwise when it stands alone."""
        match node:
            case ast.Constant(value=value):
                return type(value) is int
            case ast.Name(id=name) if name in env:
                return isinstance(strip(env[name]), Pos)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                return self._is_number(left, env) and self._is_number(right, env)
        return surely_number(self.site, node)

    def _element(self, node: ast.Subscript, index: Expr, env: dict[str, Expr]) -> Expr | None:
        """An element read; by position from what may be a series or a frame, it is carried along as it stands."""
        try:
            read = read_subscript(self.site, self.header, node, index)
        except Refused as e:
            if e.refusal.reason is Reason.UNKNOWN_KIND and isinstance(index, Pos):
                return self._raw(node, env, whole=True)
            raise
        return replace(read, node=node) if isinstance(read, Read) and read.access is Access.LABEL else read

    def _own_output(self, node: ast.Subscript, value: ast.expr, index: Expr, env: dict[str, Expr]) -> Expr:
        """A read of something the body stores into: fine when it is another column of the frame."""
        root = root_name(value)
        read: Expr | None = self._of_row(node, index, env)
        read = read or read_subscript(_WithoutMutation(self.site), self.header, node, index)
        if isinstance(read, Read) and self._own_place(read):
            return Own(read)
        whole = isinstance(read, Row) and read.access is Access.ROW_ILOC  # a copy, of which columns are read later on
        if isinstance(read, Row | Read) and (whole or (isinstance(read, Read) and self._other_column(read))):
            return read
        raise Refused(Reason.READS_OWN_OUTPUT, node, f"`{ast.unparse(node)}` is read while the loop changes `{root}`")

    def _own_place(self, read: Read) -> bool:
        """Whether an element of an array or list is read where only this round stores, and before it does."""
        base = read.source.base.node
        if not isinstance(base, ast.Name) or read.source.column is not None or read.offset or base.id in self.stored:
            return False
        return read.access is Access.INDEX and own_place(self.site, base.id, self.header.position_name)

    def _other_column(self, read: Read) -> bool:
        """Whether the body stores into other columns of the frame only."""
        stored = stored_columns(self.site.loop, root_name(read.source.base.node) or "")
        column = strip(read.source.column) if read.source.column is not None else None
        return stored is not None and isinstance(column, Const) and column.value not in stored

    def _unstored(self, read: Expr, node: ast.expr) -> Expr:
        """A column of a row that was copied out of a frame; refused where the body stores into that column."""
        copied = isinstance(read, Read) and read.access is Access.ROW_ILOC and self.helper_locals is None
        if not isinstance(read, Read) or not copied or root_name(read.source.base.node) not in self.site.mutated:
            return read
        if self._other_column(read):
            return read
        base = root_name(read.source.base.node)
        raise Refused(Reason.READS_OWN_OUTPUT, node, f"`{ast.unparse(node)}` is read while the loop changes `{base}`")

    def _of_row(self, node: ast.Subscript, index: Expr, env: dict[str, Expr]) -> Expr | None:
        """`df.iloc[i]["c"]` of a frame that the body stores into, None for anything else."""
        match node.value:
            case ast.Subscript(value=ast.Attribute(attr="iloc"), slice=ast.Name() | ast.BinOp() as place) as whole:
                at = strip(self.ev(place, env))
                if not isinstance(at, Pos) or not isinstance(index, Const):
                    return None
                row = read_subscript(_WithoutMutation(self.site), self.header, whole, at)
                return read_item(row, node, index) if isinstance(row, Row) else None
        return None

    def _compare(
        self, node: ast.Compare, left: ast.expr, ops: list[ast.cmpop], comparators: list[ast.expr], env: dict[str, Expr]
    ) -> Expr:
        parts = [self._row_free(self.ev(x, env), node) for x in (left, comparators[0])]
        if len(ops) > 1:
            self.trace.append(atom(node))
            parts += self._shorted(comparators[1:], env, node)  # evaluated where all before it holds
        tests: list[Expr] = [Op(COMPARE[type(op)], (parts[k], parts[k + 1]), node) for k, op in enumerate(ops)]
        return tests[0] if len(tests) == 1 else Op("and", tuple(tests), node, keywords=("chain",))

    def _call(self, node: ast.Call, env: dict[str, Expr]) -> Expr:
        if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
            return self._raw(node, env)
        path = self.site.dotted(node.func)
        names = tuple(k.arg or "" for k in node.keywords)
        if path in (
            "builtins.locals",
            "builtins.vars",
            "builtins.globals",
            "builtins.super",
            "builtins.dir",
            "builtins.exec",
            "builtins.eval",
        ):
            raise Refused(Reason.SCOPE, node, f"`{path.split('.')[1]}()` depends on the frame it is called in")
        if path == "builtins.dict" and node.keywords and not node.args:  # `dict(a=x)` is another spelling
            values = [self._row_free(self.ev(k.value, env), node) for k in node.keywords]
            keys = [Const(k, ast.Constant(k)) for k in names]
            return Op("dict", tuple(x for pair in zip(keys, values, strict=True) for x in pair), node)
        if path in ("builtins.next", "builtins.iter"):
            raise Refused(Reason.MUTATES_INPUT, node, "an iterator is advanced in the body")
        if path is not None and is_pure_call(self.site, node):
            arguments = [*node.args, *(k.value for k in node.keywords)]
            if any(isinstance(a, (ast.GeneratorExp, ast.Lambda)) for a in arguments):
                return self._raw(node, env)
            return Op(f"call:{path}", tuple(self._row_free(self.ev(a, env), node) for a in arguments), node, names)
        inlined = self._inline(node, env)
        if inlined is not None:
            return inlined
        if isinstance(node.func, ast.Attribute) and path is None:
            mark = self._mark()
            receiver = unless_row(self.ev(node.func.value, env))
            if isinstance(receiver, Row):
                if node.func.attr == "get":
                    raise Refused(Reason.ROW_ESCAPES, node, "row.get() is not lifted yet")
                raise Refused(Reason.ROW_ESCAPES, node, f"`.{node.func.attr}()` works on the row itself")
            if is_pure_call(self.site, node):
                arguments = [*node.args, *(k.value for k in node.keywords)]
                if not any(isinstance(a, (ast.GeneratorExp, ast.Lambda)) for a in arguments):
                    return Op(
                        f"method:{node.func.attr}",
                        (receiver, *(self._row_free(self.ev(a, env), node) for a in arguments)),
                        node,
                        names,
                    )
            if (
                node.func.attr in MUTATING_METHODS
                and self.helper_locals is None
                and node.func.attr not in ("pop", "get")
            ):
                raise Refused(Reason.SIDE_EFFECT, node, f"`.{node.func.attr}()` changes an object inside an expression")
            self._undo(mark)  # the call is carried along as a whole, its receiver with it
        return self._raw(node, env)

    def _inline(self, node: ast.Call, env: dict[str, Expr]) -> Expr | None:
        """The value of a call that is executed here instead, None if it can't be."""
        return None

    def _raw(self, node: ast.expr, env: dict[str, Expr], whole: bool = False) -> Expr:
        """Carry syntax along, with the local names in it as holes; `whole`: without a look at the reads in it."""
        holes: dict[str, Expr] = {}
        changed: dict[str, Refused] = {}
        own = {n for c in walk(node) if isinstance(c, ast.comprehension) for n in bound_names(c.target)}
        if own & (set(env) | self.site.assigned):
            raise Refused(Reason.UNSUPPORTED_SYNTAX, node, "a comprehension in the body reuses a name of the loop")
        for n in walk(node):
            match n:
                case ast.Yield() | ast.YieldFrom() | ast.Await():
                    raise Refused(Reason.SCOPE, node, "the body yields or awaits")
                case ast.NamedExpr():
                    raise Refused(Reason.UNSUPPORTED_SYNTAX, node, "the body binds a name with :=")
                case ast.Lambda() if self._variant_names(n, env):
                    raise Refused(Reason.SCOPE, n, "a lambda made in the body keeps a variable of the loop")
                case ast.Call(
                    func=ast.Name(
                        id="locals" | "vars" | "globals" | "super" | "dir" | "exec" | "eval" | "next" | "iter" as name
                    )
                ):
                    raise Refused(Reason.SCOPE, node, f"`{name}()` depends on the frame it is called in")
                case ast.Name(id=name) if name not in own and name not in holes and name not in changed:
                    try:
                        value = self._name(name, n, env)
                    except Refused as e:
                        changed[name] = e.with_traceback(None)  # a cell of another column may be read
                        continue
                    if not isinstance(value, Inv) or value.code != name:  # a parameter stands for its argument
                        holes[name] = value
        if not whole and isinstance(
            node,
            (
                ast.JoinedStr,
                ast.FormattedValue,
                ast.Dict,
                ast.Call,
                ast.Subscript,
                ast.Slice,
                ast.Starred,
                ast.ListComp,
                ast.SetComp,
                ast.DictComp,
                ast.GeneratorExp,
                ast.Tuple,
                ast.List,
                ast.Lambda,
                ast.Set,
            ),
        ):
            holes, node = self._lift_rows(node, holes, env)
        if changed and (met := changed.keys() & names_in(node)):
            raise changed.pop(min(met))  # kept, it would hold the frame that holds it
        unknown = [n for n in walk(node) if isinstance(n, ast.Call) and not self._pure_call(n)]
        if unknown:
            line = getattr(node, "lineno", self.site.loop.lineno)
            self.unknown.setdefault(line, " ".join(ast.unparse(unknown[-1].func).split())[:60])
        return Raw(node, ast.unparse(node), tuple(holes.items()), bool(unknown))

    def _lift_rows(
        self, node: ast.expr, holes: dict[str, Expr], env: dict[str, Expr]
    ) -> tuple[dict[str, Expr], ast.expr]:
        """Turn `row["c"]` and `x.iloc[i]` inside carried syntax into holes of their own."""
        mark = self._mark()
        lifter = _Lifter(self, env)
        clone = lifter.visit(copied(node))
        self._undo(mark)
        left = {n.id for n in walk(clone) if isinstance(n, ast.Name)}
        kept = {n: v for n, v in holes.items() if n in left}
        for name, value in kept.items():
            if isinstance(strip(value), Row) or is_pair(value):
                raise Refused(Reason.ROW_ESCAPES, node, f"the row `{name}` itself is passed on")
        return {**kept, **lifter.found}, clone


class _Lifter(ast.NodeTransformer):
    """Puts holes in the place of the reads of a row or an element, and remembers what each stands for."""

    def __init__(self, lifting: Expressions, env: dict[str, Expr]) -> None:
        self.lifting, self.env = lifting, env
        self.found: dict[str, Expr] = {}

    def visit_Subscript(self, n: ast.Subscript) -> ast.expr:
        return self._try(n)

    def visit_Attribute(self, n: ast.Attribute) -> ast.expr:
        return self._try(n)

    def _try(self, n: ast.Subscript | ast.Attribute) -> ast.expr:
        if isinstance(n.ctx, ast.Load) and not (isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Slice)):
            value = self.lifting.ev(n, self.env) if self.lifting._variant_names(n, self.env) else None
            if isinstance(value, (Read, Label)):
                hole = f"__read_{len(self.found)}"
                self.found[hole] = value
                return ast.copy_location(ast.Name(hole, ast.Load()), n)
        self.generic_visit(n)
        return n


class _WithoutMutation(SiteContext):
    """The site as if nothing were stored: to see what a read of a changing frame reads."""

    def __init__(self, site: SiteContext) -> None:
        super().__init__(site.file, site.loop, site.scope, site.assigned, set())


def _computes(node: ast.expr) -> bool:
    """Whether an expression computes with a name: text minus a number raises, and so does what it is compared with."""
    operations = (ast.BinOp, ast.UnaryOp, ast.Compare)
    return isinstance(node, operations) and any(isinstance(n, ast.Name) for n in walk(node))
