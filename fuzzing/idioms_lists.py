"""Pieces of code that fill lists, dicts and sets with what several lines of the body make."""

from __future__ import annotations

from .headers import column
from .idioms_kept import KeptIdioms
from .shapes import Piece


class ListIdioms(KeptIdioms):
    """Bodies of several lines: names that are bound together, defaults that a condition overrides."""

    def _unpacked(self) -> Piece:
        """Several names bound by unpacking what is split or looked up."""
        s = self.scope
        source = s.pick("words", "words", "tuples", "column")
        if source == "words":
            s.need("words", "list", "text")
            line, word = "for w in words:", "w"
        else:
            s.need("df", "frame").columns |= {"side", "key"}
            tuples = source == "tuples"
            line, word = ("for r in df.itertuples():", "r.side") if tuples else ('for w in df["side"]:', "w")
        value = s.pick(
            f'{word}.split(" ")',
            f'({word} + " 5").split(" ", 1)',
            f"({word}, len({word}))",
            f'LIMITS.get({word}, (0, "z"))',
            f"list({word})",
        )
        body = [f"a, b = {value}"]
        if s.chance(0.4):
            body += [f"if {s.pick('a', 'a == b', 'b')}:", "    continue"]
        elif s.chance(0.3):
            body = [f"if {s.pick('len(' + word + ') > 1', 'not ' + word)}:", "    continue", *body]
        used = s.pick("b", "(a, b)", "b * 2", f"({word}, b)", "str(a)")
        if s.chance(0.5):
            start = s.pick('""', "None", "0")
            body += [f"flag = {start}"] if s.chance(0.8) else [f"flag = {s.pick('a', word)}"]
            body += [f"if {s.pick('b', 'a == b', 'flag == b')}:", f"    flag = {s.pick('1', 'b', 'flag')}"]
            if s.chance(0.4):
                body += [f"elif {word}:", "    flag = 2"]
            if s.chance(0.2):
                body += ["else:", "    flag = 3"]
            used = s.pick("flag", "(flag, b)", "(flag, flag, a)")
        match s.pick("list", "list", "dict", "set", "two"):
            case "dict":
                before, step, result = ["out = {}"], [f"out[{s.pick('a', 'b', word)}] = {used}"], "out"
            case "set":
                before, step, result = ["out = set()"], [f"out.add({used})"], "sorted(out, key=repr)"
            case "two":
                before, step = ["out = []", "more = []"], [f"out.append({used})", "more.append(a)"]
                result = "(out, more)"
            case _:
                before, step, result = ["out = []"], [f"out.append({used})"], s.pick("out", "out", "(out, b)")
        before = ['LIMITS = {"a": (1, 2), "k1": ("x", 3), "x y": "ab"}', *before]
        return Piece(before, [line, *(f"    {x}" for x in [*body, *step])], result)

    def _coded(self) -> Piece:
        """Codes that a dict which is written out gives to texts or numbers, where it has one."""
        s = self.scope
        line, key = s.rng.choice(
            (
                ('for v in df["key"]:', "v"),
                ('for v in df["side"]:', "v"),
                ("for r in df.itertuples():", "r.key"),
                ("for _, r in df.iterrows():", 'r["key"]'),
                ("for i in range(len(df)):", 'df["key"].iloc[i]'),
                ("for i in range(len(words)):", "words[i]"),
                ("for i in range(len(names)):", "names[i]"),
                ("for v in words:", "v"),
                ("for i in range(len(xs)):", "xs[i]"),
            )
        )
        before: list[str] = []
        if "df" in line or "df" in key:
            s.need("df", "frame").columns |= {"key", "side"}
        elif "xs" in line:
            s.need("xs", "array", "int")
        else:
            s.need("words", "list", s.pick("key", "text"))
            before = ["names = np.array(words)"] if "names" in line else []
        table = s.pick(
            '{"k1": 1, "k2": -3, "a": 0}', '{"k1": 0.5, "a": 2.0}', '{"k1": 1, "k2": 0.5}', '{"k1": "x", "a": "y"}',
            "{1: 4, 3: 7, 0: 2}", '{"k1": True, "a": False}', '{"k1": 2**70, "a": 1}', "{}",
        )  # fmt: skip
        code = f"CODES[{key}]"
        there = s.pick(f"{key} in CODES", f"{key} in CODES", f"{key} in CODES and {key}", f"{key} not in CODES")
        match s.pick("held", "held", "guard", "either", "get", "continue", "stored"):
            case "held":
                body = [
                    f"if {there}:",
                    f"    state = {code}",
                    f"out.append({s.pick('state', 'state * 2', 'state + 0.5')})",
                ]
            case "guard":
                body = [f"if {there}:", f"    out.append({s.pick(code, f'{code} * 2')})"]
            case "either":
                body = [f"out.append({code} if {there} else {s.pick('0', '-1', '0.5', 'None')})"]
            case "get":
                body = [f"t = CODES.get({key}, {s.pick('0', '1.5', '-1')})", f"out.append({s.pick('t', 't * 2')})"]
            case "continue":
                body = [
                    f"if not ({there}):",
                    "    continue",
                    f"t = {code}",
                    "out.append(t)",
                    f"state += {s.pick('t', '1')}",
                ]
            case _:
                body = [f"if {there}:", f"    made[n] = {code} * 2", "n += 1"]
        start = s.pick("0", "0", "0.0", "None", "-1")
        before += [f"CODES = {table}", f"state = {start}", "out = []", "n = 0", "made = [0] * 200"]
        if s.chance(0.1):
            before.append('CODES["k3"] = "late"')
        result = s.pick("out", "np.array(out)", "(out, state)", "(out, made)")
        return Piece(before, [line, *(f"    {x}" for x in body)], result)

    def _numbered(self) -> Piece:
        """Rounds that the body numbers itself, all of them or not."""
        s = self.scope
        source = s.pick("words", "words", "tuples", "column", "pairs")
        line, word = "for w in words:", "w"
        if source in ("words", "pairs"):
            s.need("words", "list", "text")
            if source == "pairs":
                line = "for w, v in zip(words, words):"
        else:
            s.need("df", "frame").columns.add("side")
            line, word = (
                ("for r in df.itertuples():", "r.side") if source == "tuples" else ('for w in df["side"]:', "w")
            )
        step = s.pick("n += 1", "n += 1", "n = n + 1", "n += 2")
        value = s.pick(f"(n, {word})", f"str(n) + {word}", f"{word} * n", f"{{{word}: n}}", "n")
        body = [f"out.append({value})"]
        if s.chance(0.3):
            body = [
                f"t = {word}.{s.pick('strip()', 'upper()', 'split()[0]')}",
                f"out.append((t, n, {s.pick('t', 'len(t)')}))",
            ]
        guard = [f"if {s.pick('', 'not ')}{word}:", "    continue"] if s.chance(0.4) else []
        match s.pick("first", "last", "guarded", "middle"):
            case "first":
                body = [step, *guard, *body]
            case "last":
                body = [*guard, *body, step]
            case "guarded":
                body = [f"if {word}:", f"    {step}", *body]
            case _:
                body = [*guard, step, *body]
        start = s.pick("0", "0", "1", "-1", "5", "0.0", "True")
        result = s.pick("out", "out", "out", "(out, n)")
        return Piece([f"n = {start}", "out = []"], [line, *(f"    {x}" for x in body)], result)

    def _updated(self) -> Piece:
        """Arrays, lists and columns of which a loop changes each element, made of what it was."""
        s = self.scope
        kind = s.pick("array", "array", "list", "list", "column")
        if kind == "column":
            return self._column_updated()
        text = kind == "list" and s.chance(0.4)
        xs = "words" if text else "xs"
        s.need(xs, kind, "text" if text else "num")
        line, x = s.rng.choice(
            (
                (f"for i in range(len({xs})):", f"{xs}[i]"),
                (f"for i in range(len({xs})):", f"{xs}[i]"),
                (f"for i in range(1, len({xs}) - 1):", f"{xs}[i]"),
                (f"for i, x in enumerate({xs}):", "x"),
                (f"for i, x in enumerate({xs}):", "x"),
            )
        )
        if text:
            values = (f"{x}.strip()", f"{x} + {xs}[i]", f'"{s.pick("a", "b")}"', f"str(i) + {x}", f"len({x})", "t")
            tests = (x, f'"a" in {x}', f"len({x}) > i", f"not {xs}[i]")
        else:
            s.need("limit", "num")
            values = (f"{x} * 2", f"{x} / 2", "limit", "0", f"{x} + {xs}[i] + i", f"-{x}", f"np.sqrt({x})", "t", "i")
            values = (*values, *(['"b"'] if s.chance(0.1) else []))
            tests = (f"{x} > limit", f"{x} < 0", f"{xs}[i] == 1", f"{x} != {x}", "i % 2", f"0 < {x} <= 2")
        stores = [
            f"{xs}[i] = {s.pick(*values)}",
            f"{xs}[i] = {s.pick(*values)}",
            f"{xs}[i] += {s.pick(x, *values[:3])}",
        ]
        if kind == "array" and s.chance(0.3):
            s.need("ys", "array")
            stores.append(f"{xs}[i] -= ys[i]")
        before = s.pick("", f"{xs} = list({xs})" if kind == "list" else f"{xs} = {xs}.copy()")
        return Piece([before] if before else [], [line, *self._cases(f"t = {x}", stores, tests)], xs)

    def _list_filled(self) -> Piece:
        """Lists of placeholders that are filled by position, all or some of them."""
        s = self.scope
        s.need("limit", "num")
        source = s.pick("frame", "frame", "words", "array", "list")
        if source == "frame":
            name = column(s, s.pick("num", "int"))
            lines = (("for i in range(len(df)):", f'df["{name}"].iloc[i]', "len(df)"),) * 2 + (
                (f'for i, x in enumerate(df["{name}"]):', "x", "len(df)"),
                (f'for i, x in enumerate(df["{name}"].values):', "x", f'len(df["{name}"].values)'),
                ("for i in range(len(out)):", f'df["{name}"].values[i]', "len(df)"),
            )
        else:
            xs = "words" if source == "words" else "xs"
            s.need(xs, "list" if source == "words" else source, "text" if source == "words" else "num")
            lines = (
                (f"for i in range(len({xs})):", f"{xs}[i]", f"len({xs})"),
                (f"for i, x in enumerate({xs}):", "x", f"len({xs})"),
                (f"for i, x in enumerate({xs}):", "x", f"len({xs}) + 1"),
                ("for i in range(n):", f"{xs}[i]", "n"),
                (f"for i in range(1, len({xs})):", f"{xs}[i]", f"len({xs})"),
                ("for i in range(len(out)):", f"{xs}[i]", f"len({xs})"),
            )
        line, x, size = s.rng.choice(lines)
        if source == "words":
            values = (f"{x}.strip()", f"{x} + str(i)", f"len({x})", "t", '"b"')
            tests = (x, f'"a" in {x}', f"len({x}) > i")
        else:
            values = (f"{x} * 2", f"{x} / 2", "limit", f"-{x}", f"{x} + i", "t", f"({x}, i)", f"str({x})")
            tests = (f"{x} > limit", f"{x} < 0", "i % 2", f"0 < {x} <= 2")
        fill = s.pick("0", "0.0", "None", "np.nan", '""', "-1")
        made = s.pick(f"[{fill}] * {size}", f"[{fill}] * ({size})", f"[{fill} for _ in range({size})]")
        stores = [*(f"out[i] = {s.pick(*values)}" for _ in range(3)), f"out[i] += {s.pick(*values)}"]
        before = [
            *(["n = len(xs) - 1"] if size == "n" and source != "words" else ["n = len(words)"] if size == "n" else [])
        ]
        result = s.pick("out", "out", "np.array(out)", "pd.Series(out)", "(out, i)")
        body = self._cases(f"t = {x}", stores, tests)
        if s.chance(0.3):  # another list, which may be read before or after the round has filled its place
            before.append(f"more = [{s.pick('1', '0.5', 'None')}] * {size}")
            step = f"    {s.pick('out[i] = more[i]', 'more[i] = out[i]', 'more[i] = t', 'more[i] = (t, out[i])')}"
            body.insert(s.rng.choice((1, len(body))), step)
            result = "(out, more)"
        return Piece([*before, f"out = {made}"], [line, *body], result)

    def _cases(self, first: str, stores: list[str], tests: tuple[str, ...]) -> list[str]:
        """One store, or some under conditions."""
        s = self.scope
        body = [first]
        shape = s.pick("plain", "if", "if", "either", "chain", "twice")
        if shape == "plain":
            body.append(s.pick(*stores))
        else:
            body += [f"if {s.pick(*tests)}:", f"    {s.pick(*stores)}"]
        if shape == "chain":
            body += [f"elif {s.pick(*tests)}:", f"    {s.pick(*stores)}"]
        if shape == "either" or (shape == "chain" and s.chance(0.4)):
            body += ["else:", f"    {s.pick(*stores)}"]
        if shape == "twice":
            body += [f"{s.pick('if', 'if')} {s.pick(*tests)}:", f"    {s.pick(*stores)}"]
        return [f"    {line}" for line in body]

    def _column_updated(self) -> Piece:
        """Cells of a column that is gone through beside the labels of its frame."""
        s = self.scope
        number, text = column(s, s.pick("num", "int")), column(s, "text") or "side"
        s.need("df", "frame").columns.add(text)
        s.need("limit", "num")
        read = s.pick(number, number, text)
        line = s.pick(
            f'for v, i in zip(df["{read}"], df.index):',
            f'for i, v in zip(df.index, df["{read}"]):',
            f'for i, v in df["{read}"].items():',
            f'for i, v, w in zip(df.index, df["{read}"], df["{number}"]):',
        )
        tests = ("v > limit", "v == 1", "v != v", "not v") if read == number else ('v == "a"', "v", 'v != "long"')
        values = ("v", "0", "v * 2", "limit", "1.5") if read == number else ("v", '"b"', "v", '"a"')
        target = s.pick(f'"{read}"', f'"{read}"', f'"{number}"', "c")
        stores = [f"df.{s.pick('loc', 'at')}[i, {target}] = {s.pick(*values)}" for _ in range(2)]
        before = ["df = df.copy()", f'c = "{s.pick(read, number)}"']
        return Piece(before, [line, *self._cases("t = v", stores, tests)], "df")

    def _cells_filled(self) -> Piece:
        """A column that gets, cell by cell, what only Python computes."""
        s = self.scope
        number, text = column(s, s.pick("num", "int")), column(s, "text") or "side"
        s.need("df", "frame").columns.add(text)
        line, read, label = s.pick(
            "for i, row in df.iterrows():|row[{}]|i",
            "for i, row in df.iterrows():|row[{}]|i",
            "for i in df.index:|df.at[i, {}]|i",
            "for i in df.index:|df.loc[i, {}]|i",
            "for i in range(len(df)):|df.loc[i, {}]|i",
            "for i in range(len(df)):|df[{}].iloc[i]|df.index[i]",
            "for row in df.itertuples():|row.{}|row.Index",
        ).split("|")
        tuples = "itertuples" in line and text.isidentifier() and (number or "").isidentifier()
        if "itertuples" in line and not tuples:
            line, read, label = "for i, row in df.iterrows():", "row[{}]", "i"
        word, x = (read.format(c if tuples else f'"{c}"') for c in (text, number))
        value = s.pick(
            *(f"str({x})", f"{word}.strip()", f"str({word})[:2] + 'z'", f"'{{}}-{{}}'.format({word}, {x})"),
            *(f"round({x}, 1)", f"len(str({word}))", f"f'{{{x}}} {{{word}}}'", f"[{x}]", f"float(str({x}))"),
            f"str({x}) if {x} > 1 else 'low'",
        )
        made, start = s.pick("made", "made", text, number), s.pick("''", "0.0", "None", "0")
        store = f'df.{s.pick("at", "loc")}[{label}, "{made}"] = {value}'
        body = [store] if s.chance(0.7) else [f"t = {x}", f"if {x} > 0:", f"    {store}"]
        before = ["df = df.copy()", *([f'df["made"] = {start}'] if s.chance(0.8) else [])]
        return Piece(before, [line, *(f"    {b}" for b in body)], "df")

    def _labels_stored(self) -> Piece:
        """A value that is stored at one label of a frame after the other."""
        s = self.scope
        number, text = column(s, s.pick("num", "int")), column(s, "text") or "side"
        s.need("df", "frame").columns.add(text)
        s.need("limit", "num")
        source = s.pick("found", "found", "found", "df.index[:2]", "df.index", "ns", f'df["{number}"].unique()')
        if source == "ns":
            s.need("ns", "array", "int")
        line, label = s.pick(
            f"for i in {source}:|i", f"for i in {source}:|i", f"for k in range(len({source})):|{source}[k]"
        ).split("|")
        values = ("1", "0.5", "limit", '"a"', "None", "limit * 2", "len(df)", label)
        stores = [
            f'df.{s.pick("loc", "at")}[{label}, "{s.pick("made", number, text)}"] = {s.pick(*values)}' for _ in range(2)
        ]
        body = stores[: s.rng.randint(1, 2)]
        if s.chance(0.2):
            body = [f"if {label}:", *(f"    {b}" for b in body)]
        made = s.pick(
            "[0, 1]", "[0, 1, 1]", "[]", "[2, 0]", "np.array([0, 2])", "(0, 1)", "{0, 1}", "[True, False]", "[0, 99]"
        )
        before = ["df = df.copy()", *(['df["made"] = 0.0'] if s.chance(0.8) else []), f"found = {made}"]
        return Piece(before, [line, *(f"    {b}" for b in body)], "df")

    def _piece(self, line: str, part: str) -> list[str]:
        """A frame that is made, and filled or filtered before it is added: now like the others, now not."""
        s = self.scope
        copied = s.pick("", ".copy()", ".copy()", ".reset_index(drop=True)", ".assign(size=1)")
        made = [f"new = {part}{copied}"]
        if ".copy()" in copied and s.chance(0.7):
            made.append(f'new["mark"] = {s.pick("1", "len(new)", "k" if " k" in line else "0.5", "None")}')
        if s.chance(0.2):
            made.append("if len(new) > 1:")
            made.append(f"    new = new[{s.pick('new.columns[:1]', 'new.iloc[:, 0] == new.iloc[0, 0]', '[*new][:1]')}]")
        return made
