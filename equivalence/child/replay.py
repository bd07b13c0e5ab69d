"""Both versions on recorded inputs: do they agree on what the program really saw?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from . import sandbox, show
from .assumed import excused
from .changes import error_tags
from .compare import Comparison, Differs
from .features import scale_of, tags_of
from .gathered import nothing
from .namespace import Outcome, Version
from .reference import load as loop_of
from .rules import rules_for
from .trial import versions
from .unpickle import CannotLoad, load

#: Seconds for all inputs of one form, and for one run.
_SECONDS, _ONE = 12.0, 5.0
_SHRINK_SECONDS = 2.0


class _Skipped(Exception):
    """This input says nothing; the message says why."""


class Replay:
    """Runs the recorded inputs that can be run here, and says of the others why not."""

    def __init__(self, request: dict[str, Any], note: Callable[[str], None]) -> None:
        self.request, self.note = request, note
        note("before")
        self.before = loop_of(request)
        note("after")
        self.after = Version(request["after"], request["mode"], request["global_data"], request["results"])
        self.names = [parameter["name"] for parameter in request["parameters"]]
        self.source = self.before.source + self.after.source
        self.taken: set[tuple[int, bool]] = set()
        self.skipped: dict[str, int] = {}
        self.found: dict[str, Any] = {"agree": 0, "raised": 0, "excused": 0, "broken": [], "seconds": [0.0, 0.0]}
        self.until = time.monotonic() + _SECONDS

    def run(self) -> dict[str, Any]:
        """How many agree, how many differ and break an assumption, how many were skipped, and a counterexample."""
        for kept in self.request["recorded"]:
            try:
                if self._one(kept):
                    break
            except _Skipped as why:
                self._skip(str(why))
            except Exception as problem:  # a bug of ours about one input is no reason to lose the others
                self._skip(f"could not be handled ({type(problem).__name__}: {problem})")
        return {**self.found, "skipped": self.skipped, "taken": sorted(self.taken), "versions": versions()}

    def _skip(self, why: str) -> None:
        self.skipped[why] = self.skipped.get(why, 0) + 1

    def _one(self, kept: dict[str, Any]) -> bool:
        """Whether the versions differ on an input for which there is no excuse."""
        if time.monotonic() > self.until:
            raise _Skipped("no time left for it")
        try:
            arguments = load(kept["path"], self.names, _ONE)
        except CannotLoad as problem:
            raise _Skipped(str(problem)) from None
        a, b, difference = self._pair(arguments)
        self._check(a, kept["raised"])
        if standins := self.before.stubs_used | self.after.stubs_used:
            raise _Skipped(f"needs {min(standins)}, for which there is only a stand-in here")
        if not difference:
            self._agreed(a, b)
            return False
        tags = self._tags(arguments, a)
        if excused(self.request["broken_by"], tags):
            self.found["excused"] += 1
            self.found["broken"] = sorted({*self.found["broken"], *self._broken(tags)})
            return False
        if self._unlike_itself(arguments):
            raise _Skipped("the loop does not do the same twice on it")
        self._refuted(arguments, a, b, difference)
        return True

    def _pair(self, arguments: dict[str, Any]) -> tuple[Outcome, Outcome, str]:
        self.note("before")
        a = self.before.run(arguments, _ONE)
        refused = sandbox.violations()
        if a.status in ("timeout", "stopped"):
            raise _Skipped("the loop takes too long on it" if a.status == "timeout" else "does not reach the loop")
        if refused:
            raise _Skipped(f"the loop can't be run here: it {refused[0]}")
        self.note("after")
        b = self.after.run(arguments, max(2 * _ONE, 10 * a.seconds))
        if refused := sandbox.violations():
            return a, b, f"the new version {refused[0]}"
        try:
            Comparison(rules_for(self.request, self._tags(arguments, a), self._scale(arguments))).outcomes(a, b)
        except Differs as difference:
            return a, b, str(difference)
        except RecursionError:
            raise _Skipped("is nested too deeply to be compared") from None
        return a, b, ""

    def _check(self, a: Outcome, raised: bool | None) -> None:
        """What did not end here as it did in the program was not replayed."""
        if a.status == "raised" and raised is not True:
            text = str(a.error).split("\n")[0][:80]
            raise _Skipped(f"the loop raises {type(a.error).__name__} here ({text}), which it did not when recorded")
        if a.status == "returned" and raised is True:
            raise _Skipped("the loop raised when recorded, and does not here")

    def _agreed(self, a: Outcome, b: Outcome) -> None:
        self.found["agree"] += 1
        self.found["raised"] += a.status == "raised"
        if a.status == "returned":
            self.taken |= a.branches
            self.found["seconds"] = [x + y for x, y in zip(self.found["seconds"], (a.seconds, b.seconds), strict=True)]

    def _tags(self, arguments: dict[str, Any], a: Outcome) -> set[str]:
        found = tags_of(arguments, self.request["parameters"], self.source)
        return found | error_tags(a.error) | set(nothing(self.request, a))

    def _scale(self, arguments: dict[str, Any]) -> float:
        return scale_of(arguments) if self.request["tolerance"] else 0.0

    def _broken(self, tags: set[str]) -> list[str]:
        """The assumptions that an input breaks."""
        return [name for name, broken in self.request["broken_by_name"].items() if excused(broken, tags)]

    def _unlike_itself(self, arguments: dict[str, Any]) -> bool:
        first, second = (self.before.run(arguments, _ONE) for _ in range(2))
        try:
            Comparison(rules_for({**self.request, "obligations": [], "tolerance": None}, (), 0.0)).outcomes(
                first, second
            )
        except Differs:
            return True
        return False

    def _refuted(self, arguments: dict[str, Any], a: Outcome, b: Outcome, difference: str) -> None:
        small = self._smaller(arguments)
        if small is not arguments:
            a, b, difference = self._pair(small)
        changed = [name for name in small if f"argument {name}" in difference]
        left, right = show.outcome(a, changed), show.outcome(b, changed)
        self.found["refuted"] = difference
        self.found["counterexample"] = {
            "inputs": show.inputs(small)[:4000],
            "before": left,
            "after": right + (f"\n# {difference}" if left == right else ""),
            "tags": ["recorded"],
        }

    def _smaller(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The input with fewer rows, for as long as both versions still differ and no assumption is broken."""
        until = time.monotonic() + _SHRINK_SECONDS
        best, size = arguments, _rows(arguments)
        step = size // 2
        while step >= 1 and time.monotonic() < until:
            for start in range(0, _rows(best), step):
                smaller = {name: _without(value, _rows(best), start, step) for name, value in best.items()}
                if _rows(smaller) < _rows(best) and self._differs(smaller):
                    best = smaller
                    break
                if time.monotonic() > until:
                    break
            else:
                step //= 2
        return best

    def _differs(self, arguments: dict[str, Any]) -> bool:
        try:
            a, _, difference = self._pair(arguments)
        except Exception:
            return False
        return bool(difference) and not excused(self.request["broken_by"], self._tags(arguments, a))


def _rows(arguments: dict[str, Any]) -> int:
    return max((len(v) for v in arguments.values() if hasattr(v, "iloc") or isinstance(v, list)), default=0)


def _without(value: Any, rows: int, start: int, step: int) -> Any:
    """A table or list of so many rows without some of them; anything else as it is."""
    if hasattr(value, "iloc") and len(value) == rows:
        return value.iloc[[k for k in range(rows) if not start <= k < start + step]]
    if isinstance(value, list) and len(value) == rows:
        return value[:start] + value[start + step :]
    return value
