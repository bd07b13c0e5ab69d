"""One file and several changes of it, line by line: which of them touch one another, and the file with some of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..sources.diffs import changed_spans, split_lines

_SUPPLY = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign)


@dataclass(frozen=True)
class Region:
    """A stretch of the file before and after all changes, and the numbers of the changes that made it so."""

    old: tuple[bytes, ...]
    new: tuple[bytes, ...]
    owners: frozenset[int] = frozenset()

    @property
    def supply(self) -> frozenset[str]:
        """The names that it brings to the module, if it only adds imports, functions and constants; else none."""
        if self.old or not self.owners:
            return frozenset()
        try:
            body = ast.parse(b"".join(self.new).decode("utf-8", "replace").replace("\r", "")).body
        except (SyntaxError, ValueError):
            return frozenset()
        return frozenset(_bound(body)) if all(isinstance(stmt, _SUPPLY) for stmt in body) else frozenset()

    def mentions(self, names: Iterable[str]) -> bool:
        """Whether its new lines have one of the names."""
        text = b"".join(self.new).decode("utf-8", "replace")
        return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def weave(before: bytes, after: Sequence[bytes]) -> list[Region]:
    """The file in stretches. `after` is its content after the first change, after the second as well, and so on.

    Changes that touch, or have no line left between them, share a stretch: git could not take out one of them alone.
    """
    regions = [Region(tuple(split_lines(before)), tuple(split_lines(before)))]
    now = before
    for number, data in enumerate(after):
        for a1, a2, new in reversed(changed_spans(now, data)):
            regions = _changed(regions, number, a1, a2, new)
        now = data
    return regions


def text_with(regions: Iterable[Region], wanted: Callable[[Region], bool]) -> bytes:
    """The file with some of its changes."""
    return b"".join(line for region in regions for line in (region.new if wanted(region) else region.old))


def _changed(regions: Sequence[Region], number: int, first: int, last: int, new: Sequence[bytes]) -> list[Region]:
    """The regions with the lines from `first` up to `last` exchanged, those as all changes so far leave them."""
    head: list[Region] = []
    touched: list[Region] = []
    tail: list[Region] = []
    at, start = 0, None
    for region in regions:
        end = at + len(region.new)
        if not region.owners:
            left, right = max(min(first - at, len(region.new)), 0), max(min(last - at, len(region.new)), 0)
            parts = [region.new[:left], region.new[left:right], region.new[right:]]
            for lines, where in zip(parts, (head, touched, tail), strict=True):
                if lines:
                    where.append(Region(lines, lines))
            start = at + left if parts[1] and start is None else start
        elif end < first or at > last:
            (head if end < first else tail).append(region)
        else:
            start = at if start is None else start
            touched.append(region)
        at = end
    start = first if start is None else start
    was = [line for region in touched for line in region.new]
    made = Region(
        tuple(line for region in touched for line in region.old),
        (*was[: first - start], *new, *was[last - start :]),
        frozenset({number}).union(*(region.owners for region in touched)),
    )
    return [*head, made, *tail]


def _bound(body: Iterable[ast.stmt]) -> Iterable[str]:
    for stmt in body:
        match stmt:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((name.asname or name.name).partition(".")[0] for name in names)
            case ast.FunctionDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
