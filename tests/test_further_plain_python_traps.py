"""More loops of plain Python that look like comprehensions and are not: other frames, receivers, targets, names."""

from __future__ import annotations

import pytest
from test_plain_python_traps import XS, R, Trap, same_or_left_alone, trap

BOX = "class Box:\n    pass\n\n"
TRAPS = [
    Trap(
        "the class of a method in the element",
        "class A:\n    def work(self, xs):\n        out = []\n        for x in xs:\n"
        "            out.append((__class__.__name__, x))\n        return out\n\ndef keep(xs):\n"
        "    return A().work(xs)\n",
        "keep(xs)",
        XS,
        None,
    ),
    Trap(
        "super() without arguments in the test",
        "class A:\n    def big(self, x):\n        return x > 1\n\nclass B(A):\n    def big(self, x):\n"
        "        return False\n\n"
        "    def work(self, xs):\n        out = []\n        for x in xs:\n            if super().big(x):\n"
        "                out.append(x)\n        return out\n\ndef keep(xs):\n    return B().work(xs)\n",
        "keep(xs)",
        XS,
        R.SCOPE,
    ),
    Trap(
        "super() without arguments as the value of a key",
        "class A:\n    def of(self, x):\n        return x + 1\n\nclass B(A):\n    def work(self, xs):\n"
        "        out = {}\n"
        "        for x in xs:\n            out[x] = super().of(x)\n        return out\n\ndef keep(xs):\n"
        "    return B().work(xs)\n",
        "keep(xs)",
        XS,
        R.SCOPE,
    ),
    Trap(
        "super() without arguments is added up",
        "class A:\n    def of(self, x):\n        return x + 1\n\nclass B(A):\n    def work(self, xs):\n"
        "        total = 0\n"
        "        for x in xs:\n            total += super().of(x)\n        return total\n\ndef keep(xs):\n"
        "    return B().work(xs)\n",
        "keep(xs)",
        XS,
        R.SCOPE,
    ),
    Trap(
        "sys.path is everybody's",
        "import sys\n\ndef keep(xs):\n    before = list(sys.path)\n    seen = sys.path\n    for x in xs:\n"
        "        sys.path.append(x)\n    found = seen[len(before):], seen is sys.path\n"
        "    sys.path[:] = before\n    return found\n",
        "keep(xs)",
        {"xs": ["p", "q"]},
        R.ALIASED,
    ),
    Trap(
        "sys.path was emptied before",
        "import sys\n\ndef keep(xs):\n    before = sys.path[:]\n    sys.path.clear()\n    for x in xs:\n"
        "        sys.path.append(x)\n    found = sys.path[:]\n    sys.path[:] = before\n    return found\n",
        "keep(xs)",
        {"xs": ["p", "q"]},
        R.ALIASED,
    ),
    Trap(
        "an attribute that another name holds",
        BOX
        + "def keep(xs):\n    box = Box()\n    box.items = kept = []\n    for x in xs:\n        box.items.append(x)\n"
        "    return kept, box.items is kept\n",
        "keep(xs)",
        XS,
        R.ALIASED,
    ),
    Trap(
        "an attribute is asked for what it holds",
        BOX + "def keep(xs):\n    box = Box()\n    box.items = []\n    for x in xs:\n        if x not in box.items:\n"
        "            box.items.append(x)\n    return box.items\n",
        "keep(xs)",
        {"xs": [1, 2, 1]},
        R.READS_OWN_OUTPUT,
    ),
    Trap(
        "a property counts what is filled",
        "class Log:\n    def __init__(self):\n        self.items = []\n\n    @property\n    def size(self):\n"
        "        return len(self.items)\n\n    def fill(self, xs):\n        for x in xs:\n"
        "            self.items.append((self.size, x))\n        return self.items\n\ndef keep(xs):\n"
        "    return Log().fill(xs)\n",
        "keep(xs)",
        XS,
        R.READS_OWN_OUTPUT,
    ),
    Trap(
        "the test is awaited",
        "import asyncio\n\nasync def big(x):\n    return x > 1\n\nasync def work(xs):\n    out = []\n"
        "    for x in xs:\n"
        "        if await big(x):\n            out.append(x)\n    return out\n\ndef keep(xs):\n"
        "    return asyncio.run(work(xs))\n",
        "keep(xs)",
        XS,
        R.SCOPE,
    ),
    Trap(
        "async for",
        "import asyncio\n\nasync def ticks(xs):\n    for x in xs:\n        yield x\n\nasync def work(xs):\n"
        "    out = []\n"
        "    async for x in ticks(xs):\n        out.append(x)\n    return out\n\ndef keep(xs):\n"
        "    return asyncio.run(work(xs))\n",
        "keep(xs)",
        XS,
        R.UNSUPPORTED_SYNTAX,
    ),
    Trap(
        "a walrus in a class body",
        "class A:\n    out = []\n    for x in range(3):\n        out.append(last := x + 1)\n\ndef keep(xs):\n"
        "    return A.out, A.last\n",
        "keep(xs)",
        XS,
        R.UNSUPPORTED_SYNTAX,
    ),
    Trap(
        "the loop variable is nonlocal",
        "def keep(xs):\n    x = None\n    def fill():\n        nonlocal x\n        out = []\n        for x in xs:\n"
        "            out.append(x)\n        return out\n    return fill(), x\n",
        "keep(xs)",
        XS,
        R.VALUE_READ_LATER,
    ),
    Trap(
        "a module's loop variable is read by a function",
        "out = []\nfor item in (1, 2):\n    out.append(item)\n\ndef keep(xs):\n    return out, item\n",
        "keep(xs)",
        XS,
        R.VALUE_READ_LATER,
    ),
    trap("vars()", "out = []\nfor x in xs:\n    out.append('%(x)s' % vars())", R.SCOPE),
    trap("dir()", "out = []\nfor x in xs:\n    out.append('out' in dir())", R.SCOPE),
    trap("eval", "k = 3\nout = []\nfor x in xs:\n    out.append(eval('x * k'))", R.SCOPE),
    trap("exec", "out = []\nfor x in xs:\n    exec('out.append(x)')", R.SCOPE),
    trap(
        "an item as the target",
        "slot = [0]\nout = []\nfor slot[0] in xs:\n    out.append(slot[0])",
        R.UNSUPPORTED_SYNTAX,
        result="(out, slot)",
    ),
    trap(
        "the dict grows while it is gone through",
        "d = {x: 1 for x in xs}\nout = []\ntry:\n    for k in d:\n        d[k + 10] = 1\n        out.append(k)\n"
        "except RuntimeError:\n    pass",
        R.MUTATES_INPUT,
        result="(out, d)",
    ),
    trap(
        "two names for one list",
        "out = other = []\nfor x in xs:\n    out.append(x)",
        R.ALIASED,
        result="(out, other, out is other)",
    ),
    trap(
        "the list is kept in a dict before",
        "box = {}\nout = []\nbox['k'] = out\nfor x in xs:\n    out.append(x)",
        R.ALIASED,
        result="box",
    ),
    trap(
        "the list is bound again on the way",
        "out = []\nkept = out\nfor x in xs:\n    out.append(x)\n    if x == 1:\n        out = []",
        R.UNKNOWN_CALL,
        result="(out, kept)",
    ),
    Trap(
        "range is another function",
        "def range(n):\n    return [n, n + 1]\n\ndef keep(xs):\n    out = []\n    for i in range(len(xs)):\n"
        "        out.append(i * 2)\n    return out\n",
        "keep(xs)",
        XS,
        None,
    ),
    Trap(
        "sum and max are other functions",
        "def sum(xs):\n    return 'sum'\n\ndef max(a, b):\n    return (a, b)\n\ndef keep(xs):\n"
        "    total, best = 0, 0\n"
        "    for x in xs:\n        total += x\n    for x in xs:\n        best = max(best, x)\n"
        "    return total, best\n",
        "keep(xs)",
        XS,
        R.UNKNOWN_KIND,
    ),
    Trap(
        "np is another module",
        "import math as np\n\ndef keep(xs):\n    out = []\n    for x in xs:\n        out.append(np.sqrt(x))\n"
        "    return out\n",
        "keep(xs)",
        XS,
        None,
    ),
    Trap(
        "a default holds the list",
        "def keep(xs):\n    out = []\n    def size(of=out):\n        return len(of)\n    for x in xs:\n"
        "        out.append(size())\n    return out\n",
        "keep(xs)",
        XS,
        R.ALIASED,
    ),
    trap(
        "an iterator over the list that is filled",
        "out = []\nit = iter(out)\nfor x in xs:\n    out.append((x, next(it, None)))",
        R.MUTATES_INPUT,
    ),
    trap(
        "a row of a table that is filled",
        "table = [[], []]\nrow = table[0]\nfor x in xs:\n    row.append(len(table[0]))",
        R.UNKNOWN_KIND,
        result="table",
    ),
    trap(
        "a generator that reads the loop variable",
        "out = []\nfor x in xs:\n    out.append(x + y for y in (1, 2))",
        R.UNSUPPORTED_SYNTAX,
        result="[list(g) for g in out]",
    ),
    trap(
        "lambdas in a dict share the loop variable",
        "out = {}\nfor x in xs:\n    out[x] = lambda: x",
        R.SCOPE,
        result="[f() for f in out.values()]",
    ),
]


@pytest.mark.parametrize("case", TRAPS, ids=lambda case: case.name.replace(" ", "-"))
def test_plain_python_does_the_same_or_is_left_alone(case: Trap) -> None:
    same_or_left_alone(case)
