"""What kind of thing an expression is, and how that is known. `look(x)` marks the place where `x` is asked for."""

from __future__ import annotations

import pytest
from loops_help import kind_of


def name_of(code: str, expression: str) -> str | None:
    kind = kind_of(code, expression)
    return kind.name if kind else None


def body_kind(statements: str, expression: str, parameters: str = "") -> str | None:
    """The kind of an expression at the end of a function with these statements."""
    lines = "".join(f"    {line}\n" for line in [*statements.splitlines(), f"look({expression})"])
    return name_of(f"def f({parameters}):\n{lines}", expression)


def array(statements: str, parameters: str = "") -> tuple[str | None, int] | None:
    """Element type and dimensions of the array `a`, None if it is not known to be one."""
    lines = "".join(f"    {line}\n" for line in [*statements.splitlines(), "look(a)"])
    kind = kind_of(f"def f({parameters}):\n{lines}", "a")
    return (kind.dtype, kind.ndim) if kind and kind.name == "ndarray" else None


def ranged(statements: str, parameters: str = "df: pd.DataFrame, x=0", expression: str = "df") -> bool:
    """Whether the labels are known to be positions."""
    kind = kind_of(f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in statements.splitlines()), expression)
    return kind is not None and kind.range_index


# ---------------------------------------------------------------- annotations


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        ("pd.DataFrame", "frame"),
        ("DataFrame", "frame"),
        ("pd.Series", "series"),
        ("'pd.Series[float]'", "series"),
        ("np.ndarray", "ndarray"),
        ("npt.NDArray[np.float64]", "ndarray"),
        ("list[float]", "list"),
        ("typing.List", "list"),
        ("Sequence[int]", "sequence"),
        ("dict[str, int]", "dict"),
        ("gpd.GeoDataFrame", "subclass"),
        ("int", "int"),
        ("Optional[pd.DataFrame]", None),
        ("pd.DataFrame | None", None),
        ("pd.DataFrame | pd.Series", None),
        ("Bars", None),
        ("'not python['", None),
    ],
)
def test_annotations(annotation: str, kind: str | None) -> None:
    assert name_of(f"def f(a: {annotation}):\n    look(a)\n", "a") == kind


def test_an_annotated_assignment_says_what_its_value_does_not() -> None:
    assert body_kind("a: pd.Series = load()", "a") == "series"
    assert body_kind("a: Sequence[int] = [1]", "a") == "list"


# ---------------------------------------------------------------- literals and calls


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("[]", "list"),
        ("[x for x in y]", "list"),
        ("{}", "dict"),
        ("{x: 1 for x in y}", "dict"),
        ("{1}", "set"),
        ("(1, 2)", "tuple"),
        ("1", "int"),
        ("1.5", "float"),
        ("-1.5", "float"),
        ("'x'", "str"),
        ("f'{y}'", "str"),
        ("True", "bool"),
        ("None", None),
        ("not 1", None),
        ("list(y)", "list"),
        ("sorted(y)", "list"),
        ("dict()", "dict"),
        ("set()", "set"),
        ("len(y)", "int"),
        ("str(y)", "str"),
        ("pd.read_csv(y)", "frame"),
        ("pd.DataFrame(y)", "frame"),
        ("pd.merge(y, y)", "frame"),
        ("pd.Series(y)", "series"),
        ("y.tolist()", "list"),
        ("y.to_numpy()", "ndarray"),
        ("y.columns", "index"),
        ("y.shape[0]", "int"),
        ("y.values", None),
        ("y()", None),
        ("[1] + [2]", "list"),
        ("'a,b'.split(',')", "list"),
        ("[1, 2][1:]", "list"),
        ("[1, 2][0]", None),
        ("[1] if y else [2]", "list"),
        ("[1] if y else None", None),
    ],
)
def test_values(value: str, kind: str | None) -> None:
    assert body_kind(f"a = {value}", "a", "y") == kind


def test_a_frame_made_by_concat_is_not_proven() -> None:
    kind = kind_of("def f(y):\n    a = pd.concat(y)\n    look(a)\n", "a")
    assert kind is not None and kind.name == "frame" and not kind.proven


def test_functions_of_that_name_are_others() -> None:
    assert name_of("def list(x): ...\ndef f(y):\n    a = list(y)\n    look(a)\n", "a") is None
    assert name_of("def f(y, pd):\n    a = pd.Series(y)\n    look(a)\n", "a") is None


# ---------------------------------------------------------------- bindings


@pytest.mark.parametrize(
    ("statements", "kind"),
    [
        ("a = b = []", "list"),
        ("a, b = [], {}", "list"),
        ("b, a = [], {}", "dict"),
        ("(a, b) = load()", None),
        ("a = []\na = [1]", "list"),
        ("a = []\na = {}", None),
        ("a = []\na = load()", None),
        ("if b: a = []\nelse: a = list(b)", "list"),
        ("a = []\nfor a in b: pass", None),
        ("a = []\na += [1]", "list"),
        ("a = a", None),
        ("a = c\nc = a", None),
    ],
)
def test_all_bindings_have_to_agree(statements: str, kind: str | None) -> None:
    assert body_kind(statements, "a", "b") == kind


def test_a_name_bound_from_itself() -> None:
    assert body_kind("df = df.dropna()\ndf = df[df['a'] > 0]", "df", "df: pd.DataFrame") == "frame"
    assert body_kind("df = df['a']", "df", "df: pd.DataFrame") is None


def test_a_name_of_a_scope_around() -> None:
    assert name_of("rows = []\ndef f():\n    look(rows)\n", "rows") == "list"


# ---------------------------------------------------------------- pandas


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("df['a']", "series"),
        ("df[['a', 'b']]", "frame"),
        ("df[df['a'] > 0]", "frame"),
        ("df[~x]", "frame"),
        ("df[df['a'].isin(x)]", "frame"),
        ("df[x]", None),
        ("df.iloc[1:]", "frame"),
        ("df.iloc[0]", None),
        ("df.iloc[:, 0]", "series"),
        ("df.loc[:, 'a']", "series"),
        ("df.loc[:, ['a']]", "frame"),
        ("df.loc[:, x]", None),
        ("df.loc[x, 'a']", None),
        ("df.loc[df['a'] > 0]", "frame"),
        ("df.values", "ndarray"),
        ("df.index", "index"),
        ("df.T", "frame"),
        ("df * 2", "frame"),
        ("df.sort_values('a')", "frame"),
        ("df.reset_index()", "frame"),
        ("df.items()", None),
        ("df.a_method()", None),
        ("s.values", "ndarray"),
        ("s[1:]", "series"),
        ("s[s > 0]", "series"),
        ("s[0]", None),
        ("s.iloc[1:]", "series"),
        ("s.iloc[0]", None),
        ("s.shift(1)", "series"),
        ("s.rolling(3)", "windows of a series"),
        ("s.rolling(3).mean()", "series"),
        ("s.rolling(3, step=2).mean()", None),
        ("s.rolling(3).agg(x)", None),
        ("s.ewm(span=3).mean()", "series"),
        ("df['a'].expanding().max()", "series"),
        ("df.rolling(3).std()", "frame"),
        ("s.clip(0, 1)", "series"),
        ("s.cummax()", "series"),
        ("s.reset_index(drop=True)", "series"),
        ("s.reset_index()", "frame"),
        ("s + 1", "series"),
        ("1 + s", "series"),
        ("x + s", "series"),
        ("'%s' % s", None),
        ("s @ s", None),
        ("-s", "series"),
        ("s.map(x)", "series"),
    ],
)
def test_frames_and_series(expression: str, kind: str | None) -> None:
    assert body_kind("", expression, "df: pd.DataFrame, s: pd.Series, x") == kind


def test_a_column_of_a_frame_that_is_not_proven() -> None:
    kind = kind_of("def f(y):\n    df = pd.concat(y)\n    look(df['a'])\n", "df['a']")
    assert kind is not None and kind.name == "series" and not kind.proven


# ---------------------------------------------------------------- labels that are positions


@pytest.mark.parametrize(
    "statements",
    [
        "df = df.reset_index(drop=True)\nlook(df)",
        "df = df[df['a'] > 0].reset_index(drop=True)\nlook(df)",
        "df = df.reset_index()\nlook(df)",
        "df = df[df['a'] > 0]\ndf = df.reset_index(drop=True)\nfor i in x:\n    look(df)",
        "if x:\n    df = df.reset_index(drop=True)\n    look(df)",
    ],
)
def test_labels_are_positions_after_reset_index(statements: str) -> None:
    assert ranged(statements)


@pytest.mark.parametrize(
    "method",
    ["copy()", "assign(b=1)", "fillna(0)", "astype(float)", "rename(columns={'a': 'b'})", "round(2)", "ffill()"],
)
def test_these_methods_keep_the_labels(method: str) -> None:
    assert ranged(f"out = df.reset_index(drop=True).{method}\nlook(out)", expression="out")


@pytest.mark.parametrize(
    "change",
    [
        "sort_values('a')",
        "dropna()",
        "iloc[1:]",
        "rename({0: 5})",
        "rename(index={0: 5})",
        "set_index('a')",
        "query('a > 0')",
        "T",
        "drop(0)",
        "drop_duplicates()",
        "head(3).sample()",
    ],
)
def test_these_change_the_labels(change: str) -> None:
    assert not ranged(f"out = df.reset_index(drop=True).{change}\nlook(out)", expression="out")


def test_a_column_has_the_labels_of_its_frame() -> None:
    assert ranged("df = df.reset_index(drop=True)\nlook(df['a'])", expression="df['a']")
    assert ranged("df = df.reset_index(drop=True)\ns = df['a']\nlook(s)", expression="s")
    assert not ranged("df = df.reset_index(drop=True)\ns = df['a'][df['a'] > 0]\nlook(s)", expression="s")


@pytest.mark.parametrize(
    "statements",
    [
        "look(df)",
        "df = df.reset_index(level=0)\nlook(df)",
        "df = df.reset_index('key')\nlook(df)",
        "df = df.reset_index(drop=True)\ndf.sort_values('a', inplace=True)\nlook(df)",
        "df = df.reset_index(drop=True)\ndf.index = x\nlook(df)",
        "df = df.reset_index(drop=True)\ndf = df[df['a'] > 0]\nlook(df)",
        # Nobody knows which branch was taken.
        "if x:\n    df = df.reset_index(drop=True)\nlook(df)",
        "if x:\n    df = df.reset_index(drop=True)\ndf = df[df['a'] > 0]\nlook(df)",
        # The labels become positions too late.
        "df = df[df['a'] > 0]\nlook(df)\ndf = df.reset_index(drop=True)",
        "for i in x:\n    df = df.reset_index(drop=True)\n    df = df[df['a'] > 0]\n    look(df)",
        # A function may be called at any time.
        "def g():\n    look(df)\ng()\ndf = df.reset_index(drop=True)",
    ],
)
def test_labels_may_be_anything(statements: str) -> None:
    assert not ranged(statements)


RESET = "df = df.reset_index(drop=True)\n"


@pytest.mark.parametrize(
    "between",
    [
        # Under another name.
        "d2 = df\nd2.drop(0, inplace=True)",
        "d2 = d3 = df\nd3.drop(0, inplace=True)",
        "d2 = df\nd3 = d2\nd3.index = [5, 6]",
        "(d2 := df).drop(0, inplace=True)",
        # Held by something else, and changed there.
        "x.table = df\nx.shuffle()",
        "tables = [df]\ntables[0].drop(0, inplace=True)",
        "tables = {'a': df}\ntables['a'].drop(0, inplace=True)",
        "x.append(df)",
        "def change():\n    df.drop(0, inplace=True)\nchange()",
        "def change():\n    nonlocal df\n    df = df[df['a'] > 0]\nchange()",
        # Handed to somebody.
        "x(df)",
        "shuffle(table=df)",
        "df.pipe(x)",
        "setattr(df, 'index', [5, 6])",
        "yield df",
        "exec(x)",
        "locals()['df'].drop(0, inplace=True)",
        # In place.
        "df.sort_values('a', inplace=True)",
        "df.sort_values('a', inplace=x)",
        "df.sort_values('a', **x)",
        "drop = df.drop\ndrop(0, inplace=True)",
        "df.assign(b=lambda d: df.drop(0, inplace=True))",
        "df.index = [5, 6]",
        "df.__init__(x)",
        # A new row.
        "df.loc[10] = [1, 2]",
        "df.at[10, 'a'] = 1",
        "df.loc[len(df)] = [1, 2]",
        "df.loc[x, 'a'] = 1",
        "for k in range(10):\n    df.loc[k, 'a'] = 1",
        "for k in range(len(df)):\n    df.loc[k + 1, 'a'] = 1",
        "for k in range(len(df)):\n    k = k * 2\n    df.loc[k, 'a'] = 1",
        # A frame of no rows takes over the labels of the column.
        "df['b'] = x",
        "df['b'] = df['a'].combine_first(x)",
        "df.b = pd.Series([1, 2], index=[5, 6])",
    ],
)
def test_labels_are_no_longer_positions(between: str) -> None:
    assert not ranged(f"{RESET}{between}\nlook(df)")
    assert not ranged(f"{RESET}if x:\n" + "".join(f"    {line}\n" for line in between.splitlines()) + "look(df)")


def test_labels_that_a_later_round_of_a_loop_around_changes() -> None:
    assert not ranged(f"{RESET}for k in x:\n    look(df)\n    df.drop(0, inplace=True)")
    assert ranged("for k in x:\n    df = df.reset_index(drop=True)\n    look(df)\n    df.drop(0, inplace=True)")


def test_a_series_loses_and_gains_rows_where_a_frame_has_columns() -> None:
    column = f"{RESET}s = df['a']\n"
    assert not ranged(f"{column}s[10] = 1\nlook(s)", expression="s")
    assert not ranged(f"{column}s.pop(0)\nlook(s)", expression="s")
    assert not ranged(f"{column}del s[0]\nlook(s)", expression="s")
    assert ranged(f"{RESET}del df['b']\ndf.pop('c')\nlook(df)")


@pytest.mark.parametrize(
    "between",
    [
        "n = len(df)\nprint(df.head(), df.shape)",
        "d2 = df\nd2['b'] = 0",
        "other = pd.concat([df, x])",
        "df['b'] = df['a'].rolling(3).mean()",
        "df['b'] = np.where(df['a'] > 0, 1, 0)",
        "df['date'] = pd.to_datetime(df['date'])",
        "df['b'] = df['a'].map(x)",
        "df['b'] = df.apply(lambda row: x(row['a']), axis=1)",
        "df.loc[df['a'] > 0, 'b'] = 1",
        "hot = df['a'] > x\ndf.loc[hot & ~hot, 'b'] = 1",
        "df.columns = ['a', 'b']",
        "df.drop(columns=['c'], inplace=True)",
        "df.rename(columns={'a': 'b'}, inplace=True)",
        "df.fillna(0, inplace=True)",
        "df.iloc[0, 1] = 5",
        "for k in range(len(df)):\n    df.loc[k, 'b'] = x",
        "for k in range(1, len(df)):\n    df.at[k - 1, 'b'] = x",
        "n = len(df)\nfor k in range(n):\n    df.loc[k, 'b'] = x",
        "for k, row in df.iterrows():\n    df.at[k, 'b'] = row['a']",
        "for k in df.index:\n    df.at[k, 'b'] = x",
        "if df.empty:\n    return df, x",
    ],
)
def test_what_leaves_labels_alone(between: str) -> None:
    assert ranged(f"{RESET}{between}\nlook(df)")


def test_the_labels_of_a_frame_of_the_module() -> None:
    code = "df = pd.read_csv('x').reset_index(drop=True)\n"
    here, inside = kind_of(code + "look(df)\n", "df"), kind_of(code + "def f():\n    look(df)\n", "df")
    assert here is not None and here.range_index
    # Other functions and modules know it too.
    assert inside is not None and not inside.range_index


# ---------------------------------------------------------------- arrays


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("np.zeros(5)", ("float64", 1)),
        ("np.zeros(len(y))", ("float64", 1)),
        ("np.zeros(y.shape[0])", ("float64", 1)),
        ("np.zeros(len(y) - 1)", ("float64", 1)),
        ("np.zeros(n)", ("float64", 1)),
        ("np.zeros((3,))", ("float64", 1)),
        ("np.zeros((3, 4))", ("float64", 2)),
        ("np.zeros(z.shape)", ("float64", 1)),
        ("np.zeros(y)", ("float64", 0)),
        ("np.zeros(tuple(y))", ("float64", 0)),
        ("np.zeros(y.shape)", ("float64", 0)),
        ("np.zeros(y.shape[:2])", ("float64", 0)),
        ("np.zeros((3,) + y.shape)", ("float64", 0)),
        ("np.zeros(5, int)", ("int64", 1)),
        ("np.zeros(5, dtype='float32')", ("float32", 1)),
        ("np.zeros(5, np.half)", (None, 1)),
        ("np.zeros(shape=(5, 4))", ("float64", 2)),
        ("np.zeros((5, 4))[0, :]", ("float64", 1)),
        ("np.zeros(5, dtype=y)", (None, 1)),
        ("np.ones(5, dtype=bool)", ("bool", 1)),
        ("np.empty(5)", ("float64", 1)),
        ("np.full(5, np.nan)", ("float64", 1)),
        ("np.full(5, 0.0)", ("float64", 1)),
        ("np.full(5, 0)", (None, 1)),
        ("np.full(5, y)", (None, 1)),
        ("np.full(5, 0.0, dtype=int)", ("int64", 1)),
        ("np.full((2, 2), 0.0)", ("float64", 2)),
        ("np.zeros_like(z)", ("float64", 1)),
        ("np.zeros_like(z, dtype=int)", ("int64", 1)),
        ("np.full_like(z, 1, int)", ("int64", 1)),
        ("np.zeros_like(y)", (None, 0)),
        ("np.array([1, 2])", (None, 1)),
        ("np.array([[1], [2]])", (None, 0)),
        ("np.array(y)", (None, 0)),
        ("np.asarray(s)", (None, 1)),
        ("np.asarray(s, dtype=float)", ("float64", 1)),
        ("np.arange(5)", (None, 1)),
        ("np.linspace(0, 1, 5)", ("float64", 1)),
        ("np.linspace(0, 1, 5, retstep=True)", None),
        ("np.unique(y)", (None, 1)),
        ("np.unique(y, return_counts=True)", None),
        ("np.where(y, 1, 2)", (None, 0)),
        ("np.where(y)", None),
        ("np.concatenate(y, axis=1)", (None, 0)),
        ("np.sqrt(z)", (None, 1)),
        ("np.maximum(z, 0.0)", (None, 1)),
        ("np.maximum(z, y)", None),
        ("np.sqrt(2)", None),
        ("np.sqrt(y)", None),
        ("np.linalg.norm(z)", None),
        ("np.no_such(z)", None),
        ("z * 2.0", ("float64", 1)),
        ("z * 2", ("float64", 1)),
        ("z * y", (None, 1)),
        ("z[1:]", ("float64", 1)),
        ("z[z > 0]", ("float64", 1)),
        ("z[0]", None),
        ("z.copy()", ("float64", 1)),
        ("z.astype(int)", ("int64", 1)),
        ("np.zeros((3, 4))[:, 0]", ("float64", 1)),
        ("np.zeros((3, 4))[0, 0]", None),
        ("np.zeros((3, 4)).ravel()", ("float64", 1)),
        ("s.values", (None, 1)),
        ("s.to_numpy(float)", ("float64", 1)),
        ("s.astype('float64').values", ("float64", 1)),
        ("df.values", (None, 2)),
        ("z if y else np.zeros(3, int)", (None, 1)),
    ],
)
def test_arrays(value: str, expected: tuple[str | None, int] | None) -> None:
    assert array(f"z = np.zeros(5)\nn = len(y)\na = {value}", "y, s: pd.Series, df: pd.DataFrame") == expected


@pytest.mark.parametrize("function", ["log", "abs", "sqrt", "round", "cumsum", "maximum", "clip", "repeat"])
def test_elementwise_functions_of_a_series_give_a_series(function: str) -> None:
    assert body_kind("", f"np.{function}(s, 1)", "s: pd.Series") == "series"


def test_two_bindings_of_other_element_types_or_dimensions() -> None:
    assert array("a = np.zeros(5)\na = np.zeros(5, int)") == (None, 1)
    assert array("a = np.zeros(5)\na = np.zeros((5, 5))") == ("float64", 0)


# ---------------------------------------------------------------- functions of the same file


@pytest.mark.parametrize(
    ("helper", "kind"),
    [
        ("def load():\n    return pd.read_csv('x')\n", "frame"),
        ("def load() -> pd.Series:\n    return compute()\n", "series"),
        ("def load():\n    if x:\n        return []\n    return [1]\n", "list"),
        ("def load():\n    if x:\n        return []\n    return {}\n", None),
        ("def load():\n    if x:\n        return []\n    return\n", None),
        ("def load():\n    def inner():\n        return {}\n    return []\n", "list"),
        ("def load():\n    return load()\n", None),
        ("def load():\n    pass\n", None),
        ("def load():\n    return []\nload = other\n", None),
        ("def load(): return []\ndef load(): return []\n", None),
    ],
)
def test_what_a_function_of_the_file_returns(helper: str, kind: str | None) -> None:
    assert name_of(f"{helper}def f():\n    a = load()\n    look(a)\n", "a") == kind


def test_labels_and_element_types_do_not_come_out_of_functions() -> None:
    kind = kind_of("def load():\n    return np.zeros(3)\ndef f():\n    a = load()\n    look(a)\n", "a")
    assert kind is not None and (kind.name, kind.dtype) == ("ndarray", None)


# ---------------------------------------------------------------- by use


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        ("for i, r in a.iterrows(): pass", "frame"),
        ("a.groupby('k')", "frame"),
        ("a.columns", "frame"),
        ("a['k'].iloc[0]", "frame"),
        ("a['k'].rolling(3)", "frame"),
        ("a.iloc[0, 1]", "frame"),
        ("a.at[i, 'k']", "frame"),
        ("a.iloc[0]['k']", "frame"),
        ("a.sort_values('k')", "frame"),
        ("a.sort_values(['k'])", "frame"),
        ("r = a.iloc[0]\nr['k']", "frame"),
        ("a['k']\na.index", "frame"),
        ("a.dt.year", "series"),
        ("a.to_frame()", "series"),
        ("a['k']", None),
        ("a.index", None),
        ("a.iloc[0]", None),
        ("r = a.iloc[0]\nr[0]", None),
        ("r = a.iloc[1:]\nr['k']", None),
        ("a['k'].upper()", None),
        ("a.sort_values()", None),
        ("a[0]", None),
        ("a.append(1)", None),
    ],
)
def test_uses_give_a_parameter_away(use: str, kind: str | None) -> None:
    assert body_kind(use, "a", "a") == kind


def test_uses_of_another_scope_say_nothing() -> None:
    assert name_of("def f(a):\n    look(a)\ndef g(a):\n    a.iterrows()\n", "a") is None


def test_the_line_that_gave_it_away() -> None:
    kind = kind_of("def f(a):\n    look(a)\n    a.groupby('k')\n", "a")
    assert kind is not None
    assert (kind.why, kind.line) == ("use of .groupby", 8)


# ---------------------------------------------------------------- attributes that are read by position


@pytest.mark.parametrize("more", ["{}.index", "{}.shape", "{}.loc", "len({})"])
@pytest.mark.parametrize("holder", ["self", "store"])
def test_what_keeps_a_series_is_no_frame(holder: str, more: str) -> None:
    assert body_kind(f"first = {holder}.prices.iloc[0]\n{more.format(holder)}", holder, holder) is None
