"""Expressions back to scalar code, for comprehensions: what the loop computed, in the order in which it computed it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...loops.combine import UNPACKED
from ...loops.ir import Access, Carried, Const, Expr, Inv, Label, Named, Op, Own, Pos, Raw, Read, Undefined, strip
from ...loops.remarks import Reason, Refusal
from ..hoists.reads import Hoist
from ..shared.build import attr, call, clone, name
from ..shared.operators import BINARY, COMPARE, FLIPPED, UNARY
from ..shared.syntax import evaluated_anew, short_enough, without_spelling
from .rows import as_written, written_item, written_label

#: Why names in an expression are not enough: a comprehension with a clause for each line of the body may still do.
NOT_CLEARER = "used several times: a comprehension would not be clearer"


class NotScalar(Exception):
    """The expression has no clear scalar form; carries the refusal, and the temporary that needs a name if one does."""

    def __init__(
        self, reason: Reason, line: int, message: str, unnamed: Named | None = None, together: bool = False
    ) -> None:
        self.refusal = Refusal(reason, line, message, unnamed=unnamed is not None, together=together)
        self.unnamed = unnamed
        super().__init__(message)


@dataclass
class ScalarCode:
    """Turns expressions into code inside a comprehension.

    A temporary that is used once is substituted; one that is used again is bound with := where it is first
    evaluated, if that is in a condition that is always evaluated.
    """

    hoist: Hoist | None
    row_name: str | None
    line: int
    counts: dict[int, int] = field(default_factory=dict)
    bound: dict[Expr, str] = field(default_factory=dict)
    in_condition: bool = False
    conditional: int = 0
    walrus: bool = False

    def count(self, *exprs: Expr) -> None:
        """Count uses of each temporary, to know which can be substituted."""
        for e in exprs:
            self._count(e)

    def _count(self, e: Expr) -> None:
        if isinstance(e, Named) and not trivial(e.value):
            key = hash(e)
            self.counts[key] = self.counts.get(key, 0) + 1
            if self.counts[key] > 1:
                return
        for child in e.children():
            self._count(child)

    def condition(self, e: Expr) -> ast.expr:
        """The syntax of a guard."""
        self.in_condition = True
        try:
            parts = self._conjuncts(e)
        finally:
            self.in_condition = False
        return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)

    def _conjuncts(self, e: Expr) -> list[ast.expr]:
        """The tests that have all been evaluated where a guard holds."""
        match e:
            case Op(name="and", args=args) if "chain" not in e.keywords:
                return [part for a in args for part in self._conjuncts(a)]
        test = self.test(e)
        return list(test.values) if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]

    def test(self, e: Expr) -> ast.expr:
        """The syntax of an expression of which only the truth matters: `not` may be pushed inwards."""
        inner = strip(e) if not isinstance(e, Named) else e
        match inner:
            case Op(name="not", args=(operand,)):
                return self._negated(operand)
            case Op(name="and" | "or") if "chain" not in inner.keywords:
                return self._bool(inner, tested=True)
        return self.code(e)

    def code(self, e: Expr) -> ast.expr:
        """The syntax of an expression."""
        match e:
            case Named(name=id_, value=value):
                return self._named(e, id_, value)
            case Const(node=node) | Inv(node=node):
                return clone(node)
            case Pos(offset=offset):
                if self.hoist is None:
                    raise NotScalar(Reason.UNSUPPORTED_SYNTAX, self.line, "the position is computed")
                return self.hoist.at(offset)
            case Label() as label:
                return self._label(label)
            case Read():
                return self._read(e)
            case Op():
                return self._op(e)
            case Raw(node=node, holes=holes):
                return self._raw(node, dict(holes))
            case Carried(name=id_):
                raise NotScalar(Reason.CARRIED_STATE, self.line, f"`{id_}` is carried from one round to the next")
            case Undefined(name=id_):
                raise NotScalar(Reason.CARRIED_STATE, self.line, f"`{id_}` is not bound on every path")
            case Own(read=read):
                raise NotScalar(Reason.READS_OWN_OUTPUT, self.line, f"`{read.source.code}` is read while it changes")
        raise NotScalar(Reason.ROW_ESCAPES, self.line, "the row itself is used")

    def _named(self, e: Named, id_: str, value: Expr) -> ast.expr:
        if trivial(value):
            return self.code(value)
        if e in self.bound:
            return name(self.bound[e])
        if self.counts.get(hash(e), 1) <= 1:
            return self.code(value)
        if not self.in_condition or self.conditional:
            raise NotScalar(
                Reason.NO_GAIN,
                self.line,
                f"`{id_}` is computed once and {NOT_CLEARER}",
                e,
            )
        inner = self.code(value)
        self.bound[e] = id_
        self.walrus = True
        return ast.NamedExpr(ast.Name(id_, ast.Store()), inner)

    def _label(self, label: Label) -> ast.expr:
        if self.hoist is not None and self.hoist.header.form.value in ("iterrows", "labels"):
            return self.hoist.label_read(label)
        if (found := written_label(self.hoist, self.row_name, label)) is not None:
            return found
        raise NotScalar(Reason.UNSUPPORTED_SYNTAX, self.line, "the label is used in an unusual way")

    def _read(self, read: Read) -> ast.expr:
        if read.name is not None:
            return name(read.name)
        if self.row_name is not None and (found := written_item(self.row_name, read)) is not None:
            return found
        if self.hoist is not None and self.hoist.can(read):
            return self.hoist.read(read)
        if read.access is Access.INDEX and self.hoist is not None:
            return ast.Subscript(clone(read.source.base.node), self.hoist.at(read.offset), ast.Load())
        if read.node is not None and self.hoist is not None and as_written(self.hoist, read.node):
            return clone(read.node)
        raise NotScalar(Reason.UNSUPPORTED_SYNTAX, self.line, f"`{read.source.code}` is read in an unusual way")

    def _op(self, e: Op) -> ast.expr:
        match e.name:
            case "if":
                return self._if(e)
            case "and" | "or":
                return self._bool(e)
            case "not":
                return self._not(e)
            case "tuple":
                out: ast.expr = ast.Tuple([self.code(a) for a in e.args], ast.Load())
            case "list":
                out = ast.List([self.code(a) for a in e.args], ast.Load())
            case "set":
                out = ast.Set([self.code(a) for a in e.args])
            case "dict":
                parts = [self.code(a) for a in e.args]
                out = ast.Dict(list(parts[::2]), parts[1::2])
            case "item":
                base, index = self.code(e.args[0]), self.code(e.args[1])
                out = ast.Subscript(base, index, ast.Load())
            case op if op == UNPACKED:
                message = "several names are bound by unpacking"
                raise NotScalar(Reason.NO_GAIN, e.line or self.line, message, together=True)
            case op if op in BINARY and "inplace" in e.keywords:
                message = "an augmented assignment may change an element of the input in place"
                raise NotScalar(Reason.MUTATES_INPUT, e.line or self.line, message)
            case op if op in BINARY:
                left, right = self.code(e.args[0]), self.code(e.args[1])
                out = ast.BinOp(left, BINARY[op](), right)
            case op if op in COMPARE:
                left, right = self.code(e.args[0]), self.code(e.args[1])
                out = ast.Compare(left, [COMPARE[op]()], [right])
            case op if op in UNARY:
                out = ast.UnaryOp(UNARY[op](), self.code(e.args[0]))
            case op if op.startswith("attr:"):
                out = attr(self.code(e.args[0]), op[5:])
            case op if op.startswith("method:"):
                out = self._call(attr(self.code(e.args[0]), op[7:]), e.args[1:], e.keywords)
            case op if op.startswith("call:"):
                func = e.node.func if isinstance(e.node, ast.Call) else None
                if func is None:
                    raise NotScalar(Reason.UNSUPPORTED_SYNTAX, self.line, f"{op} has no syntax")
                out = self._call(clone(func), e.args, e.keywords)
            case _:
                raise NotScalar(Reason.UNSUPPORTED_SYNTAX, self.line, f"`{e.name}` has no scalar form")
        return out

    def _call(self, func: ast.expr, args: tuple[Expr, ...], keywords: tuple[str, ...]) -> ast.expr:
        values = [self.code(a) for a in args]
        plain = values[: len(values) - len(keywords)]
        node = call(func, *plain)
        node.keywords = [ast.keyword(k, v) for k, v in zip(keywords, values[len(plain) :], strict=True)]
        return node

    def _if(self, e: Op) -> ast.expr:
        test = self.test(e.args[0])
        self.conditional += 1
        try:
            return ast.IfExp(test, self.code(e.args[1]), self.code(e.args[2]))
        finally:
            self.conditional -= 1

    def _bool(self, e: Op, tested: bool = False) -> ast.expr:
        if (
            "chain" in e.keywords
            and isinstance(e.node, ast.Compare)
            and all(isinstance(a, Op) and a.name in COMPARE for a in e.args)
        ):
            links = [a for a in e.args if isinstance(a, Op)]
            if all(len(a.args) == 2 for a in links):
                operands = (links[0].args[0], *(a.args[1] for a in links))
                parts = [self._where(k > 1, self.code, a) for k, a in enumerate(operands)]
                return ast.Compare(parts[0], [COMPARE[a.name]() for a in links], parts[1:])
        values = [self._where(k > 0, self.test if tested else self.code, a) for k, a in enumerate(e.args)]
        kind = ast.And if e.name == "and" else ast.Or
        flat = [x for v in values for x in (v.values if isinstance(v, ast.BoolOp) and isinstance(v.op, kind) else [v])]
        return ast.BoolOp(kind(), flat)

    def _where(self, skipped: bool, made: Callable[[Expr], ast.expr], e: Expr) -> ast.expr:
        """The syntax of an operand. `skipped`: it may not be evaluated."""
        self.conditional += skipped
        try:
            return made(e)
        finally:
            self.conditional -= skipped

    def _not(self, e: Op) -> ast.expr:
        return ast.UnaryOp(ast.Not(), self.code(e.args[0]))

    def _negated(self, operand: Expr) -> ast.expr:
        """`not operand` where only the truth matters."""
        inner = strip(operand)
        if isinstance(operand, Named) and not trivial(operand.value) and self.counts.get(hash(operand), 1) > 1:
            return ast.UnaryOp(ast.Not(), self.code(operand))
        if isinstance(inner, Op) and inner.name in FLIPPED:
            left, right = self.code(inner.args[0]), self.code(inner.args[1])
            return ast.Compare(left, [COMPARE[FLIPPED[inner.name]]()], [right])
        if isinstance(inner, Op) and inner.name == "not":
            return self.test(inner.args[0])
        # Beside a literal, == and != are each other's negation (Python derives the one from the other).
        if (
            isinstance(inner, Op)
            and inner.name in ("==", "!=")
            and any(isinstance(strip(a), Const) for a in inner.args)
        ):
            left, right = self.code(inner.args[0]), self.code(inner.args[1])
            return ast.Compare(left, [ast.NotEq() if inner.name == "==" else ast.Eq()], [right])
        return ast.UnaryOp(ast.Not(), self.code(operand))

    def _raw(self, node: ast.expr, holes: dict[str, Expr]) -> ast.expr:
        for id_, e in holes.items():
            if not trivial(e) and e not in self.bound and evaluated_anew(node, id_):
                message = f"`{id_}` would be computed again for each element of an inner comprehension"
                raise NotScalar(Reason.NO_GAIN, self.line, message, e if isinstance(e, Named) else None)
        filled = {id_: self.code(e) for id_, e in holes.items()}
        long = [id_ for id_, v in filled.items() if isinstance(node, ast.JoinedStr) and not short_enough(v)]
        if long:
            message = "the text is built in several steps: a comprehension would not be clearer"
            named = holes[long[0]]
            raise NotScalar(Reason.NO_GAIN, self.line, message, named if isinstance(named, Named) else None)
        plain = all(isinstance(v, ast.Name) and v.id == k for k, v in filled.items())
        out = clone(node)
        return out if plain else without_spelling(_Fill(filled).visit(out))


class _Fill(ast.NodeTransformer):
    """Puts code in the place of names that are read."""

    def __init__(self, code: Mapping[str, ast.expr]) -> None:
        self.code = code

    def visit_Name(self, n: ast.Name) -> ast.expr:
        return clone(self.code[n.id]) if n.id in self.code and isinstance(n.ctx, ast.Load) else n


def trivial(e: Expr) -> bool:
    """Cheap and free of effects: may be evaluated again in place of a temporary."""
    inner = strip(e)
    if isinstance(inner, Inv):
        return isinstance(inner.node, (ast.Name, ast.Constant))
    if isinstance(inner, Op) and inner.name == "neg":
        return trivial(inner.args[0])
    return isinstance(inner, (Const, Pos, Label, Read))
