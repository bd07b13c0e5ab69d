"""The first lines of generated files: they tell them from others, whether they were edited since, and what they showed.

# deloop scaffold 0123456789abcdef; 12 passed with pandas 2.2.3, NumPy 2.0.2, Python 3.12.1 on a processor
# about flow.py:OrderFlow.summary
"""

from __future__ import annotations

import hashlib
import re

#: How every generated file begins; the hash of the rest follows.
MARK = "# deloop scaffold "
_ABOUT = re.compile(r"\A# deloop scaffold .*\r?\n# about (.+):([^:\r\n]+)\r?$", re.MULTILINE)


def sealed(body: str) -> str:
    """The file with its first line."""
    return f"{MARK}{_hash(body)}\n{body}"


def is_unedited(text: str) -> bool:
    """Whether a file was generated and is as it was generated, whatever its line ends."""
    first, _, body = text.replace("\r\n", "\n").partition("\n")
    return first.split(";")[0] == f"{MARK}{_hash(body)}"


def about_line(file: str, function: str) -> str:
    """The second line: what the file tests."""
    return f"# about {file}:{function}\n"


def about(text: str) -> tuple[str, str] | None:
    """The file and the function that a test is about; None where it does not say."""
    found = _ABOUT.search(text)
    return (found[1], found[2]) if found else None


def with_result(text: str, result: str) -> str:
    """The file with what a run of it showed in its first line, in the place of what an earlier one did."""
    first, end, rest = text.partition("\n")
    ending = "\r" if first.endswith("\r") else ""
    return f"{first.rstrip().split(';')[0]}; {result}{ending}{end}{rest}"


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]
