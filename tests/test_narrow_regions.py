"""What is judged where the whole statement, or the file, can't be run."""

from __future__ import annotations

import ast

from deloop.equivalence.infer import parameters
from deloop.equivalence.marks import copies_of
from deloop.equivalence.model import Evidence, Trial, Verdict
from deloop.equivalence.outline import Width, outlines
from deloop.equivalence.verify import verify


def test_copies_carry_the_marks_and_the_tree_none() -> None:
    tree = ast.parse("a = 1\nb = 2\nc = 3\n")
    kept = copies_of(tree.body, tree.body[1:])
    marks = [getattr(s, "_deloop_mark", None) for s in kept]
    assert marks == [None, (True, False), (False, True)]
    assert not any(hasattr(s, "_deloop_mark") for s in tree.body)


def judge(before: str, after: str, line: int) -> Evidence:
    ((_, found),) = verify([Trial("x", before, after, (line, line), (line, line))], timing=False, steps=False)
    return found


def test_only_the_expression_that_differs_has_to_run() -> None:
    before = (
        "import pandas as pd\nimport nowhere\n\n\ndef f(df: pd.DataFrame):\n"
        "    return nowhere.show(df['a'].apply(lambda v: v * 2)).title\n"
    )
    after = before.replace("df['a'].apply(lambda v: v * 2)", "(df['a'] * 2)")
    made = list(outlines(Trial("x", before, after, (6, 6), (6, 6)), alone=True))
    assert any("value = df['a'] * 2" in o.after.source and "show" not in o.after.source for o in made)
    wrong = before.replace("df['a'].apply(lambda v: v * 2)", "(df['a'] * 3)")
    assert judge(before, wrong, 6).verdict is not Verdict.VERIFIED


def test_a_plot_of_what_is_computed_is_no_part_of_the_proof() -> None:
    before = "import pandas as pd\n\n\ndef f(s: pd.Series):\n    return s.apply(lambda v: v * 0.5).plot()\n"
    after = before.replace("s.apply(lambda v: v * 0.5)", "(s * 0.5)")
    found = judge(before, after, 5)
    assert "matplotlib" not in found.reason, found.reason


def test_what_binds_names_of_its_own_is_judged_as_a_whole() -> None:
    before = "def f(xs):\n    return [len(x) + 1 for x in xs].index(2)\n"
    after = "def f(xs):\n    return [1 + len(x) for x in xs].index(2)\n"
    sources = [o.before.source for o in outlines(Trial("x", before, after, (2, 2), (2, 2)), alone=True)]
    assert any("value = [len(x) + 1 for x in xs]" in s for s in sources)
    assert not any("value = len(x) + 1" in s for s in sources)


def test_a_name_that_nothing_gives_is_an_input() -> None:
    before = "import numpy as np\n\nout = []\nfor i in range(2, len(prices)):\n    out.append(prices[i] - 1.5)\n"
    after = "import numpy as np\n\nout = []\nout += [p - 1.5 for p in prices[2:]]\n"
    ((_, found),) = verify([Trial("x", before, after, (4, 5), (4, 4))], timing=False, steps=False)
    assert found.inputs, found.reason


def test_a_dict_that_was_sorted_is_gone_over_by_its_keys() -> None:
    before = (
        "D = make()\nD = dict(sorted(D.items(), key=lambda x: x[1]))\nout = []\nfor i in D:\n"
        "    if i == 'wti':\n        out.append(1)\n    elif i == 'brent':\n        out.append(2)\n"
        "    elif i == 'vasconia':\n        out.append(3)\n    else:\n        out.append(4)\n"
    )
    after = before.replace("out = []\nfor i in D:\n", "out = []\nfor i in list(D):\n")
    ((_, found),) = verify([Trial("x", before, after, (4, 12), (4, 12))], timing=False, steps=False)
    assert found.verdict is Verdict.VERIFIED, found.reason


def test_a_loop_that_no_input_reaches_says_so() -> None:
    before = (
        "def f(xs, go):\n    if go and not go:\n        out = []\n        for x in xs:\n            out.append(x)\n"
        "        return out\n"
    )
    after = before.replace("for x in xs:\n            out.append(x)", "out = list(xs)")
    ((_, found),) = verify([Trial("x", before, after, (4, 5), (4, 4))], timing=False, steps=False)
    assert "NoneType" not in found.reason


def test_keys_from_a_list_that_is_written_out_are_there() -> None:
    code = (
        "def f(scores):\n    found = []\n    for edge in ['cbm', 'vbm']:\n        for score in ['s', 'p']:\n"
        "            found.append(scores[edge][score])\n    return found\n"
    )
    outline = next(iter(outlines(Trial("x", code, code, (3, 5), (3, 5)))))
    (scores,) = (p["spec"] for p in parameters(outline, {}))
    assert scores["key"]["lits"] == ["cbm", "vbm"]
    assert scores["elem"]["key"]["lits"] == ["s", "p"]


def test_the_barest_region_is_tried_before_the_code_around_it() -> None:
    code = "def f(xs):\n    ys = sorted(xs)\n    out = []\n    for y in ys:\n        out.append(y.n)\n    return out\n"
    widths = [o.width for o in outlines(Trial("x", code, code, (3, 5), (3, 5)))]
    assert widths == [Width.WHOLE, Width.BARE, Width.BEFORE]


def test_what_differs_on_its_own_is_not_shown_by_a_smaller_part() -> None:
    # With what stands before it the loop gets texts only; on its own it may get numbers, of which the sums differ.
    before = (
        "def f(rows):\n    names = [str(r.find('name').strip()) for r in rows.all()]\n    total = 0\n"
        "    for name in names:\n        total += len(name)\n    return total\n"
    )
    after = before.replace(
        "    for name in names:\n        total += len(name)\n", "    total += sum(len(name) for name in names) + 1\n"
    )
    ((_, found),) = verify([Trial("x", before, after, (4, 5), (4, 4))], timing=False, steps=False)
    assert found.verdict is not Verdict.VERIFIED


def test_what_text_does_not_take_by_name_is_no_method_of_text() -> None:
    code = "def f(soup):\n    out = []\n    for m in 'ab':\n        out += [soup.find(text=m).n]\n    return out\n"
    outline = next(iter(outlines(Trial("x", code, code, (2, 4), (2, 4)))))
    (soup,) = (p["spec"] for p in parameters(outline, {}))
    assert soup["t"] == "object"


def test_a_loop_that_is_in_others_is_judged_alone_where_they_take_too_long() -> None:
    before = (
        "def f(xs: list[float], epochs: int):\n    best = 0.0\n    for i in range(epochs * epochs * epochs):\n"
        "        for k in range(30_000):\n            best = max(best, k * 0.5)\n"
        "        out = []\n        for x in xs:\n            out.append(x * 2)\n"
        "        best += sum(out)\n    return best\n"
    )
    after = before.replace("        out = []\n        for x in xs:\n            out.append(x * 2)\n", "{}")
    right, wrong = (after.format(f"        out = [x * {k} for x in xs]\n") for k in (2, 3))
    found = [
        next(iter(verify([Trial("x", before, a, (6, 8), (6, 6))], timing=False, steps=False)))[1]
        for a in (right, wrong)
    ]
    assert found[0].verdict is Verdict.VERIFIED, found[0].reason
    assert found[1].verdict is not Verdict.VERIFIED
