"""What IPython takes and Python does not: magics, shell commands and help, behind stand-ins that Python can read."""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Iterable, Iterator

#: Calls a function that nobody knows, so that nothing is assumed of what such a line does.
CALLED = "get_ipython"
#: The module in whose name a cell that does not parse hides builtins.
BROKEN = f"{CALLED}.broken"
_ASSIGNED = re.compile(r"^(?P<targets>[\w.,\s\[\]'\"]+?)\s*=\s*[!%](?P<rest>.*)$", re.DOTALL)
_NAMES = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
#: Magics after which any name may be bound anew.
_BINDING = re.compile(r"%\s*(?:run|store|load|load_ext|pylab|reload_ext)\b")
#: Magics beside which the body of a cell runs as always.
_BESIDE = re.compile(r"%%\s*(?:time|capture)\b")
#: Magics of a cell whose body is Python, and binds what it binds.
_PYTHON = re.compile(r"%%\s*(?:time|timeit|capture|prun)\b")
#: Words by which code sees variables that it does not name.
_SEEING = re.compile(r"\b(?:eval|exec|execfile|locals|globals|vars|dir|_getframe|currentframe|get_ipython)\b")
_TRIPLE = ('"""', "'''")


def masked(source: str) -> tuple[list[str], list[bool]]:
    """The lines of a cell for Python, and for each whether it is as it stands in the cell.

    A magic, a shell command or a call for help becomes a call of an unknown function that gets the names in it; a cell
    that starts with `%%` becomes one such call, which binds what the cell would. A cell under `%%time` or
    `%%capture`, or all of it indented, is read, but not changed.
    """
    rows = source.split("\n")
    first = next((row for row in rows if row.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    if indent and not first.lstrip().startswith("#"):  # IPython takes the indent of the first line off all
        return masked("\n".join(row.removeprefix(indent) for row in rows))[0], [False] * len(rows)
    if _BESIDE.match(first.strip()) and rows[0] == first:
        inner = masked("\n".join(rows[1:]))[0] if len(rows) > 1 else []
        if _parses(inner):
            return [_call(first), *inner], [False] * len(rows)
    if first.lstrip().startswith("%%"):
        return [_whole_cell(source), *[""] * (len(rows) - 1)], [False] * len(rows)
    new, plain = list(rows), [True] * len(rows)
    state = _Scanner()
    number = 0
    while number < len(rows):
        row = rows[number]
        if not state.between or not _is_special(row):
            state.feed(row)
            number += 1
            continue
        last = number
        while rows[last].endswith("\\") and last + 1 < len(rows):
            last += 1
        new[number] = _one_line("\n".join(rows[number : last + 1]))
        plain[number] = False
        for k in range(number + 1, last + 1):
            new[k], plain[k] = "", False
        number = last + 1
    return new, plain


def hidden(source: str) -> tuple[list[str], list[bool]]:
    """The same for a cell that can't be changed although it is Python: one call that binds what the cell binds."""
    code = source.replace("\r\n", "\n").replace("\r", "\n")
    rows = source.split("\n")
    new = _bindings(_bound("\n".join(masked(code)[0]))) + _call(source)
    return [new, *[""] * (len(rows) - 1)], [False] * len(rows)


def unknown(source: str) -> tuple[list[str], list[bool]]:
    """The same for a cell that does not parse: it may read and change what it names, and bind any name anew."""
    seeing = "; eval()" if _SEEING.search(source) else ""
    names = {found[0] for found in _NAMES.finditer(source) if _may_be_bound(source, found)}
    first = f"from {BROKEN} import *; {_bindings(names)}{_call(source)}{seeing}"
    rows = source.split("\n")
    return [first, *[""] * (len(rows) - 1)], [False] * len(rows)


def _may_be_bound(source: str, name: re.Match[str]) -> bool:
    """Whether a name in broken code may be one that it binds: `a.b` and `f(` alone don't."""
    if keyword.iskeyword(name[0]):
        return False
    before = source[: name.start()].rpartition("\n")[2]
    if re.search(r"\b(?:import|def|class)\b", before):
        return True
    return source[name.end() : name.end() + 1] not in (".", "(")


def _is_special(row: str) -> bool:
    text = row.strip()
    if not text or text.startswith("#"):
        return False
    if text[0] in "%!?" or _ASSIGNED.match(text):
        return True
    return text.rstrip(";").endswith("?") and not re.search(r"[\"'#]", text)


def _one_line(text: str) -> str:
    indent = text[: len(text) - len(text.lstrip())]
    if found := _ASSIGNED.match(text.strip()):
        return f"{indent}{found['targets'].strip()} = {_call(found['rest'])}"
    if _BINDING.match(text.strip()):
        return f"{indent}from {CALLED} import *" if not indent else f"{indent}{_call(text)}"
    return indent + _call(text)


def _whole_cell(source: str) -> str:
    body = source.strip().partition("\n")[2] if _PYTHON.match(source.strip()) else ""
    return _bindings(_bound("\n".join(masked(body)[0]))) + _call(source)


def _bindings(names: Iterable[str]) -> str:
    return "".join(f"{name} = " for name in sorted(set(names)))


def _tree(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parses(rows: list[str]) -> bool:
    return _tree("\n".join(rows)) is not None


def _bound(code: str) -> Iterator[str]:
    tree = _tree(code)
    if tree is None:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((a.asname or a.name).partition(".")[0] for a in node.names if a.name != "*")


def _call(text: str) -> str:
    names = dict.fromkeys(name for name in _NAMES.findall(text) if not keyword.iskeyword(name))
    return f"{CALLED}({', '.join(names)})"


class _Scanner:
    """Whether a statement may start: outside of brackets, of strings over several lines, and of continued lines."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._continued = False

    @property
    def between(self) -> bool:
        return not self._depth and not self._quote and not self._continued

    def feed(self, row: str) -> None:
        self._continued = False
        at = 0
        while at < len(row):
            char = row[at]
            if self._quote:
                if char == "\\":
                    at += 2
                    continue
                if row.startswith(self._quote, at):
                    at += len(self._quote)
                    self._quote = ""
                    continue
            elif char == "#":
                return
            elif char in "\"'":
                self._quote = row[at : at + 3] if row[at : at + 3] in _TRIPLE else char
                at += len(self._quote)
                continue
            elif char in "([{":
                self._depth += 1
            elif char in ")]}":
                self._depth = max(self._depth - 1, 0)
            at += 1
        if len(self._quote) == 1 and not row.endswith("\\"):
            self._quote = ""
        self._continued = not self._quote and row.endswith("\\")
