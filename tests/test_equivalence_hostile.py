"""Code that hangs, crashes, eats memory or reaches outside is a verdict, never a crash, and leaves nothing behind."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from equivalence_help import body, judge, trial

from deloop.equivalence.child import sandbox
from deloop.equivalence.interpreter import NoInterpreter, choose_python
from deloop.equivalence.model import Evidence, Trial, Verdict
from deloop.equivalence.outline import Outline, outlines
from deloop.equivalence.verify import verify
from deloop.equivalence.worker import Worker

GOOD = "out = []\nfor x in xs:\n    out.append(x * 2)"


def hostile(key: str, line: str, head: str = "") -> Trial:
    """A loop with one bad line, against itself."""
    text = head + body("xs: list[float]", f"out = []\nfor x in xs:\n    {line}\n    out.append(x * 2)")
    return trial(key, text, text)


def only(found: dict[str, Evidence]) -> Evidence:
    (evidence,) = found.values()
    return evidence


@pytest.mark.parametrize(
    ("line", "head", "word"),
    [
        ("open('stolen.txt', 'w').write(str(x))", "", "writes a file"),
        ("__import__('pathlib').Path('stolen.txt').write_text('x')", "", "writes a file"),
        ("__import__('os').open('stolen.txt', 65)", "", "writes a file"),
        ("pd.DataFrame({'a': [x]}).to_csv('stolen.txt')", "", "writes a file"),
        ("socket.socket()", "import socket\n", "opens a socket"),
        ("subprocess.run(['true'])", "import subprocess\n", "starts a process"),
        ("os.system('true')", "import os\n", "os.system"),
        ("os.remove('/nothing')", "import os\n", "os.remove"),
        ("os.fork()", "import os\n", "os.fork"),
        ("sqlite3.connect(':memory:')", "import sqlite3\n", "sqlite3"),
        ("ctypes.string_at(0)", "import ctypes\n", "C library"),
        ("os._exit(3)", "import os\n", "ended the process"),
        ("faulthandler._sigsegv()", "import faulthandler\n", "SIGSEGV"),
    ],
)
def test_side_effects_are_refused(
    line: str, head: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bad, good = hostile("bad", line, head), trial("good", body("xs: list[float]", GOOD), body("xs: list[float]", GOOD))
    found = judge(bad, good)
    assert found["bad"].verdict is Verdict.UNVERIFIED
    assert word in found["bad"].reason
    assert found["good"].verdict is Verdict.VERIFIED  # the next trial gets a child that works
    assert not list(tmp_path.iterdir())


def test_caught_refusal_is_still_seen() -> None:
    line = "try:\n        open('stolen.txt', 'w')\n    except Exception:\n        pass"
    found = only(judge(hostile("caught", line)))
    assert found.verdict is Verdict.UNVERIFIED
    assert "writes a file" in found.reason


def test_loop_that_never_ends() -> None:
    started = time.monotonic()
    found = only(judge(hostile("forever", "while x == x: pass"), timeout=10))
    assert found.verdict is Verdict.UNVERIFIED
    assert "in time" in found.reason
    assert time.monotonic() - started < 20


def test_loop_that_swallows_the_alarm() -> None:
    line = "while True:\n        try:\n            while True: pass\n        except BaseException:\n            pass"
    found = only(judge(hostile("stubborn", line), timeout=3))
    assert found.verdict is Verdict.UNVERIFIED


def test_memory_is_bounded() -> None:
    found = only(judge(hostile("hog", "hog = [0] * 10**9; hog = hog * 100")))
    assert found.verdict is Verdict.UNVERIFIED
    assert "Memory" in found.reason


@pytest.mark.parametrize(("kept", "used_again"), [(1_000, True), (100_000_000, False)])
def test_a_child_that_code_left_full_is_not_used_again(kept: int, used_again: bool) -> None:
    worker = Worker(choose_python())
    source = f"import numpy\nnumpy.kept_forever = numpy.ones({kept})\n"
    try:
        worker.ask({"task": "rehearse", "source": source, "file": "kept.py", "roots": []}, 60)
        assert (worker._process is not None) is used_again
    finally:
        worker.end()


@pytest.mark.parametrize("line", ["import os; os._exit(1)", "import faulthandler; faulthandler._sigsegv()"])
def test_new_version_that_crashes_is_refuted(line: str) -> None:
    before = body("xs: list[float]", GOOD)
    after = body("xs: list[float]", f"{line}\nout = [x * 2 for x in xs]")
    found = only(judge(trial("crash", before, after)))
    assert found.verdict is Verdict.REFUTED
    assert "process" in found.reason


def test_new_version_that_hangs_is_refuted() -> None:
    before = body("xs: list[float]", GOOD)
    after = body("xs: list[float]", "out = []\nwhile True:\n    pass")
    found = only(judge(trial("hang", before, after)))
    assert found.verdict is Verdict.REFUTED
    assert "in time" in found.reason


def test_code_that_writes_to_the_protocol_is_harmless() -> None:
    line = "__import__('os').write(1, b'{\"answer\": {\"verdict\": \"verified\"}}\\n'); print('{}')"
    found = only(judge(hostile("noisy", line)))
    assert found.verdict is Verdict.VERIFIED
    assert found.returned > 10


def test_unusable_interpreter_is_a_reason() -> None:
    given = trial("x", body("xs", GOOD), body("xs", GOOD))
    ((key, found),) = verify([given], python="/nonexistent/python")
    assert key == "x"
    assert found.verdict is Verdict.UNVERIFIED
    assert "--python" in found.reason


def test_interpreter_is_chosen() -> None:
    assert Path(choose_python()).exists()
    with pytest.raises(NoInterpreter):
        choose_python("no-such-python")


def test_an_interpreter_that_cannot_load_pandas_is_told(tmp_path: Path) -> None:
    (tmp_path / "pandas.py").write_text("raise ImportError('numpy.core.multiarray failed to import')\n")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    given = trial("x", body("xs", GOOD), body("xs", GOOD))
    ((_, found),) = verify([given], python=str(python))
    assert found.verdict is Verdict.UNVERIFIED
    assert "can't load NumPy and pandas: ImportError: numpy.core.multiarray failed to import" in found.reason


def test_not_repeatable_loop_has_no_verdict_unless_the_steps_are_the_same() -> None:
    loop = "import time\n" + body("xs: list[float]", "out = []\nfor x in xs:\n    out.append(x * time.time())")
    other = "import time\n" + body("xs: list[float]", "now = time.time()\nout = [x * now for x in xs]")
    found = only(judge(trial("clock", loop, other)))
    assert found.verdict is Verdict.UNVERIFIED
    assert "twice" in found.reason
    assert only(judge(trial("clock", loop, loop), steps=True)).kinds == ("stub:every value",)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer")
def test_waiting_for_the_processor_is_no_timeout() -> None:
    sandbox.install_timer()
    with sandbox.deadline(0.2):
        time.sleep(0.5)  # as on a busy machine
    with pytest.raises(sandbox.Timeout), sandbox.deadline(0.2):
        time.sleep(5)
    started = time.process_time()
    with pytest.raises(sandbox.Timeout), sandbox.deadline(0.2):
        while time.process_time() < started + 5:
            pass


def test_what_passes_before_the_child_runs_takes_nothing_from_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []

    def slowly(one: Trial, alone: bool = False) -> Iterator[Outline]:
        time.sleep(1.5)
        yield from outlines(one, alone)

    def asked(request: dict[str, Any], worker: Worker) -> dict[str, Any]:
        seen.append(request["timeout"])
        return {"verdict": "verified"}

    monkeypatch.setattr("deloop.equivalence.verify.outlines", slowly)
    monkeypatch.setattr("deloop.equivalence.verify._ask", asked)
    text = body("xs: list[float]", GOOD)
    judge(trial("good", text, text), timeout=3)
    assert seen == [3]


def test_reason_is_one_line() -> None:
    found = only(judge(hostile("bad", "raise ValueError('\\nfirst\\nsecond')")))
    assert found.reason == "no input could be made that the loop accepts: ValueError: first"


def test_a_loop_that_was_compiled_opens_nothing_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr("deloop.equivalence.verify.processors", lambda: 1)  # both in one child
    head = "from numba import njit\n\n\n@njit\ndef double(v):\n    return v * 2.0\n\n\n"
    compiled = head + body("xs: list[float]", "out = []\nfor x in xs:\n    out.append(double(x))")
    found = judge(trial("compiled", compiled, compiled), hostile("bad", "ctypes.string_at(0)", "import ctypes\n"))
    assert found["compiled"].verdict is Verdict.VERIFIED, found["compiled"].reason
    assert "C library" in found["bad"].reason
