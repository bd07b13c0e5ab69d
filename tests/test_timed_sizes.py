"""Which sizes both versions are timed at."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from deloop.equivalence.child.speed import Stopwatch, Times, _foreseen

LIMITS = [1.05, 0.05]


def stopwatch(making: float = 0.01, whole: float = 0.001, limits: list[float] = LIMITS) -> Stopwatch:
    reference = SimpleNamespace(making={1000: making}, timed={}, large={})
    trial: Any = SimpleNamespace(request={"limits": limits}, reference=reference, timeout=30.0, seconds=lambda: 0.1)
    made = Stopwatch(trial)
    made._whole = whole
    return made


def times(old: float, new: float) -> Times:
    return [old], [new]


def worthwhile(watch: Stopwatch, small: Times, large: Times) -> int:
    return watch._worthwhile(20_000, 1000, {50: small, 1000: large})


def test_no_larger_size_where_both_versions_take_as_long() -> None:
    assert worthwhile(stopwatch(), times(5e-5, 5e-5), times(1e-3, 1e-3 / 1.2)) == 0


@pytest.mark.parametrize(
    ("small", "large"),
    [
        (times(5e-5, 5e-4), times(1e-3, 6e-4)),  # what it costs once is most of it: each further round is cheap
        (times(5e-5, 5e-5), times(1e-3, 1e-4)),
        (times(5.2e-5, 5e-5), times(1.04e-3, 1e-3)),  # the limit of the choice lies here
    ],
)
def test_the_last_size_where_it_may_show_something_else(small: Times, large: Times) -> None:
    assert worthwhile(stopwatch(), small, large) == 20_000


def test_every_size_where_no_limit_is_asked_about() -> None:
    assert worthwhile(stopwatch(limits=[]), times(5e-5, 5e-5), times(1e-3, 1e-3)) == 20_000


@pytest.mark.parametrize(("making", "size"), [(0.02, 20_000), (0.1, 5000), (1.0, 0)])
def test_an_input_that_takes_long_to_be_made_is_a_smaller_one_or_none(making: float, size: int) -> None:
    watch = stopwatch(making=making)
    assert worthwhile(watch, times(5e-5, 5e-5), times(1e-3, 1e-4)) == size
    assert making < 0.05 or not cast("Any", watch)._trial.reference.large  # nothing large was made to find that out


def test_a_ratio_is_foreseen_from_what_each_further_round_takes() -> None:
    assert _foreseen(20_000, {50: times(1e-4, 1e-3), 1000: times(2e-3, 1e-3)}) == pytest.approx(40.0, rel=0.01)
    assert _foreseen(20_000, {50: times(1e-4, 1e-4), 1000: times(2e-3, 2e-3)}) == pytest.approx(1.0)
