"""From the paths a user names to the Python files and notebooks they stand for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pathspec

from .files import SourceError

#: Folders that hold no code of the project's own. One that the user names is searched all the same.
SKIPPED = frozenset(
    {
        ".bzr", ".direnv", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pytest_cache",
        ".ruff_cache", ".svn", ".tox", ".venv", "__pycache__", "__pypackages__", "build", "dist", "node_modules",
        "site-packages", "venv", ".deloop",
    }
)  # fmt: skip


@dataclass(frozen=True)
class _Patterns:
    """Patterns as in `.gitignore`, and the folder that they are relative to."""

    base: str
    spec: pathspec.GitIgnoreSpec

    def decide(self, path: str, is_folder: bool) -> bool | None:
        """Whether a path is ignored (True), taken back (False), or not spoken of."""
        if not path.startswith(self.base):
            return None
        relative = path[len(self.base) :].replace(os.sep, "/")
        return self.spec.check_file(relative + "/" if is_folder else relative).include


def discover(
    paths: Iterable[Path],
    *,
    exclude: Sequence[str] = (),
    respect_gitignore: bool = True,
    root: Path | None = None,
) -> tuple[list[Path], list[SourceError]]:
    """The Python files that some paths stand for, each once, and what is wrong with the paths.

    A file that is named is taken whatever it is called; a folder is searched for `*.py` and `*.ipynb`, its entries in
    the order of their names, without following links to other folders. Left out are `SKIPPED`, virtual environments,
    what a `.gitignore` between the repository's top and the file says, and what `exclude` matches (patterns as in
    `.gitignore`, relative to `root`, by default the folder that is searched).
    """
    files: list[Path] = []
    errors: list[SourceError] = []
    seen: set[str] = set()
    for path in paths:
        if not path.is_dir():
            if os.path.lexists(path):
                _add(path, files, seen)
            else:
                errors.append(SourceError(path, None, "no such file or folder"))
            continue
        rules = _exclusions(root or path, exclude)
        if respect_gitignore:
            rules += _gitignores_above(path)
        walk = _Walk(errors, respect_gitignore)
        found = list(walk.files(str(path), os.path.abspath(path), rules))
        links = {file for file in found if os.path.islink(file)}
        # Folders that are links are not followed: below the real folder, only a file itself may be a link.
        above, top = len(str(path)), os.path.realpath(path)
        real = {file: os.path.join(top, file[above:].lstrip(os.sep)) for file in found if file not in links}
        targets = set(real.values())
        for file in found:
            # a link beside the file that it leads to is not a second file
            if file not in links or os.path.realpath(file) not in targets:
                _add(Path(file), files, seen, real.get(file))
    return files, errors


def _add(path: Path, files: list[Path], seen: set[str], real: str | None = None) -> None:
    real = real or os.path.realpath(path)
    if real not in seen:
        seen.add(real)
        files.append(path)


@dataclass(frozen=True)
class _Walk:
    errors: list[SourceError]
    respect_gitignore: bool

    def files(self, shown: str, absolute: str, rules: list[_Patterns]) -> Iterator[str]:
        """The files below a folder; `shown` is its path as the user named it. Later rules outrank earlier ones."""
        try:
            with os.scandir(shown) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            self.errors.append(SourceError(Path(shown), None, f"can't be listed: {error.strerror}"))
            return
        names = {entry.name for entry in entries}
        if self.respect_gitignore and ".gitignore" in names:
            rules = [*rules, *_read_patterns(absolute)]
        for entry in entries:
            path = os.path.join(absolute, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED and not _ignored(path, True, rules) and not _is_environment(path):
                    yield from self.files(os.path.join(shown, entry.name), path, rules)
            elif entry.name.endswith((".py", ".ipynb")) and _is_file(entry) and not _ignored(path, False, rules):
                yield os.path.join(shown, entry.name)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file, or a link to one; a link that leads to itself is neither."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _is_environment(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "pyvenv.cfg"))


def _ignored(path: str, is_folder: bool, rules: Sequence[_Patterns]) -> bool:
    for rule in reversed(rules):
        decision = rule.decide(path, is_folder)
        if decision is not None:
            return decision
    return False


def _exclusions(base: Path, patterns: Sequence[str]) -> list[_Patterns]:
    return [_Patterns(os.path.join(os.path.abspath(base), ""), _compiled(patterns))] if patterns else []


def _gitignores_above(folder: Path) -> list[_Patterns]:
    """The `.gitignore` files that speak of a folder's contents from further up in its repository.

    None of them if they ignore the folder itself: it was named, so it is wanted.
    """
    start = os.path.abspath(folder)
    above: list[str] = []
    at = start
    while not os.path.exists(os.path.join(at, ".git")):
        parent = os.path.dirname(at)
        if parent == at:
            return []
        at = parent
        above.append(at)
    rules = [rule for parent in reversed(above) for rule in _read_patterns(parent)]
    steps = [*reversed(above[:-1]), start] if above else []
    return [] if any(_ignored(step, True, rules) for step in steps) else rules


def _read_patterns(folder: str) -> list[_Patterns]:
    try:
        with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().split("\n")
    except OSError:
        return []
    return [_Patterns(os.path.join(folder, ""), _compiled(lines))]


def _compiled(lines: Sequence[str]) -> pathspec.GitIgnoreSpec:
    try:
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except ValueError:
        # one pattern is malformed, and git too goes on with the others
        return pathspec.GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
