"""Take a place in the program's imports: files that have loops to watch are compiled with the recorder's calls."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import marshal
import os
import sys
import time
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any

from .watch import Watch, costs
from .weave import woven

#: Seconds since the epoch at which the interpreter was started that became this one.
SINCE = "DELOOP_RECORD_SINCE"
_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "script.py")

_hook: Hook | None = None


class Hook:
    """Knows which files have loops to watch, by what is in them: a copy elsewhere is the same file."""

    def __init__(self, plan: dict[str, Any], watch: Watch) -> None:
        self.watch = watch
        self._files: dict[str, list[dict[str, Any]]] = {}
        for file in plan["files"]:
            self._files.setdefault(os.path.basename(file["path"]), []).append(file)

    def knows(self, path: str) -> bool:
        """Whether it is a file with loops to watch."""
        return self._file(path) is not None

    def code_of(self, path: str) -> CodeType | None:
        """The code of a file with the recorder's calls in it; None for one that is to be left alone."""
        since = time.perf_counter()
        found = self._file(path)
        if found is None:
            return None
        file, source = found
        kept = self._kept(path, file["digest"])
        try:
            code = _read(kept) or woven(source, path, file["sites"])
        except Exception as problem:
            self.watch.problem(problem)
            return None
        _write(kept, code)
        for site in file["sites"]:
            self.watch.begin(site)
        self.watch.startup += time.perf_counter() - since
        return code

    def _kept(self, path: str, digest: str) -> str:
        """Where the code is kept for other processes of this run."""
        word = hashlib.sha256(f"{path} {sys.implementation.cache_tag} {sys.flags.optimize}".encode()).hexdigest()
        return os.path.join(self.watch.out, "code", f"{digest[:20]}-{word[:20]}")

    def _file(self, path: str) -> tuple[dict[str, Any], bytes] | None:
        known = self._files.get(os.path.basename(path))
        if not known:
            return None
        try:
            with open(path, "rb") as opened:
                source = opened.read()
        except OSError:
            return None
        digest = hashlib.sha256(source).hexdigest()
        same = [file for file in known if file["digest"] == digest]
        exact = [file for file in same if os.path.realpath(path) == file["path"]]
        return ((exact or same)[0], source) if same else None


def install(name: str) -> None:
    """Start recording by the plan in a file. A script with loops of its own is started anew, by `script.py`."""
    global _hook
    since, began = time.perf_counter(), os.environ.pop(SINCE, None)
    with open(name, encoding="utf-8") as file:
        plan = json.load(file)
    watch = Watch(plan, since)
    _hook = Hook(plan, watch)
    if _is_script(sys.argv[0] if hasattr(sys, "argv") else "") and _hook.knows(sys.argv[0]):
        _start_anew()
    watch.cost = costs(watch)
    _patch_loader(_hook)
    _patch_runpy(_hook)
    atexit.register(watch.note)
    watch.startup += time.perf_counter() - since
    if began is not None:
        watch.startup += max(0.0, time.time() - float(began))


def code_of(path: str) -> CodeType | None:
    """For `script.py`: the code of the script with the recorder's calls in it."""
    return _hook.code_of(path) if _hook is not None else None


def _read(name: str) -> CodeType | None:
    try:
        with open(name, "rb") as file:
            found = marshal.load(file)
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return found if isinstance(found, CodeType) else None


def _write(name: str, code: CodeType) -> None:
    if os.path.exists(name):
        return
    with contextlib.suppress(OSError, ValueError):
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(f"{name}.{os.getpid()}", "wb") as file:
            marshal.dump(code, file)
        os.replace(f"{name}.{os.getpid()}", name)


def _is_script(name: str) -> bool:
    return name not in ("", "-", "-c", "-m") and os.path.isfile(name)


def _start_anew() -> None:
    """The interpreter compiles its script itself: have it run one of ours instead, which runs the user's."""
    options = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv)]
    command = [sys.executable, *options, _SCRIPT, *sys.argv]
    os.environ[SINCE] = repr(time.time())
    if sys.platform != "win32":
        os.execv(sys.executable, command)
    import subprocess

    os._exit(subprocess.call(command))


def _patch_loader(hook: Hook) -> None:
    get_code: Callable[[Any, str], Any] = SourceFileLoader.get_code

    def with_calls(self: SourceFileLoader, fullname: str) -> CodeType | None:
        code = None
        if type(self).source_to_code is SourceFileLoader.source_to_code and isinstance(self.path, str):
            code = hook.code_of(self.path)  # loaders that compile in a way of their own are left alone
        return get_code(self, fullname) if code is None else code

    SourceFileLoader.get_code = with_calls  # type: ignore[method-assign,assignment]


def _patch_runpy(hook: Hook) -> None:
    """Processes that multiprocessing spawns run the script by `runpy`, which does not ask the loader."""
    import runpy

    name = "_get_code_from_file"
    get_code = getattr(runpy, name, None)
    if get_code is None:
        return

    def with_calls(*args: Any) -> Any:
        code = hook.code_of(os.fspath(args[-1])) if isinstance(args[-1], str | os.PathLike) else None
        if code is None:
            return get_code(*args)
        return code if sys.version_info >= (3, 12) else (code, args[-1])

    setattr(runpy, name, with_calls)
