"""What the tests of values that are kept need: the forms of a loop, exact comparison, and frames to run them on."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse

HEAD = "import numpy as np\nimport pandas as pd\n\n"
NAN = float("nan")


def forms(code: str) -> list[tuple[str, str, set[str]]]:
    """The code with each vector form of its only site, its rule, and what it assumes."""
    source = SourceFile.from_bytes(Path("example.py"), (HEAD + textwrap.dedent(code)).encode())
    tree = parse(source)
    found = []
    for finding in scan(source, Project(), tree=tree):
        for form in finding.forms:
            if form.tier == 1:
                edits = place(source.text, tree, form.edits, form.imports).text_edits
                text = source.with_text_edits(sorted(edits)).text
                found.append((text, form.rule.code, {o.name for o in form.obligations}))
    return found


def exactly(value: Any) -> Any:
    """A value with all its types, NaN and -0.0 told apart."""
    if isinstance(value, (list, tuple)):
        return type(value), [exactly(v) for v in value]
    if isinstance(value, pd.DataFrame):
        return [(name, column.dtype, exactly(column.tolist())) for name, column in value.items()]
    return type(value), repr(value)


def run(code: str, frame: Any) -> Any:
    space: dict[str, Any] = {}
    exec(compile(code, "example.py", "exec"), space)
    with np.errstate(all="ignore"):
        return exactly(space["f"](frame.copy()))


def frames() -> list[pd.DataFrame]:
    """None, one, few and many rows; all, none or some of them set; runs of one and of many; -0.0 beside 0.0."""
    rng = np.random.default_rng(4)

    def made(n: int) -> pd.DataFrame:
        x = np.where(rng.random(n) < 0.3, NAN, rng.choice([-1.5, -0.0, 0.0, 0.0, 2.5, 3.0], n))
        flag = rng.random(n) < 0.4
        s = pd.Series(rng.choice(["a", "b", ""], n), dtype="str")
        return pd.DataFrame({"x": x, "n": rng.integers(-2, 3, n), "flag": flag, "s": s})

    some = [made(n) for n in (0, 1, 1, 2, 3, 3, 7, 7, 60)]
    alike = made(6).assign(x=1.5, n=2**60 + 1, flag=True, s="a")
    unset = made(6).assign(x=NAN, n=0, flag=False, s="")
    labels = made(9).set_axis([3, 3, 1, 0, 2, 2, 9, 9, 9])
    return [*some, alike, unset, labels]
