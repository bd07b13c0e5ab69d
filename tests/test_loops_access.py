"""Which element an access reads, and which scalar it hands to the body."""

from __future__ import annotations

import pytest
from loops_help import lifted, refusal, show

from deloop.loops.ir import Access, Append, HeaderForm, Op, Raw, Read, Row, Scalar, strip
from deloop.loops.remarks import Reason

PARAMETERS = "df: pd.DataFrame, s: pd.Series, a: np.ndarray, m, xs: list, d: dict, ys, col, out"
POSITIONS = "for i in range(len(df)):"
ROWS = "for i, r in df.iterrows():"
TUPLES = "for r in df.itertuples():"
LABELS = "for i in df.index:"


def code(loop: str, value: str) -> str:
    return f"def f({PARAMETERS}):\n    {loop}\n        out.append({value})\n"


def read(loop: str, value: str) -> Read:
    """The element read that is appended."""
    (effect,) = lifted(code(loop, value)).effects
    assert isinstance(effect, Append)
    found = strip(effect.value)
    assert isinstance(found, Read), found
    return found


@pytest.mark.parametrize(
    ("loop", "value", "shown", "access", "scalar"),
    [
        # A column by position: NumPy scalars.
        (POSITIONS, "df['c'].iloc[i]", "df['c']@", Access.ILOC, Scalar.NUMPY),
        (POSITIONS, "df.c.iloc[i]", "df['c']@", Access.ILOC, Scalar.NUMPY),
        (POSITIONS, "df[col].iloc[i]", "df[col]@", Access.ILOC, Scalar.NUMPY),
        (POSITIONS, "df['c'].iloc[i - 1]", "df['c']@-1", Access.ILOC, Scalar.NUMPY),
        (POSITIONS, "df['c'].iloc[1 + i]", "df['c']@+1", Access.ILOC, Scalar.NUMPY),
        (POSITIONS, "df['c'].iat[i]", "df['c']@", Access.IAT, Scalar.NUMPY),
        (POSITIONS, "df['c'].values[i]", "df['c']@", Access.VALUES, Scalar.NUMPY),
        (POSITIONS, "df['c'].to_numpy()[i]", "df['c']@", Access.VALUES, Scalar.NUMPY),
        (POSITIONS, "s.iloc[i]", "s@", Access.ILOC, Scalar.NUMPY),
        (POSITIONS, "s.values[i]", "s@", Access.VALUES, Scalar.NUMPY),
        (POSITIONS, "df.iloc[i, 2]", "df[df.columns[2]]@", Access.ILOC, Scalar.NUMPY),
        # By label.
        (POSITIONS, "df['c'][i]", "df['c']@", Access.LABEL, Scalar.NUMPY),
        (POSITIONS, "df.loc[i, 'c']", "df['c']@", Access.LABEL, Scalar.NUMPY),
        (POSITIONS, "df.at[i - 1, 'c']", "df['c']@-1", Access.LABEL, Scalar.NUMPY),
        (POSITIONS, "df['c'].loc[i]", "df['c']@", Access.LABEL, Scalar.NUMPY),
        (POSITIONS, "s[i]", "s@", Access.LABEL, Scalar.NUMPY),
        (LABELS, "df.at[i, 'c']", "df['c']@", Access.LABEL, Scalar.NUMPY),
        (LABELS, "df.loc[i, col]", "df[col]@", Access.LABEL, Scalar.NUMPY),
        (LABELS, "df['c'][i]", "df['c']@", Access.LABEL, Scalar.NUMPY),
        (ROWS, "df.loc[i, 'c']", "df['c']@", Access.LABEL, Scalar.NUMPY),
        # Rows: what the other columns hold decides.
        (ROWS, "r['c']", "df['c']@", Access.ROW, Scalar.ROW),
        (ROWS, "r.c", "df['c']@", Access.ROW, Scalar.ROW),
        (ROWS, "r[col]", "df[col]@", Access.ROW, Scalar.ROW),
        (POSITIONS, "df.iloc[i]['c']", "df['c']@", Access.ROW_ILOC, Scalar.ROW),
        (POSITIONS, "df.iloc[i - 1].c", "df['c']@-1", Access.ROW_ILOC, Scalar.ROW),
        # Tuples and iteration: Python scalars.
        (TUPLES, "r.c", "df['c']@", Access.TUPLE, Scalar.PYTHON),
        ("for v in df['c']:", "v", "df['c']@", Access.ITERATE, Scalar.PYTHON),
        ("for v, w in zip(s, a):", "v", "s@", Access.ITERATE, Scalar.PYTHON),
        ("for i, v in enumerate(s):", "v", "s@", Access.ITERATE, Scalar.PYTHON),
        ("for r in df.itertuples(name=None):", "r[1]", "df[df.columns[0]]@", Access.TUPLE, Scalar.PYTHON),
        ("for r in df.itertuples(index=False):", "r[1]", "df[df.columns[1]]@", Access.TUPLE, Scalar.PYTHON),
        ("for r in df[['a', 'b']].itertuples():", "r[2]", "df['b']@", Access.TUPLE, Scalar.PYTHON),
        ("for r in df[['a', 'b']].itertuples():", "r.b", "df['b']@", Access.TUPLE, Scalar.PYTHON),
        ("for r in df.to_dict('records'):", "r['c']", "df['c']@", Access.RECORD, Scalar.PYTHON),
        ("for r in df.iterrows():", "r[1]['c']", "df['c']@", Access.ROW, Scalar.ROW),
        ("for r in df.iterrows():", "r[1].c", "df['c']@", Access.ROW, Scalar.ROW),
        # Arrays and lists.
        ("for v in a:", "v", "a@", Access.INDEX, Scalar.NUMPY),
        (POSITIONS, "a[i]", "a@", Access.INDEX, Scalar.NUMPY),
        (POSITIONS, "xs[i]", "xs@", Access.INDEX, Scalar.ITEM),
        (POSITIONS, "ys[i + 1]", "ys@+1", Access.INDEX, Scalar.ITEM),
        ("for v in xs:", "v", "xs@", Access.ITERATE, Scalar.ITEM),
    ],
)
def test_reads(loop: str, value: str, shown: str, access: Access, scalar: Scalar) -> None:
    found = read(loop, value)
    assert (show(found), found.access, found.scalar) == (shown, access, scalar)


def test_a_proven_element_type_comes_along() -> None:
    found = lifted("def f(out):\n    a = np.zeros(5)\n    for i in range(len(a)):\n        out.append(a[i])\n")
    value = strip(found.effects[0].value)
    assert isinstance(value, Read) and value.dtype == "float64"


@pytest.mark.parametrize(
    ("loop", "value"),
    [
        (POSITIONS, "d[i]"),  # a key, not a position
        (POSITIONS, "ys[i][0]"),
        (POSITIONS, "xs[i * 2]"),
        (POSITIONS, "xs[col]"),
        (POSITIONS, "m.loc[i, 'c'].x"),
        (LABELS, "xs[i]"),
        (LABELS, "ys.loc[i, 'c']"),  # the labels of another frame
        (POSITIONS, "df.iloc[i, col]"),
        (POSITIONS, "df.loc[i, 2]"),
    ],
)
def test_what_is_no_plain_read(loop: str, value: str) -> None:
    (effect,) = lifted(code(loop, value)).effects
    assert not isinstance(strip(effect.value), Read)


def test_labels_of_a_row() -> None:
    for loop, value in ((ROWS, "i"), (ROWS, "r.name"), (TUPLES, "r.Index"), (LABELS, "i")):
        (effect,) = lifted(code(loop, value)).effects
        assert show(effect.value) == "label"


def test_a_row_taken_out_with_a_name() -> None:
    loop = lifted(f"def f({PARAMETERS}):\n    {POSITIONS}\n        r = df.iloc[i]\n        out.append(r['c'] + r.d)\n")
    assert show(loop.effects[0].value) == "(+ df['c']@ df['d']@)"


@pytest.mark.parametrize(
    ("loop", "value"),
    [
        (ROWS, "r.size"),  # attributes of a series are no columns
        (ROWS, "r.count"),
        (ROWS, "r.index"),
        (ROWS, "r[0]"),
        (ROWS, "r[ys[0] + i]"),
        (ROWS, "r.sum()"),
        (ROWS, "r.get('c', 0)"),
        (ROWS, "r.to_dict()"),
        (ROWS, "len(r)"),
        (ROWS, "[r]"),
        (ROWS, "r * 2"),
        (ROWS, "'c' in r"),
        (TUPLES, "r._fields"),
        (TUPLES, "r.count"),
        (TUPLES, "r[-1]"),
        ("for r in df[['a', 'b']].itertuples():", "r[3]"),
        ("for r in df[['a', 'b']].itertuples():", "r.c"),
        ("for r in df.itertuples(name=None):", "r.c"),
        ("for r in df.itertuples(index=False):", "r.Index + r.count"),
        ("for r in df.to_dict('records'):", "r.get('c')"),
        ("for r in df.to_dict('records'):", "len(r)"),
        ("for r in df.iterrows():", "r"),
        ("for r in df.iterrows():", "r[1]"),
        ("for r in df.iterrows():", "len(r)"),
        ("for r in df.iterrows():", "f'{r}'"),
        ("for r in df.iterrows():", "r[i]"),
        (POSITIONS, "df.iloc[i].sum()"),
    ],
)
def test_rows_that_escape(loop: str, value: str) -> None:
    body = f"out.append({value})"
    found = refusal(f"def f({PARAMETERS}):\n    {loop}\n        {body}\n")
    assert (found.reason, found.line) == (Reason.ROW_ESCAPES, 8)


@pytest.mark.parametrize("loop", [ROWS, TUPLES])
def test_a_whole_row_may_be_kept(loop: str) -> None:
    found = lifted(code(loop, "r"))
    assert found.header.form is HeaderForm.ELEMENTS and found.escapes is not None
    (effect,) = found.effects
    value = strip(effect.value)
    assert isinstance(value, Read) and value.name == "r" and value.part == (loop == ROWS)


def test_a_frame_or_a_series_is_not_guessed() -> None:
    (effect,) = lifted(code(POSITIONS, "ys.iloc[i]")).effects
    assert isinstance(strip(effect.value), Raw)  # neither an element nor a row


def test_a_read_of_what_the_loop_changes() -> None:
    body = "df.at[i, 'c'] = 1\n        out.append({})"
    loop = f"def f({PARAMETERS}):\n    {LABELS}\n        "
    assert refusal(loop + body.format("df.at[i, 'c']") + "\n").reason is Reason.READS_OWN_OUTPUT
    assert show(lifted(loop + body.format("df.at[i, 'e']") + "\n").effects[1].value) == "df['e']@"


def test_a_row_of_another_position() -> None:
    (effect,) = lifted(code(POSITIONS, "df.iloc[i + 1]['c'] - df.iloc[i]['c']")).effects
    assert isinstance(effect.value, Op)
    assert show(effect.value) == "(- df['c']@+1 df['c']@)"
    assert not any(isinstance(x, Row) for x in effect.value.walk())
