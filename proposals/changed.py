"""What changed in a git repository: the lines since a revision, and the files that are staged, as they are there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..codemods.findings import Finding
from ..sources.notebooks import SUFFIX
from .git import GitError, Repository, find_repository

_HUNK = re.compile(r"@@ -\d+(?:,(?P<old>\d+))? \+(?P<start>\d+)(?:,(?P<new>\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPES = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Changes:
    """The lines that changed, by file; a file without spans is new, so that all of it counts."""

    repository: Repository
    files: dict[str, Spans | None] = field(default_factory=dict)

    def has(self, path: Path) -> bool:
        """Whether anything in the file changed."""
        return self.repository.relative(path) in self.files

    def touch(self, path: Path, finding: Finding) -> bool:
        """Whether a line of the loop changed; in a notebook that did, every loop counts: git's lines are its JSON's."""
        if path.suffix == SUFFIX:
            return self.has(path)
        name = self.repository.relative(path)
        spans = self.files.get(name, []) if name is not None else []
        return spans is None or any(first <= finding.end_line and finding.line <= last for first, last in spans)


def changes_since(revision: str, start: Path, staged: bool = False) -> Changes:
    """What changed since a revision, or since one's own branch left it; untracked files are all new.

    `staged`: what is in the index, not what is in the files. Raises GitError.
    """
    repository = find_repository(start)
    if revision == "HEAD" and not repository.asks("rev-parse", "--verify", "--quiet", "HEAD"):
        revision = repository.run("hash-object", "-t", "tree", "--stdin", text="").strip()  # before the first commit
    elif revision.startswith("-") or not repository.asks("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"):
        raise GitError(f"--since: `{revision}` is no revision of {repository.top}")
    words = ["diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--text", "--find-renames"]
    words += ["--no-relative", "--ignore-submodules", "--src-prefix=a/", "--dst-prefix=b/"]
    words += ["--cached"] if staged else []
    found = changed_lines(repository.read(*words, _branching_point(repository, revision), "--", index=_index(staged)))
    if not staged:
        found |= dict.fromkeys(_names(repository.read("ls-files", "-z", "--others", "--exclude-standard")))
    return Changes(repository, found)


def _branching_point(repository: Repository, revision: str) -> str:
    """Where HEAD and the revision parted: what others did on it since is no change of ours."""
    try:
        return repository.run("merge-base", revision, "HEAD").split("\n")[0] or revision
    except GitError:
        return revision  # histories that share nothing, or not enough of them was fetched


def changed_lines(diff: bytes) -> dict[str, Spans | None]:
    """The changed lines of each file that a diff without context leaves. Lines that went touch the one before them."""
    found: dict[str, Spans | None] = {}
    lines = iter(diff.decode("utf-8", "surrogateescape").split("\n"))
    spans: Spans = []
    for line in lines:
        if line.startswith("+++ "):
            spans = []
            if (name := _name(line[4:])) is not None:
                found[name] = spans
        elif (hunk := _HUNK.match(line)) is not None:
            old, new, start = (int(hunk[key] if hunk[key] is not None else 1) for key in ("old", "new", "start"))
            spans.append((start, start + max(new, 1) - 1))
            left = old + new
            while left:  # what the hunk holds may look like anything
                left -= not next(lines, " ").startswith("\\")
    return found


def _name(shown: str) -> str | None:
    """The file that a line `+++ b/...` names; git quotes names with odd characters as C does."""
    shown = shown.removesuffix("\t")
    if shown.startswith('"'):
        raw = _ESCAPE.sub(_unescaped, shown[1:-1].encode("utf-8", "surrogateescape"))
        shown = raw.decode("utf-8", "surrogateescape")
    return shown[2:] if shown.startswith("b/") else None


def _unescaped(match: re.Match[bytes]) -> bytes:
    word = match[1]
    return bytes([int(word, 8)]) if len(word) == 3 else _ESCAPES.get(word, word)


def staged_files(start: Path) -> tuple[Repository, dict[str, bytes | None]]:
    """The files of the index that differ from HEAD, by name; with their content where the file on disk has another.

    Raises GitError.
    """
    repository, index = find_repository(start), _index(True)
    names = ("--name-only", "--no-renames", "-z", "--no-relative", "--no-ext-diff", "--ignore-submodules")
    staged = _names(repository.read("diff", "--cached", "--diff-filter=ACMT", *names, index=index))
    differing = set(_names(repository.read("diff", *names, index=index)))
    return repository, {
        name: repository.read("cat-file", "--filters", f":{name}", index=index) if name in differing else None
        for name in staged
    }


def _names(listed: bytes) -> list[str]:
    return [name for name in listed.decode("utf-8", "surrogateescape").split("\0") if name]


def _index(staged: bool) -> str | None:
    """The index that git works with while it runs a hook: `commit -a` and `commit FILE` have one of their own."""
    given = os.environ.get("GIT_INDEX_FILE") if staged else None
    return os.path.abspath(given) if given else None
