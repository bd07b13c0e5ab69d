"""Pieces of code that are no plain loop over rows: apply, comprehensions, groups, windows, grids, look-ups."""

from __future__ import annotations

from dataclasses import dataclass

from .expressions import Expressions
from .headers import column, header

Lines = list[str]


@dataclass(frozen=True)
class Piece:
    """What stands before, the code in question, and an expression for what it has made."""

    before: Lines
    code: Lines
    result: str


class Shapes:
    """Makes pieces."""

    def __init__(self, make: Expressions) -> None:
        self.make, self.scope = make, make.scope

    def any(self) -> Piece:
        """A piece of any kind."""
        makers = (
            *[self._rows_applied] * 2,
            *[self._elements_applied] * 2,
            *[self._comprehension] * 2,
            self._groups,
            self._keys,
            *[self._window] * 2,
            self._grid,
            self._looked_up,
        )
        return self.scope.rng.choice(makers)()

    def _value(self) -> str:
        return self.make.text() if self.scope.chance(0.2) else self.make.number()

    def _rows_applied(self) -> Piece:
        self.scope.need("df", "frame")

        def read(kind: str) -> str | None:
            name = column(self.scope, kind)
            return name and self.scope.pick(f'r["{name}"]', f'r["{name}"]', f"r.{name}")

        self.scope.read = read
        call = f"df.apply(lambda r: {self._value()}, axis=1)"
        return self._kept(self.scope.pick(call, call, f"{call}.tolist()", f"list({call})", f"{call}.sum()"))

    def _kept(self, call: str) -> Piece:
        if self.scope.chance(0.4) and ".tolist()" not in call and ".sum()" not in call:
            return Piece([], [f'df["made"] = {call}'], "df")
        return Piece([], [f"out = {call}"], "out")

    def _elements_applied(self) -> Piece:
        kind = self.scope.pick("num", "num", "int", "text", "bool", "key", "date")
        name = column(self.scope, kind)
        self.scope.read = lambda wanted: "v" if wanted == kind or (wanted, kind) == ("num", "int") else None
        method = self.scope.pick("apply", "map")
        if kind == "key" and self.scope.chance(0.5):
            self.scope.need("prices", "dict")
            return self._kept(f'df["{name}"].map({self.scope.pick("prices", "lambda v: prices[v]", "prices.get")})')
        return self._kept(f'df["{name}"].{method}(lambda v: {self._value()})')

    def _comprehension(self) -> Piece:
        head = header(self.scope)
        if not head.line.startswith("for "):
            return self._grid()
        self.scope.read = head.read
        test = f" if {self.make.condition()}" if self.scope.chance(0.4) else ""
        inner = f"{self._value()} {head.line[:-1]}{test}"
        key = self.make.leaf("key") or "0"
        made = self.scope.pick(
            f"[{inner}]", f"[{inner}]", f"sum({inner})", f"np.array([{inner}])", f"{{{key}: {inner}}}"
        )
        return Piece([], [f"out = {made}"], "out")

    def _aggregate(self, part: str) -> str:
        name = column(self.scope, self.scope.pick("num", "num", "int"))
        cells = f'{part}["{name}"]'
        agg = self.scope.pick(
            "sum()", "mean()", "max()", "min()", "count()", "std()", "median()", "iloc[0]", "nunique()"
        )
        value = self.scope.pick(f"{cells}.{agg}", f"{cells}.{agg}", f"len({part})", f"{cells}.{agg}")
        return f"{value} * 2" if self.scope.chance(0.2) else value

    def _gathered(self, key: str, values: Lines) -> tuple[Lines, Lines, str]:
        match self.scope.pick("list", "dict", "records"):
            case "list":
                return ["out = []"], [f"out.append({values[0]})"], "out"
            case "dict":
                return ["out = {}"], [f"out[{key}] = {values[0]}"], "out"
        cells = ", ".join([f'"key": {key}', *(f'"v{k}": {v}' for k, v in enumerate(values))])
        return ["out = []"], [f"out.append({{{cells}}})"], "pd.DataFrame(out)"

    def _groups(self) -> Piece:
        self.scope.need("df", "frame").columns.add("key")
        by = self.scope.pick('"key"', '"key"', '"key", sort=False', '["key"]', '"qty"')
        if "qty" in by:
            self.scope.need("df", "frame").columns.add("qty")
        before, inner, result = self._gathered("k", [self._aggregate("part") for _ in range(2)])
        return Piece(before, [f"for k, part in df.groupby({by}):", *(f"    {line}" for line in inner)], result)

    def _keys(self) -> Piece:
        self.scope.need("df", "frame").columns.add("key")
        source = self.scope.pick('df["key"].unique()', 'df["key"].unique()', "words", 'set(df["key"])')
        if source == "words":
            self.scope.need("words", "list", "key")
        before, inner, result = self._gathered("k", [self._aggregate("part") for _ in range(2)])
        lines = ['    part = df[df["key"] == k]', *(f"    {line}" for line in inner)]
        return Piece(before, [f"for k in {source}:", *lines], result)

    def _window(self) -> Piece:
        kind = self.scope.pick("array", "array", "column", "list")
        if kind == "column":
            cells, size = f'df["{column(self.scope, "num")}"].{self.scope.pick("iloc", "values")}', "len(df)"
        else:
            self.scope.need("xs", kind)
            cells, size = "xs", "len(xs)"
        width = self.scope.pick("2", "3", "w", "w")
        if width == "w":
            self.scope.need("w", "int")
        low, high = self.scope.pick(f"i - {width}|i", f"i - {width} + 1|i + 1", f"i|i + {width}", "0|i").split("|")
        part = f"{cells}[{low}:{high}]"
        agg = self.scope.pick("mean", "sum", "max", "min", "std", "median")
        value = f"{part}.{agg}()" if kind != "list" and agg != "median" else f"np.{agg}({part})"
        value = self.scope.pick(value, value, f"{cells}[i] - {value}", f"({value}) * 2", f"sum({part})")
        start = self.scope.pick(f"{width}, ", f"{width} - 1, ", "", "1, ")
        end = self.scope.pick("", "", f" - {width}", f" - {width} + 1")
        header_line = f"for i in range({start}{size}{end}):"
        if self.scope.chance(0.4):
            return Piece(
                [f"out = np.{self.scope.pick('zeros', 'ones')}({size})"], [header_line, f"    out[i] = {value}"], "out"
            )
        return Piece(["out = []"], [header_line, f"    out.append({value})"], self.scope.pick("out", "np.array(out)"))

    def _grid(self) -> Piece:
        for name in ("xs", "ys"):
            self.scope.need(name, "array")
        self.scope.read = lambda kind: self.scope.pick("xs[i]", "ys[j]") if kind in ("num", "int") else None
        value = self.scope.pick(self.make.number(), self.make.number(), "xs[i] * ys[j]", "abs(xs[i] - ys[j])")
        size = self.scope.pick("len(xs), len(ys)", "len(xs), len(ys)", "len(ys), len(xs)")
        start = self.scope.pick("", "", "1, ")
        sign = self.scope.pick("=", "=", "=", "+=")
        test = [f"        if {self.make.condition(1)}:"] if self.scope.chance(0.2) else []
        store = f"{'    ' * (3 if test else 2)}grid[i, j] {sign} {value}"
        lines = [f"for i in range({start}len(xs)):", "    for j in range(len(ys)):", *test, store]
        return Piece([f"grid = np.zeros(({size}))"], lines, "grid")

    def _looked_up(self) -> Piece:
        """Rows of another table by key."""
        self.scope.need("df", "frame").columns.add("key")
        table = self.scope.need("table", "frame")
        table.columns.add("key")
        name = column(self.scope, self.scope.pick("num", "int"), "table")
        found = self.scope.pick(
            f'by_key.loc[row["key"], "{name}"]',
            f'by_key["{name}"][row["key"]]',
            f'table[table["key"] == row["key"]]["{name}"].iloc[0]',
            f'table.loc[table["key"] == row["key"], "{name}"].values[0]',
            f'by_key.at[row["key"], "{name}"]',
        )
        before = ["out = []", 'by_key = table.set_index("key")']
        return Piece(before, ["for i, row in df.iterrows():", f"    out.append({found})"], "out")
