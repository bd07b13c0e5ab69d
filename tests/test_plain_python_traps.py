"""Loops of plain Python that look like comprehensions and are not: where they are rewritten, they do the same.

Each is run before and after, with everything that it prints, returns and changes. `stays` says for which reason it is
left alone; None means that deloop has a right form for it.
"""

from __future__ import annotations

import sys
import textwrap
from typing import Any, NamedTuple

import pytest
from conftest import ROOT

from deloop.codemods.findings import Status
from deloop.loops.remarks import Reason

sys.path.append(str(ROOT))

from fuzzing.judge import Arguments, difference, forms, run
from fuzzing.model import Parameter, Program

R = Reason
XS: Arguments = {"xs": [3, 1, 2]}


class Trap(NamedTuple):
    name: str
    code: str
    entry: str
    given: Arguments
    stays: Reason | None


def body(code: str, parameters: str = "xs", result: str = "out") -> str:
    """A function `keep` around some lines."""
    lines = textwrap.indent(textwrap.dedent(code).strip("\n"), "    ")
    return f"def keep({parameters}):\n{lines}\n    return {result}\n"


def trap(
    name: str, code: str, stays: Reason | None, *, entry: str = "keep(xs)", result: str = "out", **given: Any
) -> Trap:
    """A trap whose code is the body of `keep`."""
    return Trap(name, body(code, result=result), entry, given or XS, stays)


TRAPS = [
    trap(
        "for-else of a list",
        "out = []\nfor x in xs:\n    out.append(x + 1)\nelse:\n    out.append(None)",
        R.EARLY_EXIT,
    ),
    trap("for-else of a dict", "out = {}\nfor x in xs:\n    out[x] = x\nelse:\n    out['done'] = True", R.EARLY_EXIT),
    trap(
        "the list is asked for what it holds",
        "out = []\nfor x in xs:\n    if x not in out:\n        out.append(x)",
        R.READS_OWN_OUTPUT,
        xs=[1, 2, 1, 3, 2],
    ),
    trap("the list is measured", "out = []\nfor x in xs:\n    out.append(x + len(out))", R.READS_OWN_OUTPUT),
    trap(
        "the last element is read", "out = [1, 1]\nfor x in xs:\n    out.append(out[-1] + out[-2])", R.READS_OWN_OUTPUT
    ),
    trap(
        "the list is read through another name",
        "out = []\nseen = out\nfor x in xs:\n    out.append(x + len(seen))",
        R.ALIASED,
    ),
    trap(
        "the dict is asked for what it holds",
        "out = {}\nfor x in xs:\n    if x not in out:\n        out[x] = len(out)",
        R.READS_OWN_OUTPUT,
    ),
    trap(
        "the first of two equal keys stays",
        "out = {}\nfor k, v in xs:\n    if k not in out:\n        out[k] = v",
        R.READS_OWN_OUTPUT,
        xs=[("a", 1), ("b", 2), ("a", 3)],
    ),
    trap(
        "what was filled before an exception is kept",
        "out = []\ntry:\n    for x in xs:\n        out.append(1 / x)\nexcept ZeroDivisionError:\n    pass",
        R.EXCEPTION_HANDLING,
        xs=[2, 0, 4],
    ),
    trap(
        "what was filled before a suppressed exception is kept",
        "import contextlib\nout = []\nwith contextlib.suppress(ValueError):\n    for x in xs:\n"
        "        out.append(int(x))",
        R.EXCEPTION_HANDLING,
        xs=["1", "x", "2"],
    ),
    Trap(
        "a caller's list keeps what was filled before an exception",
        "def fill(out, xs):\n    for x in xs:\n        out.append(1 / x)\n\n"
        "def keep(xs):\n    out = []\n    try:\n        fill(out, xs)\n    except ZeroDivisionError:\n        pass\n"
        "    return out\n",
        "keep(xs)",
        {"xs": [2, 0, 4]},
        R.ALIASED,
    ),
    Trap(
        "the element is awaited",
        "import asyncio\n\nasync def double(x):\n    return x * 2\n\nasync def all_of(xs):\n    out = []\n"
        "    for x in xs:\n"
        "        out.append(await double(x))\n    return out\n\ndef keep(xs):\n    return asyncio.run(all_of(xs))\n",
        "keep(xs)",
        XS,
        R.SCOPE,
    ),
    Trap(
        "the element is yielded",
        "def numbers(xs):\n    out = []\n    for x in xs:\n        out.append((yield x))\n    yield out\n\n"
        "def keep(xs):\n    return list(numbers(xs))\n",
        "keep(xs)",
        XS,
        R.SCOPE,
    ),
    Trap(
        "names of a class body",
        "class Table:\n    unit = 10\n    sizes = []\n    for x in range(3):\n        sizes.append(x * unit)\n\n"
        "def keep(xs):\n    return Table.sizes, Table.x\n",
        "keep(xs)",
        XS,
        R.SCOPE,
    ),
    trap(
        "the loop variable is read afterwards",
        "out = []\nfor x in xs:\n    out.append(x * 2)",
        R.VALUE_READ_LATER,
        result="(out, x)",
    ),
    trap(
        "a temporary is read afterwards",
        "out = []\nfor x in xs:\n    y = x + 1\n    out.append(y)",
        R.UNKNOWN_KIND,
        result="(out, y)",
    ),
    trap(
        "a temporary is read in the next round of an outer loop",
        "last = 0\nall_ = []\nfor turn in range(2):\n    out = []\n    for x in xs:\n        last = x\n"
        "        out.append(x)\n"
        "    all_.append((out, last))",
        R.UNKNOWN_KIND,
        result="all_",
    ),
    trap(
        "closures share the loop variable",
        "out = []\nfor x in xs:\n    out.append(lambda: x)",
        R.SCOPE,
        result="[f() for f in out]",
    ),
    trap(
        "a function made before reads the loop variable",
        "def current():\n    return x\nout = []\nfor x in xs:\n    out.append(current() + 1)",
        R.VALUE_READ_LATER,
    ),
    Trap(
        "the loop variable is a global",
        "x = None\n\ndef show():\n    return x\n\ndef keep(xs):\n    global x\n    out = []\n"
        "    for x in xs:\n        out.append(x + 1)\n"
        "    return out, show()\n",
        "keep(xs)",
        XS,
        R.VALUE_READ_LATER,
    ),
    trap(
        "the loop variable is deleted afterwards",
        "out = []\nfor x in xs:\n    out.append(x)\ndel x",
        R.VALUE_READ_LATER,
    ),
    trap("a starred argument", "out = []\nfor x in xs:\n    out.append(*x)", R.UNSUPPORTED_SYNTAX, xs=[[1], [2]]),
    trap(
        "a generator as the element",
        "out = []\nfor x in xs:\n    out.append(y for y in x)",
        R.UNSUPPORTED_SYNTAX,
        xs=[[1], [2]],
        result="[list(g) for g in out]",
    ),
    trap("a bare tuple in the iterable", "out = []\nfor x in *xs, 5:\n    out.append(x + 1)", None),
    trap("a conditional iterable", "out = []\nfor x in xs if xs else [0]:\n    out.append(x + 1)", None),
    trap(
        "a lambda as the iterable's key",
        "out = []\nfor x in sorted(xs, key=lambda v: -v):\n    out.append(x + 1)",
        None,
    ),
    trap("a conditional element", "out = []\nfor x in xs:\n    out.append(x if x > 1 else -x)", None),
    trap(
        "a walrus in the test",
        "out = []\nfor x in xs:\n    if (y := x - 1) > 0:\n        out.append(y)",
        R.UNSUPPORTED_SYNTAX,
        result="(out, y)",
    ),
    trap(
        "the receiver depends on the round",
        "out = {1: [], 2: [], 3: []}\nfor x in xs:\n    out[x].append(x)",
        R.UNKNOWN_CALL,
    ),
    trap(
        "one of two receivers",
        "low, high = [], []\nfor x in xs:\n    (low if x < 2 else high).append(x)",
        R.UNKNOWN_CALL,
        result="(low, high)",
    ),
    Trap(
        "the receiver has an append of its own",
        "class Log(list):\n    def append(self, x):\n        super().append(('log', x))\n\n"
        "def keep(xs):\n    out = Log()\n    for x in xs:\n        out.append(x)\n    return list(out)\n",
        "keep(xs)",
        XS,
        R.UNKNOWN_KIND,
    ),
    trap(
        "a deque forgets",
        "from collections import deque\nout = deque(maxlen=2)\nfor x in xs:\n    out.append(x)",
        R.UNKNOWN_KIND,
        result="list(out)",
    ),
    Trap(
        "the caller's list is filled",
        "def fill(out, xs):\n    for x in xs:\n        out.append(x + 1)\n\ndef keep(xs):\n    mine = [0]\n"
        "    fill(mine, xs)\n    return mine\n",
        "keep(xs)",
        XS,
        R.ALIASED,
    ),
    trap(
        "another name for the list sees it grow",
        "out = []\nother = out\nfor x in xs:\n    out.append(x + 1)",
        R.ALIASED,
        result="(out, other)",
    ),
    trap("the list is not empty", "out = [0]\nfor x in xs:\n    out.append(x + 1)", None),
    trap("the list is filled twice", "out = []\nout.append(9)\nfor x in xs:\n    out.append(x + 1)", None),
    trap(
        "the list is made under a condition",
        "out = None\nif xs:\n    out = []\nfor x in xs:\n    out.append(x)",
        R.ALIASED,
    ),
    trap(
        "the list is made outside of an outer loop",
        "out = []\nfor turn in range(2):\n    for x in xs:\n        out.append(x + turn)",
        None,
    ),
    trap(
        "one object is appended again and again",
        "out = []\nshared = []\nfor x in xs:\n    shared.append(x)\n    out.append(shared)",
        R.READS_OWN_OUTPUT,
    ),
    trap(
        "a fresh list in each round",
        "out = []\nfor x in xs:\n    row = []\n    row.append(x)\n    out.append(row)",
        R.UNKNOWN_CALL,
    ),
    trap(
        "the queue grows while it is gone through",
        "out = []\nfor x in xs:\n    if x > 1:\n        xs.append(x - 2)\n    out.append(x)",
        R.MUTATES_INPUT,
    ),
    trap(
        "an element is removed on the way",
        "out = []\nfor x in xs:\n    if x > 2:\n        xs.remove(x)\n    out.append(x)",
        R.MUTATES_INPUT,
    ),
    trap(
        "the iterator is advanced in the body",
        "it = iter(xs)\nout = []\nfor x in it:\n    out.append((x, next(it, None)))",
        R.MUTATES_INPUT,
        xs=[1, 2, 3, 4, 5],
    ),
    trap(
        "the rest of the iterator is read later",
        "it = iter(xs)\nout = []\nfor x in it:\n    out.append(x)\n    if x == 1:\n        break",
        R.EARLY_EXIT,
        result="(out, list(it))",
    ),
    trap("locals()", "out = []\nfor x in xs:\n    out.append(sorted(locals()))", R.SCOPE),
    Trap(
        "super() without arguments",
        "class Base:\n    def weight(self, x):\n        return x + 1\n\nclass Heavy(Base):\n"
        "    def weigh(self, xs):\n        out = []\n"
        "        for x in xs:\n            out.append(super().weight(x))\n        return out\n\n"
        "def keep(xs):\n    return Heavy().weigh(xs)\n",
        "keep(xs)",
        XS,
        R.SCOPE,
    ),
    Trap(
        "an attribute as the target",
        "class Box:\n    pass\n\ndef keep(xs):\n    box = Box()\n    out = []\n    for box.x in xs:\n"
        "        out.append(box.x)\n"
        "    return out, box.x\n",
        "keep(xs)",
        XS,
        R.UNSUPPORTED_SYNTAX,
    ),
    trap(
        "the rest in the target",
        "out = []\nfor x, *rest in xs:\n    out.append((x, rest))",
        None,
        xs=[(1, 2, 3), (4, 5)],
    ),
    trap(
        "the target has the name of what is gone through",
        "out = []\nfor xs in xs:\n    out.append(xs + 1)",
        R.UNSUPPORTED_SYNTAX,
    ),
    Trap(
        "len is another function",
        "def len(x):\n    return 2\n\ndef keep(xs):\n    out = []\n    for i in range(len(xs)):\n"
        "        out.append(xs[i])\n    return out\n",
        "keep(xs)",
        XS,
        None,
    ),
    Trap(
        "list is another function",
        "def list(x=()):\n    return [99]\n\ndef keep(xs):\n    out = list()\n    for x in xs:\n"
        "        out.append(x)\n    return out\n",
        "keep(xs)",
        XS,
        R.UNKNOWN_KIND,
    ),
    trap(
        "a list that grows in place is seen by another name",
        "out = []\nother = out\nfor x in xs:\n    out += [x]",
        R.ALIASED,
        result="(out, other)",
    ),
    trap(
        "a new list in each round is not seen by another name",
        "out = []\nother = out\nfor x in xs:\n    out = out + [x]",
        R.CARRIED_STATE,
        result="(out, other)",
    ),
]


@pytest.mark.parametrize("case", TRAPS, ids=lambda case: case.name.replace(" ", "-"))
def test_plain_python_does_the_same_or_is_left_alone(case: Trap) -> None:
    same_or_left_alone(case)


def same_or_left_alone(case: Trap) -> None:
    """Run it before and after."""
    given = tuple(Parameter(name, "list", annotated=False) for name in case.given)
    program = Program(0, case.code, given, case.entry)
    findings, found = forms(case.code)
    before = run(case.code, case.entry, case.given)
    assert before.status == "returned", before.error
    for form in found:
        answer = difference(program, form, case.given, before)
        assert answer is None or answer.excused, f"{answer.text}\n{form.text}"
    refused = [f.refusal.reason for f in findings if f.status is Status.REFUSED and f.refusal is not None]
    if case.stays is None:
        assert found, refused
    else:
        assert not found
        assert case.stays in refused or not findings, [f.message for f in findings]
