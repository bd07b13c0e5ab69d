"""DL205: a list extended with a generator on every round."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Extend, Loop, Raw
from ..loops.names import bound_names
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Example, Rewrite, Rule, Severity, Transform
from .scalar.comprehensions import comprehend, place
from .shared.build import assign
from .shared.targets import find_target


class NestedExtend(Transform):
    """`out.extend(f(x) for x in xs)` or `out.extend(xs)` in a loop is a comprehension with two `for`s.

    It reads better and takes about the same time: the generator that `extend` would draw from is gone, and so is the
    call. The elements come in the same order; what the inner part reads must not be the list that is filled.
    """

    rule = Rule("DL205", "nested-extend", Severity.LOW)
    inlines = False
    examples = (
        Example(
            before="""
                def titles(albums):
                    queue = []
                    for album in albums:
                        queue.extend(t.title for t in album.tracks if t.long)
                    return queue
            """,
            after="""
                def titles(albums):
                    queue = [t.title for album in albums for t in album.tracks if t.long]
                    return queue
            """,
        ),
        Example(
            before="""
                def tools(answers):
                    named = []
                    for answer in answers:
                        if answer:
                            named.extend(answer.split(","))
                    return named
            """,
            after="""
                def tools(answers):
                    named = [part for answer in answers if answer for part in answer.split(",")]
                    return named
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def flat(parts):
                    out = []
                    for p in parts:
                        out.extend(p)
                        out.extend(out[:1])
                    return out
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                def flat(parts):
                    out = [x for p in parts for x in p]
                    return out
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        match loop.effects:
            case (Extend(value=value) as e,):
                pass
            case _:
                return None
        nodes = walk(value.node) if isinstance(value, Raw) else ()
        if any(isinstance(n, ast.comprehension) and n.is_async for n in nodes):
            return None
        target = find_target(site, e.target, "list", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target
        made = comprehend(site, loop, [(e.guard, [e.value])])
        if isinstance(made, Refusal):
            return made
        part = made.parts[0]
        written = part.values[0]
        if not isinstance(written, (ast.GeneratorExp, ast.ListComp)):
            element = site.fresh("part", "element", "each")
            generator = ast.comprehension(ast.Name(element, ast.Store()), written, [], 0)
            written = ast.ListComp(ast.Name(element, ast.Load()), [generator])
        outer = {n for g in part.generators for n in bound_names(g.target)}
        if outer & {n for g in written.generators for n in bound_names(g.target)}:
            return Refusal(Reason.SHADOWED_NAME, site.loop.lineno, "both loops use the same variable")
        display = ast.ListComp(written.elt, [*part.generators, *written.generators])
        stmt: ast.stmt = (
            assign(target.name, display)
            if target.fresh
            else ast.AugAssign(ast.Name(target.name, ast.Store()), ast.Add(), display)
        )
        stmt.lineno = site.loop.lineno
        return [place(self.rule, site, loop, made, [target], [stmt])]
