"""Pieces of code that work on the rows of matrices."""

from __future__ import annotations

from .idioms_arrays import ArrayIdioms
from .shapes import Piece


class MatrixIdioms(ArrayIdioms):
    """What takes a row of a matrix on every round."""

    def _matrix_rows(self) -> Piece:
        s = self.scope
        s.need("m", "matrix", annotated=0.6)
        line, row = s.rng.choice(
            (
                ("for i in range(len(m)):", "m[i]"),
                ("for i in range(len(m)):", "m[i, :]"),
                ("for i in range(m.shape[0]):", "m[i]"),
                ("for row in m:", "row"),
                ("for i, row in enumerate(m):", "row"),
                ("for i in range(1, len(m)):", "m[i]"),
                ("for i in range(1, len(m)):", "(m[i] - m[i - 1])"),
            )
        )
        positions = " i" in line
        body: list[str] = []
        if s.chance(0.3):
            body, row = [f"r = {s.pick(row, f'{row} * 2', f'np.abs({row})')}"], "r"
        one = self._number_of(row)
        wide = s.pick(
            f"{row} / {row}.sum()", f"{row} - {row}.mean()", f"np.exp({row} - np.max({row}))", f"np.cumsum({row})",
            f"{row} / np.linalg.norm({row})", f"({row} - {row}.mean()) / {row}.std()", f"{row} * 2 + {row}.max()",
            f"{row} * w - {row}.min()", f"{row} / {one}", f"np.sort({row}) + {one}", f"{row}[1:] - {row}.sum()",
            f"{row} / {row}.sum() if {one} > 0 else {row}", f"np.diff({row}) * {one}", f"{row} * {row} - {one}",
        )  # fmt: skip
        if "* w" in wide or " w" in one:
            s.need("w", "num")
        if s.chance(0.15):
            body.append(f"t = {wide}")
            wide = s.pick("t / t.sum()", "t * 2", "t")
        elif s.chance(0.06):
            body.append(f"{s.pick('r', 'row')} {s.pick('-=', '/=')} {one}")
        kind = s.pick("numbers", "numbers", "rows", "rows", "both", "stored", "stored", "filled")
        if not positions and kind in ("stored", "filled"):
            kind = "rows"
        before, steps, result = ["out = []"], [f"out.append({one if kind == 'numbers' else wide})"], "out"
        if kind == "both":
            before, steps, result = [*before, "kept = []"], [*steps, f"kept.append({one})"], "(out, kept)"
        elif kind in ("stored", "filled"):
            made = s.pick("np.zeros(m.shape)", "np.empty_like(m)", "np.zeros((len(m), 3))", "np.zeros_like(m)")
            before = ["out = np.zeros(len(m))" if kind == "filled" else f"out = {made}"]
            steps = [f"out[i] = {one if kind == 'filled' else wide}"]
        else:
            result = s.pick("out", "np.array(out)", "np.vstack(out)" if kind == "rows" else "np.array(out)")
        if s.chance(0.25):
            steps = [f"if {one} > {s.pick('0', '1.5', 'w')}:", *(f"    {x}" for x in steps)]
            if "w:" in steps[0]:
                s.need("w", "num")
            if s.chance(0.3) and kind == "stored":
                steps += ["else:", f"    out[i] = {s.pick('0', row, '-1.5')}"]
        return Piece(before, [line, *(f"    {x}" for x in [*body, *steps])], result)

    def _cells_of_grid(self) -> Piece:
        return super()._cells_of_grid() if self.scope.chance(0.5) else self._flows()

    def _flows(self) -> Piece:
        """A matrix filled from another one, from what there is for each row and for each column, and from a number."""
        s = self.scope
        s.need("m", "matrix", annotated=0.5)
        s.need("xs", s.pick("array", "array", "array", "list"))
        s.need("w", "num")
        sizes, rows, columns = s.pick(
            ("n, k = m.shape", "n", "k"),
            ("n, k = len(m), m.shape[1]", "n", "k"),
            ("n = len(xs)", "n", "len(base)"),
            ("n = len(xs)", "len(xs)", "3"),
            ("n = m.shape[0]", "m.shape[0]", "m.shape[1]"),
        )
        made = s.pick(
            f"np.zeros(({rows}, {columns}))", f"np.ones(({rows}, {columns}))", "np.zeros(m.shape)", "np.zeros_like(m)",
            f"np.empty(({rows}, {columns}))", "np.ones_like(m, dtype=float)",
        )  # fmt: skip
        cell = s.pick("m[i, j]", "m[i, j]", "m[i][j]", "c")
        power = s.pick(f"{cell} ** w", f"{cell} ** w", f"{cell} ** -1", f"{cell} ** 0.5", cell)
        value = s.pick(
            f"xs[i] * base[j] / {power}", f"xs[i] / ({power})", f"-({power}) * base[j]", f"base[j] - {power}",
            f"(xs[i] + 1) * w - {power}", f"np.abs({cell}) * {power} + j", f"t * 2 + xs[i] * {cell}",
        )  # fmt: skip
        test = s.pick(
            f"{cell} > 0", f"{cell} > 0", f"{cell} != 0 and i != j", f"xs[i] > base[j] and {cell} > 0", "xs[i] > 1",
            "base[j] > 0", f"not {cell} > 0", f"{cell} > xs[i]",
        )  # fmt: skip
        inner = [f"t = {power}"] if value.startswith("t ") else []
        inner.append(f"{s.pick('out[i, j]', 'out[i, j]', 'out[i][j]')} = {value}")
        if s.chance(0.7):
            inner = [f"if {test}:", *(f"    {line}" for line in inner)]
        if "c" in (cell, *value.split()):
            inner.insert(0, "c = m[i, j]")
        lines = [f"for i in range({rows}):", f"    for j in range({columns}):", *(f"        {line}" for line in inner)]
        return Piece([sizes, "base = np.array([1.0, -2.0, 0.5])", f"out = {made}"], lines, "out")

    def _cells_reduced(self) -> Piece:
        """Cells of a matrix that are counted, added up, or added where numbers in cells say."""
        s = self.scope
        s.need("m", "matrix", annotated=0.5)
        s.need("xs", "array")
        s.need("limit", "num")
        sizes, rows, columns = s.pick(
            ("n, k = m.shape", "n", "k"),
            ("n = m.shape[0]", "m.shape[0]", "m.shape[1]"),
            ("n = len(m)", "len(m)", "len(m[0])"),
            ("n = len(m)", "len(xs)", "m.shape[1]"),
            ("n, k = m.shape", "n", "k - 1"),
        )
        cell = s.pick("m[i, j]", "m[i, j]", "m[i][j]", "c")
        place = s.pick("p[i, j]", "p[i, j]", "p[i, j], j", "i, p[i, j]", "p[j, i]", "int(m[i, j]) % 3")
        value = s.pick(
            f"{cell} * 2", f"{cell} / xs[i]", f"({cell} - m[0, j]) ** 2", cell, f"{cell} * xs[i] + j", "xs[i]",
            "j", "1",
            f"abs({cell} - limit)", "t",
        )  # fmt: skip
        test = s.pick(f"{cell} > limit", f"{cell} > 0", f"{cell} != {cell}", "i == j", f"{cell} > xs[i]", "xs[i] > 0")
        table = place == "p[i, j], j" or place.startswith("i, ")
        made = "np.zeros((9, 9))" if table else s.pick("np.zeros(9)", "np.zeros(9, dtype=int)", "np.ones(9)")
        step, start = s.pick(
            ("total += 1", s.pick("0", "0", "0.0", "5", "limit")),
            (f"total += {value}", s.pick("0", "0.0", "1", "limit")),
            (f"total = total + {value}", s.pick("0", "0.0")),
            (f"total -= {value}", "0.0"),
            (f"out[{place}] += {s.pick('1', '1', value)}", "0"),
            (f"out[{place}] -= {value}", "0"),
        )
        inner = [f"t = {cell} * 2", *([f"if {test}:", f"    {step}"] if s.chance(0.6) else [step])]
        if cell == "c":
            inner.insert(0, "c = m[i, j]")
        head = [f"w = {s.pick('xs[i]', 'i', 'm[i, 0]')}"] if s.chance(0.3) else []
        lines = [
            *(f"for i in range({rows}):", *(f"    {line}" for line in head), f"    for j in range({columns}):"),
            *(f"        {line}" for line in inner),
        ]
        before = [sizes, "p = (np.abs(m) % 3).astype(int)", f"out = {made}", f"total = {start}"]
        return Piece(before, lines, s.pick("(out, total)", "(out, total)", "(out, total, i)"))

    def _wrapped(self) -> Piece:
        """Rounds over a ring: before the first element comes the last one."""
        s = self.scope
        table = s.chance(0.4)
        before = []
        if table:
            s.need("m", "matrix", annotated=0.7)
            before = s.pick([], ["a = m[:, 0]", "b = m[:, 1]"], ["a, b = m[:, 0], m[:, 2]"])
            names = ["a[{}]", "b[{}]"] if before else ["m[{}, 0]", "m[{}, 1]"]
            size = s.pick("len(m)", "m.shape[0]", "len(a)" if before else "len(m)")
        else:
            s.need("xs", s.pick("array", "array", "series", "list"), annotated=0.7)
            s.need("ys", s.pick("array", "array", "list"), annotated=0.7)
            names, size = s.pick(["xs[{}]", "ys[{}]"], ["xs[{}]", "xs[{}]"], ["xs.iloc[{}]", "ys[{}]"]), "len(xs)"
        if s.chance(0.3):
            before.append(f"n = {size}")
            size = "n"
        back = s.pick("i - 1", "i - 1", "i - 1", "i - 1", "i - 2")
        one, other = (name.format("i") for name in names)
        last, beside = (name.format(back) for name in names)
        value = s.pick(
            f"{one} - {last}", f"{one} * {beside} - {last} * {other}", f"{beside} * 2", f"abs({other} - {beside})",
            f"({one} + {last}) / 2", f"np.hypot({one} - {last}, {other} - {beside})", f"{last} if {one} > 0 else {one}",
            f"{other} - {last}",
        )  # fmt: skip
        made, step, result = s.pick(
            ("out = []", f"out.append({value})", "out"),
            ("out = 0.0", f"out += {value}", "out"),
            ("out = 0", f"out += {value}", "out"),
            (f"out = np.zeros({size})", f"out[i] = {value}", "out"),
            (f"out = np.zeros({size})", f"out[i] = {value}", "out"),
            (f"out = np.empty({size})", f"out[i] = {value}", "out"),
            ("out = 0", f"out += {one} > {last}", "out"),
        )
        test = s.pick(f"{one} > {last}", f"{beside} > 0", "i > 0", f"{other} < 1")
        inner = [f"if {test}:", f"    {step}"] if s.chance(0.25) else [step]
        rounds = s.pick(size, size, size, size, f"{size} - 1")
        return Piece([*before, made], [f"for i in range({rounds}):", *(f"    {line}" for line in inner)], result)

    def _number_of(self, row: str) -> str:
        """One number of a row."""
        s = self.scope
        agg = s.pick("sum()", "mean()", "max()", "min()", "std()", "var(ddof=1)", "any()", "argmax()", "prod()")
        reduced = s.pick(
            f"{row}.{agg}", f"{row}.{agg}", f"np.median({row})", f"np.percentile({row}, 40)", f"np.linalg.norm({row})",
            f"np.sum({row} * {row})", f"{row}[0]", f"np.dot({row}, {row})", f"np.argmin({row})", f"len({row})",
            f"{row}[1:].mean()", f"({row} > 1).sum()", f"sum({row})", f"np.sqrt(({row} ** 2).sum())",
        )  # fmt: skip
        return s.pick(reduced, reduced, reduced, f"({reduced} * 2)", f"({reduced} - {row}.min())", f"({reduced} + w)")
