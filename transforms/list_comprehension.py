"""DL201: an append loop is a list comprehension."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Append, Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .build import assign
from .comprehensions import Comprehension, comprehend, place
from .targets import find_target


class ListComprehension(Transform):
    """A loop that only appends to a list is a list comprehension.

    On Python 3.11 and later a comprehension runs 0.8 to 1.2 times as fast as the loop: it is offered because it says in one
    line what is collected, not for speed. Where the loop reads a frame cell by cell, the reads are pulled out as well, and
    that is worth 10 to 100 times.

    The list has to be made in the same function and must not be seen by anybody while it is filled. Everything that may raise
    keeps its order; when several lists are filled, they get a comprehension each if only one of them can raise.
    """

    rule = Rule("DL201", "list-comprehension", Severity.MEDIUM)
    examples = (
        Example(
            before="def labels(names):\n    out = []\n    for name in names:\n        out.append(name.title())\n    return out\n",
            after="def labels(names):\n    out = [name.title() for name in names]\n    return out\n",
        ),
        Example(
            before=(
                "def late(tickets, today):\n    found = []\n    for number, due in tickets.items():\n        # those still have time\n        if due >= today:\n"
                "            continue\n        found.append((number, today - due))\n    return found\n"
            ),
            after=(
                "def late(tickets, today):\n    # those still have time\n    found = [(number, today - due) for number, due in tickets.items() if not due >= today]\n    return found\n"
            ),
        ),
        Example(
            before="def walk(start, steps):\n    path = [start]\n    for s in steps:\n        path.append(start + s)\n    return path\n",
            after="def walk(start, steps):\n    path = [start]\n    path += [start + s for s in steps]\n    return path\n",
            note="the list already holds something",
        ),
    )
    refused = (
        Example(
            before="def seen(words):\n    order = []\n    for w in words:\n        if w not in order:\n            order.append(w)\n    return order\n",
            reason=Reason.READS_OWN_OUTPUT,
        ),
        Example(
            before="def last(samples):\n    out = []\n    for t, v in samples:\n        out.append(v)\n    return out, t\n",
            reason=Reason.VALUE_READ_LATER,
        ),
        Example(
            before="class Colors:\n    codes = []\n    for k in range(3):\n        codes.append(k * 2)\n",
            reason=Reason.SCOPE,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        appends = [e for e in loop.effects if isinstance(e, Append)]
        if not appends or len(appends) != len(loop.effects):
            return None
        if len({e.target for e in appends}) != len(appends):
            return Refusal(Reason.UNSUPPORTED_SYNTAX, appends[-1].line, "a list gets more than one element in a round")
        targets = []
        for e in appends:
            target = find_target(site, e.target, "list", bool(loop.opaque))
            if isinstance(target, Refusal):
                return target
            targets.append(target)
        made = comprehend(site, loop, [(e.guard, [e.value]) for e in appends])
        if isinstance(made, Refusal):
            return made
        statements: list[ast.stmt] = []
        for target, part in zip(targets, made.parts, strict=True):
            statements.append(self._statement(target.name, target.fresh, target.annotation, part, made, loop))
        return [place(self.rule, site, loop, made, targets, statements)]

    def _statement(
        self, name: str, fresh: bool, annotation: ast.expr | None, part: Comprehension, made: object, loop: Loop
    ) -> ast.stmt:
        value = ast.ListComp(part.values[0], part.generators)
        line = part.line
        if fresh and annotation is not None:
            node: ast.stmt = ast.AnnAssign(ast.Name(name, ast.Store()), annotation, value, 1)
        elif fresh:
            node = assign(name, value)
        else:
            node = ast.AugAssign(ast.Name(name, ast.Store()), ast.Add(), value)
        node.lineno = line
        return node
