"""Files as they are: read and written they are the same bytes, and a rewrite changes the lines of its loop only."""

import ast
import codecs
import importlib.util
from pathlib import Path

import pytest
import toy
from conftest import share
from hypothesis import given, settings
from hypothesis import strategies as st

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import PlacementError, place
from deloop.proposals.compose import checked_diff
from deloop.sources.diffs import changed_spans, split_lines
from deloop.sources.files import SourceError, SourceFile, parse, read_source
from deloop.sources.positions import positions

#: With the share of their files that is rewritten.
PACKAGES = {"pandas": 10, "numpy": 6, "scipy": 6}


def files_of(package: str) -> list[Path]:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        pytest.skip(f"{package} is not installed")
    return sorted(Path(found.submodule_search_locations[0]).rglob("*.py"))


def come_back(files: list[Path]) -> None:
    """Neither reading and writing a file nor putting each of its statements in its own place changes a byte."""
    assert files
    for file in files:
        source = read_source(file)
        assert source.with_text_edits([]).data == source.data == file.read_bytes()
        spots = positions(source.text)
        spans = [spots.span(statement) for statement in parse(source).body]
        edits = [(start, end, source.text[start:end]) for start, end in spans]
        assert source.with_text_edits(edits).data == source.data, file


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_files_of_large_packages_come_back(package: str) -> None:
    come_back(share(files_of(package), 24))


def is_remark(line: bytes) -> bool:
    """A comment that belongs to the statements moves with them."""
    return not line.strip() or line.lstrip().startswith(b"#")


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_rewrites_in_large_packages_touch_their_lines_only(package: str) -> None:
    """Whatever form is put in its place: what changes is the statements that it names, and lines that are added."""
    files, placed = files_of(package), 0
    project = Project.for_paths([files[0].parent])
    for file in share(files, PACKAGES[package]):
        source = read_source(file)
        tree = parse(source)
        for form in (form for finding in scan(source, project, tree=tree) for form in finding.forms):
            try:
                made = place(source.text, tree, form.edits, form.imports)
                after = source.with_text_edits(made.text_edits)
            except (PlacementError, SourceError):
                continue
            placed += 1
            first, last = made.before_lines
            for start, end, _ in changed_spans(source.data, after.data):
                gone = enumerate(split_lines(source.data)[start:end], start + 1)
                outside = [line for number, line in gone if not first <= number <= last]
                assert all(map(is_remark, outside)), f"{file}:{start + 1}"
            checked_diff("a.py", source, after)
    assert placed > 10


# ---- odd files, on the stand-in for the engine

LOOP = "out = []\nfor x in xs:\n    out.append(x * 2)\n"
AROUND = (
    "import os; import sys\n",
    "a = 1; b = 2 ; c = (a,\n   b) ;\n",
    "\x0c\n",
    "if True:\n\tinside = 1\n",
    "s = '''one\n  two\x0b \t\n'''\n",
    "n = [\n  1,2,   3 ] # type: list[int]\n",
    "def g(p,  # type: int\n      q):\n    # type: (...) -> int\n    return p+q\n",
    "# fmt: off\nm = [1,0,\n     0,1]\n# fmt: on\no = 1\n",
    "@property\n@ staticmethod\ndef h ( ) : return  0\n",
    "t = 'e\xe4\xf6' # \xfc\n",
    "class K: x=1; y = 2\n",
    "z = 1 \\\n  + 2\n",
    "   # odd indentation\n\n\n\n",
    "x = 5 # noqa ; E501\n",
)
ENCODINGS = {
    "utf-8": "",
    "utf-8-sig": "",
    "latin-1": "# -*- coding: latin-1 -*-\n",
    "cp1252": "# vim: set fileencoding=cp1252 :\n",
}


def odd(parts: list[str], encoding: str, ends: list[str], unended: bool) -> bytes:
    """A file with a loop in the middle. The ends of its lines are those of `ends`, in turn."""
    text = ENCODINGS[encoding] + "".join(parts)
    lines = text.split("\n")
    text = "".join(line + ends[k % len(ends)] for k, line in enumerate(lines[:-1])) + lines[-1]
    return (text.rstrip("\r\n") if unended else text).encode(encoding)


def rewritten(data: bytes) -> tuple[SourceFile, SourceFile, tuple[int, int]]:
    """The file before and after, and the lines of the loop."""
    source = SourceFile.from_bytes(Path("odd.py"), data)
    tree = parse(source)
    (finding,) = toy.scan(source, tree=tree)
    made = place(source.text, tree, finding.forms[-1].edits)
    return source, source.with_text_edits(made.text_edits), made.before_lines


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(AROUND), max_size=5),
    st.lists(st.sampled_from(AROUND), max_size=5),
    st.sampled_from(sorted(ENCODINGS)),
    st.lists(st.sampled_from(["\n", "\r\n"]), min_size=1, max_size=3),
    st.booleans(),
)
def test_a_rewrite_in_an_odd_file_touches_its_lines_only(
    above: list[str], below: list[str], encoding: str, ends: list[str], unended: bool
) -> None:
    data = odd([*above, LOOP, *below], encoding, ends, unended)
    source, after, (first, last) = rewritten(data)
    old, new = split_lines(source.data), split_lines(after.data)
    shift = len(new) - len(old)
    assert new[: first - 1] == old[: first - 1], "the lines above"
    if below:
        assert new[last + shift :] == old[last:], "the lines below"
    changed = b"".join(new[first - 1 : last + shift])
    assert b"out = [x * 2 for x in xs]" in changed
    assert changed.endswith(b"\r\n") in {line.endswith(b"\r\n") for line in old[first - 1 : last]}
    assert after.data.startswith(codecs.BOM_UTF8) == (encoding == "utf-8-sig")
    assert ast.dump(ast.parse(after.data)) == ast.dump(ast.parse(after.text))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_the_command_on_odd_files(tmp_path: Path, encoding: str, end: str) -> None:
    """Written, as a diff, and undone: all by the bytes."""
    data = odd([*AROUND[:7], LOOP, *AROUND[7:]], encoding, [end], True)
    file = tmp_path / "odd.py"
    file.write_bytes(data)
    diff = toy.call(["fix", "odd.py"], tmp_path).out
    assert toy.call(["fix", "--write", "odd.py"], tmp_path).returncode == 0
    written = file.read_bytes()
    loop = LOOP.replace("\n", end).encode()
    assert written == data.replace(loop, f"out = [x * 2 for x in xs]{end}".encode()) != data
    assert toy.call(["undo"], tmp_path).returncode == 0
    assert file.read_bytes() == data
    (tmp_path / "p.patch").write_bytes(diff)
    assert toy.call(["apply", "p.patch"], tmp_path).returncode == 0
    assert file.read_bytes() == written
