"""`fix --patch-dir`: the commits as patch files that `git am`, `git apply` and `deloop apply` take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from pathlib import Path

from .. import __version__
from ..sources.diffs import check_diff, unified_diff
from ..sources.files import WriteError, write_atomic
from .git import GitError, Repository
from .messages import message, numbered
from .model import NotRun
from .series import Commit


def write_patches(
    folder: Path, commits: Sequence[Commit], originals: Mapping[str, bytes], author: str
) -> list[tuple[Path, Commit]]:
    """Write a file for each commit, in order. Raises NotRun when the folder has patches already or can't be written."""
    check_folder(folder)
    written: list[tuple[Path, Commit]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text, commit in _texts(commits, originals, author):
            write_atomic(folder / name, text)
            written.append((folder / name, commit))
    except BaseException as problem:
        for path, _ in written:
            path.unlink(missing_ok=True)
        if isinstance(problem, WriteError):
            raise NotRun(f"{problem.path}: {problem.message}") from None
        if isinstance(problem, OSError):
            raise NotRun(f"{folder}: can't be made: {problem.strerror or problem}") from None
        raise
    return written


def check_folder(folder: Path) -> None:
    """Raise NotRun for a folder that patches can't be written to without mixing them up with others."""
    if folder.exists() and not folder.is_dir():
        raise NotRun(f"{folder}: is no folder")
    old = sorted(folder.glob("*.patch"))
    if old:
        raise NotRun(f"{folder}: has patches already ({old[0].name}); name an empty or a new folder")


def author_of(repository: Repository | None) -> str:
    """Who patches are from: the user as git knows them."""
    name, mail = (_setting(repository, key) for key in ("user.name", "user.email"))
    shown = name if name.isascii() else Header(name, "utf-8").encode()
    return f"{shown or 'deloop'} <{mail or 'deloop@localhost'}>"


def _setting(repository: Repository | None, key: str) -> str:
    try:
        return repository.run("config", key).strip() if repository is not None else ""
    except GitError:
        return ""


def _texts(
    commits: Sequence[Commit], originals: Mapping[str, bytes], author: str
) -> Iterator[tuple[str, bytes, Commit]]:
    state = dict(originals)
    for number, (name, commit) in enumerate(numbered(commits), 1):
        first, _, rest = message(commit).partition("\n")
        subject = f"[PATCH {number}/{len(commits)}] {first}"
        head = [
            f"From {'0' * 40} Mon Sep 17 00:00:00 2001",
            f"From: {author}",
            f"Date: {format_datetime(datetime.now().astimezone())}",
            f"Subject: {subject if subject.isascii() else Header(subject, 'utf-8').encode()}",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=UTF-8",
            "Content-Transfer-Encoding: 8bit",
            "",
            rest.strip("\n"),
            "---",
            "",
        ]
        diffs = []
        for file, data in commit.files.items():
            before = state.get(file)
            diff = unified_diff(file, before or b"", data)
            check_diff(diff, before or b"", data)
            diffs.append(diff if before is not None else b"--- /dev/null\n" + diff.split(b"\n", 1)[1])
            state[file] = data
        body = "\n".join(head).encode("utf-8", "surrogateescape") + b"".join(diffs)
        yield name, body + f"-- \ndeloop {__version__}\n".encode(), commit
