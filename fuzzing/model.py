"""What a random program is, and what the judge says of it."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Columns that programs read, by the kind of value that they usually hold.
COLUMNS: dict[str, tuple[str, ...]] = {
    "num": ("open", "close", "size_"),
    "int": ("qty", "lots"),
    "bool": ("flag",),
    "text": ("name_", "side"),
    "key": ("key",),
    "date": ("day",),
}
KIND_OF_COLUMN = {column: kind for kind, columns in COLUMNS.items() for column in columns}


@dataclass
class Parameter:
    """A name that a program needs: what kind of object, of which elements, and whether the code says so."""

    name: str
    kind: str  # frame, list, array, matrix, nested, series, dict, num, int, text
    element: str = "num"
    annotated: bool = True
    columns: set[str] = field(default_factory=set)

    @property
    def annotation(self) -> str:
        """As it stands in the signature; empty where the code says nothing."""
        return ANNOTATIONS[self.kind] if self.annotated else ""


ANNOTATIONS = {
    "frame": "pd.DataFrame",
    "list": "list",
    "array": "np.ndarray",
    "matrix": "np.ndarray",
    "nested": "list",
    "series": "pd.Series",
    "dict": "dict",
    "num": "float",
    "int": "int",
    "text": "str",
}


@dataclass(frozen=True)
class Program:
    """One random program. `entry` is the expression that runs it; a program without one runs at module level.

    `fixed` are names that the program itself gives a number of NumPy's.
    """

    number: int
    text: str
    parameters: tuple[Parameter, ...]
    entry: str = ""
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """A rewrite that does something else than its loop."""

    program: Program
    rule: str
    tier: str
    obligations: tuple[str, ...]
    after: str
    difference: str
    inputs: str
    tags: tuple[str, ...]
    seed: str
    error: str = ""  # what the loop raises


@dataclass
class Tally:
    """What happened to many programs."""

    programs: int = 0
    rewritten: int = 0  # programs with at least one form
    sites: int = 0
    forms: dict[str, int] = field(default_factory=dict)  # "DL201 comprehension safe" -> how often
    refused: dict[str, int] = field(default_factory=dict)
    runs: int = 0
    excused: int = 0
    raised: int = 0
    failures: list[Failure] = field(default_factory=list)
    crashes: list[tuple[int, str]] = field(default_factory=list)  # programs on which deloop itself fails

    def count(self, table: dict[str, int], key: str) -> None:
        table[key] = table.get(key, 0) + 1

    def add(self, other: Tally) -> None:
        """Take in what another process counted."""
        self.programs += other.programs
        self.rewritten += other.rewritten
        self.sites += other.sites
        self.runs += other.runs
        self.excused += other.excused
        self.raised += other.raised
        for mine, theirs in ((self.forms, other.forms), (self.refused, other.refused)):
            for key, number in theirs.items():
                mine[key] = mine.get(key, 0) + number
        self.failures += other.failures
        self.crashes += other.crashes
