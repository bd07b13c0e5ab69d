"""A trial on values of which nothing is known: do both versions take the same steps in the same order?

It is what is left where no input can be made. It never refutes: steps that differ may come to the same.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from typing import Any

from . import sandbox
from .assumed import excused
from .namespace import Outcome, Version
from .terms import STEPS, Builtin, SharedDict, SharedList, SharedSet, Term, Unclear, text_of

#: So many runs with other values; in every third of them some steps fail, in every fourth values are often the same.
_RUNS, _FAILING, _FEW = 180, 3, 4
_LEAST = 12
_SECONDS, _PATIENCE = 0.5, 3
_NOT_RUN = "the steps could not be followed"


def _next(iterator: Any, *default: Any) -> Any:
    return iterator._changed(" next", *default) if isinstance(iterator, Term) else next(iterator, *default)


def _print(*values: Any, **options: Any) -> None:
    STEPS.taken.append(f"print({text_of(list(values))})")
    print(*values, **options)


def _is(a: Any, b: Any) -> Any:
    return Term(f"({text_of(a)} is {text_of(b)})") if isinstance(a, Term) and not isinstance(b, Term) else a is b


def _in(value: Any, some: Any) -> Any:
    """Whether a value is one of some that are written in the code."""
    terms = any(isinstance(v, Term) for v in (value, *some))
    held = f"{type(some).__name__}{sorted(map(text_of, some))}"
    return Term(f"({text_of(value)} in {held})") if terms else value in some


class _Text:
    """A text that is written in the code: its methods change nothing."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._text, name)

        def method(*args: Any, **kwargs: Any) -> Any:
            try:
                return real(*args, **kwargs)
            except TypeError:  # a term, where only a text will do
                return Term(f"{self._text!r}.{name}({text_of([*args, *kwargs.values()])})")

        return method


GIVEN: dict[str, Any] = {
    **{n: Builtin(n) for n in ("str", "int", "float", "len", "isinstance", "issubclass", "hasattr", "type")},
    **{n: Term(n) for n in ("open", "input")},
    "next": _next,
    "print": _print,
    "__deloop_is__": _is,
    "__deloop_in__": _in,
    "__deloop_text__": _Text,
}


class _Uninterpreted(ast.NodeTransformer):
    """What Python does itself without asking the value, as functions that are asked."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if len(node.ops) != 1:
            return node
        match node.ops[0]:
            case ast.Is() | ast.IsNot():
                name = "__deloop_is__"
            case ast.In() | ast.NotIn() if isinstance(node.comparators[0], (ast.Tuple, ast.List, ast.Set)):
                name = "__deloop_in__"
            case _:
                return node
        asked = ast.Call(ast.Name(name, ast.Load()), [node.left, *node.comparators], [])
        return ast.UnaryOp(ast.Not(), asked) if isinstance(node.ops[0], (ast.IsNot, ast.NotIn)) else asked

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value = ast.Call(ast.Name("__deloop_text__", ast.Load()), [node.value], [])
        return node


def uninterpreted(source: str) -> str:
    """The code with nothing in it that looks into values itself."""
    return ast.unparse(ast.fix_missing_locations(_Uninterpreted().visit(ast.parse(source))))


class StepsTrial:
    """Runs both versions on terms and collects the evidence."""

    def __init__(self, request: dict[str, Any], note: Callable[[str], None]) -> None:
        self.request, self.note = request, note
        self.started = time.process_time()
        self.counts = {"returned": 0, "raised": 0, "excused": 0}
        self.taken: set[tuple[int, bool]] = set()
        self.gathered: list[frozenset[int]] = []  # the statements that gathered something, of each run that returned

    def run(self) -> dict[str, Any]:
        """The evidence as JSON."""
        reason = self._differs()
        return {
            **self.counts,
            "inputs": sum(self.counts.values()),
            "verdict": "insufficient" if reason else "verified",
            "reason": reason,
            "kinds": ["stub:every value"],
            "seconds": time.process_time() - self.started,
        }

    def _differs(self) -> str:
        """Why the two are not known to take the same steps; empty when they do."""
        before, after = (self._version(side) for side in ("before", "after"))
        slow = 0
        for k in range(_RUNS):
            fails = k % _FAILING == 2
            a, left = self._followed("before", before, k, fails)
            if a.status in ("timeout", "stopped") or not a.reached:
                slow += a.status == "timeout"
                if slow > _PATIENCE:
                    return _NOT_RUN
                continue
            b, right = self._followed("after", after, k, fails)
            if b.status == "timeout" or sandbox.violations():
                return _NOT_RUN
            if left == right:
                self.counts[a.status] += 1
                if a.status == "returned":
                    self.taken |= a.branches
                    self.gathered.append(a.gathered)
            elif fails and a.status == "raised" and excused(self.request["broken_by"], ("raises",)):
                self.counts["excused"] += 1
            else:
                return "the steps are not the same"
        return self._lacks()

    def _lacks(self) -> str:
        statements = self.request["before"]["gathers"]
        if sum(bool(found) for found in self.gathered) < _LEAST if statements else len(self.gathered) < _LEAST:
            return "few runs return"
        if len(frozenset().union(*self.gathered)) < len(statements):
            return "not every statement is reached"
        for number, line, text, *sides in self.request["branches"]:
            if any((number, side) not in self.taken for side in sides):
                return f"`{text}` on line {line} does not go both ways"
        return ""

    def _version(self, side: str) -> Version:
        self.note(side)
        code = self.request[side]
        code = {**code, **{part: uninterpreted(code[part]) for part in ("source", "probed") if code.get(part)}}
        return Version(code, self.request["mode"], self.request["global_data"], self.request["results"], GIVEN)

    def _followed(self, side: str, version: Version, k: int, fails: bool) -> tuple[Outcome, str]:
        """What a version does on the values number `k`, and a text of all that can be seen of it."""
        self.note(side)
        arguments = {p["name"]: self._argument(p["name"], p["spec"], k) for p in self.request["parameters"]}
        STEPS.begin(fails, k % _FEW == 1)
        outcome = version.run(arguments, _SECONDS)
        steps = [STEPS.taken, sorted(STEPS.asked) if outcome.status == "returned" else ""]
        kept = {n: v for n, v in outcome.arguments.items() if n not in self.request["unseen"] or not outcome.error}
        try:
            seen = [kept, outcome.status, type(outcome.error).__name__, str(outcome.tag), outcome.value]
            return outcome, repr([steps, text_of([*seen, outcome.partial, outcome.output, outcome.log])])
        except Unclear as e:
            return Outcome("stopped", error=e), ""

    def _argument(self, name: str, spec: dict[str, Any], k: int) -> Any:
        """A term; a list, dict or set of terms where the code itself says that it is one, and alters it."""
        inside = [Term(f"{name}#{k}<{i}>") for i in range(k % 4)]
        own = name in self.request["unseen"]
        known = (spec.get("stated") or own) and name in self.request["altered"]
        match spec["t"] if known else "":
            case "list":
                return inside if own else SharedList(inside)
            case "set":
                return set(inside) if own else SharedSet(inside)
            case "dict":
                held = {key: Term(f"{name}#{k}[{key}]") for key in inside}
                return held if own else SharedDict(held)
        return Term(f"{name}#{k}")
