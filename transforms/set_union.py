"""DL208: a set that grows by a union on every round."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Carried, Expr, Loop, Op, strip
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .scalar.comprehensions import comprehend, place
from .scalar.pieces import without
from .scans.updates import change_of, mentions
from .shared.build import attr, call, name, store
from .shared.targets import Target, find_target


class SetUnion(Transform):
    """`found = found.union(more)` in a loop copies the set on every round; a set comprehension fills one set.

    The set has to be made in the same function. The same elements come out, taken from the same things in the same
    order, and what can't be gone over or hashed raises as it did. How a set is ordered depends on how it grew, though,
    and so anything that goes over it later may meet the elements in another order.
    """

    rule = Rule("DL208", "set-union", Severity.LOW)
    inlines = False
    examples = (
        Example(
            before="""
                def all_tags(posts):
                    tags = set()
                    for post in posts:
                        tags = tags.union(post.split('|'))
                    return sorted(tags)
            """,
            after="""
                def all_tags(posts):
                    tags = {element for post in posts for element in post.split('|')}
                    return sorted(tags)
            """,
        ),
        Example(
            before="""
                def all_tags(posts, known):
                    tags = {'new'}
                    for post in posts:
                        if post in known:
                            continue
                        tags = tags.union(post.split('|'))
                    return sorted(tags)
            """,
            after="""
                def all_tags(posts, known):
                    tags = {'new'}
                    tags = tags.union(
                        element for post in posts if post not in known for element in post.split('|')
                    )
                    return sorted(tags)
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def numbered(words):
                    found = set()
                    for w in words:
                        found = found.union({f'{w}', len(found) // 2})
                    return found
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                def numbered(words):
                    found = set().union(*[{f'{w}', k} for k, w in enumerate(words)])
                    return found
            """,
            note="what a round adds depends on how many there are already, and equal ones count once",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if loop.effects or len(loop.carried) != 1 or set(loop.live_out) - set(loop.carried):
            return None
        id_, final = next(iter(loop.carried.items()))
        change = change_of(final, id_)
        more = _joined(change.value, id_) if change else None
        if change is None or more is None:
            return None
        if any(mentions(part, id_) for part in (more, *change.tests)):
            return Refusal(Reason.CARRIED_STATE, site.loop.lineno, f"what joins `{id_}` depends on what it holds")
        target = find_target(site, id_, "set", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target
        made = comprehend(site, without(loop, id_, "method:union"), [(change.guard, [more])])
        if isinstance(made, Refusal):
            return made
        made.obligations.append(Obligation("set-order", (id_,)))
        # Each piece is gone over in its round: later a group of `itertools.groupby` is empty.
        part = made.parts[0]
        each = site.fresh("element", "each", "one")
        generators = [*part.generators, ast.comprehension(store(each), part.values[0], [], 0)]
        stmt = _statement(target, name(each), generators, bool(loop.opaque), site.loop.lineno)
        return [place(self.rule, site, loop, made, [target], [stmt])]


def _joined(value: Expr, id_: str) -> Expr | None:
    """What is joined in `name = name.union(x)`."""
    match strip(value):
        case Op(name="method:union", args=(own, more), keywords=()) if strip(own) == Carried(id_):
            return more
    return None


def _statement(
    target: Target, element: ast.expr, generators: list[ast.comprehension], opaque: bool, line: int
) -> ast.stmt:
    """The statement that makes the set, or a larger one of what is there."""
    # A StopIteration of an unknown call would become a RuntimeError in a generator.
    more = (ast.ListComp if opaque else ast.GeneratorExp)(element, generators)
    value = ast.SetComp(element, generators) if target.fresh else call(attr(name(target.name), "union"), more)
    stmt: ast.stmt = ast.Assign([store(target.name)], value)
    if target.fresh and target.annotation is not None:
        stmt = ast.AnnAssign(store(target.name), target.annotation, value, 1)
    stmt.lineno = line
    return stmt
