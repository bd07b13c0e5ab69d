"""What breaks an assumption only on the way to the loop is no refutation; what breaks none is one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from equivalence_help import body, judge, trial

from deloop.equivalence.model import Evidence, Verdict
from deloop.loops.obligations import Obligation

ARRAYS = (Obligation("numeric-arrays", ("part",)), Obligation("float64"))
COLUMNS = (Obligation("numeric-columns", ("df['a']",)), Obligation("float64"))

#: signature, lines before the loop, the loop, the new code, what it assumes, what is wrong about a form of it.
LOOPS = {
    "a list where an array is assumed": (
        "x, n",
        "part = np.asarray(x[1:]) if n > 3 else list(x[1:])",
        "out = []\nfor i in range(1, len(part)):\n    out.append(part[i] - part[i - 1])",
        "out = list(np.diff(part))",
        ARRAYS,
        ("np.diff(part)", "np.diff(part) + 1e-3"),
    ),
    "labels that do not start at zero": (
        "df",
        "part = df['a'][2:]",
        "out = []\nfor i in range(1, len(part)):\n    out.append(part[i] - part[i - 1])",
        "out = list(np.diff(part.values))",
        ARRAYS,
        ("np.diff(part.values)", "part.values[1:]"),
    ),
    "two columns of one name": (
        "df, names",
        "df = df[['a', 'b']]\ndf.columns = ['a', 'a'] if names else ['a', 'b']",
        "df['a'] = df['a'].apply(lambda v: v * 2.5)\nout = df",
        "df['a'] = df['a'].values * 2.5\nout = df",
        COLUMNS,
        ("* 2.5", "* 2.5000001"),
    ),
    "a frame of which no row is left": (
        "df",
        "part = df[df['a'] > 3].copy()",
        "out = part.apply(lambda row: 'x' if row['a'] > 5 else 'y', axis=1)",
        "out = pd.Series(np.where(part['a'].values > 5, 'x', 'y'), index=part.index)",
        (Obligation("some-rows", ("part",)), *COLUMNS, Obligation("plain-rows")),
        ("> 5", ">= 5"),
    ),
}
#: Those in which the assumption holds for some inputs and not for others.
BOTH_WAYS = ("a list where an array is assumed", "two columns of one name", "a frame of which no row is left")


def verdict(before: str, loop: str, new: str, signature: str, needs: tuple[Obligation, ...]) -> Evidence:
    old, made = body(signature, f"{before}\n{loop}"), body(signature, f"{before}\n{new}")
    first = before.count("\n") + 1
    one = trial("k", old, made)
    narrow = [(start + first, end) for start, end in (one.before_lines, one.after_lines)]
    return judge(replace(one, before_lines=narrow[0], after_lines=narrow[1], obligations=needs))["k"]


@pytest.mark.parametrize("name", LOOPS)
def test_what_is_assumed_of_a_name_is_looked_at_where_the_loop_begins(name: str) -> None:
    signature, before, loop, new, needs, _ = LOOPS[name]
    found = verdict(before, loop, new, signature, needs)
    assert found.verdict is not Verdict.REFUTED, found.counterexample
    assert found.excused


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_a_wrong_form_is_refuted_where_the_assumption_holds(name: str) -> None:
    signature, before, loop, new, needs, (right, wrong) = LOOPS[name]
    assert verdict(before, loop, new.replace(right, wrong), signature, needs).verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_without_the_assumption_the_form_is_refuted(name: str) -> None:
    signature, before, loop, new, _, _ = LOOPS[name]
    assert verdict(before, loop, new, signature, ()).verdict is Verdict.REFUTED
