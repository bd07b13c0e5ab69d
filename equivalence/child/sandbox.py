"""Limits around user code: no writing, no network, no processes, bounded memory, time per call."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

MEMORY = 4 << 30
#: A child that still holds so much after an answer makes room for a new one: libraries keep what code hands them.
WORN = 512 << 20
#: What counts is what a call computes: on a machine that is busy it may take so many times its limit by the clock.
PATIENCE = 2.5
#: Computed seconds trail those on the clock by a little even on an idle machine.
_ALMOST = 0.95
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# fmt: off
_REFUSED = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
    "os.startfile", "os.remove", "os.unlink", "os.rename", "os.replace", "os.mkdir", "os.rmdir", "os.link",
    "os.symlink", "os.chmod", "os.chown", "os.truncate", "os.utime", "os.kill", "os.killpg", "os.putenv",
    "os.unsetenv", "os.chdir", "os.setxattr", "os.lockf", "shutil.", "sqlite3.", "ctypes.", "winreg.", "_winapi.",
    "webbrowser.", "urllib.", "ftplib.", "smtplib.", "imaplib.", "poplib.", "nntplib.", "telnetlib.", "pty.",
    "fcntl.", "mmap.", "signal.", "tempfile.", "msvcrt.", "resource.", "syslog.", "sys.addaudithook",
    "gc.get_objects", "gc.get_referrers", "gc.get_referents",
)
# fmt: on
_WHAT = {
    "open": "writes a file",
    "socket": "opens a socket",
    "subprocess": "starts a process",
    "ctypes": "loads a C library",
}


class Timeout(BaseException):
    """The call took longer than it may."""


class Refused(PermissionError):
    """The code tried something that the verifier doesn't let it do."""


class _State:
    deadline_armed = False
    computed = 0.0  # the time of the process, and of the clock, at which the call is over
    waited = 0.0
    violations: list[str] = []  # noqa: RUF012 (one per process)
    compiling = False


def arm() -> None:
    """Forbid side effects from now on. Can't be undone."""
    sys.addaudithook(_audit)


def _compiles(event: str) -> bool:
    """Whether numba speaks to its compiler."""
    return _State.compiling and event.startswith("ctypes.")


def let_compile() -> None:
    """Load numba outside of any deadline, and let it speak to its compiler, which is a C library."""
    _State.compiling = True
    with contextlib.suppress(ImportError):
        importlib.import_module("numba")  # it need not be there


def forget_compiler() -> None:
    """What comes now has no numba in it: nothing may reach a C library again."""
    _State.compiling = False


def violations() -> list[str]:
    """What was refused since the last call of this function."""
    found, _State.violations = _State.violations, []
    return found


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event == "open":
        mode, flags = args[1], args[2]
        writing = (isinstance(mode, str) and any(c in mode for c in "wax+")) or (
            isinstance(flags, int) and flags & _WRITING
        )
        if not writing:
            return
    elif not event.startswith(_REFUSED) or not _State.deadline_armed or _compiles(event):
        return
    what = _WHAT.get(event.split(".")[0], f"calls {event}")
    detail = f" ({args[0]})" if event == "open" and isinstance(args[0], str) else ""
    _State.violations.append(what + detail)
    raise Refused(f"the verifier refuses: the code {what}{detail}")


def worn() -> bool:
    """Whether this process holds more memory than one that only starts needs; False where that can't be told."""
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") > WORN
    except (OSError, ValueError, AttributeError):
        return False


def limit_resources(*, may_print: bool = False) -> None:
    """Bound memory and, unless what it prints may go to a file, file sizes of this process; no core files."""
    if resource is None:
        return
    sizes = [] if may_print else [(resource.RLIMIT_FSIZE, 0)]
    for what, value in ((resource.RLIMIT_AS, MEMORY), *sizes, (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (value, value))


def _expired(signum: int, frame: Any) -> None:
    if _State.deadline_armed and (time.process_time() >= _State.computed or time.monotonic() >= _State.waited):
        raise Timeout


def install_timer() -> None:
    """Prepare `deadline`. Without SIGALRM (Windows) only the parent stops a call that hangs."""
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _expired)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """User code runs inside: raises Timeout when it computes for longer; side effects are refused."""
    timer = hasattr(signal, "setitimer")
    _State.deadline_armed = True
    _State.computed = time.process_time() + _ALMOST * seconds
    _State.waited = time.monotonic() + PATIENCE * seconds
    if timer:
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        _State.deadline_armed = False
        if timer:
            signal.setitimer(signal.ITIMER_REAL, 0)
