"""Symbolic execution of a loop body: statements to effects, expressions to `Expr`."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field, replace

from .access import read_attribute, read_item, read_subscript
from .context import Refused, SiteContext, root_name
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
    Raw,
    Read,
    Row,
    StoreCell,
    StoreItem,
    Undefined,
    strip,
)
from .purity import MUTATING_METHODS, OUTPUT_BUILTINS, OUTPUT_METHODS, OUTPUT_ROOTS, PURE_METHODS, is_pure
from .remarks import Reason
from .scopes import bound_names, loaded_names, names_in
from .trace import atom, silent

BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
}
COMPARE = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
UNARY = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert", ast.Not: "not"}
MAX_DEPTH = 4
MAX_PATHS = 256
MAX_SIZE = 5000


@dataclass
class Outcome:
    """Where one path of statements ends: the environment, the effects, and what a helper returned."""

    env: dict[str, Expr]
    effects: list[Effect] = field(default_factory=list)
    returned: Expr | None = None


class Body:
    """Executes statements of one loop (or of one inlined helper)."""

    def __init__(self, site: SiteContext, header: Header, depth: int = 0) -> None:
        self.site = site
        self.header = header
        self.depth = depth
        self.paths = 0
        self.helper_locals: set[str] | None = None  # set while a helper is executed
        self.trace: list[Event] = []
        self.outer = site  # where the loop itself stands
        self.sizes: dict[int, tuple[Expr, int]] = {}  # of the temporaries; holding on to them keeps their ids apart

    # ------------------------------------------------------------------ statements

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
        leaves = any(isinstance(n, jumps) for s in (*body, *orelse) for n in ast.walk(s))
        if leaves:
            a, one = self._aside([*body, *([] if _ends(body, jumps) else rest)], out.env)
            b, other = self._aside([*orelse, *([] if _ends(orelse, jumps) else rest)], out.env)
            self.trace.append(("if", tuple(one), tuple(other)))
            joined = self._merge(cond, a, b)
            return Outcome(joined.env, [*out.effects, *joined.effects], joined.returned)
        a, one = self._aside(body, out.env)
        b, other = self._aside(orelse, out.env)
        self.trace.append(("if", tuple(one), tuple(other)))
        joined = self._merge(cond, a, b)
        after = self.run(rest, joined.env)
        return Outcome(after.env, [*out.effects, *joined.effects, *after.effects], after.returned)

    def _aside(self, stmts: list[ast.stmt], env: dict[str, Expr]) -> tuple[Outcome, list[Event]]:
        """Execute one branch, its events kept apart."""
        kept, self.trace = self.trace, []
        try:
            outcome = self.run(stmts, dict(env))
            return outcome, self.trace
        finally:
            self.trace = kept

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
            case ast.Assign(targets=targets, value=value):
                result = self.ev(value, out.env)
                for target in targets:
                    self._assign(target, result, out, stmt)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self._assign(target, self.ev(value, out.env), out, stmt)
            case ast.AugAssign(target=target, op=op, value=value):
                self._augmented(target, BINARY[type(op)], value, out, stmt)
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
                raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "the body has a loop of its own")
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
                if isinstance(strip(value), Row):
                    out.env[name] = strip(value)
                else:
                    out.env[name] = self._named(name, strip(value), stmt)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                if any(isinstance(t, ast.Starred) for t in elts):
                    raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "starred unpacking in the body")
                parts = unpack(value, len(elts), stmt)
                for t, part in zip(elts, parts, strict=True):
                    self._assign(t, part, out, stmt)
            case ast.Subscript():
                out.effects.append(self._store(target, value, out.env, stmt, ""))
            case _:
                raise Refused(Reason.SIDE_EFFECT, stmt, f"the body changes `{ast.unparse(target)}`")

    def _augmented(self, target: ast.expr, op: str, value: ast.expr, out: Outcome, stmt: ast.stmt) -> None:
        right = self.ev(value, out.env)
        match target:
            case ast.Name(id=name):
                left = out.env.get(name, Carried(name))
                inplace = () if _surely_new(left) else ("inplace",)
                out.env[name] = self._named(name, Op(op, (left, right), stmt, inplace), stmt)
                self.trace.append(atom(stmt))
            case ast.Subscript():
                out.effects.append(self._store(target, right, out.env, stmt, op))
            case _:
                raise Refused(Reason.SIDE_EFFECT, stmt, f"the body changes `{ast.unparse(target)}`")

    def _store(self, target: ast.Subscript, value: Expr, env: dict[str, Expr], stmt: ast.stmt, op: str) -> Effect:
        if self.helper_locals is not None:
            raise Refused(Reason.SIDE_EFFECT, stmt, "the helper stores into an object")
        base, line = target.value, stmt.lineno
        if names_in(base) & self.site.assigned:
            raise Refused(
                Reason.SIDE_EFFECT,
                stmt,
                f"the body stores into `{ast.unparse(base)}`, which changes from round to round",
            )
        index = self.ev(target.slice, env)
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

    def _reject_augmented(self, stmt: ast.stmt) -> Effect:
        raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "augmented store into a frame")

    def _call_statement(self, call: ast.Call, out: Outcome) -> None:
        func = call.func
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
        raise Refused(Reason.UNKNOWN_CALL, call, f"`{ast.unparse(func)}` is called for what it does")

    # ------------------------------------------------------------------ expressions

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
        if (isinstance(value, Op) and value.node is node and not silent(value)) or isinstance(value, Raw):
            self.trace.append(atom(value.node if isinstance(value, Raw) else node))
        return value

    def _ev_aside(self, node: ast.expr, env: dict[str, Expr]) -> tuple[Expr, list[Event]]:
        kept, self.trace = self.trace, []
        try:
            value = self.ev(node, env)
            return value, self.trace
        finally:
            self.trace = kept

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
                base = _unless_row(self.ev(value, env))
                return read_attribute(base, node) if isinstance(base, Row) else Op(f"attr:{attr}", (base,), node)
            case ast.Subscript():
                return self._subscript(node, env)
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self.ev(left, env), self.ev(right, env)
                return _offset(a, b, BINARY[type(op)]) or Op(
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
        for n in ast.walk(node):
            if isinstance(n, ast.Call) and not self._pure_call(n):
                return False
            if isinstance(n, (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)):
                return False
        return True

    def _variant_names(self, node: ast.AST, env: dict[str, Expr]) -> set[str]:
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        if self.helper_locals is not None:
            return names & (set(env) | self.helper_locals)
        return (
            (names & self.site.assigned)
            | (names & self.site.mutated)
            | {n for n in names & set(env) if not isinstance(env[n], Inv)}
        )

    def _pure_call(self, node: ast.Call) -> bool:
        path = self.site.dotted(node.func)
        if path is not None:
            return is_pure(path)
        return isinstance(node.func, ast.Attribute) and node.func.attr in PURE_METHODS

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
        if isinstance(strip(e), Row):
            raise Refused(Reason.ROW_ESCAPES, node, "the row itself is used, not only its columns")
        return e

    def _subscript(self, node: ast.Subscript, env: dict[str, Expr]) -> Expr:
        value = node.value
        root = root_name(value)
        if isinstance(node.slice, ast.Slice):
            return self._raw(node, env)
        index = self.ev(node.slice, env)
        if root is None or root not in env or not isinstance(env[root], Row):
            if self.helper_locals is None and root in self.site.mutated:
                return self._own_output(node, value, strip(index))
            read = read_subscript(self.site, self.header, node, strip(index)) if self.helper_locals is None else None
            if read is not None:
                return read
        base = _unless_row(self.ev(value, env))
        if isinstance(base, Row):
            return read_item(base, node, index)
        return Op("item", (base, self._row_free(index, node)), node)

    def _own_output(self, node: ast.Subscript, value: ast.expr, index: Expr) -> Expr:
        """A read of something the body stores into: fine when it is another column of the frame."""
        read = read_subscript(_WithoutMutation(self.site), self.header, node, index)
        stored = stored_columns(self.site.loop, root_name(value) or "")
        if isinstance(read, Read) and read.source.column is not None and stored is not None:
            column = strip(read.source.column)
            if isinstance(column, Const) and column.value not in stored:
                return read
        raise Refused(
            Reason.READS_OWN_OUTPUT, node, f"`{ast.unparse(node)}` is read while the loop changes `{root_name(value)}`"
        )

    def _compare(
        self, node: ast.Compare, left: ast.expr, ops: list[ast.cmpop], comparators: list[ast.expr], env: dict[str, Expr]
    ) -> Expr:
        parts = [self._row_free(self.ev(x, env), node) for x in (left, *comparators)]
        if len(ops) > 1:
            self.trace.append(atom(node))
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
        if path in ("builtins.next", "builtins.iter"):
            raise Refused(Reason.MUTATES_INPUT, node, "an iterator is advanced in the body")
        if path is not None and is_pure(path):
            arguments = [*node.args, *(k.value for k in node.keywords)]
            if any(isinstance(a, (ast.GeneratorExp, ast.Lambda)) for a in arguments):
                return self._raw(node, env)
            return Op(f"call:{path}", tuple(self._row_free(self.ev(a, env), node) for a in arguments), node, names)
        inlined = self._inline(node, env)
        if inlined is not None:
            return inlined
        if isinstance(node.func, ast.Attribute) and path is None:
            receiver = _unless_row(self.ev(node.func.value, env))
            if isinstance(receiver, Row):
                if node.func.attr == "get":
                    raise Refused(Reason.ROW_ESCAPES, node, "row.get() is not lifted yet")
                raise Refused(Reason.ROW_ESCAPES, node, f"`.{node.func.attr}()` works on the row itself")
            if node.func.attr in PURE_METHODS:
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
        return self._raw(node, env)

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
        mark = len(self.trace)
        try:
            inner = Body(helper.site, self.header, self.depth + 1)
            inner.helper_locals = helper.local_names
            inner.outer = self.outer
            start: dict[str, Expr] = {}
            for name, (argument, from_caller) in binding.items():
                value = (
                    self._row_free(self.ev(argument, env), node)
                    if from_caller
                    else Inv(ast.unparse(argument), argument)
                )
                start[name] = (
                    value
                    if isinstance(strip(value), (Const, Inv, Read)) or isinstance(value, Named)
                    else Named(name, value)
                )
            result = inner.run(helper.body, start)
        except Refused:
            del self.trace[mark:]
            return None
        if (
            result.effects
            or result.returned is None
            or any(isinstance(x, (Undefined, Row)) for x in result.returned.walk())
        ):
            del self.trace[mark:]
            return None
        self.trace += inner.trace
        return result.returned

    def _sees_changes(self, helper: Helper) -> bool:
        """Whether a helper reads a name of the module that the loop binds or stores into."""
        site = self.outer
        changed = (site.assigned | site.mutated) & (loaded_names(helper.function) - helper.local_names)
        owners = [site.file.scopes.owner(name, site.scope) for name in changed]
        return helper.site.file is site.file and any(o is None or o.parent is None for o in owners)

    def _raw(self, node: ast.expr, env: dict[str, Expr]) -> Expr:
        """Carry syntax along, with the local names in it as holes."""
        holes: dict[str, Expr] = {}
        own = {n for c in ast.walk(node) if isinstance(c, ast.comprehension) for n in bound_names(c.target)}
        if own & (set(env) | self.site.assigned):
            raise Refused(Reason.UNSUPPORTED_SYNTAX, node, "a comprehension in the body reuses a name of the loop")
        for n in ast.walk(node):
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
                case ast.Name(id=name) if name not in own and name not in holes:
                    value = self._name(name, n, env)
                    if not isinstance(value, Inv):
                        holes[name] = value
        if isinstance(
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
        opaque = any(isinstance(n, ast.Call) and not self._pure_call(n) for n in ast.walk(node))
        return Raw(node, ast.unparse(node), tuple(holes.items()), opaque)

    def _lift_rows(
        self, node: ast.expr, holes: dict[str, Expr], env: dict[str, Expr]
    ) -> tuple[dict[str, Expr], ast.expr]:
        """Turn `row["c"]` and `x.iloc[i]` inside carried syntax into holes of their own."""
        found: dict[str, Expr] = {}
        outer = self

        class Lifter(ast.NodeTransformer):
            def visit_Subscript(self, n: ast.Subscript) -> ast.expr:
                return self._try(n)

            def visit_Attribute(self, n: ast.Attribute) -> ast.expr:
                return self._try(n)

            def _try(self, n: ast.Subscript | ast.Attribute) -> ast.expr:
                if isinstance(n.ctx, ast.Load) and not (
                    isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Slice)
                ):
                    value = outer.ev(n, env) if outer._variant_names(n, env) else None
                    if isinstance(value, (Read, Label)):
                        hole = f"__read_{len(found)}"
                        found[hole] = value
                        return ast.copy_location(ast.Name(hole, ast.Load()), n)
                self.generic_visit(n)
                return n

        mark = len(self.trace)
        clone = Lifter().visit(copy.deepcopy(node))
        del self.trace[mark:]
        left = {n.id for n in ast.walk(clone) if isinstance(n, ast.Name)}
        kept = {n: v for n, v in holes.items() if n in left}
        for name, value in kept.items():
            if isinstance(strip(value), Row):
                raise Refused(Reason.ROW_ESCAPES, node, f"the row `{name}` itself is passed on")
        return {**kept, **found}, clone


class _WithoutMutation(SiteContext):
    """The site as if nothing were stored: to see what a read of a changing frame reads."""

    def __init__(self, site: SiteContext) -> None:
        super().__init__(site.file, site.loop, site.scope, site.assigned, set())


def stored_columns(loop: ast.AST, frame: str) -> set[str] | None:
    """Columns of a frame that the body stores into cell by cell; None when that can't be told."""
    found: set[str] = set()
    for node in ast.walk(loop):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and root_name(node) == frame:
            match node:
                case ast.Subscript(
                    value=ast.Attribute(value=ast.Name(), attr="at" | "loc"),
                    slice=ast.Tuple(elts=[_, ast.Constant(value=str(column))]),
                ):
                    found.add(column)
                case _:
                    return None
    return found


def is_output(site: SiteContext, call: ast.Call) -> bool:
    """Printing, plotting, logging, writing."""
    path = site.dotted(call.func) or ""
    if path.startswith("builtins."):
        return path.removeprefix("builtins.") in OUTPUT_BUILTINS
    root = path.split(".")[0] if path else (root_name(call.func) or "")
    if root in OUTPUT_ROOTS and not is_pure(path):
        return True
    return isinstance(call.func, ast.Attribute) and call.func.attr in OUTPUT_METHODS


def _surely_new(e: Expr) -> bool:
    """A value that `+=` can't change in place: a number or text, or the fresh result of an operation."""
    inner = strip(e)
    match inner:
        case Const() | Carried() | Pos():
            return True
        case Op(name=op):
            return op in BINARY.values() or op in UNARY.values() or op.startswith(("call:builtins.", "call:math."))
        case Raw(node=ast.JoinedStr()):
            return True
    return False


def _unless_row(e: Expr) -> Expr:
    """A row without its names; anything else as it is."""
    inner = strip(e)
    return inner if isinstance(inner, Row) else e


def _ends(stmts: list[ast.stmt], jumps: tuple[type, ...]) -> bool:
    return bool(stmts) and isinstance(stmts[-1], jumps)


def _offset(a: Expr, b: Expr, op: str) -> Expr | None:
    match strip(a), strip(b), op:
        case Pos(offset=k), Const(value=int(c)), "+" if not isinstance(strip(b).value, bool):  # type: ignore[attr-defined]
            return Pos(k + c)
        case Pos(offset=k), Const(value=int(c)), "-" if not isinstance(strip(b).value, bool):  # type: ignore[attr-defined]
            return Pos(k - c)
        case Const(value=int(c)), Pos(offset=k), "+":
            return Pos(k + c)
    return None


def choose(cond: Expr, a: Expr, b: Expr, node: ast.AST | None = None) -> Expr:
    """`a if cond else b`, distributed over tuples of one length."""
    if a == b:
        return a
    x, y = _tuple_parts(a), _tuple_parts(b)
    if x is not None and y is not None and len(x) == len(y):
        inner = strip(a)
        shown = inner.node if isinstance(inner, Op | Inv) else node
        return Op("tuple", tuple(choose(cond, p, q) for p, q in zip(x, y, strict=True)), shown)
    return Op("if", (cond, a, b), node)


def _tuple_parts(e: Expr) -> tuple[Expr, ...] | None:
    """The parts of a tuple display, also of one that is the same in every round, as in `return 0.5, 0.0`."""
    match strip(e):
        case Op(name="tuple", args=args):
            return args
        case Inv(node=ast.Tuple(elts=elts)) if not any(isinstance(x, ast.Starred) for x in elts):
            return tuple(Const(x.value, x) if isinstance(x, ast.Constant) else Inv(ast.unparse(x), x) for x in elts)
    return None


def unpack(value: Expr, n: int, stmt: ast.stmt) -> list[Expr]:
    """The parts of an unpacked value."""
    inner = strip(value)
    parts = inner.args if isinstance(inner, Op) and inner.name == "list" else _tuple_parts(inner)
    if parts is not None and len(parts) == n:
        return list(parts)
    raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "a value of unknown length is unpacked")


def merge_effects(cond: Expr, a: list[Effect], b: list[Effect]) -> list[Effect]:
    """The effects of both branches: pairwise the same becomes one with a conditional value, the rest gets a guard."""
    from .ir import Op as _Op

    out: list[Effect] = []
    keys = [_effect_key(e) for e in a] == [_effect_key(e) for e in b]
    if keys and all(x.guard is None and y.guard is None for x, y in zip(a, b, strict=True)):
        return [
            x if x.value == y.value else replace(x, value=choose(cond, x.value, y.value))
            for x, y in zip(a, b, strict=True)
        ]
    for e in a:
        out.append(replace(e, guard=cond if e.guard is None else _Op("and", (cond, e.guard))))
    negated = Op("not", (cond,))
    for e in b:
        out.append(replace(e, guard=negated if e.guard is None else _Op("and", (negated, e.guard))))
    return out


def _effect_key(e: Effect) -> tuple[object, ...]:
    return (
        type(e),
        e.target,
        getattr(e, "index", None),
        getattr(e, "row", None),
        getattr(e, "column", None),
        getattr(e, "augmented", None),
    )


__all__ = ["Body", "Pos", "choose", "is_output", "merge_effects", "stored_columns"]
