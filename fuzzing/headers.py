"""Random loop headers, and what they give to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .expressions import Scope
from .model import COLUMNS, KIND_OF_COLUMN

Reader = Callable[[str], str | None]


@dataclass(frozen=True)
class Header:
    """A loop's first line; how its body reads a value of a kind; the names for where it is.

    `size` is the number of rounds as an expression, `array` a name that is as long, `leaks` the names that it binds.
    """

    line: str
    read: Reader
    position: str = ""
    label: str = ""
    frame: str = ""
    size: str = ""
    before: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()


def header(scope: Scope) -> Header:
    """One of all kinds."""
    makers = (
        *[_iterrows] * 4,
        *[_itertuples] * 3,
        *[_positions] * 5,
        *[_labels] * 2,
        *[_elements] * 4,
        *[_enumerated] * 2,
        *[_zipped] * 3,
        *[_indexed] * 4,
        _while,
        _while_rows,
        _column_tuples,
        _plain_tuples,
        _records,
        _items,
        *[_strides] * 2,
        _matrix_rows,
        _numbered_rows,
        _some_rows,
        _watched,
    )
    return scope.rng.choice(makers)(scope)


def column(scope: Scope, kind: str, frame: str = "df") -> str | None:
    """A column of a kind, noted as needed."""
    if kind not in COLUMNS:
        return None
    name = scope.rng.choice(COLUMNS[kind])
    scope.need(frame, "frame").columns.add(name)
    return name


def _frame(scope: Scope) -> str:
    scope.need("df", "frame")
    return "df"


def _iterrows(scope: Scope) -> Header:
    frame = _frame(scope)
    style = scope.pick("item", "item", "attribute", "mixed")

    def read(kind: str) -> str | None:
        name = column(scope, kind)
        if name is None:
            return None
        if style == "attribute" or (style == "mixed" and scope.chance(0.5)):
            return f"row.{name}"
        return f'row["{name}"]'

    label = scope.pick("i", "i", "_", "idx")
    return Header(
        f"for {label}, row in {frame}.iterrows():",
        read,
        label=label if label != "_" else "",
        frame=frame,
        size=f"len({frame})",
        leaks=(label, "row"),
    )


def _itertuples(scope: Scope) -> Header:
    frame = _frame(scope)

    def read(kind: str) -> str | None:
        name = column(scope, kind)
        return name and f"row.{name}"

    index = scope.pick("", "", "index=False")
    label = "" if index else "row.Index"
    return Header(
        f"for row in {frame}.itertuples({index}):", read, label=label, frame=frame, size=f"len({frame})", leaks=("row",)
    )


def _column_tuples(scope: Scope) -> Header:
    """Rows unpacked into names."""
    frame = _frame(scope)
    kinds = [scope.pick("num", "int", "text", "bool", "date", "key") for _ in range(scope.rng.randint(1, 3))]
    found = {name: kind for kind in kinds if (name := column(scope, kind))}
    names = {f"v_{name}": kind for name, kind in found.items()}
    wanted = ", ".join(f'"{name}"' for name in found)
    targets = ", ".join(names) + ("," if len(names) == 1 else "")
    source = scope.pick(
        f"{frame}[[{wanted}]].itertuples(index=False)",
        f"{frame}[[{wanted}]].values",
        f"zip({', '.join(f'{frame}[{chr(34)}{name}{chr(34)}]' for name in found)})",
    )
    return Header(
        f"for {targets} in {source}:", _from(scope, names), frame=frame, size=f"len({frame})", leaks=tuple(names)
    )


def _plain_tuples(scope: Scope) -> Header:
    """Tuples without names, read by number."""
    frame = _frame(scope)
    kinds = [scope.pick("num", "int", "text", "num") for _ in range(scope.rng.randint(2, 3))]
    found = list(dict.fromkeys(name for kind in kinds if (name := column(scope, kind))))
    wanted = ", ".join(f'"{name}"' for name in found)
    index = scope.pick("index=False, ", "")
    source = scope.pick(
        f"{frame}[[{wanted}]].itertuples({index}name=None)", f"{frame}[[{wanted}]].itertuples(index=False)"
    )
    first = 0 if "index=False" in source else 1

    def read(kind: str) -> str | None:
        fitting = [
            k for k, n in enumerate(found) if KIND_OF_COLUMN[n] == kind or (kind == "num" and n in ("qty", "lots"))
        ]
        return f"t[{scope.rng.choice(fitting) + first}]" if fitting else None

    return Header(f"for t in {source}:", read, frame=frame, size=f"len({frame})", leaks=("t",))


def _items(scope: Scope) -> Header:
    """Labels and elements of a column."""
    kind = scope.pick("num", "num", "int", "text")
    if scope.chance(0.3):
        scope.need("s", "series", kind)
        source, frame = "s", ""
    else:
        source, frame = f'df["{column(scope, kind)}"]', "df"
    return Header(
        f"for k, v in {source}.items():",
        _from(scope, {"v": kind}),
        label="k",
        frame=frame,
        size=f"len({source})",
        leaks=("k", "v"),
    )


def _strides(scope: Scope) -> Header:
    """Positions backwards, or some of them."""
    rows = scope.chance(0.6)
    made = _positions(scope) if rows else _indexed(scope)
    size = "len(df)" if rows else "len(xs)"
    line = scope.pick(
        f"for i in reversed(range({size})):",
        f"for i in range({size} - 1, -1, -1):",
        f"for i in range(0, {size}, 2):",
        f"for i in range({size} - 2, 0, -1):",
        f"for i in np.arange({size}):",
        f"for i in range(-1, {size}):",
        f"for i in range(3, {size}):",
        f"for i in range(min({size}, 4)):",
    )
    return replace(made, line=line)


def _while_rows(scope: Scope) -> Header:
    made = _positions(scope)
    start, step = scope.pick("0", "0", "1"), scope.pick("1", "1", "2")
    end = scope.pick("len(df)", "len(df)", "df.shape[0]", "len(df) - 1")
    return replace(made, line=f"while i < {end}:", before=(f"i = {start}",), last=(f"i += {step}",))


def _matrix_rows(scope: Scope) -> Header:
    """Rows of an array of two dimensions, or of the values of some columns."""
    if scope.chance(0.5):
        scope.need("df", "frame").columns |= {"open", "close"}
        source, frame = scope.pick('df[["open", "close"]].values', 'df[["close", "open"]].to_numpy()'), "df"
    else:
        scope.need("m", "matrix")
        source, frame = "m", ""
    if scope.chance(0.4) and not frame:
        line, read, leaks = "for i in range(len(m)):", lambda kind: scope.pick("m[i, 0]", "m[i][1]", "m[i, 2]"), ("i",)
        return Header(line, _numbers_only(read), position="i", size="len(m)", leaks=leaks)
    return Header(
        f"for r in {source}:",
        _numbers_only(lambda kind: scope.pick("r[0]", "r[1]", "r[1]", "r[-1]")),
        frame=frame,
        size=f"len({source})",
        leaks=("r",),
    )


def _numbers_only(read: Reader) -> Reader:
    return lambda kind: read(kind) if kind in ("num", "int") else None


def _numbered_rows(scope: Scope) -> Header:
    """Rows that are numbered."""
    made = _iterrows(scope) if scope.chance(0.6) else _itertuples(scope)
    inner = made.line.removeprefix("for ").removesuffix(":")
    targets, source = inner.split(" in ", 1)
    targets = f"({targets})" if "," in targets else targets
    if scope.chance(0.4):
        read = made.read
        line = f"for n, {targets} in enumerate({source}, {scope.pick('1', '7')}):"
        return replace(
            made,
            line=line,
            read=lambda kind: "n" if kind in ("num", "int") and scope.chance(0.2) else read(kind),
            leaks=("n", *made.leaks),
        )
    return replace(made, line=f"for n, {targets} in enumerate({source}):", position="n", leaks=("n", *made.leaks))


def _some_rows(scope: Scope) -> Header:
    """Rows of what is computed from the frame."""
    name = column(scope, scope.pick("num", "int"))
    part = scope.pick(
        f'df[df["{name}"] > 1]',
        "df.head(3)",
        "df.iloc[1:]",
        f'df.dropna(subset=["{name}"])',
        "df.reset_index(drop=True)",
    )
    made = _iterrows(scope) if scope.chance(0.5) else _itertuples(scope)
    return replace(made, line=made.line.replace(" in df.", f" in {part}."), frame="df")


def _watched(scope: Scope) -> Header:
    """With a progress bar."""
    made = scope.rng.choice((_iterrows, _itertuples, _positions, _elements))(scope)
    targets, source = made.line.removesuffix(":").split(" in ", 1)
    return replace(made, line=f"{targets} in tqdm({source}{scope.pick('', ', total=3')}):")


def _from(scope: Scope, names: dict[str, str]) -> Reader:
    """Reads one of some names; of another kind when there is none, now and then."""

    def read(kind: str) -> str | None:
        fitting = [name for name, its in names.items() if its == kind or (kind, its) == ("num", "int")]
        return scope.rng.choice(fitting) if fitting else None

    return read


def _at(scope: Scope, frame: str, at: str, labels: bool) -> Reader:
    style = scope.rng.randrange(8)

    def read(kind: str) -> str | None:
        name = column(scope, kind)
        if name is None:
            return None
        spot = at
        if not labels and scope.chance(0.12):
            spot = f"{at} - 1"
        elif not labels and scope.chance(0.05):
            spot = f"{at} + 1"
        forms = (
            [
                f'{frame}.loc[{at}, "{name}"]',
                f'{frame}.at[{at}, "{name}"]',
                f'{frame}["{name}"][{at}]',
                f'{frame}.loc[{at}]["{name}"]',
            ]
            if labels
            else [
                f'{frame}["{name}"].iloc[{spot}]',
                f'{frame}.iloc[{spot}]["{name}"]',
                f'{frame}["{name}"].values[{spot}]',
                f'{frame}["{name}"].iloc[{spot}]',
                f'{frame}.loc[{spot}, "{name}"]',
                f'{frame}["{name}"][{spot}]',
                f'{frame}["{name}"].iat[{spot}]',
                f'{frame}.loc[{spot}]["{name}"]',
            ]
        )
        return forms[(style if scope.chance(0.8) else scope.rng.randrange(8)) % len(forms)]

    return read


def _positions(scope: Scope) -> Header:
    frame = _frame(scope)
    size = scope.pick(f"len({frame})", f"len({frame})", f"{frame}.shape[0]", f"len({frame}.index)")
    start = scope.pick("", "", "", "1, ", "0, ", "2, ")
    end = scope.pick("", "", "", " - 1")
    return Header(
        f"for i in range({start}{size}{end}):",
        _at(scope, frame, "i", False),
        position="i",
        frame=frame,
        size=size,
        leaks=("i",),
    )


def _labels(scope: Scope) -> Header:
    frame = _frame(scope)
    return Header(
        f"for i in {frame}.index:",
        _at(scope, frame, "i", True),
        label="i",
        frame=frame,
        size=f"len({frame})",
        leaks=("i",),
    )


def _sequence(scope: Scope, name: str, kind: str) -> str:
    """Something to go through whose elements are of a kind."""
    if scope.chance(0.4):
        col = column(scope, kind)
        if col:
            quoted = f'df["{col}"]'
            return scope.pick(quoted, f"{quoted}.values", f"{quoted}.tolist()", f"{quoted}.to_numpy()", f"df.{col}")
    scope.need(name, scope.pick("list", "list", "array", "series") if kind != "text" else "list", kind)
    return name


def _elements(scope: Scope) -> Header:
    kind = scope.pick("num", "num", "int", "text", "bool", "date")
    source = _sequence(scope, {"num": "xs", "int": "ns", "text": "words", "bool": "flags", "date": "days"}[kind], kind)
    return Header(
        f"for x in {source}:", _from(scope, {"x": kind}), size=f"len({source})", leaks=("x",), frame=_owner(source)
    )


def _owner(source: str) -> str:
    return "df" if source.startswith("df") else ""


def _enumerated(scope: Scope) -> Header:
    kind = scope.pick("num", "num", "int", "text")
    source = _sequence(scope, {"num": "xs", "int": "ns", "text": "words"}[kind], kind)
    start = scope.pick("", "", "", ", 1", ", start=1")
    return Header(
        f"for i, x in enumerate({source}{start}):",
        _from(scope, {"x": kind, "i": "int"}),
        position="i" if not start else "",
        size=f"len({source})",
        leaks=("i", "x"),
        frame=_owner(source),
    )


def _zipped(scope: Scope) -> Header:
    kinds = [scope.pick("num", "num", "int", "text") for _ in range(scope.rng.randint(2, 3))]
    names = {f"{kind[0]}{k}": kind for k, kind in enumerate(kinds)}
    sources = [_sequence(scope, f"{kind}s{k}", kind) for k, kind in enumerate(kinds)]
    if scope.chance(0.15):
        return Header(
            f"for j, ({', '.join(names)}) in enumerate(zip({', '.join(sources)})):",
            _from(scope, names),
            position="j",
            size=f"len({sources[0]})",
            leaks=("j", *names),
            frame=_owner(sources[0]),
        )
    return Header(
        f"for {', '.join(names)} in zip({', '.join(sources)}):",
        _from(scope, names),
        size=f"len({sources[0]})",
        leaks=tuple(names),
        frame=_owner(sources[0]),
    )


def _indexed(scope: Scope) -> Header:
    """Positions of arrays or lists."""
    kind = scope.pick("array", "array", "array", "list", "series")
    names = {"xs": "num", "ys": "num", "ns": "int"}

    def read(wanted: str) -> str | None:
        fitting = [n for n, its in names.items() if its == wanted or wanted == "num"]
        if wanted not in ("num", "int"):
            return None
        name = scope.rng.choice(fitting)
        scope.need(name, kind, names[name])
        spot = scope.pick(*["i"] * 9, "i - 1", "i + 1", "-1", "0", "i - 2")
        return f"{name}.iloc[{spot}]" if kind == "series" else f"{name}[{spot}]"

    scope.need("xs", kind)
    start = scope.pick("", "", "", "1, ", "2, ")
    end = scope.pick("", "", "", " - 1")
    return Header(f"for i in range({start}len(xs){end}):", read, position="i", size="len(xs)", leaks=("i",))


def _while(scope: Scope) -> Header:
    made = _indexed(scope)
    start = scope.pick("0", "0", "1")
    return Header(
        "while i < len(xs):",
        made.read,
        position="i",
        size="len(xs)",
        before=(f"i = {start}",),
        last=("i += 1",),
        leaks=("i",),
    )


def _records(scope: Scope) -> Header:
    """Dictionaries of a table."""
    frame = _frame(scope)

    def read(kind: str) -> str | None:
        name = column(scope, kind)
        return name and scope.pick(f'rec["{name}"]', f'rec["{name}"]', f'rec.get("{name}")')

    return Header(f'for rec in {frame}.to_dict("records"):', read, frame=frame, size=f"len({frame})", leaks=("rec",))
