"""`deloop.rollout`: both versions run for a share of the calls, and nothing of the new one reaches the caller."""

import inspect
import logging
import pickle
import subprocess
import sys
import threading
import time
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop import rollout as room
from deloop.rollout import Difference, rollout


def _original_double(xs: list[float]) -> list[float]:
    return [x * 2 for x in xs]


@rollout(original=_original_double, share=1)
def double(xs: list[float]) -> list[float]:
    """Twice each."""
    return [x + x for x in xs]


def pair(original: Any, new: Any, **options: Any) -> Any:
    return rollout(original=original, **{"share": 1.0, **options})(new)


def test_the_function_is_still_itself() -> None:
    double.reset()  # type: ignore[attr-defined]
    assert double([1.0, 2.5]) == [2.0, 5.0]
    assert (double.__name__, double.__doc__) == ("double", "Twice each.")
    assert list(inspect.signature(double).parameters) == ["xs"]
    assert pickle.loads(pickle.dumps(double)) is double
    found = double.report()  # type: ignore[attr-defined]
    assert (found.calls, found.compared, found.differences) == (1, 1, 0)
    assert found.seconds_original > 0 and found.seconds_new > 0 and found.speedup > 0
    assert found.function.endswith("test_rollout.double")
    assert found in room.report()


def test_a_difference_is_logged_counted_and_told(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Difference] = []
    f = pair(lambda x: x, lambda x: x * 1.01, on_difference=told.append)
    with caplog.at_level(logging.WARNING, "deloop.rollout"):
        assert f(100.0) == 100.0
    assert [(d.what, d.original_result, d.new_result) for d in told] == [("result: 100.0 and 101.0", 100.0, 101.0)]
    assert "result: 100.0 and 101.0" in caplog.text
    assert f.report().differences == 1
    assert "1 calls, 1 compared, 1 differences" in str(f.report())


def test_within_the_tolerance() -> None:
    f = pair(lambda x: x, lambda x: x * 1.00009)
    f(100.0)
    assert f.report().differences == 0
    strict = pair(lambda x: x, lambda x: x * 1.00009, tolerance=1e-6)
    strict(100.0)
    assert strict.report().differences == 1


def test_the_new_result_by_option() -> None:
    f = pair(lambda: 1.0, lambda: 1.00001, returns="new")
    assert f() == 1.00001
    assert pair(lambda: 1.0, lambda: 1.00001, returns="new", share=0)() == 1.00001


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(3), RecursionError()])
def test_no_exception_of_the_new_version_gets_out(error: BaseException) -> None:
    def new(x: int) -> int:
        raise error

    told: list[Difference] = []
    for returns, share in (("original", 1), ("new", 1), ("new", 0)):
        f = pair(lambda x: x + 1, new, returns=returns, share=share, on_difference=told.append)
        assert f(1) == 2
        assert (f.report().differences, f.report().new_failures) == (1, 1)
    assert [d.new_error for d in told] == [error] * 3


def test_the_fallback_gets_the_arguments_as_they_were() -> None:
    def new(xs: list[int]) -> int:
        xs.clear()
        raise ValueError

    for share in (0, 1):
        assert pair(sum, new, returns="new", share=share)([1, 2]) == 3


def test_an_exception_that_cannot_be_printed() -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def new() -> int:
        raise Silent

    assert pair(lambda: 1, new)() == 1


def test_exceptions_of_the_original_reach_the_caller() -> None:
    def old(x: int) -> int:
        raise KeyError(x)

    for new, differences in ((old, 0), (lambda x: x, 1)):
        for returns in ("original", "new"):
            f = pair(old, new, returns=returns)
            if returns == "new" and new is not old:
                assert f(1) == 1
            else:
                with pytest.raises(KeyError):
                    f(1)
            assert f.report().differences == differences


def test_a_failing_hook_is_the_hooks_problem() -> None:
    def hook(found: Difference) -> None:
        raise SystemExit(found.what)

    f = pair(lambda: 1, lambda: 2, on_difference=hook)
    assert f() == 1
    assert f.report().hook_failures == 1


def test_changes_of_the_one_are_not_seen_by_the_other() -> None:
    def old(xs: list[int], frame: pd.DataFrame, *, cells: dict[str, Any]) -> int:
        xs.append(1)
        frame["new"] = len(xs)
        frame.at[0, "held"].append(1)
        cells["k"][0] = 5
        return len(xs) + len(frame.at[0, "held"])

    def fresh() -> tuple[list[int], pd.DataFrame, dict[str, Any]]:
        return [], pd.DataFrame({"a": [1.0], "held": [[]]}), {"k": np.zeros(2)}

    for returns in ("original", "new"):
        xs, frame, cells = fresh()
        f = pair(old, old, returns=returns)
        assert f(xs, frame, cells=cells) == 2
        assert xs == [1] and frame["new"].tolist() == [1] and frame.at[0, "held"] == [1] and cells["k"][0] == 5
        assert f.report().differences == 0


def test_changed_arguments_are_compared() -> None:
    def old(xs: list[int], key: str) -> None:
        xs.append(1)

    f = pair(old, lambda xs, key: None)
    f([], key="a")
    assert f.report().last_difference == "argument 0 after the call: length 1 and 0"
    f = pair(old, lambda xs, key: None)
    f(key="a", xs=[])
    assert f.report().last_difference == "argument xs after the call: length 1 and 0"


def test_an_object_in_a_series_is_copied() -> None:
    def old(cells: pd.Series) -> None:
        cells.iloc[0].append(1)

    cells = pd.Series([[]], name="n", dtype=object)
    f = pair(old, old)
    f(cells)
    assert cells.iloc[0] == [1] and f.report().differences == 0


def test_what_cannot_be_copied_runs_the_original_alone() -> None:
    for returns in ("original", "new"):
        f = pair(lambda lock: 1, lambda lock: 2, returns=returns)
        assert f(threading.Lock()) == 1
        assert (f.report().compared, f.report().skipped) == (0, 1)
        assert "can't be copied" in f.report().last_skip


def test_results_that_would_be_used_up_are_not_compared() -> None:
    f = pair(lambda xs: iter(xs), lambda xs: iter(xs))
    assert list(f([1, 2])) == [1, 2]
    assert (f.report().compared, f.report().skipped) == (0, 1)


def test_an_iterator_as_an_argument() -> None:
    f = pair(sum, lambda xs: sum(list(xs)))
    assert f(iter([1, 2])) == 3
    assert (f.report().compared, f.report().differences) == (1, 0)


def test_the_share_can_be_repeated() -> None:
    def chosen(**options: Any) -> list[int]:
        calls: list[int] = []
        f = pair(lambda k: k, lambda k: calls.append(k) or k, **options)
        for k in range(200):
            f(k)
        assert f.report().calls == 200 and f.report().compared == len(calls)
        return calls

    half = chosen(share=0.5, seed=7)
    assert half == chosen(share=0.5, seed=7) != chosen(share=0.5, seed=8)
    assert 70 < len(half) < 130
    assert chosen(share=0) == [] and len(chosen(share=1)) == 200
    turns = iter([True, False] * 100)
    assert chosen(choose=lambda: next(turns)) == list(range(0, 200, 2))
    assert chosen(choose=lambda: 1 // 0 == 1) == []


def test_half_of_the_calls_by_default() -> None:
    f = rollout(original=lambda: 1, seed=1)(lambda: 1)
    for _ in range(400):
        f()
    assert 150 < f.report().compared < 250


def test_a_recursive_call_stays_with_its_version() -> None:
    counts = {"old": 0, "new": 0}

    def old(n: int) -> int:
        counts["old"] += 1
        return n + f(n - 1) if n else 0

    def new(n: int) -> int:
        counts["new"] += 1
        return f(n - 1) + n if n else 0

    f = pair(old, new)
    assert f(10) == 55
    assert counts == {"old": 11, "new": 11}
    assert f.report().calls == 1


class Methods:
    factor = 2.0

    def __init__(self) -> None:
        self.seen: list[float] = []

    def _original_add(self, x: float, *, scale: float = 3.0) -> float:
        self.seen.append(x)
        return x * self.factor * scale

    @rollout(original=_original_add, share=1)
    def add(self, x: float, *, scale: float = 3.0) -> float:
        self.seen.append(x)
        return scale * self.factor * x

    @staticmethod
    def _original_still(x: int) -> int:
        return x

    @staticmethod
    @rollout(original=_original_still, share=1)
    def still(x: int) -> int:
        return x

    @classmethod
    def _original_name(cls) -> str:
        return cls.__name__

    @rollout(original=_original_name, share=1)
    @classmethod
    def name(cls) -> str:
        return f"{cls.__name__}"

    @property
    @rollout(original=lambda self: 1, share=1)
    def one(self) -> int:
        return 1


class Sub(Methods):
    factor = 5.0


def test_methods() -> None:
    made = Sub()
    assert made.add(1.0) == 15.0 and made.add(1.0, scale=1.0) == 5.0
    assert made.seen == [1.0, 1.0]
    assert Sub.still(4) == made.still(4) == 4
    assert Sub.name() == made.name() == "Sub"
    assert made.one == 1
    assert Sub.add.report().differences == 0 and Sub.add.report().compared == 2  # type: ignore[attr-defined]
    assert "Methods.add" in Sub.add.report().function  # type: ignore[attr-defined]


def generator(x: int) -> Any:
    yield x


async def coroutine(x: int) -> int:
    return x


async def both(x: int) -> Any:
    yield x


@pytest.mark.parametrize(
    "wrong, said",
    [
        (generator, "is a generator"),
        (coroutine, "is a coroutine function"),
        (both, "is an async generator"),
        (partial(generator, 1), "is a generator"),
        (property(lambda self: 1), "below @property"),
        (Methods, "is no function"),
    ],
)
def test_what_is_refused_at_decoration(wrong: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        rollout(original=wrong)
    with pytest.raises(TypeError, match=said):
        rollout(original=lambda x: x)(wrong)


@pytest.mark.parametrize("options", [{"share": 1.5}, {"share": -0.1}, {"tolerance": -1}, {"returns": "both"}])
def test_numbers_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(options))}="):
        rollout(original=lambda: 1, **options)


def test_many_threads_at_once() -> None:
    """Each call has its own arguments, versions and copies; no count is lost."""
    told: list[Difference] = []

    def old(xs: list[int]) -> int:
        xs.append(len(xs))
        return f_inner(xs)

    def new(xs: list[int]) -> int:
        xs.append(len(xs))
        return f_inner(xs) + (1 if xs[0] % 10 == 0 else 0)

    f_inner = pair(sum, sum, share=0.5, seed=1)
    f = pair(old, new, on_difference=told.append)
    wrong: list[object] = []

    def work(first: int) -> None:
        for k in range(first, first + 250):
            xs = [k]
            if f(xs) != k + 1 or xs != [k, 1]:
                wrong.append(k)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(250 * k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []
    found = f.report()
    assert (found.calls, found.compared, found.differences, len(told)) == (2000, 2000, 200, 200)
    assert f_inner.report().calls == 4000


class Slow(dict[str, Any]):
    """Counts that let another thread in between reading and writing."""

    def get(self, key: str, default: Any = None) -> Any:
        found = super().get(key, default)
        time.sleep(0.0005)
        return found


def test_counting_is_one_step() -> None:
    f = pair(lambda: 1, lambda: 2)
    f.report.__self__.counts = Slow()
    threads = [threading.Thread(target=lambda: [f() for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = f.report()
    assert (found.calls, found.compared, found.differences) == (40, 40, 40)


def test_only_the_standard_library_at_import() -> None:
    code = "import sys, deloop.rollout; print({m.split('.')[0] for m in sys.modules} & {'numpy', 'pandas', 'libcst'})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
