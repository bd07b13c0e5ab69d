"""`deloop bench`: what is timed, what a baseline keeps, what counts as slower."""

from __future__ import annotations

import json
import xml.dom.minidom
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from command_help import deloop

from deloop.proposals.bench import (
    Benched,
    Machine,
    Measured,
    Measurements,
    Timing,
    again,
    against,
    benchmarked,
    measure,
    read,
    save,
)
from deloop.proposals.gather import Job
from deloop.proposals.model import NotRun
from deloop.reports import bench_plot, bench_text

HERE = Machine("a processor", 2, "3.12.1", "2.1.0", "2.2.3", 0.01)
MARKED = """
from deloop import testing


def numbers(n):
    return (list(range(n)),)


def _original_total(xs):
    out = 0
    for x in xs:
        for _ in range(20):
            out += x
    return out


@testing.benchmark(numbers, original=_original_total)
def total(xs):
    print("this is no answer")
    return 20 * sum(xs)


@testing.benchmark(numbers)
def alone(xs):
    xs.sort(reverse=True)
    return xs


@testing.benchmark(numbers)
def broken(xs):
    return xs[0] / 0
"""


def function(name: str, *timings: tuple[int, float, float | None], file: str = "a.py") -> Measured:
    return Measured(file, name, tuple(Timing(*t) for t in timings))


def run(*functions: Measured, machine: Machine = HERE) -> Measurements:
    return Measurements(machine, functions)


def benched(now: Measurements, then: Measurements) -> Benched:
    found = Benched(now)
    against(found, then)
    return found


def test_marked_functions_are_timed_beside_their_originals(tmp_path: Path) -> None:
    (tmp_path / "speed.py").write_text(MARKED)
    (tmp_path / "other.py").write_text("def benchmark(x):\n    return x\n\n\n@benchmark(1)\ndef f(): ...\n")
    files = benchmarked(sorted(tmp_path.glob("*.py")))
    assert [file.name for file in files] == ["speed.py"]
    found = measure(Job([tmp_path]), files, lambda *_: None)
    assert found.now is not None
    total, alone = found.now.functions
    assert (total.name, alone.name) == ("total", "alone")
    assert [t.n for t in total.timings] == [50, 1_000, 20_000]
    assert all(t.ratio and t.ratio > 3 for t in total.timings)
    assert all(t.original is None and t.ratio is None and t.new > 0 for t in alone.timings)
    assert [str(p).split(": ", 1)[1] for p in found.problems] == ["broken: ZeroDivisionError: division by zero"]


def test_a_file_that_can_not_be_loaded_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "speed.py").write_text(MARKED + "\nimport sys\nsys.exit('no')\n")
    found = measure(Job([tmp_path]), [tmp_path / "speed.py"], lambda *_: None)
    assert found.now is not None and found.now.functions == ()
    assert [str(p).split(": ", 1)[1] for p in found.problems] == ["SystemExit: no"]


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    measurements = run(function("f", (50, 0.1, 0.4), (1_000, 1.0, None)))
    save(measurements, tmp_path / "deep" / "base.json")
    assert read(tmp_path / "deep" / "base.json") == measurements


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such file; `deloop bench --baseline` writes one"),
        ("{", "can't be read as a baseline"),
        ("[]", "no baseline of this version"),
        ('{"version": 9}', "no baseline of this version"),
        ('{"version": 1, "functions": [{}]}', "damaged"),
    ],
)
def test_a_bad_baseline_is_one_line(tmp_path: Path, text: str | None, said: str) -> None:
    target = tmp_path / "base.json"
    if text is not None:
        target.write_text(text)
    with pytest.raises(NotRun, match=said):
        read(target)


def test_speed_ups_are_compared_at_the_largest_size_that_both_have() -> None:
    then = run(function("f", (50, 1.0, 2.0), (1_000, 1.0, 10.0), (20_000, 1.0, 90.0)))
    now = run(function("f", (50, 5.0, 5.0), (1_000, 4.0, 20.0)), machine=replace(HERE, reference=9.0))
    (change,) = benched(now, then).changes
    assert (change.n, change.factor, change.by) == (1_000, 2.0, "speed-up")
    assert benched(now, then).regressions(1.5) == [change] and benched(now, then).regressions(2.5) == []


def test_times_are_shares_of_what_the_machine_needs_for_a_fixed_piece_of_work() -> None:
    then = run(function("f", (1_000, 1.0, None)))
    slower = run(function("f", (1_000, 3.0, None)), machine=replace(HERE, reference=0.03))
    (change,) = benched(slower, then).changes
    assert change.by == "time" and change.factor == pytest.approx(1.0)
    (change,) = benched(run(function("f", (1_000, 3.0, None))), then).changes
    assert change.factor == pytest.approx(3.0)


def test_what_only_the_baseline_has_is_said() -> None:
    found = benched(run(function("f", (50, 1.0, 2.0))), run(function("g", (50, 1.0, 2.0)), machine=HERE))
    assert found.missing == ["a.py::g"] and found.changes == []
    told = list(bench_text.notes(found, replace(HERE, python="3.13.0"), 1.5))
    assert told[0].startswith("deloop: the baseline is of another machine (python 3.13.0, now 3.12.1)")
    assert told[1] == "a.py::g: in the baseline, but not timed now"
    assert told[-1].startswith("1 function timed with Python 3.12.1, pandas 2.2.3, NumPy 2.1.0 on a processor;")


def test_what_became_slower_is_named_with_its_file_and_size() -> None:
    found = benched(run(function("f", (50, 1.0, 2.0))), run(function("f", (50, 1.0, 8.0))))
    assert "a.py: f: its speed-up fell by 4.00x at 50 rows (allowed: 1.5x)" in list(bench_text.notes(found, HERE, 1.5))
    data = json.loads(bench_text.document(found, 1.5))
    assert (data["version"], data["regressions"]) == (1, ["a.py::f"])
    assert data["changes"] == [{"file": "a.py", "name": "f", "n": 50, "factor": 4.0, "by": "speed-up"}]


def test_what_seems_slower_is_timed_up_to_twice_more_and_the_best_counts() -> None:
    then = run(*(function(name, (50, 1.0, 8.0), file=f"{name}.py") for name in "fgh"))
    found = benched(run(*(function(name, (50, 1.0, ratio), file=f"{name}.py") for name, ratio in
                          [("f", 2.0), ("g", 2.0), ("h", 7.0)])), then)  # fmt: skip
    asked: list[set[str]] = []

    def second(names: set[str]) -> Benched:
        asked.append(names)
        return Benched(run(function("f", (50, 1.0, 7.5), file="f.py"), function("g", (50, 1.0, 1.0), file="g.py")))

    again(found, then, 1.5, second)
    assert asked == [{"f.py", "g.py"}, {"g.py"}]
    assert [c.measured.name for c in found.regressions(1.5)] == ["g"]
    assert [c.factor for c in found.changes] == [8.0 / 7.5, 4.0, 8.0 / 7.0]
    assert found.now is not None and found.now.functions[0].timings[0].original == 7.5
    again(found, then, 5.0, second)
    assert len(asked) == 2, "nothing is slower by that much"


def test_the_plot_is_one_picture_without_requests(capsys: pytest.CaptureFixture[str]) -> None:
    functions = [
        function("f<&>", (50, 1e-6, 1e-3), (1_000, 1e-5, 1e-1)),
        function("g", (50, 1e-4, None)),
        function("nothing"),
    ]
    text = bench_plot.plot(run(*functions))
    picture = xml.dom.minidom.parseString(text)
    lines = picture.getElementsByTagName("polyline")
    assert [line.getAttribute("class") for line in lines] == ["new", "original"]
    assert len(picture.getElementsByTagName("g")) == 2 and "f&lt;&amp;&gt;" in text
    assert "href" not in text and "prefers-color-scheme: dark" in text
    new, original = ([float(p.split(",")[1]) for p in line.getAttribute("points").split()] for line in lines)
    assert all(low > high for low, high in zip(new, original, strict=True))  # faster is further down
    bench_text.tell(Benched(run(*functions)))
    assert "1,000.0x" in capsys.readouterr().out


def test_a_run_beside_a_baseline_ends_with_a_status(tmp_path: Path) -> None:
    (tmp_path / "speed.py").write_text(MARKED.split("@testing.benchmark(numbers)\ndef alone")[0])

    bench = partial(deloop, tmp_path, "bench")

    first = bench("--baseline", "--plot", "speed.svg")
    assert first.returncode == 0, first.stderr
    assert "total" in first.stdout and "speed-up" in first.stdout and "this is no answer" not in first.stdout
    assert first.stderr.splitlines()[-1].startswith("1 function timed with Python")
    assert (tmp_path / "speed.svg").read_text().startswith("<svg")
    assert bench("--compare-baseline", "--threshold", "100").returncode == 0
    kept = json.loads((tmp_path / "deloop-bench.json").read_text())
    for timing in kept["functions"][0]["timings"]:
        timing["original"] *= 1000
    (tmp_path / "deloop-bench.json").write_text(json.dumps(kept))
    slower = bench("--compare-baseline", "--threshold", "100", "--output-format", "json")
    assert slower.returncode == 1, slower.stderr
    assert json.loads(slower.stdout)["regressions"] == ["speed.py::total"]
    assert "speed.py: total: its speed-up fell by" in slower.stderr
    assert bench("--compare-baseline", "--file", "gone.json").returncode == 2
    assert bench("--compare-baseline", "--baseline").returncode == 2
    (tmp_path / "speed.py").write_text("x = 1\n")
    nothing = bench()
    assert nothing.returncode == 0 and nothing.stderr.startswith("Nothing to time: no scaffolds")
