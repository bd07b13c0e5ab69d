"""Several children at work at once: the answers keep their order, one bad loop harms no other, and an end is an end."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from equivalence_help import body, trial

from deloop.equivalence.model import Trial, Verdict
from deloop.equivalence.verify import verify
from deloop.equivalence.worker import Worker, borrowed

GOOD = body("xs: list[float]", "out = []\nfor x in xs:\n    out.append(x * 2)")
WRONG = body("xs: list[float]", "out = []\nfor x in xs:\n    out.append(x + 2)")
CRASH = "import os\n" + body("xs: list[float]", "out = []\nfor x in xs:\n    os._exit(3)\n    out.append(x * 2)")
HANG = "import time\n" + body("xs: list[float]", "out = []\nfor x in xs:\n    time.sleep(60)\n    out.append(x * 2)")


@pytest.fixture(autouse=True)
def three_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deloop.equivalence.verify.processors", lambda: 3)


def trials() -> list[Trial]:
    kinds = [(GOOD, GOOD), (GOOD, WRONG), (CRASH, CRASH)]
    return [trial(f"{number}", *kinds[number % 3]) for number in range(12)]


def test_answers_come_in_order_and_a_crash_harms_nobody_else() -> None:
    found = list(verify(trials(), timing=False))
    assert [key for key, _ in found] == [str(number) for number in range(12)]
    wanted = [Verdict.VERIFIED, Verdict.REFUTED, Verdict.UNVERIFIED]
    assert [evidence.verdict for _, evidence in found] == wanted * 4, [evidence.reason for _, evidence in found]


def test_forms_of_one_site_stay_together_and_in_order() -> None:
    grouped = [
        trial(f"{site}:{form}", GOOD, (GOOD, WRONG)[form], group=str(site)) for site in range(4) for form in range(2)
    ]
    found = list(verify(grouped, timing=False))
    assert [key for key, _ in found] == [one.key for one in grouped]
    assert [e.verdict for _, e in found] == [Verdict.VERIFIED, Verdict.REFUTED] * 4


def test_who_stops_listening_waits_for_nobody() -> None:
    answers = verify([trial("good", GOOD, GOOD), trial("slow", HANG, HANG), trial("slow too", HANG, HANG)])
    assert next(answers)[0] == "good"
    started = time.monotonic()
    answers.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 4
    assert not [one for one in threading.enumerate() if one.name.startswith("ThreadPoolExecutor")]


def test_ctrl_c_ends_the_children() -> None:
    answers = verify([trial("slow", HANG, HANG), trial("slow too", HANG, HANG)])
    threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(answers)
    assert time.monotonic() - started < 6


def test_workers_are_lent_again() -> None:
    with borrowed("python", 2) as first:
        assert len({id(one) for one in first}) == 2
    with borrowed("python", 3) as more:
        assert {id(one) for one in first} < {id(one) for one in more}


def test_a_worker_that_was_ended_is_not_lent_again() -> None:
    lent: list[Worker] = []
    with pytest.raises(ValueError), borrowed("python") as workers:
        lent += workers
        raise ValueError
    with borrowed("python") as (again,):
        assert again is not lent[0]
