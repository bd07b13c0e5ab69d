"""What runs at each loop: the clock, and the choice of which inputs to keep."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from . import calls
from .copying import Narrow, NotKept, OverLimit, copied
from .signature import signature

_now = time.perf_counter
#: The first inputs of a loop are kept whatever they are.
_FIRST = 3
#: Seconds that looking at inputs may take: some, and a share of what the program has run.
_SOME_SECONDS, _SHARE = 0.5, 0.05
#: A loop of which nothing was kept yet may go so many times over that.
_NEW_LOOP = 3
#: Seconds that looks at one loop may take in vain, besides that share of what the loop itself takes.
_SOME_LOOKS = 0.05
#: Seconds for one copy.
_ONE_COPY = 0.25
#: Seconds between two notes on disk of what was counted, for processes that end without a word.
_NOTE_EVERY = 0.25
#: What is asked for its length: that runs no code of the program.
_SIZED = frozenset(
    {
        "range", "list", "tuple", "str", "dict", "set", "frozenset", "deque", "dict_items", "dict_keys", "dict_values",
        "ndarray", "DataFrame", "Series", "Index", "RangeIndex", "DatetimeIndex", "MultiIndex", "CategoricalIndex",
    }
)  # fmt: skip
#: A loop that was called so often and took fewer seconds than this on average is timed by sample.
_MANY_CALLS, _SHORT = 3_000, 20e-6
#: The flag of code whose local names are in no dict: that of a function.
_OPTIMIZED = 1
_LIBRARIES = frozenset({"builtins", "collections", "numpy", "pandas"})


class Here(threading.local):
    """The state of one thread. `own` are the seconds that the recorder itself took in it."""

    def __init__(self) -> None:
        self.stack: list[tuple[int, Any, float, float]] = []
        self.totals: dict[int, list[float]] = {}
        self.pending: dict[int, str] = {}
        self.own = 0.0


class Watch:
    """Counts, times and keeps. Whatever goes wrong in here is noted and never reaches the program."""

    def __init__(self, plan: dict[str, Any], started: float) -> None:
        self.out: str = plan["out"]
        self.limits: dict[str, int] = plan["limits"]
        self.sites: dict[int, dict[str, Any]] = {}
        self.startup = 0.0
        self.cost = 0.0, 0.0  # seconds of the calls around one loop: timed, and only counted
        self._lock = threading.Lock()
        self._begin(started)
        self._finalizes = False
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._forking, after_in_child=self._forked)

    def _begin(self, started: float) -> None:
        self.here = Here()
        self.started = started
        self.own = 0.0
        self.noted = _now()
        self.bytes = 0
        self.name = f"process-{os.getpid()}-{secrets.token_hex(4)}.json"
        self.all_totals: list[dict[int, list[float]]] = []
        self.known: dict[int, set[str]] = {}
        self.seen: dict[int, int] = {}
        self.looked: dict[int, float] = {}
        for site in self.sites:
            calls.attach(site, calls.timed(self, site))
        self.inputs: dict[str, dict[str, Any]] = {}
        self.not_kept: dict[int, dict[str, int]] = {}
        self.problems: list[str] = []

    def _forking(self) -> None:
        """Children of multiprocessing end without asking `atexit`: what they counted is noted its way."""
        util = sys.modules.get("multiprocessing.util")
        if util is not None and not self._finalizes:
            self._finalizes = True
            util.register_after_fork(self, lambda watch: util.Finalize(None, watch.note, exitpriority=-100))

    def _forked(self) -> None:
        """A child process counts for itself; loops that were under way are its parent's."""
        stack = self.here.stack
        self._lock = threading.Lock()
        self._begin(_now())
        self.startup = 0.0
        self.noted = float("-inf")  # it may be ended at any time
        self.here.stack = [(-1, error, own, since) for _, error, own, since in stack]

    def begin(self, plan: dict[str, Any]) -> None:
        """Watch a loop from now on: the code that calls for it is about to run."""
        site = plan["id"]
        self.sites[site] = plan
        calls.attach(site, calls.timed(self, site))

    # the clock

    def enter(self, site: int) -> None:
        """A loop begins."""
        here = self.here
        totals = here.totals.get(site)
        if totals is None:
            totals = here.totals[site] = [0, 0, 0.0, 0, 0]
            if len(here.totals) == 1:
                self.all_totals.append(here.totals)
        totals[3] += 1
        here.stack.append((site, sys.exc_info()[1], here.own, _now()))

    def leave(self, site: int, weight: int = 1, took: float | None = None) -> None:
        """It ends, in whatever way. It stands for so many calls like it, and took so long if that is known better."""
        until = _now()
        here = self.here
        stack = here.stack
        while stack and stack[-1][0] != site and any(entry[0] == site for entry in stack):
            stack.pop()  # a loop that was taken for a short one meanwhile, and not left
        if not stack or stack[-1][0] != site:
            return
        _, error, own, since = stack.pop()
        totals = here.totals[site]
        totals[0] += weight
        totals[3] -= 1
        totals[4] += 1
        if totals[3] <= 0:  # of a loop inside itself only the outer one counts
            totals[2] += (until - since - (here.own - own) if took is None else took) * weight
        if totals[4] == _MANY_CALLS and totals[2] < _MANY_CALLS * _SHORT:
            calls.attach(site, calls.sampled(self, site))
        if site in here.pending:
            self._ended(here.pending.pop(site), sys.exc_info()[1] is not error, until - since)
        if until - self.noted > _NOTE_EVERY:
            self.note()

    def rounds(self, site: int, values: Any, weight: int = 1) -> Any:
        """Count the rounds of a loop over these values, if nothing ends it early. Gives them back as they are."""
        kind = type(values)
        if kind.__name__ in _SIZED and kind.__module__.partition(".")[0] in _LIBRARIES:
            try:
                self.here.totals[site][1] += len(values) * weight
            except Exception as problem:
                self.problem(problem)
        return values

    # the inputs

    def look(self, site: int, frame: Any = None) -> None:
        """A loop is about to begin in the frame of the caller: keep its inputs if they are of a new kind."""
        since = _now()
        if not self._lock.acquire(blocking=False):  # another thread is at it; waiting would change the program
            return
        try:
            self._look(site, since, frame or sys._getframe(1))
        except Exception as problem:
            self.problem(problem)
        finally:
            self._lock.release()
            took = _now() - since
            self.here.own += took
            self.own += took

    def _look(self, site: int, since: float, frame: Any) -> None:
        self.here.pending.pop(site, None)
        number = self.seen[site] = self.seen.get(site, 0) + 1
        ran = self.here.totals.get(site)
        if number > _FIRST and self.looked.get(site, 0.0) > _SOME_LOOKS + _SHARE * (ran[2] if ran else 0.0):
            return
        limit = _SOME_SECONDS + _SHARE * (since - self.started)
        if self.own > (limit if site in self.known else _NEW_LOOP * limit):
            self._lost(site, "no time left for it")
            return
        if not self._keep(site, frame):
            self.looked[site] = self.looked.get(site, 0.0) + _now() - since

    def _keep(self, site: int, frame: Any) -> bool:
        """Whether the input was worth keeping, even if it could not be kept."""
        plan = self.sites[site]
        values = _values(frame, plan)
        try:
            kind = signature(values)
        except Exception as problem:
            kind = f"unknown ({type(problem).__name__})"
        known = self.known.setdefault(site, set())
        if kind in known and self.seen[site] > _FIRST:
            return False
        known.add(kind)
        folder = os.path.join(self.out, "inputs", str(site))
        word = hashlib.sha256(kind.encode()).hexdigest()[:12]
        kept, used, alike = _kept_in(folder, word)
        if kept >= self.limits["inputs"] or used >= self.limits["site"] or self.bytes >= self.limits["process"]:
            calls.attach(site, {calls.INPUTS: bool})  # nothing is looked at any more
            return False
        if alike >= (_FIRST if kept < _FIRST else 1):
            return False
        try:
            data = self._copied(values, plan)
        except NotKept as problem:
            self._lost(site, str(problem))
            return True
        os.makedirs(folder, exist_ok=True)
        name = f"{word}-{os.getpid()}-{len(self.inputs)}-{secrets.token_hex(3)}.pickle"
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
        self.bytes += len(data)
        self.inputs[name] = {"site": site, "bytes": len(data), "kind": kind, "raised": None, "seconds": 0.0}
        self.here.pending[site] = name
        return True

    def _copied(self, values: dict[str, Any], plan: dict[str, Any]) -> bytes:
        try:
            return copied(values, self.limits["input"], _ONE_COPY)
        except OverLimit:
            receiver, attributes = plan.get("receiver") or ("", [])
            if receiver not in values or not attributes:
                raise
        # What the loop reads of its object may be little.
        narrow = {**values, receiver: Narrow(values[receiver], attributes)}
        return copied(narrow, self.limits["input"], _ONE_COPY)

    def _lost(self, site: int, why: str) -> None:
        reasons = self.not_kept.setdefault(site, {})
        reasons[why] = reasons.get(why, 0) + 1

    def _ended(self, name: str, raised: bool, seconds: float) -> None:
        if name in self.inputs:
            self.inputs[name]["raised"] = raised
            self.inputs[name]["seconds"] = seconds

    # what is left on disk

    def problem(self, problem: BaseException) -> None:
        """Something of the recorder's own went wrong."""
        if len(self.problems) < 20:
            self.problems.append(f"{type(problem).__name__}: {problem}")

    def note(self) -> None:
        """Write down what was counted so far."""
        since = self.noted = _now()
        with suppress(Exception):
            data = json.dumps(self._report(since))
            path = os.path.join(self.out, self.name)
            with open(path + ".new", "w", encoding="utf-8") as file:
                file.write(data)
            os.replace(path + ".new", path)
        took = _now() - since
        self.here.own += took
        self.own += took

    def _report(self, now: float) -> dict[str, Any]:
        totals: dict[int, list[float]] = {}
        own = self.startup + self.own
        for part in list(self.all_totals):
            for site, (times, rounds, seconds, _, timed) in list(part.items()):
                one = totals.setdefault(site, [0, 0, 0.0])
                one[0], one[1], one[2] = one[0] + times, one[1] + rounds, one[2] + seconds
                own += timed * self.cost[0] + (times - timed) * self.cost[1]
        return {
            "pid": os.getpid(),
            "argv": sys.argv[:3] if hasattr(sys, "argv") else [],
            "seconds": now - self.started,
            "own": own,
            "totals": totals,
            "inputs": self.inputs,
            "not_kept": self.not_kept,
            "problems": self.problems,
        }


def _values(frame: Any, plan: dict[str, Any]) -> dict[str, Any]:
    found = frame.f_locals
    values = {name: found[name] for name in plan["names"] if name in found}
    if sys.version_info < (3, 13) and frame.f_code.co_flags & _OPTIMIZED:
        found.clear()  # a copy that Python keeps: what is in it would live until the function returns
    rest = [name for name in (*plan["globals"], *plan["names"]) if name not in values]
    return values | {name: frame.f_globals[name] for name in rest if name in frame.f_globals}


def _kept_in(folder: str, word: str) -> tuple[int, int, int]:
    """How many inputs all processes have kept of a loop, how many bytes, and how many of this kind."""
    kept = used = alike = 0
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            kept += 1
            used += entry.stat().st_size
            alike += entry.name.startswith(word)
    return kept, used, alike


def costs(watch: Watch, times: int = 100) -> tuple[float, float]:
    """What the calls around one loop take when it is timed, and when it is only counted, measured."""
    found = []
    for functions in (calls.timed(watch, -1), calls.sampled(watch, -1, 100 * times)):
        enter, leave, rounds = (functions[name] for name in (calls.ENTER, calls.LEAVE, calls.ROUNDS))
        best = 1.0
        for _ in range(5):  # the best of some, as other programs run too
            since = _now()
            for _ in range(times):
                enter()
                rounds(())
                leave()
            best = min(best, (_now() - since) / times)
        found.append(best)
    watch.here.totals.clear()
    watch.all_totals.clear()
    return found[0], found[1]
