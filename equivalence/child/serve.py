"""The child's loop: one JSON request a line in, notes and one JSON answer out."""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from typing import Any

from . import sandbox

#: Seconds after which the parent hears again which version runs.
_SIGN_OF_LIFE = 1.0


def main() -> None:
    """Serve requests until the input ends."""
    requests, answers = _private_streams()
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else tempfile.gettempdir())
    warnings.simplefilter("ignore")
    logging.raiseExceptions = False
    sandbox.install_timer()
    from . import trial  # after the streams: NumPy and pandas may print while they load

    _warm_up()
    gc.collect()
    gc.freeze()  # the libraries stay: going through them at each collection takes longer than a verdict
    sandbox.limit_resources()
    sandbox.arm()
    _send(answers, {"ready": trial.versions()})
    for line in requests:
        request = json.loads(line)
        if "numba" not in line:
            sandbox.forget_compiler()
        noted: list[Any] = ["", 0.0]

        def note(side: str, noted: list[Any] = noted) -> None:
            if side != noted[0] or time.monotonic() - noted[1] > _SIGN_OF_LIFE:
                noted[:] = side, time.monotonic()
                _send(answers, {"at": side})

        try:
            answer = _answer(request, note)
        except MemoryError:
            answer = {"verdict": "unverified", "reason": "the loop takes more memory than it may"}
        except RecursionError:
            answer = {"verdict": "unverified", "reason": "the values are nested too deeply"}
        except SyntaxError as e:
            answer = {"verdict": "unverified", "reason": f"the outlined code does not compile: {e}"}
        except Exception as e:
            answer = {
                "verdict": "unverified",
                "reason": f"the verifier could not handle this code ({type(e).__name__}: {e})",
            }
            if os.environ.get("DELOOP_DEBUG"):
                import traceback

                answer["traceback"] = traceback.format_exc()
        _send(answers, {"answer": answer, "worn": sandbox.worn()})


_last: list[Any] = []  # the loop that was judged last, for its other forms


def _answer(request: dict[str, Any], note: Callable[[str], None]) -> dict[str, Any]:
    from . import reference, rehearse, replay, samples, side_by_side, steps, trial

    match request.get("task", "judge"):
        case "sample":
            return samples.Samples(request, note).run()
        case "compare":
            return side_by_side.SideBySide(request, note).run()
        case "replay":
            return replay.Replay(request, note).run()
        case "rehearse":
            return rehearse.rehearse(request)
        case "steps":
            return steps.StepsTrial(request, note).run()
    known = next((one for one in _last if one.key == reference.key_of(request)), None)
    _last.clear()  # what fails must not be met again
    judged = trial.Trial(request, note, known)
    answer = judged.run()
    _last.append(judged.reference)
    return answer


def _private_streams() -> tuple[Any, Any]:
    """Keep the pipes for ourselves: user code sees empty input, and what it writes to 1 and 2 goes nowhere."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(null, number)
    if not os.environ.get("DELOOP_DEBUG"):
        os.dup2(null, 2)
    return requests, answers


def _send(answers: Any, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _warm_up() -> None:
    """Load what pandas loads late, while loading is still allowed."""
    import pandas as pd

    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"], "t": pd.to_datetime(["2024-01-01", "2024-01-02"])})
    frame.groupby("b")["a"].sum()
    frame["t"].dt.tz_localize("Europe/Paris")
    frame["b"].str.upper()
    frame.set_index("t").index.get_indexer(pd.DatetimeIndex(["2024-01-01 05:00"]), method="nearest")
    repr(frame)
