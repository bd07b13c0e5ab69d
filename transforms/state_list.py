"""DL411: a list of what a name holds after each round binds the name in the comprehension."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..loops.context import SiteContext
from ..loops.ir import Append, Carried, Expr, Inv, Loop, Op, strip
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.scalar_facts import surely_number, surely_text
from ..loops.walk import walk
from .base import Example, Rewrite, Rule, Severity, Transform
from .scalar.comprehensions import comprehend, place
from .scalar.list_statements import list_statement
from .scalar.results import surely_number as computed_number
from .shared.build import name
from .shared.rebuilt import rebuilt
from .shared.targets import find_target

#: Stands for the state after the round in what is appended.
_NEW = "new state"
#: A state that is chosen among more values than this is clearer in a loop.
BRANCHES = 1


class StateList(Transform):
    """A loop that updates one name and appends it is a comprehension that binds the name: `[s := s + x for x in xs]`.

    The name holds after the comprehension what it held after the loop, and every element is computed from the one
    before in the same order: it is exact for any operation, also for those that have no array form. It says in one line
    what is collected, and runs about as fast as the loop; where the loop reads a frame cell by cell, the reads are
    pulled out.

    `s += x` changes an array in place, so that all elements of the list would be that array: there the proposal assumes
    that the state is a number or text.
    """

    rule = Rule("DL411", "state-list", Severity.LOW)
    examples = (
        Example(
            before="""
                def standings(results):
                    total = 0
                    table = []
                    for points, penalty in results:
                        total = total + points - penalty
                        table.append(total)
                    return table
            """,
            after="""
                def standings(results):
                    total = 0
                    table = [total := total + points - penalty for points, penalty in results]
                    return table
            """,
        ),
        Example(
            before="""
                def levels(readings, start, damping):
                    level = start
                    smooth = []
                    for reading in readings:
                        if reading is None:
                            continue
                        level = level + (reading - level) * damping
                        smooth.append(level)
                    return level, smooth
            """,
            after="""
                def levels(readings, start, damping):
                    level = start
                    smooth = [
                        level := level + (reading - level) * damping
                        for reading in readings
                        if reading is not None
                    ]
                    return level, smooth
            """,
        ),
        Example(
            before="""
                def statement(entries, balance):
                    lines = []
                    for day, amount in entries:
                        balance = balance + amount
                        lines.append((day, f"{balance:.2f}", amount))
                    return lines
            """,
            after="""
                def statement(entries, balance):
                    lines = [
                        (day, f"{(balance := balance + amount):.2f}", amount) for day, amount in entries
                    ]
                    return lines
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def before_each(results):
                    total = 0
                    table = []
                    for points in results:
                        table.append(total)
                        total = total * 2 + points
                    return table
            """,
            reason=Reason.CARRIED_STATE,
            note="what is appended is the state before the round",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        match loop.effects, list(loop.carried.items()):
            case (Append() as append,), [(id_, final)]:
                pass
            case _:
                return None
        new, element = _update(append, id_, final)
        if site.file.scopes.owner(id_, site.scope) is not site.scope:
            return Refusal(Reason.SCOPE, site.loop.lineno, f"`{id_}` belongs to an outer scope")
        if new is None or element is None:
            message = f"what is appended is not made of what `{id_}` holds after the round"
            return Refusal(Reason.CARRIED_STATE, append.line, message)
        if sum(isinstance(x, Op) and x.name == "if" for x in new.walk()) > BRANCHES:
            message = f"`{id_}` is chosen among too many values for a readable comprehension"
            return Refusal(Reason.NO_GAIN, site.loop.lineno, message)
        if _grows(new, id_) and not _starts_plain(site, id_):
            message = f"`+=` may change `{id_}` in place, which the list holds from the first round on"
            return Refusal(Reason.MUTATES_INPUT, site.loop.lineno, message)
        target = find_target(site, append.target, "list", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target
        others = {n: line for n, line in loop.live_out.items() if n != id_}
        flat = replace(loop, carried={}, live_out=others)
        guard = None if append.guard is None else _as_name(append.guard, id_)
        made = comprehend(site, flat, [(guard, [_as_name(new, id_), element])])
        if isinstance(made, Refusal):
            return made
        part = made.parts[0]
        if any(isinstance(n, ast.Name) and n.id == id_ for g in part.generators for n in walk(g.target)):
            message = f"`{id_}` is changed in several steps: a comprehension would bind it twice"
            return Refusal(Reason.NO_GAIN, site.loop.lineno, message)
        binder = _Binder(id_, part.values[0])
        value = binder.visit(part.values[1])
        if _mentioned(part.generators) or binder.lost or not binder.bound:
            message = f"what is appended does not always begin with what `{id_}` holds after the round"
            return Refusal(Reason.NO_GAIN, append.line, message)
        part = replace(part, values=[value])
        if binder.early and not loop.opaque:
            made.obligations.append(Obligation("one-exception"))
        elif binder.early:
            message = f"a call would be made before `{id_}` is updated, not after it"
            return Refusal(Reason.UNKNOWN_CALL, loop.opaque[0], message)
        if _grows(new, id_) or (_augmented(new, id_) and _is_given(site, id_)):
            made.obligations.append(Obligation("plain-values", (id_,)))
        return [place(self.rule, site, loop, made, [target], [list_statement(target, part)])]


def _update(append: Append, id_: str, final: Expr) -> tuple[Expr | None, Expr | None]:
    """The new state of the rounds that append, and what these append, made of it.

    Nothing where the state changes on other rounds too, or where what is appended has nothing to do with it.
    """
    new = strip(final)
    if append.guard is not None:
        match new:
            case Op(name="if", args=(test, one, other)) if strip(other) == Carried(id_) and test == append.guard:
                new = strip(one)
            case Op(name="if", args=(test, one, other)) if (
                strip(one) == Carried(id_) and Op("not", (test,)) == append.guard
            ):
                new = strip(other)
            case _:
                return None, None
    if new == Carried(id_):
        return None, None
    state = Inv(_NEW, name(_NEW))
    element = rebuilt(append.value, lambda x: state if strip(x) in (new, strip(final)) else None)
    found = set(element.walk())
    return new, None if state not in found or Carried(id_) in found else element


def _as_name(e: Expr, id_: str) -> Expr:
    """An expression in which the state before the round is a name like any other."""
    state = Inv(id_, name(id_))
    return rebuilt(e, lambda x: state if x == Carried(id_) else None)


def _grows(new: Expr, id_: str) -> bool:
    """Whether an augmented assignment adds what may be no number: it may change elements that are in the list."""
    return any(not computed_number(x.args[1]) for x in _augmented(new, id_))


def _augmented(new: Expr, id_: str) -> list[Op]:
    """The augmented assignments to the state itself."""
    steps = (x for x in new.walk() if isinstance(x, Op) and isinstance(x.node, ast.AugAssign) and len(x.args) == 2)
    return [x for x in steps if strip(x.args[0]) == Carried(id_)]


def _is_given(site: SiteContext, id_: str) -> bool:
    """Whether the state may be what the function was given: `total += 1` changes an array in place."""
    given = (b for b in site.scope.binders(id_) if b not in set(walk(site.loop)))
    return any(isinstance(b, ast.arg) or isinstance(getattr(b, "value", None), ast.Name) for b in given)


def _starts_plain(site: SiteContext, id_: str) -> bool:
    """Whether the state is a number or text before the loop, or whatever the function was given."""
    inside = set(walk(site.loop))
    return all(_binds_plain(site, b) for b in site.scope.binders(id_) if b not in inside)


def _binds_plain(site: SiteContext, binder: ast.AST) -> bool:
    match binder:
        case ast.arg():
            return True
        case ast.Assign(value=ast.Name(id=given)):
            return all(isinstance(b, ast.arg) for b in site.scope.binders(given))
        case ast.Assign(value=value):
            return surely_number(site, value) or surely_text(site, value)
    return False


def _mentioned(generators: Sequence[ast.comprehension]) -> bool:
    """Whether a temporary is made of the new state: it would be computed before there is one."""
    return any(isinstance(n, ast.Name) and n.id == _NEW for g in generators for n in walk(g))


#: What is done with a value, and may raise.
_DONE = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Subscript, ast.Attribute, ast.FormattedValue)


class _Binder(ast.NodeTransformer):
    """Binds the state where it is first evaluated, and reads it from there on.

    It goes in the order of evaluation, which is that of the fields for nearly all nodes. `lost`: what is evaluated
    first depends on the values, so that the state would not always be bound. `early`: what comes before may raise.
    """

    def __init__(self, id_: str, new: ast.expr) -> None:
        self.id_, self.new = id_, new
        self.bound = self.lost = self.early = False

    def visit(self, node: ast.AST) -> Any:
        made = super().visit(node)
        self.early |= not self.bound and isinstance(node, _DONE)
        return made

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id != _NEW:
            return node
        if self.bound:
            return ast.Name(self.id_, ast.Load())
        self.bound = True
        return ast.NamedExpr(ast.Name(self.id_, ast.Store()), self.new)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.visit(node.test)
        self.early |= not self.bound
        before = self.bound
        one, after = self.visit(node.body), self.bound
        self.bound = before
        other = self.visit(node.orelse)
        self.lost |= after != self.bound
        return ast.IfExp(test, one, other)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        return self._in_turn(node, node.values[0])

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        return self._in_turn(node, node.left, node.comparators[0])

    def _in_turn(self, node: ast.BoolOp | ast.Compare, *surely: ast.expr) -> ast.expr:
        """What comes after the first operands is not always evaluated."""
        self.lost |= not self.bound and not any(map(_has_new, surely)) and _has_new(node)
        self.generic_visit(node)
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        pairs = [
            (None if key is None else self.visit(key), self.visit(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return ast.Dict([key for key, _ in pairs], [value for _, value in pairs])

    def _elsewhere(self, node: ast.AST) -> ast.AST:
        """Code that runs at another time, or in an order of its own."""
        self.lost |= _has_new(node)
        return node

    visit_Lambda = visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _elsewhere


def _has_new(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and n.id == _NEW for n in walk(node))
