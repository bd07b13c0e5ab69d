"""One trial in the child: find an input that the loop accepts, run the battery, compare, shrink, time."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

import numpy as np
import pandas as pd

from . import changes, sandbox, show
from .assumed import broken_at_entry, excused
from .battery import Battery, Case
from .changes import Drafts, content_tags, error_tags
from .compare import Comparison, Differs, Rules
from .drafts import finish
from .further import further_cases
from .gathered import GATHERED_NONE, nothing
from .namespace import Outcome, Version
from .reference import Reference, Run, reference_for
from .repair import Repair, number_is_not_enough
from .rules import rules_for, scale_of, wants_data
from .shrink import shrink
from .speed import Stopwatch
from .stubs import nothing_for
from .unfit import unfit
from .written import constants_of

_ATTEMPTS, _START_OVER = 60, 40
#: So often may what stands before the loop raise: with less of it around the loop, there may be an input.
_SHORT_OF_IT = 25
#: A loop that takes so many seconds for 130 rows is not run on 1000, which may take sixty times as long.
_LONG_AT_130 = 0.01
#: Of the seconds of a trial, the share after which no further input is tried, and how many are enough then.
_TIME, _FEWEST = 0.7, 30
#: After so many inputs the loop alone shows whether the others would reach what these did not.
_SCOUTING = 60
#: Seconds that a quick loop may take for one input, and how many inputs may take longer.
_LEAST_LIMIT, _HANGING = 0.5, 3
_VALUE_ERRORS = ("ZeroDivisionError", "OverflowError", "FloatingPointError")


class Unverified(Exception):
    """The trial has no verdict; the message says why."""


class Trial:
    """Runs both versions and collects the evidence."""

    watch = Stopwatch

    def __init__(
        self, request: dict[str, Any], note: Callable[[str], None], reference: Reference | None = None
    ) -> None:
        self.request = request
        self.note = note
        self.started = time.process_time(), time.perf_counter()
        self.timeout: float = request["timeout"]
        note("before")
        self.reference = reference or reference_for(request)
        self.parameters = self.reference.parameters
        self.before = self.reference.before
        note("after")
        self.after = Version(request["after"], request["mode"], request["global_data"], request["results"])
        self.evidence: dict[str, Any] = {"inputs": 0, "returned": 0, "raised": 0, "excused": 0, "max_ulp": 0.0}
        self.kinds: list[str] = []
        self.battery = self.reference.battery or Battery([], 0)
        self._used_up = False
        self._untaken = ""  # a condition that no input made go both ways
        self.hung = False  # the new version took too long once: the next time it is given less
        # which way conditions went, on recorded inputs too
        self._taken: set[tuple[int, bool]] = {(number, way) for number, way in request.get("taken", ())}
        self._branches = request.get("branches", ())
        self._slow = self._typical_returned = 0
        self._seconds_at_130 = 0.0

    def run(self) -> dict[str, Any]:
        """The evidence as JSON."""
        try:
            battery = self._known()
            self.after.calls.give_as(self.before.calls)
            verdict = self._battery(battery)
            if verdict == "insufficient" and Repair(self.parameters, self.before.source).holds(self.before.sought):
                verdict = self._battery(self._again())
            if verdict == "insufficient" and self.before.stubs and not self.before.calls.objects:
                verdict = self._battery(self._with_objects())
            if verdict == "insufficient" and self._untaken and self.before.stubs and not self.before.calls.missing:
                verdict = self._battery(self._with_nothing())
            if verdict == "verified" and self.request["timing"]:
                self.evidence |= self.watch(self).timed()
        except Unverified as e:
            verdict = "unverified"
            self.evidence["reason"] = str(e)
        stubs = sorted(self.before.stubs_used | self.after.stubs_used)
        self.kinds += [f"stub:{s}" for s in stubs]
        return {
            **self.evidence,
            "verdict": verdict,
            "kinds": sorted(set(self.kinds)),
            "seconds": self.seconds(),
            "versions": versions(),
        }

    def seconds(self) -> float:
        """What the trial has taken: what it computed, or a part of what passed on the clock while it waited."""
        computed, passed = self.started
        return max(time.process_time() - computed, (time.perf_counter() - passed) / sandbox.PATIENCE)

    def _known(self) -> Battery:
        """A battery on inputs that the loop accepts, made once for all forms of a site."""
        reference = self.reference
        if reference.problem:
            raise Unverified(reference.problem)
        if reference.battery is None:
            try:
                reference.battery = self._typical()
                self._deterministic(reference.battery)
            except Unverified as e:
                reference.problem = str(e)
                raise
        return reference.battery

    def _with_objects(self) -> Battery:
        """Begin again with functions that are not there giving objects, where numbers did not reach everything."""
        self.before.calls.objects = self.after.calls.objects = True
        return self._again()

    def _with_nothing(self) -> Battery:
        """Begin again with functions that are not there giving nothing at times, where that is asked for."""
        self.before.calls.missing = nothing_for(self._untaken)
        self.after.calls.give_as(self.before.calls)
        return self._again()

    def _again(self) -> Battery:
        """The battery for what is known of the parameters by now."""
        battery = self._new_battery(self.battery.pick)
        battery.rows = self.battery.rows
        self.battery = self.reference.battery = battery
        self.reference.runs.clear()
        self.reference.passing = None
        self.evidence |= {"inputs": 0, "returned": 0, "raised": 0, "excused": 0}
        return battery

    def _new_battery(self, pick: int = 1) -> Battery:
        return Battery(self.parameters, self.request["seed"], pick, constants_of(self.request["before"]["source"]))

    # a first input

    def _typical(self) -> Battery:
        repair = Repair(self.parameters, self.before.source)
        last: Outcome | None = None
        accepted: Battery | None = None
        stuck = short_of_it = 0
        for attempt in range(_ATTEMPTS):
            self.battery = battery = self._new_battery()
            outcome = self._accepted(battery)
            if outcome is None:
                accepted, raised = battery, self._mostly_raised(battery)
                if raised is None or not repair.narrow(*raised):
                    return battery
                continue
            if accepted is not None:
                return accepted
            if type(outcome.error) is RuntimeError and outcome.reached:  # no other kind of input would help
                return battery
            last = outcome if outcome.status == "raised" or last is None else last
            short_of_it += not outcome.reached
            if short_of_it > _SHORT_OF_IT:
                break
            if outcome.status != "raised":
                stuck += 1
                if stuck > 2 or outcome.status == "timeout":
                    break
                continue
            if outcome.error is None:
                break
            if not self._repaired(repair, outcome, attempt):
                break
        raise Unverified(self._no_input(last))

    def _repaired(self, repair: Repair, outcome: Outcome, attempt: int) -> bool:
        """Whether there is something else to try after an exception."""
        error = outcome.error
        assert error is not None
        calls = self.before.calls
        if self.before.stubs and not calls.objects and number_is_not_enough(error):
            calls.objects = True
            return True
        if attempt != _START_OVER and repair.after(error, outcome):
            return True
        return repair.start_over()

    def _no_input(self, last: Outcome | None) -> str:
        if last is not None and last.status == "timeout":
            return "the loop does not return in time on the inputs that were made"
        if last is None or last.error is None:
            return "no input could be made that reaches the loop"
        text = str(last.error).strip().split("\n")[0][:160]
        failed = [f"{n} ({why})" for n, why in self.before.failed.items() if n in self.before.stubs_used or n in text]
        missing = f"; not available here: {', '.join(failed[:3])}" if failed else ""
        return f"no input could be made that the loop accepts: {type(last.error).__name__}: {text}{missing}"

    def _accepted(self, battery: Battery) -> Outcome | None:
        """None when the loop returns on a typical input, else an outcome that tells why not."""
        worst: Outcome | None = None
        for flavour, pick in (("float", 0), ("int", 0), ("signed", 1), ("float", 2), ("float", 3), ("int", 2)):
            try:
                arguments = _finished(battery.base(9, flavour, pick))
            except Exception as e:  # what is known of the parameters contradicts itself
                return Outcome("raised", error=e)
            outcome = self.run_version(self.before, arguments, 5.0)
            self._check_refused()
            if outcome.status == "returned" and outcome.reached:
                self.reference.loop_seconds = max(self.reference.loop_seconds, outcome.seconds)
                battery.pick = pick
                if outcome.seconds > 0.002:
                    battery.rows = 5
                return None
            if outcome.status == "timeout":
                return outcome
            if worst is None or outcome.status == "raised":
                worst = outcome
            if outcome.status == "raised" and type(outcome.error).__name__ not in (
                *_VALUE_ERRORS,
                "ValueError",
                "IndexError",
            ):
                break
        return worst

    def _mostly_raised(self, battery: Battery) -> tuple[BaseException, str] | None:
        """The exception that the loop raises on most typical inputs, and the line, if there is one."""
        returned, found = 0, None
        for flavour in ("float", "int", "signed", "small", "digits"):
            outcome = self.run_version(self.before, _finished(battery.base(9, flavour)), 5.0)
            returned += outcome.status == "returned"
            if outcome.status == "raised" and outcome.error is not None:
                found = outcome.error, outcome.part
        return found if returned < 2 else None

    def _check_refused(self) -> None:
        refused = sandbox.violations()
        if refused:
            raise Unverified(f"the loop can't be run here: it {refused[0]}")

    def _deterministic(self, battery: Battery) -> None:
        for flavour in ("float", "int"):
            if difference := self._unlike_itself(_finished(battery.base(9, flavour))):
                raise Unverified(f"the loop does not do the same twice on one input ({difference})")

    def _unlike_itself(self, arguments: dict[str, Any]) -> str:
        """How two runs of the loop on one input differ, as with a generator that nobody seeds."""
        first, second = (self.run_version(self.before, arguments, 5.0) for _ in range(2))
        try:
            Comparison(Rules()).outcomes(first, second)
        except Differs as e:
            return str(e)
        return ""

    # running and comparing

    def run_version(self, version: Version, arguments: dict[str, Any], limit: float) -> Outcome:
        """One run of one version; the parent is told which."""
        self.note("before" if version is self.before else "after")
        return version.run(arguments, limit)

    def _rules(self, tags: tuple[str, ...], drafts: Drafts) -> Rules:
        return rules_for(self.request, tags, scale_of(drafts) if self.request["tolerance"] else 0.0)

    def _pair(
        self, drafts: Drafts, arguments: dict[str, Any], tags: tuple[str, ...], known: Outcome | None = None
    ) -> tuple[Outcome, Outcome | None, str]:
        """Both outcomes and how they differ ("" when they don't); no second one when the loop can't be judged.

        `known` is what the loop did on this input, if it has run on it before.
        """
        a = known or self.run_version(self.before, arguments, self._limit())
        if a.status in ("timeout", "stopped"):
            return a, None, ""
        self._check_refused()
        b = self.run_version(self.after, arguments, max(1.0 if self.hung else 5.0, 10 * a.seconds))
        self.hung |= b.status == "timeout"
        refused = sandbox.violations()
        if refused:
            return a, b, f"the new version {refused[0]}"
        comparison = Comparison(self._rules((*tags, *nothing(self.request, a)), drafts))
        try:
            comparison.outcomes(a, b)
        except Differs as e:
            return a, b, str(e)
        except RecursionError:
            return a, None, ""
        finally:
            self._used_up = comparison.used_up
        self.evidence["max_ulp"] = max(self.evidence["max_ulp"], comparison.max_ulp)
        return a, b, ""

    def _battery(self, battery: Battery) -> str:
        self._slow, self._seconds_at_130, self._typical_returned = 0, 0.0, 0
        for tried, (number, case) in enumerate(self._inputs(battery)):
            if self.seconds() > _TIME * self.timeout:
                if tried > _FEWEST:
                    break
                raise Unverified("the loop is too slow to be tried on enough inputs")
            if refuted := self._tried(number, case):
                return refuted
        if not self._typical_returned:
            return self._insufficient("the loop raises on every typical input")
        for (_, way), (line, text) in self._untaken_ways().items():
            self._untaken = text
            return self._insufficient(f"no input makes `{text}` on line {line} {str(way).lower()}")
        return "verified"

    def _inputs(self, battery: Battery) -> Iterator[tuple[int, Case]]:
        """The battery, with its numbers; only the beginning of it where all of it would leave something untried."""
        usual = enumerate(islice(battery.cases(), battery.budget))
        yield from islice(usual, _SCOUTING)
        rest = chain(usual, further_cases(self, battery))
        if self._untaken_ways() or not self._typical_returned:
            known = list(rest)
            yield from known if self._tells(known) else []
        else:
            yield from rest

    def _tells(self, rest: list[tuple[int, Case]]) -> bool:
        """Whether the rest of the battery reaches what the beginning did not: the loop alone runs, to see that."""
        if not self._typical_returned and not any(_is_typical(case) for _, case in rest):
            return False
        untaken, hanging = set(self._untaken_ways()), 0
        for number, case in rest:
            if not untaken or hanging > _HANGING or self.seconds() > _TIME * self.timeout:
                return True
            run = None if self._too_large(case) else self._case(number, case)
            if run is None:
                continue
            run.outcome = run.outcome or self.run_version(self.before, run.arguments, self._limit())
            self._check_refused()
            hanging += run.outcome.status == "timeout"
            if run.outcome.status == "returned":
                untaken -= run.outcome.branches
        return not untaken

    def _untaken_ways(self) -> dict[tuple[int, bool], tuple[int, str]]:
        """Conditions, by number, and the ways that none of them went so far: the line and the text of each."""
        needed = ((number, side, line, text) for number, line, text, *sides in self._branches for side in sides)
        return {
            (number, side): (line, text) for number, side, line, text in needed if (number, side) not in self._taken
        }

    def _too_large(self, case: Case) -> bool:
        return "n=1000" in case.tags and self._seconds_at_130 > _LONG_AT_130

    def _limit(self) -> float:
        """Seconds that the loop may take for one input."""
        return max(_LEAST_LIMIT, 60 * self.reference.loop_seconds)

    def _tried(self, number: int, case: Case) -> str:
        """Run both versions on one case; "refuted" when they differ where they must not."""
        run = None if self._too_large(case) else self._case(number, case)
        if run is None:
            return ""
        drafts = run.drafts
        a, b, difference = self._pair(drafts, run.arguments, case.tags, run.outcome)
        run.outcome = None if self._used_up else a
        if b is None:
            self._slow += a.status == "timeout"
            if self._slow > _HANGING:
                raise Unverified("the loop does not return in time on several inputs")
            return ""
        if "n=130" in case.tags:
            self._seconds_at_130 = max(self._seconds_at_130, a.seconds)
        tags = (*case.tags, "raises") if a.status == "raised" else case.tags
        # That nothing was gathered explains no result of another kind, only that there is none.
        none = (t for t in nothing(self.request, a) if t == GATHERED_NONE or b.status == "raised")
        known = {*tags, *none}
        known |= {*error_tags(a.error), *unfit(self.request, drafts, b.error)}
        if difference and not self._excused(known | content_tags(drafts)):
            if self._has_ducks() and (wants_data(self.request) or (a.status, b.status) == ("returned", "raised")):
                raise Unverified(f"no input is known that is more than a stand-in: {difference}")
            if self._unlike_itself(run.arguments) or self._only_by_zeros(drafts, case.tags):
                return ""
            if not self._broken_on_the_way(run.arguments):
                return self._refuted(drafts, tags, difference, (a, b))
        self._count(a, tags, bool(difference))
        self._typical_returned += a.status == "returned" and _is_typical(case)
        return ""

    def _has_ducks(self) -> bool:
        """Whether objects that can do everything went in, which the loop and the new version need not both be for."""
        return self.before.calls.objects or '"duck"' in json.dumps(self.parameters)

    def _insufficient(self, reason: str) -> str:
        self.evidence["reason"] = reason
        return "insufficient"

    def _case(self, number: int, case: Case) -> Run | None:
        """The case of this number; what the loop did on it is known if an earlier form of the site got as far."""
        runs = self.reference.runs
        if number not in runs:
            made = self._made(case)
            runs[number] = made and Run(*made)
        return runs[number]

    def _made(self, case: Case) -> tuple[Drafts, dict[str, Any]] | None:
        """A case as drafts and as real objects; None when its oddity can't be put into this kind of input."""
        try:
            drafts = self.battery.make(case)
            return None if drafts is None else (drafts, _finished(drafts))
        except (ValueError, TypeError, OverflowError, IndexError, KeyError):
            return None

    def _only_by_zeros(self, drafts: Drafts, tags: tuple[str, ...]) -> bool:
        """Whether the versions agree once no zero of the input has a sign, which the new one says it does not keep."""
        if "signed-zero" not in self.request["obligations"] or "value:-0.0" not in content_tags(drafts):
            return False
        plain = changes.without_signs(drafts)
        _, b, difference = self._pair(plain, _finished(plain), tags)
        return b is not None and not difference

    def _broken_on_the_way(self, arguments: dict[str, Any]) -> bool:
        """Whether what the loop comes to is not what is assumed, whatever the input was."""
        return broken_at_entry(self.before, arguments, self.request.get("owed", ()), 5.0)

    def _excused(self, tags: set[str]) -> bool:
        return excused(self.request["broken_by"], tags)

    def _count(self, a: Outcome, tags: tuple[str, ...], excused: bool) -> None:
        self.evidence["inputs"] += 1
        if a.status == "returned":
            self._taken |= a.branches
        self.kinds += [t for t in tags if t != "raises"]
        if excused:
            self.evidence["excused"] += 1
        elif a.status == "raised":
            self.evidence["raised"] += 1
        else:
            self.evidence["returned"] += 1

    # a difference

    def _refuted(self, drafts: Drafts, tags: tuple[str, ...], difference: str, seen: tuple[Outcome, Outcome]) -> str:
        raised = "raises" in tags

        def fails(candidate: Drafts) -> bool:
            try:
                a, b, text = self._pair(candidate, _finished(candidate), tags)
            except (ValueError, TypeError, KeyError, IndexError, OverflowError):
                return False
            differs = b is not None and bool(text) and (a.status == "raised") == raised
            return differs and not self._broken_on_the_way(_finished(candidate))

        small, arguments, text = drafts, _finished(drafts), difference
        a: Outcome
        b: Outcome | None
        a, b = seen
        # each try of a version that hangs would cost the whole limit
        if b.status != "timeout" and self.request.get("shrink", True):
            small = shrink(drafts, fails)
            arguments = _finished(small)
            a, b, text = self._pair(small, arguments, tags)
        changed = [k for k in arguments if f"argument {k}" in (text or difference)]
        left = show.outcome(a, changed)
        right = show.outcome(b, changed) if b is not None else ""
        self.evidence["inputs"] += 1
        self.evidence["reason"] = text or difference
        if left == right:
            right += f"\n# {text or difference}"
        self.evidence["counterexample"] = {
            "inputs": show.inputs(arguments),
            "before": left,
            "after": right,
            "tags": list(tags),
        }
        return "refuted"


def _finished(drafts: Drafts) -> dict[str, Any]:
    return {k: finish(v) for k, v in drafts.items()}


def _is_typical(case: Case) -> bool:
    return case.tags[0].startswith(("typical", "n=130", "n=1000"))


def versions() -> str:
    return f"pandas {pd.__version__}, NumPy {np.__version__}, Python {platform.python_version()}"
