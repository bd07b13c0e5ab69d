"""Where a needed import goes."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from itertools import pairwise

from ..sources.positions import Positions, first_line, last_line

_Import = ast.Import | ast.ImportFrom


def missing_imports(tree: ast.Module, imports: Sequence[str], before: int | None = None) -> list[_Import]:
    """The import statements that the module does not have at its top level, in a stable order.

    `before` is the line that needs them, for code that runs while the module loads: a later import does not help there.
    """
    have = [stmt for stmt in tree.body if isinstance(stmt, _Import) and (before is None or stmt.lineno < before)]
    out: list[_Import] = []
    for text in imports:
        (stmt,) = ast.parse(text).body
        assert isinstance(stmt, _Import)
        for name in stmt.names:
            if any(_provides(other, stmt, name) for other in [*have, *out]):
                continue
            alias = [ast.alias(name.name, name.asname)]
            if isinstance(stmt, ast.ImportFrom):
                out.append(ast.ImportFrom(stmt.module, alias, stmt.level))
            else:
                out.append(ast.Import(alias))
    return out


def _provides(have: _Import, need: _Import, name: ast.alias) -> bool:
    if type(have) is not type(need) or _source(have) != _source(need):
        return False
    return any((other.name, other.asname) == (name.name, name.asname) for other in have.names)


def _source(stmt: _Import) -> tuple[str | None, int]:
    return (stmt.module, stmt.level) if isinstance(stmt, ast.ImportFrom) else (None, 0)


def import_edits(spots: Positions, tree: ast.Module, needed: Sequence[_Import]) -> list[tuple[int, int, str]]:
    """Insertions for new import statements: (offset, offset, text)."""
    merged: dict[int, list[str]] = {}
    for stmt in sorted(needed, key=_sort_key):
        offset, before, after = _place(spots, tree, stmt)
        lines = merged.setdefault(offset, [])
        if before and not lines:
            lines.append("\n")
        lines.append(ast.unparse(stmt) + "\n" + after)
    return [(offset, offset, "".join(lines)) for offset, lines in merged.items()]


def _place(spots: Positions, tree: ast.Module, new: _Import) -> tuple[int, bool, str]:
    """The offset, whether a blank line comes first, and what comes after it."""
    block = _leading_imports(tree)
    if not block:
        return _above_all(spots, tree)
    group = _group_for(spots, block, new)
    if group is None:
        # all imports are the package's own: the new one is a group above them
        return spots.line_start(first_line(block[0])), False, "\n"
    if _rank(group[-1]) < _rank(new):
        return _after(spots, group[-1]), True, ""
    return _within(spots, group, new), False, ""


def _leading_imports(tree: ast.Module) -> list[_Import]:
    out: list[_Import] = []
    for stmt in tree.body:
        if isinstance(stmt, _Import):
            if not _is_future(stmt):
                out.append(stmt)
        elif not (isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant)) or out:
            break
    return out


def _is_future(stmt: ast.stmt) -> bool:
    return isinstance(stmt, ast.ImportFrom) and stmt.module == "__future__"


def _group_for(spots: Positions, block: Sequence[_Import], new: _Import) -> list[_Import] | None:
    """The last run of imports without a blank line between them that does not come after the new one in rank."""
    groups: list[list[_Import]] = [[block[0]]]
    for above, stmt in pairwise(block):
        gap = range(last_line(above) + 1, first_line(stmt))
        if any(not spots.line(line).strip() for line in gap):
            groups.append([])
        groups[-1].append(stmt)
    fitting = [group for group in groups if any(_rank(stmt) == _rank(new) for stmt in group)]
    if not fitting:
        fitting = [group for group in groups if _rank(group[0]) < _rank(new)]
    return fitting[-1] if fitting else None


def _within(spots: Positions, group: Sequence[_Import], new: _Import) -> int:
    """Before the first import of the new one's kind that sorts after it, else after the last that sorts before it."""
    for stmt in group:
        if _sort_key(stmt) > _sort_key(new) and _stands_alone(spots, group, stmt):
            return spots.line_start(first_line(stmt))
    return _after(spots, group[-1])


def _stands_alone(spots: Positions, group: Sequence[_Import], stmt: _Import) -> bool:
    head = spots.line(first_line(stmt))[: stmt.col_offset]
    above = spots.line(first_line(stmt) - 1).strip() if first_line(stmt) > 1 else ""
    return not head.strip() and not (above.startswith("#") and stmt is group[0])


def _after(spots: Positions, stmt: ast.stmt) -> int:
    return spots.line_start(last_line(stmt) + 1)


def _above_all(spots: Positions, tree: ast.Module) -> tuple[int, bool, str]:
    """No imports yet: after the docstring and `from __future__`, else above the first statement and its comments."""
    heads = [s for s in tree.body[:1] if isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)]
    heads = [s for s in heads if isinstance(s.value, ast.Constant) and isinstance(s.value.value, str)]
    top: list[ast.stmt] = [*heads, *(s for s in tree.body if _is_future(s))]
    if top:
        line = last_line(top[-1]) + 1
        following = spots.line(line) if line <= spots.line_count else ""
        return spots.line_start(line), True, "\n" if following.strip() else ""
    line = first_line(tree.body[0]) if tree.body else 1
    while line > 1 and spots.line(line - 1).startswith("#"):
        line -= 1
    while line <= 2 and _is_machine_comment(spots.line(line)):
        line += 1
    if not spots.line(line).strip():
        return spots.line_start(line), False, ""
    defines = bool(tree.body) and isinstance(tree.body[0], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return spots.line_start(line), False, "\n\n" if defines else "\n"


def _is_machine_comment(line: str) -> bool:
    return line.startswith("#!") or (line.startswith("#") and "coding" in line)


def _rank(stmt: _Import) -> int:
    """Standard library, other packages, this project."""
    if isinstance(stmt, ast.ImportFrom) and stmt.level:
        return 2
    module = stmt.module or "" if isinstance(stmt, ast.ImportFrom) else stmt.names[0].name
    return 0 if module.partition(".")[0] in sys.stdlib_module_names else 1


def _sort_key(stmt: _Import) -> tuple[int, bool, str]:
    module = stmt.module or "" if isinstance(stmt, ast.ImportFrom) else stmt.names[0].name
    return _rank(stmt), isinstance(stmt, ast.ImportFrom), module.lower()


def constant_edit(spots: Positions, tree: ast.Module, needs: str, text: str) -> list[tuple[int, int, str]]:
    """Insertions for lines that define a constant below the imports, and for the import that they need."""
    added = import_edits(spots, tree, missing_imports(tree, [needs]))
    block = _leading_imports(tree)
    if block:
        at = _after(spots, block[-1])
        below = spots.line(last_line(block[-1]) + 1) if last_line(block[-1]) < spots.line_count else ""
        return [*added, (at, at, f"\n{text}" + ("\n" if below.strip() else ""))]
    at, before, after = _above_all(spots, tree)
    lead = "\n" if before else ""
    return [(at, at, f"{lead}{needs}\n\n{text}{after}")]
