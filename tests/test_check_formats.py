"""The formats of `check`, each held against its own rules; the same bytes twice."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import toy

from deloop.commands.check import CheckFormat
from deloop.reports.formats import FORMATS, renderer

SOURCE = """\
def double(xs):
    out = []
    for x in xs:
        out.append(x * 2)
    return out


class Shown:
    def show(self, xs):
        größe = 1; s = "ä"
        for x in (
            xs
        ):
            # a remark

            print(x)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "pkg, 100%"
    inner.mkdir()
    (inner / "a:b.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "broken.py").write_text("for x in:\n")
    return tmp_path


def render(folder: Path, name: str, *words: str) -> str:
    done = toy.call(["check", "--output-format", name, *words], folder)
    assert done.returncode == 2, done.stderr
    return done.stdout


def test_every_format_is_known_to_the_command() -> None:
    assert [str(one) for one in CheckFormat] == list(FORMATS)
    for name in FORMATS:
        assert renderer(name)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_bytes_twice_and_in_a_file(folder: Path, name: str) -> None:
    first = render(folder, name)
    assert first
    assert first.endswith("\n")
    assert "\x1b" not in first
    assert render(folder, name) == first
    assert render(folder, name, "--output-file", "report") == ""
    assert (folder / "report").read_text(encoding="utf-8") == first


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    done = toy.call(["check", "--output-format", name], tmp_path)
    assert done.returncode == 0
    if name == "sarif":
        validate(json.loads(done.stdout))
    elif name == "junit":
        suites = ET.fromstring(done.stdout)
        assert (suites.get("tests"), suites.get("failures")) == ("1", "0")
    elif name == "gitlab":
        assert json.loads(done.stdout) == []


# ---- SARIF


def validate(log: dict[str, Any]) -> None:
    """Hold a log against the schema of SARIF 2.1.0, from which the models were generated: unknown fields are errors."""
    model = pytest.importorskip("pydantic_sarif.model")
    model.StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate(log)


def test_sarif_is_valid(folder: Path) -> None:
    log = json.loads(render(folder, "sarif"))
    validate(log)
    with pytest.raises(ValueError, match="colour"):
        validate(log | {"colour": 1})


def test_sarif(folder: Path) -> None:
    run = json.loads(render(folder, "sarif"))["runs"][0]
    proposal, refused = run["results"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["DL102", "DL201"]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    assert rules[0]["defaultConfiguration"]["level"] == "error"
    assert (proposal["ruleId"], rules[proposal["ruleIndex"]]["id"], proposal["level"]) == ("DL102", "DL102", "warning")
    place = proposal["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "pkg%2C%20100%25/a%3Ab.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 17}
    assert "side-effect, line 16" in refused["message"]["text"]
    assert refused["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 16
    assert refused["locations"][0]["logicalLocations"][0]["name"] == "show"
    wrong = run["invocations"][0]
    assert wrong["executionSuccessful"] is False
    assert wrong["toolExecutionNotifications"][0]["message"]["text"] == "syntax error: invalid syntax"


def prints(folder: Path, text: str) -> list[str]:
    (folder / "c.py").write_text(text)
    results = json.loads(toy.call(["check", "--output-format", "sarif", "c.py"], folder).stdout)["runs"][0]["results"]
    return [one["partialFingerprints"]["deloopLoop/v1"] for one in results]


def test_fingerprints_outlive_moves_and_layout(folder: Path) -> None:
    loop = "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x)\n"
    first = prints(folder, loop)
    assert len(first) == 1
    assert prints(folder, f"# a line\n\n{loop}") == first
    laid_out = loop.replace("append(x)", "append(\n            x,\n        )").replace(
        "xs:\n        ", "xs:  # hi\n\n        "
    )
    assert prints(folder, laid_out) == first
    assert prints(folder, loop.replace("append(x)", "append(y)")) != first
    assert prints(folder, loop.replace("def f", "def g")) != first
    twice = prints(folder, loop + "    for x in xs:\n        out.append(x)\n")
    assert twice == [first[0], first[0].replace(":1", ":2")]


# ---- the others


def test_github(folder: Path) -> None:
    first, second, error = render(folder, "github").splitlines()
    assert first == (
        "::warning title=deloop DL102 iloc-arithmetic,file=pkg%2C 100%25/a%3Ab.py,line=3,endLine=3,col=5,endColumn=17"
        "::Becomes a comprehension. Fixable by `deloop fix`: vector (unsafe: no-overflow), comprehension (safe)."
    )
    assert second.startswith("::warning title=deloop DL201 list-comprehension,file=pkg%2C 100%25/a%3Ab.py,line=11,")
    assert error == "::error title=deloop,file=broken.py,line=1::syntax error: invalid syntax"


def test_github_escapes_what_would_end_a_command() -> None:
    from deloop.reports.formats import github

    assert github._data("50 %\r\nof, a: b") == "50 %25%0D%0Aof, a: b"
    assert github._property("50 %\r\nof, a: b") == "50 %25%0D%0Aof%2C a%3A b"


def test_github_names_files_from_the_top_of_the_checkout(folder: Path) -> None:
    done = toy.call(["check", "--output-format", "github"], folder / "pkg, 100%")
    assert ",file=pkg%2C 100%25/a%3Ab.py," in done.stdout


def test_gitlab(folder: Path) -> None:
    found = json.loads(render(folder, "gitlab"))
    for one in found:
        assert sorted(one) == ["check_name", "description", "fingerprint", "location", "severity"]
        assert one["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert not one["location"]["path"].startswith((".", "/"))
        assert re.fullmatch(r"[0-9a-f]{32}", one["fingerprint"])
    assert len({one["fingerprint"] for one in found}) == 3
    assert [one["location"]["lines"]["begin"] for one in found] == [3, 11, 1]


def test_junit(folder: Path) -> None:
    suites = ET.fromstring(render(folder, "junit"))
    assert suites.tag == "testsuites"
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("3", "2", "1")
    for suite in suites:
        assert suite.tag == "testsuite"
        assert int(suite.get("tests") or 0) == len(suite)
        for case in suite:
            assert case.tag == "testcase"
            assert set(case.attrib) == {"name", "classname", "time"}
            (outcome,) = case
            assert outcome.tag in ("failure", "error")
            assert outcome.get("message")
    assert len({case.get("name") for case in suites.iter("testcase")}) == 3


def test_junit_holds_what_xml_can_hold() -> None:
    from deloop.reports.formats import junit

    assert junit._a('<"\x00\x1b\ud800&') == "'&lt;\"\ufffd\ufffd\ufffd&amp;'"


def test_markdown(folder: Path) -> None:
    lines = render(folder, "markdown").splitlines()
    assert lines[0] == "## deloop: 2 slow loops in 2 files (2 medium), 1 error."
    assert "### `pkg, 100%/a:b.py`" in lines
    rows = [line for line in lines if line.startswith("| ") and line[2].isdigit()]
    assert rows[0] == (
        "| 3 | DL102 iloc-arithmetic | medium | becomes a comprehension<br>"
        "**fixable**: vector (unsafe: no-overflow), comprehension (safe) |"
    )
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)


def test_text_shows_the_line_that_stands_in_the_way(folder: Path) -> None:
    assert render(folder, "text").splitlines()[8:] == [
        "pkg, 100%/a:b.py:11: DL201 list-comprehension [medium] `print` shows something on every round",
        '  10 |         größe = 1; s = "ä"',
        "  11 |         for x in (",
        "     |         ^^^^^^^^^^",
        "  12 |             xs",
        "  13 |         ):",
        "   ...",
        "  16 |             print(x)",
        "     |             -------- side-effect",
        "    left alone: side-effect, line 16",
        "    to unblock: compute first and print, plot or write afterwards; or allow it with --side-effects",
        "",
    ]


def test_marks_of_the_engine_have_columns(tmp_path: Path) -> None:
    """With the real engine: an expression behind other letters, and the header of a `while`."""
    (tmp_path / "a.py").write_text(
        "import pandas as pd\n\n\ndef f(df: pd.DataFrame):\n"
        '\täöü = "ß"; out = df.apply(lambda row: row["a"] + row["b"], axis=1)\n\treturn äöü, out\n',
        encoding="utf-8",
    )
    run = [sys.executable, "-m", "deloop", "check", "--output-format"]
    done = subprocess.run([*run, "sarif"], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)
    region = json.loads(done.stdout)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 5, "startColumn": 19, "endLine": 5, "endColumn": 68}
    done = subprocess.run([*run, "text"], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)
    code, marks = done.stdout.splitlines()[2:4]
    assert code.index("df.apply") == marks.index("^")
    assert marks.rstrip().endswith("^" * 49)


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False),
    ],
)
@pytest.mark.parametrize("name", ["text", "concise"])
def test_colours_only_where_they_are_wanted(folder: Path, env: dict[str, str], coloured: bool, name: str) -> None:
    plain = render(folder, name)
    words = ["check", "--output-format", name]
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm-256color", "COLUMNS": "40"}
    done = toy.call(words, folder, env=environment | env)
    assert ("\x1b[" in done.stdout) is coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", done.stdout) == plain, "colours change nothing else, whatever the width"
