"""DL407: how many elements meet a condition, counted one by one."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.exposure import handled, loops_between
from ..loops.ir import Const, Expr, Inv, Loop, Op, StoreItem, strip
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .scalar.comprehensions import comprehend, place
from .scalar.pieces import added, without_sum
from .scans.updates import whole
from .shared.build import call, clone, name
from .shared.targets import Target, find_target, plain_statement

#: Functions that return an int, whatever they are given.
COUNTS = frozenset({"call:builtins.len", "call:builtins.int", "call:builtins.ord"})
STEPS = (ast.Add, ast.Sub, ast.Mult)


class CountMatches(Transform):
    """A loop that counts what meets a condition, or adds up lengths, is a `sum` of a generator.

    It reads better and takes about the same time. Only for whole numbers, of which a sum is exact in any order: the
    count has to start from a literal, and what is added has to be a literal, a `len`, an `int(...)` or an `ord`. Floats
    are left alone, because `sum` adds them in a way of its own since Python 3.12.
    """

    rule = Rule("DL407", "count-matches", Severity.LOW)
    inlines = False
    examples = (
        Example(
            before="""
                def shouts(lines):
                    n = 0
                    for line in lines:
                        if line.strip().endswith('!'):
                            n += 1
                    return n
            """,
            after="""
                def shouts(lines):
                    n = sum(1 for line in lines if line.strip().endswith('!'))
                    return n
            """,
        ),
        Example(
            before="""
                def letters(pages):
                    n = 12
                    for page in pages:
                        for line in page:
                            n += len(line) + 1
                    return n
            """,
            after="""
                def letters(pages):
                    n = 12
                    for page in pages:
                        n += sum(len(line) + 1 for line in page)
                    return n
            """,
        ),
        Example(
            before="""
                def accuracy(guesses, truths):
                    hits = 0
                    for i in range(len(truths)):
                        guess = 1
                        if guesses[i][0] > 0.5:
                            guess = 0
                        if guess == truths[i]:
                            hits += 1
                    hits = hits / len(truths)
                    return hits
            """,
            after="""
                def accuracy(guesses, truths):
                    hits = sum(
                        1 for i in range(len(truths)) if (0 if guesses[i][0] > 0.5 else 1) == truths[i]
                    )
                    hits = hits / len(truths)
                    return hits
            """,
        ),
        Example(
            before="""
                def using(answers, tools):
                    found = {t: 0 for t in tools}
                    for tool in tools:
                        for answer in answers:
                            if tool in answer:
                                found[tool] += 1
                    return found
            """,
            after="""
                def using(answers, tools):
                    found = {t: 0 for t in tools}
                    for tool in tools:
                        found[tool] += sum(1 for answer in answers if tool in answer)
                    return found
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def total(prices):
                    t = 0
                    for p in prices:
                        if p:
                            t += p * 1.5
                    return t
            """,
            reason=Reason.UNKNOWN_KIND,
            naive="""
                def total(prices):
                    t = sum(float(p) * 1.5 for p in prices if p)
                    return t
            """,
            note="a sum of floats depends on the order, and an empty one was an int",
        ),
        Example(
            before="""
                def streak(throws):
                    n = 0
                    for t in throws:
                        if t > n:
                            n += 1
                    return n
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                def streak(throws):
                    n = sum(1 for t in throws if t > 0)
                    return n
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        match loop.effects:
            case (StoreItem(index=Const() | Inv(), augmented="+") as e,) if not loop.carried and not loop.opaque:
                return self._in_dict(site, loop, e)
        if loop.effects or len(loop.carried) != 1 or set(loop.live_out) - set(loop.carried):
            return None
        id_, final = next(iter(loop.carried.items()))
        found = added(final, id_)
        if found is None:
            return Refusal(Reason.CARRIED_STATE, site.loop.lineno, f"`{id_}` is carried from one round to the next")
        guard, piece = found
        kind = site.kind(name(id_))
        if (guard is None and whole(piece) is not None) or (kind is not None and kind.name not in ("int", "float")):
            return None  # the number of rounds; text, a list
        if not _surely_whole(piece):
            return Refusal(Reason.UNKNOWN_KIND, site.loop.lineno, f"what `{id_}` adds up is not surely whole numbers")
        if site.dotted(name("sum")) != "builtins.sum":
            return Refusal(Reason.SHADOWED_NAME, site.loop.lineno, "`sum` is not Python's own here")
        target = find_target(site, id_, "int", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target
        if not _stays_whole(site, id_, target):
            return Refusal(Reason.UNKNOWN_KIND, site.loop.lineno, f"what `{id_}` adds up is not surely whole numbers")
        made = comprehend(site, without_sum(loop, id_), [(guard, [piece])])
        if isinstance(made, Refusal):
            return made
        part = made.parts[0]
        # A StopIteration of an unknown call would become a RuntimeError in a generator.
        display = ast.ListComp if loop.opaque else ast.GeneratorExp
        counted = call("sum", display(part.values[0], part.generators))
        stmt = plain_statement(target, counted, site.loop.lineno)
        return [place(self.rule, site, loop, made, [target], [stmt])]

    def _in_dict(self, site: SiteContext, loop: Loop, e: StoreItem) -> Sequence[Rewrite] | Refusal | None:
        """The sum of what is added to one entry of a dict; other kinds make an entry when they are asked for it."""
        where = ast.parse(e.target, mode="eval").body
        kind, index = site.kind(where), e.index
        if kind is None or kind.name != "dict" or not isinstance(index, Const | Inv) or not _surely_whole(e.value):
            return None
        if isinstance(site.scope.node, ast.ClassDef):
            return Refusal(Reason.SCOPE, site.loop.lineno, "the loop stands in a class body")
        if site.dotted(name("sum")) != "builtins.sum":
            return Refusal(Reason.SHADOWED_NAME, site.loop.lineno, "`sum` is not Python's own here")
        if handled(site):
            return Refusal(Reason.EXCEPTION_HANDLING, e.line, f"others may see `{e.target}` while it is filled")
        made = comprehend(site, replace(loop, effects=()), [(e.guard, [e.value])])
        if isinstance(made, Refusal):
            return made
        part = made.parts[0]
        counted = call("sum", ast.GeneratorExp(part.values[0], part.generators))
        stmt = ast.AugAssign(ast.Subscript(where, clone(index.node), ast.Store()), ast.Add(), counted)
        stmt.lineno = e.line
        # An entry that no round adds to need not be there in the loop, and one of floats may be large.
        made.obligations += [Obligation("keys-present", (e.target,)), Obligation("small-integers")]
        return [place(self.rule, site, loop, made, [], [stmt])]


def _surely_whole(e: Expr) -> bool:
    """A number that is an int of Python's own."""
    if whole(e) is not None:
        return True
    match strip(e):
        case Op(name=function) if function in COUNTS:
            return True
        case Op(name="+" | "-" | "*", args=(a, b)) | Op(name="if", args=(_, a, b)):
            return _surely_whole(a) and _surely_whole(b)
        case Op(name="neg", args=(a,)):
            return _surely_whole(a)
    return False


def _stays_whole(site: SiteContext, id_: str, target: Target) -> bool:
    """Whether all that reaches the loop in the name is a literal int, with whole steps added to it."""
    inside = set(ast.walk(site.loop))
    again = loops_between(site, target.init)
    for binder in site.scope.binders(id_):
        # After the loop, `hits / len(xs)` may take its name: only a loop around both would bring that back.
        later = getattr(binder, "lineno", 0) > (site.loop.end_lineno or 0)
        if later and not again & set(site.file.scopes.ancestors(binder)):
            continue
        if binder not in inside and not _whole_binding(binder):
            return False
    return True


def _whole_binding(binder: ast.AST) -> bool:
    match binder:
        case ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(target=ast.Name(), value=value):
            return _literal(value)
        case ast.AugAssign(op=op, value=value):
            return isinstance(op, STEPS) and _literal(value)
    return False


def _literal(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int
