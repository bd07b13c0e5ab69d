"""Pieces of code in the manner of the idioms that carry a state or store into something."""

from __future__ import annotations

from .expressions import Expressions
from .headers import column
from .shapes import Piece


class ScanIdioms:
    """Totals, extremes, streaks, and what is stored into arrays and columns."""

    def __init__(self, make: Expressions) -> None:
        self.make, self.scope = make, make.scope

    # ------------------------------------------------------------------ what the pieces share

    def _rounds(self) -> tuple[str, str, str]:
        """A header, the value of its round, and how often it goes round."""
        s = self.scope
        kind = s.pick("array", "array", "column", "column", "rows", "elements", "tuples")
        if kind in ("array", "elements"):
            s.need("xs", "array" if s.chance(0.8) else "series")
        else:
            name = column(s, s.pick("num", "num", "int")) or "open"
        match kind:
            case "array":
                series = s.parameters["xs"].kind == "series"
                return self._range("xs"), "xs.iloc[i]" if series else "xs[i]", "len(xs)"
            case "elements":
                return s.pick("for x in xs:", "for x in xs:", "for i, x in enumerate(xs):"), "x", "len(xs)"
            case "column":
                read = s.pick(f'df["{name}"].iloc[i]', f'df["{name}"].values[i]', f'df.iloc[i]["{name}"]')
                return self._range("df"), read, "len(df)"
            case "tuples":
                return "for row in df.itertuples():", f"row.{name}", "len(df)"
        return "for i, row in df.iterrows():", f'row["{name}"]', "len(df)"

    def _range(self, of: str) -> str:
        start = self.scope.pick("", "", "", "1, ", "2, ")
        return f"for i in range({start}len({of})):"

    def _read(self, value: str) -> None:
        """Expressions read that value, mostly."""
        self.scope.read = lambda kind: value if kind in ("num", "int") else None

    def _small(self, value: str) -> str:
        """Something computed from a value."""
        self._read(value)
        s = self.scope
        return s.pick(value, value, f"{value} * 2", f"{value} - {self.make.number(0)}", self.make.number(1))

    # ------------------------------------------------------------------ element by element

    def _plain(self) -> Piece:
        s = self.scope
        line, value, size = self._rounds()
        e = self._small(value)
        name = column(s, s.pick("num", "int")) if "df" in line else None
        if name and s.chance(0.5):
            other = f"row.{name}" if value.startswith("row.") else f'row["{name}"]'
            e = f"{e} {s.pick('+', '-', '*', '/')} {other}" if value.startswith("row") else e
        if "[i]" in value and s.chance(0.5):
            before = [f"out = np.{s.pick('zeros', 'zeros', 'empty', 'ones')}({size})"]
            store = f"out[i] {s.pick('=', '=', '=', '+=', '*=')} {e}"
        else:
            before, store = ["out = []"], f"out.append({e})"
        body = [f"if {self.make.condition(1)}:", f"    {store}"] if s.chance(0.35) else [store]
        if s.chance(0.2):
            body = [f"t = {value}", *(x.replace(value, "t") if value != "x" else x for x in body)]
        return Piece(before, [line, *(f"    {x}" for x in body)], s.pick("out", "out", "np.array(out)", "list(out)"))

    def _lagged(self) -> Piece:
        s = self.scope
        s.need("xs", "array")
        width = s.pick("1", "2", "w", "w")
        if width == "w":
            s.need("w", "int")
        self._read("xs[i]")
        value = s.pick(
            f"xs[i] - xs[i - {width}]",
            f"xs[i] / xs[i - {width}] - 1",
            f"xs[i - {width}:i].mean()",
            f"xs[i - {width}:i + 1].sum()",
            f"(xs[i - {width}:i] < xs[i]).mean()",
            f"xs[i - {width}:i].max() - xs[i]",
            f"np.dot(xs[i - {width}:i], xs[i - {width}:i])",
        )
        line = f"for i in range({width}, len(xs)):"
        if s.chance(0.5):
            return Piece(["out = np.zeros(len(xs))"], [line, f"    out[i] = {value}"], "out")
        return Piece(["out = []"], [line, f"    out.append({value})"], s.pick("out", "np.array(out)"))

    def _vectorized(self) -> Piece:
        s = self.scope
        kind = s.pick("array", "column", "columns", "series")
        if kind == "column":
            names, given = "a", f'df["{column(s, s.pick("num", "num", "int", "text", "bool"))}"]'
        elif kind == "columns":
            names, given = "a, b", f'df["{column(s, "num")}"], df["{column(s, s.pick("num", "int"))}"].values'
        else:
            s.need("xs", "array" if kind == "array" else "series")
            names, given = "a", "xs"
        if s.chance(0.3):
            s.need("limit", "num")
            names, given = f"{names}, k", f"{given}, {s.pick('limit', '2', '0.5')}"
        own = names.split(", ")
        s.read = lambda kind: s.rng.choice(own) if kind in ("num", "int") else None
        what = s.pick(self.make.number(1), self.make.number(2), self.make.condition(1), "a * 2.0")
        options = s.pick("", "", ", otypes=[float]", ", otypes=[float]", ", otypes=[int]")
        call = f"np.vectorize(lambda {names}: {what}{options})({given})"
        if "df" in given and s.chance(0.3):
            return Piece([], [f'df["made"] = {call}'], "df")
        return Piece([], [f"out = {call}"], "out")

    def _floats(self) -> Piece:
        """A state that floats are computed with, and an array that is filled with it."""
        s = self.scope
        line, value, size = self._rounds()
        if "[i]" not in value:
            name = column(s, s.pick("num", "num", "int"))
            line, value, size = self._range("df"), f'df["{name}"].iloc[i]', "len(df)"
        s.read = lambda kind: s.pick(value, value, "level", "v") if kind in ("num", "int") else None
        before = [
            f"level = {s.pick('0.0', '0.0', '1.5', '0', 'limit')}",
            f"out = np.{s.pick('zeros', 'empty', 'ones')}({size})",
        ]
        if "limit" in before[0]:
            s.need("limit", "num")
        body = [f"v = {s.pick(value, value, f'abs({value})', f'{value} * 0.5', f'{value} - level')}"]
        body.append(
            s.pick(
                f"level = 0.9 * level + {value}",
                "level = level + v",
                "level = max(level, v)",
                "level = min(level, v) if v > 0 else level",
                f"level = {self.make.number(1)}",
                "level += v * 2",
            )
        )
        if s.chance(0.4):
            body[1:] = [f"if {self.make.condition(1)}:", f"    {body[1]}"]
        stored = s.pick(
            "level", "level", "v", "level if level > 0.5 else 0.0", "level * v", self.make.number(1), "level > v"
        )
        body.append(s.pick(f"out[i] = {stored}", f"out[i] = {stored}", f"out[i] += {stored}", f"res.append({stored})"))
        if s.chance(0.3):
            body.append(s.pick("res.append(v)", "out[i - 1] = v", "if out[i] > 3:"))
            body += ["    level = 0.0"] if body[-1].startswith("if") else []
        result = s.pick("out", "(out, level)", "(out, res)", "(res, v)" if s.chance(0.2) else "out")
        return Piece([*before, "res = []"], [line, *(f"    {b}" for b in body)], result)

    # ------------------------------------------------------------------ scans and reductions

    def _running(self) -> Piece:
        s = self.scope
        line, value, size = self._rounds()
        e = self._small(value)
        step = s.pick(
            f"total += {e}",
            f"total += {e}",
            f"total = total + {e}",
            f"total -= {e}",
            f"total *= {e}",
            f"total = {e} + total",
            f"total = total * 0.9 + {e}",
            f"total = 0.2 * {e} + 0.8 * total",
            f"total = max(0, total + {e})",
        )
        test = s.pick("", "", f"if {self.make.condition(1)}:")
        body = [test, f"    {step}"] if test else [step]
        start = s.pick("0", "0.0", "1.0", "100", value if value in ("x",) else "0", "limit")
        if start == "limit":
            s.need("limit", "num")
        elif start == value:
            start = "0"
        if "[i]" in value and s.chance(0.4):
            before, store = [f"out = np.zeros({size})"], "out[i] = total"
        else:
            before, store = ["out = []"], "out.append(total)"
        kept = s.rng.choice(([*body, store], [*body, store], [store, *body]))
        result = s.pick("out", "out", "(out, total)", "np.array(out)", "pd.Series(out)")
        return Piece([f"total = {start}", *before], [line, *(f"    {x}" for x in kept)], result)

    def _total_in_place(self) -> Piece:
        s = self.scope
        s.need("xs", "array")
        self._read("xs[i]")
        made = s.pick(
            "np.zeros(len(xs))", "np.zeros(len(xs))", "np.empty(len(xs))", "xs.copy()", "np.zeros(len(xs) + 1)"
        )
        before = [f"out = {made}", *(["out[0] = 0"] if s.chance(0.4) else [])]
        step = s.pick(
            "out[i] = out[i - 1] + xs[i]",
            "out[i] = out[i - 1] + xs[i]",
            "out[i] = out[i - 1] * 0.9 + xs[i] * 0.1",
            "out[i] = max(out[i - 1], xs[i])",
            "out[i + 1] = out[i] + xs[i]",
            "out[i] += out[i - 1]",
            f"out[i] = out[i - 1] + {self.make.number(1)}",
        )
        start = "" if "i + 1" in step else "1, "
        return Piece(before, [f"for i in range({start}len(xs)):", f"    {step}"], "out")

    def _extreme(self) -> Piece:
        s = self.scope
        line, value, _ = self._rounds()
        e = self._small(value)
        sign, word = s.pick("> max", "< min", ">= max").split(" ")
        start = s.pick("0", "0.0", "-np.inf", "np.inf", "None", "float('-inf')", "-1", "limit")
        if start == "limit":
            s.need("limit", "num")
        update = (
            [f"best = {word}(best, {e})"]
            if start != "None" and s.chance(0.5)
            else [f"if {e} {sign} best:", f"    best = {e}"]
        )
        if start == "None":
            update[0] = f"if best is None or {e} {sign} best:"
        used = s.pick("best", f"best - {value}", f"{value} / best", "best * 2")
        tail = s.pick("", f"out.append({used})", f"out.append({used})")
        result = "(best, out)" if s.chance(0.4) else "out" if tail else "best"
        body = [*update, *([tail] if tail else [])]
        return Piece([f"best = {start}", "out = []"], [line, *(f"    {x}" for x in body)], result)

    def _held(self) -> Piece:
        s = self.scope
        line, value, size = self._rounds()
        self._read(value)
        start = s.pick("0", "0.0", "1", "np.nan", "None")
        first, second = (s.pick("1", "-1", "0.5", value, value) for _ in range(2))
        body = [f"if {self.make.condition(1)}:", f"    held = {first}"]
        if s.chance(0.5):
            body += [f"elif {self.make.condition(1)}:", f"    held = {second}"]
        store = s.pick("out.append(held)", f"out.append(held * {value})", "out[i] = held")
        before = ["out = []"]
        if store == "out[i] = held":
            before = [f"out = np.zeros({size})"] if "[i]" in value else before
            store = store if "[i]" in value else "out.append(held)"
        return Piece(
            [f"held = {start}", *before], [line, *(f"    {x}" for x in [*body, store])], s.pick("out", "(out, held)")
        )

    def _streak(self) -> Piece:
        s = self.scope
        line, value, _ = self._rounds()
        self._read(value)
        reset, step = s.pick("0", "0", "0", "1"), s.pick("1", "1", "1", "2")
        test = self.make.condition(1)
        body = [f"if {test}:", f"    run += {step}", "else:", f"    run = {reset}"]
        if s.chance(0.3):
            body = [f"run = run + {step} if {test} else {reset}"]
        body.append(s.pick("out.append(run)", "out.append(run)", "longest = max(longest, run)", "if run > longest:"))
        if body[-1].startswith("if"):
            body.append("    longest = run")
        made = ["run = 0", "longest = 0", "out = []"]
        return Piece(made, [line, *(f"    {x}" for x in body)], s.pick("out", "longest", "(run, longest, out)"))

    def _accumulated(self) -> Piece:
        s = self.scope
        line, value, _ = self._rounds()
        e = self._small(value)
        steps = [f"total += {e}", f"n += {s.pick('1', '2')}", f"total -= {value}", f"flag = {s.pick('True', 'False')}"]
        body: list[str] = []
        for step in s.rng.sample(steps, s.rng.randint(1, 3)):
            body += [f"if {self.make.condition(1)}:", f"    {step}"] if s.chance(0.6) else [step]
        if s.chance(0.2):
            body = [f"if {self.make.condition(1)}:", "    continue", *body]
        return Piece(
            [f"total = {s.pick('0', '0.0', '10')}", "n = 0", f"flag = {s.pick('False', 'True')}"],
            [line, *(f"    {x}" for x in body)],
            s.pick("(total, n, flag)", "total", "(total, n)", "total / max(n, 1)"),
        )

    def _first(self) -> Piece:
        s = self.scope
        line, value, _ = self._rounds()
        self._read(value)
        test = self.make.condition(1)
        if "[i]" in value and s.chance(0.4):
            test = f"{value} {s.pick('<', '>', '<=')} {value.replace('[i]', '[i - 1]')}"
        spot = s.pick("i", value) if " i" in line.split(" in ")[0] else value
        if s.chance(0.3):
            return Piece(
                [f"ok = {s.pick('True', 'False')}"],
                [line, f"    if {test}:", f"        ok = {s.pick('True', 'False', spot)}", "        break"],
                "ok",
            )
        start = s.pick("None", "-1", "0")
        return Piece(
            [f"where = {start}"], [line, f"    if {test}:", f"        where = {spot}", "        break"], "where"
        )

    def _counted(self) -> Piece:
        s = self.scope
        source, kind = s.pick("words text", "words text", "xs num", 'df["name_"] text').split(" ")
        if "df" in source:
            s.need("df", "frame").columns.add("name_")
        else:
            s.need(source, "list", kind)
        if kind == "num":
            test, step = s.pick("x > 0", "x == 1", "0 < x < 5", "not x"), s.pick("1", "1", "int(x)")
        else:
            test = s.pick('x.strip().startswith("b")', "len(x) > 1", 'x.upper() == "BUY"', '"a" in x', "x")
            step = s.pick("1", "1", "len(x)", "len(x.strip()) + 1", "2")
        body = [f"if {test}:", f"    n += {step}"] if s.chance(0.7) else [f"n += {step}"]
        return Piece([f"n = {s.pick('0', '0', '3', '0.0')}"], [f"for x in {source}:", *(f"    {b}" for b in body)], "n")

    # ------------------------------------------------------------------ stores

    def _scattered(self) -> Piece:
        s = self.scope
        s.need("ns", "array", "int")
        s.need("xs", "array")
        made = s.pick(
            "np.zeros(16)", "np.zeros(16)", "np.zeros(16, dtype=int)", "np.ones(16)", "[0] * 16", "np.zeros(4)"
        )
        self.scope.read = lambda kind: s.pick("x", "k") if kind in ("num", "int") else None
        value = s.pick("x", "x * 2", "1", self.make.number(1))
        sign = s.pick("=", "+=", "+=", "-=")
        spot = s.pick("k", "k", "k + 1", "k - 1", "int(k)")
        if s.chance(0.3):
            line, made, spot = "for i, k in enumerate(ns):", "np.zeros((len(ns), 16))", s.pick("i, k", "i, k", "i][k")
            value = s.pick("1", "1.0", "k", "2")
        else:
            line = s.pick("for k, x in zip(ns, xs):", "for k, x in zip(ns, xs):", "for k, x in zip(ns.tolist(), xs):")
            if s.chance(0.15):
                made, spot = (
                    s.pick("np.zeros((16, 16))", "np.zeros((16, 4), dtype=int)"),
                    s.pick("k][k", "k - 1][k", "k, 0"),
                )
        store = [f"out[{spot}] {sign} {value}"]
        if s.chance(0.3):
            store = [
                f"if {s.pick('k > 2', 'k != 0') if 'i, k' in line else s.pick('x > 0', 'k > 2')}:",
                f"    {store[0]}",
            ]
        return Piece([f"out = {made}"], [line, *(f"    {x}" for x in store)], "out")

    def _stored_cells(self) -> Piece:
        s = self.scope
        name = column(s, s.pick("num", "int"))
        target = s.pick("made", "made", "made", "open", "lots")
        if target != "made":
            s.need("df", "frame").columns.add(target)
        labels = s.chance(0.6)
        header_line = (
            "for i in df.index:" if labels else s.pick("for i in range(len(df)):", "for i in range(1, len(df)):")
        )
        read = (
            s.pick(f'df.at[i, "{name}"]', f'df.loc[i, "{name}"]')
            if labels
            else s.pick(f'df["{name}"].iloc[i]', f'df.loc[i, "{name}"]', f'df.iloc[i]["{name}"]', f'row["{name}"]')
        )
        if labels and s.chance(0.4):
            header_line, read = "for i, row in df.iterrows():", f'row["{name}"]'
        value = self._small(read)
        store = f'df.{s.pick("at", "loc")}[i, "{target}"] = {s.pick(value, value, "1", "0.5")}'
        if not labels and s.chance(0.5):
            store = store.replace(
                f'{store.split("[")[0]}[i, "{target}"]', f'df.iloc[i, df.columns.get_loc("{target}")]'
            )
            if "range(1" in header_line and s.chance(0.5):
                store = f'{store} + df.iloc[i - 1]["{name}"]'
        body = [f"if {self.make.condition(1)}:", f"    {store}"] if s.chance(0.5) else [store]
        if read.startswith("row[") and not labels:
            body.insert(0, "row = df.iloc[i]")
        before = ["df = df.copy()"] if s.chance(0.7) else []
        before += ["df = df.reset_index(drop=True)"] if s.chance(0.4) else []
        start = s.pick("0", "0.0", "np.nan", "1", "False", f'df["{name}"]')
        before += [f'df["{target}"] = {start}'] if target == "made" else []
        return Piece(before, [header_line, *(f"    {x}" for x in body)], "df")

    def _filled(self) -> Piece:
        s = self.scope
        s.need("words", "list", "text")
        s.helpers.add("label")
        call = s.pick("len(w.strip())", "len(w)", "len(w) / 2", "float(len(w))", "grade(len(w))", "len(w.split(' '))")
        made = s.pick(
            "np.zeros(len(words))",
            "np.zeros(len(words), dtype=int)",
            "np.empty(len(words))",
            "np.full(len(words), -1.0)",
        )
        line = s.pick("for i, w in enumerate(words):", "for i in range(len(words)):")
        call = call.replace("w.", "words[i].").replace("(w)", "(words[i])") if "range" in line else call
        return Piece([f"out = {made}"], [line, f"    out[i] = {call}"], s.pick("out", "out.sum()"))

    def _cells_of_grid(self) -> Piece:
        s = self.scope
        s.need("m", "matrix")
        cell = s.pick("m[i, j]", "m[i][j]", "m[i, j]")
        value = s.pick(
            f"{cell} * 2", f"{cell} / m[i, 2]", f"{cell} - m[0, j]", f"max({cell}, 0)", cell, f"{cell} + i * j"
        )
        made = s.pick(
            "np.zeros(m.shape)", "np.empty((n, k))", "np.zeros((n, k))", "np.zeros((k, n))", "np.zeros_like(m)"
        )
        store = f"out[i, j] {s.pick('=', '=', '+=')} {value}"
        inner = [f"        if {cell} > 0:", f"            {store}"] if s.chance(0.3) else [f"        {store}"]
        return Piece(
            ["n, k = m.shape", f"out = {made}"], ["for i in range(n):", "    for j in range(k):", *inner], "out"
        )
