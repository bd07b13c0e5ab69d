"""Recorded inputs and the verdict: what agrees is counted, what differs refutes or breaks an assumption by name."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from equivalence_help import body, judge, trial

from deloop.equivalence.model import Evidence, Trial, Verdict
from deloop.equivalence.recordings import PLAN, RUNS, Recordings, digest, runs_in
from deloop.equivalence.replays import recorded_for
from deloop.proposals.model import evidence_text, recorded_text

LOOP = body("xs", "out = []\nfor x in xs:\n    out.append(x * 2)")
RIGHT = body("xs", "out = [x * 2 for x in xs]")


def with_inputs(folder: Path, one: Trial, *inputs: Any, raised: bool | None = False, digested: str = "") -> Trial:
    """The trial with a recording of its file: pickles of dicts of values, or bytes as they are."""
    source = folder / "code.py"
    source.write_text(one.before, encoding="utf-8")
    one = Trial(**{**vars(one), "path": str(source), "recordings": Recordings()})
    run = folder / ".deloop" / RUNS / "run"
    (run / "inputs" / "0").mkdir(parents=True)
    kept = {}
    for k, values in enumerate(inputs):
        data = values if isinstance(values, bytes) else pickle.dumps(values)
        (run / "inputs" / "0" / f"{k}.pickle").write_bytes(data)
        kept[f"{k}.pickle"] = {"site": 0, "bytes": len(data), "kind": str(k), "raised": raised, "seconds": 0.1}
    site = {"id": 0, "line": 1, "end_line": 1, "function": "f", "region": region(one), "why_not": ""}
    file = {"path": os.path.realpath(source), "digest": digested or digest(source.read_bytes()), "sites": [site]}
    (run / PLAN).write_text(json.dumps({"version": 1, "command": ["x"], "files": [file]}), encoding="utf-8")
    noted = {"totals": {"0": [1, 1, 0.1]}, "seconds": 1.0, "own": 0.1, "problems": [], "inputs": kept, "not_kept": {}}
    (run / "process-1-x.json").write_text(json.dumps(noted), encoding="utf-8")
    return Trial(**{**vars(one), "recordings": Recordings(runs_in(folder))})


def region(one: Trial) -> str:
    from deloop.equivalence.outline import bare
    from deloop.equivalence.replays import region_digest

    return region_digest(bare(one), one.before)


def verdict(one: Trial, **options: Any) -> Evidence:
    return judge(one, **options)[one.key]


def test_inputs_on_which_both_agree_are_counted(tmp_path: Path) -> None:
    found = verdict(with_inputs(tmp_path, trial("a", LOOP, RIGHT), {"xs": [1.5, 2.5]}, {"xs": np.array([1, 2])}))
    assert found.verdict is Verdict.VERIFIED and found.recorded is not None
    assert (found.recorded.agree, found.recorded.skipped) == (2, {})
    assert "recorded" in found.kinds
    assert evidence_text(found).endswith("; 2 recorded inputs agree")


def test_a_recorded_input_refutes_what_the_battery_misses(tmp_path: Path) -> None:
    wrong = body("xs", "out = [x * 2 if str(x)[1:] != '125.375' else x for x in xs]")
    assert verdict(trial("a", LOOP, wrong)).verdict is Verdict.VERIFIED
    found = verdict(with_inputs(tmp_path, trial("a", LOOP, wrong), {"xs": [*map(float, range(50)), 8125.375, 1.0]}))
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("on a recorded input: ")
    assert found.counterexample is not None
    assert found.counterexample.inputs == "xs = [8125.375]"  # made smaller
    assert found.counterexample.tags == ("recorded",)


def test_a_recorded_input_that_breaks_an_assumption_is_a_condition(tmp_path: Path) -> None:
    loop = body("df", "out = []\nfor i in range(len(df)):\n    out.append(df['a'].iloc[i] * 2)")
    frame = pd.DataFrame({"a": pd.Series([7.0, "text"], dtype=object)})
    cases = trial(
        "a", loop, body("df", "out = [v * 2 if v != 'text' else 0 for v in df['a']]"), needs=("numeric-columns",)
    )
    found = verdict(with_inputs(tmp_path, cases, {"df": frame}))
    assert found.recorded is not None
    assert (found.recorded.excused, found.recorded.broken) == (1, ("numeric-columns",))
    assert "1 differs and breaks an assumption (numeric-columns)" in recorded_text(found)


def test_a_condition_that_only_recorded_inputs_meet_is_met(tmp_path: Path) -> None:
    rare = "str(x * 3)[::-1].startswith('57.1392')"
    loop = body(
        "xs", f"out = []\nfor x in xs:\n    if {rare}:\n        out.append(0)\n    else:\n        out.append(x)"
    )
    new = body("xs", f"out = [0 if {rare} else x for x in xs]")
    assert verdict(trial("a", loop, new)).verdict is Verdict.INSUFFICIENT
    found = verdict(with_inputs(tmp_path, trial("a", loop, new), {"xs": [1.0, 977.25]}))
    assert found.verdict is Verdict.VERIFIED, found.reason


def test_steps_are_followed_where_recorded_inputs_do_not_meet_a_condition(tmp_path: Path) -> None:
    rare = "str(x * 3)[::-1].startswith('57.1392')"
    loop = body("xs", f"out = []\nfor x in xs:\n    if {rare}:\n        out.append(x)")
    new = body("xs", f"out = [x for x in xs if {rare}]")
    found = verdict(with_inputs(tmp_path, trial("a", loop, new), {"xs": [1.0, 2.0]}), steps=True)
    assert found.verdict is Verdict.VERIFIED, found.reason
    assert found.kinds == ("recorded", "stub:every value")


def test_what_ends_otherwise_than_it_was_recorded_says_nothing(tmp_path: Path) -> None:
    found = verdict(with_inputs(tmp_path, trial("a", LOOP, RIGHT), {"xs": [None]}))
    assert found.verdict is Verdict.VERIFIED and found.recorded is not None
    assert found.recorded.agree == 0
    ((why, times),) = found.recorded.skipped.items()
    assert times == 1 and why.startswith("the loop raises TypeError here")


def test_both_raising_as_recorded_agree(tmp_path: Path) -> None:
    found = verdict(with_inputs(tmp_path, trial("a", LOOP, RIGHT), {"xs": [1, None]}, raised=True))
    assert found.recorded is not None and found.recorded.agree == 1


def test_a_value_that_is_missing_is_said(tmp_path: Path) -> None:
    found = verdict(with_inputs(tmp_path, trial("a", LOOP, RIGHT), {"ys": [1]}))
    assert found.recorded is not None and found.recorded.skipped == {"xs had no value": 1}


def test_what_needs_a_stand_in_is_no_replay(tmp_path: Path) -> None:
    head = "import not_there_at_all\n\n\n"
    loop = head + body("xs", "out = []\nfor x in xs:\n    out.append(not_there_at_all.price(x))")
    new = head + body("xs", "out = [not_there_at_all.price(x) for x in xs]")
    found = verdict(with_inputs(tmp_path, trial("a", loop, new), {"xs": [1]}))
    assert found.recorded is not None and found.recorded.agree == 0
    assert [*found.recorded.skipped] == ["needs not_there_at_all.price, for which there is only a stand-in here"]


def test_lists_of_unlike_arrays_are_replayed(tmp_path: Path) -> None:
    values = [np.arange(2.0), np.arange(3.0), [1, [2]]]
    found = verdict(with_inputs(tmp_path, trial("a", LOOP, RIGHT), {"xs": values}))
    assert found.recorded is not None and (found.recorded.agree, found.recorded.skipped) == (1, {})


def test_a_file_that_changed_is_not_replayed(tmp_path: Path) -> None:
    one = with_inputs(tmp_path, trial("a", LOOP, RIGHT), {"xs": [1]}, digested="0" * 64)
    assert recorded_for(one) is None
    assert one.recordings is not None and list(one.recordings.stale) == [os.path.realpath(one.path)]
    assert verdict(one).recorded is None


class Evil:
    """Runs a command when it is loaded."""

    def __init__(self, target: Path, how: Any) -> None:
        self.target, self.how = target, how

    def __reduce__(self) -> Any:
        return self.how, (f"touch {self.target}",)


@pytest.mark.parametrize("how", [os.system, eval, exec, pd.read_pickle])
def test_a_recorded_input_can_run_nothing(tmp_path: Path, how: Any) -> None:
    target = tmp_path / "touched"
    found = verdict(with_inputs(tmp_path, trial("a", LOOP, RIGHT), {"xs": Evil(target, how)}, {"xs": [1]}))
    assert found.recorded is not None and found.recorded.agree == 1
    assert any("is not loaded here" in why or "holds the function" in why for why in found.recorded.skipped)
    assert not target.exists()


def test_damaged_files_do_no_harm(tmp_path: Path) -> None:
    one = with_inputs(tmp_path, trial("a", LOOP, RIGHT), b"", b"\x80\x05garbage", pickle.dumps([1]), {"xs": [1]})
    found = verdict(one)
    assert found.verdict is Verdict.VERIFIED and found.recorded is not None
    assert found.recorded.agree == 1 and sum(found.recorded.skipped.values()) == 3
    run = tmp_path / ".deloop" / RUNS / "run"
    for text in ("", "[]", "{}", '{"version": 1}', '{"version": 1, "command": 3, "files": [{}]}'):
        (run / PLAN).write_text(text)
        assert runs_in(tmp_path) == []


def test_the_parent_never_loads_what_was_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = with_inputs(tmp_path, trial("a", LOOP, RIGHT), {"xs": [1]})
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, lambda *_: pytest.fail("loaded"))
    assert verdict(one).recorded is not None
