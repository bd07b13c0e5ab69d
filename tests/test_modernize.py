"""Retired API: every moderniser on its examples, the new form run beside the old one, and the real command."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from command_help import deloop
from conftest import share

from deloop.codemods.retired.base import Moderniser
from deloop.codemods.retired.pieces import Modernised, modernise
from deloop.codemods.retired.registry import MODERNISERS
from deloop.codemods.retired.uses import may_have_retired
from deloop.sources.files import SourceFile
from deloop.transforms.base import Example

RETIRED = Path(__file__).parent / "retired"
BOM = b"\xef\xbb\xbf"
EXAMPLES = [(m, e) for m in MODERNISERS for e in m.examples]
REFUSED = [(m, e) for m in MODERNISERS for e in m.refused]


def _ids(cases: list[tuple[type[Moderniser], Example]]) -> list[str]:
    return [f"{m.rule.code}-{(*m.examples, *m.refused).index(e) + 1}" for m, e in cases]


examples = pytest.mark.parametrize(("moderniser", "example"), EXAMPLES, ids=_ids(EXAMPLES))
refusals = pytest.mark.parametrize(("moderniser", "example"), REFUSED, ids=_ids(REFUSED))


def plain(code: str) -> str:
    return textwrap.dedent(code).strip("\n") + "\n"


def file(code: str | bytes) -> SourceFile:
    return SourceFile.from_bytes(Path("example.py"), code.encode() if isinstance(code, str) else code)


def applied(source: SourceFile) -> SourceFile:
    """The file with all that can be modernised in it, assumptions and all."""
    for _ in range(4):
        found = modernise(source)
        edits = {edit for one in found if one.placed is not None for edit in one.placed.text_edits}
        if not edits:
            return source
        source = source.with_text_edits(sorted(edits))
    raise AssertionError("does not come to rest")


def said(code: str) -> list[Modernised]:
    return [one for one in modernise(file(code)) if one.refusal is not None]


# ---- the examples


@examples
def test_becomes_exactly_that(moderniser: type[Moderniser], example: Example) -> None:
    after = applied(file(plain(example.before)))
    assert after.text == plain(example.after)
    assert said(after.text) == []
    compile(after.data, "example.py", "exec", dont_inherit=True)


@examples
def test_belongs_to_its_rule(moderniser: type[Moderniser], example: Example) -> None:
    rules = {rule for one in modernise(file(plain(example.before))) for rule in one.rules}
    assert moderniser.rule in rules
    assert not modernise(file(plain(example.before)), lambda rule: rule != moderniser.rule and rule not in rules)


@examples
@pytest.mark.parametrize(
    "dress",
    [
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="crlf"),
        pytest.param(lambda data: BOM + data, id="bom"),
        pytest.param(lambda data: data.removesuffix(b"\n"), id="unended"),
        pytest.param(lambda data: data.replace(b"    ", b"\t"), id="tabs"),
        pytest.param(lambda data: data.replace(b"\ndef", b"\n\x0cdef"), id="form-feed"),
    ],
)
def test_keeps_the_dress_of_the_file(
    moderniser: type[Moderniser], example: Example, dress: Callable[[bytes], bytes]
) -> None:
    source = file(dress(plain(example.before).encode()))
    after = applied(source)
    assert ast.dump(ast.parse(after.text)) == ast.dump(ast.parse(plain(example.after)))
    if b"\t" not in source.data:  # a line is broken where it is too long, and tabs make it shorter
        assert after.data == dress(plain(example.after).encode())


@refusals
def test_is_refused_for_its_reason(moderniser: type[Moderniser], example: Example) -> None:
    source = file(plain(example.before))
    assert applied(source).data == source.data
    found = [one for one in said(source.text) if one.rule == moderniser.rule]
    assert example.reason in [one.refusal.reason for one in found if one.refusal]
    for one in found:
        assert one.refusal is not None and 1 <= one.refusal.line <= source.text.count("\n")
        assert one.refusal.message and not one.refusal.message.endswith(".")


def test_codes_and_names_are_unique() -> None:
    assert len({m.rule.code for m in MODERNISERS}) == len({m.rule.name for m in MODERNISERS}) == len(MODERNISERS)
    assert all(m.rule.code.startswith("DL9") and m.refused and m.examples and m.until for m in MODERNISERS)


# ---- old and new form, run


@cache
def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"retired_{name}", RETIRED / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cases() -> dict[str, tuple[str, list[str]]]:
    found = {}
    for moderniser in MODERNISERS:
        for number, example in enumerate(moderniser.examples, 1):
            key = f"{moderniser.rule.code}-{number}"
            found[key] = (plain(example.before), _module("cases").EXAMPLES[key])
    return found | _module("cases").MORE


def results(folder: Path, code: dict[str, tuple[str, list[str]]], python: str, *words: str) -> dict[str, list[object]]:
    done = subprocess.run(
        [python, str(RETIRED / "runner.py"), *words],
        input=json.dumps(code),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    release = tuple(int(part) for part in found["pandas"].split(".")[:2])
    since = _module("cases").SINCE
    return {key: value for key, value in found["results"].items() if release >= since.get(key, (0, 0))}


@cache
def modern() -> dict[str, tuple[str, list[str]]]:
    return {key: (applied(file(before)).text, calls) for key, (before, calls) in cases().items()}


def test_pieces_for_the_comparison_are_modernised_whole() -> None:
    for key, (before, _) in cases().items():
        after = modern()[key][0]
        assert after != before and said(after) == [], key


def test_does_what_the_model_of_the_old_form_does(tmp_path: Path) -> None:
    old = results(tmp_path, cases(), sys.executable, "--model")
    new = results(tmp_path, modern(), sys.executable)
    for key in old:
        assert new[key] == old[key], key
    assert [key for key in old if old[key] and all(isinstance(one, str) for one in old[key])] == [], "only raise"


@pytest.mark.parametrize("python", [p for p in os.environ.get("OLD_PANDAS", "").split(os.pathsep) if p])
def test_does_what_the_old_form_did(python: str, tmp_path: Path) -> None:
    """With `OLD_PANDAS=python:python`, interpreters with an old pandas: where it has the old form, that is the oracle.

    The new form runs there as well if it can, else with the pandas of today.
    """
    old, there = results(tmp_path, cases(), python), results(tmp_path, modern(), python)
    here = results(tmp_path, modern(), sys.executable)
    ran = set()
    for key, given in old.items():
        for one, same, now in zip(given, there[key], here[key], strict=True):
            if isinstance(one, str) and one.startswith(("AttributeError", "TypeError", "ImportError")):
                continue
            assert one in (same, now), key
            ran.add(key)
    print(sorted(ran))
    assert len(ran) >= 8


# ---- what is decided, in detail

UNTOUCHED = {
    "a store into a column": "import pandas as pd\n\ndef f(t: pd.DataFrame):\n    s = t['a']\n    s.ix['b'] = 1\n",
    "a cell of a column": "import pandas as pd\n\ndef f(t: pd.DataFrame):\n    t['a'].set_value('b', 1)\n",
    "a list": "def f(xs: list, x):\n    xs.append(x)\n    xs.sort()\n    return xs\n",
    "an unknown receiver of `append` whose result is dropped": "def f(xs, x):\n    xs.append(x)\n",
    "a table's name for another thing": "def f(frames):\n    return [t.ix['a'] for t in frames]\n",
    "another module called np": "import nothing as np\n\nx = np.float(1)\n",
    "a name of one's own": "class np:\n    float = int\n\nx = np.float(1)\n",
    "dates with all arguments of today": "import pandas as pd\n\nx = pd.to_datetime(['2020'], errors='coerce')\n",
    "fillna with a value": "import pandas as pd\n\ndef f(t: pd.DataFrame):\n    return t.fillna(0, method=None)\n",
    "map of a list": "def f(xs):\n    return xs.applymap\n",
}


@pytest.mark.parametrize("code", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_leaves_alone(code: str) -> None:
    assert applied(file(code)).text == code


FRAME = "import numpy as np\nimport pandas as pd\n\ndef f(t: pd.DataFrame, s: pd.Series, n):\n"
STATEMENTS = {
    # the receiver over several lines keeps them, and comments stay
    "    x = (t\n         .iteritems())  # all\n": "    x = (t\n         .items())  # all\n",
    # a chain is done from the inside out
    "    x = t.append(t).append(t)\n": "    x = pd.concat([pd.concat([t, t]), t])\n",
    # strings and comments that look like it stay
    "    x = 't.ix[0]', np.NaN  # np.NaN\n": "    x = 't.ix[0]', np.nan  # np.NaN\n",
    # several on a line
    "    x = np.float(n); y = np.int(n)\n": "    x = float(n); y = int(n)\n",
    # the head of a compound statement, with a body on its line
    "    if np.isnan(np.NaN): print(np.Inf, file=None)\n": "    if np.isnan(np.nan): print(np.inf, file=None)\n",
    # arguments stay as they are written
    '    x = t.fillna( method = "ffill" , limit = 2 )\n': "    x = t.ffill( limit = 2 )\n",
    # a decorator, a default, a lambda
    "    g = lambda a=np.NaN: s.iteritems()\n": "    g = lambda a=np.nan: s.items()\n",
    # something other than a name that windows are read from
    "    x = pd.rolling_sum(s if n else s, 3)\n": "    x = (s if n else s).rolling(3).sum()\n",
    # unicode before it on the line
    '    x = "é😀", np.NaN\n': '    x = "é😀", np.nan\n',
}


STATEMENTS["    # a long comment above it" + " of many words" * 9 + "\n    x = t.append(t)\n"] = (
    "    # a long comment above it" + " of many words" * 9 + "\n    x = pd.concat([t, t])\n"
)


@pytest.mark.parametrize(("before", "after"), STATEMENTS.items())
def test_changes_only_the_use(before: str, after: str) -> None:
    assert applied(file(FRAME + before)).text == FRAME + after


def test_a_comment_in_the_way_is_kept() -> None:
    code = FRAME + "    return pd.rolling_mean(\n        s,  # prices\n        3,\n    )\n"
    assert applied(file(code)).text == code
    (left,) = said(code)
    assert left.refusal is not None and "comment" in left.refusal.message


def test_what_needs_an_assumption_waits_for_the_rest_of_its_statement() -> None:
    (first,) = modernise(file(FRAME + "    return t.ix[0, 'a'], np.NaN\n"))
    assert first.placed is not None and "t.ix[0, 'a'], np.nan" in first.placed.text
    (met,) = modernise(file(FRAME + "    return t.ix[0, 'a'], np.NaN\n"), met={"range-index"})
    assert met.placed is not None and "t.loc[0, 'a'], np.nan" in met.placed.text


def test_most_files_are_not_looked_into() -> None:
    assert not may_have_retired("import pandas as pd\n\ndef f(t):\n    return t.map(str).loc[0].items()\n")
    assert may_have_retired("x = t .ix[0]") and may_have_retired("np.float")


# ---- the command

MODULE = FRAME + "    for name, column in t.iteritems():\n        print(name)\n    return t.ix[0, 'a'], n.iteritems()\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old.py").write_text(MODULE)
    (tmp_path / "new.py").write_text("x = 1\n")
    return tmp_path


def test_prints_a_diff_and_writes_nothing(folder: Path) -> None:
    done = deloop(folder, "modernize")
    assert done.returncode == 1
    assert "+    for name, column in t.items():\n" in done.stdout and ".loc" not in done.stdout
    assert "old.py:5: DL901 iteritems: edit, safe, unverified: pandas 1.5 is the last with the old form" in done.stderr
    assert "old.py:7: DL904 ix: edit assumes range-index; apply it with --unsafe" in done.stderr
    assert "old.py:7: DL901 iteritems: left alone: unknown-kind: it is not known whether `n` is" in done.stderr
    assert (folder / "old.py").read_text() == MODULE


def test_writes_what_is_safe_and_with_a_word_the_rest(folder: Path) -> None:
    done = deloop(folder, "modernize", "--write")
    assert (done.returncode, done.stdout) == (0, "")
    assert (folder / "old.py").read_text() == MODULE.replace("t.iteritems", "t.items")
    assert deloop(folder, "modernize", "--exit-zero").returncode == 0
    done = deloop(folder, "modernize", "--write", "--unsafe")
    assert done.returncode == 0
    assert (folder / "old.py").read_text() == MODULE.replace("t.iteritems", "t.items").replace("ix", "loc")


def test_chooses_rules(folder: Path) -> None:
    assert deloop(folder, "modernize", "--select", "DL905").returncode == 0
    assert deloop(folder, "modernize", "--ignore", "iteritems").returncode == 0
    assert deloop(folder, "modernize", "--select", "DL99").returncode == 2


def test_comments_silence_rules(folder: Path) -> None:
    (folder / "old.py").write_text(MODULE.replace("iteritems():", "iteritems():  # noqa: DL901"))
    done = deloop(folder, "modernize")
    assert done.returncode == 0 and "old.py:5" not in done.stderr and "old.py:7: DL904" in done.stderr


def test_what_bowler_cannot_read_is_named_and_the_rest_goes_on(folder: Path) -> None:
    (folder / "match.py").write_text("import numpy as np\nmatch np.NaN:\n    case _:\n        pass\n")
    done = deloop(folder, "modernize", "--write")
    assert done.returncode == 2
    assert "match.py:2: is not modernised: Bowler's parser (fissix)" in done.stderr and "`match np.NaN:`" in done.stderr
    assert "items()" in (folder / "old.py").read_text()
    assert "np.NaN" in (folder / "match.py").read_text()


def in_git(folder: Path) -> Callable[..., str]:
    """The folder as a repository, and git in it."""

    def git(*words: str) -> str:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout

    git("init", "-q", "-b", "main")
    git("config", "user.name", "t")
    git("config", "user.email", "t@example.org")
    git("add", ".")
    git("commit", "-qm", "first")
    return git


def test_commits_on_a_branch(folder: Path) -> None:
    git = in_git(folder)
    done = deloop(folder, "modernize", "--branch", "modern", "--unsafe")
    assert done.returncode == 0, done.stderr
    assert git("log", "--format=%s", "main..modern").splitlines() == ["DL904 ix in old.py", "DL901 iteritems in old.py"]
    assert git("status", "--porcelain") == ""


@pytest.mark.parametrize(("per", "number"), share([("proposal", 2), ("rule", 2), ("file", 1), ("all", 1)], 2))
def test_sizes_of_commits(folder: Path, per: str, number: int) -> None:
    git = in_git(folder)
    done = deloop(folder, "modernize", "--branch", "modern", "--commit-per", per, "--unsafe")
    assert done.returncode == 0, done.stderr
    assert f"2 proposals in 1 file, committed on branch modern ({number} commit" in done.stderr
    subjects = git("log", "--reverse", "--format=%s", "main..modern").splitlines()
    one = ["Bring 2 uses of retired API in old.py up to date"]
    assert subjects == (one if number == 1 else ["DL901 iteritems in old.py", "DL904 ix in old.py"])
    assert "Speed-up" not in git("log", "--format=%B", "modern")
    for commit in git("rev-list", "main..modern").split():
        git("switch", "-q", "modern")
        git("revert", "--no-commit", commit)
        compile((folder / "old.py").read_text(), "old.py", "exec")
        git("reset", "-q", "--hard")


def test_patches_and_the_text_of_a_pull_request(folder: Path) -> None:
    before = (folder / "old.py").read_text()
    done = deloop(folder, "modernize", "--patch-dir", "out", "--pr-body", "pr.md", "--unsafe", "old.py")
    assert done.returncode == 0, done.stderr
    found = sorted(path.name for path in (folder / "out").iterdir())
    assert found == ["0001-DL901-iteritems-in-old.py.patch", "0002-DL904-ix-in-old.py.patch"]
    assert (folder / "old.py").read_text() == before
    assert deloop(folder, "apply", *(f"out/{name}" for name in found)).returncode == 0
    assert "t.items()" in (folder / "old.py").read_text()
    text = (folder / "pr.md").read_text()
    assert text.startswith(
        "## Bring 2 uses of retired API in 1 file up to date\n\n1 is safe whatever the data; 1 rests on"
    )
    assert "| Place | Rule | Safe | Commit |" in text and "0002-DL904-ix-in-old.py.patch |" in text
    assert "deloop verify" not in text and "loop replaced" not in text and "not run; the examples" in text


def test_options_that_need_others(folder: Path) -> None:
    for words in (["--commit-per", "file"], ["--pr-body", "x.md"], ["--write", "--patch-dir", "x"]):
        done = deloop(folder, "modernize", *words)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_review_on_a_terminal(folder: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    child = pexpect.spawn(sys.executable, ["-m", "deloop", "modernize", "--diff"], cwd=str(folder), timeout=60)
    child.expect("DL901 iteritems")
    child.expect(r"\?\] ")
    child.sendline("y")
    child.expect("DL904 ix")
    child.expect(r"\?\] ")
    child.sendline("q")
    child.expect(pexpect.EOF)
    assert (folder / "old.py").read_text() == MODULE.replace("t.iteritems", "t.items")


def test_what_was_declined_is_asked_again_on_request(folder: Path) -> None:
    pexpect = pytest.importorskip("pexpect")

    def answer(what: str, *more: str) -> str:
        words = ["-m", "deloop", "modernize", "--diff", *more]
        child = pexpect.spawn(sys.executable, words, cwd=str(folder), timeout=60, encoding="utf-8")
        child.expect(r"(DL90\d) ")
        asked = str(child.match[1])
        child.expect(r"\?\] ")
        child.sendline(what)
        child.sendline("q")
        child.expect(pexpect.EOF)
        return asked

    assert answer("n") == "DL901"
    assert answer("q") == "DL904"
    assert answer("q", "--ask-again") == "DL901"


def test_check_says_to_modernize_first(folder: Path) -> None:
    code = "def g(t: pd.DataFrame, f):\n    for i in t.index:\n        f(t.ix[i, 'a'])\n"
    (folder / "loop.py").write_text("import pandas as pd\n\n" + code)
    done = deloop(folder, "check", "loop.py")
    assert "modernize first: `deloop modernize loop.py` (`ix` in it is retired API)" in done.stdout
    rows = json.loads(deloop(folder, "check", "loop.py", "--output-format", "json").stdout)["findings"]
    assert rows[0]["status"] == "refused"


def test_a_frame_that_grows_is_seen_once_it_is_modern(folder: Path) -> None:
    growing = (
        "import pandas as pd\n\ndef g(names):\n    table = pd.DataFrame()\n    for name in names:\n"
        "        table = table.append({'name': str(name)}, ignore_index=True)\n    return table\n"
    )
    (folder / "loop.py").write_text(growing)
    assert "modernize first" in deloop(folder, "check", "loop.py").stdout
    assert deloop(folder, "modernize", "--write", "loop.py").returncode == 0
    rows = json.loads(deloop(folder, "check", "loop.py", "--output-format", "json").stdout)["findings"]
    assert [(row["rule"], row["status"]) for row in rows] == [("DL501", "proposal")]
