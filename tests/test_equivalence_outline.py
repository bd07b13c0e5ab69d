"""Regions of all kinds of places run on their own, against themselves and against a version with a bug."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap

import pytest
from equivalence_help import judge

from deloop.equivalence.infer import parameters
from deloop.equivalence.liveness import Liveness, read_first
from deloop.equivalence.model import Evidence, Trial, Verdict
from deloop.equivalence.outline import Width, outlines
from deloop.equivalence.regions import CannotOutline

#: name -> (file, text in the region's first line, text in its last line, a replacement that breaks it)
PLACES: dict[str, tuple[str, str, str, tuple[str, str]]] = {
    "method that reads attributes and calls another": (
        """
        class Ledger:
            def __init__(self, currency="EUR", rate=1.1):
                self.currency = currency
                self.rate = rate
                self.entries = []

            def convert(self, cents):
                return cents * self.rate

            def totals(self):
                out = []
                for kind, cents in self.entries:
                    out.append(self.convert(cents) if kind == "debit" else cents)
                return out
        """,
        "out = []",
        "out.append",
        ('"debit"', '"credit"'),
    ),
    "module level": (
        """
        import pandas as pd
        RATE = 0.19
        prices = pd.read_csv("prices.csv")
        gross = []
        for _, row in prices.iterrows():
            gross.append(row["net"] * (1 + RATE))
        print(len(gross), sum(gross))
        """,
        "gross = []",
        "gross.append",
        ("(1 + RATE)", "(1 - RATE)"),
    ),
    "class body": (
        """
        class Palette:
            base = 17
            codes = []
            for step in range(0, 16, 5):
                codes.append(step * base)
            first = codes[0]
        """,
        "codes = []",
        "codes.append",
        ("step * base", "step + base"),
    ),
    "inside another loop": (
        """
        def minefield(width, height, mines):
            grid = [[0] * width for _ in range(height)]
            for x, y in mines:
                grid[y][x] = 9
                for nx in (x - 1, x + 1):
                    if 0 <= nx < width:
                        grid[y][nx] += 1
            return grid
        """,
        "for nx in",
        "+= 1",
        ("+= 1", "+= 2"),
    ),
    "a list that a handler sees half filled": (
        """
        def load(rows):
            out = []
            problem = None
            try:
                for r in rows:
                    out.append(int(r[1]))
            except (ValueError, IndexError) as e:
                problem = type(e).__name__
            return out, problem
        """,
        "for r in rows",
        "out.append",
        ("for r in rows:\n            out.append(int(r[1]))", "out.extend([int(r[1]) for r in rows])"),
    ),
    "after a guard and other statements": (
        """
        def peaks(levels):
            if not levels:
                return []
            peak = levels[0]
            out = []
            for v in levels:
                peak = max(peak, v)
                out.append(peak)
            return out
        """,
        "out = []",
        "out.append",
        ("max(peak, v)", "min(peak, v)"),
    ),
    "a return in the region": (
        """
        def find(words, wanted):
            for k, w in enumerate(words):
                if w == wanted:
                    return k
            return -1
        """,
        "for k, w",
        "return k",
        ("return k", "return k + 1"),
    ),
    "a loop variable that is read later": (
        """
        def last(samples):
            clean = []
            for ts, value in samples:
                clean.append(value)
            return clean, ts
        """,
        "clean = []",
        "clean.append",
        ("for ts, value in samples:\n        clean.append(value)", "clean = [value for _, value in samples]; ts = 0"),
    ),
    "functions and modules that are not here": (
        """
        from .rules import score
        import notinstalled.plots as plots
        from tqdm import tqdm

        def rate(rows):
            out = []
            for row in tqdm(rows):
                plots.mark(row["a"])
                out.append(score(row["a"], row["b"]))
            return out
        """,
        "out = []",
        "out.append",
        ('row["b"]', 'row["a"]'),
    ),
    "a helper with branches and a table of constants": (
        """
        LIMITS = {"ward": 14.0, "icu": 5.0}

        def excess(unit, days):
            limit = LIMITS.get(unit, 10.0)
            if days <= limit:
                return 0.0
            return days - limit

        def mark(stays):
            out = []
            for s in stays:
                out.append(excess(s["unit"], s["days"]))
            return out
        """,
        "out = []",
        "out.append",
        ('excess(s["unit"], s["days"])', 'excess("ward", s["days"])'),
    ),
    "names through locals()": (
        """
        def letters(template, guests, hotel="Seeblick"):
            out = []
            for number, guest in enumerate(guests, 1):
                name = guest.title()
                out.append("%(number)d %(name)s, %(hotel)s" % locals())
            return out
        """,
        "out = []",
        "out.append",
        ("guest.title()", "guest.upper()"),
    ),
    "columns that may be missing": (
        """
        def weigh(bars):
            column = "volume" if "volume" in bars.columns else None
            out = []
            for i in range(len(bars)):
                v = bars[column].iloc[i] if column else 1.0
                out.append(bars["close"].iloc[i] * v)
            return out
        """,
        "out = []",
        "out.append",
        ("else 1.0", "else 2.0"),
    ),
    "a table that is looked up": (
        """
        def price(orders, catalog):
            items = catalog.set_index("sku")
            out = []
            for _, row in orders.iterrows():
                out.append(items.loc[row["sku"], "price"] * row["qty"])
            return out
        """,
        "out = []",
        "out.append",
        ('"price"] * row["qty"]', '"price"] + row["qty"]'),
    ),
    "texts that are split and parsed": (
        """
        def track(lines):
            out = []
            for line in lines:
                parts = line.strip().split(";")
                if len(parts) < 3:
                    continue
                out.append((float(parts[1]), float(parts[2])))
            return out
        """,
        "out = []",
        "out.append",
        ("float(parts[2])", "float(parts[1])"),
    ),
    "dates": (
        """
        def tariff(usage):
            out = []
            for ts, kwh in zip(usage["start"], usage["kwh"]):
                if ts.weekday() >= 5 or ts.hour < 6:
                    out.append(kwh * 0.16)
                else:
                    out.append(kwh * 0.34)
            return out
        """,
        "out = []",
        "out.append(kwh * 0.34)",
        (">= 5", ">= 6"),
    ),
}


def place(name: str, broken: bool = False) -> Trial:
    text, first, last, (old, new) = PLACES[name]
    before = textwrap.dedent(text).lstrip("\n")
    lines = before.split("\n")
    start = next(k for k, line in enumerate(lines, 1) if first in line)
    stop = max(k for k, line in enumerate(lines, 1) if last in line)
    after = before
    if broken:
        head, region, tail = lines[: start - 1], "\n".join(lines[start - 1 : stop]), lines[stop:]
        indent = " " * (len(lines[start - 1]) - len(lines[start - 1].lstrip()))
        assert old in region or old.replace("\n        ", "\n" + indent + "    ") in region
        changed = (
            region.replace(old, new)
            if old in region
            else region.replace(old.replace("\n        ", "\n" + indent + "    "), new)
        )
        after = "\n".join([*head, changed, *tail])
    extra = after.count("\n") - before.count("\n")
    return Trial(f"{name}/{broken}", before, after, (start, stop), (start, stop + extra))


@pytest.fixture(scope="module")
def evidence() -> dict[str, Evidence]:
    return judge(*(place(name, broken) for name in PLACES for broken in (False, True)))


@pytest.mark.parametrize("name", PLACES)
def test_region_runs_and_equals_itself(evidence: dict[str, Evidence], name: str) -> None:
    found = evidence[f"{name}/False"]
    assert found.verdict is Verdict.VERIFIED, found.reason
    assert found.returned >= 12 or name == "class body"


@pytest.mark.parametrize("name", PLACES)
def test_broken_region_is_refuted(evidence: dict[str, Evidence], name: str) -> None:
    found = evidence[f"{name}/True"]
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.counterexample is not None
    assert found.reason


def test_names_that_only_the_loop_of_a_module_binds_are_no_results() -> None:
    before = "xs = [1, 2]\nout = []\nfor v in xs:\n    t = v + 1\n    out.append(t)\nprint(out)\n"
    after = "xs = [1, 2]\nout = [v + 1 for v in xs]\nprint(out)\n"
    read = [text + "\nprint(t)\n" for text in (before, after)]
    found = judge(Trial("dropped", before, after, (2, 5), (2, 2)), Trial("read", *read, (2, 5), (2, 2)))
    assert found["dropped"].verdict is Verdict.VERIFIED, found["dropped"].reason
    assert found["read"].verdict is Verdict.REFUTED


def test_missing_modules_are_named(evidence: dict[str, Evidence]) -> None:
    kinds = evidence["functions and modules that are not here/False"].kinds
    assert "stub:score" in kinds
    assert "stub:plots.mark" in kinds


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("def f(xs):\n    for x in xs:\n        yield x\n", "yields"),
        ("async def f(xs):\n    for x in xs:\n        await x\n", "awaits"),
        ("n = 0\ndef f(xs):\n    global n\n    for x in xs:\n        n += x\n", "global"),
        ("class A(B):\n    def f(self, xs):\n        for x in xs:\n            super().add(x)\n", "super"),
        ("def f(xs:\n    for", "parse"),
    ],
)
def test_what_cannot_be_run_says_why(code: str, word: str) -> None:
    line = next((k for k, text in enumerate(code.split("\n"), 1) if "for x" in text), 1)
    ((found),) = judge(Trial("x", code, code, (line, line + 1), (line, line + 1))).values()
    assert found.verdict is Verdict.UNVERIFIED
    assert word in found.reason


def test_no_statement_on_the_lines() -> None:
    with pytest.raises(CannotOutline):
        list(outlines(Trial("x", "x = 1\n", "x = 1\n", (5, 6), (5, 6))))


def test_deleted_region() -> None:
    before = "def f(xs):\n    out = 1\n    for x in xs:\n        pass\n    return out\n"
    after = "def f(xs):\n    out = 1\n    return out\n"
    (found,) = judge(Trial("x", before, after, (3, 4), (3, 2))).values()
    assert found.verdict is Verdict.REFUTED  # an iterator would be used up by the loop
    (found,) = judge(Trial("x", before.replace("xs", "xs: list", 1), after, (3, 4), (3, 2))).values()
    assert found.verdict is Verdict.VERIFIED


def test_prologue_is_what_the_region_needs() -> None:
    code = (
        "import os\n\n\ndef f(df, path):\n    df = df.reset_index(drop=True)\n    os.remove(path)\n    n = len(df)\n"
        "    unused = [1]\n    for i in range(n):\n        print(df['a'][i])\n"
    )
    outline = next(iter(outlines(Trial("x", code, code, (9, 10), (9, 10)))))
    assert outline.width is Width.WHOLE
    assert outline.parameters == ["df"]
    assert "reset_index" in outline.before.source
    assert "remove" not in outline.before.source
    assert "unused" not in outline.before.source


def test_parameters_of_a_frame() -> None:
    code = (
        "def f(df, limit: float = 2.5):\n    out = []\n    for _, row in df.iterrows():\n"
        "        if row['kind'] == 'a' and row['at'].hour > 6 and row['x'] >= limit:\n"
        "            out.append(row['x'] * 2)\n    return out\n"
    )
    outline = next(iter(outlines(Trial("x", code, code, (2, 5), (2, 5)))))
    specs = {p["name"]: p["spec"] for p in parameters(outline, {})}
    columns = specs["df"]["cols"]
    assert specs["df"]["t"] == "frame"
    assert columns["kind"]["t"] == "str" and "a" in columns["kind"]["lits"]
    assert columns["at"]["t"] == "datetime"
    assert columns["x"]["t"] == "num" and 2.5 in columns["x"]["lits"]
    assert specs["limit"]["t"] == "float"


@pytest.mark.parametrize(
    ("annotation", "value"), [("list[dict[str, str]]", "str"), ("list[dict[str, float]]", "float"), ("list", "any")]
)
def test_an_annotation_gives_the_values_of_records(annotation: str, value: str) -> None:
    loop = """    out = ''\n    for r in rows:\n        out += f'{r["a"]}'\n    return out\n"""
    code = f"def f(rows: {annotation}):\n{loop}"
    outline = next(iter(outlines(Trial("x", code, code, (2, 4), (2, 4)))))
    spec = parameters(outline, {})[0]["spec"]
    cell = spec["cols"] if spec["t"] == "frame" else spec["elem"]["items"]
    assert cell["a"]["t"] == value and (value == "any" or spec["elem"]["t"] == "record")


def live_after(code: str, line: int) -> set[str]:
    body = ast.parse(textwrap.dedent(code)).body
    stmt = next(n for n in ast.walk(ast.Module(body, [])) if isinstance(n, ast.stmt) and n.lineno == line)
    return set(Liveness(body).after(stmt))


@pytest.mark.parametrize(
    ("code", "line", "live"),
    [
        ("a = 1\nb = 2\nprint(a)", 2, {"a", "print"}),
        ("a = 1\na = 2\nprint(a)", 1, {"print"}),
        ("for i in xs:\n    t = i\n    u = t\nprint(u)", 2, {"t", "print"}),
        ("while c:\n    x = 1\n    y = x + z\n    z = y", 3, {"c", "y"}),
        ("for k in ks:\n    if old: print(old)\n    old = k", 3, {"old", "print"}),
        ("x = 1\ntry:\n    x = f()\n    y = 2\nexcept E:\n    print(x)", 4, set()),
        ("x = 1\ndef g(): return x\nx = 2", 3, {"x"}),
        ("x = 1\ny = [x for x in z]", 1, {"z"}),
    ],
)
def test_liveness(code: str, line: int, live: set[str]) -> None:
    assert live_after(code, line) - {"E", "f", "ks"} == live - {"E", "f", "ks"}


def test_read_first() -> None:
    assert read_first(ast.parse("t = 0\nfor x in xs:\n    t += x\n    u = v\n    v = t").body) == {"xs", "v"}


def test_parent_imports_neither_numpy_nor_pandas() -> None:
    code = "import sys, deloop.equivalence.verify; sys.exit(any(m in sys.modules for m in ('numpy', 'pandas')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_same_evidence_twice() -> None:
    trials = [place("dates", broken) for broken in (False, True)]
    first, second = judge(*trials), judge(*trials)
    for key, evidence in first.items():
        assert evidence.to_json() == second[key].to_json()


GROWN = (
    "import os\n\nfound = {}\nfor folder in os.listdir('.'):\n    for name in os.listdir(folder):\n"
    "        found[name] = folder\n"
)


@pytest.mark.parametrize(
    ("code", "unseen"),
    [
        (GROWN, ["found"]),
        (GROWN.replace("found = {}", "import kept\nfound = kept.found"), []),
        (GROWN.replace("found = {}", "found = {}\ndef look():\n    return found"), []),
        (GROWN.replace("found = {}", "found = {}\nfound.setdefault('.', '')"), ["found"]),
        (GROWN.replace("found = {}", "import kept\nfound = {}\nkept.look = found.items"), []),
    ],
)
def test_what_a_script_fills_is_not_seen_by_others_when_it_raises(code: str, unseen: list[str]) -> None:
    first = code.count("\n") - 1
    made = list(outlines(Trial("x", code, code, (first, first + 1), (first, first + 1))))
    assert made[-1].unseen == unseen
