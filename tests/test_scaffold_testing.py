"""`deloop.testing`: what the comparison lets pass and what not, instances, loading, speed."""

import random
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deloop import testing


class Box:
    def __init__(self, size):
        raise AssertionError("is never called")

    def doubled(self, x):
        self.last = x
        return self.size * x


def same(original, rewritten, *args, **options):
    try:
        testing.assert_equivalent(original, rewritten, *args, **options)
    except AssertionError:
        return False
    return True


def test_equal_results_pass() -> None:
    frame = pd.DataFrame({"a": [1.0, float("nan")]})
    assert same(lambda f: f["a"] * 2, lambda f: f["a"] + f["a"], frame)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1.0, np.float64(1.0)),
        ([1, 2], (1, 2)),
        (np.array([1]), np.array([1.0])),
        (pd.Series([1], index=[0]), pd.Series([1], index=[1])),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (float("nan"), None),
        (0.0, -0.0),
    ],
    ids=str,
)
def test_differences_that_look_small(one, other) -> None:
    assert not same(lambda: one, lambda: other)


def test_the_message_has_the_difference_and_the_arguments() -> None:
    def slow(values, k):
        return [v * k for v in values]

    def fast(values, k):
        return [v * k for v in values[:-1]]

    with pytest.raises(AssertionError) as caught:
        testing.assert_equivalent(slow, fast, [1, 2], 3)
    text = str(caught.value)
    assert "fast does not do what" in text and "2 elements, but 1" in text
    assert "values = [1, 2]\nk = 3" in text


def test_changed_arguments_count_and_do_not_leak() -> None:
    def changes(values):
        values.append(1)

    given = [0]
    assert not same(changes, lambda values: None, given)
    assert same(changes, changes, given)
    assert given == [0]


def test_exceptions_output_and_random_state_count() -> None:
    def raises(error):
        raise error

    assert same(lambda: raises(KeyError("a")), lambda: raises(KeyError("b")))
    assert not same(lambda: raises(KeyError("a")), lambda: raises(ValueError("a")))
    assert not same(lambda: print("a"), lambda: print("b"))
    assert not same(lambda: random.random() and None, lambda: None)


def test_the_callers_random_state_is_left_alone() -> None:
    random.seed(1)
    np.random.seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist()
    assert same(lambda: np.random.random(), lambda: np.random.random())
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before


def test_tolerance_and_assumptions() -> None:
    assert not same(lambda x: x, lambda x: x * (1 + 1e-13), 1.5)
    assert same(lambda x: x, lambda x: x * (1 + 1e-13), 1.5, rtol=1e-10)
    assert not same(lambda x: x, lambda x: x * 1.001, 1.5, rtol=1e-10)
    assert same(lambda: 1, lambda: np.float64(1), assume=("element-types",))
    assert not same(lambda: 1, lambda: np.float64(2), assume=("element-types",))
    empty = lambda xs: np.array(xs)  # noqa: E731
    assert not same(empty, lambda xs: np.array(xs, dtype="int64"), [])
    assert same(empty, lambda xs: np.array(xs, dtype="int64"), [], assume=("empty-type",))


def test_keywords() -> None:
    def scaled(x, *, factor):
        return x * factor

    assert same(scaled, lambda x, factor: factor * x, 2, 3, keywords=["factor"])


def test_instances_are_made_without_init_and_compared_by_name() -> None:
    other = {"__name__": "elsewhere"}
    exec("class Box:\n    def doubled(self, x):\n        self.last = x\n        return self.size + self.size", other)
    doubled = other["Box"].doubled
    assert same(Box.doubled, doubled, testing.instance("Box", size=4), 2)
    assert not same(Box.doubled, doubled, testing.instance("Box", size=4), 3)


def test_calls_of_pure_functions_count() -> None:
    rate = testing.pure_function("rate")
    assert same(lambda f: [f(1), f(2)], lambda f: [f(k) for k in (1, 2)], rate)
    assert not same(lambda f: [f(1), f(2)], lambda f: [f(2), f(1)][::-1], rate)


def test_an_unknown_object_gives_the_same_whenever_it_is_asked() -> None:
    client = testing.unknown("client")
    assert same(lambda c: f"{c.name} {c['rate'] * 2}", lambda c: f"{c.name} {2 * c['rate']}", client)
    assert not same(lambda c: f"{c.name}", lambda c: f"{c.title}", client)


def test_speedups_stop_in_time() -> None:
    found = testing.speedups(lambda n: sum(range(n * 1000)), lambda n: None, lambda n: (n,), sizes=(1, 10), seconds=5)
    assert [n for n, _ in found] == [1, 10]
    assert all(ratio > 1 for _, ratio in found)
    many = testing.speedups(lambda n: sum(range(n)), lambda n: n, lambda n: (n,), sizes=(10_000, 10**9), seconds=1)
    assert [n for n, _ in many] == [10_000]


def test_load_a_file_a_package_and_two_of_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    for folder, text in (("one", "x = 1"), ("two", "x = 2"), ("scaffolded/inner", "from . import base\nx = base.y")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "twin_module.py").write_text(text)
    (tmp_path / "scaffolded" / "__init__.py").touch()
    (tmp_path / "scaffolded" / "inner" / "__init__.py").touch()
    (tmp_path / "scaffolded" / "inner" / "base.py").write_text("y = 3")
    (tmp_path / "odd-name.py").write_text("x = 4")
    beside = str(tmp_path / "tests" / "test_a.py")
    names = ("one/twin_module.py", "two/twin_module.py", "scaffolded/inner/twin_module.py", "odd-name.py")
    assert [testing.load(f"../{name}", beside).x for name in names] == [1, 2, 3, 4]
    assert testing.load("../two/twin_module.py", beside) is testing.load("../two/twin_module.py", beside)
    assert sys.modules["scaffolded.inner.twin_module"].x == 3


def test_load_says_what_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.py: the file that this test is about is gone"):
        testing.load("gone.py", str(tmp_path / "test_a.py"))
