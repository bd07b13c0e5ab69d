"""Pieces of code that keep something from earlier rounds: the last value seen, runs of equal values, stretches."""

from __future__ import annotations

from collections.abc import Callable

from .expressions import Expressions
from .headers import column
from .shapes import Piece

_TEXTS = ('"k1"', '"a"', '"buy"')
Read = Callable[[str], str]


class KeptIdioms:
    """Names that start at None or text, that hold the value of the row before, or what a stretch began with."""

    def __init__(self, make: Expressions) -> None:
        self.make, self.scope = make, make.scope

    def _rows_of(self) -> tuple[str, Read, bool]:
        """A header, how a column of a kind is read, and whether `i` is the position of the row."""
        s = self.scope
        s.need("df", "frame")
        form = s.pick("tuples", "tuples", "elements", "zip", "zip", "range", "range", "rows", "numbered")
        names = {kind: column(s, kind) or "open" for kind in ("num", "int", "bool", "text", "key", "date")}
        match form:
            case "tuples":
                return "for row in df.itertuples():", lambda kind: f"row.{names[kind]}", False
            case "rows":
                return "for i, row in df.iterrows():", lambda kind: f'row["{names[kind]}"]', False
            case "range":
                access = s.pick(".iloc", ".iloc", ".values")
                start = s.pick("", "", "", "1, ")
                line = f"for i in range({start}len(df)):"
                return line, lambda kind: f'df["{names[kind]}"]{access}[i]', True
        first, second = s.pick("num", "int", "text", "key", "bool", "date"), s.pick("num", "int", "bool")
        if form == "elements":
            return f'for v in df["{names[first]}"]:', lambda kind: "v", False
        if form == "numbered":
            return f'for i, v in enumerate(df["{names[first]}"]):', lambda kind: "v", True
        line = f'for v, w in zip(df["{names[first]}"], df["{names[second]}"]):'
        return line, lambda kind: "v" if kind == first else "w", False

    def _test_of(self, read: Read) -> str:
        s = self.scope
        number, flag, text = read("num"), read("bool"), read("key")
        return s.pick(
            f"{number} > 0",
            f"{number} > {s.pick('1', '0.5', '-3')}",
            f"not pd.isnull({number})",
            f"pd.notna({text})",
            f"{text} == {s.pick(*_TEXTS)}",
            f"{flag}",
            f"{read('int')} == {s.pick('1', '3')}",
        )

    def _value_kept(self, read: Read, position: bool) -> str:
        s = self.scope
        kind = s.pick("num", "num", "int", "text", "key", "bool", "date")
        options = [read(kind), read(kind), read("num"), f"{read('num')} * 2", s.pick("1", '"x"', "0.5", "None")]
        return s.pick(*options, *(["i", "i", "i"] if position else []))

    def _last_seen(self) -> Piece:
        """The last value seen."""
        s = self.scope
        line, read, position = self._rows_of()
        value = self._value_kept(read, position)
        start = s.pick("None", "None", "None", '""', '"none"', "np.nan", "0")
        test = self._test_of(read)
        set_ = [f"if {test}:", f"    last = {value}"]
        if s.chance(0.3):
            set_ += [f"elif {self._test_of(read)}:", f"    last = {self._value_kept(read, position)}"]
        if s.chance(0.15):
            set_ = [f"if last is None{s.pick('', f' or {test}', f' and {test}')}:", f"    last = {value}"]
        here = value if value not in ("1", '"x"', "0.5", "None") else read("num")
        used = s.pick(
            "last",
            "last",
            f"{here} - last if last is not None else {s.pick('-1', 'np.nan', 'None', '0.0')}",
            f"{s.pick('0', 'None', 'np.nan')} if last is None else last",
            f"last is {s.pick('None', 'not None')}",
            f"({here}, last)",
        )
        tail = [f"out.append({used})"]
        if s.chance(0.2):
            tail = [f"if last is {s.pick('not None', 'not None', 'None')}:", f"    out.append({s.pick('last', here)})"]
        body = s.rng.choice(([*set_, *tail], [*set_, *tail], [*tail, *set_]))
        result = s.pick("out", "out", "(out, last)", "pd.Series(out)", "last")
        return Piece([f"last = {start}", "out = []"], [line, *(f"    {x}" for x in body)], result)

    def _best(self) -> Piece:
        """The best value so far, of none at first, and what goes with it."""
        s = self.scope
        line, read, position = self._rows_of()
        number = read(s.pick("num", "num", "num", "int"))
        value = s.pick(number, number, f"{number} * 2", f"abs({number})", f"({number} - {read('num')})")
        sign = s.pick(">", ">", "<", ">=", "<=")
        better = s.pick(f"{value} {sign} best", f"best {sign} {value}")
        other = s.pick(read("num"), read("key"), "1", '"x"', read("date"), *(["i", "i"] if position else []))
        taken = [f"best = {value}", *([f"mate = {other}"] if s.chance(0.5) else [])]
        test = self._test_of(read)
        match s.pick("or", "or", "or", "elif", "guarded", "and"):
            case "elif":
                body = [
                    "if best is None:",
                    *(f"    {x}" for x in taken),
                    f"elif {better}:",
                    *(f"    {x}" for x in taken),
                ]
            case "guarded":
                inner = [f"if best is None or {better}:", *(f"    {x}" for x in taken)]
                body = [f"if {test}:", *(f"    {x}" for x in inner)]
            case "and":
                body = [f"if {test} and (best is None or {better}):", *(f"    {x}" for x in taken)]
            case _:
                body = [f"if best is None or {better}:", *(f"    {x}" for x in taken)]
        if s.chance(0.3):
            body.append(s.pick(f"out.append({value} - best)", "out.append(best)", "out.append(mate)"))
        if s.chance(0.15):
            body.append(f"if best is not None and best {s.pick('>', '<')} {s.pick('1', '3.5')}:")
            body.append("    n += 1")
        start = s.pick("None", "None", "None", "None", "0", "float('-inf')")
        before = [f"best = {start}", f"mate = {s.pick('None', '-1', 'best')}", "n = 0", "out = []"]
        return Piece(
            before, [line, *(f"    {x}" for x in body)], s.pick("best", "(best, mate)", "(best, mate, n, out)")
        )

    def _before(self) -> Piece:
        """The value of the row before."""
        s = self.scope
        line, read, _ = self._rows_of()
        value = read(s.pick("num", "num", "int", "key", "bool"))
        start = s.pick("None", "None", "None", "0", "np.nan", '""', "0.0")
        use = s.pick(
            "out.append(prev)",
            f"out.append({value} != prev)",
            f"out.append({value} == prev)",
            f"out.append({value} - prev if prev is not None else {s.pick('0', '0.0', 'np.nan', 'None')})",
            f"if prev is not None:\n    out.append({value} - prev)",
            f"if {value} != prev:\n    n += 1",
            f"n = n + 1 if {value} == prev else {s.pick('0', '1')}\nout.append(n)",
            f"if prev is None or {value} > prev:\n    out.append({value})",
            f"if prev is not None and {value} {s.pick('<', '!=')} prev:\n    n += 1\nout.append(n)",
        ).split("\n")
        body = [*use, f"prev = {value}"]
        if s.chance(0.15):
            body = [*use, f"if {self._test_of(read)}:", f"    prev = {value}"]
        result = s.pick("(out, n)", "(out, n)", "(out, prev)", "np.array(out)")
        return Piece([f"prev = {start}", "n = 0", "out = []"], [line, *(f"    {x}" for x in body)], result)

    def _runs(self) -> Piece:
        """Runs of equal values: what they are of, how long they are, where they start."""
        s = self.scope
        line, read, position = self._rows_of()
        value = read(s.pick("key", "key", "text", "int", "bool", "num"))
        step = s.pick("1", "1", "1", "2")
        row = s.pick("(current, length)", "(current, length)", "length", "current", "(length, first, current)")
        there = "if current is not None:\n    "
        known = s.pick(there, there, "if length > 0:\n    ", "")
        first = [f"first = {s.pick('i' if position else value, read('num'))}"] if "first" in row else []
        added = f"{known}runs.append({row})".split("\n")
        match s.pick("equal", "unlike", "after"):
            case "equal":
                body = [f"if {value} == current:", f"    length += {step}", "else:"]
                body += [f"    {x}" for x in (*added, f"current = {value}", "length = 1", *first)]
            case "unlike":
                body = [f"if {value} != current:"]
                body += [f"    {x}" for x in (*added, f"current = {value}", "length = 1", *first)]
                body += ["else:", f"    length += {step}"]
            case _:
                body = [f"if current != {value}:"]
                body += [f"    {x}" for x in (*added, f"current = {value}", "length = 0", *first)]
                body += [f"length += {step}"]
        start = s.pick("None", "None", "None", '""', "0")
        before = [f"current = {start}", "length = 0", "first = None", "runs = []"]
        code = [line, *(f"    {x}" for x in body)]
        if s.chance(0.5):
            code += added
        return Piece(before, code, s.pick("runs", "(runs, current, length)", "len(runs)"))

    def _starts(self) -> Piece:
        """Runs by the position of their first element."""
        s = self.scope
        s.need("xs", s.pick("array", "array", "series"))
        read = "xs[i]" if s.parameters["xs"].kind == "array" else "xs.values[i]"
        other = read.replace("[i]", "[start]")
        row = s.pick(f"({other}, i - start)", "(start, i)", "i - start", f"({other}, start, i - 1)", other)
        before_it = read.replace("[i]", "[i - 1]")
        unlike = f"{read} != {before_it}"
        test = s.pick(unlike, unlike, f"{read} > 0", f"{read} - {before_it} > 1")
        body = [f"if {test}:", f"    runs.append({row})", f"    start = {s.pick('i', 'i', 'i', 'i + 1')}"]
        before = [f"start = {s.pick('0', '0', '0', '1', '-1')}", "runs = []"]
        code = [f"for i in range({s.pick('1, ', '1, ', '')}len(xs)):", *(f"    {x}" for x in body)]
        if s.chance(0.4):
            code += ["if len(xs) > 0:", f"    runs.append(({other}, len(xs) - start))"]
        return Piece(before, code, s.pick("runs", "(runs, start)", "np.array(runs)"))

    def _stretches(self) -> Piece:
        """Stretches in which something holds: where they start and end, what they start with."""
        s = self.scope
        line, read, position = self._rows_of()
        test = self._test_of(read)
        value = self._value_kept(read, position)
        row = s.pick(f"(start, {'i' if position else read('num')})", "start", f"{read('num')} - start")
        close = ["if start is not None:", f"    spans.append({row})", "    start = None"]
        if s.chance(0.3):
            close = [*close[:2], "start = None"]
        opened = [f"if {test}:", "    if start is None:", f"        start = {value}"]
        body = [*opened, "else:", *(f"    {x}" for x in close)]
        if s.chance(0.25):
            body = [f"if {test} and start is None:", f"    start = {value}"]
            body += [f"elif not ({test}) and start is not None:", f"    spans.append({row})", "    start = None"]
        if s.chance(0.2):
            body.append(f"out.append({s.pick('start', 'start is None', '-1 if start is None else start')})")
        code = [line, *(f"    {x}" for x in body)]
        if s.chance(0.4):
            code += ["if start is not None:", "    spans.append(start)"]
        return Piece(["start = None", "spans = []", "out = []"], code, s.pick("(spans, out)", "(spans, start)"))

    def _per_key(self) -> Piece:
        """What a dict or a set keeps for each key."""
        s = self.scope
        line, read, _ = self._rows_of()
        key, value = read(s.pick("key", "key", "text", "int", "bool")), read(s.pick("num", "int", "num"))
        if s.chance(0.2):
            line, key = [line, f"    k = {key}"], "k"
        d = f"seen[{key}]"
        zero, step = s.pick("0", "0", "1", "0.0"), s.pick("1", "1", "2", value)
        kept, default = s.pick(value, value, "True", read("text")), s.pick("None", "0", "np.nan", "-1.5", value)
        body, made = s.rng.choice(
            (
                ([f"{d} = seen.get({key}, {zero}) + {step}", f"out.append({d})"], "{}"),
                ([f"n = seen.get({key}, {zero})", "out.append(n)", f"{d} = n + {step}"], "{}"),
                ([f"{d} += {step}", f"out.append({s.pick(d, f'{value} / {d}')})"], "defaultdict(int)"),
                ([f"if {key} not in seen:", f"    {d} = {zero}", f"{d} += {step}", f"out.append({d})"], "{}"),
                ([f"seen.setdefault({key}, {zero})", f"{d} += {step}", f"out.append(({value}, {d}))"], "{}"),
                ([f"out.append(seen.get({key}, {default}))", f"{d} = {kept}"], "{}"),
                ([f"out.append(seen.get({key}))", f"{d} = {kept}"], "{}"),
                ([f"if {key} in seen:", f"    out.append({value} - {d})", f"{d} = {value}"], "{}"),
                ([f"out.append({value} - {d} if {key} in seen else {default})", f"{d} = {value}"], "{}"),
                ([f"prev = seen.get({key})", f"out.append(0 if prev is None else {value} - prev)",
                  f"{d} = {value}"], "{}"),
                ([f"out.append({key} in seen)", f"seen.add({key})"], "set()"),
                ([f"if {key} in seen:", "    continue", f"seen.add({key})", f"out.append({value})"], "set()"),
                ([f"if {key} not in seen:", f"    seen.add({key})", f"    out.append({key})"], "set()"),
                ([f"out.append({d})", f"{d} = {value}"], s.pick("{}", "defaultdict(int)")),
                ([f"if {self._test_of(read)}:", f"    {d} = {value}", f"out.append(seen.get({key}))"], "{}"),
            )
        )  # fmt: skip
        result = s.pick("out", "out", "pd.Series(out)", "(out, seen)" if s.chance(0.2) else "out")
        head = [line] if isinstance(line, str) else line
        return Piece([f"seen = {made}", "out = []"], [*head, *(f"    {x}" for x in body)], result)

    def _separated(self) -> Piece:
        """Text with a separator between its pieces."""
        s = self.scope
        s.need("words", "list", s.pick("text", "text", "num"))
        line, w = s.rng.choice(
            (
                ("for w in words:", "w"),
                ("for i, w in enumerate(words):", "w"),
                ("for i, w in enumerate(words, 1):", "w"),
                ("for i in range(len(words)):", "words[i]"),
                ("for i in range(1, len(words)):", "words[i]"),
            )
        )
        piece = s.pick(f"str({w})", f'f"<{{{w}}}>"', f'"\'" + str({w}) + "\'"', f'"%s;" % ({w},)', f'f"{{{w}}}"', w)
        add = f"line += {piece}"
        first = s.pick("i > 0", "i", "i != 0", "i > 1", "line", 'line != ""', "not first", "len(line) > 0", "i >= 1")
        last = s.pick("i < len(words) - 1", "i != len(words) - 1", "i + 1 < len(words)", "i + 1 != len(words)")
        sep = s.pick('", "', '","', '""', '" and "')
        body = [f"if {first}:", f"    line += {sep}", add, *(["first = False"] if "first" in first else [])]
        if s.chance(0.3):
            body = [add, f"if {last}:", f"    line += {sep}"]
        elif s.chance(0.2):
            body = ["if first:", "    first = False", "else:", f"    line += {sep}", add]
        if s.chance(0.15):
            body = [x if x != add else f"if {w}:\n        {add}" for x in body]
        if s.chance(0.2):
            body = [f"if {s.pick(w, f'len(str({w})) > 1')}:", *(f"    {x}" for x in body)]
        elif s.chance(0.15):
            body = [f"if not {w}:", "    continue", *body]
        if " i" in line.split(" in ")[0] and s.chance(0.15):
            body = [s.pick("i = i - 1", "i += 1", "i = 0"), *body]
        start = s.pick('""', '""', '""', '"> "')
        return Piece([f"line = {start}", "first = True"], [line, *(f"    {x}" for x in body)], "line")

    def _stored_state(self) -> Piece:
        """A state that is stored into a column, cell by cell."""
        s = self.scope
        s.need("df", "frame")
        names = {kind: column(s, kind) or "open" for kind in ("num", "int", "bool")}
        form = s.pick("range", "range", "rows", "values")
        x, flag = (
            f'row["{names[k]}"]' if form == "rows" else f'df["{names[k]}"].values[i]' if form == "values" else
            f'df.{s.pick("at", "loc")}[i, "{names[k]}"]' for k in ("num", "bool")
        )  # fmt: skip
        line = "for i, row in df.iterrows():" if form == "rows" else f"for i in range({s.pick('', '', '1, ')}len(df)):"
        start = s.pick("0", "0.0", "None", "-1", "1.5")
        step = s.rng.choice(
            (
                [f"if {x} > 1:", "    state = 1", f"elif {x} < 0:", "    state = -1"],
                [f"if {flag}:", f"    state = {x}"],
                [f"if pd.notna({x}):", f"    state = {x}"],
                [f"state = {'0' if start == 'None' else 'state'} + {x}"],
                [f"state += {x}"] if start != "None" else [f"if {flag}:", "    state = i"],
                [f"if {x} > 0:", "    n += 1", "else:", "    n = 0"],
                ["n += 1", f"state = {x}"],
            )
        )
        kept = s.pick("state", "state", "n", "state if state is not None else -1", f"n + {x}")
        store = [f'df.{s.pick("at", "at", "loc")}[i, "made"] = {kept}']
        if s.chance(0.25):
            store = [f"if {s.pick(flag, 'state is not None', 'n > 1')}:", f"    {store[0]}"]
        if s.chance(0.2):
            store.append("out.append(state)")
        body = s.rng.choice(([*step, *store], [*step, *store], [*store, *step]))
        made = [f'df["made"] = {s.pick("0.0", "0", "np.nan", "None", "0.0")}'] if s.chance(0.8) else []
        before = [
            s.pick("df = df.reset_index(drop=True)", "df = df.copy()"),
            *made,
            f"state = {start}",
            "n = 0",
            "out = []",
        ]
        return Piece(before, [line, *(f"    {b}" for b in body)], s.pick("df", "(df, state, n)", "(df, out)"))

    def _own_cells(self) -> Piece:
        """Cells of a frame that a round stores and later rounds read back."""
        s = self.scope
        names = {kind: column(s, kind) or "open" for kind in ("num", "int", "bool", "text")}
        first = s.pick("1", "1", "0", "2")
        header, way = s.rng.choice(
            (
                (f"for i in range({first}, len(df)):", "number"),
                (f"for i in range({first}, len(df)):", "label"),
                (f"for i in range({first}, len(df)):", "position"),
                ("for i in df.index:", "number"),
                ("for i, row in df.iterrows():", "number"),
                ("for i in range(len(df) - 1, 0, -1):", "number"),
                ("for i in reversed(range(1, len(df))):", "position"),
            )
        )

        def read(name: str, where: str) -> str:
            ways = {
                "number": (f'df.loc[{where}, "{name}"]', f'df.at[{where}, "{name}"]', f'df["{name}"][{where}]'),
                "label": (f'df.loc[df.index[{where}], "{name}"]', f'df["{name}"].iloc[{where}]'),
                "position": (f'df["{name}"].iloc[{where}]', f'df["{name}"].values[{where}]'),
            }
            row = f'row["{name}"]' if "iterrows" in header and where == "i" and name != "made" else ""
            return row if row and s.chance(0.7) else s.pick(*ways[way], f'df.iloc[{where}]["{name}"]')

        store = {
            "number": s.pick('df.loc[i, "made"]', 'df.at[i, "made"]'),
            "label": s.pick('df.loc[df.index[i], "made"]', 'df.at[df.index[i], "made"]'),
            "position": 'df.iloc[i, df.columns.get_loc("made")]',
        }[way]
        kind = s.pick("num", "num", "num", "int", "text", "bool")
        back, own = read("made", s.pick("i - 1", "i - 1", "i - 1", "i")), read(names[kind], "i")
        start = {"num": ("0.0", "np.nan", f'df["{names["num"]}"]'), "int": ("0", "1"), "text": ('"a"', '"flat"')}
        if kind == "text":
            values = ['"long"', back, s.pick(back, '"a"', own)]
        elif kind == "bool":
            values = ["True", back, s.pick("False", f"{read(names['num'], 'i')} > 1", own)]
        elif kind == "int":
            values = [s.pick(f"{back} + 1", f"{back} * 2", f"{back} - {own}"), "0", s.pick(back, own, "1.5")]
        else:
            made = f"{back} {s.pick('+', '-', '*', '/')} {s.pick(own, '2', 'limit')}"
            values = [s.pick(made, f"max({made}, 0)", f"abs({made})", f"({made}) ** 2"), back, s.pick(own, "0", "None")]
            s.need("limit", "num")
        s.rng.shuffle(values)
        test = s.pick(
            f"{read(names['num'], 'i')} > 1",
            f"{read(names['bool'], 'i')}",
            f'{read(names["text"], "i")} == "long"',
            "i > 1",
            "i == 0",
            f"{back} > {s.pick('0', '1')}" if kind in ("num", "int") else "i % 2",
        )
        first_part = [f"    {store} = {values[0]}"] if s.chance(0.8) else [f"    {store} += {values[0]}"]
        body = [f"if {test}:", *first_part, "else:", f"    {store} = {values[1]}"]
        if s.chance(0.3):
            body = [f"t = {values[0]}", f"if {test}:", "    continue", f"{store} = {s.pick('t', values[1])}"]
        elif s.chance(0.2):
            body = [f"{store} = {values[0]}", f"if {test}:", f"    {store} = {values[2]}"]
        before = ["df = df.copy()"] if s.chance(0.6) else []
        before += ["df = df.reset_index(drop=True)"] if s.chance(0.5) else []
        before += [f'df["made"] = {s.pick(*start.get(kind, ("False",)))}']
        return Piece(before, [header, *(f"    {x}" for x in body)], "df")
