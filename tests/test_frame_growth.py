"""Frames that grow: at which pieces the program may look itself, and what it does with pieces that are not alike."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deloop.codemods.engine import Project, scan
from deloop.codemods.place import place
from deloop.sources.files import SourceFile, parse
from deloop.transforms.base import Rewrite

SORTED = """\
def stack(parts):
    out = pd.DataFrame()
    for p in parts:
        q = p[["w", "v"]]
        out = pd.concat([out, q], ignore_index=True)
    return out
"""
HEAD = "import pandas as pd\n\n\n"
WAVES = """\
def stack(waves, first=1):
    panel = pd.DataFrame()
    for number, wave in enumerate(waves, first):
        part = wave[wave["consent"]].copy()
        part["wave"] = number
        panel = pd.concat([panel, part], ignore_index=True)
    return panel
"""
MONTHS = """\
def stack(months):
    report = pd.DataFrame()
    for frame in months:
        frame = frame.assign(month="may")
        report = pd.concat([report, frame])
    return report
"""
SHARDS = """\
KEEP = ["uid", "ms"]


def stack(shards, only=None):
    merged = pd.DataFrame()
    for worker, shard in enumerate(shards):
        part = shard[KEEP].copy()
        part["worker"] = worker
        if only is not None:
            part = part[part["uid"] == only]
        merged = pd.concat([merged, part], ignore_index=True)
    return merged
"""


def _safe(code: str) -> list[str]:
    """The new code of the forms that assume nothing."""
    source = SourceFile.from_bytes(Path("example.py"), (HEAD + code).encode())
    tree = parse(source)
    forms: list[Rewrite] = [form for finding in scan(source, Project(), tree=tree) for form in finding.forms]
    kept = [form for form in forms if form.safe and form.rule.code == "DL501"]
    return [place(source.text, tree, form.edits, form.imports).text for form in kept]


def _outcome(text: str, *given: Any) -> pd.DataFrame:
    names: dict[str, Any] = {}
    exec(text, names)
    result: pd.DataFrame = names["stack"](*given)
    return result


def _agree(code: str, *given: Any) -> None:
    (new,) = _safe(code)
    before, after = _outcome(HEAD + code, *given), _outcome(new, *given)
    pd.testing.assert_frame_equal(before, after, check_exact=True, check_column_type="exact", check_index_type="exact")
    assert [type(x) for _, c in before.items() for x in c] == [type(x) for _, c in after.items() for x in c]
    assert before.attrs == after.attrs


def _wave(*consent: bool, **more: Any) -> pd.DataFrame:
    return pd.DataFrame({"pid": range(len(consent)), "consent": np.array(consent, dtype=bool), **more})


class Panel(pd.DataFrame):
    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return Panel


@pytest.mark.parametrize(
    "waves",
    [
        [],
        [_wave(True, False), _wave(True)],
        [_wave(False), _wave(True)],
        [_wave(), _wave()],
        [_wave(True), _wave(True, mood="ok"), _wave(True, mood=1)],
        [_wave(True, mood=1), _wave(True, mood=2.5), _wave(True, mood="ok")],  # 1.0 on the way to text
        [_wave(True, mood=True), _wave(True, mood=None), _wave(True, mood=2**63)],
        [_wave(True)[["consent", "pid"]], _wave(True)],
        [_wave(True).rename_axis(columns="n"), _wave(True)],
        [Panel(_wave(True)), _wave(True)],
        [_wave(True, day=pd.Timestamp("2020-01-01")), _wave(True, day=pd.Timestamp("2020-01-01", tz="UTC"))],
        [_wave(True, side=pd.Categorical(["a"], ["a", "b"])), _wave(True, side=pd.Categorical(["b"], ["b", "a"]))],
    ],
    ids=str,
)
def test_pieces_are_joined_at_once_only_if_that_gives_what_the_loop_gave(waves: list[pd.DataFrame]) -> None:
    _agree(WAVES, waves)


@pytest.mark.parametrize(
    "labels",
    [
        [pd.RangeIndex(2), pd.RangeIndex(2)],
        [pd.RangeIndex(2), pd.RangeIndex(2, 4)],
        [pd.Index([4, 4]), pd.RangeIndex(2, name="k")],
        [pd.Index([1, 2], dtype="Int64"), pd.RangeIndex(2)],
        [pd.Index(["a", None], dtype=object), pd.Index([1, None], dtype=object)],
        [pd.Index([1, 2]), pd.Index([0.5, 2.0]), pd.Index(["a", "b"])],
        [pd.date_range("2020", periods=2), pd.date_range("2020-01-03", periods=2)],
        [pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]), pd.MultiIndex.from_tuples([(0.5, "a"), (2, "b")])],
    ],
    ids=str,
)
def test_labels_that_are_kept_have_to_be_alike(labels: list[pd.Index]) -> None:
    _agree(MONTHS, [pd.DataFrame({"v": [1, 2]}, index=index) for index in labels])


def test_a_piece_may_be_filtered_again_under_a_condition() -> None:
    shards = [pd.DataFrame({"uid": [1, 2], "ms": [0.5, k], "x": 0}) for k in range(3)]
    _agree(SHARDS, shards)
    _agree(SHARDS, shards, 2)
    _agree(SHARDS, shards, 3)


_ALIKE = {
    "int": np.array([1, 2**60 + 1]),
    "narrow": np.array([1, 2], dtype="int8"),
    "bool": np.array([True, False]),
    "float": np.array([-0.0, np.nan]),
    "text": np.array(["a", "b"], dtype=object),
    "str": pd.array(["a", None], dtype="str"),
    "missing": np.array([None, np.nan], dtype=object),
    "mixed": np.array([1, True], dtype=object),
    "date": np.array(["2020-01-01", "NaT"], dtype="M8[s]"),
    "zone": pd.array([pd.NaT, pd.Timestamp("2020-01-01", tz="UTC")]),
    "category": pd.Categorical(["a", None]),
    "nullable": pd.array([1, None], dtype="Int64"),
    "truth": pd.array([True, None], dtype="boolean"),
    "sparse": pd.arrays.SparseArray([0.0, np.nan]),
    "period": pd.period_range("2020", periods=2, freq="M"),
}


@pytest.mark.parametrize("name", _ALIKE)
@pytest.mark.parametrize("rows", list(itertools.product((0, 1, 2), repeat=2)), ids=str)
def test_alike_pieces_give_the_same_one_by_one_and_at_once(name: str, rows: tuple[int, int]) -> None:
    """What the test in the new code relies on, for each type of pandas' own."""
    pieces = [pd.DataFrame({"v": _ALIKE[name][:n], "w": 1}) for n in (*rows, 1)]
    pieces[0].attrs["by"] = "me"
    _agree(SORTED, pieces)


def _loop(body: str, start: str = "pd.DataFrame()", head: str = "for k, x in items:") -> str:
    lines = "".join(f"        {line}\n" for line in body.split("\n"))
    return f"def stack(items, other, note):\n    out = {start}\n    {head}\n{lines}    return out\n"


JOIN = "out = pd.concat([out, p])"


@pytest.mark.parametrize(
    "code",
    [
        _loop(f"p = pd.DataFrame({{'v': [len(k)]}})\n{JOIN}"),
        _loop("note(k)\nout = pd.concat([out, pd.DataFrame([{'v': x}])])"),
        _loop(f"p = x.reset_index()\np['k'] = k\nif len(p):\n    {JOIN}"),
        _loop(f"if k:\n    continue\np = x[x['v'] > 1]\n{JOIN}"),
        _loop(f"p = pd.read_csv(k)\n{JOIN}", head="for k in items:"),
        _loop(JOIN, head="for k, p in other.groupby('k'):"),
        _loop(JOIN, head="for p in pd.read_csv(other, chunksize=100):"),
    ],
)
def test_frames_that_a_round_makes_for_itself_can_be_looked_at(code: str) -> None:
    assert len(_safe(code)) == 1


@pytest.mark.parametrize(
    "code",
    [
        # it may be no frame: the loop fails there, and the new code only once it is over
        _loop(f"p = x.copy()\n{JOIN}"),
        _loop(f"p = note(x)\n{JOIN}"),
        _loop("out = pd.concat([out, x])"),
        _loop(f"p = x[note]\n{JOIN}"),
        _loop(f"p = x[[0, 1]]\n{JOIN}"),
        _loop(f"p = x[x > 1]\n{JOIN}"),
        _loop(f"p = x[~x.mask]\n{JOIN}"),
        _loop(f"p = x[x.sum(axis=1) > 0]\n{JOIN}"),
        # the same frame again, changed after it was added
        _loop(f"p = x.assign(k=k)\n{JOIN}\np['k'] = 1"),
        _loop(f"p = x.assign(k=k)\n{JOIN}\np.drop(columns='k', inplace=True)"),
        _loop(f"p = x.assign(k=k)\nfor n in range(3):\n    p['n'] = n\n    {JOIN}"),
        _loop(f"if k:\n    p['k'] = k\np = x.assign(k=k)\n{JOIN}"),
        _loop(f"if k:\n    p = x.assign(k=1)\np['k'] = k\np = x.assign(k=k)\n{JOIN}"),
        _loop(f"p = x.assign(k=lambda d: note(d))\n{JOIN}"),
        # it gets another name, by which somebody may change it
        _loop(f"p = x.assign(k=k)\nnote(p)\n{JOIN}"),
        _loop(f"p = x.assign(k=k)\nlast = p\n{JOIN}"),
        _loop(f"p = x.assign(k=k)\nother[k] = p\n{JOIN}"),
        _loop(f"p = x.assign(k=k)\nv = p['k'].values\n{JOIN}\nv[0] = 1"),
        # it shares memory
        _loop(f"p = x[['k']].copy(deep=False)\n{JOIN}"),
        _loop(f"p = x[1:]\n{JOIN}"),
        _loop(f"p = pd.DataFrame(x)\n{JOIN}"),
        # another start
        _loop(f"p = x.assign(k=k)\n{JOIN}", start="pd.DataFrame(columns=['v'])"),
        _loop(f"p = x.assign(k=k)\n{JOIN}", start="other"),
        _loop(f"p = x.assign(k=k)\n{JOIN}", start="pd.DataFrame()\n    out['v'] = [1]"),
        _loop(f"p = x.assign(k=k)\n{JOIN}", start="pd.DataFrame()\n    note(out)"),
        # two at a time are no steps of one
        _loop("p = x.assign(k=k)\nout = pd.concat([out, p, x.assign(k=1)])"),
        # others look at what is there meanwhile
        _loop(f"p = x.assign(k=k)\n{JOIN}\nyield k"),
        _loop(f"p = x.assign(k=k)\ntry:\n    {JOIN}\nexcept ValueError:\n    note(k)"),
    ],
)
def test_frames_that_may_be_somebody_elses_stay_an_assumption(code: str) -> None:
    assert _safe(code) == []


def test_a_second_look_leaves_the_loop_that_joins_one_by_one() -> None:
    (new,) = _safe(WAVES)
    source = SourceFile.from_bytes(Path("example.py"), new.encode())
    assert not any(
        "concat" in form.summary or form.rule.code == "DL501" for f in scan(source, Project()) for form in f.forms
    )


@pytest.mark.parametrize("taken", ["all", "type", "tuple", "len"])
def test_names_of_the_users_hide_what_the_test_calls(taken: str) -> None:
    assert _safe(WAVES.replace("first=1", f"first=1, {taken}=None")) == []
