"""Expressions that are loops: which are sites, what their loop is, and why some are left alone."""

from __future__ import annotations

import ast

import pytest

from deloop.codemods.find import expressions_in
from deloop.loops.context import FileContext
from deloop.loops.implicit import Form, ImplicitSite, implicit_site, lift_implicit
from deloop.loops.ir import Append, Loop
from deloop.loops.remarks import Reason, Refusal

HEAD = "import numpy as np\nimport pandas as pd\n\n\ndef double(v):\n    return v * 2\n\n\n"


def sites(code: str) -> list[ImplicitSite]:
    text = HEAD + "def f(df: pd.DataFrame, s: pd.Series, g, other):\n" + f"    return {code}\n"
    tree = ast.parse(text)
    file = FileContext.build("example.py", text, tree)
    made = (implicit_site(file, node, stmt) for node, stmt, _ in expressions_in(tree, text))
    return [site for site in made if site is not None]


@pytest.mark.parametrize(
    ("code", "form"),
    [
        ("df.apply(lambda r: r['a'], axis=1)", Form.ROWS),
        ("df.apply(lambda r: r['a'], axis='columns')", Form.ROWS),
        ("g.apply(lambda r: r['a'], axis=1)", Form.ROWS),
        ("s.apply(double)", Form.ELEMENTS),
        ("s.map(lambda v: v + 1).sum()", Form.ELEMENTS),
        ("df['a'].map(float)", Form.ELEMENTS),
        ("[s.iloc[i] for i in range(len(s))]", Form.COMPREHENSION),
        ("[df.iloc[i]['a'] for i in range(df.shape[0])]", Form.COMPREHENSION),
        ("[df['a'].iloc[i - 1] for i in range(1, n)]", Form.COMPREHENSION),
        ("[i for i in range(9) if df.at[i, 'a'] > 0]", Form.COMPREHENSION),
        ("sum(r['a'] for _, r in df.iterrows())", Form.COMPREHENSION),
        ("df.map(lambda v: v + 1)", Form.CELLS),
        ("df[['a', 'b']].applymap(double)", Form.CELLS),
    ],
)
def test_a_site_of_its_form(code: str, form: Form) -> None:
    assert [site.form for site in sites(code)] == [form]


@pytest.mark.parametrize(
    "code",
    [
        "df.apply(lambda c: c.max())",  # whole columns
        "df.groupby('k')['a'].apply(lambda x: x.sum())",
        "df.groupby('k')['a'].rolling(3).apply(lambda x: x.mean())",  # windows of groups
        "s.map({1: 2})",
        "s.map(other)",  # a dict, or a function
        "s.apply(np.sqrt)",  # pandas calls a ufunc on the whole
        "map(double, s)",
        "g.map(lambda v: v + 1)",
        "[x for x in g]",
        "[xs[i] for i in range(n)]",
        "[df.iloc[0] for i in range(n)]",
        "g.applymap(lambda v: v + 1)",  # who knows what it is
        "s.applymap(lambda v: v + 1)",
        "df.style.map(lambda v: v + 1)",
    ],
)
def test_no_site(code: str) -> None:
    assert sites(code) == []


def lifted(code: str) -> Loop | Refusal:
    (site,) = sites(code)
    return lift_implicit(site)


def test_the_value_is_appended_once_and_names_stay_inside() -> None:
    loop = lifted("df.apply(lambda r: r['a'] + r['b'], axis=1)")
    assert isinstance(loop, Loop)
    assert [type(e) for e in loop.effects] == [Append]
    assert loop.live_out == {}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("df.apply(lambda r: r['a'], axis=1, raw=True)", Reason.UNSUPPORTED_SYNTAX),
        ("df.apply(lambda r: [r['a']], axis=1, result_type='expand')", Reason.UNSUPPORTED_SYNTAX),
        ("s.map(lambda v: v + 1, na_action='ignore')", Reason.UNSUPPORTED_SYNTAX),
        ("df.apply(lambda r: other(r), axis=1)", Reason.ROW_ESCAPES),
        ("df.apply(lambda r, k=g: r['a'] + k, axis=1)", Reason.UNSUPPORTED_SYNTAX),
        ("g['a'].apply(lambda v: v + 1)", Reason.UNKNOWN_KIND),
        ("g.groups().apply(lambda r: r['a'], axis=1)", Reason.UNSUPPORTED_SYNTAX),
        ("[s.apply(lambda v: v + k) for k in g]", Reason.SCOPE),
        ("df[['a', 'b']].apply(lambda r: r['c'], axis=1)", Reason.UNKNOWN_KIND),
    ],
)
def test_left_alone_for_its_reason(code: str, reason: Reason) -> None:
    refusal = lifted(code)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason


@pytest.mark.parametrize(
    "code",
    [
        "np.vectorize(double)(s)",
        "np.vectorize(lambda a, b: a * b)(s, df['a'])",
        "np.vectorize(double, otypes=[float])(s)",
        "doubled(s)",
    ],
)
def test_a_vectorised_call_is_a_site(code: str) -> None:
    global_name = HEAD + "doubled = np.vectorize(double)\n\n\n"
    text = global_name + "def f(df: pd.DataFrame, s: pd.Series):\n" + f"    return {code}\n"
    tree = ast.parse(text)
    file = FileContext.build("example.py", text, tree)
    made = [implicit_site(file, node, stmt) for node, stmt, _ in expressions_in(tree, text)]
    (site,) = [m for m in made if m is not None]
    assert site.form is Form.VECTORIZED
    loop = lift_implicit(site)
    assert isinstance(loop, Loop) and isinstance(loop.effects[0], Append)


@pytest.mark.parametrize(
    "code",
    [
        "np.vectorize(double, excluded={0})(s)",
        "np.vectorize(double, signature='(n)->()')(s)",
        "np.vectorize(double)(*s)",
        "np.vectorize(double)(v=s)",
        "np.vectorize(double)()",
        "other.vectorize(double)(s)",
    ],
)
def test_no_vectorised_call(code: str) -> None:
    assert sites(code) == []


def test_a_vectorised_function_whose_names_mean_something_else_is_left_alone() -> None:
    text = HEAD + "K = 2.0\nscaled = np.vectorize(lambda v: v * K)\n\n\n"
    for use in ("def f(s: pd.Series, K):\n    return scaled(s)\n", "def f(s: pd.Series):\n    return scaled(s)\n"):
        tree = ast.parse(text + use)
        file = FileContext.build("example.py", text + use, tree)
        made = [implicit_site(file, node, stmt) for node, stmt, _ in expressions_in(tree, text + use)]
        assert any(m is not None and m.form is Form.VECTORIZED for m in made) == ("K):" not in use)
