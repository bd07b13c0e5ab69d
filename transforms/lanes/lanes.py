"""Array code in the making: the lanes of a loop's values, the steps that compute them, and what has to hold."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ...loops.context import SiteContext
from ...loops.ir import Access, Expr, Loop, Op, Sequence_
from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal
from ..shared.build import attr, both, call, name, same
from .rounds import Rounds

#: Kinds of objects that `len` takes, and that may be gone through again.
MEASURABLE = frozenset({"series", "ndarray", "list", "tuple", "dict", "set", "frame", "str"})


class NotVector(Exception):
    """The expression has no exact array form; carries the refusal."""

    def __init__(self, reason: Reason, line: int, message: str) -> None:
        self.refusal = Refusal(reason, line, message)
        super().__init__(message)


@dataclass(frozen=True)
class Lane:
    """One value of the loop for all rounds.

    `array`: surely an array (else it may be one scalar for all rounds).
    `dtype`: "bool", "int", "float", "number" (not known which), "text", or "any": an array of the very objects that the
    loop had, which can be listed but not computed with.
    `python`: the loop computed with Python scalars; None where that is not known (it depends on the frame).
    """

    node: ast.expr
    array: bool
    dtype: str
    python: bool | None = False


@dataclass
class Step:
    """One assignment of the new code. `wish` is the name it would like to have."""

    symbol: str
    wish: str
    node: ast.expr
    line: int | None = None
    authored: bool = False
    guarded_risk: bool = False
    pinned: bool = False  # it does more than compute, so it runs exactly once, whatever becomes of its value
    early: bool = False  # it reads what the new code changes later


@dataclass
class Raise:
    """An exception that the loop would have raised for some element: `if test: raise kind(message)`."""

    after: int  # the number of steps that come before it
    test: ast.expr
    kind: str
    message: str


def is_part(node: ast.expr) -> bool:
    """`close[1:]`: as short as a name, and as cheap."""
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and isinstance(node.value, ast.Name)


@dataclass
class Building:
    """The code that is built for one loop: steps, obligations, and how lanes are put together."""

    site: SiteContext
    loop: Loop
    rounds: Rounds
    np: str
    pd: str = ""  # the name of pandas, once the code needs it
    steps: list[Step] = field(default_factory=list)
    raises: list[Raise] = field(default_factory=list)
    obligations: dict[str, list[str]] = field(default_factory=dict)
    unnamed: set[str] = field(default_factory=set)  # those that are (also) about something without a name
    memo: dict[Expr, Lane] = field(default_factory=dict)
    marks: dict[Expr, tuple[bool, bool]] = field(default_factory=dict)  # mixed, blended of what is in the memo
    offsets: dict[tuple[Sequence_, Access], set[int]] | None = None  # at which offsets each array is read
    given: set[str] = field(default_factory=set)  # arrays that already go by a name of the user's
    owned: set[str] = field(default_factory=set)  # names of the user's that hold memory of their own
    arrays: set[str] = field(default_factory=set)  # symbols of steps that are surely arrays
    stored: set[str] = field(default_factory=set)  # names that are taken for arrays, as the new code stores into them
    whole: dict[int, tuple[Any, ast.stmt, str]] = field(default_factory=dict)  # store -> new maker, old maker, name
    superfluous: list[ast.stmt] = field(default_factory=list)  # statements that the new code makes pointless
    wholes: dict[str, ast.expr] = field(default_factory=dict)  # arrays that are read at several offsets, as names
    risk: bool = False
    depth: int = 0  # how many conditions the current evaluation stands under
    picks: bool = False  # what comes next may be computed for those rounds only that a guard lets through
    only_there: list[ast.expr] = field(default_factory=list)  # and this has to: it might raise elsewhere
    tolerance: float | None = None
    mixed: bool = False  # branches of several element types
    beside_float: bool = False  # what is the same on every round meets nothing but floats
    blended: bool = False  # branches of Python and NumPy scalars
    masks: dict[Expr, Lane] = field(default_factory=dict)
    wish: str = "raw_value"  # the name for a value that needs one and has none
    extend: Callable[[Any, Expr], Lane | None] | None = None  # lanes of expressions that only some idioms allow
    conditions: list[ast.expr] = field(default_factory=list)  # the new code may only run where these hold

    @property
    def line(self) -> int:
        return self.loop.header.node.lineno

    def lane(self, e: Expr) -> Lane:
        """The array form of an expression; raises NotVector if it has none."""
        raise NotImplementedError

    def elements(self, e: Expr) -> Lane:
        """What a list is made of: a lane that may hold any objects."""
        return self.lane(e)

    def owe(self, obligation: str, subject: str | None = None) -> None:
        """Note something that has to hold, of a part of the code if one is named."""
        subjects = self.obligations.setdefault(obligation, [])
        if not subject:
            self.unnamed.add(obligation)
        elif subject not in subjects:
            subjects.append(subject)

    def owe_a_number(self, lane: Lane) -> None:
        """What is the same on every round joins computed numbers: True would become 1."""
        if not lane.array and lane.dtype == "number":
            written = ast.unparse(lane.node)
            self.owe("numeric-start", None if "§" in written else written)

    def only_if(self, test: ast.expr) -> None:
        """Run the new code only where a test holds; where it does not, the loop makes no round."""
        if not any(same(test, other) for other in self.conditions):
            self.conditions.append(test)

    def under_conditions(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """The statements, under the tests that were asked for."""
        return [ast.If(both(self.conditions), statements, [])] if self.conditions else statements

    def owed(self) -> tuple[Obligation, ...]:
        """All that has to hold."""
        return tuple(Obligation(n, tuple(s), n in self.unnamed) for n, s in self.obligations.items())

    def numpy(self, function: str, *args: ast.expr) -> ast.Call:
        return call(attr(name(self.np), *function.split(".")), *args)

    def step(
        self, wish: str, node: ast.expr, line: int | None = None, authored: bool = False, plain: bool = False
    ) -> ast.Name:
        """A new assignment. `plain`: it only takes out a column, and so can't warn."""
        symbol = f"§{len(self.steps)}"
        self.steps.append(Step(symbol, wish, node, line, authored, self.risk and not plain))
        self.risk = self.risk and plain
        return name(symbol)

    def named(self, lane: Lane, wish: str, line: int | None = None, authored: bool = False) -> Lane:
        """The lane as a new assignment."""
        symbol = self.step(wish, lane.node, line, authored)
        if lane.array:
            self.arrays.add(symbol.id)
        return replace(lane, node=symbol)

    def before_stores(self, lane: Lane) -> Lane:
        """The lane as an assignment that stays where it is: ahead of all that is stored."""
        known = {step.symbol for step in self.steps}
        made = lane if isinstance(lane.node, ast.Name) and lane.node.id in known else self.named(lane, "mask")
        step = next(s for s in self.steps if isinstance(made.node, ast.Name) and s.symbol == made.node.id)
        step.early = True
        return made

    def raise_if(self, test: ast.expr, kind: str, message: str) -> None:
        """Keep an exception that the loop raises on every round that meets the test."""
        self.raises.append(Raise(len(self.steps), call(attr(test, "any")), kind, message))

    def refuse(self, message: str, e: Expr | None = None, reason: Reason = Reason.UNSUPPORTED_SYNTAX) -> NotVector:
        line = e.line if isinstance(e, Op) and e.line else self.line
        return NotVector(reason, line, message)

    def count(self) -> ast.expr:
        """The number of rounds; refuses one that only going through tells (`len(df.itertuples())`)."""
        self.rounds.zipped(self)
        for node in self.rounds.counts:
            kind = self.site.kind(node)
            if kind is not None and kind.name in MEASURABLE:
                continue
            if isinstance(node, ast.Call):
                message = "the number of rounds is not known before the loop"
                raise self.refuse(message, reason=Reason.UNKNOWN_KIND)
            self.owe("sequence", ast.unparse(node))
        return self.rounds.count()

    def temp(self, lane: Lane, wish: str | None = None) -> Lane:
        """The lane as a name, so that it can be used twice."""
        if (
            isinstance(lane.node, (ast.Name, ast.Constant))
            or is_part(lane.node)
            or (not lane.array and isinstance(lane.node, (ast.Attribute, ast.UnaryOp, ast.Subscript)))
        ):
            return lane
        return self.named(lane, wish or self.wish)

    def once(self, e: Expr, compute: Callable[[], Lane]) -> Lane:
        """The lane of an expression, computed the first time; what is said of its branches holds every time."""
        if e not in self.memo:
            outer, self.mixed, self.blended = (self.mixed, self.blended), False, False
            self.memo[e] = compute()
            self.marks[e] = (self.mixed, self.blended)
            self.mixed, self.blended = outer
        mixed, blended = self.marks.get(e, (False, False))
        self.mixed, self.blended = self.mixed or mixed, self.blended or blended
        return self.memo[e]

    def conditional(self, e: Expr) -> Lane:
        """A lane that the loop evaluates under a condition only, the new code always."""
        self.depth += 1
        try:
            return self.lane(e)
        finally:
            self.depth -= 1

    def may_pick(self, e: Expr) -> Lane:
        """A lane under a guard, of which parts may have to be computed for the rounds only that it lets through."""
        self.picks = True
        try:
            return self.conditional(e)
        finally:
            self.picks = False

    def beyond_guard(self) -> bool:
        """Whether what is evaluated now would be computed for rounds that the loop does not ask."""
        return self.depth > (1 if self.picks else 0)

    def note_risk(self) -> None:
        """An operation that may warn where the loop would not have evaluated it."""
        if self.depth:
            self.risk = True

    def scalars(self, *lanes: Lane) -> bool | None:
        """Whether an operation of the loop ran on Python scalars: NumPy wins over Python."""
        found = {x.python for x in lanes}
        return False if False in found else None if None in found else True

    def _joined(self, a: Lane, b: Lane, node: ast.expr, dtype: str) -> Lane:
        return Lane(node, a.array or b.array, dtype, self.scalars(a, b))

    def number(self, e: Expr) -> Lane:
        """A lane that arithmetic can use."""
        lane = self.lane(e)
        if lane.dtype in ("text", "any"):
            what = "text" if lane.dtype == "text" else "a value that may be None or text"
            raise self.refuse(f"{what} is computed with", e if isinstance(e, Op) else None)
        return lane

    def _common(self, *lanes: Lane) -> str:
        """The type of an array that takes each element from one of these lanes; notes what the elements lose by it."""
        dtypes = {x.dtype for x in lanes}
        if "bool" in dtypes and len(dtypes) > 1:
            raise self.refuse("truth values and numbers are mixed")  # an array makes 1 of True
        if "any" in dtypes and len(dtypes) > 1:
            raise self.refuse("a value that may be None or text is mixed with others")
        if len(dtypes) > 1 or "number" in dtypes:
            self.mixed = True
        perhaps = [x for x in lanes if x.dtype == "float" or (x.array and x.dtype == "number")]
        whole = [x for x in lanes if x.dtype == "number" or (x.array and x.dtype == "int")]
        if any(a is not b for a in perhaps for b in whole):
            # An integer beside a float becomes one.
            self.owe("small-integers")
        self._blend(*lanes)
        for x in lanes:
            self.owe_a_number(x)
        if len(dtypes) == 1:
            return dtypes.pop()
        return "float" if "float" in dtypes and "text" not in dtypes else "number"

    def _blend(self, *lanes: Lane) -> None:
        """A constant branch beside a computed one: a Python scalar among NumPy scalars."""
        if len({x.python for x in lanes}) > 1:
            self.blended = True
