"""Plain git through its command line: questions about a repository, and a worktree that leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .interrupts import uninterrupted

#: So many lines of what a hook said are shown.
LINES = 6


class GitError(Exception):
    """What git would not do, in one line for the user."""


@dataclass(frozen=True)
class Repository:
    """A repository with its checkout: `top` is the root of the work tree, with symbolic links resolved."""

    top: Path

    def run(self, *words: str, text: str | None = None) -> str:
        """Run git in the work tree and return what it printed. Raises GitError with git's own last word."""
        return _git(self.top, words, text)

    def read(self, *words: str, index: str | None = None) -> bytes:
        """What git prints, byte for byte; `index` is the index file to go by. Raises GitError."""
        return _git_bytes(self.top, words, None, {"GIT_INDEX_FILE": index} if index else {})

    def asks(self, *words: str) -> bool:
        """Whether a git command that answers by its exit status says yes."""
        try:
            self.run(*words)
        except GitError:
            return False
        return True

    def relative(self, path: Path) -> str | None:
        """The path inside the work tree, with forward slashes; None when it is outside."""
        absolute = Path(os.path.abspath(path))
        real = absolute.parent.resolve() / absolute.name if absolute.name else absolute
        try:
            return real.relative_to(self.top).as_posix()
        except ValueError:
            return None

    def changed_files(self) -> frozenset[str]:
        """The tracked files with staged or unstaged changes."""
        out = self.run("diff", "--name-only", "--no-renames", "-z", "HEAD", "--")
        return frozenset(name for name in out.split("\0") if name)


def find_repository(start: Path) -> Repository:
    """The repository around a file or folder. Raises GitError when there is none."""
    folder = start if start.is_dir() else start.parent
    if not folder.is_dir():
        raise GitError(f"{start}: no such file or folder")
    try:
        top = _git(folder, ("rev-parse", "--show-toplevel"))
    except GitError as problem:
        if "not a git repository" in str(problem):
            raise GitError(f"{start}: not in a git repository") from None
        raise
    if not top.strip():
        raise GitError(f"{start}: the git repository has no work tree")
    return Repository(Path(top.rstrip("\n")).resolve())


def check_branch_name(repository: Repository, name: str) -> None:
    """Raise GitError when there is nothing to branch from, the name is not one, or it is taken."""
    if not repository.asks("rev-parse", "--verify", "--quiet", "HEAD^{commit}"):
        raise GitError(f"{repository.top}: the repository has no commits yet, so there is nothing to branch from")
    if name.startswith("-") or not repository.asks("check-ref-format", "--branch", name):
        raise GitError(f"`{name}` can't be the name of a branch")
    if repository.asks("show-ref", "--verify", "--quiet", f"refs/heads/{name}"):
        raise GitError(f"branch `{name}` exists already; choose another name or delete it (git branch -D {name})")


@contextmanager
def temporary_worktree(repository: Repository) -> Iterator[Repository]:
    """A second checkout of HEAD in a temporary folder, detached, gone at the end whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="deloop-")).resolve()
    try:
        repository.run("worktree", "add", "--quiet", "--detach", str(folder), "HEAD")
        yield Repository(folder)
    finally:
        with uninterrupted():
            if not repository.asks("worktree", "remove", "--force", "--force", str(folder)):
                shutil.rmtree(folder, ignore_errors=True)
                _forget_worktree(repository, folder)


def _forget_worktree(repository: Repository, folder: Path) -> None:
    """What `git worktree prune` does, for this one alone: another may be on a disk that is away."""
    with suppress(GitError, OSError):
        common = repository.run("rev-parse", "--path-format=absolute", "--git-common-dir").rstrip("\n")
        for link in Path(common).glob("worktrees/*/gitdir"):
            if Path(link.read_text(encoding="utf-8").strip()).parent == folder:
                shutil.rmtree(link.parent, ignore_errors=True)


@contextmanager
def new_branch(repository: Repository, worktree: Repository, name: str) -> Iterator[None]:
    """Check out a new branch in the worktree; when the block fails, the branch is deleted again."""
    worktree.run("switch", "--quiet", "--create", name)
    try:
        yield
    except BaseException:
        with uninterrupted(), suppress(GitError):
            worktree.run("switch", "--quiet", "--detach")
            repository.run("branch", "--quiet", "-D", name)
        raise


def _git(folder: Path, words: Sequence[str], text: str | None = None) -> str:
    said = _git_bytes(folder, words, text.encode("utf-8", "surrogateescape") if text is not None else None, {})
    return _decoded(said).replace("\r\n", "\n")


def _decoded(said: bytes) -> str:
    return said.decode("utf-8", "surrogateescape")


def _git_bytes(folder: Path, words: Sequence[str], data: bytes | None, more: dict[str, str]) -> bytes:
    command = ["git", "-c", "core.quotePath=false", *words]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=_environment() | more,
            input=data,
            stdin=None if data is not None else subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed, or not on the PATH") from None
    except OSError as problem:
        raise GitError(f"git could not be started: {problem}") from None
    if done.returncode != 0:
        raise GitError(_last_word(words, _decoded(done.stderr or done.stdout)))
    return done.stdout


def _last_word(words: Sequence[str], said: str) -> str:
    """Git's own explanation in one line: the first fatal or error line, else all that a hook said."""
    lines = [line.strip() for line in said.encode("utf-8", "replace").decode().splitlines() if line.strip()]
    told = next((line for line in lines if line.startswith(("fatal:", "error:"))), "; ".join(lines[-LINES:]))
    return f"git {words[0]} failed: {told or 'it gave no reason'}"


def _environment() -> dict[str, str]:
    """The user's environment without what would point git at another repository (set inside of hooks)."""
    local = _local_variables()
    kept = {key: value for key, value in os.environ.items() if key not in local}
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "GIT_EDITOR": "true", "GIT_TERMINAL_PROMPT": "0"}


@cache
def _local_variables() -> frozenset[str]:
    try:
        done = subprocess.run(["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=False)
    except OSError:
        return frozenset()
    return frozenset(done.stdout.split()) - {"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"}
