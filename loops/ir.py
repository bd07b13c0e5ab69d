"""The loop IR: one header, guarded effects over expressions, and what is carried from one round to the next.

Leaves of an expression are element reads at an offset from the induction variable, the position or the label of the
row, values carried from the round before, and invariants. Everything else is an `Op`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

from .remarks import Refusal


class Scalar(Enum):
    """Which scalar a read hands to the body."""

    PYTHON = "python"  # iteration, zip, itertuples over a Series
    NUMPY = "numpy"  # .iloc, .at, .values[i], iteration over an ndarray
    ROW = "row"  # iterrows and df.iloc[i]: depends on the other columns
    ITEM = "item"  # whatever the list holds


class Access(StrEnum):
    """How an element is reached."""

    ILOC = "iloc"  # s.iloc[i], df["c"].iloc[i]
    ROW_ILOC = "row-iloc"  # df.iloc[i]["c"]
    ROW_LABEL = "row-label"  # df.loc[i]["c"]
    VALUES = "values"  # s.values[i], s.to_numpy()[i]
    LABEL = "label"  # df.loc[i, "c"], df.at[i, "c"], s[i], df["c"][i]
    IAT = "iat"  # df["c"].iat[i]
    ROW = "row"  # row["c"] of iterrows
    TUPLE = "tuple"  # row.c of itertuples
    RECORD = "record"  # row["c"] of to_dict("records")
    ITERATE = "iterate"  # for v in s, zip(s, t), enumerate(s)
    INDEX = "index"  # x[i] of an array or a list

    @property
    def by_label(self) -> bool:
        """Whether what is read is found by its label."""
        return self in (Access.LABEL, Access.ROW_LABEL)

    @property
    def of_row(self) -> bool:
        """Whether a whole row is taken out of the frame first: its values become of one type."""
        return self in (Access.ROW_ILOC, Access.ROW_LABEL)


#: Access -> scalar kind for a pandas column.
SCALAR_OF = {
    Access.ILOC: Scalar.NUMPY,
    Access.IAT: Scalar.NUMPY,
    Access.VALUES: Scalar.NUMPY,
    Access.LABEL: Scalar.NUMPY,
    Access.ROW_ILOC: Scalar.ROW,
    Access.ROW_LABEL: Scalar.ROW,
    Access.ROW: Scalar.ROW,
    Access.TUPLE: Scalar.PYTHON,
    Access.RECORD: Scalar.PYTHON,
    Access.ITERATE: Scalar.PYTHON,
    Access.INDEX: Scalar.ITEM,
}


#: Something evaluated that may raise (where it stands), or a branch: ("if", events of one side, events of the other).
Event = tuple[object, ...]


class Expr:
    """A value computed in one round of the loop."""

    __slots__ = ()

    def children(self) -> tuple[Expr, ...]:
        return ()

    def walk(self) -> Iterator[Expr]:
        """This expression and all below it, in evaluation order of the operands."""
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True)
class Const(Expr):
    """A literal. `node` keeps its spelling."""

    value: Any
    node: ast.expr = field(compare=False, hash=False)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Const) and type(self.value) is type(other.value) and repr(self.value) == repr(other.value)
        )

    def __hash__(self) -> int:
        return hash((type(self.value), repr(self.value)))


@dataclass(frozen=True)
class Inv(Expr):
    """An expression that does not depend on the round."""

    code: str
    node: ast.expr = field(compare=False, hash=False)


@dataclass(frozen=True)
class Pos(Expr):
    """The induction variable plus a constant."""

    offset: int = 0


@dataclass(frozen=True)
class Label(Expr):
    """The index label of the row of a round."""

    frame: Inv


@dataclass(frozen=True)
class Sequence_:
    """What elements are read from: a column of a frame, or a whole series, array or list."""

    base: Inv
    column: Expr | None = None

    @property
    def code(self) -> str:
        return f"{self.base.code}[{_code(self.column)}]" if self.column is not None else self.base.code

    @property
    def by_attribute(self) -> bool:
        """Whether the column is read as an attribute: a key made from one has no place in the file."""
        return isinstance(self.column, Const) and not hasattr(self.column.node, "lineno")


def _code(e: Expr | None) -> str:
    match e:
        case Inv(code=code):
            return code
        case Const(node=node):
            return ast.unparse(node)
        case _:
            return "?"


@dataclass(frozen=True)
class Read(Expr):
    """An element read: source, how, at which offset, and which scalar that gives."""

    source: Sequence_
    access: Access
    offset: int = 0
    dtype: str | None = None  # proven element type ("float64"), if any
    scalar: Scalar = Scalar.ITEM
    name: str | None = None  # the loop target that holds it, if it is one
    part: bool = False  # only a part of the element (an unpacked item): not a sequence of its own
    number: int | None = None  # which item of the row it is, where the row is read (or unpacked) by number
    node: ast.expr | None = field(default=None, compare=False, hash=False)  # how a read by label is written


@dataclass(frozen=True)
class Own(Expr):
    """An element of what the loop stores into, read before its round stores into that very place.

    No other round reads it or stores there. What computes all rounds before it stores any may take it for a read.
    """

    read: Read

    def children(self) -> tuple[Expr, ...]:
        return (self.read,)


@dataclass(frozen=True)
class Row(Expr):
    """A whole row of a frame, at an offset."""

    frame: Inv
    access: Access
    offset: int = 0
    first: int | None = None  # the number of its first column, 1 behind a label; None where numbers say nothing
    columns: tuple[str, ...] = ()  # the columns of the frame, where its syntax names them
    names: bool = True  # whether it has attributes: not with itertuples(name=None)


@dataclass(frozen=True)
class Carried(Expr):
    """The value that a name has at the start of a round."""

    name: str


@dataclass(frozen=True)
class Undefined(Expr):
    """A name that is unbound on some path."""

    name: str


@dataclass(frozen=True)
class Named(Expr):
    """A temporary of the body (or of an inlined helper): its value, and the name for it."""

    name: str = field(compare=False, hash=False)
    value: Expr = field(default_factory=lambda: Undefined(""))

    def children(self) -> tuple[Expr, ...]:
        return (self.value,)


@dataclass(frozen=True)
class Op(Expr):
    """An operation.

    `name` is an operator ("+", "<", "if", "and"), "call:math.sqrt", "method:upper", "attr:x", "item", "tuple", ...
    `node` is the original syntax, for its line.
    """

    name: str
    args: tuple[Expr, ...]
    node: ast.AST | None = field(default=None, compare=False, hash=False)
    keywords: tuple[str, ...] = ()

    def children(self) -> tuple[Expr, ...]:
        return self.args

    @property
    def line(self) -> int:
        return getattr(self.node, "lineno", 0)


@dataclass(frozen=True)
class Raw(Expr):
    """Syntax that is carried along as it is (f-strings, comprehensions, unknown calls), with holes for local names."""

    node: ast.expr = field(compare=False, hash=False)
    code: str
    holes: tuple[tuple[str, Expr], ...] = ()
    opaque: bool = False  # it calls something unknown

    def children(self) -> tuple[Expr, ...]:
        return tuple(e for _, e in self.holes)


@dataclass(frozen=True)
class Effect:
    """Something that outlives the round. `guard` None means always. `line` is where it stands."""

    target: str
    value: Expr
    guard: Expr | None
    line: int


@dataclass(frozen=True)
class Append(Effect):
    """`target.append(value)`."""


@dataclass(frozen=True)
class Add(Effect):
    """`target.add(value)` of a set."""


@dataclass(frozen=True)
class Extend(Effect):
    """`target.extend(value)`."""


@dataclass(frozen=True)
class StoreItem(Effect):
    """`target[index] = value` into an array, list or dict; `augmented` is the operator of an augmented store."""

    index: Expr = field(default_factory=Pos)
    augmented: str = ""


@dataclass(frozen=True)
class StoreCell(Effect):
    """A store into one cell of a frame: `df.at[row, column] = value`."""

    row: Expr = field(default_factory=Pos)
    column: Expr | None = None
    access: Access = Access.LABEL


class HeaderForm(StrEnum):
    """The ways a loop visits its rounds."""

    ITERROWS = "iterrows"
    ITERTUPLES = "itertuples"
    RECORDS = "records"  # for row in df.to_dict("records")
    POSITIONS = "positions"  # for i in range(...)
    ELEMENTS = "elements"  # for v in s, zip(...), enumerate(...)
    LABELS = "labels"  # for idx in df.index
    LABELLED = "labelled"  # for v, idx in zip(df["c"], df.index) of a frame that the body changes
    STRIDES = "strides"  # for i in reversed(range(...)), range(0, n, 2), np.arange(n)


@dataclass(frozen=True)
class Span:
    """The positions of a range: `start <= i < len(of) + delta`, step 1; `stop` is set where no length is measured."""

    start: Expr
    of: Inv | None
    delta: int = 0
    stop: Inv | None = None

    @property
    def first(self) -> int | None:
        """The constant start, if it is one."""
        return self.start.value if isinstance(self.start, Const) and isinstance(self.start.value, int) else None


@dataclass(frozen=True)
class Header:
    """How the loop goes round: what it visits, and what the targets stand for."""

    form: HeaderForm
    node: ast.For
    binds: dict[str, Expr] = field(hash=False, compare=False)
    table: Inv | None = None
    span: Span | None = None
    elements: tuple[Read | Inv, ...] = ()
    position_name: str | None = None
    progress: ast.Call | None = None  # `tqdm(...)` around what is iterated: it shows something on every round


@dataclass(frozen=True)
class Loop:
    """A lifted loop."""

    header: Header
    effects: tuple[Effect, ...]
    carried: dict[str, Expr]  # name -> its value at the end of a round, in terms of Carried leaves
    finals: dict[str, Expr]  # every name bound in the body -> its value at the end of a round
    live_out: dict[str, int] = field(default_factory=dict)  # names of the loop that are read after it -> the line
    opaque: tuple[int, ...] = ()  # lines of calls that may do anything
    trace: tuple[Event, ...] = ()  # what one round evaluates, in order
    overwritten: tuple[Expr, ...] = ()  # values of temporaries that the same round bound again
    #: What rounds read or compute, also where nothing comes of it; whether each round does.
    fetched: dict[Read | Row | Inv, bool] = field(default_factory=dict)
    called: str = ""  # what the first of the opaque calls calls
    escapes: Refusal | None = None  # why rows are elements like any other here: the body does more than read columns


def strip(e: Expr) -> Expr:
    """The expression without its outer names."""
    while isinstance(e, Named):
        e = e.value
    return e


def reads(e: Expr) -> list[Read]:
    """All element reads in an expression."""
    return [x for x in e.walk() if isinstance(x, Read)]
