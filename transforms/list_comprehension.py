"""DL201: an append loop is a list comprehension."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Append, Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .scalar.as_written import in_order, in_order_only, lists_as_written, wants_clauses
from .scalar.comprehensions import comprehend, place
from .scalar.counted import counted_lists
from .scalar.list_statements import list_statement
from .scalar.listed import listed
from .scalar.parts import Comprehension
from .shared.targets import find_target


class ListComprehension(Transform):
    """A loop that only appends to a list is a list comprehension.

    On Python 3.11 and later a comprehension runs 0.8 to 1.2 times as fast as the loop: it is offered because it says in
    one line what is collected, not for speed. Where the loop reads a frame cell by cell, the reads are pulled out as
    well, and that is worth 10 to 100 times.

    The list has to be made in the same function and must not be seen by anybody while it is filled. Everything that may
    raise keeps its order; when several lists are filled, they get a comprehension each if only one of them can raise,
    else one comprehension computes all elements of a round, and each list takes its own.
    """

    rule = Rule("DL201", "list-comprehension", Severity.MEDIUM)
    inlines = False
    examples = (
        Example(
            before="""
                def labels(names):
                    out = []
                    for name in names:
                        out.append(name.title())
                    return out
            """,
            after="""
                def labels(names):
                    out = [name.title() for name in names]
                    return out
            """,
        ),
        Example(
            before="""
                def late(tickets, today):
                    found = []
                    for number, due in tickets.items():
                        # those still have time
                        if due >= today:
                            continue
                        found.append((number, today - due))
                    return found
            """,
            after="""
                def late(tickets, today):
                    # those still have time
                    found = [
                        (number, today - due) for number, due in tickets.items() if not due >= today
                    ]
                    return found
            """,
        ),
        Example(
            before="""
                def grade(points):
                    if points > 90:
                        return 'A'
                    return 'B'

                def grades(all_points):
                    found = []
                    for points in all_points:
                        found.append(grade(points))
                    return found
            """,
            after="""
                def grade(points):
                    if points > 90:
                        return 'A'
                    return 'B'

                def grades(all_points):
                    found = [grade(points) for points in all_points]
                    return found
            """,
        ),
        Example(
            before="""
                def walk(start, steps):
                    path = [start]
                    for s in steps:
                        path.append(start + s)
                    return path
            """,
            after="""
                def walk(start, steps):
                    path = [start]
                    path += [start + s for s in steps]
                    return path
            """,
            note="the list already holds something",
        ),
        Example(
            before="""
                def spreads(rows, lag):
                    out = [None] * lag
                    for i in range(lag, len(rows)):
                        out.append(rows[i].high - rows[i - lag].low)
                    return out
            """,
            after="""
                def spreads(rows, lag):
                    out = [None] * lag
                    out += [rows[i].high - rows[i - lag].low for i in range(lag, len(rows))]
                    return out
            """,
        ),
        Example(
            before="""
                def edges(links):
                    both = []
                    for a, b in links:
                        if a != b:
                            both.append((a, b))
                            both.append((b, a))
                    return both
            """,
            after="""
                def edges(links):
                    both = [element for a, b in links if a != b for element in ((a, b), (b, a))]
                    return both
            """,
        ),
        Example(
            before="""
                def open_days(days, holidays, on_call):
                    found = []
                    for k, day in enumerate(days):
                        if day in holidays:
                            if day in on_call:
                                found.append(k)
                        else:
                            found.append(k)
                    return found
            """,
            after="""
                def open_days(days, holidays, on_call):
                    found = [k for k, day in enumerate(days) if day not in holidays or day in on_call]
                    return found
            """,
            note="both branches append the same",
        ),
        Example(
            before="""
                def vectors(lines):
                    found = []
                    for line in lines:
                        parts = line.split()
                        found.append((parts[0], [float(x) for x in parts[1:]]))
                    return found
            """,
            after="""
                def vectors(lines):
                    found = [
                        (parts[0], [float(x) for x in parts[1:]])
                        for line in lines
                        for parts in [line.split()]
                    ]
                    return found
            """,
            note="what is used twice is computed once: `for name in [value]` gives it a name",
        ),
    )
    refused = (
        Example(
            before="""
                def seen(words):
                    order = []
                    for w in words:
                        if w not in order:
                            order.append(w)
                    return order
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                def seen(words):
                    order = list(set(words))
                    return order
            """,
        ),
        Example(
            before="""
                def last(samples):
                    out = []
                    for t, v in samples:
                        out.append(v)
                    return out, t
            """,
            reason=Reason.VALUE_READ_LATER,
            naive="""
                def last(samples):
                    out = [v for t, v in samples]
                    return out, t
            """,
        ),
        Example(
            before="""
                class Colors:
                    codes = []
                    for k in range(3):
                        codes.append(k * 2)
            """,
            reason=Reason.SCOPE,
        ),
        Example(
            before="""
                def signs(numbers):
                    out = []
                    for n in numbers:
                        out.append(n)
                        if n < 0:
                            out.append(-n)
                    return out
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                def signs(numbers):
                    out = [x for n in numbers for x in (n, -n)]
                    return out
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        appends = [e for e in loop.effects if isinstance(e, Append)]
        if not appends or len(appends) != len(loop.effects):
            return None
        if len({e.target for e in appends}) != len(appends):
            return self._several(site, loop, appends)
        targets = []
        for e in appends:
            target = find_target(site, e.target, "list", bool(loop.opaque))
            if isinstance(target, Refusal):
                return target
            targets.append(target)
        made = comprehend(site, loop, [(e.guard, [e.value]) for e in appends])
        if isinstance(made, Refusal):
            late = made.reason is Reason.EXCEPTION_HANDLING  # one list after the other, exceptions come later
            named = len(targets) == 1 and wants_clauses(loop, made)
            written = in_order_only(self.rule, site, loop, targets, lists_as_written) if late or named else []
            return written or counted_lists(self.rule, site, loop, targets) or made
        statements = [list_statement(target, part) for target, part in zip(targets, made.parts, strict=True)]
        form = place(self.rule, site, loop, made, targets, statements)
        forms = [form, *in_order(form, site, loop, targets, lists_as_written)]
        if (faster := listed(site, loop, made)) is not None:
            statements = [list_statement(target, part) for target, part in zip(targets, faster.parts, strict=True)]
            forms.append(place(self.rule, site, loop, faster, targets, statements))
        return forms

    def _several(self, site: SiteContext, loop: Loop, appends: list[Append]) -> Sequence[Rewrite] | Refusal:
        """One list that gets several elements on every round, or on the same rounds."""
        line = appends[-1].line
        if len({(e.target, e.guard) for e in appends}) > 1:
            message = "a list gets more than one element in a round, not always as many"
            return Refusal(Reason.UNSUPPORTED_SYNTAX, line, message)
        target = find_target(site, appends[0].target, "list", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target
        made = comprehend(site, loop, [(appends[0].guard, [e.value for e in appends])])
        if isinstance(made, Refusal):
            return made
        part = made.parts[0]
        each = site.fresh("element", "each", "one")
        inner = ast.comprehension(ast.Name(each, ast.Store()), ast.Tuple(part.values, ast.Load()), [], 0)
        part = Comprehension([ast.Name(each, ast.Load())], [*part.generators, inner], appends[0].line)
        return [place(self.rule, site, loop, made, [target], [list_statement(target, part)])]
