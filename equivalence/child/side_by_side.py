"""Two functions side by side: every case runs, and what the inputs have in common on which they differ is named."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from . import show
from .battery import Battery, Case
from .changes import Drafts, all_slots, content_tags, error_tags
from .compare import Comparison, Differs, Rules
from .conditions import Row, conditions, ordinary
from .drafts import Column, Instance, Scalar, finish
from .further import cases_of_passing_rows
from .given import Fitted, Given
from .namespace import Outcome, Version, clone
from .reference import Run
from .shrink import shrink
from .speed import Stopwatch
from .trial import Trial, Unverified
from .written import constants_of

_SHRINK_SECONDS = 3.0
_LAST_BITS = 1e-10
#: Assumptions about the comparison itself, the smallest first.
_COMPARED = (
    ("signed-zero",), ("empty-type",), ("last-bits",), ("element-types",), ("element-types", "signed-zero"),
    ("element-types", "last-bits"),
)  # fmt: skip
_TEXT = ("dtype:str",)
#: Once an ordinary input shows a difference, this many cases are enough.
_ENOUGH = 60
#: Inputs without what is given that are run to see which conditions go the other way there.
_OUTSIDE = 150


class _Longer(Stopwatch):
    """Who asks which of two functions is faster can wait for a slow one; on inputs of which holds what is given."""

    slow, brief, patience, least, worth = 6.0, 6.0, 10.0, 10.0, 20.0

    def _arguments(self, n: int) -> dict[str, Any]:
        given = self._trial.request.get("given") and getattr(self._trial, "given", None)
        if not given:
            return super()._arguments(n)
        kept = self._trial.reference.large
        if n not in kept:
            drafts = given.fit(self._drafts(n))
            if drafts is None:
                raise _NotSoLarge
            kept[n] = {k: finish(v) for k, v in drafts.items()}
        return kept[n]

    def speedups(self) -> list[tuple[int, float]]:
        """As for any trial; none where no large input fits what is given."""
        try:
            return super().speedups()
        except _NotSoLarge:
            return []

    def at_once(self, n: int) -> float:
        """As for any trial; not told where something is given, which other inputs may not fulfil."""
        return 0.0 if self._trial.request.get("given") else super().at_once(n)


class _NotSoLarge(Exception):
    """No input of that size can be made."""


@dataclass
class _Difference:
    """A case on which the functions differ."""

    run: Run
    row: Row
    a: Outcome
    b: Outcome
    text: str


class SideBySide(Trial):
    """Runs all cases, goes on after a difference, and times both functions whatever they return."""

    watch = _Longer

    def __init__(self, request: dict[str, Any], note: Callable[[str], None]) -> None:
        self.given = Given(request.get("given") or [])
        self._outside: set[tuple[int, bool]] = set()
        super().__init__(request, note)

    def _new_battery(self, pick: int = 1) -> Battery:
        constants = constants_of(self.request["before"]["source"])
        if not self.request.get("given"):
            return Battery(self.parameters, self.request["seed"], pick, constants)
        return Fitted(self.given, self.parameters, self.request["seed"], pick, constants)

    def run(self) -> dict[str, Any]:
        """The evidence as JSON, with the conditions under which the functions differ."""
        found = super().run()
        standins = sorted(self.before.stubs_used | self.after.stubs_used)
        if not standins and not self._has_ducks():
            timed = found["verdict"] in ("refuted", "insufficient") and not self.hung
            if timed and self.reference.battery is not None:
                found |= _Longer(self).timed()
            return found
        found |= {"speedups": [], "at_once": 0.0}  # a stand-in takes no time
        if found["verdict"] == "refuted":
            failed = {**self.after.failed, **self.before.failed}
            why = {name: failed.get(name.split(".")[0], "not known here") for name in standins[:3]}
            what = (
                "; ".join(f"{name} ({reason})" for name, reason in why.items()) or "an input of which nothing is known"
            )
            found["reason"] = f"they differ, but with a stand-in for {what}"
            found |= {"verdict": "unverified", "conditions": [], "differ": 0, "ordinary": 0, "counterexample": None}
        return found

    def run_version(self, version: Version, arguments: dict[str, Any], limit: float) -> Outcome:
        """One run. What a file holds counts only if it was changed: the other file need not have it."""
        outcome = super().run_version(version, arguments, limit)
        fresh = _fresh(version)
        outcome.globals = {
            k: v
            for k, v in outcome.globals.items()
            if k not in outcome.idle and (k not in fresh or _changed(fresh[k], v))
        }
        return outcome

    def _pair(
        self, drafts: Drafts, arguments: dict[str, Any], tags: tuple[str, ...], known: Outcome | None = None
    ) -> tuple[Outcome, Outcome | None, str]:
        a, b, difference = super()._pair(drafts, arguments, tags, known)
        if b is not None and difference.startswith(tuple(f"{n}:" for n in set(a.globals) - set(b.globals))):
            difference = f"{difference.split(':')[0]} is changed, but only by the old function"
        elif b is not None and not difference and (more := sorted(set(b.globals) - set(a.globals))):
            difference = f"{more[0]} is changed, but only by the new function"
        return a, b, difference

    def _battery(self, battery: Battery) -> str:
        rows: list[Row] = []
        differing: list[_Difference] = []
        self._taken.clear()
        typical = slow = 0
        large_seconds = 0.0
        further = (case for _, case in cases_of_passing_rows(self, battery))
        for number, case in enumerate(chain(_cases(battery, battery.budget), further)):
            late = self.seconds() > 0.5 * self.timeout
            plain = any(d.row.plain for d in differing)
            if (late and number > 30) or (plain and number > _ENOUGH):
                break
            if (late and differing) or sum(d.b.status == "timeout" for d in differing) > 1:
                break
            if late:
                raise Unverified("the old function is too slow to be tried on enough inputs")
            if "n=1000" in case.tags and large_seconds > 0.03:
                continue
            run = self._case(number, case)
            if run is None:
                continue
            a, b, difference = self._pair(run.drafts, run.arguments, case.tags, run.outcome)
            run.outcome = None if self._used_up else a
            if b is None:
                slow += a.status == "timeout"
                if slow > 3:
                    raise Unverified("the old function does not return in time on several inputs")
                continue
            if "n=130" in case.tags:
                large_seconds = max(large_seconds, a.seconds)
            excuse = self._excuse(a, b, case, run.drafts) if difference and not self._used_up else ""
            if case.tags == _TEXT and a.status == "raised":
                continue  # what the old function does not take is no difference
            row = _row(case, run.drafts, a, bool(difference), excuse)
            if row.tags & set(self.request["granted"]):
                continue
            if self._excused(set(row.tags)):
                self._outside |= a.branches if a.status == "returned" else set()
                self.evidence["inputs"] += 1
                self.evidence["excused"] += 1
                continue
            if difference and self._unlike_itself(run.arguments):
                continue
            rows.append(row)
            self._note(a, case, bool(difference))
            typical += a.status == "returned" and ordinary(row)
            if difference:
                differing.append(_Difference(run, row, a, b, difference))
        if differing:
            return self._differ(rows, differing)
        return self._covered(typical)

    def _note(self, a: Outcome, case: Case, differs: bool) -> None:
        """Count an input, by how both ended if they did the same."""
        self.evidence["inputs"] += 1
        self.kinds += case.tags
        if a.status == "returned":
            self._taken |= a.branches
        if not differs:
            self.evidence["raised" if a.status == "raised" else "returned"] += 1

    def _excuse(self, a: Outcome, b: Outcome, case: Case, drafts: Drafts) -> str:
        """Which named assumptions about the comparison itself would let the difference pass: `last-bits`."""
        request = self.request
        try:
            for names in _COMPARED:
                rtol = request["tolerance"] or (_LAST_BITS if "last-bits" in names else None)
                self.request = {**request, "obligations": [*request["obligations"], *names], "tolerance": rtol}
                with contextlib.suppress(Differs, RecursionError):
                    Comparison(self._rules(case.tags, drafts)).outcomes(a, b)
                    return "+".join(names)
        finally:
            self.request = request
        return ""

    def _covered(self, typical: int) -> str:
        if not typical:
            return self._insufficient(self._nothing_usual())
        for number, line, text, *sides in self.request.get("branches", ()):
            for side in sides:
                if (number, side) in self._taken:
                    continue
                what = f"`{text}` on line {line} {str(side).lower()}"
                if (number, side) not in self._taken_outside():
                    return self._insufficient(f"no input makes {what}")
                self.evidence.setdefault("only_outside", []).append(f"only inputs that are ruled out make {what}")
        return "verified"

    def _nothing_usual(self) -> str:
        if self.request.get("given") and not self.evidence["inputs"]:
            said = f" ({self.given.said})" if self.given.said else ""
            return f"no input could be made of which holds what is given{said}"
        return "the old function raises on every typical input"

    def _taken_outside(self) -> set[tuple[int, bool]]:
        """Which way conditions go on inputs of which does not hold what is given: nobody asks about those."""
        battery = self.battery
        if isinstance(battery, Fitted):
            for drafts in battery.left_out[:_OUTSIDE]:
                self._outside |= self.run_version(self.before, {k: finish(v) for k, v in drafts.items()}, 1.0).branches
            battery.left_out.clear()
        return self._outside

    def _differ(self, rows: list[Row], differing: list[_Difference]) -> str:
        named, plain = conditions(rows)
        self.evidence["differ"] = len(differing)
        self.evidence["conditions"] = named
        self.evidence["ordinary"] = plain
        order = {condition["tag"]: k for k, condition in enumerate(named)}

        def telling(found: _Difference) -> tuple[Any, ...]:
            first = min((order.get(tag, len(order)) for tag in found.row.odd), default=len(order))
            only = bool(_only(found.row))  # says less than another value does
            return not found.row.plain, only, found.a.status != "returned", found.b.status != "returned", first

        self._show(min(differing, key=telling))
        return "refuted"

    def _show(self, found: _Difference) -> None:
        """The input made smaller, as long as it stays of its kind and both end as they did."""
        run, a, b, text = found.run, found.a, found.b, found.text
        allowed = set(found.row.tags)
        ended = _ended(a), _ended(b)
        only = _only(found.row)

        def fails(candidate: Drafts) -> bool:
            if content_tags(candidate) - allowed or self.given.broken(candidate):
                return False
            try:
                x, y, difference = self._pair(candidate, {k: finish(v) for k, v in candidate.items()}, found.row.case)
            except (ValueError, TypeError, KeyError, IndexError, OverflowError):
                return False
            if y is None or not difference or (_ended(x), _ended(y)) != ended:
                return False
            return only == self._excuse(x, y, Case(found.row.case), candidate)

        arguments = run.arguments
        if b.status != "timeout":
            small = shrink(run.drafts, fails, _SHRINK_SECONDS)
            arguments = {k: finish(v) for k, v in small.items()}
            x, y, again = self._pair(small, arguments, found.row.case)
            if y is not None and again:
                a, b, text = x, y, again
        changed = [k for k in arguments if f"argument {k}" in text]
        left, right = show.outcome(a, changed), show.outcome(b, changed)
        if left == right:
            right += f"\n# {text}"
        self.evidence["reason"] = text
        inputs = "\n".join(_assignment(name, value) for name, value in arguments.items())
        tags = list(found.row.case)
        self.evidence["counterexample"] = {"inputs": inputs, "before": left, "after": right, "tags": tags}


def _cases(battery: Battery, count: int) -> Iterator[Case]:
    """Those of the battery, and text where nothing but `+` or `==` says what a single value is."""
    found = islice(battery.cases(), count)
    yield from islice(found, 20)
    yield Case(_TEXT, change=_put_text)
    yield from found


def _put_text(drafts: Drafts) -> bool:
    free = [s for s in all_slots(drafts) if isinstance(s, Scalar) and s.spec["t"] in ("any", "num")]
    for k, slot in enumerate(s for s in free if not s.spec.get("stated")):
        slot.value, slot.kind = "ab"[: 1 + k % 2] + str(k), "str"
    return bool(free)


def _ended(outcome: Outcome) -> tuple[str, str, str]:
    missing = str(outcome.error) if isinstance(outcome.error, KeyError) else ""
    return outcome.status, type(outcome.error).__name__, missing


def _only(row: Row) -> str:
    """The assumptions about the comparison itself that would let the difference pass."""
    return next((tag.removeprefix("only:") for tag in row.tags if tag.startswith("only:")), "")


def _row(case: Case, drafts: Drafts, a: Outcome, differs: bool, excuse: str) -> Row:
    tags = {
        *([f"only:{excuse}"] if excuse else []),
        *case.tags,
        *content_tags(drafts),
        *error_tags(a.error),
        *(["raises"] if a.status == "raised" else []),
    }
    return Row(case.tags, frozenset(tags), frozenset(_placed(drafts)), differs)


def _placed(drafts: Drafts) -> set[tuple[str, str]]:
    """What is odd about values, and of which input or column."""
    found = set()
    for slot in all_slots(drafts):
        for v in slot.values if isinstance(slot, Column) else [slot.value]:
            if v is None:
                found |= {("value:none", slot.label), ("value:nat", slot.label)}
            elif isinstance(v, float) and v != v:
                found |= {("value:nan", slot.label), ("value:nan-text", slot.label)}
            elif isinstance(v, (int, float)) and not isinstance(v, bool):
                found |= {(tag, slot.label) for tag in _of_number(v)}
    return found


def _of_number(v: float) -> set[str]:
    if v == 0:
        return {"value:-0.0" if str(v) == "-0.0" else "value:zero"}
    if v in (float("inf"), float("-inf")):
        return {"value:inf"}
    if isinstance(v, int) and abs(v) >= 2**53:
        return {"value:bigint"}
    return {"value:negative"} if v < 0 else {"value:huge"} if v > 1e300 else set()


def _fresh(version: Version) -> dict[str, Any]:
    """What the modules of a version hold before a run, named as in an outcome."""
    found = dict(version._pristine)
    found |= {f"{k}.{a}": v for (k, a), v in version._class_state.items()}
    return found | {f"{Path(key).stem}.{k}": v for (key, k), v in version._other_state.items()}


def _changed(before: Any, after: Any) -> bool:
    try:
        Comparison(Rules()).same(clone(before, {}), after, "it")
    except Differs:
        return True
    except Exception:
        return True  # it can't be looked into: both versions have to agree about it
    return False


def _assignment(name: str, value: Any) -> str:
    """Code that makes an input; an object gets its attributes one by one, whatever its `__init__` wants."""
    if not isinstance(value, Instance):
        return show.inputs({name: value})
    lines = [f"{name} = object.__new__({value.cls})" if value.cls else f"{name} = types.SimpleNamespace()"]
    return "\n".join([*lines, *(f"{name}.{k} = {show.code(v)}" for k, v in value.attributes.items())])
