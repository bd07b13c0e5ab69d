"""Files in and out: whatever the encoding and the line ends, the bytes outside an edit stay as they were."""

from __future__ import annotations

import ast
import codecs
import os
import random
import stat

import pytest

from deloop.sources import files
from deloop.sources.files import SourceError, SourceFile, WriteError, parse, read_source, write_atomic
from deloop.sources.positions import positions

LATIN = "# coding: latin-1\né = 1\n"
SHIFT = "# coding: shift-jis\nx = '表' + y\n"


def source(tmp_path, data: bytes) -> SourceFile:
    path = tmp_path / "code.py"
    path.write_bytes(data)
    return read_source(path)


@pytest.mark.parametrize(
    ("data", "text", "encoding", "bom"),
    [
        (b"x = 1\n", "x = 1\n", "utf-8", False),
        (codecs.BOM_UTF8 + "s = 'é'\r\n".encode(), "s = 'é'\n", "utf-8", True),
        ("# coding: latin-1\ns = 'é'\n".encode("latin-1"), "# coding: latin-1\ns = 'é'\n", "iso8859-1", False),
        (b"\r# -*- coding: cp1252 -*-\rs = '\x80'\r", "\n# -*- coding: cp1252 -*-\ns = '€'\n", "cp1252", False),
        (b"x = 1\n# coding: latin-1\n", "x = 1\n# coding: latin-1\n", "utf-8", False),
        (b"a\r\nb\rc\n\rd", "a\nb\nc\n\nd", "utf-8", False),
        ("s = 'a\x0bb\x0cc\u2028d\x85'\n".encode(), "s = 'a\x0bb\x0cc\u2028d\x85'\n", "utf-8", False),
        (b"", "", "utf-8", False),
    ],
)
def test_text_is_what_python_reads(tmp_path, data, text, encoding, bom):
    read = source(tmp_path, data)
    assert (read.text, read.encoding, read.bom) == (text, encoding, bom)
    assert read.with_text_edits([]).data == data


def test_the_text_parses_to_what_python_makes_of_the_bytes(tmp_path):
    for data in (
        b"if 1:\r\n    x = '''a\r\nb\rc'''\r\n",
        b"x = 1\ry = 2\r",
        b"\x0c\nif 1:\n\x0c    y = 2\n",
        codecs.BOM_UTF8 + b"x = 1",
    ):
        assert ast.dump(parse(source(tmp_path, data)), include_attributes=True) == ast.dump(
            ast.parse(data), include_attributes=True
        )


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"x = 1\n\ny = '\xff'\n", 3, "can't be decoded as utf-8: invalid start byte"),
        (b"a\r\rb\xff", 3, "can't be decoded as utf-8"),
        (b"# coding: klingon\n", 1, "declares the unknown encoding 'klingon'"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=nope :\n", 2, "declares the unknown encoding 'nope'"),
        (b"# coding: rot13\n", None, "is not a text encoding"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", 1, "starts with the mark of UTF-8"),
        (b"x = 1\ny = '\x00'\n", 2, "contains a null byte"),
        ("x = 1\n".encode("utf-16"), 1, "can't be decoded as utf-8"),
    ],
)
def test_what_is_no_text_is_named(tmp_path, data, line, message):
    with pytest.raises(SourceError) as caught:
        source(tmp_path, data)
    assert caught.value.line == line
    assert message in caught.value.message
    assert str(tmp_path / "code.py") in str(caught.value)


def test_missing_and_odd_files_are_named(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    odd = {"gone.py": "no such file", ".": "is a directory", "pipe.py": "not a regular file"}
    for name, message in (odd | dict.fromkeys(["loop.py", "null\0.py", "x" * 300], "can't be read")).items():
        with pytest.raises(SourceError, match=message):
            read_source(tmp_path / name)


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"x = 1\nfor\n", 2, "syntax error: invalid syntax"),
        (b"if 1:\n\tx\n        y\n", 3, "syntax error"),
        (b"x = " + b"(" * 500 + b")" * 500, None, ""),
        (b"-" * 200_000 + b"1\n", None, ""),
        (b"print 'x'\n", 1, "syntax error: Missing parentheses"),
    ],
)
def test_what_does_not_parse_is_named(tmp_path, data, line, message):
    with pytest.raises(SourceError) as caught:
        parse(source(tmp_path, data))
    assert message in caught.value.message
    assert line is None or caught.value.line == line


def test_parsing_warns_nobody(tmp_path, recwarn):
    parse(source(tmp_path, b"x = '\\d'\ny = 1 is 1\n"))
    assert not recwarn.list


@pytest.mark.parametrize(
    ("data", "edit", "result"),
    [
        (b"a\r\nb\r\nc", (2, 4, "x\ny\n"), b"a\r\nx\r\ny\r\nc"),
        (b"a\nb\r\nc\rd", (2, 3, "x\ny"), b"a\nx\r\ny\r\nc\rd"),
        (b"a\nb\r\nc\rd", (4, 5, "x\ny"), b"a\nb\r\nx\ry\rd"),
        (b"a\nb\r\nc\rd", (6, 7, "x\ny"), b"a\nb\r\nc\rx\ry"),
        (b"a\r\nb", (3, 3, "\nx"), b"a\r\nb\r\nx"),
        (b"a", (1, 1, "\nx\n"), b"a\nx\n"),
        (codecs.BOM_UTF8 + "é = 1\r\nb".encode(), (6, 7, "ü"), codecs.BOM_UTF8 + "é = 1\r\nü".encode()),
        (LATIN.encode("latin-1"), (22, 23, "'ü'"), LATIN.replace("= 1", "= 'ü'").encode("latin-1")),
        (SHIFT.encode("shift-jis"), (30, 31, "'表'"), SHIFT.replace("y", "'表'").encode("shift-jis")),
    ],
)
def test_edits_change_their_bytes_only(tmp_path, data, edit, result):
    changed = source(tmp_path, data).with_text_edits([edit])
    assert changed.data == result
    assert changed == SourceFile.from_bytes(changed.path, result)


def test_random_edits_match_the_same_edits_on_the_text(tmp_path):
    rng = random.Random(0)
    pieces = ["\n", "\r\n", "\r", "é", "a", "\u2028", "\x0c", "\t", "漢"]
    for bom in (b"", codecs.BOM_UTF8):
        for _ in range(300):
            data = bom + "".join(rng.choice(pieces) for _ in range(rng.randint(1, 20))).encode()
            file = SourceFile.from_bytes(tmp_path, data)
            cuts = sorted(rng.choices(range(len(file.text) + 1), k=4))
            edits = [(cuts[0], cuts[1], "x\ny"), (cuts[2], cuts[3], "")]
            expected = file.text[: cuts[0]] + "x\ny" + file.text[cuts[1] : cuts[2]] + file.text[cuts[3] :]
            try:
                changed = file.with_text_edits(edits)
            except SourceError as error:
                assert "safely" in error.message
                continue
            assert changed.text == expected
            head, tail = file.text[: cuts[0]], file.text[cuts[3] :]
            assert data.startswith(bom + head.split("\n")[0].encode())
            assert changed.data.endswith(tail.rsplit("\n", 1)[-1].encode())


def test_an_edit_between_two_line_ends_is_refused_rather_than_joining_them(tmp_path):
    with pytest.raises(SourceError, match="safely"):
        source(tmp_path, b"a\rb\nc").with_text_edits([(2, 3, "")])


def test_a_character_that_the_encoding_lacks_is_named(tmp_path):
    file = source(tmp_path, b"# coding: ascii\nx = 1\n")
    with pytest.raises(SourceError, match="ascii lacks") as caught:
        file.with_text_edits([(20, 21, "'é'")])
    assert caught.value.line == 2


def test_overlapping_edits_are_a_mistake_of_the_caller(tmp_path):
    with pytest.raises(ValueError, match="overlap"):
        source(tmp_path, b"abc").with_text_edits([(0, 2, ""), (1, 3, "")])


def test_positions_of_a_text_with_odd_characters():
    text = "a = 'é\u2028\x0c' + b\n\x0c\nc = 1"
    tree = ast.parse(text)
    spots = positions(text)
    assert [text[slice(*spots.span(node))] for node in tree.body] == ["a = 'é\u2028\x0c' + b", "c = 1"]
    assert text[slice(*spots.span(tree.body[0].value.right))] == "b"
    assert (spots.line_count, spots.line(2), spots.line(3), spots.line_start(9)) == (3, "\x0c", "c = 1", len(text))


# ---- writing


def names(folder) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_write_replaces_the_content_and_keeps_mode_and_link(tmp_path):
    real = tmp_path / "real.py"
    real.write_bytes(b"old")
    real.chmod(0o754)
    link = tmp_path / "link.py"
    link.symlink_to("real.py")
    write_atomic(link, b"new")
    assert link.is_symlink() and real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o754
    write_atomic(tmp_path / "fresh.py", b"1")
    assert names(tmp_path) == ["fresh.py", "link.py", "real.py"]


def test_a_read_only_file_is_left_alone(tmp_path, monkeypatch):
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    # the system's answer for a file without write permission; root would be allowed all the same
    monkeypatch.setattr(files.os, "access", lambda path, mode: False)
    with pytest.raises(WriteError, match="read-only") as caught:
        write_atomic(path, b"new")
    assert isinstance(caught.value, SourceError)
    assert path.read_bytes() == b"old" and names(tmp_path) == ["a.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_left_alone(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(WriteError, match="can't be written"):
            write_atomic(path, b"new")
    finally:
        tmp_path.chmod(0o755)
    assert path.read_bytes() == b"old"


def test_a_write_to_a_folder_or_into_none_is_named(tmp_path):
    for path in (tmp_path, tmp_path / "gone" / "a.py"):
        with pytest.raises(WriteError, match="can't be written"):
            write_atomic(path, b"new")
    assert names(tmp_path) == []


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_nothing_is_left_behind_when_a_write_is_stopped(tmp_path, monkeypatch, step, failure):
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def fail(*_):
        raise failure

    monkeypatch.setattr(files.os, step, fail)
    with pytest.raises((KeyboardInterrupt, WriteError)):
        write_atomic(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old" and names(tmp_path) == ["a.py"]
