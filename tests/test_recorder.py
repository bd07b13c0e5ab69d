"""The parts of the recorder, in this process: calls that are put into code, copies with bounds, kinds of inputs."""

from __future__ import annotations

import ast
import builtins
import io
import json
import pickle
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.equivalence.child import unpickle
from deloop.equivalence.child.drafts import ClassReference, Instance
from deloop.proposals.recording import position as planned
from deloop.recorder import calls, copying
from deloop.recorder.copying import NotKept, OverLimit, copied
from deloop.recorder.signature import signature
from deloop.recorder.watch import _MANY_CALLS, Watch
from deloop.recorder.weave import position, woven

CODE = """\
def f(xs):
    out = []
    for x in xs:
        out.append(10 / x)
    return out


class A:
    __slots__ = ("__hidden",)

    def g(self, xs):
        for k, x in enumerate(xs):
            if x:
                return k
        else:
            return -1
"""


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    limits = {"inputs": 16, "input": 1_000_000, "site": 4_000_000, "process": 8_000_000}
    made = Watch({"out": str(tmp_path), "limits": limits}, time.perf_counter())
    yield made
    for name in [name for name in vars(builtins) if name.startswith("__deloop_")]:
        delattr(builtins, name)


def site(number: int, text: str, loop: type[ast.stmt], nth: int = 0, before: bool = False) -> dict[str, Any]:
    """What the plan says of a loop; the inputs are looked at before the statement above it if `before`."""
    tree = ast.parse(text)
    found = [node for node in ast.walk(tree) if isinstance(node, loop)][nth]
    first = next(node.body[0] for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and found in node.body)
    where = planned(first if before else found)
    return {"id": number, "clock": list(planned(found)), "inputs": list(where), "names": ["xs"], "globals": []}


def run(watch: Watch, *sites: dict[str, Any], text: str = CODE) -> dict[str, Any]:
    for one in sites:
        watch.begin(one)
    names: dict[str, Any] = {}
    exec(woven(text.encode(), "code.py", sites), names)
    return names


def report(watch: Watch) -> dict[str, Any]:
    watch.note()
    (name,) = Path(watch.out).glob("process-*.json")
    found: dict[str, Any] = json.loads(name.read_text())
    return found


# ---- the calls in the code


def test_calls_are_counted_and_the_code_does_what_it_did(watch: Watch) -> None:
    names = run(watch, site(1, CODE, ast.For, 0, before=True), site(2, CODE, ast.For, 1))
    assert names["f"]([1, 2]) == [10.0, 5.0]
    assert [names["A"]().g(xs) for xs in ([0, 3], [0], [])] == [1, -1, -1]
    with pytest.raises(ZeroDivisionError):
        names["f"]([0])
    totals = report(watch)["totals"]
    assert totals["1"][:2] == [2, 3] and totals["2"][:2] == [3, 3]
    assert watch.here.stack == []
    assert sorted(kept["raised"] for kept in watch.inputs.values() if kept["site"] == 1) == [False, True]


def test_lines_are_what_they_were() -> None:
    def lines(code: Any) -> set[tuple[str, int]]:
        inner = [part for constant in code.co_consts if hasattr(constant, "co_code") for part in lines(constant)]
        return {(code.co_name, line) for _, _, line in code.co_lines() if line} | set(inner)

    sites = [site(1, CODE, ast.For, 0, before=True), site(2, CODE, ast.For, 1)]
    assert lines(woven(CODE.encode(), "code.py", sites)) == lines(compile(CODE, "code.py", "exec"))


def test_the_plan_and_the_recorder_find_statements_the_same_way() -> None:
    for node in ast.walk(ast.parse(CODE)):
        if isinstance(node, ast.stmt):
            assert position(node) == planned(node)


def test_a_loop_inside_itself_counts_once(watch: Watch) -> None:
    text = "import time\n\n\ndef f(xs):\n    for x in xs:\n        time.sleep(0.02)\n        f(x)\n"
    names = run(watch, site(1, text, ast.For), text=text)
    since = time.perf_counter()
    names["f"]([[[[]]], []])
    passed = time.perf_counter() - since
    calls_, _, seconds = report(watch)["totals"]["1"]
    assert calls_ == 5 and 0.05 < seconds <= passed


def test_threads_do_not_disturb_one_another(watch: Watch) -> None:
    names = run(watch, site(1, CODE, ast.For, 0, before=True))
    threads = [threading.Thread(target=lambda: [names["f"]([1, 2, 3]) for _ in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert report(watch)["totals"]["1"][:2] == [1600, 4800]


def test_short_loops_are_timed_by_sample(watch: Watch) -> None:
    names = run(watch, site(1, CODE, ast.For, 0, before=True))
    times = 4 * _MANY_CALLS
    for _ in range(times):
        names["f"]([1])
    assert getattr(builtins, calls.ENTER.format(1)).__name__ == "enter"  # no longer the method that times
    with pytest.raises(ZeroDivisionError):
        for _ in range(100):
            names["f"]([0])
    found = report(watch)["totals"]["1"]
    assert abs(found[0] - times) <= 2 * calls.SAMPLE and abs(found[1] - times) <= 2 * calls.SAMPLE
    assert 0 < found[2] < times * 1e-4
    assert watch.here.stack == []


def test_what_goes_wrong_in_the_recorder_stays_there(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("oops")

    names = run(watch, site(1, CODE, ast.For, 0, before=True))
    monkeypatch.setattr(watch, "_keep", broken)
    assert names["f"]([1]) == [10.0]
    assert report(watch)["problems"] == ["KeyError: 'oops'"]


def test_nothing_of_the_program_lives_longer(watch: Watch) -> None:
    text = (
        "def f(make, alive):\n    xs = make()\n    for x in xs.values:\n        pass\n"
        "    del xs, x\n    return alive()\n"
    )
    names = run(watch, site(1, text, ast.For), text=text)
    made: list[Any] = []

    class Holder:
        values = (1, 2)

    def make() -> Holder:
        holder = Holder()
        made.append(weakref.ref(holder))
        return holder

    assert names["f"](make, lambda: made[0]()) is None
    assert len(watch.inputs) == 1


def test_the_names_of_a_module_stay(watch: Watch) -> None:
    text = "xs = [1, 2]\nfor x in xs:\n    pass\ndef f():\n    pass\n"
    where = list(planned(ast.parse(text).body[1]))
    names = run(watch, {"id": 1, "clock": where, "inputs": where, "names": ["xs"], "globals": []}, text=text)
    assert (names["xs"], names["x"]) == ([1, 2], 2)


def test_looking_costs_a_bounded_share(watch: Watch) -> None:
    """A loop that gets another kind of input on each call."""
    names = run(watch, site(1, CODE, ast.For, 0, before=True))
    for k in range(2_000):
        names["f"]((pd.DataFrame({f"c{j}": [1] for j in range(k % 40)}).empty and []) or [1.0] * (k % 7))
    kept = list((Path(watch.out) / "inputs" / "1").iterdir())
    assert len(kept) <= 16
    assert watch.own < 0.5 + 0.3 * (time.perf_counter() - watch.started)


# ---- copies


class Order:
    """An object of the program: these tests are its own code, not an installed library's."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)

    def __reduce__(self) -> Any:
        pytest.fail("code of the program was run")

    def __getattr__(self, name: str) -> Any:
        pytest.fail("code of the program was run")


def loaded(values: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(unpickle, "_RECORDER", copying.__name__)
    monkeypatch.setattr(copying, "_is_own_file", lambda file: file == __file__)
    (tmp_path / "x.pickle").write_bytes(copied(values, 10_000_000, 5.0))
    return unpickle.load(str(tmp_path / "x.pickle"), list(values), 5.0)


@pytest.mark.parametrize(
    "value",
    [
        1, 1.5, "a", None, True, b"x", 2**70, [1, [2]], {"a": (1,)}, {1, 2}, np.arange(3), np.float64(2), range(3),
        np.array(["a", None], dtype=object), pd.Series([1, None], dtype="Int64"), pd.Timestamp("2024-01-01", tz="UTC"),
        pd.DataFrame({"a": [1, 2], "b": pd.Categorical(["x", "y"])}, index=pd.date_range("2024", periods=2)),
    ],
)  # fmt: skip
def test_plain_data_comes_back(value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded({"x": value}, tmp_path, monkeypatch)["x"]
    assert type(found) is type(value)
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(found, value)
    elif isinstance(value, pd.Series):
        pd.testing.assert_series_equal(found, value)
    elif isinstance(value, np.ndarray):
        np.testing.assert_array_equal(found, value)
    else:
        assert found == value


def test_objects_of_the_program_are_their_attributes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = Order(price=2.5, lock=threading.Lock(), inner=Order(n=1))
    found = loaded({"x": order, "cls": Order, "same": order}, tmp_path, monkeypatch)
    made = found["x"]
    assert isinstance(made, Instance) and found["same"] is made
    assert (made.cls, made.attributes) == ("Order", {"price": 2.5, "inner": Instance("Order", {"n": 1})})
    assert found["cls"] == ClassReference("Order")


class Row(tuple):
    """More than its attributes."""


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (iter([1]), "holds an iterator"),
        (zip([1], [2], strict=True), "holds an iterator"),
        ((x for x in [1]), "holds an iterator"),
        (io.StringIO("x"), "holds an open file"),
        (lambda: 1, "holds a function"),
        (sys, "holds a module"),
        (threading.Lock(), "can't be copied"),
        (Row([1]), "more than its attributes"),
    ],
)
def test_what_cant_be_kept_says_why(value: Any, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_is_own_file", lambda file: file == __file__)
    monkeypatch.setattr(copying, "_own", {})
    with pytest.raises(NotKept, match=why):
        copied({"x": value}, 1_000_000, 5.0)


def test_an_iterator_is_not_used_up() -> None:
    numbers = iter([1, 2])
    with pytest.raises(NotKept):
        copied({"x": numbers}, 1_000_000, 5.0)
    assert list(numbers) == [1, 2]


@pytest.mark.parametrize("value", [np.zeros(200_000), pd.DataFrame({"a": np.zeros(200_000)}), "x" * 2_000_000])
def test_copies_are_bounded(value: Any) -> None:
    with pytest.raises(OverLimit, match="larger than 1 MB"):
        copied({"x": value}, 1_000_000, 5.0)


def test_a_copy_takes_a_bounded_time() -> None:
    many = [str(k) for k in range(3_000_000)]
    since = time.perf_counter()
    with pytest.raises(OverLimit, match="too long"):
        copied({"x": many}, 1 << 30, 0.05)
    assert time.perf_counter() - since < 1.0


def test_copies_are_deep() -> None:
    values = [1.0]
    data = copied({"x": values}, 1_000_000, 5.0)
    values.append(2.0)
    assert pickle.loads(data) == {"x": [1.0]}


# ---- kinds of inputs


def test_kinds_tell_dtypes_indexes_missing_values_and_sizes() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    others = [
        frame.astype("int64"),
        frame.astype("float32"),
        frame.assign(a=[1.0, np.nan]),
        frame.assign(a=[-1.0, 1.0]),
        frame.assign(a=[0.0, 1.0]),
        frame.set_axis([1, 2]),
        frame.set_axis(["x", "y"]),
        frame.set_axis(["x", "x"]),
        frame.iloc[:0],
        frame.iloc[:1],
        pd.concat([frame] * 20, ignore_index=True),
        frame["a"],
        frame["a"].to_numpy(),
        frame["a"].tolist(),
        frame.astype(object),
        frame.astype(str),
        frame.astype("Int64"),
    ]
    kinds = [signature({"x": value}) for value in [frame, *others]]
    assert len(set(kinds)) == len(kinds), kinds
    assert signature({"x": frame + 1}) == kinds[0]


def test_kinds_of_objects_run_none_of_their_code() -> None:
    assert signature({"x": Order(price=2.0, n=[1])}) == "x: Order(price=float positive, n=list[int positive] n<=1)"
