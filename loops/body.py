"""Symbolic execution of a loop body: statements to effects, calls to small helpers included."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .combine import BINARY, UNPACKED, choose, merge_effects, surely_new, unpack
from .context import Refused, SiteContext, root_name
from .expressions import Expressions
from .facts import column_at, is_output
from .header_rows import inv
from .inline import Helper, find_helper
from .ir import (
    Access,
    Add,
    Append,
    Carried,
    Const,
    Effect,
    Event,
    Expr,
    Extend,
    Header,
    Inv,
    Label,
    Named,
    Op,
    Pos,
    Read,
    Row,
    StoreCell,
    StoreItem,
    Undefined,
    strip,
)
from .literals import PLAIN, looked_up
from .names import loaded_names, names_in
from .remarks import Reason
from .trace import add_branch, atom
from .walk import walk

MAX_DEPTH = 4
MAX_PATHS = 256
MAX_SIZE = 5000


@dataclass
class Outcome:
    """Where one path of statements ends: the environment, the effects, and what a helper returned."""

    env: dict[str, Expr]
    effects: list[Effect] = field(default_factory=list)
    returned: Expr | None = None


class Body(Expressions):
    """Executes statements of one loop (or of one inlined helper)."""

    def __init__(self, site: SiteContext, header: Header, depth: int = 0) -> None:
        super().__init__(site, header)
        self.depth = depth
        self.paths = 0
        self.stored_aside: set[str] = set()  # roots of what branches have stored into
        self.outer = site  # where the loop itself stands
        self.blocked: Refused | None = None  # why the last helper that got a row was not executed
        self.overwritten: list[Expr] = []  # values of temporaries that are bound again
        self.sizes: dict[int, tuple[Expr, int]] = {}  # of the temporaries; holding on to them keeps their ids apart

    def run(self, stmts: list[ast.stmt], env: dict[str, Expr]) -> Outcome:
        """Execute a block to its end."""
        out = Outcome(env)
        for k, stmt in enumerate(stmts):
            match stmt:
                case ast.Continue():
                    return out
                case ast.Return(value=value) if self.helper_locals is not None:
                    out.returned = Const(None, ast.Constant(None)) if value is None else self.ev(value, out.env)
                    return out
                case ast.If(test=test, body=body, orelse=orelse):
                    rest = stmts[k + 1 :]
                    return self._branch(stmt, test, body, orelse, rest, out)
                case _:
                    self._simple(stmt, out)
        return out

    def _branch(
        self,
        stmt: ast.If,
        test: ast.expr,
        body: list[ast.stmt],
        orelse: list[ast.stmt],
        rest: list[ast.stmt],
        out: Outcome,
    ) -> Outcome:
        self.paths += 1
        if self.paths > MAX_PATHS:
            raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "too many paths through the body")
        cond = self.ev(test, out.env)
        jumps = (ast.Continue, ast.Return) if self.helper_locals is not None else (ast.Continue,)
        leaves = any(isinstance(n, jumps) for s in (*body, *orelse) for n in walk(s))
        if leaves:
            a, one = self._aside([*body, *([] if _ends(body, jumps) else rest)], out.env)
            b, other = self._aside([*orelse, *([] if _ends(orelse, jumps) else rest)], out.env)
            self.stored |= self.stored_aside
            add_branch(self.trace, cond, test, one, other)
            joined = self._merge(cond, a, b)
            return Outcome(joined.env, [*out.effects, *joined.effects], joined.returned)
        a, one = self._aside(body, out.env)
        b, other = self._aside(orelse, out.env)
        self.stored |= self.stored_aside
        add_branch(self.trace, cond, test, one, other)
        joined = self._merge(cond, a, b)
        after = self.run(rest, joined.env)
        return Outcome(after.env, [*out.effects, *joined.effects, *after.effects], after.returned)

    def _aside(self, stmts: list[ast.stmt], env: dict[str, Expr]) -> tuple[Outcome, list[Event]]:
        """Execute one branch, its events kept apart."""
        kept, self.trace = self.trace, []
        stored = set(self.stored)
        self.aside += 1
        try:
            outcome = self.run(stmts, dict(env))
            return outcome, self.trace
        finally:
            self.trace = kept
            self.aside -= 1
            self.stored_aside |= self.stored
            self.stored = stored

    def _merge(self, cond: Expr, a: Outcome, b: Outcome) -> Outcome:
        env: dict[str, Expr] = {}
        for name in [*a.env, *(n for n in b.env if n not in a.env)]:
            x, y = a.env.get(name), b.env.get(name)
            if x is y or (x is not None and x == y):
                env[name] = x if x is not None else Undefined(name)
                continue
            x, y = x if x is not None else self._before(name), y if y is not None else self._before(name)
            env[name] = self._named(name, choose(cond, x, y), getattr(strip(cond), "node", None))
        returned = None
        if a.returned is not None or b.returned is not None:
            none = Const(None, ast.Constant(None))
            returned = choose(cond, a.returned or none, b.returned or none)
        return Outcome(env, merge_effects(cond, a.effects, b.effects), returned)

    def _named(self, name: str, value: Expr, node: ast.AST | None) -> Named:
        """A temporary; one that holds itself twice doubles on every line."""
        if self._size(value) > MAX_SIZE:
            raise Refused(Reason.UNSUPPORTED_SYNTAX, node or self.site.loop, f"`{name}` is computed in too many steps")
        return Named(name, value)

    def _size(self, e: Expr) -> int:
        """How many expressions there are in one, each as often as it occurs."""
        if id(e) not in self.sizes:
            self.sizes[id(e)] = (e, 1 + sum(self._size(child) for child in e.children()))
        return self.sizes[id(e)][1]

    def _before(self, name: str) -> Expr:
        """What a name holds when this round has not bound it."""
        return Undefined(name) if self.helper_locals is not None else Carried(name)

    def _simple(self, stmt: ast.stmt, out: Outcome) -> None:
        match stmt:
            case ast.Pass():
                return
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(names) == len(
                values
            ) and all(isinstance(n, ast.Name) for n in names):  # also rows, which have no place in a tuple
                for name, result in zip(names, [self.ev(v, out.env) for v in values], strict=True):
                    self._assign(name, result, out, stmt)
            case ast.Assign(targets=targets, value=value):
                result = self.ev(value, out.env)
                for target in targets:
                    self._assign(target, result, out, stmt)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self._assign(target, self.ev(value, out.env), out, stmt)
            case ast.AugAssign(target=target, op=op, value=value):
                self._augmented(target, BINARY[type(op)], value, out, stmt)
            case ast.Expr(value=ast.Constant(value=str(text))) if text.strip() and self.helper_locals is None:
                message = "a text stands in the body as a note, and would be lost: make it a comment"
                raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, message)
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Expr(value=ast.Call() as call):
                self._call_statement(call, out)
            case ast.Break() | ast.Return():
                raise Refused(
                    Reason.EARLY_EXIT,
                    stmt,
                    f"`{'break' if isinstance(stmt, ast.Break) else 'return'}` ends the loop early",
                )
            case ast.Try() | ast.Raise() | ast.Assert() | ast.TryStar():
                raise Refused(Reason.EXCEPTION_HANDLING, stmt, "the body raises or handles exceptions")
            case ast.For() | ast.While() | ast.AsyncFor():
                hint = "put the inner loop into a function that returns its result, or vectorise it first"
                raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "the body has a loop of its own", hint)
            case ast.With() | ast.AsyncWith():
                raise Refused(Reason.SIDE_EFFECT, stmt, "the body opens a context")
            case ast.Delete() | ast.Global() | ast.Nonlocal() | ast.FunctionDef() | ast.ClassDef():
                raise Refused(Reason.SCOPE, stmt, "the body defines or deletes names in an unusual way")
            case _:
                raise Refused(
                    Reason.UNSUPPORTED_SYNTAX, stmt, f"`{ast.unparse(stmt).splitlines()[0][:40]}` is not understood"
                )

    def _assign(self, target: ast.expr, value: Expr, out: Outcome, stmt: ast.stmt) -> None:
        match target:
            case ast.Name(id=name):
                if name in out.env and out.env[name] is not self.header.binds.get(name):
                    self.overwritten.append(out.env[name])
                if isinstance(strip(value), Row):
                    out.env[name] = strip(value)
                else:
                    out.env[name] = self._named(name, strip(value), stmt)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                if any(isinstance(t, ast.Starred) for t in elts):
                    raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "starred unpacking in the body")
                parts = unpack(value, target, stmt, whole=self.helper_locals is None)
                if any(isinstance(part, Op) and part.name == UNPACKED and part.node is target for part in parts):
                    self.trace.append(atom(target))
                for t, part in zip(elts, parts, strict=True):
                    self._assign(t, part, out, stmt)
            case ast.Subscript():
                out.effects.append(self._store(target, value, out.env, stmt, ""))
                self.stored.add(root_name(target) or "")
            case _:
                raise Refused(Reason.SIDE_EFFECT, stmt, f"the body changes `{ast.unparse(target)}`")

    def _augmented(self, target: ast.expr, op: str, value: ast.expr, out: Outcome, stmt: ast.stmt) -> None:
        match target, value:
            case ast.Name(id=name) as grown, ast.List(elts=[element]) if (
                op == "+" and not isinstance(element, ast.Starred) and self._only_grows(grown)
            ):
                out.effects.append(Append(name, self.ev(element, out.env), None, stmt.lineno))
                return
            case ast.Name(id=name) as grown, ast.ListComp() if op == "+" and self._only_grows(grown):
                out.effects.append(Extend(name, self.ev(value, out.env), None, stmt.lineno))
                return
        right = self.ev(value, out.env)
        match target:
            case ast.Name(id=name):
                left = out.env.get(name, Carried(name))
                plain = surely_new(left) or looked_up(self.site, left) in PLAIN
                inplace = () if plain else ("inplace",)
                out.env[name] = self._named(name, Op(op, (left, right), stmt, inplace), stmt)
                self.trace.append(atom(stmt))
            case ast.Subscript():
                out.effects.append(self._store(target, right, out.env, stmt, op))
                self.stored.add(root_name(target) or "")
            case _:
                raise Refused(Reason.SIDE_EFFECT, stmt, f"the body changes `{ast.unparse(target)}`")

    def _only_grows(self, target: ast.Name) -> bool:
        """Whether all that the loop does to a list is `out += [...]`: it is the same list all along."""
        kind = self.site.kind(target)
        if self.helper_locals is not None or kind is None or kind.name != "list":
            return False
        parent = self.site.file.scopes.parent
        uses = (n for n in walk(self.site.loop) if isinstance(n, ast.Name) and n.id == target.id)
        return all(isinstance(up := parent[n], ast.AugAssign) and up.target is n for n in uses)

    def _store(self, target: ast.Subscript, value: Expr, env: dict[str, Expr], stmt: ast.stmt, op: str) -> Effect:
        if self.helper_locals is not None:
            raise Refused(Reason.SIDE_EFFECT, stmt, "the helper stores into an object")
        base, line = target.value, stmt.lineno
        if (taken := self._row_of_matrix(base)) is not None:
            place = Op("tuple", (self.ev(taken.slice, env), self.ev(target.slice, env)), target.slice)
            return StoreItem(ast.unparse(taken.value), value, None, line, place, op)
        if names_in(base) & self.site.assigned:
            raise Refused(
                Reason.SIDE_EFFECT,
                stmt,
                f"the body stores into `{ast.unparse(base)}`, which changes from round to round",
            )
        named = column_at(target)
        index = self._row_of(target, env) or self.ev(target.slice if named is None else _by_name(target, named), env)
        if isinstance(base, ast.Attribute) and base.attr in ("at", "loc", "iloc", "iat"):
            access = Access.ILOC if base.attr in ("iloc", "iat") else Access.LABEL
            if isinstance(base.value, ast.Subscript):
                raise Refused(
                    Reason.CHAINED_ASSIGNMENT,
                    stmt,
                    f"`{ast.unparse(target)} = ...` stores into a column taken out of the frame",
                )
            match index:
                case Op(name="tuple", args=(row, column)):
                    return (
                        StoreCell(ast.unparse(base.value), value, None, line, strip(row), strip(column), access)
                        if not op
                        else self._reject_augmented(stmt)
                    )
                case _:
                    return (
                        StoreCell(ast.unparse(base.value), value, None, line, strip(index), None, access)
                        if not op
                        else self._reject_augmented(stmt)
                    )
        if isinstance(base, ast.Subscript) and (kind := self.site.kind(base.value)) and kind.name == "frame":
            raise Refused(
                Reason.CHAINED_ASSIGNMENT,
                stmt,
                f"`{ast.unparse(target)} = ...` stores into a column taken out of the frame",
            )
        if isinstance(base, ast.Attribute) and (kind := self.site.kind(base.value)) and kind.name == "frame":
            raise Refused(
                Reason.CHAINED_ASSIGNMENT,
                stmt,
                f"`{ast.unparse(target)} = ...` stores into a column taken out of the frame",
            )
        return StoreItem(ast.unparse(base), value, None, line, strip(index), op)

    def _row_of_matrix(self, base: ast.expr) -> ast.Subscript | None:
        """`m[i]` of `m[i][j] = 1`, for an array of two dimensions and a row that changes from round to round."""
        match base:
            case ast.Subscript(value=ast.Name() as matrix, slice=at) if names_in(at) & self.site.assigned:
                kind = self.site.kind(matrix)
                known = kind is not None and kind.proven and (kind.name, kind.ndim) == ("ndarray", 2)
                several = isinstance(at, (ast.Slice, ast.Tuple)) or matrix.id in self.site.assigned
                return base if known and not several else None
        return None

    def _row_of(self, target: ast.Subscript, env: dict[str, Expr]) -> Expr | None:
        """The label of the row of the round and a column, for `df.loc[df.index[i], "c"]`."""
        match target:
            case ast.Subscript(
                value=ast.Attribute(value=frame, attr="loc" | "at"),
                slice=ast.Tuple(
                    elts=[
                        ast.Subscript(value=ast.Attribute(value=asked, attr="index"), slice=place),
                        ast.Constant() as column,
                    ]
                ),
            ) if ast.unparse(frame) == ast.unparse(asked):
                at = strip(self.ev(place, env))
                if isinstance(at, Pos) and at.offset == 0:
                    return Op("tuple", (Label(inv(frame)), self.ev(column, env)), target.slice)
        return None

    def _reject_augmented(self, stmt: ast.stmt) -> Effect:
        raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "augmented store into a frame")

    def _stores_pair(self, call: ast.Call, out: Outcome) -> bool:
        """`d.update({key: value})` of what surely is a dict, and no Counter, which would add."""
        match call:
            case ast.Call(
                func=ast.Attribute(value=owner, attr="update"),
                args=[ast.Dict(keys=[ast.expr() as key], values=[value])],
                keywords=[],
            ) if self.helper_locals is None and not names_in(owner) & self.site.assigned:
                kind = self.site.kind(owner)
                if kind is None or kind.name != "dict" or kind.why == "annotation":
                    return False
                at = strip(self.ev(key, out.env))
                out.effects.append(StoreItem(ast.unparse(owner), self.ev(value, out.env), None, call.lineno, at))
                return True
        return False

    def _call_statement(self, call: ast.Call, out: Outcome) -> None:
        func = call.func
        if self._stores_pair(call, out):
            return
        if isinstance(func, ast.Attribute):
            plain = (
                len(call.args) == 1
                and not call.keywords
                and not isinstance(call.args[0], (ast.Starred, ast.GeneratorExp))
            )
            effect = {"append": Append, "add": Add, "extend": Extend}.get(func.attr)
            if (
                effect is Extend
                and len(call.args) == 1
                and not call.keywords
                and not isinstance(call.args[0], ast.Starred)
            ):
                plain = True
            if effect and plain and self.helper_locals is None and not names_in(func.value) & self.site.assigned:
                out.effects.append(effect(ast.unparse(func.value), self.ev(call.args[0], out.env), None, call.lineno))
                return
            if effect and not plain:
                raise Refused(Reason.UNSUPPORTED_SYNTAX, call, f"`{ast.unparse(call)[:60]}` is no plain {func.attr}")
        if is_output(self.site, call):
            raise Refused(Reason.SIDE_EFFECT, call, f"`{ast.unparse(func)}` writes or shows something on every round")
        hint = "let it return a value and collect the values; what a call changes is not known here"
        raise Refused(Reason.UNKNOWN_CALL, call, f"`{ast.unparse(func)}` is called for what it does", hint)

    def _inline(self, node: ast.Call, env: dict[str, Expr]) -> Expr | None:
        """The value of a call to a small pure helper of the project, executed here; None if it can't be."""
        if self.depth >= MAX_DEPTH:
            return None
        helper = find_helper(self.site, node)
        if helper is None or self._sees_changes(helper):
            return None
        binding = helper.bind(node)
        if binding is None:
            return None
        mark = self._mark()
        inner = Body(helper.site, self.header, self.depth + 1)
        try:
            inner.helper_locals = helper.local_names
            inner.outer = self.outer
            start: dict[str, Expr] = {}
            for name, (argument, from_caller) in binding.items():
                value = self.ev(argument, env) if from_caller else Inv(ast.unparse(argument), argument)
                start[name] = (
                    value
                    if isinstance(strip(value), (Const, Inv, Read, Row)) or isinstance(value, Named)
                    else Named(name, value)
                )
            result = inner.run(helper.body, start)
        except Refused as e:
            self.blocked = inner.blocked or e.with_traceback(None)  # its frames would keep all of this alive
            self._undo(mark)
            return None
        if (
            result.effects
            or result.returned is None
            or any(isinstance(x, (Undefined, Row)) for x in result.returned.walk())
        ):
            self._undo(mark)
            return None
        self.trace += inner.trace
        for fetched, always in inner.fetched.items():
            self.fetch(fetched, always and not self.aside)
        self.unknown |= inner.unknown
        self.site.inlined = True
        return result.returned

    def _sees_changes(self, helper: Helper) -> bool:
        """Whether a helper reads a name of the module that the loop binds or stores into."""
        site = self.outer
        changed = (site.assigned | site.mutated) & (loaded_names(helper.function) - helper.local_names)
        owners = [site.file.scopes.owner(name, site.scope) for name in changed]
        return helper.site.file is site.file and any(o is None or o.parent is None for o in owners)


def _ends(stmts: list[ast.stmt], jumps: tuple[type, ...]) -> bool:
    return bool(stmts) and isinstance(stmts[-1], jumps)


def _by_name(target: ast.Subscript, column: str) -> ast.Tuple:
    """`i, "c"` for the `i, df.columns.get_loc("c")` of a store."""
    assert isinstance(target.slice, ast.Tuple)
    named = ast.copy_location(ast.Constant(column), target.slice.elts[1])
    return ast.copy_location(ast.Tuple([target.slice.elts[0], named], ast.Load()), target.slice)
