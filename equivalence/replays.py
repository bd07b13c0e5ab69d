"""Recorded inputs for a trial: which there are, what the child is asked about them, what they add to the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..loops.obligations import REGISTRY, TAKEN_FOR_GRANTED
from .infer import parameters
from .model import Recorded, Trial
from .outline import Outline, bare
from .recordings import Kept, region_of

Answer = dict[str, Any]


def recorded_for(trial: Trial) -> tuple[Outline, Sequence[Kept]] | None:
    """The region as the recorder met it, with its recorded inputs; None when there are none."""
    recordings = trial.recordings
    if recordings is None or not recordings.has(trial.path):
        return None
    outline = bare(trial)
    first, last = lines_of(outline)
    kept = recordings.inputs(trial.path, trial.before, first, last)
    return (outline, kept) if kept else None


def lines_of(outline: Outline) -> tuple[int, int]:
    """The first and the last line of the region of the old file."""
    region = outline.before.statements
    return region[0].lineno, region[-1].end_lineno or region[-1].lineno


def region_digest(outline: Outline, text: str) -> str:
    """What tells the region in another look at the same file."""
    return region_of(text, *lines_of(outline))


def replay_request(trial: Trial, outline: Outline, kept: Sequence[Kept], options: Answer) -> Answer:
    """What the child is asked."""
    named = {o.name: list(REGISTRY[o.name][1]) for o in trial.obligations}
    return {
        **options,
        "task": "replay",
        "mode": outline.mode,
        "results": outline.results,
        "global_data": outline.global_data,
        "unseen": outline.unseen,
        "before": outline.before.to_json(),
        "after": outline.after.to_json(),
        "parameters": parameters(outline, trial.hints),
        "obligations": [o.name for o in trial.obligations],
        "broken_by_name": named | {"the usual": list(TAKEN_FOR_GRANTED)},
        "recorded": [one.to_json() for one in kept],
    }


def refutation(replayed: Answer) -> Answer | None:
    """The verdict when some recorded input shows a difference that nothing excuses."""
    if "refuted" not in replayed:
        return None
    return {
        "verdict": "refuted",
        "inputs": replayed["agree"] + replayed["excused"] + 1,
        "returned": replayed["agree"] - replayed["raised"],
        "raised": replayed["raised"],
        "excused": replayed["excused"],
        "kinds": ["recorded"],
        "reason": f"on a recorded input: {replayed['refuted']}",
        "counterexample": replayed.get("counterexample"),
        "versions": replayed.get("versions", ""),
    }


def with_recorded(answer: Answer, replayed: Answer) -> Answer:
    """The answer for the battery, with what the recorded inputs add."""
    added = {
        "inputs": replayed["agree"] + replayed["excused"],
        "returned": replayed["agree"] - replayed["raised"],
        "raised": replayed["raised"],
        "excused": replayed["excused"],
    }
    counts = {name: answer.get(name, 0) + number for name, number in added.items()}
    kinds = sorted({*answer.get("kinds", ()), *(["recorded"] if added["inputs"] else [])})
    return {**answer, **counts, "kinds": kinds}


def recorded_of(replayed: Answer) -> Recorded:
    """For the evidence."""
    before, after = replayed["seconds"]
    return Recorded(
        replayed["agree"],
        replayed["excused"],
        tuple(replayed["broken"]),
        dict(replayed["skipped"]),
        before / after if before > 1e-3 and after > 0 else 0.0,
    )


def nothing_replayed(kept: Sequence[Kept], why: str) -> Answer:
    """The answer when none could be run."""
    empty: Answer = {"agree": 0, "raised": 0, "excused": 0, "broken": [], "seconds": [0.0, 0.0], "taken": []}
    return {**empty, "skipped": {why: len(kept)}}
