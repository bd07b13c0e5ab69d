"""Jupyter notebooks: their code cells as one text, changed by changing nothing but the `source` of a cell."""

from __future__ import annotations

import ast
import codecs
import json
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from .files import SourceError, SourceFile
from .json_spans import Span, elements, members, start_of
from .magics import hidden, masked, unknown

SUFFIX = ".ipynb"
#: Cells that do not parse and have more characters than this are no slips.
_LONGEST = 20_000
_PYTHON = re.compile(r"i?python[0-9.]*\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """A code cell. `number` counts all cells of the notebook from 1, `start` and `line` say where its lines begin.

    `lines` are those of the text and `plain` says which of them are as they stand in the cell. `span` is the value of
    its `source` in the JSON text. `broken` says why it does not parse: then it may do anything, as far as one knows.
    """

    number: int
    source: str
    span: Span
    lines: tuple[str, ...]
    plain: tuple[bool, ...]
    start: int
    line: int
    broken: str = ""

    @property
    def length(self) -> int:
        """The characters of its lines in the text, line ends included."""
        return sum(len(line) + 1 for line in self.lines)


@dataclass(frozen=True)
class Notebook(SourceFile):
    """A notebook as a source file: `text` are the lines of its code cells, with an empty line behind each cell.

    Lines that are no Python (see `magics`) have stand-ins in the text, and can't be changed.
    """

    @classmethod
    def from_bytes(cls, path: Path, data: bytes) -> Notebook:
        """Read a notebook. Raises SourceError."""
        bom = data.startswith(codecs.BOM_UTF8)
        try:
            raw = data.decode("utf-8-sig")
            cells = _cells_of(path, raw, json.loads(raw))
        except UnicodeDecodeError as error:
            raise SourceError(path, None, f"is no notebook: can't be decoded as utf-8: {error.reason}") from None
        except json.JSONDecodeError as error:
            raise SourceError(path, error.lineno, f"is no notebook: its JSON is broken: {error.msg}") from None
        except RecursionError:
            raise SourceError(path, None, "is no notebook: its JSON is nested too deeply") from None
        text = "".join("".join(f"{line}\n" for line in cell.lines) + "\n" for cell in cells)
        if "\0" in text:
            raise SourceError(path, None, "contains a null character")
        made = cls(path, data, text, "utf-8", bom)
        made.__dict__.update(raw=raw, cells=cells)  # so that they are not read once more
        return made

    @cached_property
    def raw(self) -> str:
        """The JSON text."""
        return self.data.decode("utf-8-sig")

    @cached_property
    def cells(self) -> list[Cell]:
        return _cells_of(self.path, self.raw, json.loads(self.raw))

    @property
    def remarks(self) -> list[str]:
        """What is to be said of cells that do not parse."""
        return [f"{one.broken}; the others are read as if it could do anything" for one in self.cells if one.broken]

    @property
    def code(self) -> bytes:
        return self.text.encode("utf-8", "surrogatepass")

    def cell_at(self, line: int) -> tuple[int, int]:
        """The number of the cell that a line of the text belongs to, and the line in it; both from 1."""
        cell = self.cells[max(bisect_right([cell.line for cell in self.cells], line) - 1, 0)]
        return cell.number, line - cell.line + 1

    def file_line(self, line: int) -> int:
        """The line of the JSON text in which a line of the text is written."""
        cell = self.cells[max(bisect_right([cell.line for cell in self.cells], line) - 1, 0)]
        at = cell.span.start
        if self.raw[at] == "[":
            left = sum(len(row) + 1 for row in cell.source.split("\n")[: line - cell.line])
            for span in elements(self.raw, at):
                at = span.start
                left -= len(json.loads(self.raw[span.start : span.end]))
                if left < 0:
                    break
        return self.raw.count("\n", 0, at) + 1

    def with_text_edits(self, edits: Iterable[tuple[int, int, str]]) -> Notebook:
        """The notebook with some edits done in its cells, every byte outside of their `source` as it was.

        Raises SourceError if an edit reaches over two cells, or changes a line that is no Python.
        """
        edits = list(edits)
        out, at, text, done = [], 0, [], 0
        by_cell: dict[int, list[tuple[int, int, str]]] = {}
        for start, end, new in edits:
            if not done <= start <= end <= len(self.text):
                raise ValueError("edits overlap, or lie outside the text")
            text += [self.text[done:start], new]
            done = end
            if (start, end, new) != (start, start, ""):
                index, first, last = self._placed(start, end)
                by_cell.setdefault(index, []).append((first, last, new))
        for index in sorted(by_cell):
            cell = self.cells[index]
            new = _edited(cell, by_cell[index])
            out += [self.raw[at : cell.span.start], _encoded(self.raw, cell, new)]
            at = cell.span.end
        mark = codecs.BOM_UTF8 if self.bom else b""
        changed = Notebook.from_bytes(self.path, mark + "".join([*out, self.raw[at:]]).encode("utf-8", "surrogatepass"))
        if changed.text != "".join([*text, self.text[done:]]):
            raise SourceError(self.path, None, "the cells can't be changed safely")
        return changed

    def with_cell(self, number: int, source: str) -> Notebook:
        """The notebook with another source of a cell, every byte outside of it as it was. Raises SourceError."""
        cell = next((cell for cell in self.cells if cell.number == number), None)
        if cell is None:
            raise SourceError(self.path, None, f"has no code cell {number}")
        changed = self.raw[: cell.span.start] + _encoded(self.raw, cell, source) + self.raw[cell.span.end :]
        mark = codecs.BOM_UTF8 if self.bom else b""
        made = Notebook.from_bytes(self.path, mark + changed.encode("utf-8", "surrogatepass"))
        if [one.source for one in made.cells] != [source if one is cell else one.source for one in self.cells]:
            raise SourceError(self.path, None, f"cell {number} can't be changed safely")
        return made

    def _placed(self, start: int, end: int) -> tuple[int, int, int]:
        """The index of the cell that an edit belongs to, and its place in the cell's source."""
        index = max(bisect_right([cell.start for cell in self.cells], start) - 1, 0)
        cell = self.cells[index]
        if end > cell.start + cell.length:
            raise SourceError(self.path, None, "the change reaches over two cells of the notebook")
        lines = cell.source.split("\n")
        offsets = [0]
        for line in cell.lines:
            offsets.append(offsets[-1] + len(line) + 1)
        first, last = (_row(offsets, at - cell.start) for at in (start, end))
        touched = range(first[0], last[0] + (last[1] > 0))
        ends = self._is_edge(cell, first) and self._is_edge(cell, last)
        if not ends or not all(cell.plain[row] for row in touched):
            what = f"line {first[0] + 1} of cell {cell.number} is a magic, or in a cell of one"
            raise SourceError(self.path, None, what)
        origin = [sum(len(line) + 1 for line in lines[:row]) + column for row, column in (first, last)]
        return index, origin[0], origin[1]

    @staticmethod
    def _is_edge(cell: Cell, place: tuple[int, int]) -> bool:
        row, column = place
        return column == 0 or cell.plain[row]


def code_in(data: bytes) -> bytes:
    """What stands in the code cells of a notebook, magics and all; nothing where it is none. For a quick look."""
    try:
        cells = json.loads(data)["cells"]
        sources = [cell["source"] for cell in cells if cell.get("cell_type") == "code"]
        return "\n".join("".join(source) for source in sources).encode("utf-8", "replace")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return b""


def cell_diffs(before: Notebook, after: Notebook) -> Iterator[tuple[int, str, str]]:
    """The cells that differ, with their source before and after."""
    for old, new in zip(before.cells, after.cells, strict=True):
        if old.source != new.source:
            yield old.number, old.source, new.source


def _row(offsets: list[int], at: int) -> tuple[int, int]:
    """Row and column of an offset; the end of the last line is the start of a row of its own."""
    row = bisect_right(offsets, at) - 1
    return row, at - offsets[row]


def _cells_of(path: Path, raw: str, found: Any) -> list[Cell]:
    if not isinstance(found, dict) or "nbformat" not in found:
        raise SourceError(path, None, "is no notebook: it says no `nbformat`")
    if found["nbformat"] != 4:
        hint = "convert it with `jupyter nbconvert --to notebook --nbformat 4 --inplace`"
        raise SourceError(path, None, f"is a notebook of format {found['nbformat']}, and 4 is read: {hint}")
    if not isinstance(found.get("cells"), list):
        raise SourceError(path, None, "is no notebook: it has no list of `cells`")
    if not _is_python(found.get("metadata")):
        return []
    out: list[Cell] = []
    at, line = 0, 1
    for number, (cell, span) in enumerate(zip(found["cells"], _spans(raw), strict=True), 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = _source(path, number, cell)
        rows, plain = masked(source) if "\r" not in source else hidden(source)
        broken = _broken(number, rows)
        if broken:
            if len(source) > _LONGEST or _is_old_python(source):
                raise SourceError(path, None, broken)
            rows, plain = unknown(source)
        lines = tuple(rows[:-1] if source.endswith("\n") else rows if source else ())
        out.append(Cell(number, source, span, lines, tuple(plain), at, line, broken))
        at += out[-1].length + 1
        line += len(lines) + 1
    wrong = [cell.broken for cell in out if cell.broken]
    if wrong and all(cell.broken or not cell.source.strip() for cell in out):
        raise SourceError(path, None, wrong[0])
    return out


def _is_python(metadata: Any) -> bool:
    """Whether the kernel is Python's; where nothing is said, it is."""
    if not isinstance(metadata, dict):
        return True
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        info = metadata.get(key)
        if isinstance(info, dict) and isinstance(info.get(name), str):
            return _PYTHON.match(info[name]) is not None
    return True


def _source(path: Path, number: int, cell: dict[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(part, str) for part in source):
        return "".join(source)
    if not isinstance(source, str):
        raise SourceError(path, None, f"is no notebook: cell {number} has no `source`")
    return source


def _broken(number: int, rows: list[str]) -> str:
    """Why a cell does not parse by itself; empty if it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse("\n".join(rows))
    except SyntaxError as error:
        return f"cell {number}, line {error.lineno}: syntax error: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"cell {number}: can't be parsed: {error}"
    return ""


def _is_old_python(source: str) -> bool:
    """Whether a cell that is no Python 3 is Python 2, in which the other cells would mean something else, too."""
    from fissix import pygram, pytree
    from fissix.pgen2 import driver

    try:
        driver.Driver(pygram.python_grammar, convert=pytree.convert).parse_string("\n".join(masked(source)[0]) + "\n")
    except Exception:  # whatever its tokenizer and parser raise
        return False
    return True


def _spans(raw: str) -> Iterator[Span]:
    """The value of `source` of every cell in the JSON text."""
    top = dict(members(raw, start_of(raw)))
    for cell in elements(raw, top["cells"].start):
        found = dict(members(raw, cell.start)) if raw[cell.start] == "{" else {}
        yield found.get("source", cell)


def _edited(cell: Cell, edits: list[tuple[int, int, str]]) -> str:
    """The cell's source after edits of it, made on its lines: the last of them may be without an end."""
    unended = not cell.source.endswith("\n")
    text = cell.source + "\n" if unended and cell.source else cell.source
    out, at = [], 0
    for start, end, new in edits:
        out += [text[at:start], new]
        at = end
    text = "".join([*out, text[at:]])
    bare = text.removesuffix("\n")
    return bare if unended and not bare.endswith("\n") else text


def _encoded(raw: str, cell: Cell, changed: str) -> str:
    """The new source as JSON, in the form of the old one: its parts that stay are written as they were."""
    ascii_only = raw.isascii() and re.search(r"\\u(?!00[0-1])", raw) is not None
    if raw[cell.span.start] != "[":
        return _string(raw[cell.span.start : cell.span.end], changed, ascii_only)
    spans = list(elements(raw, cell.span.start))
    old = [(raw[span.start : span.end], json.loads(raw[span.start : span.end])) for span in spans]
    rows = changed.split("\n")
    parts = [f"{row}\n" for row in rows[:-1]] + ([rows[-1]] if rows[-1] else [])
    out: list[tuple[str, int]] = []  # each part, and which of the old ones it is or replaces
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, [value for _, value in old], parts, autojunk=False).get_opcodes():
        if tag == "equal":
            out += [(old[k][0], k) for k in range(i1, i2)]
        else:
            places = [*range(i1, min(i2, i1 + j2 - j1)), *[-1] * (j2 - j1 - (i2 - i1))]
            new = (json.dumps(part, ensure_ascii=ascii_only) for part in parts[j1:j2])
            out += zip(new, places, strict=True)
    if not out or not spans:
        return "[" + ", ".join(part for part, _ in out) + "]"
    usual = raw[spans[0].end : spans[1].start] if len(spans) > 1 else "," + raw[cell.span.start + 1 : spans[0].start]
    text = [raw[cell.span.start : spans[0].start], out[0][0]]
    for (_, before), (part, k) in pairwise(out):
        together = k > 0 and before == k - 1
        text += [raw[spans[k - 1].end : spans[k].start] if together else usual, part]
    return "".join([*text, raw[spans[-1].end : cell.span.end]])


#: A character as it is written in JSON; those beyond U+FFFF may be two escapes.
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)


def _string(old: str, new: str, ascii_only: bool) -> str:
    """One JSON string changed into another, with the characters at both ends that stay written as they were."""
    units = _CHARACTER.findall(old[1:-1])
    value = json.loads(old)
    if len(units) != len(value):
        return json.dumps(new, ensure_ascii=ascii_only)
    head = 0
    while head < min(len(value), len(new)) and value[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(value), len(new)) - head and value[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = json.dumps(new[head : len(new) - tail], ensure_ascii=ascii_only)[1:-1]
    return f'"{"".join(units[:head])}{middle}{"".join(units[len(units) - tail :])}"'
