"""Every form of header that is lifted: what its targets stand for, which positions it visits, and what is refused."""

from __future__ import annotations

import ast

import pytest
from loops_help import show, site_of

from deloop.loops.context import Refused
from deloop.loops.header import lift_header
from deloop.loops.ir import Access, Const, Header, HeaderForm, Inv, Own, Read, Row, Scalar
from deloop.loops.lift import lift
from deloop.loops.remarks import Reason, Refusal

PARAMETERS = "df: pd.DataFrame, s: pd.Series, a: np.ndarray, xs: list, ys, n, k"


def header(loop: str, before: str = "pass", number: int = 0) -> Header:
    """The header of a loop with an empty body in a function with parameters of all kinds."""
    return lift_header(site_of(f"def f({PARAMETERS}):\n    {before}\n    {loop}\n        pass\n", number))


def binds(loop: str) -> dict[str, str]:
    return {name: show(e) for name, e in header(loop).binds.items()}


def refused(loop: str, before: str = "pass") -> Refusal:
    with pytest.raises(Refused) as e:
        header(loop, before)
    return e.value.refusal


# ---------------------------------------------------------------- rows


def test_iterrows() -> None:
    found = header("for i, r in df.iterrows():")
    assert found.form is HeaderForm.ITERROWS
    assert found.table is not None and found.table.code == "df"
    assert {n: show(e) for n, e in found.binds.items()} == {"i": "label", "r": "row@"}
    assert found.binds["r"] == Row(found.table, Access.ROW)


def test_itertuples() -> None:
    for arguments, first, names in (
        ("", 1, True),
        ("index=False", 0, True),
        ("name='Bar'", 1, True),
        ("name=None", 1, False),
        ("index=False, name=None", 0, False),
    ):
        found = header(f"for r in df.itertuples({arguments}):")
        assert found.form is HeaderForm.ITERTUPLES
        assert found.table is not None
        assert found.binds == {"r": Row(found.table, Access.TUPLE, first=first, names=names)}


@pytest.mark.parametrize("loop", ["for x, y in df.itertuples():", "for x, y in df.itertuples(index=ys):"])
def test_rows_unpacked_to_unknown_columns_are_elements(loop: str) -> None:
    found = header(loop)
    assert found.form is HeaderForm.ELEMENTS
    assert all(isinstance(e, Read) and e.part for e in found.binds.values())


@pytest.mark.parametrize(
    ("loop", "scalar"),
    [
        ("for x, y in df[['a', 'b']].itertuples(index=False):", Scalar.PYTHON),
        ("for x, y in df[['a', 'b']].itertuples(index=False, name=None):", Scalar.PYTHON),
        ("for i, x, y in df[['a', 'b']].itertuples():", Scalar.PYTHON),
        ("for i, (x, y) in df[['a', 'b']].iterrows():", Scalar.ROW),
    ],
)
def test_rows_unpacked_to_known_columns(loop: str, scalar: Scalar) -> None:
    found = header(loop)
    assert found.form is HeaderForm.ELEMENTS
    shown = {"x": "df['a']@", "y": "df['b']@"}
    assert binds(loop) == ({"i": "label"} if "i" in found.binds else {}) | shown
    assert all(isinstance(e, Read) and e.scalar is scalar for e in found.elements)


@pytest.mark.parametrize("loop", ["for x in df[['a', 'b']].itertuples():", "for x, x in df[['a', 'b']].values:"])
def test_rows_under_too_few_names(loop: str) -> None:
    assert set(header(loop).binds) == {"x"}


@pytest.mark.parametrize("arguments", ["'records'", "orient='records'"])
def test_records(arguments: str) -> None:
    found = header(f"for r in df.to_dict({arguments}):")
    assert found.form is HeaderForm.RECORDS and found.table is not None
    assert found.binds == {"r": Row(found.table, Access.RECORD)}


@pytest.mark.parametrize("arguments", ["", "'list'", "'records', 1", "orient=ys"])
def test_other_dicts_of_a_frame_are_elements(arguments: str) -> None:
    assert header(f"for r in df.to_dict({arguments}):").form is HeaderForm.ELEMENTS


def test_a_pair_of_label_and_row() -> None:
    found = header("for r in df.iterrows():")
    assert found.form is HeaderForm.ITERROWS
    assert {n: show(e) for n, e in found.binds.items()} == {"r": "(tuple label row@)"}


def test_labels_and_values_of_a_series() -> None:
    assert binds("for i, v in s.items():") == {"i": "label", "v": "s@"}
    assert binds("for i, v in df.items():") == {"i": "df.items()@", "v": "df.items()@"}
    assert binds("for i, v in ys.items():") == {"i": "ys.items()@", "v": "ys.items()@"}


# ---------------------------------------------------------------- wrappers


@pytest.mark.parametrize(
    ("loop", "form", "progress"),
    [
        ("for i, r in list(df.iterrows()):", HeaderForm.ITERROWS, False),
        ("for i, r in tqdm(df.iterrows()):", HeaderForm.ITERROWS, True),
        ("for i, r in tqdm(df.iterrows(), total=len(df)):", HeaderForm.ITERROWS, True),
        ("for i, r in tqdm(list(df.iterrows())):", HeaderForm.ITERROWS, True),
        ("for j, (i, r) in enumerate(tqdm(df.iterrows())):", HeaderForm.ITERROWS, True),
        ("for j, (i, r) in tqdm(enumerate(df.iterrows())):", HeaderForm.ITERROWS, True),
        ("for i in tqdm(range(len(df))):", HeaderForm.POSITIONS, True),
        ("for i in list(range(len(df))):", HeaderForm.POSITIONS, False),
        ("for i in list(df.index):", HeaderForm.LABELS, False),
        ("for i in list(xs):", HeaderForm.ELEMENTS, False),
    ],
)
def test_wrappers(loop: str, form: HeaderForm, progress: bool) -> None:
    found = header(loop, "from tqdm import tqdm")
    assert found.form is form and (found.progress is not None) is progress


def test_a_wrapper_of_another_kind_is_not_looked_through() -> None:
    assert header("for i, r in tqdm(df.iterrows()):").form is HeaderForm.ELEMENTS
    assert header("for i, r in sorted(df.iterrows()):").form is HeaderForm.ELEMENTS


def test_enumerated_rows_have_a_position() -> None:
    found = header("for j, (i, r) in enumerate(df.iterrows()):")
    assert found.form is HeaderForm.ITERROWS and found.position_name == "j"
    assert {n: show(e) for n, e in found.binds.items()} == {"i": "label", "r": "row@", "j": "@"}
    found = header("for j, r in enumerate(df.itertuples()):")
    assert found.form is HeaderForm.ITERTUPLES and found.position_name == "j"


# ---------------------------------------------------------------- positions


@pytest.mark.parametrize(
    ("arguments", "span"),
    [
        ("len(df)", (0, "df", 0)),
        ("len(df.index)", (0, "df", 0)),
        ("len(df['a'])", (0, "df['a']", 0)),
        ("df.shape[0]", (0, "df", 0)),
        ("s.size", (0, "s", 0)),
        ("len(xs)", (0, "xs", 0)),
        ("1, len(df)", (1, "df", 0)),
        ("1, len(df) - 1", (1, "df", -1)),
        ("len(df) + 1 - 3", (0, "df", -2)),
        ("0, len(df), 1", (0, "df", 0)),
        ("k, len(df)", (None, "df", 0)),
        ("n", (0, None, 0)),
        ("len(df) - k", (0, None, 0)),
        ("df.size", (0, None, 0)),
        ("a.size", (0, None, 0)),  # its dimensions are not known
        ("len(df) // 2", (0, None, 0)),
    ],
)
def test_positions(arguments: str, span: tuple[int | None, str | None, int]) -> None:
    found = header(f"for i in range({arguments}):")
    assert found.form is HeaderForm.POSITIONS and found.span is not None
    assert {n: show(e) for n, e in found.binds.items()} == {"i": "@"}
    of = found.span.of.code if found.span.of else None
    assert (found.span.first, of, found.span.delta) == span
    assert (found.span.stop is None) == (of is not None)


def test_a_length_with_a_name() -> None:
    found = header("for i in range(1, m):", "m = len(df) - 1")
    assert found.span is not None and found.span.of is not None
    assert (found.span.of.code, found.span.delta) == ("df", -1)
    found = header("for i in range(m):", "q, m = 1, len(df)")
    assert found.span is not None and found.span.of is not None and found.span.of.code == "df"


@pytest.mark.parametrize(
    "before",
    [
        "m = len(df); m = 3",
        "m = len(df); m += 1",
        "m = len(df); df = df[1:]",
        "m, df = len(df), df[1:]",
        "m, *q = len(df), 1",
        "m, m = len(df), 1",
        "m = len(df)\n    df = df.dropna()",
        "m = len(xs)\n    xs.append(1)",
        "m = len(df)\n    df.drop(0, inplace=True)",
        "m = len(df)\n    with n as df: pass",
        "m = len(df)\n    if n:\n        df = df[1:]",
        "m = ys",
        "m = len",
    ],
)
def test_a_length_that_may_be_stale(before: str) -> None:
    span = header("for i in range(m):", before).span
    assert span is not None and span.of is None and span.stop is not None and span.stop.code == "m"


def filled(made: str, length: str = "len(out)") -> Header:
    """The header of a loop that fills an array of its own, over the length of that array."""
    loop = f"    for i in range({length}):\n        out[i] = k\n"
    return lift_header(site_of(f"def f({PARAMETERS}):\n    {made}\n{loop}"))


@pytest.mark.parametrize(
    ("made", "length", "delta"),
    [
        ("out = np.zeros(len(a))", "len(out)", 0),
        ("out = np.empty((a.shape[0],))", "out.shape[0]", 0),
        ("out = np.full(len(a) - 1, np.nan)", "len(out)", -1),
        ("out = np.zeros(len(a))", "len(out) - 2", -2),
        ("out = np.zeros_like(a)", "len(out)", 0),
        ("out = np.zeros(a.shape)", "len(out)", 0),
        ("m = len(a); out = np.ones(m)", "len(out)", 0),
    ],
)
def test_the_length_of_the_array_that_is_filled(made: str, length: str, delta: int) -> None:
    span = filled(made, length).span
    assert span is not None and span.of is not None and (span.of.code, span.delta) == ("a", delta)


@pytest.mark.parametrize(
    "made",
    [
        "out = np.zeros(k)",
        "out = np.zeros(len(a) + 1)",
        "out = np.zeros(len(a)); a = ys",
        "out = np.zeros(len(a)); out.resize(3)",
        "out = np.zeros(len(a)); out = out[1:]",
        "out = np.zeros((k, len(a)))",
        "out = np.zeros_like(ys)",
        "out = list(a)",
    ],
)
def test_an_array_of_another_length(made: str) -> None:
    span = filled(made).span
    assert span is not None and span.of is not None and span.of.code == "out"


@pytest.mark.parametrize(
    ("around", "after"),
    [
        ("for df in ys", "pass"),
        ("for k in ys", "xs.append(k)"),
        ("for k in ys", "df = df[1:]"),
        ("while n", "xs.pop()"),
    ],
)
def test_a_length_that_is_stale_on_the_next_round_of_a_loop_around(around: str, after: str) -> None:
    what = "df" if "df" in around + after else "xs"
    inner = f"        for i in range(m):\n            pass\n        {after}\n"
    code = f"def f({PARAMETERS}):\n    m = len({what})\n    {around}:\n{inner}"
    span = lift_header(site_of(code, 1)).span
    assert span is not None and span.of is None


def test_a_loop_around_that_changes_nothing() -> None:
    code = (
        f"def f({PARAMETERS}):\n    m = len(xs)\n    for k in ys:\n        for i in range(m):\n            k = xs[i]\n"
    )
    span = lift_header(site_of(code, 1)).span
    assert span is not None and span.of is not None and span.of.code == "xs"


def test_functions_with_the_names_of_builtins() -> None:
    found = lift_header(site_of("def f(df, len):\n    for i in range(len(df)):\n        pass\n"))
    assert found.span is not None and found.span.of is None
    found = lift_header(site_of("def f(df, range):\n    for i in range(len(df)):\n        pass\n"))
    assert found.form is HeaderForm.ELEMENTS
    found = lift_header(site_of("def f(df, enumerate):\n    for i, x in enumerate(df):\n        pass\n"))
    assert [show(e) for e in found.binds.values()] == ["enumerate(df)@", "enumerate(df)@"]
    found = lift_header(site_of("def f(x, y, zip):\n    for i, j in zip(x, y):\n        pass\n"))
    assert [show(e) for e in found.binds.values()] == ["zip(x, y)@", "zip(x, y)@"]


# ---------------------------------------------------------------- labels


@pytest.mark.parametrize("table", ["df", "s", "df['c']"])
def test_labels(table: str) -> None:
    found = header(f"for i in {table}.index:")
    assert found.form is HeaderForm.LABELS
    assert found.table is not None and found.table.code == table
    assert show(found.binds["i"]) == "label"


def test_the_index_of_something_unknown_is_just_iterated() -> None:
    assert header("for i in ys.index:").form is HeaderForm.ELEMENTS


# ---------------------------------------------------------------- elements


@pytest.mark.parametrize(
    ("iterable", "access", "scalar", "part"),
    [
        ("s", Access.ITERATE, Scalar.PYTHON, False),
        ("df['c']", Access.ITERATE, Scalar.PYTHON, False),
        ("df.c", Access.ITERATE, Scalar.PYTHON, False),
        ("df['c'].values", Access.VALUES, Scalar.NUMPY, False),
        ("s.to_numpy()", Access.INDEX, Scalar.NUMPY, False),
        ("s.tolist()", Access.ITERATE, Scalar.ITEM, False),
        ("a", Access.INDEX, Scalar.NUMPY, False),
        ("df.values", Access.ITERATE, Scalar.ITEM, True),
        ("xs", Access.ITERATE, Scalar.ITEM, False),
        ("ys", Access.ITERATE, Scalar.ITEM, False),
        ("ys['c']", Access.ITERATE, Scalar.ITEM, False),
    ],
)
def test_elements(iterable: str, access: Access, scalar: Scalar, part: bool) -> None:
    found = header(f"for v in {iterable}:")
    (read,) = found.elements
    assert isinstance(read, Read) and found.binds == {"v": read}
    assert (read.access, read.scalar, read.part, read.name) == (access, scalar, part, "v")


def test_a_column_is_a_source_of_its_frame() -> None:
    (read,) = header("for v in df['c']:").elements
    assert isinstance(read, Read) and read.source.base.code == "df" and isinstance(read.source.column, Const)
    (read,) = header("for v in df[n]:").elements
    assert isinstance(read, Read) and isinstance(read.source.column, Inv)
    (read,) = header("for v in df.size:").elements
    assert isinstance(read, Read) and read.source.column is None


def test_zip() -> None:
    found = header("for v, w in zip(s, a):")
    assert {n: show(e) for n, e in found.binds.items()} == {"v": "s@", "w": "a@"}
    assert [e.scalar for e in found.elements if isinstance(e, Read)] == [Scalar.PYTHON, Scalar.NUMPY]


def test_zip_of_pairs() -> None:
    found = header("for v, (w, z) in zip(s, ys):")
    assert set(found.binds) == {"v", "w", "z"}
    part = found.binds["w"]
    assert isinstance(part, Read) and part.part and part.source.code == "ys"
    assert isinstance(found.elements[1], Inv)


@pytest.mark.parametrize(
    "loop", ["for v, w in zip(s):", "for v, w in zip(*ys):", "for v, w in zip(s, a, strict=True):"]
)
def test_other_zips_are_iterated_as_they_are(loop: str) -> None:
    found = header(loop)
    assert len(found.elements) == 1 and isinstance(found.elements[0], Inv)


def test_enumerate() -> None:
    found = header("for i, v in enumerate(s):")
    assert found.form is HeaderForm.ELEMENTS and found.position_name == "i"
    assert binds("for i, v in enumerate(s):") == {"i": "@", "v": "s@"}
    assert binds("for i, (v, w) in enumerate(zip(s, a)):") == {"i": "@", "v": "s@", "w": "a@"}


def test_enumerate_from_another_start_has_no_position() -> None:
    found = header("for i, v in enumerate(s, 1):")
    part = found.binds["i"]
    assert found.position_name is None and isinstance(part, Read) and part.part


@pytest.mark.parametrize(
    "loop", ["for v, w in ys:", "for [v, w] in ys:", "for v, *w in ys:", "for k, v in ys.items():"]
)
def test_unpacked_elements_are_parts(loop: str) -> None:
    found = header(loop)
    assert all(isinstance(e, Read) and e.part for e in found.binds.values())


# ---------------------------------------------------------------- refusals


def test_while_loops() -> None:
    assert refused("while n:").reason is Reason.UNSUPPORTED_SYNTAX


@pytest.mark.parametrize(
    "loop",
    [
        "for v in (w := xs):",
        "for xs in xs:",
        "for df in df.iterrows():",
        "for ys.v in xs:",
        "for ys[0] in xs:",
    ],
)
def test_what_is_not_understood(loop: str) -> None:
    found = refused(loop)
    assert (found.reason, found.line) == (Reason.UNSUPPORTED_SYNTAX, 8)


@pytest.mark.parametrize(
    ("loop", "body"),
    [("for v in xs:", "xs.append(v)"), ("for i, v in enumerate(xs):", "xs[i + 1] = 1"), ("for v in s:", "s.at[0] = v")],
)
def test_what_is_iterated_must_not_change(loop: str, body: str) -> None:
    with pytest.raises(Refused) as e:
        lift_header(site_of(f"def f({PARAMETERS}):\n    {loop}\n        {body}\n"))
    assert e.value.refusal.reason is Reason.MUTATES_INPUT


@pytest.mark.parametrize(
    "body",
    [
        "xs[i] = xs[i - 1]",  # the element of another round
        "i += 1\n        xs[i] = xs[i]",  # the place of another round
        "xs[i] = 1\n        xs[0] += xs[i]",
        "xs[i] = 1\n        out.append(xs)",
        "xs[i] += 1\n        xs[i] = xs[i] * 2",  # what the round itself has stored
        "if xs[i]:\n            xs[i] = 0\n        out.append(xs[i])",
    ],
)
def test_an_element_that_others_may_have_stored_is_not_read(body: str) -> None:
    found = lift(site_of(f"def f({PARAMETERS}):\n    for i in range(len(xs)):\n        {body}\n"))
    assert isinstance(found, Refusal) and found.reason is Reason.READS_OWN_OUTPUT


@pytest.mark.parametrize(
    ("loop", "body"),
    [
        ("for i in range(len(xs)):", "xs[i] = xs[i] + 1"),
        ("for i in range(1, len(xs)):", "if xs[i] > 1:\n            xs[i] = 1"),
        ("for i, v in enumerate(xs):", "xs[i] = v"),
        ("for i, v in enumerate(xs):", "if v:\n            xs[i] = 0\n        elif xs[i] == 2:\n            xs[i] = 1"),
    ],
)
def test_an_element_is_its_own_until_the_round_stores_it(loop: str, body: str) -> None:
    found = lift(site_of(f"def f({PARAMETERS}):\n    {loop}\n        {body}\n"))
    assert not isinstance(found, Refusal)
    parts = [x for e in found.effects for part in (e.value, e.guard) if part is not None for x in part.walk()]
    assert any(isinstance(x, Own) for x in parts)


# ---------------------------------------------------------------- other orders, counters


@pytest.mark.parametrize(
    "iterable",
    [
        "range(0, n, 2)",
        "range(len(df) - 1, -1, -1)",
        "range(len(df), 0, -1)",
        "range(0, len(df), k)",
        "reversed(range(n))",
        "np.arange(len(df))",
        "np.arange(0, len(df) - 1, 2)",
    ],
)
def test_positions_in_another_order(iterable: str) -> None:
    found = header(f"for i in {iterable}:")
    assert found.form is HeaderForm.STRIDES and found.span is None and found.position_name == "i"
    assert {n: show(e) for n, e in found.binds.items()} == {"i": "@"}


@pytest.mark.parametrize(
    "iterable", ["np.arange(0, 1, 0.1)", "np.arange(n)", "reversed(xs)", "np.arange(len(df), dtype=k)"]
)
def test_what_may_be_no_positions(iterable: str) -> None:
    assert header(f"for i in {iterable}:").form is HeaderForm.ELEMENTS


WHILE = "def f({parameters}):\n    {start}\n    while {test}:\n        {body}\n        {step}\n"


def counter(
    start: str = "i = 0", test: str = "i < len(df)", body: str = "out = df.x[i]", step: str = "i += 1"
) -> Header:
    return lift_header(site_of(WHILE.format(parameters=PARAMETERS, start=start, test=test, body=body, step=step)))


def test_a_counter() -> None:
    found = counter()
    assert found.form is HeaderForm.POSITIONS and found.position_name == "i"
    assert found.span is not None and found.span.first == 0 and found.span.of is not None
    assert found.span.of.code == "df" and len(found.node.body) == 1
    assert ast.unparse(found.node.iter) == "range(len(df))"
    assert ast.unparse(counter(start="i = 3").node.iter) == "range(3, len(df))"
    assert ast.unparse(counter(test="i < df.shape[0]").node.iter) == "range(df.shape[0])"


@pytest.mark.parametrize(
    "change",
    [
        {"test": "i <= len(df)"},
        {"test": "i < n"},  # which may be 2.5
        {"test": "i < len(out)", "body": "out.append(1)"},
        {"test": "i < len(xs)", "body": "ys.grow(xs)"},
        {"step": "i += 2"},
        {"step": "i -= 1"},
        {"step": "k += 1"},
        {"body": "i += 1"},
        {"body": "i = k"},
        {"body": "if df.x[i]: continue"},
        {"start": "i = 0.0"},
        {"start": "i = -1"},
        {"start": "i = n"},
        {"start": "pass"},
        {"start": "if n: i = 0"},
    ],
    ids=str,
)
def test_a_while_loop_that_does_not_count_its_rounds(change: dict[str, str]) -> None:
    with pytest.raises(Refused) as e:
        counter(**change)
    assert e.value.refusal.reason is Reason.UNSUPPORTED_SYNTAX


def test_continue_of_an_inner_loop_is_none_of_the_counter() -> None:
    assert counter(body="for v in xs: continue").form is HeaderForm.POSITIONS
