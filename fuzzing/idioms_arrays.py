"""Pieces of code that fill several results, let arrays grow, map cells or draw random numbers."""

from __future__ import annotations

import pandas as pd

from .headers import column
from .idioms_scans import ScanIdioms
from .shapes import Piece

#: One number each, of every kind of generator.
_DRAWS = (
    *("random()", "random()", "normal(0, 1)", "normal(2.5, 0.5)", "uniform(-1, 1)", "exponential(2.0)"),
    *("poisson(3)", "standard_normal()", "choice([1, 2, 5])", "binomial(9, 0.5)", "gamma(2.0)"),
)
_SAMPLES = (
    *("normal(0, 1, size=4)", "choice(xs, size=3)", "choice(xs, size=len(xs))", "uniform(size=5)", "choice(3, size=4)"),
    *("choice(xs, 3)", "random(4)", "poisson(2, size=3)", "choice(xs, size=2, replace=False)", "exponential(size=w)"),
)


def _within(body: list[str]) -> list[str]:
    return [f"    {line}" for line in body]


class ArrayIdioms(ScanIdioms):
    """What needs a NumPy array to be the result, or a generator to draw from."""

    def _several(self) -> Piece:
        """Lists and arrays that are filled side by side."""
        s = self.scope
        line, value, size = self._rounds()
        if s.chance(0.6):
            while "[i]" not in value:
                line, value, size = self._rounds()
        positions = "[i]" in value
        s.read = lambda kind: s.pick(value, value, "t") if kind in ("num", "int") else None
        where = s.pick("i", value, value) if positions else value
        results = [
            ("a = []", f"a.append({self._small_or(value)})"),
            ("b = []", f"b.append({where})"),
            ("c = set()", f"c.add({value})"),
            ("n = 0", "n += 1"),
        ]
        if positions:
            made = s.pick("zeros", "zeros", "ones", "empty", "zeros_like(xs)" if "xs" in size else "zeros")
            made = made if "(" in made else f"{made}({size})"
            results.append((f"d = np.{made}", f"d[i] {s.pick('=', '=', '+=')} {self._small_or(value)}"))
            results.append((f"e = [0.0] * {size}", f"e[i] = {self._small_or(value)}"))
        chosen = s.rng.sample(results, s.rng.randint(2, 3))
        if positions and s.chance(0.7):
            chosen = [results[4], *s.rng.sample(results[:2], s.rng.randint(1, 2))]  # an array, and a list or two
            s.rng.shuffle(chosen)
        body: list[str] = [f"t = {value} * 2"]
        for _, step in chosen:
            body += [f"if {self.make.condition(1)}:", f"    {step}"] if s.chance(0.4) else [step]
        if s.chance(0.1):
            body.insert(1, f"if {self.make.condition(0)}:")
            body.insert(2, "    continue")
        names = [made.split(" ")[0] for made, _ in chosen]
        uses = [s.pick(x, x, f"np.array({x})") if x in ("a", "b") else x for x in names]
        return Piece([made for made, _ in chosen], [line, *_within(body)], f"({', '.join(uses)})")

    def _small_or(self, value: str) -> str:
        return self.scope.pick(value, self.make.number(1), self.make.number(1), f"{value} > 1")

    def _table_columns(self) -> Piece:
        s = self.scope
        line, value, size = self._rounds()
        while "[i]" not in value:
            line, value, size = self._rounds()
        self._read(value)
        made = s.pick("zeros", "zeros", "empty", "ones")
        dtype = s.pick("", "", "", ", dtype=int", ', dtype="float32"')
        before = [f"table = np.{made}(({size}, 3){dtype})"]
        if s.chance(0.3):
            wide = s.pick("table[i]", "table[i, :]", "table[i, 0:3]", "table[i, 1:]")
            cells = [self._small_or(value) for _ in range(2 if wide.endswith("1:]") else 3)]
            body = [f"{wide} = {s.pick('{}', '{}', '[{}]', '({})').format(', '.join(cells))}"]
        else:
            body = []
            for k in s.rng.sample(range(3), s.rng.randint(2, 3)):
                store = f"table[i, {k}] {s.pick('=', '=', '=', '=', '+=')} {self._small_or(value)}"
                body += [f"if {self.make.condition(1)}:", f"    {store}"] if s.chance(0.35) else [store]
        if s.chance(0.1):
            body.append(
                s.pick("table[i, 2] = table[i, 0]", "table[i, 0] = table[i - 1, 1]", f"table[{size} - 1, 1] = 5")
            )
        return Piece(before, [line, *_within(body)], s.pick("table", "table", "table.sum(axis=0)", "table.tolist()"))

    def _overlapping(self) -> Piece:
        """Several stores into one array, whose places meet in different rounds."""
        s = self.scope
        line, value, size = self._rounds()
        while "[i]" not in value:
            line, value, size = self._rounds()
        self._read(value)
        cell = s.pick("{}", "{}", "{}", "{}, 0", "{}, 1", "{}][0")
        made = f"{s.pick('zeros', 'ones', 'full')}(({size} + 1, 2)" if len(cell) > 2 else f"zeros({size} + 1"
        more = ", np.nan)" if "full" in made else s.pick(")", ")", ", dtype=int)")
        body = []
        for place in s.rng.sample(["i", "i + 1", "i - 1"], s.rng.randint(2, 3)):
            store = f"out[{cell.format(place)}] {s.pick('=', '=', '=', '=', '+=')} {self._small_or(value)}"
            body += [f"if {self.make.condition(1)}:", f"    {store}"] if s.chance(0.4) else [store]
        if s.chance(0.2):
            body = ["top = max(top, i)", *body, f"out[{cell.format('i')}] = top"]
        return Piece(["top = 0", f"out = np.{made}{more}"], [line, *_within(body)], "out")

    def _array_grown(self) -> Piece:
        s = self.scope
        flat = s.chance(0.6)
        if flat and s.chance(0.3):
            s.need("parts", "nested")
            line, piece = "for part in parts:", s.pick("part", "len(part)", "sum(part)", "np.array(part)")
        else:
            line, value, _ = self._rounds()
            self._read(value)
            piece = self._small_or(value)
            piece = piece if flat else s.pick(f"[{piece}, {value}]", f"np.array([{value}, {piece}])", f"({value}, 1)")
        start = s.pick(*["np.array([])"] * 3, "np.array([1.0])", "np.array([1, 2])", "np.empty(0, dtype=int)")
        how = s.pick("np.append(out, {})", "np.append(out, {})", "np.append(out, [{}])", "np.hstack([out, {}])")
        if not flat:
            start = s.pick("np.empty((0, 2))", "np.empty((0, 2))", "np.zeros((1, 2))", "np.empty((0, 2), dtype=int)")
            how = s.pick("np.vstack([out, {}])", "np.append(out, [{}], axis=0)", "np.concatenate([out, [{}]])")
        elif "hstack" in how and "part" not in piece:
            how = "np.concatenate([out, [{}]])"
        step = f"out = {how.format(piece)}"
        body = [f"if {self.make.condition(0)}:", f"    {step}"] if s.chance(0.3) else [step]
        if s.chance(0.2):
            body.append(s.pick("n += 1", f"out = {how.format(piece)}", "n = len(out)"))
        return Piece([f"out = {start}", "n = 0"], [line, *_within(body)], s.pick("out", "out", "(out, n)"))

    def _cells_mapped(self) -> Piece:
        s = self.scope
        names = [column(s, s.pick("num", "num", "int")) for _ in range(s.rng.randint(1, 3))]
        wanted = ", ".join(f'"{name}"' for name in dict.fromkeys(names))
        source = s.pick("df", f"df[[{wanted}]]", "part", "part")
        s.read = lambda kind: "v" if kind in ("num", "int") else None
        value = s.pick(
            self.make.number(1), self.make.number(1), self.make.condition(1), "v * 2.5 + 1", "1 if v > 0.5 else 0",
            "v if v > 0 else 0.0", "abs(v)", "round(v, 1)", "v ** 2", "float(v)", "int(v)",
        )  # fmt: skip
        mapped = "applymap" if s.chance(0.25) and hasattr(pd.DataFrame, "applymap") else "map"  # gone in pandas 3
        call = f"{source}.{mapped}(lambda v: {value})"
        before = [f"part = df[[{wanted}]]"] if source == "part" else []
        return Piece(before, [f"out = {call}"], s.pick("out", "out", "out.sum()", "out.values"))

    # ------------------------------------------------------------------ random numbers

    def _generator(self) -> tuple[str, str]:
        """A statement that makes or seeds a generator, and the generator."""
        return self.scope.rng.choice(
            (
                ("rng = np.random.default_rng(7)", "rng"),
                ("rng = np.random.default_rng(7)", "rng"),
                ("rng = np.random.RandomState(3)", "rng"),
                ("np.random.seed(5)", "np.random"),
            )
        )

    def _round_of(self) -> tuple[str, str]:
        """A header, and something to read."""
        s = self.scope
        kind = s.pick("count", "count", "literal", "rows", "elements", "positions")
        if kind == "count":
            s.need("w", "int")
            return s.pick("for _ in range(w):", "for k in range(w):", "for k in range(1, w):"), "1.5"
        if kind == "literal":
            return "for _ in range(12):", "0.5"
        if kind == "rows":
            name = column(s, s.pick("num", "int"))
            return "for row in df.itertuples():", f"row.{name}"
        s.need("xs", "array")
        return ("for x in xs:", "x") if kind == "elements" else ("for i in range(len(xs)):", "xs[i]")

    def _drawn(self) -> Piece:
        s = self.scope
        made, owner = self._generator()
        line, value = self._round_of()
        draw = s.rng.choice(_DRAWS)
        if s.chance(0.25):
            whole = "integers" if "default_rng" in made else "randint"
            draw = s.pick(f"{whole}(0, 6)", f"{whole}(10)", f"{whole}(-3, 4)")
        draw = draw.replace("random()", "random_sample()") if owner == "np.random" and s.chance(0.3) else draw
        s.read = lambda kind: s.pick("d", "d", value) if kind in ("num", "int") else None
        body = [f"d = {owner}.{draw}"]
        if s.chance(0.35):
            other = draw if s.chance(0.8) else s.rng.choice(_DRAWS)
            body += [f"g = {owner}.{other}"]
            s.read = lambda kind: s.pick("d", "g", value) if kind in ("num", "int") else None
        e = s.pick("d", "d", self.make.number(1), self.make.number(1), f"d * {value}")
        test = self.make.condition(1)
        steps = s.rng.choice(
            (
                [f"out.append({e})"],
                [f"out.append({e})"],
                [f"if {test}:", f"    out.append({e})"],
                [f"if {test}:", "    n += 1"],
                [f"level += {e}", "out.append(level)"],
                [f"level += {e}"],
                [f"out.append({e})", f"if {test}:", "    n += 1"],
                [f"level = level * 0.5 + {e}", "out.append(level)"],
                [f"level = max(level, {e})"],
            )
        )
        if s.chance(0.06):
            body.insert(0, f"if {value} > 0:")
            body[1] = f"    {body[1]}"
            body.insert(2, "else:")
            body.insert(3, "    d = 0.5")
        result = s.pick("out", "np.array(out)", "sum(out)") if any("out" in x for x in steps) else "(n, level)"
        before = ["out = []", made, f"n = {s.pick('0', '0', '2')}", f"level = {s.pick('0.0', '0', '1.5')}"]
        return Piece(before, [line, *_within([*body, *steps])], f"({result}, {owner}.uniform(0, 1))")

    def _bootstrapped(self) -> Piece:
        s = self.scope
        made, owner = self._generator()
        line, value = self._round_of()
        draw = s.rng.choice(_SAMPLES)
        if "xs" in draw:
            s.need("xs", s.pick("array", "list"))
        if "=w" in draw:
            s.need("w", "int")
        if owner != "np.random" and s.chance(0.2):
            draw = "integers(0, 5, size=4)" if "default_rng" in made else "randint(0, 5, size=4)"
        agg = s.pick("mean()", "mean()", "sum()", "std()", "max()", "min()", "var(ddof=1)", "std(ddof=1)", "any()")
        reduced = s.pick(f"part.{agg}", f"part.{agg}", "np.mean(part)", "np.median(part)", "np.percentile(part, 40)")
        e = s.pick(
            reduced, reduced, f"{reduced} * 2", f"{reduced} - {value}", f"{reduced} > 0.5", f"{reduced} + part.max()"
        )
        steps = s.rng.choice(
            (
                [f"out.append({e})"],
                [f"out.append({e})"],
                [f"if {reduced} > 0.5:", f"    out.append({e})"],
                [f"if {reduced} > 0.5:", "    n += 1"],
                [f"out.append({e})", "n += part[0]"],
                [f"out.append(({e}, {reduced}))"],
            )
        )
        result = s.pick("out", "np.array(out)", "np.array(out)", "(out, n)")
        body = [f"part = {owner}.{draw}", *steps]
        return Piece(["out = []", made, "n = 0"], [line, *_within(body)], f"({result}, {owner}.uniform(0, 1))")

    def _recoded(self) -> Piece:
        """Cells of rows that are read, and stored into, several in a round."""
        s = self.scope
        number = column(s, s.pick("num", "int"))
        text = column(s, s.pick("text", "key")) or number
        header, row, label = s.pick(
            "for i, row in df.iterrows():|row|i",
            "for i, row in df.iterrows():|row|i",
            "for row in df.itertuples():|row|row.Index",
            "for i in df.index:||i",
        ).split("|")

        def read(name: str) -> str:
            if header.endswith("itertuples():") and name.isidentifier():
                return f"{row}.{name}"
            return f'{row}["{name}"]' if "iterrows" in header else f'df.{s.pick("at", "loc")}[{label}, "{name}"]'

        def store(name: str) -> str:
            values = ('"long"', f'"{s.pick("a", "b")}"', read(text)) if name == text != number else ("0", "1.5")
            value = s.pick(*values, *(("-1", f"{read(number)} * 2", f"-{read(number)}", "t") if name != text else ()))
            return f'df.{s.pick("at", "at", "loc")}[{label}, "{name}"] = {value}'

        def test() -> str:
            if text != number and s.chance(0.4):
                return f'{read(text)} {s.pick("==", "!=")} "{s.pick("a", "b", "long")}"'
            return f"{read(number)} {s.pick('>', '<', '==')} {s.pick('0', '1', '2', 'limit')}"

        s.need("limit", "num")
        targets = [s.pick(number, number, text, "made") for _ in range(3)]
        body = [f"t = {read(number)}", f"if {test()}:", f"    {store(targets[0])}"]
        if s.chance(0.5):
            body += [f"{s.pick('elif', 'if')} {test()}:", f"    {store(targets[1])}"]
        if s.chance(0.3):
            body += [store(targets[2])]
        before = ["df = df.copy()", *(['df["made"] = 0.0'] if s.chance(0.6) else [])]
        return Piece(before, [header, *(f"    {b}" for b in body)], "df")
