"""Unified diffs of bytes that `git apply` takes, and the check that they say what they should."""

from __future__ import annotations

import io
from difflib import SequenceMatcher

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk, PatchSet

_CONTEXT = 3
_NO_END = b"\\ No newline at end of file\n"


class DiffError(Exception):
    """A diff that can't be read back, or does not fit the file it is for."""


def unified_diff(name: str, before: bytes, after: bytes) -> bytes:
    """The change of one file as a unified diff; empty if nothing changes.

    `name` is the file's path with forward slashes. Lines end at "\\n" only, as git sees them; a "\\r" belongs to its line.
    """
    if before == after:
        return b""
    old, new = _lines(before), _lines(after)
    path = name.lstrip("/")
    out = [b"--- " + _label("a/" + path), b"+++ " + _label("b/" + path)]
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    # the ends that agree need no comparing; some of their lines come back as context
    skipped, kept = max(0, head - _CONTEXT), max(0, tail - _CONTEXT)
    old_part, new_part = old[skipped : len(old) - kept], new[skipped : len(new) - kept]
    for group in SequenceMatcher(None, old_part, new_part).get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        spans = _span(skipped + first[1], skipped + last[2]), _span(skipped + first[3], skipped + last[4])
        out.append(b"@@ -%s +%s @@\n" % spans)
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                out += [_marked(b" ", line) for line in old_part[i1:i2]]
                continue
            out += [_marked(b"-", line) for line in old_part[i1:i2]]
            out += [_marked(b"+", line) for line in new_part[j1:j2]]
    return b"".join(out)


def check_diff(diff: bytes, before: bytes, after: bytes | None = None) -> bytes:
    """Apply the diff of one file to its content and return the result.

    Raises DiffError if the diff can't be read, does not fit `before`, or does not lead to `after` where that is given.
    """
    lines = _lines(before)
    out: list[bytes] = []
    at = 0
    for hunk in _hunks(diff):
        start = hunk.source_start - 1 if hunk.source_length else hunk.source_start
        if start < at:
            raise DiffError("the diff's hunks overlap")
        out += lines[at:start]
        old, new = _sides(hunk)
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


def _sides(hunk: Hunk) -> tuple[list[bytes], list[bytes]]:
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


def _lines(data: bytes) -> list[bytes]:
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
