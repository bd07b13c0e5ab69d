"""Notebooks: read as one text, changed in the `source` of a cell and nowhere else; with the real commands."""

from __future__ import annotations

import ast
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import command_help
import pytest
from command_help import deloop
from conftest import share

from deloop.sources.discovery import discover
from deloop.sources.files import SourceError, SourceFile, read_source
from deloop.sources.magics import masked
from deloop.sources.notebooks import Notebook

Cells = Sequence[tuple[str, str]]


def lines_of(source: str) -> list[str]:
    rows = source.split("\n")
    return [f"{row}\n" for row in rows[:-1]] + ([rows[-1]] if rows[-1] else [])


def document(cells: Cells, style: str = "list") -> dict[str, Any]:
    made: list[dict[str, Any]] = []
    for kind, source in cells:
        cell: dict[str, Any] = {"cell_type": kind, "metadata": {"z": [], "a": {"}": "]"}}}
        cell["source"] = lines_of(source) if style == "list" else source
        if kind == "code":
            output = {"output_type": "stream", "name": "stdout", "text": ['{"source": ["é\u2028"]}\n']}
            cell |= {"outputs": [output], "execution_count": 3}
        made.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}


def written(cells: Cells, style: str = "list", **how: Any) -> bytes:
    how = {"indent": 1, "ensure_ascii": False} | how
    return (json.dumps(document(cells, style), **how) + "\n").encode()


def notebook(cells: Cells, style: str = "list", **how: Any) -> Notebook:
    made = SourceFile.from_bytes(Path("n.ipynb"), written(cells, style, **how))
    assert isinstance(made, Notebook)
    return made


def code(*sources: str) -> Cells:
    return [("code", source) for source in sources]


# ---- what is read


def test_code_cells_are_one_text() -> None:
    found = notebook([("code", "a = 1\nb = 2"), ("markdown", "# not = code ("), ("code", "c = a\n"), ("code", "")])
    assert found.text == "a = 1\nb = 2\n\nc = a\n\n\n"
    assert [(cell.number, cell.line) for cell in found.cells] == [(1, 1), (3, 4), (4, 6)]
    assert [found.cell_at(line) for line in (1, 2, 4, 6)] == [(1, 1), (1, 2), (3, 1), (4, 1)]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("%matplotlib inline\nx = 1", "get_ipython(matplotlib, inline)\nx = 1"),
        ("!pip install a\nx = 1", "get_ipython(pip, install, a)\nx = 1"),
        ("x = !ls {where}", "x = get_ipython(ls, where)"),
        ("x, y = %sql select", "x, y = get_ipython(sql, select)"),
        ("df?", "get_ipython(df)"),
        ("?df.head", "get_ipython(df)"),
        ("df.head??", "get_ipython(df)"),
        ("if x:\n    !ls\n    y = 1", "if x:\n    get_ipython(ls)\n    y = 1"),
        ("%run other.py", "from get_ipython import *"),
        ("!echo \\\n  more\nx = 1", "get_ipython(echo, more)\n\nx = 1"),
        ("%%bash\necho $x\nls", "get_ipython(bash, echo, x, ls)\n\n"),
        ("%%time\nx = f(y)\n!ls", "get_ipython(time)\nx = f(y)\nget_ipython(ls)"),
        ("%%capture out\nprint 'x'", "get_ipython(capture, out, print, x)\n"),
        ("%%timeit\nx = f(y)", "x = get_ipython(timeit, x, f, y)\n"),
        ("  x = 1\n  if x:\n    y = 2", "x = 1\nif x:\n  y = 2"),
        ("\n  %time\n  x = 1", "\nget_ipython(time)\nx = 1"),
        ("x = (7\n%2)", "x = (7\n%2)"),
        ("x = 7 \\\n% 2", "x = 7 \\\n% 2"),
        ("x = '''\n%time\n!ls\n'''", "x = '''\n%time\n!ls\n'''"),
        ("x = 'it\\'s'  # why?\n%time f(x)", "x = 'it\\'s'  # why?\nget_ipython(time, f, x)"),
        ("x = 5 % 2\ny != x", "x = 5 % 2\ny != x"),
        ("# what is this?\nx = 1", "# what is this?\nx = 1"),
    ],
)
def test_what_is_no_python_has_a_stand_in(source: str, shown: str) -> None:
    rows, plain = masked(source)
    assert "\n".join(rows) == shown
    assert len(rows) == len(plain) == source.count("\n") + 1
    ast.parse(shown)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "its JSON is broken"),
        (b'{\n "cells": [}', "its JSON is broken"),
        (b"[]", "it says no `nbformat`"),
        (b'{"nbformat": 3, "worksheets": []}', "of format 3, and 4 is read: convert it with `jupyter nbconvert"),
        (b'{"nbformat": 4, "cells": {}}', "it has no list of `cells`"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "cell 1 has no `source`"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}', "cell 1 has no `source`"),
        (b'{"nbformat": 4, "cells": ["\xff"]}', "can't be decoded as utf-8"),
        (written([("markdown", "x"), ("code", "a = 1\nprint 'a'")]), "cell 2, line 2: syntax error"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_notebook_is_said(data: bytes, said: str) -> None:
    with pytest.raises(SourceError) as problem:
        SourceFile.from_bytes(Path("n.ipynb"), data)
    assert said in problem.value.message


def test_other_languages_and_no_code_have_no_text() -> None:
    other = document(code("x <- 1"))
    other["metadata"] = {"kernelspec": {"language": "R", "name": "ir", "display_name": "R"}}
    assert SourceFile.from_bytes(Path("n.ipynb"), json.dumps(other).encode()).text == ""
    assert notebook([("markdown", "# x")]).text == ""
    assert notebook([]).text == ""


def test_discovery_finds_notebooks_but_no_checkpoints(tmp_path: Path) -> None:
    for name in ("a.ipynb", "b.py", ".ipynb_checkpoints/a-checkpoint.ipynb", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(written([]))
    files, errors = discover([tmp_path])
    assert ([file.name for file in files], errors) == (["a.ipynb", "b.py"], [])


def test_large_outputs_are_passed_over_quickly(tmp_path: Path) -> None:
    cells = document(code("x = 1", "y = 2"))
    cells["cells"][0]["outputs"] = [{"data": {"image/png": "A\\u0041" * 4_000_000, "text": ['"}]'] * 100_000}}]
    (tmp_path / "n.ipynb").write_text(json.dumps(cells, indent=1))
    since = time.perf_counter()
    found = read_source(tmp_path / "n.ipynb")
    after = found.with_text_edits([(4, 5, "7")])
    assert time.perf_counter() - since < 10
    assert len(after.data) == len(found.data) and after.text.startswith("x = 7\n")


def test_lines_of_the_file(tmp_path: Path) -> None:
    for style in ("list", "string"):
        found = notebook(
            [("markdown", "x"), ("code", "a = 1\nb = 2"), ("code", "%%bash\nls"), ("code", "c = 3\n\nd")], style
        )
        rows = found.data.decode().split("\n")
        for line, word in ((1, "a = 1"), (2, "b = 2"), (4, "%%bash"), (5, "ls"), (7, "c = 3"), (9, "d")):
            assert word in rows[found.file_line(line) - 1]


# ---- what is changed

SOURCES = ["import os\nx = 'é'", "%time f(x)\ny = [1,\n     2]\n", "", "z = '\\n\u2028😀'\nprint(z)"]


@pytest.mark.parametrize("style", ["list", "string"])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"indent": 4, "ensure_ascii": True},
        {"indent": None, "separators": (",", ":")},
        {"indent": "\t", "sort_keys": True},
    ],
    ids=["usual", "ascii", "one line", "tabs"],
)
def test_only_the_source_of_a_cell_changes(style: str, how: dict[str, Any]) -> None:
    found = notebook(code(*SOURCES), style, **how)
    at = found.text.index("x = ")
    end = found.text.index("     2]")
    edits = [(at, at + 1, "longer"), (end, end, "     1.5,\n"), (len(found.text) - 1, len(found.text) - 1, "print()\n")]
    after = found.with_text_edits(edits)
    new = [SOURCES[0].replace("x =", "longer ="), SOURCES[1].replace("     2]", "     1.5,\n     2]"), "", None]
    new[3] = SOURCES[3] + "\nprint()"
    assert after.data == written(code(*[one or "" for one in new]), style, **how)


def test_bytes_of_an_unusual_layout_stay() -> None:
    raw = (
        b'\xef\xbb\xbf{ "nbformat":4 , "cells":\r\n[ {"source" :[ "a = \\u0031\\n" ,\r\n\t"b\\u0020= 2\\n", "c = 3" ] ,'
        b'"cell_type":"code", "outputs":[{"text":"\\/"}]}],"metadata":{}}'
    )
    found = SourceFile.from_bytes(Path("n.ipynb"), raw)
    assert found.text == "a = 1\nb = 2\nc = 3\n\n"
    after = found.with_text_edits([(12, 13, "d"), (18, 18, "\n")])
    assert after.data == raw.replace(b'"c = 3"', b'"d = 3\\n" ,\r\n\t"\\n"')
    assert found.with_text_edits([]).data == raw
    assert found.with_text_edits([(6, 12, "")]).data == raw.replace(b'"b\\u0020= 2\\n", ', b"")


def test_an_edit_over_two_cells_or_of_a_magic_is_refused() -> None:
    found = notebook(code("a = 1", "b = 2\n!ls\nc = 3"))
    edits = ((0, 9, ""), (14, 16, "x"), (7, 16, "x = 1"))
    for edit, said in zip(edits, ("over two cells", "a magic", "a magic"), strict=True):
        with pytest.raises(SourceError) as problem:
            found.with_text_edits([edit])
        assert said in problem.value.message
    above = found.with_text_edits([(found.text.index("get"), found.text.index("get"), "x = 1\n")])
    assert json.loads(above.data)["cells"][1]["source"] == ["b = 2\n", "x = 1\n", "!ls\n", "c = 3"]


def test_a_cell_with_carriage_returns_is_left_alone() -> None:
    found = notebook(code("a = 1\r\nb = 2", "print(a)"))
    assert found.text == "a = b = get_ipython(a, b)\n\n\nprint(a)\n\n"
    with pytest.raises(SourceError):
        found.with_text_edits([(0, 1, "c")])


@pytest.mark.parametrize("style", ["list", "string"])
def test_random_edits_give_the_text_that_they_should(style: str) -> None:
    """Whatever is inserted or replaced within a cell, the text is the edited text and the rest of the JSON the same."""
    chance = random.Random(7)
    for _ in range(300):
        sources = ["\n".join(f"v{k} = {chance.choice(['1', repr('é'), '[]'])}" for k in range(chance.randint(0, 4)))]
        sources += [chance.choice(["", "w = 1", "w = 1\n", "!ls\nw = 2", "\n\nw = 1\n\n"]) for _ in range(3)]
        found = notebook(code(*sources), style, ensure_ascii=chance.random() < 0.5)
        cell = chance.choice(found.cells)
        rows = [row for row in range(len(cell.lines)) if cell.plain[row]]
        if not rows:
            continue
        row = chance.choice(rows)
        start = cell.start + sum(len(line) + 1 for line in cell.lines[:row])
        end = start + (len(cell.lines[row]) + 1 if chance.random() < 0.5 else 0)
        new = chance.choice(["", "new = 'ü'\n", "new = 1\nnewer = 2\n"])
        after = found.with_text_edits([(start, end, new)])
        assert after.text == found.text[:start] + new + found.text[end:]
        old, changed = json.loads(found.data), json.loads(after.data)
        for one in (old, changed):
            one["cells"][cell.number - 1].pop("source")
        assert old == changed


def test_nbformat_takes_what_is_written() -> None:
    nbformat = pytest.importorskip("nbformat")
    found = notebook(code("x = 1\ny = 2", "print(x)"), sort_keys=True)
    after = found.with_text_edits([(6, 12, "")])
    nbformat.validate(nbformat.reads(after.data.decode(), as_version=4))
    assert nbformat.reads(after.data.decode(), as_version=4).cells[0].source == "x = 1"


# ---- the commands

ANALYSIS = [
    ("markdown", "# Prices"),
    ("code", "%matplotlib inline\nimport numpy as np\nimport pandas as pd"),
    ("code", "def doubled(xs: list):\n    out = []\n    for x in xs:\n        out.append(x * 2)\n    return out"),
    ("code", "%%time\nprices = pd.read_csv('prices.csv')"),
    ("code", "!head prices.csv\nsquares = []\nfor n in range(10):\n    squares.append(n * n)"),
    ("code", "for name, column in prices.iteritems():\n    print(name)"),
    ("code", "print(squares, n)"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prices.ipynb").write_bytes(written(ANALYSIS))
    return tmp_path


def cells(folder: Path) -> list[str]:
    found = json.loads((folder / "prices.ipynb").read_bytes())
    return ["".join(cell["source"]) for cell in found["cells"]]


def test_check_names_cell_and_line(folder: Path) -> None:
    done = deloop(folder, "check")
    assert "prices.ipynb:cell 3:line 3: DL201" in done.stdout or "prices.ipynb:cell 3:line 3: DL103" in done.stdout
    assert "prices.ipynb:cell 5:line 3: DL201" in done.stdout
    assert "  3 | for n in range(10):" in done.stdout and "column in prices" not in done.stdout.split("cell 6")[0]
    rows = json.loads(deloop(folder, "check", "--output-format", "json").stdout)["findings"]
    assert [(row["file"], row["cell"], row["line"]) for row in rows] == [
        ("prices.ipynb", 3, 3),
        ("prices.ipynb", 5, 3),
        ("prices.ipynb", 6, 1),
    ]


def test_tools_that_count_lines_get_those_of_the_file(folder: Path) -> None:
    rows = (folder / "prices.ipynb").read_text().split("\n")
    line = next(number for number, row in enumerate(rows, 1) if "for x in xs" in row)
    said = deloop(folder, "check", "--output-format", "github").stdout
    assert f"file=prices.ipynb,line={line},endLine={line}" in said and "::Cell 3, line 3: Becomes" in said
    found = json.loads(deloop(folder, "check", "--output-format", "sarif").stdout)["runs"][0]["results"][0]
    assert found["locations"][0]["physicalLocation"]["region"]["startLine"] == line


def test_a_cell_in_an_editor_is_plain_code() -> None:
    from deloop.editors.document import source_of

    assert source_of(Path("n.ipynb"), "x = 1\n").text == "x = 1\n"


def test_a_name_that_a_later_cell_reads_stays(folder: Path) -> None:
    """`n` is printed in the last cell: a comprehension would not leave it behind."""
    (row,) = (
        row
        for row in json.loads(deloop(folder, "check", "--output-format", "json").stdout)["findings"]
        if row["cell"] == 5
    )
    assert row["status"] == "refused" and row["reason"] == "value-read-later"


def test_fix_shows_a_diff_by_cell_and_writes_only_that(folder: Path) -> None:
    before = (folder / "prices.ipynb").read_bytes()
    done = deloop(folder, "fix", "--select", "DL201")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("--- a/prices.ipynb, cell 3") and "-        out.append(x * 2)\n" in done.stdout
    assert "prices.ipynb:cell 3:line 3: DL201 list-comprehension: comprehension, safe, verified on" in done.stderr
    assert (folder / "prices.ipynb").read_bytes() == before
    done = deloop(folder, "fix", "--select", "DL201", "--write")
    assert done.returncode == 0, done.stderr
    after = cells(folder)
    assert after[2] == "def doubled(xs: list):\n    out = [x * 2 for x in xs]\n    return out"
    assert [one for k, one in enumerate(after) if k != 2] == [one for k, (_, one) in enumerate(ANALYSIS) if k != 2]
    changed = dict(enumerate(ANALYSIS))
    changed[2] = ("code", after[2])
    assert (folder / "prices.ipynb").read_bytes() == written([changed[k] for k in range(len(ANALYSIS))])
    assert deloop(folder, "undo").returncode == 0
    assert (folder / "prices.ipynb").read_bytes() == before


def test_an_import_goes_to_the_cell_of_imports(folder: Path) -> None:
    plain = [("code", "import pandas as pd"), ("code", "def f(t: pd.DataFrame):\n    return t.replace(0, pd.np.nan)")]
    (folder / "prices.ipynb").write_bytes(written(plain))
    assert deloop(folder, "modernize", "--write").returncode == 0
    assert cells(folder)[0] == "import numpy as np\nimport pandas as pd" and "np.nan" in cells(folder)[1]


def test_modernize_verify_and_run(folder: Path) -> None:
    done = deloop(folder, "modernize", "--write")
    assert done.returncode == 0 and cells(folder)[5].startswith("for name, column in prices.items():")
    done = deloop(folder, "verify", "--select", "DL201")
    assert "prices.ipynb:cell 3:line 3" in done.stdout and "verified on" in done.stdout
    (folder / "mods.py").write_text("def shout(source):\n    return source.replace('squares', 'SQUARES')\n")
    assert deloop(folder, "run", "mods:shout", "prices.ipynb", "--write").returncode == 0
    assert "SQUARES" in cells(folder)[4] and cells(folder)[6] == "print(SQUARES, n)"


def test_what_a_magic_holds_is_left_alone(folder: Path) -> None:
    timed = code("import numpy as np", "%%time\nx = np.float(1)\ny = 2", "z = np.int(2)\n!ls")
    (folder / "prices.ipynb").write_bytes(written(timed))
    done = deloop(folder, "modernize", "--write")
    assert done.returncode == 0 and cells(folder) == [timed[0][1], timed[1][1], "z = int(2)\n!ls"]
    assert "cell 2:line 2: DL906 numpy-builtins: edit not offered: line 2 of cell 2 is a magic" in done.stderr
    (folder / "mods.py").write_text("def shout(source):\n    return source.replace('x = ', 'w = ').replace('z', 'Z')\n")
    done = deloop(folder, "run", "mods:shout", "prices.ipynb", "--write")
    assert cells(folder)[2] == "Z = int(2)\n!ls" and "not offered: line" in done.stderr


def test_scaffold_of_a_notebook_runs(folder: Path) -> None:
    done = deloop(folder, "scaffold", "--select", "DL201")
    assert done.returncode in (0, 1), done.stderr
    tests = sorted(folder.rglob("test_*.py"))
    assert tests, done.stderr
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, tests)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert ran.returncode == 0, ran.stdout


def test_branch_commits_the_notebook(folder: Path) -> None:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout

    git("init", "-q", "-b", "main")
    git("config", "user.name", "t")
    git("config", "user.email", "t@example.org")
    git("add", ".")
    git("commit", "-qm", "first")
    done = deloop(folder, "fix", "--select", "DL201", "--branch", "fast")
    assert done.returncode == 0, done.stderr
    assert "prices.ipynb:cell 3:line 3" in git("log", "-1", "--format=%B", "fast")
    assert git("diff", "--stat", "main", "fast").startswith(" prices.ipynb |")


@pytest.mark.parametrize("indent", share([1, None], 2))
def test_a_patch_is_applied_as_it_was_meant(folder: Path, indent: int | None) -> None:
    """What `--patch-dir` writes makes of the notebook what `--write` makes of it, outputs and metadata untouched."""
    target = folder / "prices.ipynb"
    before = written(ANALYSIS, indent=indent)
    target.write_bytes(before)
    done = deloop(folder, "fix", "--select", "DL201", "--patch-dir", "out")
    assert done.returncode == 0 and target.read_bytes() == before, done.stderr
    (patch,) = (folder / "out").iterdir()
    done = deloop(folder, "apply", str(patch))
    assert done.returncode == 0, done.stderr
    found = target.read_bytes()
    old, new = json.loads(before), json.loads(found)
    assert "out = [x * 2 for x in xs]" in "".join(new["cells"][2].pop("source"))
    old["cells"][2].pop("source")
    assert new == old
    assert deloop(folder, "undo").returncode == 0 and target.read_bytes() == before
    assert deloop(folder, "fix", "--select", "DL201", "--write").returncode == 0
    assert target.read_bytes() == found


def test_the_diff_of_a_cell_is_applied_too(folder: Path) -> None:
    """Also when the notebook has been run since: only the text of the cell counts."""
    target = folder / "prices.ipynb"
    (folder / "a.patch").write_bytes(deloop(folder, "fix", "--select", "DL201").stdout.encode())
    rerun = written(ANALYSIS).replace(b'"execution_count": 3', b'"execution_count": 8').replace(b"stdout", b"stderr")
    target.write_bytes(rerun)
    done = deloop(folder, "apply", "a.patch")
    assert (done.returncode, done.stderr.split("\n")[0]) == (0, "prices.ipynb, cell 3: 1 change, written")
    applied = target.read_bytes()
    target.write_bytes(rerun)
    assert deloop(folder, "fix", "--select", "DL201", "--write").returncode == 0
    assert target.read_bytes() == applied


def test_the_diff_of_a_cell_that_is_another_now(folder: Path) -> None:
    (folder / "a.patch").write_bytes(deloop(folder, "fix", "--select", "DL201").stdout.encode())
    for cells, said in (
        (code("a = 1", "b = 2", "c = 3"), "prices.ipynb, cell 3:"),
        (code("a = 1"), "has no code cell 3"),
    ):
        (folder / "prices.ipynb").write_bytes(written(cells))
        done = deloop(folder, "apply", "a.patch")
        assert done.returncode and said in done.stderr and "Traceback" not in done.stderr
        assert (folder / "prices.ipynb").read_bytes() == written(cells)


def test_review_shows_the_cell(folder: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    words = [command_help.__file__, "fix", "--diff", "--select", "DL201"]
    child = pexpect.spawn(sys.executable, words, cwd=str(folder), timeout=120)
    child.expect("prices.ipynb:cell 3:line 3 doubled")
    child.expect(r"\?\] ")
    child.sendline("y")
    child.expect(pexpect.EOF)
    assert "out = [x * 2 for x in xs]" in cells(folder)[2]


BROKEN = [
    ("code", "import pandas as pd\nprices = pd.read_csv('prices.csv')\nlimit = 3"),
    ("code", "def doubled(xs: list):\n    out = []\n    for x in xs:\n        out.append(x * 2)\n    return out"),
    ("code", "rest = for the numbers of [prices\nlimit"),
    ("code", "found = []\nfor n in [1, 2, 3]:\n    found.append(n * 2)"),
]


def statuses(folder: Path, cells: Cells) -> tuple[list[tuple[int, str]], str]:
    (folder / "prices.ipynb").write_bytes(written(cells))
    done = deloop(folder, "check", "--output-format", "json")
    found = json.loads(done.stdout)
    rows = [(row["cell"], row["status"]) for row in found["findings"]]
    return rows, "\n".join(f"{row['file']}: {row['message']}" for row in found["errors"])


def test_one_cell_that_does_not_parse_leaves_the_others(folder: Path) -> None:
    found, said = statuses(folder, BROKEN)
    assert found == [(2, "proposal"), (4, "proposal")]
    assert "prices.ipynb: cell 3, line 1: syntax error" in said and "the others are read as if it could do any" in said
    done = deloop(folder, "fix", "--write", "--select", "DL201")
    assert done.returncode == 2 and "1 error, see above" in done.stderr
    assert done.stderr.count("syntax error") == 1
    after = cells(folder)
    assert "for x in xs]" in after[1] and after[2] == BROKEN[2][1], "the broken cell stays"


@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        ("print(n) for", "what it reads is left behind"),
        ("exec('print(n)') for", "it may read anything"),
        ("locals() +", "it may read anything"),
    ],
)
def test_what_a_broken_cell_may_read_stays(folder: Path, broken: str, kept: str) -> None:
    found, _ = statuses(folder, [*BROKEN[:2], BROKEN[3], ("code", broken)])
    assert found == [(2, "proposal"), (3, "refused")], kept


def test_what_a_broken_cell_may_bind_is_unknown(folder: Path) -> None:
    """It may define the helper anew, under which the loop would be something else."""
    helper = ("code", "def helper(x):\n    return x + 1")
    loop = (
        "code",
        "import pandas as pd\ndef f(df: pd.DataFrame):\n    out = []\n    for i in range(len(df)):\n"
        "        out.append(helper(df['a'].iloc[i]))\n    return out",
    )
    for extra, vector in (([], True), ([("code", "def helper(x) return x")], False), ([("code", "pd.x( 1 2")], True)):
        (folder / "prices.ipynb").write_bytes(written([helper, loop, *extra]))
        told = deloop(folder, "check").stdout
        assert "fixable: " in told and ("vector" in told) == vector, extra


def test_python_2_is_left_out_whole(folder: Path) -> None:
    """Its other cells mean something else, too: `7 / 2` is 3."""
    old = ("code", "print 'total', 7 / 2")
    found, said = statuses(folder, [*BROKEN[:2], old])
    assert found == [] and "prices.ipynb: cell 3, line 1: syntax error" in said and "as if" not in said


def test_broken_ones_are_named_and_the_rest_goes_on(folder: Path) -> None:
    (folder / "old.ipynb").write_text('{"nbformat": 3, "worksheets": []}')
    (folder / "bad.ipynb").write_text('{"nbformat": 4,\n "cells": [')
    (folder / "py2.ipynb").write_bytes(written(code("print 'x'")))
    done = deloop(folder, "check")
    assert done.returncode == 2
    assert "old.ipynb: is a notebook of format 3" in done.stderr and "bad.ipynb:2: is no notebook" in done.stderr
    assert "py2.ipynb: cell 1, line 1: syntax error" in done.stderr
    assert "prices.ipynb:cell 3" in done.stdout
