"""Unified diffs of bytes that `git apply` takes, and the check that they say what they should."""

from __future__ import annotations

import io
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk, PatchSet

_CONTEXT = 3
_NO_END = b"\\ No newline at end of file\n"


class DiffError(Exception):
    """A diff that can't be read back, or does not fit the file it is for."""


def unified_diff(name: str, before: bytes, after: bytes) -> bytes:
    """The change of one file as a unified diff; empty if nothing changes.

    `name` is the file's path with forward slashes. Lines end at "\\n" only, as git sees them.
    """
    if before == after:
        return b""
    old, new = split_lines(before), split_lines(after)
    path = name.lstrip("/")
    out = [b"--- " + _label("a/" + path), b"+++ " + _label("b/" + path)]
    for group in _groups(_opcodes(old, new)):
        spans = _span(group[0].i1, group[-1].i2), _span(group[0].j1, group[-1].j2)
        out.append(b"@@ -%s +%s @@\n" % spans)
        for step in group:
            if step.equal:
                out += [_marked(b" ", line) for line in old[step.i1 : step.i2]]
                continue
            out += [_marked(b"-", line) for line in old[step.i1 : step.i2]]
            out += [_marked(b"+", line) for line in new[step.j1 : step.j2]]
    return b"".join(out)


def changed_spans(before: bytes, after: bytes) -> list[tuple[int, int, list[bytes]]]:
    """What makes one content of the other: the lines from here up to there (from 0), and those in their place."""
    old, new = split_lines(before), split_lines(after)
    return [(step.i1, step.i2, new[step.j1 : step.j2]) for step in _opcodes(old, new) if not step.equal]


def check_diff(diff: bytes, before: bytes, after: bytes | None = None) -> bytes:
    """Apply the diff of one file to its content and return the result.

    Raises DiffError if the diff can't be read, does not fit `before`, or does not lead to `after` where that is given.
    """
    lines = split_lines(before)
    out: list[bytes] = []
    at = 0
    for hunk in _hunks(diff):
        start = hunk.source_start - 1 if hunk.source_length else hunk.source_start
        if start < at:
            raise DiffError("the diff's hunks overlap")
        out += lines[at:start]
        old, new = sides(hunk)
        at = start + len(old)
        if lines[start:at] != old:
            raise DiffError(f"the diff does not fit line {start + 1} of the file")
        out += new
    result = b"".join(out + lines[at:])
    if after is not None and result != after:
        raise DiffError("the diff does not lead to the new content")
    return result


def _hunks(diff: bytes) -> list[Hunk]:
    if not diff:
        return []
    try:
        patch = PatchSet(io.StringIO(diff.decode("latin-1"), newline="\n"))
    except UnidiffParseError as error:
        raise DiffError(f"the diff can't be read back: {error}") from None
    if len(patch) != 1:
        raise DiffError(f"the diff is about {len(patch)} files, not one")
    return list(patch[0])


class _Step(NamedTuple):
    """Lines i1 to i2 of the old file that are, or become, the lines j1 to j2 of the new one."""

    equal: bool
    i1: int
    i2: int
    j1: int
    j2: int


def _opcodes(old: list[bytes], new: list[bytes]) -> list[_Step]:
    """The steps from one file to the other; the ends that agree are not compared line by line."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    steps = [_Step(True, 0, head, 0, head)]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old[head:old_end], new[head:new_end]).get_opcodes():
        steps.append(_Step(tag == "equal", head + i1, head + i2, head + j1, head + j2))
    steps.append(_Step(True, old_end, len(old), new_end, len(new)))
    return steps


def _groups(steps: list[_Step]) -> Iterator[list[_Step]]:
    """The steps as hunks, with as much context before as after unless the file ends: git counts on that."""
    group: list[_Step] = []
    for index, step in enumerate(steps):
        if not step.equal:
            group.append(step)
            continue
        before = step._replace(i1=max(step.i1, step.i2 - _CONTEXT), j1=max(step.j1, step.j2 - _CONTEXT))
        after = step._replace(i2=min(step.i2, step.i1 + _CONTEXT), j2=min(step.j2, step.j1 + _CONTEXT))
        is_last = index == len(steps) - 1
        if index and not is_last and step.i2 - step.i1 <= 2 * _CONTEXT:
            group.append(step)
            continue
        if group:
            yield [*group, after]
        group = [before]


def sides(hunk: Hunk) -> tuple[list[bytes], list[bytes]]:
    """The old and the new lines of a hunk."""
    old: list[bytes] = []
    new: list[bytes] = []
    marked: list[list[bytes]] = []
    for line in hunk:
        if line.line_type == "\\":
            for side in marked:
                side[-1] = side[-1].removesuffix(b"\n")
            continue
        marked = [side for side, mark in ((old, "+"), (new, "-")) if line.line_type != mark]
        for side in marked:
            side.append(line.value.encode("latin-1"))
    return old, new


def split_lines(data: bytes) -> list[bytes]:
    """The lines with their ends; only "\\n" ends one, as git sees it."""
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _common(one: list[bytes], other: list[bytes]) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def _span(start: int, end: int) -> bytes:
    length = end - start
    first = start + 1 if length else start
    return b"%d" % first if length == 1 else b"%d,%d" % (first, length)


def _marked(mark: bytes, line: bytes) -> bytes:
    return mark + line if line.endswith(b"\n") else mark + line + b"\n" + _NO_END


def _label(path: str) -> bytes:
    """A path as git writes it: quoted if it holds what would end it, with a tab after spaces."""
    raw = path.encode("utf-8", "surrogateescape")
    if any(byte < 0x20 or byte in b'"\\' or byte == 0x7F for byte in raw):
        plain = set(range(0x20, 0x7F)) - set(b'"\\')
        return b'"' + b"".join(b"%c" % byte if byte in plain else b"\\%03o" % byte for byte in raw) + b'"\n'
    return raw + (b"\t\n" if b" " in raw else b"\n")
