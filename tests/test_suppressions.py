"""`# noqa`, `# deloop: ignore` and `# deloop: ignore-file`: what they silence, in all commands."""

import json
from pathlib import Path

import pytest
import toy

from deloop.sources.suppressions import suppressions_in

LOOP = """\
def double(xs):
    out = []
    for x in xs:{comment}
        out.append(x * 2)
    return out
"""


def found(folder: Path, text: str, *words: str) -> list[tuple[int, str]]:
    (folder / "a.py").write_text(text)
    done = toy.call(["check", "--output-format", "json", *words], folder)
    return [(row["line"], row["rule"]) for row in json.loads(done.stdout)["findings"]]


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# NOQA",
        "#noqa:DL102",
        "# noqa: DL102",
        "# noqa: E501, DL102",
        "# noqa: E501 DL102 for a reason",
        "# noqa: DL1",
        "# noqa: DL201",  # the rule of another form of the same loop
        "# a remark  # noqa: DL102",
        "# noqa: E501  # noqa: DL102",
        "# deloop: ignore",
        "# deloop: ignore, it is fast enough",
        "# deloop: ignore[DL102]",
        "# deloop: ignore[DL102] it is fast enough",
        "# deloop:ignore[iloc-arithmetic, DL4]",
        "# type: ignore  # deloop: ignore[dl102]",
    ],
)
def test_what_silences_a_loop(tmp_path: Path, comment: str) -> None:
    assert found(tmp_path, LOOP.format(comment=f"  {comment}")) == []


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "# noqa: E501",
        "# noqa: DL301",
        "# noqa: because",
        "# noqa-not",
        "# type: ignore",
        "# deloop: ignore[DL301]",
        "# deloop: ignore[]",
        "# deloop: ignored",
        "# deloop: ignore-file",  # only on a line of its own
        "# about deloop: it ignores this",
    ],
)
def test_what_does_not(tmp_path: Path, comment: str) -> None:
    assert found(tmp_path, LOOP.format(comment=f"  {comment}")) == [(3, "DL102")]


HEADER = """\
def double():
    out = []
    for x in (  {first}
        1,  {inner}
        2,
    ):  {last}
        {body}
        out.append(x * 2)  {after}
    return out
"""


@pytest.mark.parametrize(
    ("place", "silenced"), [("first", True), ("last", True), ("inner", False), ("body", False), ("after", False)]
)
def test_a_header_of_several_lines(tmp_path: Path, place: str, silenced: bool) -> None:
    comments = dict.fromkeys(("first", "inner", "last", "body", "after"), "")
    text = HEADER.format(**(comments | {place: "# deloop: ignore[DL102]"}))
    assert found(tmp_path, text) == ([] if silenced else [(3, "DL102")])


def test_a_comment_above_the_loop(tmp_path: Path) -> None:
    above = "    out = []\n    # deloop: ignore[DL102] a reason that takes\n    # two lines\n"
    text = LOOP.format(comment="").replace("    out = []\n", above)
    assert found(tmp_path, text) == []
    assert found(tmp_path, text.replace("deloop: ignore[DL102]", "noqa: DL102")) == [(5, "DL102")]


@pytest.mark.parametrize("text", ['"""\n# deloop: ignore-file\n"""\n', "x = '# noqa'  # deloop: ignore-file\n"])
def test_what_only_looks_like_a_comment_for_the_file(tmp_path: Path, text: str) -> None:
    assert len(found(tmp_path, text + LOOP.format(comment=""))) == 1


def test_a_whole_file(tmp_path: Path) -> None:
    assert found(tmp_path, LOOP.format(comment="") + "\n\n# deloop: ignore-file  it is generated\n") == []


def test_texts_do_not_count(tmp_path: Path) -> None:
    assert found(tmp_path, LOOP.format(comment="").replace("xs:", "xs or '# noqa':")) == [(3, "DL102")]


@pytest.mark.parametrize("command", [("fix",), ("verify",), ("scaffold", "--output", "t")])
def test_nothing_is_proposed_for_a_silenced_loop(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "a.py").write_text(LOOP.format(comment="  # noqa: DL201"))
    done = toy.call(command, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == ""
    assert "a.py:3" not in done.stderr


def test_they_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(LOOP.format(comment="  # noqa"))
    done = toy.call(["check"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No loops worth a look in 1 file.\n  1 silenced by a comment.\n"


def test_comments_of_no_use(tmp_path: Path) -> None:
    text = LOOP.format(comment="  # noqa: DL102") + "\nx = 1  # noqa: DL201, E501\ny = 2  # noqa: E501\nz = 3  # noqa\n"
    (tmp_path / "a.py").write_text(text)
    (tmp_path / "b.py").write_text("x = 1  # deloop: ignore\n")
    done = toy.call(["check", "--show-unused"], tmp_path)
    assert done.returncode == 0
    assert done.stderr.splitlines()[:2] == [
        "a.py:7: `# noqa: DL201, E501` silences nothing of deloop's here: remove DL201",
        "b.py:1: `# deloop: ignore` silences nothing here: remove it",
    ]


def test_comments_are_found_in_odd_texts() -> None:
    assert suppressions_in("for x in y: pass  # noqa\\\n").comments
    assert suppressions_in("\f\nfor x in y:  # noqa\n    pass").comments
    assert suppressions_in("x = (  # noqa: DL1\n").comments == ()
    assert suppressions_in("if x:\n\ty\n  z  # noqa\n").comments == ()
