"""`deloop report`: the audit as Markdown and as one HTML file, its history, and what hostile input does to it."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
import toy

from deloop.proposals.history import Entry, read, with_run
from deloop.reports import document_html, document_markdown
from deloop.reports.charts import bars, lines
from deloop.reports.document import Bar, Bars, Code, Document, Heading, Line, Lines, Listing, Points, Table
from deloop.reports.document_style import STYLE
from deloop.sources.suppressions import suppressions_in

LOOP = """\
def double(xs):
    out = []
    for x in xs:{comment}
        out.append(x * 2)
    return out
"""
TALK = """\
def talk(xs):
    for x in xs:
        print(x)
"""
HOSTILE = "</code><script>alert(1)</script>|`<img src=x onerror=y>&amp;\\"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.deloop]\n")
    (tmp_path / "a.py").write_text(LOOP.format(comment=""))
    (tmp_path / "b.py").write_text(TALK)
    (tmp_path / "c.py").write_text(LOOP.format(comment="  # deloop: ignore[DL201] forty rows at most"))
    (tmp_path / "d.py").write_text(LOOP.format(comment="  # noqa: DL201"))
    return tmp_path


def report(folder: Path, *words: str, status: int = 0) -> str:
    env = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    done = toy.call(["report", *words], folder, env=env)
    assert done.returncode == status, done.stderr
    return done.stdout


def page(folder: Path, *words: str, status: int = 0) -> ET.Element:
    return parsed(report(folder, "--output-format", "html", *words, status=status))


def parsed(text: str) -> ET.Element:
    """The page, which has to be well-formed; nothing in it may load anything or lead away."""
    assert text.startswith("<!DOCTYPE html>\n<html lang=")
    root = ET.fromstring(text.partition("\n")[2])
    for element in root.iter():
        assert element.tag not in {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"}
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in {"src", "srcset", "style", "action", "data", "poster"}
            assert name != "href" or value.startswith("#")
    style = "".join(element.text or "" for element in root.iter("style"))
    assert style == STYLE
    assert not re.search(r"url\(|@import|https?:|expression", style)
    names = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(names) == len(set(names))
    for element in root.iter("a"):
        assert element.attrib["href"][1:] in names
    return root


def words_of(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def section(root: ET.Element, anchor: str) -> str:
    """The words between one heading with an anchor and the next."""
    (main,) = root.iter("main")
    inside, found = False, []
    for element in main:
        if element.tag == "h2":
            inside = element.attrib["id"] == anchor
        if inside:
            found.append(words_of(element))
    return "\n".join(found)


def test_where_every_loop_stands(folder: Path) -> None:
    text = report(folder)
    assert "**2 open slow loops** (2 medium)." in text
    assert "1 can be rewritten safely" in text
    assert "1 left alone" in text
    assert "| medium | 2 | 1 | 0 | 1 |" in text
    assert "### side-effect (1)" in text
    assert "| `b.py:2` talk | DL201 list-comprehension medium | 3 |" in text
    assert "`print(x)`" in text, "the line that blocks"
    assert "| `c.py:3` double | `DL201 list-comprehension` | forty rows at most |" in text
    without = text.partition("### Without a reason")[2]
    assert "`d.py:3` double" in without
    assert "for x in xs:\n    out.append(x * 2)" in text
    assert "Not run yet, and not measured." in text
    assert not re.search(r"\d+x at", text), "a figure that nobody measured"
    root = page(folder)
    assert "2 open slow loops" in section(root, "summary")
    assert "forty rows at most" in section(root, "justified")
    assert "print(x)" in section(root, "left")


def test_no_open_loop_is_reached_by_justifying(folder: Path) -> None:
    for name in ("a.py", "b.py", "d.py"):
        (folder / name).unlink()
    text = report(folder)
    assert "**No open slow loop.** 1 loop is justified in the code." in text
    assert "Hot spots" not in text
    assert "No open slow loop." in section(page(folder), "summary")


def test_evidence_where_it_was_run(folder: Path) -> None:
    text = report(folder, "--verify")
    assert "verified on 84 inputs (4 where both raise)" in text
    assert "1.2x at 50, 38x at 20,000" in text
    assert "+    out = [x * 2 for x in xs]" in text
    assert "Inputs: empty, one row" in text
    # What was shown is known to the next report, which runs nothing.
    later = report(folder)
    assert "Shown by an earlier run of the verifier" in later
    assert "38x at 20,000" in later
    assert "+    out" not in later
    changed = (folder / "a.py").read_text().replace("* 2", "* 3")
    (folder / "a.py").write_text(changed)
    assert "38x" not in report(folder)


def test_what_speaks_against_a_rewrite_is_told(folder: Path) -> None:
    env = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    refuted = [["[x * 2 for", "refuted", {}], ["np.asarray", "unverified", {}]]
    done = toy.call(["report", "--verify", "--output-format", "html"], folder, env=env, answers=refuted)
    told = section(parsed(done.stdout), "held")
    assert "refuted" in told
    assert "xs = [1]" in told
    assert "`helper`" in told or "helper" in told
    assert "0 can be rewritten" not in done.stdout


def test_file_and_format(folder: Path) -> None:
    html = report(folder, "--output-format", "html")
    assert report(folder, "--output-file", "out/../x.html") == ""
    assert (folder / "x.html").read_text(encoding="utf-8") == html
    report(folder, "--output-file", "x.md")
    assert (folder / "x.md").read_text(encoding="utf-8") == report(folder)
    report(folder, "--output-file", "y.html", "--output-format", "markdown")
    assert (folder / "y.html").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("words", [(), ("--output-format", "html"), ("--date", "2026-11-29")])
def test_the_same_bytes_twice(folder: Path, words: tuple[str, ...]) -> None:
    first = report(folder, *words)
    assert first.endswith("\n")
    assert report(folder, *words) == first
    assert ("2026" in first) == ("--date" in words)


def test_dates(folder: Path) -> None:
    done = toy.call(["report"], folder, env=os.environ | {"SOURCE_DATE_EPOCH": "86400"})
    assert "1970-01-02" in done.stdout
    assert toy.call(["report"], folder, env=os.environ | {"SOURCE_DATE_EPOCH": "soon"}).returncode == 2
    assert report(folder, "--date", "29.11.2026", status=2) == ""


def test_progress_over_time(folder: Path) -> None:
    assert "Progress" not in report(folder)
    report(folder, "--record", "--date", "2026-01-02", "-q")
    report(folder, "--record", "--date", "2026-01-02", "-q")
    runs = read(folder / ".deloop-history.json")
    assert [(run.date, run.open, run.safe, run.left, run.justified, run.silenced) for run in runs] == [
        ("2026-01-02", 2, 1, 1, 1, 1)
    ]
    (folder / "b.py").unlink()
    text = report(folder, "--record", "--date", "2026-02-03", "-q")
    assert "1 open now, 1 fewer than on 2026-01-02." in text
    assert "| 2026-02-03 |  | 1 | 0 | 1 | 0 | 1 | 1 |" in text
    root = page(folder, "--date", "2026-02-03")
    (line,) = [p for p in root.iter("polyline") if p.attrib["class"] == "open"]
    assert line.attrib["points"] == "0.00,0.00 100.00,50.00"
    # Another scope does not compare.
    assert "Over time" not in report(folder, "a.py")
    assert "Over time" not in report(folder, "--severity", "high")
    # What is not recorded is shown as the last point, where it has a date.
    (folder / "a.py").unlink()
    assert "0 open now, 2 fewer than on 2026-01-02." in report(folder, "--date", "2026-03-04")
    assert len(read(folder / ".deloop-history.json")) == 2


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 2, "runs": []}', '{"version": 1, "runs": [{}]}', '{"version": 1, "runs": 3}']
)
def test_a_history_that_is_none(folder: Path, text: str) -> None:
    (folder / ".deloop-history.json").write_text(text)
    done = toy.call(["report"], folder)
    assert done.returncode == 2
    assert ".deloop-history.json" in done.stderr
    assert done.stderr.count("\n") == 1
    assert toy.call(["report", "--record"], folder).returncode == 2
    assert (folder / ".deloop-history.json").read_text() == text


def test_runs_are_in_order_of_their_dates() -> None:
    made = [Entry("2026-02-01", "a", "."), Entry("2026-03-01", "b", ".")]
    assert [run.revision for run in with_run(made, Entry("2026-02-15", "c", "."))] == ["a", "c", "b"]


def test_against_the_baseline(folder: Path) -> None:
    toy.call(["check", "--write-baseline"], folder)
    (folder / "b.py").unlink()
    (folder / "e.py").write_text(LOOP.format(comment="").replace("* 2", "* 7"))
    before = (folder / ".deloop-baseline.json").read_bytes()
    text = report(folder, "--baseline", ".deloop-baseline.json")
    assert "The baseline has 2 loops. 1 of those are still there, 1 gone. 1 loop not in it." in text
    assert "| `e.py:3` double |" in text.partition("New: 1")[2].partition("</details>")[0]
    assert "| `b.py` talk |" in text.partition("Gone: 1")[2].partition("</details>")[0]
    assert "**2 open slow loops**" in text, "those that are known are open still"
    assert (folder / ".deloop-baseline.json").read_bytes() == before
    assert report(folder, "--baseline", "none.json", status=2) == ""


def test_broken_files_are_named_and_the_report_is_written(folder: Path) -> None:
    (folder / "broken.py").write_text("for x in:\n")
    text = report(folder, status=2)
    assert "## Not looked at" in text
    assert "broken.py:1" in text
    assert "**2 open slow loops**" in text


def test_hostile_code_is_shown_and_not_obeyed(folder: Path) -> None:
    name = 'x"><script>alert(1)<!--`|&lt;.py'
    (folder / name).write_text(
        "def f(xs):\n    out = []\n    for x in xs:\n"
        "        out.append('</code></pre><script>alert(2)</script> ``` | http://x.org \\x1b')\n    return out\n"
        + LOOP.format(comment="  # deloop: ignore <img src=x onerror=alert(3)> | ` \u202e")
        + "def g(xs):\n    for x in xs:\n        print('<svg onload=alert(4)> | `` https://x.org', x)\n"
    )
    text = report(folder, "--output-format", "html")
    root = parsed(text)
    assert "<script" not in text
    assert "\u202e" not in text
    assert "out.append('</code></pre><script>alert(2)</script>" in words_of(root)
    assert "<img src=x onerror=alert(3)>" in section(root, "justified")
    assert "<svg onload=alert(4)>" in section(root, "left")
    assert name in words_of(root)


def test_hostile_code_in_markdown(folder: Path) -> None:
    (folder / "g|h`.py").write_text(
        "def g(xs):\n    for x in xs:\n        print('<b>|</b> ``` | \\\\|', x)\n\n\n"
        f"{LOOP.format(comment='  # deloop: ignore a | b <script> [x](y) *z*').replace('x * 2', repr(chr(96) * 4))}"
        f"{LOOP.format(comment='').replace('x * 2', repr(chr(96) * 4)).replace('double', 'other')}"
    )
    text = report(folder)
    outside = re.sub(r"(?ms)^(`{3,})\w+\n.*?^\1$", "", text)
    for block in re.findall(r"(?m)(?:^\|.*\n)+", outside):
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in block.splitlines()}
        assert len(widths) == 1, block
    assert "<script>" not in outside
    assert "\\<script\\>" in outside
    assert "`````python" in text, "a fence is longer than what stands in it"


def test_what_may_be_in_a_document(tmp_path: Path) -> None:
    """Every piece of text that a writer gets is escaped, whatever it is part of."""
    blocks = [
        Heading(2, (HOSTILE, Code(HOSTILE)), "one"),
        Points([(HOSTILE,)]),
        Table(HOSTILE, (HOSTILE, HOSTILE), [((Code(HOSTILE),), (HOSTILE,))]),
        Listing(HOSTILE, [HOSTILE, f"+{HOSTILE}", "\x00\ud800\u202e"], diff=True),
        Bars(HOSTILE, HOSTILE, [Bar(HOSTILE, [("safe", 3)])]),
        Lines(HOSTILE, HOSTILE, ["2026-01-01"], [Line("open", HOSTILE, [0])]),
    ]
    made = Document(HOSTILE, (HOSTILE,), blocks, (HOSTILE,))
    text = document_html.render(made)
    root = parsed(text)
    shown = "".join(root.itertext())
    assert shown.count("<script>alert(1)</script>") >= 10
    text.encode("utf-8")
    markdown = document_markdown.render(made)
    outside = re.sub(r"(?ms)^(`{3,})\w+\n.*?^\1$|`+ .*? `+", "", markdown)
    assert not re.search(r"(?<!\\)<(?!/?details|/?summary)", outside)


def test_the_page_can_be_read_by_all(folder: Path) -> None:
    report(folder, "--record", "--date", "2026-01-02", "-q")
    root = page(folder, "--date", "2026-02-03", "--verify")
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels)), "no level is left out"
    for table in root.iter("table"):
        assert table.find("caption") is not None
        assert all(th.attrib["scope"] == "col" for th in table.iterfind("thead/tr/th"))
        for row in table.iterfind("tbody/tr"):
            assert [cell.tag for cell in row] == ["th"] + ["td"] * (len(row) - 1)
            assert len(row) == len(table.findall("thead/tr/th"))
    charts = [svg for svg in root.iter("svg") if svg.attrib.get("role") == "img"]
    assert len(charts) == 3
    for svg in charts:
        named = svg.attrib["aria-labelledby"].split()
        assert [child.attrib["id"] for child in svg[:2]] == named
        assert [child.tag for child in svg[:2]] == ["title", "desc"]
        assert all(child.text for child in svg[:2])
    assert any(e.attrib.get("name") == "viewport" for e in root.iter("meta"))
    assert root.attrib["lang"] == "en"


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("theme", [0, 1, 2])
def test_contrast(theme: int) -> None:
    """Light, dark and print: words at 4.5 to 1, the bars of charts at 3 to 1."""
    found = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    assert len(found) == 3
    colours = dict(re.findall(r"--(\w+): (#\w{6})", found[theme]))

    def ratio(one: str, other: str) -> float:
        a, b = sorted((luminance(colours[one]), luminance(colours[other])), reverse=True)
        return (a + 0.05) / (b + 0.05)

    for ink in ("ink", "soft", "safe", "unsafe", "held", "high", "medium", "low", "link"):
        assert ratio(ink, "ground") >= 4.5, ink
    for ground in ("well", "added", "gone"):
        assert ratio("ink", ground) >= 4.5
    assert ratio("soft", "well") >= 4.5
    assert ratio("left", "ground") >= 3


def test_charts_with_nothing_in_them() -> None:
    assert ET.fromstring(f"<p>{bars(Bars('t', 'd', [Bar('x', [('safe', 0)])]), 'c')}</p>") is not None
    one = lines(Lines("t", "d", ["2026-01-01"], [Line("open", "open", [0])]), "c")
    assert ET.fromstring(f"<p>{one}</p>") is not None
    same_day = lines(Lines("t", "d", ["2026-01-01"] * 3, [Line("open", "open", [4, 2, 0])]), "c")
    assert 'points="0.00,0.00 50.00,50.00 100.00,100.00"' in same_day


def test_a_long_loop_and_long_lines_are_cut(folder: Path) -> None:
    body = "".join(f"        x = x + {k}  # {'y' * 5000}\n" for k in range(200))
    (folder / "long.py").write_text(f"def f(xs):\n    for x in xs:\n        print(x)\n{body}")
    text = report(folder, "--output-format", "html")
    assert len(text) < 60_000
    parsed(text)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("for x in y:  # deloop: ignore[DL101] forty rows\n    pass\n", "forty rows"),
        ("for x in y:  # deloop: ignore, it is fast\n    pass\n", "it is fast"),
        ("for x in y:  # noqa: DL101 - read by people  # type: ignore\n    pass\n", "read by people"),
        ("for x in y:  # noqa\n    pass\n", ""),
        ("# deloop: ignore[DL101] a reason that needs\n# more than one line\nfor x in y:\n    pass\n",
         "a reason that needs more than one line"),
        ("# deloop: ignore[DL101]\n# noqa: DL102 other\nfor x in y:\n    pass\n", ""),
        ("# deloop: ignore[DL101] one\n\n# another remark\nfor x in y:\n    pass\n", "one"),
    ],
)  # fmt: skip
def test_the_reason_of_a_comment(code: str, reason: str) -> None:
    assert suppressions_in(code).comments[0].reason == reason


def test_a_whole_file_with_its_reason(folder: Path) -> None:
    (folder / "c.py").write_text("# deloop: ignore-file: made by a generator\n" + LOOP.format(comment=""))
    assert "| `c.py:4` double | `DL201 list-comprehension` | made by a generator |" in report(folder)


def test_times_that_were_recorded_come_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from deloop.reports import profile

    found = {"calls": 2, "rounds": 8, "seconds": 1.5, "share": 0.5, "of": 3.0}
    monkeypatch.setattr(profile.Profile, "of", lambda self, f: found if f.file == "b.py" else None)
    text = report(folder)
    assert "Ordered by recorded time" in text
    assert text.index("| `b.py` | 1 |") < text.index("| `a.py` | 1 |")
    assert "| `b.py` | 1 | 1 | 0 | 1.500 s |" in text
    assert "Recorded: 50.0 % of the time, 1.500 s in 2 calls, 8 rounds." in text


def test_the_options_of_the_guide() -> None:
    from typer.main import get_command

    from deloop.cli import app

    text = (Path(__file__).parent.parent / "docs" / "report.md").read_text(encoding="utf-8")
    table = text.partition("## Options")[2]
    told = {
        option for row in re.findall(r"^\| (`--.*?) \|", table, re.MULTILINE) for option in re.findall("--[a-z-]+", row)
    }
    command = get_command(app).commands["report"]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert told == known - {"--help"}


NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "chrome-headless-shell")
BROWSER = os.environ.get("DELOOP_BROWSER") or next(filter(None, map(shutil.which, NAMES)), "")


@pytest.mark.slow
@pytest.mark.skipif(not BROWSER, reason="no Chromium on the path (DELOOP_BROWSER names one)")
@pytest.mark.parametrize("wide", [320, 1200])
def test_a_browser_shows_it_without_scrolling_sideways(folder: Path, wide: int) -> None:
    long = "a_" * 60
    (folder / f"{long}.py").write_text(LOOP.format(comment="").replace("double", long).replace("x * 2", f"x * {long}"))
    (folder / "talk.py").write_text(TALK.replace("talk", long).replace("print(x)", f"print({long!r}, x)"))
    report(folder, "--record", "--date", "2026-01-02", "-q")
    text = report(folder, "--date", "2026-02-03", "--verify", "--output-format", "html")
    # The page has no script: what measures it stands in a frame around it.
    opened = text.replace("<details>", '<details open="">')
    (folder / "inner.html").write_text(opened, encoding="utf-8")
    inner = json.dumps(opened).replace("</", "<\\/")
    (folder / "outer.html").write_text(
        f"<!DOCTYPE html><iframe id=f style='width:{wide}px;height:900px;border:0'></iframe><pre id=told></pre>"
        f"<script>f.srcdoc = {inner}; f.onload = () => {{ const d = f.contentDocument, e = d.documentElement;"
        "const out = [...d.querySelectorAll('main *')].filter(n => !n.closest('pre, svg, thead') &&"
        " n.getBoundingClientRect().right > e.clientWidth + 1).map(n => n.tagName);"
        "told.textContent = `scroll ${e.scrollWidth} of ${e.clientWidth}; out ${out.length} ${out.slice(0, 5)};"
        " rect ${Math.round(d.querySelector('svg rect').getBoundingClientRect().width)}` }</script>",
        encoding="utf-8",
    )
    for budget in (3_000, 20_000, 60_000):  # milliseconds: a busy machine may not have shown the frame by then
        with tempfile.TemporaryDirectory() as home:
            words = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}", "--dump-dom"]
            url = (folder / "outer.html").as_uri()
            words += [f"--virtual-time-budget={budget}", url]
            done = subprocess.run(words, capture_output=True, text=True, timeout=120)
        told = Told()
        told.feed(done.stdout)
        if found := re.search(r"scroll (\d+) of (\d+); out (\d+) (.*?); rect (\d+)", told.text):
            break
    assert found, done.stderr[-500:]
    assert found[1] == found[2], "the page is wider than the screen"
    assert found[3] == "0", found[4]
    assert int(found[5]) > 50


class Told(HTMLParser):
    """What stands in the element `told`."""

    text = ""
    inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = self.inside or ("id", "told") in attrs

    def handle_data(self, data: str) -> None:
        self.text += data if self.inside else ""


def test_the_revision_tells_code_that_was_changed_from_reports_that_were_written(folder: Path) -> None:
    def git(*words: str) -> str:
        named = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        return subprocess.run(["git", *named, *words], cwd=folder, capture_output=True, text=True, check=True).stdout

    git("init", "--quiet")
    (folder / "report.md").write_text("")
    git("add", "--all")
    git("commit", "--quiet", "-m", "Start")
    commit = git("rev-parse", "--short=10", "HEAD").strip()
    report(folder, "--output-file", "report.md", "-q")
    first = (folder / "report.md").read_bytes()
    assert f"revision {commit}.".encode() in first
    report(folder, "--output-file", "report.md", "-q")
    assert (folder / "report.md").read_bytes() == first
    (folder / "b.py").write_text(f"{TALK}\n")
    assert f"revision {commit}+." in report(folder).replace("\\", "")
