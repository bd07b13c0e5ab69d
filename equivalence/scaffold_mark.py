"""The first line of generated files: it tells them from others, and whether they were edited since."""

from __future__ import annotations

import hashlib

#: How every generated file begins; the hash of the rest follows.
MARK = "# deloop scaffold "


def sealed(body: str) -> str:
    """The file with its first line."""
    return f"{MARK}{_hash(body)}\n{body}"


def is_unedited(text: str) -> bool:
    """Whether a file was generated and is as it was generated, whatever its line ends."""
    first, _, body = text.replace("\r\n", "\n").partition("\n")
    return first == f"{MARK}{_hash(body)}"


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]
