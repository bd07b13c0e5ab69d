"""How much faster the new version is, at several sizes."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

from .build import Builder
from .changes import Drafts
from .drafts import finish
from .lasting import Change, as_made, longest, may_end_early

if TYPE_CHECKING:
    from .trial import Trial

SIZES = (50, 1000, 20000)
#: A measured ratio between these shares of a limit is measured again, at length: it must not depend on the moment.
_NEAR = (0.5, 1.5)
#: Seconds: of three runs, of one size, of one size near a limit; a loop that takes longer is not timed at that size.
_QUICK, _ENOUGH, _LONG, _SLOW = 0.05, 0.08, 0.4, 0.5
#: Where the loop would take longer than this at the last size, a smaller one will do, if the new version alone shows
#: there that it wins so many times over; a loop that does not grow with its input is no measure.
_BRIEF, _SMALLER, _CLEARLY, _GROWS = 0.08, 5000, 4.0, 10.0
#: Seconds that the runs of one size may take with all that stands around the loop, and so that one run may take.
_WHOLE = 2.0
#: One run may take so many times as long as it seems, but some seconds in any case.
_MUCH, _LEAST = 5.0, 0.3
#: What the last size may cost, in seconds, its input included; a smaller one will do where it would cost more.
_WORTH = 0.8
#: Where both versions take as long, and each further round does, larger inputs show nothing else than smaller ones.
_ALIKE, _ABOUT = (0.67, 1.5), 1.03
_RUNS, _MORE_RUNS = 7, 40
#: Rows of an input that shows whether a loop ends early.
_TRIED = 300

#: Seconds of the loop, and of the new version.
Times = tuple[list[float], list[float]]


class Stopwatch:
    """Times both versions. The loop's times are kept with the reference, for the other forms of the site."""

    slow, brief, patience, least, worth = _SLOW, _BRIEF, _WHOLE, _LEAST, _WORTH

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._limits: list[float] = [x for x in trial.request.get("limits") or () if x]
        self._whole = 0.0  # seconds of the last run of both, with all that stands around the loop
        self.ends_early = False  # on the inputs that are made for other purposes

    def timed(self) -> dict[str, Any]:
        """What the evidence says of the speed."""
        found = self.speedups()
        early = self.at_once(found[-1][0]) if self.ends_early else 0.0
        return {"speedups": found, "at_once": early}

    def speedups(self) -> list[tuple[int, float]]:
        """Pairs of a size and how many times faster the new version is there."""
        gc.collect(1)
        gc.disable()  # a collection that falls into one of the two is worth a factor
        try:
            return self._speedups()
        finally:
            gc.enable()

    def _speedups(self) -> list[tuple[int, float]]:
        found: dict[int, float] = {}
        if self._trial.reference.lasting is None:
            self._trial.reference.lasting = self._lasting()
        size = 0
        measured: dict[int, Times] = {}
        for n in SIZES:
            n = self._worthwhile(n, size, measured)
            if not n:
                break
            times: Times = self._trial.reference.timed.setdefault(n, []), []
            if not self._measure(n, times, _ENOUGH, _RUNS):
                break
            size, measured[n] = n, times
            found[n] = self._careful(n, times, self._limits[1:])
        if size and self._limits:
            times = self._trial.reference.timed[size], []
            found[size] = self._careful(size, times, self._limits[:1], found[size])
        self.ends_early = size > 0 and self._trial.reference.lasting is not as_made
        return sorted(found.items())

    def _worthwhile(self, n: int, size: int, measured: dict[int, Times]) -> int:
        """The size to go on with, after one: the next, a smaller one that will do as well, or none (0)."""
        if not size:
            return n
        growth = n / size
        expected = min(measured[size][0]) * growth
        if self._trial.seconds() > 0.8 * self._trial.timeout or self._whole * growth > _WHOLE:
            return 0
        if expected > self.slow:
            return 0
        if n < SIZES[-1]:
            return n
        ratio, further = _best(*measured[size]), _foreseen(n, measured)
        if self._settled(ratio, further):
            return 0
        cost = (self._trial.reference.making.get(size, 0.0) + 2 * self._whole) / size
        if cost * n > self.worth:
            return _SMALLER if cost * _SMALLER <= self.worth else 0
        return _SMALLER if expected > self.brief and further > _CLEARLY and self._wins(n, expected) else n

    def _settled(self, ratio: float, further: float) -> bool:
        """Whether larger inputs would show what smaller ones do: that both versions take as long, more or less."""
        low, high = sorted((ratio, further))
        turns = any(low / _ABOUT < limit < high * _ABOUT for limit in self._limits)
        return bool(self._limits) and _ALIKE[0] < low and high < _ALIKE[1] and not turns

    def at_once(self, n: int) -> float:
        """How many times as fast the new version is where the loop leaves so many rows after a few; 0 if unknown."""
        arguments = {k: finish(v) for k, v in self._made(n).items()}
        times: Times = [], []
        return _best(*times) if self._measure(n, times, _ENOUGH, _RUNS, both=True, arguments=arguments) else 0.0

    def _wins(self, n: int, expected: float) -> bool:
        """Whether the new version is fast at that size, compared with a loop that takes as long as it seems."""
        small, large = (min(self._trial.reference.timed[size]) for size in SIZES[:2])
        if large < _GROWS * small:
            return False
        ran = [self._trial.run_version(self._trial.after, self._arguments(n), self.patience) for _ in range(2)]
        fastest = min(b.seconds for b in ran)
        return all(b.status == "returned" for b in ran) and expected > _CLEARLY * max([1.0, *self._limits]) * fastest

    def _careful(self, n: int, times: Times, limits: list[float], known: float = 0.0) -> float:
        """The ratio, measured at length when one of the limits is near."""
        ratio = known or _best(*times)
        if any(_NEAR[0] * limit < ratio < _NEAR[1] * limit for limit in limits):
            self._measure(n, times, _LONG, _MORE_RUNS, both=True)
            ratio = _best(*times)
        return ratio

    def _measure(
        self,
        n: int,
        times: Times,
        budget: float,
        runs: int,
        both: bool = False,
        arguments: dict[str, Any] | None = None,
    ) -> bool:
        """Add to the times; False when a version does not return."""
        old, new = times
        arguments = arguments or self._arguments(n)
        trial, patience = self._trial, self._patience(n)
        trial.note("before")
        spent = 0.0
        known = not both and bool(old)
        started = time.perf_counter()
        for k in range(runs):
            if not known:
                a = trial.reference.plain().run(arguments, patience)
                if a.status != "returned":
                    return False
                old.append(a.seconds)
                spent += a.seconds
            b = trial.run_version(trial.after, arguments, patience)
            if b.status == "timeout":  # it is slower than the loop, which a larger size need not show
                new.append(patience)
                break
            if b.status != "returned":
                return False
            new.append(b.seconds)
            spent += b.seconds
            whole = time.perf_counter() - started
            self._whole = whole / (k + 1)
            if whole > _WHOLE:
                break
            if (spent > _QUICK and k >= self._repeats(times) and not both) or spent > budget:
                break
        return True

    def _patience(self, n: int) -> float:
        """Seconds that one run may take at a size, in view of the size before."""
        before = max((size for size in SIZES if size < n), default=0)
        took = max(self._whole, min(self._trial.reference.timed.get(before, ()), default=0.0))
        expected = took * n / before if before else self.patience
        return min(self.patience, max(self.least, _MUCH * expected))

    def _repeats(self, times: Times) -> int:
        """How often more than once a version is run: once will do where the new one wins many times over."""
        return 1 if _best(*times) > _CLEARLY * max([1.0, *self._limits]) else 2

    def _arguments(self, n: int) -> dict[str, Any]:
        kept = self._trial.reference.large
        if n not in kept:
            kept[n] = self._counted(n) or self._built(n)
        return kept[n]

    def _built(self, n: int, most: int | None = None) -> dict[str, Any]:
        started = time.perf_counter()
        made = {k: finish(v) for k, v in self._drafts(n, most).items()}
        self._trial.reference.making[n] = time.perf_counter() - started
        return made

    def _drafts(self, n: int, most: int | None = None) -> Drafts:
        drafts = self._made(n, most)
        (self._trial.reference.lasting or as_made)(drafts)
        return drafts

    def _made(self, n: int, most: int | None = None) -> Drafts:
        trial = self._trial
        builder = Builder(trial.parameters, n, trial.request["seed"], "float", trial.battery.pick, most)
        return builder.build(trial.parameters)

    def _lasting(self) -> Change:
        """What makes the loop go on to the end, where it leaves typical inputs after a few rounds."""
        before = self._trial.reference.plain()
        if not may_end_early(self._trial.before.source):
            return as_made

        def seconds(change: Change) -> float | None:
            drafts = self._made(_TRIED)
            change(drafts)
            arguments = {k: finish(v) for k, v in drafts.items()}
            found: list[float] = []
            while len(found) < 3 and sum(found) < _ENOUGH:  # what runs for the first time takes longer
                ran = before.run(arguments, 1.0)
                if ran.status != "returned":
                    return None
                found.append(ran.seconds)
            return min(found)

        return longest(seconds)

    def _counted(self, n: int) -> dict[str, Any] | None:
        """Where a number says how many rounds there are, tables grow no further than the size before the last one."""
        flags = [p["spec"].get("flags", ()) for p in self._trial.parameters if p["spec"]["t"] == "int"]
        if n <= SIZES[1] or not any("length" in f for f in flags):
            return None
        made = self._built(n, SIZES[1])
        return made if self._trial.reference.plain().run(made, self.patience).status == "returned" else None


def _best(old: list[float], new: list[float]) -> float:
    """The fastest run of each is what the machine's other work disturbs least."""
    return min(old) / max(min(new), 1e-9)


def _foreseen(n: int, measured: dict[int, Times]) -> float:
    """The ratio at a larger size, if both versions take as long for each further round as between the last two."""
    (small, first), (size, last) = sorted(measured.items())[-2:]
    rounds = (n - size) / (size - small)
    old, new = (min(b) + max(min(b) - min(a), 0.0) * rounds for a, b in zip(first, last, strict=True))
    return old / max(new, 1e-9)
