"""Where no input can be made, both versions run on values that stand for anything: the steps have to be the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from equivalence_help import body, judge, trial
from test_equivalence_traps import PAIRS

from deloop.equivalence.interpreter import choose_python
from deloop.equivalence.model import Trial, Verdict
from deloop.equivalence.outline import CannotOutline
from deloop.equivalence.verify import steps_request
from deloop.equivalence.worker import Worker, borrowed
from deloop.proposals.model import evidence_text
from mutants.operators import mutants
from mutants.rewrites import rewrites

OPTIONS: dict[str, Any] = {"seed": 0, "timeout": 8.0, "timing": False, "shrink": False}


@pytest.fixture(scope="module")
def child() -> Iterator[Worker]:
    with borrowed(choose_python(None), 1) as (worker,):
        yield worker


def followed(one: Trial, child: Worker) -> str:
    """ "verified", or why the steps are not known to be the same."""
    try:
        request = steps_request(one, OPTIONS)
    except CannotOutline as e:
        return str(e)
    answer = child.ask(request, 13)
    return str(answer["reason"] or answer["verdict"])


def pair(signature: str, loop: str, new: str, result: str = "out", needs: tuple[str, ...] = ()) -> Trial:
    return trial("x", body(signature, loop, result), body(signature, new, result), needs)


SAME = {
    "a filter whose library is not there": (
        "groups, low",
        """
        out = []
        for key, group in groups.items():
            if len(group) < low:
                continue
            value, _ = rank(group["a"].to_numpy(), group["b"].to_numpy())
            if not np.isnan(value):
                out.append(value)
        """,
        """
        out = [
            value
            for key, group in groups.items()
            if not len(group) < low
            for value, _ in [rank(group["a"].to_numpy(), group["b"].to_numpy())]
            if not np.isnan(value)
        ]
        """,
    ),
    "files of a folder": (
        "root",
        """
        out = []
        for path in root.rglob("*.py"):
            if SKIPPED & set(path.parts) or path.stem is None:
                continue
            out.append(path)
        """,
        "out = [path for path in root.rglob('*.py') if not (SKIPPED & set(path.parts) or path.stem is None)]",
    ),
    "one of several that are written in the code": (
        "frame",
        """
        out = []
        for name in frame.columns:
            if frame[name].dtype in (lib.Date, lib.Datetime):
                out.append(lib.col(name).min().alias(f"{name}_min"))
        """,
        """
        out = [
            lib.col(name).min().alias(f"{name}_min")
            for name in frame.columns
            if frame[name].dtype in (lib.Date, lib.Datetime)
        ]
        """,
    ),
    "texts, kinds and numbers": (
        "rows",
        """
        out = {}
        for row in rows:
            if isinstance(row.key, str) and type(row.value) is not str:
                out[str(row.key)] = ", ".join(sorted(row.words)) + str(int(row.value) // 2)
        """,
        """
        out = {
            str(row.key): ", ".join(sorted(row.words)) + str(int(row.value) // 2)
            for row in rows
            if isinstance(row.key, str) and type(row.value) is not str
        }
        """,
    ),
}

DIFFERENT = {
    "another argument": ("xs", "out = []\nfor x in xs:\n    out.append(f(x.a))", "out = [f(x.b) for x in xs]"),
    "another order of arguments": (
        "xs",
        "out = []\nfor x in xs:\n    out.append(f(x.a, x.b))",
        "out = [f(x.b, x.a) for x in xs]",
    ),
    "a call is left out": (
        "xs",
        "out = []\nfor x in xs:\n    note(x)\n    out.append(x.a)",
        "out = [x.a for x in xs]",
    ),
    "what is read is not changed yet": (
        "xs, state",
        "out = []\nfor x in xs:\n    state.step(x)\n    out.append(state.value)",
        "value = state.value\nout = [(state.step(x), value)[1] for x in xs]",
    ),
    "the function is called before the list is asked for": (
        "xs",
        "out = []\nfor x in xs:\n    out.append(f(x))",
        "every = list(xs.all())\nout = [f(x) for x in xs]",
    ),
    "a condition turned": (
        "xs",
        "out = []\nfor x in xs:\n    if x.a > 0:\n        out.append(x)",
        "out = [x for x in xs if not x.a > 0]",
    ),
    "a condition weakened": (
        "xs",
        "out = []\nfor x in xs:\n    if x.a > 0 and x.b:\n        out.append(x)",
        "out = [x for x in xs if x.a > 0]",
    ),
    "less than, not at most": (
        "xs, low",
        "out = []\nfor x in xs:\n    if x < low:\n        out.append(x)",
        "out = [x for x in xs if x <= low]",
    ),
    "the last one is missing": (
        "xs",
        "out = []\nfor x in xs:\n    out.append(x)",
        "out = list(xs)[:-1]",
    ),
    "one list for all rounds": (
        "xs",
        "out = []\nfor x in xs:\n    out.append([x.a])",
        "one = []\nout = [(one.clear(), one.append(x.a), one)[2] for x in xs]",
    ),
    "the same list, not another one": (
        "xs, seen: list",
        "out = seen\nfor x in xs:\n    out.append(x)",
        "out = seen + [x for x in xs]",
    ),
    "a sum of anything": (
        "xs",
        "out = xs.start\nfor x in xs:\n    out += x",
        "out = sum(xs, xs.start)",
    ),
    "another function for each row": (
        "xs",
        "out = xs.apply(lambda x: x.a + 1)",
        "out = xs.apply(lambda x: x.a + 2)",
    ),
    "a function that sees another value": (
        "xs, a, b",
        "out = xs.apply(lambda x: x + a)",
        "out = xs.apply(lambda x: x + b)",
    ),
    "a key is asked for that need not be there": (
        "xs, table",
        "out = []\nfor x in xs:\n    known = table[x]\n    out.append(x)",
        "out = list(xs)",
    ),
    "an iterator is used up": (
        "xs",
        "out = []\nfor x in xs:\n    out.append(f(x))",
        "out = list(map(f, list(xs) and xs))",
    ),
    "what is kept when it raises": (
        "xs, out: list",
        "for x in xs:\n    out.append(f(x))",
        "out += [f(x) for x in xs]",
    ),
    "the value is made before the key": (
        "xs",
        "out = {}\nfor x in xs:\n    out[key(x)] = f(x)",
        "out = {key(x): f(x) for x in xs}",
    ),
    "printed later": (
        "xs",
        "out = []\nfor x in xs:\n    print(x.a)\n    out.append(f(x))",
        "out = [f(x) for x in xs]\nfor x in xs:\n    print(x.a)",
    ),
    "true and one": (
        "xs",
        "out = []\nfor x in xs:\n    out.append(True if x.a else False)",
        "out = [1 if x.a else 0 for x in xs]",
    ),
    "what can be read once": (
        "xs",
        "out, more = [], []\nfor x in xs:\n    out.append(x)\n    more.append(x.a)\nout = (out, more)",
        "out = ([x for x in xs], [x.a for x in xs])",
    ),
    "what a function sees of a list that it may have": (
        "xs, out: list",
        "for x in xs:\n    out.append(x)\n    note(x)",
        "for x in xs:\n    note(x)\n    out.append(x)",
    ),
    "dots are printed later": (
        "xs",
        "out = []\nfor x in xs:\n    print('.')\n    out.append(f(x))",
        "out = [f(x) for x in xs]\nfor _ in out:\n    print('.')",
    ),
    "keys that come again": (
        "xs",
        "out = {}\nfor x in xs:\n    out.setdefault(x.key, []).append(x.a)",
        "out = {x.key: [x.a] for x in xs}",
    ),
    "the first of a key, not the last": (
        "xs",
        "out = {}\nfor x in xs:\n    out.setdefault(x.key, x.a)",
        "out = {x.key: x.a for x in xs}",
    ),
    "what was seen before": (
        "xs",
        "seen = set()\nout = []\nfor x in xs:\n    if x not in seen:\n        seen.add(x)\n        out.append(x)",
        "seen = set(xs)\nout = list(xs)",
    ),
    "nothing is ever gathered": (
        "xs",
        "out = []\nfor x in xs:\n    raise ValueError(x)\n    out.append(x)",
        "out = []\nfor x in xs:\n    raise ValueError(x)\n    out.append(x + 1)",
    ),
    "how many there are": (
        "xs",
        "out = 0\nfor x in xs:\n    if x.a:\n        out += 1",
        "out = len(xs)",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_steps_are_seen_to_be_the_same(child: Worker, name: str) -> None:
    assert followed(pair(*SAME[name]), child) == "verified"


INNER = (
    "    for entry in config.entries:\n        if entry.size is not None:\n            out.append(scale(entry.size))\n"
)
GROWN = "    out += [scale(entry.size) for entry in config.entries if entry.size is not None]\n"


@pytest.mark.parametrize(
    ("head", "same"),
    [
        ("out = []\nfor config in configs:\n", True),
        ("for config in configs:\n", False),
        ("out = []\nconfigs.sizes = out\nfor config in configs:\n", False),
        ("out = []\nfor config in configs:\n    config.sizes = out\n", False),
        ("out = []\nconfigs.ask = lambda: out\nfor config in configs:\n", False),
        ("out = configs.sizes\nfor config in configs:\n", False),
    ],
)
def test_what_only_the_function_has_is_not_seen_when_a_step_raises(child: Worker, head: str, same: bool) -> None:
    signature = "configs" if "out =" in head else "configs, out: list"
    before, after = (body(signature, head + inner) for inner in (INNER, GROWN))
    whole = trial("x", before, after)
    first = whole.before_lines[0] + head.count("\n")
    one = replace(whole, before_lines=(first, first + 2), after_lines=(first, first))
    assert (followed(one, child) == "verified") == same


@pytest.mark.parametrize("name", DIFFERENT)
def test_other_steps_are_not(child: Worker, name: str) -> None:
    assert followed(pair(*DIFFERENT[name]), child) != "verified"


@pytest.mark.parametrize("one", PAIRS, ids=lambda one: one.name)
def test_wrong_forms_take_other_steps(child: Worker, one: Any) -> None:
    assert followed(pair(one.signature, one.loop, one.wrong), child) != "verified"


def test_the_evidence_says_that_nothing_real_was_run() -> None:
    loop = "out = []\nfor row in open('gone/' + name):\n    if parse(row).given is not None:\n        out.append(row)"
    new = "out = [row for row in open('gone/' + name) if parse(row).given is not None]"
    found = judge(pair("name", loop, new), steps=True)["x"]
    assert found.verdict is Verdict.VERIFIED, found
    assert not found.speedups
    assert "with stand-ins for every value" in evidence_text(found)


def test_a_wrong_form_stays_unverified() -> None:
    loop = "out = []\nfor row in open('gone/' + name):\n    if parse(row).given is not None:\n        out.append(row)"
    new = "out = [row for row in open('gone/' + name) if parse(row).given is None]"
    found = judge(pair("name", loop, new), steps=True)["x"]
    assert found.verdict is not Verdict.VERIFIED, found


def test_mutants_of_right_forms_take_other_steps(child: Worker) -> None:
    rights = [r for name in ("DL201-", "DL202-", "DL205-") for r in list(rewrites(only=name))[::2]]
    same = [r for r in rights if followed(r.trial, child) == "verified"]
    assert len(same) > 5
    wrong = [m for r in same for m in mutants(r, 4, 1) if followed(m.trial, child) == "verified"]
    assert not wrong, [(m.key, m.operator, m.new) for m in wrong]
