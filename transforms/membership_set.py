"""DL304: membership of a list or a column, looked up in a set that is made once."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Edit, Example, InsertBefore, Rewrite, Rule, Severity, Substitute, Tier, Transform
from .hoists.body import allowed
from .lookups.membership import membership_tests, stays
from .shared.build import assign, call, clone, name


class MembershipSet(Transform):
    """`x in values` compares `x` with one element after the other, on every round; a set finds it at once.

    The set is made once, before the loop; the body stays as it is. Only what does not change while the loop runs
    qualifies: not the list that the loop itself fills. A Series stays as it is: `in` asks its labels, not its values.

    A set finds what is equal to an element and has the same hash. Numbers, text, dates and tuples of them have; a list
    has no hash, and raises. A NaN is found by identity in either, but is no element of an array's own.
    """

    rule = Rule("DL304", "membership-set", Severity.LOW)
    needs_body = False
    examples = (
        Example(
            before="""
                def known(words, names: list):
                    found = []
                    for word in words:
                        text = word.strip().lower()
                        if text in names:
                            found.append((word, text))
                    return found
            """,
            after="""
                def known(words, names: list):
                    found = []
                    names_set = set(names)
                    for word in words:
                        text = word.strip().lower()
                        if text in names_set:
                            found.append((word, text))
                    return found
            """,
        ),
        Example(
            before="""
                import pandas as pd

                def missing(orders: pd.DataFrame, catalog: pd.DataFrame, write):
                    for order in orders.itertuples():
                        if order.sku not in catalog['sku'].values:
                            write(order.number)
            """,
            after="""
                import pandas as pd

                def missing(orders: pd.DataFrame, catalog: pd.DataFrame, write):
                    sku_set = set(catalog['sku'].values)
                    for order in orders.itertuples():
                        if order.sku not in sku_set:
                            write(order.number)
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def distinct(words, seen: list):
                    for word in words:
                        if word not in seen:
                            seen.append(word)
                    return seen
            """,
            reason=Reason.READS_OWN_OUTPUT,
            naive="""
                def distinct(words, seen: list):
                    seen_set = set(seen)
                    for word in words:
                        if word not in seen_set:
                            seen.append(word)
                    return seen
            """,
        ),
        Example(
            before="""
                def fresh(words, names: list, note):
                    found = 0
                    for word in words:
                        if word in names:
                            note(word)
                            found += 1
                    return found
            """,
            reason=Reason.UNKNOWN_CALL,
            note="what is called may know the list, and change it",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        tests = membership_tests(site)
        if not tests:
            return None
        objection = allowed(site, self.side_effects)
        if objection is not None:
            return objection
        good = []
        for test in tests:
            answer = stays(site, test.comparators[0])
            if answer is None:
                good.append(test)
            objection = objection or answer
        if not good:
            return objection
        if _made_further_out(site, good):
            return Refusal(Reason.NO_GAIN, site.loop.lineno, "the set is made before the loop around")
        return [self._rewrite(site, good)]

    def _rewrite(self, site: SiteContext, tests: list[ast.Compare]) -> Rewrite:
        names: dict[str, str] = {}
        made: list[ast.stmt] = []
        owed: dict[Obligation, None] = {}
        for test in tests:
            among = test.comparators[0]
            code = ast.unparse(among)
            if code in names:
                continue
            names[code] = _fresh(site, f"{_stem(among)}_set", set(names.values()))
            made.append(assign(names[code], call("set", clone(among))))
            owed[Obligation("hashable-keys", (code,))] = None
            if any(isinstance(n, ast.Subscript) for n in ast.walk(among)):
                owed[Obligation("columns-exist", (code,))] = None
            if isinstance(among, ast.Attribute):
                owed[Obligation("no-missing", (code,))] = None
        edits: list[Edit] = [InsertBefore(site.loop, tuple(made))]
        edits += [Substitute(t.comparators[0], name(names[ast.unparse(t.comparators[0])])) for t in tests]
        summary = "looks members up in a set that is made once, before the loop"
        return Rewrite(self.rule, Tier.HOIST, tuple(edits), tuple(owed), summary=summary)


def _stem(node: ast.expr) -> str:
    match node:
        case ast.Name(id=id_):
            return id_
        case ast.Subscript(slice=ast.Constant(value=str(column))) if column.isidentifier():
            return column
        case ast.Call(func=ast.Attribute(value=inner)) | ast.Attribute(value=inner, attr="values"):
            return _stem(inner)
        case ast.Attribute(attr=attr):
            return attr
    return "known"


def _fresh(site: SiteContext, wish: str, taken: set[str]) -> str:
    found = site.fresh(wish)
    k = 2
    while found in taken:
        found = site.fresh(f"{wish}_{k}")
        k += 1
    return found


def _made_further_out(site: SiteContext, tests: list[ast.Compare]) -> bool:
    """Whether the sets can be made before a loop around this one."""
    for up in site.file.scopes.ancestors(site.loop):
        if isinstance(up, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            return False
        if isinstance(up, ast.For):
            outer = SiteContext.build(site.file, up)
            known = set(membership_tests(outer))
            if known >= set(tests) and all(stays(outer, t.comparators[0]) is None for t in tests):
                return allowed(outer, False) is None
    return False
