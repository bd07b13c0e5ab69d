"""Assumptions about the data as tests that the program makes itself: each implies all that the assumption says.

A test raises for nothing that it is given, and looks at types and lengths, and at all elements for -0.0 alone.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...loops.context import SiteContext
from ...loops.implicit import Form, ImplicitSite
from ...loops.ir import Loop, Read
from ...loops.obligations import Obligation
from ...loops.walk import walk
from ..shared.build import expr, filled
from . import words
from .divisors import divided_by
from .lengths import equal_lengths, is_lifted
from .matrices import wide_enough
from .stored import stores_numbers
from .syntax import Untestable, cheap, for_each, kind_of_dates, only_compared, rounds_of, typed

#: What holds where columns and arrays are known to hold 64-bit numbers, and where they hold floats.
IMPLIED = frozenset({"float64"})
OF_FLOATS = frozenset({"small-integers"})
#: What is tested of each of its subjects, so that all have to be named.
BY_NAME = frozenset(
    {
        *("numeric-arrays", "numeric-matrices", "numeric-columns", "numpy-columns", "frame-columns", "likely-types"),
        *("scalars", "numeric-start", "positive-offsets", "signed-zero"),
    }
)
#: Assumptions that come down to types of columns, which others are tested after.
TYPES = frozenset({"numpy-columns", "date-columns"})


@dataclass
class Tests:
    """The tests that some assumptions come down to, in an order in which none raises."""

    site: SiteContext
    loop: Loop
    arrays: list[str] = field(default_factory=list)
    matrices: list[str] = field(default_factory=list)
    series: list[str] = field(default_factory=list)
    columns: dict[str, list[ast.expr]] = field(default_factory=dict)
    plain: dict[str, list[ast.expr]] = field(default_factory=dict)  # columns of any common type
    dates: dict[str, list[ast.expr]] = field(default_factory=dict)  # columns of dates or spans of time
    plain_series: list[str] = field(default_factory=list)  # series of any common type
    types: list[tuple[str, str]] = field(default_factory=list)  # what is only guessed to be a frame or a series
    numbers: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)  # numbers or text that are looked for
    floats: list[str] = field(default_factory=list)
    offsets: list[str] = field(default_factory=list)
    others: list[ast.expr] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)  # frames that are stored into: by a name, both of two columns

    @classmethod
    def of(cls, site: SiteContext, loop: Loop, owed: Sequence[Obligation]) -> Tests:
        """Raises Untestable if they come down to no tests."""
        tests = cls(site, loop)
        order = ("numeric-", "scalars", "columns-stored")  # what others are tested after
        for obligation in sorted(owed, key=lambda o: (not o.name.startswith(order), o.name not in TYPES)):
            tests._add(obligation)
        tested = (
            tests.arrays,
            tests.matrices,
            tests.series,
            tests.columns,
            tests.plain,
            tests.plain_series,
            tests.dates,
        )
        if not any((*tested, tests.numbers, tests.floats, tests.others)):
            raise Untestable
        tests._check_picked()
        tests._add_types()
        return tests

    def _check_picked(self) -> None:
        """`for row in df[["a", "b"]].itertuples()` asks for columns that no round may read."""
        tested = self._tested()
        for n in walk(self.loop.header.node.iter):
            match n:
                case ast.Subscript(value=base, slice=ast.List(elts=columns)):
                    if not {f"{ast.unparse(base)}[{ast.unparse(c)}]" for c in columns} <= tested:
                        raise Untestable

    def _add_types(self) -> None:
        """Only frames and series have the attributes that the tests ask for."""
        several = (*self.series, *self.plain_series)
        frames = (*self.columns, *self.plain, *self.dates)
        for codes, kind, test in ((frames, "frame", words.A_FRAME), (several, "series", words.A_SERIES)):
            for code in codes:
                known = self.site.kind(ast.parse(code, mode="eval").body)
                if known is None or known.name != kind or not known.proven:
                    self.types.append((code, test))

    def _add(self, obligation: Obligation) -> None:
        subjects = [ast.parse(s, mode="eval").body for s in obligation.subjects]
        if obligation.name in BY_NAME and (obligation.partly or not subjects):
            raise Untestable
        match obligation.name:
            case "numeric-arrays" | "numeric-pool":
                self.arrays += [cheap(s) for s in subjects]
            case "numeric-matrices":
                self.matrices += [cheap(s) for s in subjects]
                self.others += [t for s in subjects for t in wide_enough(self.site, ast.unparse(s))]
            case "numeric-columns":
                for s in subjects:
                    self._column(s, self.columns)
            case "numpy-columns":
                for s in subjects:
                    self._column(s, self.plain)
            case "date-columns":
                for s in subjects:
                    self._date(s)
            case "no-missing" if subjects and {ast.unparse(s) for s in subjects} <= self._tested():
                self.others += [filled(expr("pd.notna(x).all()"), {"x": s}) for s in subjects]
            case "writable" if {ast.unparse(s) for s in subjects} <= {*self.arrays}:
                self.others += [filled(expr("x.flags.writeable"), {"x": s}) for s in subjects]
            case "numpy-generator":
                self.others += [filled(expr(words.GENERATOR), {"x": s}) for s in subjects if cheap(s)]
            case "sequence" if not {ast.unparse(s) for s in subjects} <= self._tested():
                for s in subjects:
                    if not isinstance(s, ast.Subscript):
                        raise Untestable
                    self._column(s, self.plain)
            case "plain-columns" | "columns-exist" | "sequence" | "truth-of-dates":
                if not {ast.unparse(s) for s in subjects} <= self._tested():
                    raise Untestable
            case "frame-columns":
                self.types += [(cheap(s), words.A_FRAME) for s in subjects]
            case "likely-types":
                self._likely(subjects)
            case "scalars":
                for s in subjects:
                    (self.keys if only_compared(self.site, s) else self.numbers).append(cheap(s))
            case "numeric-start":
                self.floats += [cheap(s) for s in subjects]
            case "some-rounds":
                self.offsets.append(cheap(rounds_of(self.site.loop)))
            case "positive-offsets":
                self.offsets += [cheap(s) for s in subjects]
            case "signed-zero":
                self._zeros(subjects)
            case "equal-lengths" | "long-enough":
                self.others += equal_lengths(self.site, self.loop, obligation.name, [cheap(s) for s in subjects])
            case "range-index":
                for s in subjects:
                    self._index("index.equals(pd.RangeIndex(len(index)))", s)
            case "unique-index":
                for s in subjects:
                    self._index("index.is_unique", s)
            case "one-column":
                self.others += [filled(expr("type(c) is str"), {"c": s}) for s in subjects if cheap(s)]
            case "columns-stored" if self._stores_numbers():
                for s in subjects:  # a float fits where floats are
                    self._column(s, self.columns)
                    self.stored += [cheap(s.value)] if isinstance(s, ast.Subscript) else []
            case "no-zero-division":
                for s in subjects or [ast.Constant(None)]:
                    self._divided(ast.unparse(s))
            case "some-rows" | "empty-type":
                self._some(subjects)
            case name if name not in IMPLIED and not (self.site.floats and name in OF_FLOATS):
                raise Untestable

    def _tested(self) -> set[str]:
        """The columns and series that are tested, as they are written."""
        pairs = [
            (f, c) for columns in (self.columns, self.plain, self.dates) for f, found in columns.items() for c in found
        ]
        return {f"{frame}[{ast.unparse(c)}]" for frame, c in pairs} | {
            *(*self.series, *self.plain_series, *self.columns, *self.plain, *self.arrays, *self.matrices)
        }

    def _date(self, node: ast.expr) -> None:
        """A column, a series or the labels of a table, of pandas' own types for dates and spans of time."""
        match node:
            case ast.Subscript(slice=ast.Constant(value=str())):
                self._column(node, self.dates)
            case ast.Attribute(value=base, attr="index"):
                self.others.append(filled(expr(words.DATES), {"s": node, "kind": kind_of_dates(self.site.loop)}))
                cheap(base)
            case _:
                raise Untestable

    def _column(self, node: ast.expr, columns: dict[str, list[ast.expr]]) -> None:
        match node:
            case ast.Subscript(value=base, slice=ast.Constant(value=str()) as column):
                columns.setdefault(cheap(base), []).append(column)
            case ast.Subscript(value=base, slice=ast.Name() as column):
                self.others.append(filled(expr("type(c) is str"), {"c": column}))
                columns.setdefault(cheap(base), []).append(column)
            case _:
                (self.series if columns is self.columns else self.plain_series).append(cheap(node))

    def _zeros(self, subjects: Sequence[ast.expr]) -> None:
        """No -0.0 among numbers that are tested to be such."""
        if not {ast.unparse(s) for s in subjects} <= self._tested():
            raise Untestable
        self.others += [filled(expr(words.NO_MINUS_ZERO), {"x": self._elements(ast.unparse(s))}) for s in subjects]

    def _likely(self, subjects: Sequence[ast.expr]) -> None:
        """What is only guessed to be an array or a series: the tests have to look at the type as well."""
        for s in subjects:
            if cheap(s) in self.series:
                self.types.append((cheap(s), words.A_SERIES))
            elif cheap(s) not in self.arrays:
                raise Untestable

    def _stores_numbers(self) -> bool:
        """Whether cells take numbers that are tested to be such; columns are tested for floats alone."""
        columns = {f"{frame}[{ast.unparse(c)}]" for frame, found in self.columns.items() for c in found}
        scalars = (*self.numbers, *self.floats)
        return self.site.floats and stores_numbers(self.site, self.loop, columns, scalars)

    def _divided(self, division: str) -> None:
        """Nothing that is divided by is zero: no element of what is tested to hold numbers, and no such number."""
        for part in divided_by(self.site, self.loop, division):
            code = part.source.code if isinstance(part, Read) else part.code
            if code not in (self._tested() if isinstance(part, Read) else {*self.numbers, *self.floats}):
                raise Untestable
            if isinstance(part, Read):
                self.others.append(filled(expr(words.NO_ZERO), {"x": self._elements(code)}))
            else:
                self.others.append(filled(expr("x != 0"), {"x": expr(code)}))

    def _elements(self, code: str) -> ast.expr:
        """The array of a column, or of what is one or a series, once it is tested to hold numbers."""
        return expr(code) if code in self.arrays else expr(f"{code}.values")

    def _index(self, test: str, node: ast.expr) -> None:
        match node:
            case ast.Attribute(value=base, attr="index"):
                cheap(base)
                self.others.append(filled(expr(test), {"index": node}))
            case _:
                raise Untestable

    def _some(self, subjects: Sequence[ast.expr]) -> None:
        """At least one round, that gives something."""
        if subjects and all(isinstance(s, ast.Name) for s in subjects):
            rows = isinstance(self.site, ImplicitSite) and self.site.form is Form.ROWS
            tests = words.APPLIED if rows else ("len(x) > 0",)
            self.others += [filled(expr(test), {"x": s}) for s in subjects for test in tests]
            return
        span = self.loop.header.span
        some = span is not None and (span.first, span.delta) != (0, 0)
        if some or not is_lifted(self.loop) or any(e.guard is not None for e in self.loop.effects):
            raise Untestable
        table = span.of.code if span is not None and span.of is not None else None
        table = table or next(iter([*self.columns, *self.series, *self.arrays, *self.plain, *self.plain_series]), None)
        if table is None:
            raise Untestable
        self.others.append(filled(expr("len(x) > 0"), {"x": ast.parse(table, mode="eval").body}))

    def all(self) -> list[ast.expr]:
        """The tests, in order."""
        out = [filled(expr(test), {"x": expr(code)}) for code, test in dict.fromkeys(self.types)]
        out += [filled(expr(words.UNIQUE), {"x": expr(code)}) for code in dict.fromkeys(self.stored)]
        dtypes = words.FLOAT if self.site.floats else words.NUMBERS
        out += self._each("x", typed(words.ARRAY, dtypes), self.arrays)
        out += self._each("x", typed(words.MATRIX, dtypes), self.matrices)
        strings = [t for t in self.others if "is str" in ast.unparse(t)]
        out += strings
        for columns, types in ((self.columns, dtypes), (self.plain, words.PLAIN)):
            for frame, found in columns.items():
                test = filled(typed(words.COLUMN, types), {"frame": expr(frame)})
                out += for_each("c", test, list({ast.unparse(c): c for c in found}.values()))
        for frame, found in self.dates.items():
            test = filled(expr(words.A_DATE), {"frame": expr(frame), "kind": kind_of_dates(self.site.loop)})
            out += for_each("c", test, list({ast.unparse(c): c for c in found}.values()))
        for codes, types in ((self.series, dtypes), (self.plain_series, words.PLAIN)):
            out += [filled(typed(words.SERIES, types), {"s": expr(c)}) for c in dict.fromkeys(codes)]
        out += self._each("k", expr(words.KEY), [n for n in self.keys if n not in (*self.numbers, *self.floats)])
        out += self._each("k", expr(words.NUMBER), [n for n in self.numbers if n not in self.floats])
        out += [filled(expr("type(k) is float"), {"k": expr(c)}) for c in dict.fromkeys(self.floats)]
        out += self._each("k", expr("type(k) is int and k > 0"), self.offsets)
        out += list({ast.unparse(t): t for t in self.others if t not in strings}.values())
        return out

    def _each(self, variable: str, test: ast.expr, codes: Sequence[str]) -> list[ast.expr]:
        return for_each(variable, test, [expr(c) for c in dict.fromkeys(codes)])
