"""DL209: a chain of comparisons of one element with literals, each with a result of its own."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Append, Const, Expr, Inv, Loop, Op, strip
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .scalar.comprehensions import comprehend, place
from .scalar.list_statements import list_statement
from .scalar.parts import Comprehension
from .shared.build import assign, attr, call, clone, name
from .shared.targets import find_target

#: With fewer cases a conditional expression reads as well.
FEWEST = 3

Cases = dict[str | int, ast.expr]


class CaseTable(Transform):
    """A loop that gives each element a literal by an `if/elif` chain looks it up in a dict.

    The chain compares the element with one literal after another; a dict finds the case at once, and shows in one place
    what becomes what. What is compared has to be hashable, and no missing value of pandas, which is neither equal nor
    unequal to anything.
    """

    rule = Rule("DL209", "case-table", Severity.LOW)
    examples = (
        Example(
            before="""
                def classes(targets):
                    codes = []
                    for target in targets:
                        if target in ['shop', 'bank']:
                            codes.append(1)
                        elif target == 'school':
                            codes.append(2)
                        elif target == 'police' or target == 'army':
                            codes.append(3)
                        elif target == 'church':
                            codes.append(4)
                        else:
                            codes.append(0)
                    return codes
            """,
            after="""
                def classes(targets):
                    cases = {'shop': 1, 'bank': 1, 'school': 2, 'police': 3, 'army': 3, 'church': 4}
                    codes = [cases.get(target, 0) for target in targets]
                    return codes
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def classes(targets):
                    codes = []
                    for target in targets:
                        if target == 'shop':
                            codes.append(1)
                        elif target == 'school':
                            codes.append(2)
                        elif 'car' in target:
                            codes.append(3)
                        elif target == 'church':
                            codes.append(4)
                        else:
                            codes.append(0)
                    return codes
            """,
            reason=Reason.NO_GAIN,
            naive="""
                def classes(targets):
                    cases = {'shop': 1, 'school': 2, 'car': 3, 'church': 4}
                    codes = [cases.get(target, 0) for target in targets]
                    return codes
            """,
            note="a case that looks at a part of the element",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        match loop.effects:
            case (Append(guard=None) as e,) if _tests(e.value) >= FEWEST:
                pass
            case _:
                return None
        cases: Cases = {}
        found = _collected(e.value, None, cases)
        if found is None:
            message = "a case is no comparison of one element with literals, or gives no literal: a dict would not do"
            return Refusal(Reason.NO_GAIN, e.line, message)
        if len({type(k) for k in cases}) > 1:
            return Refusal(Reason.NO_GAIN, e.line, "the element is compared with literals of several kinds")
        element, otherwise = found
        target = find_target(site, e.target, "list", bool(loop.opaque))
        if isinstance(target, Refusal):
            return target
        made = comprehend(site, loop, [(None, [element])])
        if isinstance(made, Refusal):
            return made
        part = made.parts[0]
        table = site.fresh("cases", f"{target.name}_of", "case_table")
        looked_up = call(attr(name(table), "get"), part.values[0], otherwise)
        keys: list[ast.expr | None] = [ast.Constant(k) for k in cases]
        shown = assign(table, ast.Dict(keys, [clone(v) for v in cases.values()]), site.loop.lineno)
        stmt = list_statement(target, Comprehension([looked_up], part.generators, part.line))
        made.obligations += [Obligation("hashable-keys"), Obligation("no-missing")]
        return [place(self.rule, site, loop, made, [target], [shown, stmt])]


def _tests(e: Expr) -> int:
    """How many tests an `if/elif` chain has."""
    match strip(e):
        case Op(name="if", args=(_, _, other)):
            return 1 + _tests(other)
    return 0


def _collected(e: Expr, element: Expr | None, cases: Cases) -> tuple[Expr, ast.expr] | None:
    """The one element that is compared, and what it gives in no case; the cases are put into the dict."""
    match strip(e):
        case Op(name="if", args=(test, result, other)):
            keys = _keys(test, element)
            shown = strip(result)
            if keys is None or not isinstance(shown, Const):
                return None
            for key in keys[1]:
                cases.setdefault(key, shown.node)  # the first case that holds wins
            return _collected(other, keys[0], cases)
        case Const(node=node) if element is not None:
            return element, node
    return None


def _keys(test: Expr, element: Expr | None) -> tuple[Expr, list[str | int]] | None:
    """The element that is tested, and the literals that it may be equal to."""
    match strip(test):
        case Op(name="or", args=args):
            found: list[str | int] = []
            for one in args:
                keys = _keys(one, element)
                if keys is None:
                    return None
                element = keys[0]
                found += keys[1]
            return None if element is None else (element, found)
        case Op(name="==", args=(left, Const(value=str() | int() as key))) if not isinstance(key, bool):
            literals: list[str | int] = [key]
        case Op(name="in", args=(left, Inv(node=ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts)))):
            values = [x.value for x in elts if isinstance(x, ast.Constant)]
            literals = [v for v in values if isinstance(v, str | int) and not isinstance(v, bool)]
            if len(literals) < len(elts):
                return None
        case _:
            return None
    return (left, literals) if element is None or strip(left) == strip(element) else None
