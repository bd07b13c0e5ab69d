"""What is timed: a search goes on to the end, and the figure for one that ends at once stands beside it."""

import pytest
from equivalence_help import body, judge, trial

from deloop.equivalence.child.lasting import as_made, longest

BEFORE = """
def f({signature}):
    for i in range(len({first})):
        if {test}:
            return i
    return -1
"""

SEARCHES = {
    "a number": ("s: pd.Series", "s", "s.iloc[i] <= 0"),
    "a limit": ("s: pd.Series, limit: float", "s", "s.iloc[i] > limit"),
    "the other way": ("s: pd.Series, limit: float", "s", "s.iloc[i] < limit"),
    "one of two": ("s: pd.Series", "s", "s.iloc[i] < 3 or s.iloc[i] > 20"),
    "text": ("s: pd.Series", "s", 's.iloc[i] == "open"'),
}  # fmt: skip


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_is_timed_where_it_goes_on_to_the_end(name: str) -> None:
    signature, first, test = SEARCHES[name]
    before = BEFORE.format(signature=signature, first=first, test=test)
    after = before.replace("s.iloc[i]", "a[i]").replace("    for", "    a = s.array\n    for")
    found = judge(trial("search", before, after), timing=True)["search"]
    assert found.speedups[-1][1] > 2, found
    assert found.at_once > 0, found


def test_what_always_goes_on_to_the_end_has_no_other_figure() -> None:
    before = body("s: pd.Series", "out = []\nfor i in range(len(s)):\n    out.append(s.iloc[i] + 1)")
    after = body("s: pd.Series", "out = [x + 1 for x in s.array]")
    assert judge(trial("all", before, after), timing=True)["all"].at_once == 0


def test_a_loop_that_takes_long_as_it_is_needs_no_other_input() -> None:
    asked: list[object] = []

    def seconds(change: object) -> float:
        asked.append(change)
        return 0.5

    assert longest(seconds) is as_made
    assert asked == [as_made]


def test_a_new_version_that_does_not_return_in_time_counts_as_slower() -> None:
    before = "def f(xs: list):\n    total = 0\n    for x in xs:\n        total += 1\n    return total\n"
    after = (
        "def f(xs: list):\n    total = len(xs)\n    if total > 4000:\n        for k in range(10**12):\n"
        "            pass\n    return total\n"
    )
    found = judge(trial("slow", before, after), timing=True)["slow"]
    assert [ratio < 1 for size, ratio in found.speedups if size > 4000] == [True], found
