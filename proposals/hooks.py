"""A git pre-commit hook that checks what is staged. A hook that is there already stays, and runs first."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..sources.files import write_atomic
from .git import GitError, Repository, find_repository

NAME = "pre-commit"
#: What a hook that was there before is called from then on.
KEPT = "pre-commit.before-deloop"
MARK = "# Written by `deloop hook install`; `deloop hook uninstall` removes it and puts back what was here before."

_SCRIPT = """\
#!/bin/sh
{mark}
before="$(dirname -- "$0")/{kept}"
if [ -x "$before" ]; then
    "$before" "$@" || exit $?
fi
if [ -x {python} ]; then
    {python} -P -m deloop {words}
else
    deloop {words}
fi
status=$?
if [ $status -ne 0 ]; then
    echo "deloop: not committed. Fix what is above, or silence a loop by # deloop: ignore[CODE] reason behind it;" >&2
    echo "git commit --no-verify commits all the same." >&2
fi
exit $status
"""


@dataclass(frozen=True)
class Hook:
    """Where the hook of a repository is."""

    path: Path
    shown: str

    @property
    def kept(self) -> Path:
        return self.path.with_name(KEPT)

    @property
    def is_ours(self) -> bool:
        """Whether the hook is there and deloop wrote it."""
        try:
            return MARK.encode() in self.path.read_bytes()
        except OSError:
            return False

    @property
    def exists(self) -> bool:
        return os.path.lexists(self.path)


def install(start: Path, options: Sequence[str]) -> str:
    """Put the hook in place, with options for `check`; returns what to tell. Raises GitError and OSError."""
    hook = hook_of(start)
    again = hook.is_ours
    kept = hook.exists and not again
    if kept:
        if os.path.lexists(hook.kept):
            raise GitError(
                f"{hook.shown}: is not deloop's, and {KEPT} beside it is taken; remove or rename one of them"
            )
        os.replace(hook.path, hook.kept)
    try:
        _write(hook, options)
    except BaseException:
        if kept:
            os.replace(hook.kept, hook.path)
        raise
    more = "; the hook that was there runs first" if os.path.lexists(hook.kept) else ""
    return f"{hook.shown}: {'written anew' if again else 'installed'}: checks what is staged before each commit{more}"


def uninstall(start: Path) -> str:
    """Take the hook away and put back the one that was there; returns what to tell. Raises GitError and OSError."""
    hook = hook_of(start)
    if not hook.is_ours:
        if hook.exists:
            raise GitError(f"{hook.shown}: is not the hook that deloop wrote; left alone")
        return f"{hook.shown}: no hook of deloop's is installed"
    if os.path.lexists(hook.kept):
        os.replace(hook.kept, hook.path)
        return f"{hook.shown}: the hook that was there before is back"
    hook.path.unlink()
    return f"{hook.shown}: removed"


def hook_of(start: Path) -> Hook:
    """The hook of the repository around a folder, wherever `core.hooksPath` says. Raises GitError."""
    repository = find_repository(start)
    folder = _answer(repository, "rev-parse", "--git-path", "hooks")
    common = _answer(repository, "rev-parse", "--git-common-dir")
    real = folder.resolve()
    if not any(real.is_relative_to(top) for top in (repository.top, common.resolve())):
        raise GitError(
            f"core.hooksPath is {folder}, outside of this repository, so that other repositories may use it, too: "
            "call `deloop check --staged` in the pre-commit there, or set core.hooksPath for this repository"
        )
    path = folder / NAME
    shown = os.path.relpath(path)
    return Hook(path, str(path) if shown.startswith("..") else shown)


def _answer(repository: Repository, *words: str) -> Path:
    return repository.top / Path(repository.run(*words).rstrip("\n"))


def _write(hook: Hook, options: Sequence[str]) -> None:
    words = shlex.join(["check", "--staged", "--quiet", *options])
    script = _SCRIPT.format(mark=MARK, kept=KEPT, python=shlex.quote(sys.executable), words=words)
    hook.path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(hook.path, script.encode("utf-8", "surrogateescape"))
    mode = hook.path.stat().st_mode
    hook.path.chmod(mode | ((mode & (stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)) >> 2))
