"""Pieces of code in the manner of one idiom each, so that every rule meets many of its own kind."""

from __future__ import annotations

from .catalogue import IDIOMS
from .headers import column
from .idioms_lists import ListIdioms
from .idioms_matrices import MatrixIdioms
from .shapes import Piece, Shapes


class Idioms(MatrixIdioms, ListIdioms, Shapes):
    """All of them: also containers, look-ups and windows."""

    def one(self, idiom: str = "") -> Piece:
        """A piece of that idiom, or of any."""
        made: Piece = getattr(self, f"_{idiom or self.scope.pick(*IDIOMS)}")()
        return made

    def _extended(self) -> Piece:
        s = self.scope
        if s.chance(0.5):
            s.need("words", "list", "text")
            line, value = "for w in words:", s.pick('w.split(" ")', "w", "list(w)", '[w, "x"]', "w.split()", "(w, w)")
        else:
            s.need("parts", "nested", s.pick("num", "text"))
            line, value = (
                "for w in parts:",
                s.pick("w", "w[1:]", "[v for v in w if v]", "(v for v in w)", "sorted(w, key=str)"),
            )
        step = s.pick(f"out.extend({value})", f"out.extend({value})", f"out += {value}")
        body = [f"if {s.pick('w', 'len(w) > 1')}:", f"    {step}"] if s.chance(0.4) else [step]
        return Piece(
            [f"out = {s.pick('[]', '[]', '[0]')}"], [line, *(f"    {b}" for b in body)], s.pick("out", "set(out)")
        )

    def _tallied(self) -> Piece:
        s = self.scope
        source, kind = s.pick("words text", "ns int", 'df["key"] key', "xs num").split(" ")
        if "df" in source:
            s.need("df", "frame").columns.add("key")
        else:
            s.need(source, s.pick("list", "list", "array") if kind in ("int", "num") else "list", kind)
        key = (
            s.pick("w", "w", "w.strip()", "w[:1]", "len(w)")
            if kind in ("text", "key")
            else s.pick("w", "w % 2", "int(w)", "w > 1")
        )
        step = s.pick("1", "1", "1", "2", "0.5", "w" if kind in ("int", "num") else "1")
        style = s.rng.randrange(5)
        body = [
            [f"if {key} in found:", f"    found[{key}] += {step}", "else:", f"    found[{key}] = {step}"],
            [f"found[{key}] = found.get({key}, 0) + {step}"],
            [f"found[{key}] += {step}"],
            [f"if {key} not in found:", f"    found[{key}] = 0", f"found[{key}] += {step}"],
            [f"found.setdefault({key}, 0)", f"found[{key}] += {step}"],
        ][style]
        made = s.pick("Counter()", "defaultdict(int)") if style == 2 else s.pick("{}", "{}", "dict()")
        if s.chance(0.2):
            body = [f"if {s.pick('w', 'not w')}:", "    continue", *body]
        return Piece(
            [f"found = {made}"],
            [f"for w in {source}:", *(f"    {b}" for b in body)],
            s.pick("found", "list(found.items())"),
        )

    def _nested(self) -> Piece:
        s = self.scope
        kind = s.pick("nested", "range", "product")
        if kind == "nested":
            s.need("parts", "nested", "num")
            lines, value = (
                ["for part in parts:", "    for v in part:"],
                s.pick("v", "v * 2", "len(part)", "(v, len(part))"),
            )
            test = s.pick("v > 0", "v", "len(part) > 1")
        elif kind == "range":
            s.need("w", "int")
            lines = ["for i in range(w):", "    for j in range(3):"]
            value, test = s.pick("i * j", "(i, j)", "f'{i}-{j}'", "[i, j]"), s.pick("i != j", "i < j", "j")
        else:
            for name in ("xs", "ys"):
                s.need(name, s.pick("list", "array"))
            lines, value = ["for x in xs:", "    for y in ys:"], s.pick("x * y", "x + y", "(x, y)", "max(x, y)")
            test = s.pick("x < y", "x != y", "x > 0")
        guard = [f"        if {test}:"] if s.chance(0.5) else []
        sink, made = s.pick("out.append({}) []", "out.append({}) []", "out.add({}) set()", "out += {} 0").rsplit(" ", 1)
        if s.chance(0.3):
            skipped = {"range": "i > 1", "product": "x > 1", "nested": "len(part) > 2"}[kind]
            lines[1:1] = [f"    if {s.pick(skipped, 'False')}:", "        continue"]
        return Piece([f"out = {made}"], [*lines, *guard, f"{'    ' * (2 + len(guard))}{sink.format(value)}"], "out")

    def _member(self) -> Piece:
        s = self.scope
        s.need("known", "list", "text")
        within, key = s.pick(
            "known|w", 'df["key"].values|w', 'df["key"].tolist()|w', "known|w.strip()", "known + ['b']|w"
        ).split("|")
        if "df" in within:
            s.need("df", "frame").columns.add("key")
        source = s.pick("words", 'df["name_"]')
        if source == "words":
            s.need("words", "list", "text")
        else:
            s.need("df", "frame").columns.add("name_")
        test = f"if {key} {s.pick('in', 'not in')} {within}:"
        step = s.pick("out.append(w)", "n += 1", "out.append((w, n))")
        more = ["    known.append(w)"] if s.chance(0.1) else []
        return Piece(
            ["out = []", "n = 0"], [f"for w in {source}:", f"    {test}", f"        {step}", *more], "(out, n)"
        )

    def _records(self) -> Piece:
        s = self.scope
        style = s.pick("rows", "tuples", "positions", "records")
        line = {
            "rows": "for i, row in df.iterrows():",
            "tuples": "for row in df.itertuples():",
            "positions": "for i in range(len(df)):",
            "records": 'for row in df.to_dict("records"):',
        }[style]
        s.need("df", "frame")

        def read(kind: str) -> str | None:
            name = column(s, kind)
            if name is None:
                return None
            return {"tuples": f"row.{name}", "positions": f'df["{name}"].iloc[i]'}.get(style, f'row["{name}"]')

        s.read = read
        kinds = [s.pick("any", "num", "int", "text", "bool", "date") for _ in range(s.rng.randint(1, 3))]
        values = [self.make.any(1) if kind == "any" else self.make.leaf(kind) for kind in kinds]
        cells = [f'"f{k}": {value}' for k, value in enumerate(values)]
        body = [f"rows.append({{{', '.join(cells)}}})"]
        if s.chance(0.2):
            body = [f"rows.append(dict({', '.join(f'f{k}={value}' for k, value in enumerate(values))}))"]
        elif s.chance(0.3):
            body = ["record = {" + cells[0] + "}", f'record["last"] = {self.make.number(1)}', "rows.append(record)"]
        if s.chance(0.25):
            body = [f"if {self.make.condition(1)}:", "    continue", *body]
        result = s.pick(
            "pd.DataFrame(rows)",
            "pd.DataFrame(rows)",
            'pd.DataFrame(rows).set_index("f0")',
            f"pd.DataFrame(rows, columns={s.pick(['f0', 'f1'], [f'f{k}' for k in range(len(values))])})",
            "rows",
        )
        return Piece(["rows = []"], [line, *(f"    {b}" for b in body)], result)

    def _joined(self) -> Piece:
        s = self.scope
        if s.chance(0.5):
            return self._separated()
        s.need("words", "list", "text")
        e = s.pick("w", 'w + ", "', 'f"{w};"', "w.upper()", '"-" + w', "str(len(w))")
        body = [f"line += {e}"] if s.chance(0.7) else [f"line = line + {e}"]
        if s.chance(0.3):
            body = [f"if {s.pick('w', 'len(w) > 1')}:", f"    {body[0]}"]
        return Piece(
            [f"line = {s.pick(chr(34) * 2, chr(34) * 2, chr(34) + '> ' + chr(34))}"],
            ["for w in words:", *(f"    {b}" for b in body)],
            "line",
        )

    def _grown(self) -> Piece:
        """A frame that grows by the rows of a dict of frames, or by one row a round."""
        s = self.scope
        name = column(s, s.pick("num", "int", "text"))
        line, part = s.rng.choice(
            (
                (f'for k in df["{name}"].unique():', f'df[df["{name}"] == k]'),
                (f'for k, part in df.groupby("{name}"):', "part"),
                ("for k in range(3):", "df.iloc[k:k + 2]"),
                ("for row in df.itertuples():", f'pd.DataFrame({{"v": [row.{name}]}})'),
                ("for i, row in df.iterrows():", f'pd.DataFrame([{{"v": row["{name}"], "i": i}}])'),
            )
        )
        ignore = s.pick("", "", ", ignore_index=True")
        body = [*self._piece(line, part), f"grown = pd.concat([grown, new]{ignore})"]
        if s.chance(0.05):
            body.append(s.pick('new["seen"] = 1', "last = new", "new.drop(columns=list(new), inplace=True)"))
        if s.chance(0.3):
            body = [f"if {s.pick('k', 'k != 1') if ' k' in line else 'len(df) > 2'}:", *(f"    {b}" for b in body)]
        start = s.pick("pd.DataFrame()", "pd.DataFrame()", "df.head(1)", "df.iloc[:0]")
        return Piece([f"grown = {start}"], [line, *(f"    {b}" for b in body)], s.pick("grown", "len(grown)"))

    def _rows_grown(self) -> Piece:
        """A frame that grows by `.loc[len(frame)]`."""
        s = self.scope
        first, second = (column(s, s.pick("num", "int", "text")) for _ in range(2))
        line, read = s.rng.choice(
            (
                ("for row in df.itertuples():", "row.{}"),
                ("for i, row in df.iterrows():", 'row["{}"]'),
                ("for i in range(len(df)):", 'df["{}"].iloc[i]'),
            )
        )
        cells = [read.format(first), s.pick(read.format(second), '"x"', "1", f"str({read.format(second)})")]
        body = [f"grown.loc[len(grown)] = [{', '.join(cells)}]"]
        if s.chance(0.3):
            body = [f"if {read.format(first)} != {read.format(second)}:", *(f"    {b}" for b in body)]
        if s.chance(0.15):
            body.append("last = len(grown)")
        return Piece(['grown = pd.DataFrame(columns=["a", "b"])'], [line, *(f"    {b}" for b in body)], "grown")

    # ------------------------------------------------------------------ look-ups

    def _table(self) -> str:
        s = self.scope
        s.need("df", "frame").columns.add("key")
        table = s.need("table", "frame")
        table.columns.add("key")
        return column(s, s.pick("num", "num", "int", "text"), "table") or "open"

    def _keyed(self) -> tuple[str, str]:
        """A header, and the key of its round."""
        return self.scope.rng.choice(
            (
                ("for i, row in df.iterrows():", 'row["key"]'),
                ("for row in df.itertuples():", "row.key"),
                ('for k in df["key"]:', "k"),
                ("for i in range(len(df)):", 'df["key"].iloc[i]'),
                ('for k in df["key"].tolist():', "k"),
            )
        )

    def _nearest(self) -> Piece:
        s = self.scope
        name = self._table()
        dates = s.chance(0.5)
        own = "day" if dates else "open"
        for frame in ("df", "table"):
            s.need(frame, "frame").columns.add(own)
        line, key = s.rng.choice(
            (("for i, row in df.iterrows():", f'row["{own}"]'), ("for row in df.itertuples():", f"row.{own}"))
        )
        method = s.pick(', method="nearest"', ', method="pad"', ', method="ffill"', "")
        made = s.pick(
            f'table.sort_values("{own}").set_index("{own}")',
            f'table.drop_duplicates("{own}").set_index("{own}").sort_index()',
            f'table.set_index("{own}")',
        )
        found = [f"at = by.index.get_indexer([{key}]{method})[0]"]
        value = f'by["{name}"].iloc[at]' if name != own else "at"
        if s.chance(0.3):
            found += ["if at == -1:", "    continue"]
        return Piece(
            ["out = []", f"by = {made}"], [line, *(f"    {x}" for x in found), f"    out.append({value})"], "out"
        )

    def _by_label(self) -> Piece:
        s = self.scope
        name = self._table()
        line, key = self._keyed()
        by = s.pick(
            'table.set_index("key")', 'table.drop_duplicates("key").set_index("key")', 'table.groupby("key").first()'
        )
        found = s.pick(
            f'by.loc[{key}, "{name}"]', f'by.at[{key}, "{name}"]', f'by["{name}"].loc[{key}]', f'by["{name}"][{key}]'
        )
        lots = {'row["key"]': 'row["lots"]', "row.key": "row.lots"}.get(key, "2")
        s.need("df", "frame").columns.add("lots")
        value = s.pick(found, f"{found} * {lots}", f"{lots} - {found}", f"({found}, {key})")
        return Piece(
            ["out = []", f"by = {by}"],
            [line, f"    out.append({value})"],
            s.pick("out", "np.array(out)", "pd.Series(out)"),
        )

    def _by_mask(self) -> Piece:
        s = self.scope
        name = self._table()
        line, key = self._keyed()
        mask = f'table[table["key"] == {key}]' if s.chance(0.7) else f'table.loc[table["key"] == {key}]'
        cells = f'{mask}["{name}"]'
        style = s.rng.randrange(5)
        if style == 4:
            found = f"{cells}.{s.pick('iloc[0]', 'values[0]', 'tolist()[0]', 'iloc[-1]', 'item()')}"
            test = s.pick(f'{key} == "k1"', f'{key} != "a"', f'{key} in ("k1", "k2")', f"len({key}) > 1")
            other = s.pick("0.0", "0", "1.5", "None", '"x"', f"{cells}.sum()", f"{cells}.iloc[0]")
            match s.pick("either", "arms", "continue", "scaled", "nested"):
                case "either":
                    body = [f"out.append({found} if {test} else {other})"]
                case "arms":
                    body = [f"if {test}:", f"    v = {found}", "else:", f"    v = {other}", "out.append(v)"]
                case "continue":
                    body = [
                        f"if {test}:",
                        f"    out.append({other})",
                        "    continue",
                        f"v = {found}",
                        "out.append(v * 2)",
                    ]
                case "scaled":
                    body = [f"out.append({found} / 2 + {found} if {test} else {other})"]
                case _:
                    body = [f"if {test}:", f'    out.append({found} if {key} != "k2" else 1.5)', "else:"]
                    body += [f"    out.append({other})"]
            return Piece(["out = []"], [line, *(f"    {b}" for b in body)], s.pick("out", "np.array(out)"))
        if style == 0:
            value = s.pick(
                f"{cells}.iloc[0]", f"{cells}.values[0]", f"{cells}.tolist()[0]", f"{cells}.iloc[-1]", f"{cells}.item()"
            )
            return Piece(["out = []"], [line, f"    out.append({value})"], "out")
        if style == 1:
            body = [
                f"match = {mask}",
                f'out.append(match["{name}"].iloc[0] if len(match) else {s.pick("0.0", "None", "np.nan", "0")})',
            ]
            return Piece(["out = []"], [line, *(f"    {b}" for b in body)], s.pick("out", "np.array(out)"))
        if style == 2:
            body = [
                f"match = {mask}",
                "if match.empty:",
                "    continue",
                f'out.append(match["{name}"].{s.pick("sum()", "max()", "iloc[0]")})',
            ]
            return Piece(["out = []"], [line, *(f"    {b}" for b in body)], "out")
        agg = s.pick("sum()", "mean()", "max()", "count()", "nunique()", "min()", "any()", "std()")
        value = s.pick(f"{cells}.{agg}", f"{cells}.{agg}", f"len({mask})", f"{mask}.shape[0]")
        return Piece(["out = []"], [line, f"    out.append({value})"], "out")

    def _key_masks(self) -> Piece:
        s = self.scope
        s.need("df", "frame").columns.add("key")
        name = column(s, s.pick("num", "num", "int"))
        source = s.pick('df["key"].unique()', 'df["key"].unique()', "known", 'sorted(set(df["key"]))', "table.index")
        key = "k"
        if source == "known":
            s.need("known", "list", "key")
        if source == "table.index":
            s.need("table", "frame").columns.add("key")
            key = 'table.loc[k, "key"]'
        mask = s.pick(f'df["key"] == {key}', f'df["key"] == {key}', f'(df["key"] == {key}) & (df["{name}"] > 1)')
        agg = s.pick("sum()", "mean()", "max()", "iloc[0]", "median()", "iloc[-1]", "idxmax()", "nunique()", "size")
        value = s.pick(
            f'part["{name}"].{agg}',
            f'part["{name}"].{agg}',
            "len(part)",
            f'part["{name}"].max() - part["{name}"].min()',
        )
        gather = s.pick("out[k] = {}", "res.append({})", "res.append((k, {}))").format(value)
        if s.chance(0.4):
            header_line = f'for k, part in df.groupby("key"{s.pick("", ", sort=False", ", dropna=False")}):'
            body: list[str] = []
        else:
            header_line, body = f"for k in {source}:", [f"part = {s.pick('df[{}]', 'df.loc[{}]').format(mask)}"]
        if s.chance(0.3):
            body += [f"if len(part) > {s.pick('1', '2', '0')}:", f"    {gather}"]
        else:
            body.append(gather)
        return Piece(
            ["out = {}", "res = []"],
            [header_line, *(f"    {b}" for b in body)],
            s.pick("(out, res)", "pd.Series(out)", "(out, res)"),
        )

    # ------------------------------------------------------------------ windows

    def _rolling(self) -> Piece:
        s = self.scope
        if s.chance(0.4):
            s.need("s", "series")
            source = "s"
        else:
            source = f'df["{column(s, s.pick("num", "int"))}"]'
        function = s.pick(
            "np.max|raw", "np.mean|raw", "np.sum|", "max|raw", "sum|raw", "len|raw",
            "lambda w: w.max()|raw", "lambda w: w.mean()|", "lambda w: w[-1] - w[0]|raw", "lambda w: w.iloc[-1]|",
            "lambda w: (w <= w[-1]).mean()|raw", "lambda w: w.std()|",
            "lambda w: pd.Series(w).rank(pct=True).iloc[-1]|",
            "lambda w: (w > 0).sum()|raw", "lambda w: np.median(w)|raw", "lambda w: w.rank().iloc[-1]|",
            "lambda w: (w[-1] - w.mean()) / w.std()|raw", "lambda w: np.prod(1 + w) - 1|raw",
            "lambda w: np.dot(w, w)|raw",
        )  # fmt: skip
        what, _, raw = function.partition("|")
        width = s.pick("2", "3", "w", "3, min_periods=1", "3, center=True")
        if width == "w":
            s.need("w", "int")
        call = f"{source}.rolling({width}).apply({what}{', raw=True' if raw and s.chance(0.85) else ''})"
        if source != "s" and s.chance(0.5):
            return Piece([], [f'df["made"] = {call}'], "df")
        return Piece([], [f"out = {call}"], "out")

    def _edges(self) -> Piece:
        s = self.scope
        s.need("xs", "array")
        width = s.pick("1", "2", "w")
        if width == "w":
            s.need("w", "int")
        test = s.pick(
            f"i < {width}", f"i >= {width}", "i == 0", "i > 0", "i == 0 or i == len(xs) - 1", f"i < len(xs) - {width}"
        )
        inner = s.pick(
            f"xs[i] - xs[i - {width}]",
            f"xs[i - {width}:i].mean()",
            "(xs[i - 1] + xs[i]) / 2",
            "xs[i]",
            f"xs[i - {width}:i + 1].max()",
            "(xs[i - 1] + xs[i] + xs[i + 1]) / 3",
            f"xs[i] / xs[i - {width}] - 1",
        )
        edge = s.pick("np.nan", "0.0", "xs[i]", "None", "0")
        first, second = (edge, inner) if test.startswith("i <") or "==" in test else (inner, edge)
        if s.chance(0.5):
            store = "out[i] = {}"
            before = [f"out = np.{s.pick('zeros', 'empty', 'ones')}(len(xs))"]
        else:
            store, before = "out.append({})", ["out = []"]
        body = [f"if {test}:", f"    {store.format(first)}"]
        if s.chance(0.8) or "append" in store:
            body += ["else:", f"    {store.format(second)}"]
        return Piece(before, ["for i in range(len(xs)):", *(f"    {b}" for b in body)], s.pick("out", "np.array(out)"))

    def _edge_windows(self) -> Piece:
        s = self.scope
        if s.chance(0.5):
            s.need("xs", "array")
            cells, size = "xs", "len(xs)"
        else:
            cells, size = f'df["{column(s, s.pick("num", "int"))}"].{s.pick("iloc", "values")}', "len(df)"
        width = s.pick("2", "w", "3")
        if width == "w":
            s.need("w", "int")
        part = s.pick(
            f"{cells}[:i + 1]",
            f"{cells}[max(0, i - {width}):i + 1]",
            f"{cells}[max(0, i - {width}):i]",
            f"{cells}[i:]",
            f"{cells}[max(0, i - {width} + 1):i + 1]",
        )
        agg = s.pick("max()", "min()", "mean()", "sum()", "std()", "median()")
        value = f"np.median({part})" if agg == "median()" and "iloc" not in cells else f"{part}.{agg}"
        value = s.pick(value, value, f"{cells}[i] - {value}", f"max({part})")
        if s.chance(0.5):
            return Piece([f"out = np.zeros({size})"], [f"for i in range({size}):", f"    out[i] = {value}"], "out")
        return Piece(
            ["out = []"], [f"for i in range({size}):", f"    out.append({value})"], s.pick("out", "np.array(out)")
        )
