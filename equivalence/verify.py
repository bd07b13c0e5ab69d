"""Judge rewrites: does the new version do what the old one does?"""

from __future__ import annotations

import ast
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count, groupby
from typing import Any

from ..loops.obligations import REGISTRY, TAKEN_FOR_GRANTED
from ..sources.machine import processors
from . import replays
from .infer import parameters
from .interpreter import NoInterpreter, choose_python, provides
from .model import Counterexample, Evidence, Trial, Verdict
from .outline import Outline, Width, outlines, stepwise
from .regions import CannotOutline
from .safety import changed
from .tested import arrays_tested_in
from .worker import Died, Worker, borrowed

Progress = Callable[[int, str], None]

#: Python 3.11 can't make syntax trees in two threads at once (SystemError: AST constructor recursion depth mismatch).
_ANALYSIS = threading.RLock()
#: obligations that the comparison itself takes into account
COMPARED = ("element-types", "empty-type", "signed-zero")
_FLOATS = ("float-order", "last-bits")
#: Children at work at once; each may take the memory that one may.
_MOST_WORKERS = 4
#: With less than this share of the time left, no further outline is tried.
_FURTHER = 0.4
_DIFFERS = "differs when run without the code around it"
#: Reasons for which it says something that both versions take the same steps: the values are what is lacking.
_LACKING = ("no input could be made", "the loop does not do the same twice")
_STEPS_SECONDS = 8.0
_TOO_LONG = ("the loop does not return in time", "the loop is too slow")
#: Of the outlines of one form the one that shows most decides.
_RANK = {"unverified": 0, "insufficient": 1, "verified": 2, "refuted": 3}


def verify(
    trials: Iterable[Trial],
    *,
    python: str | None = None,
    seed: int = 0,
    timeout: float = 30,
    timing: bool = True,
    shrink: bool = True,
    steps: bool = True,
    workers: int = 0,
    progress: Progress | None = None,
) -> Iterator[tuple[str, Evidence]]:
    """Judge each trial, in order. `progress(done, key)` is called after each.

    `python` names the interpreter that runs the code, `timeout` bounds the seconds of one trial, `workers` the child
    processes (0: as many as there are processors). Without `shrink` a counterexample stays as large as it was found,
    without `steps` only inputs give a verdict.
    Never raises for a trial: what can't be judged is `unverified`, with the reason.
    """
    try:
        chosen = choose_python(python)
    except NoInterpreter as e:
        for done, trial in enumerate(trials, 1):
            yield trial.key, Evidence(Verdict.UNVERIFIED, reason=str(e))
            if progress is not None:
                progress(done, trial.key)
        return
    options = {"seed": seed, "timeout": timeout, "timing": timing, "shrink": shrink, "steps": steps}
    groups = [list(group) for _, group in groupby(trials, key=lambda trial: trial.group or trial.key)]
    if not groups:
        return
    with borrowed(chosen, min(workers or processors(), len(groups), _MOST_WORKERS)) as children:
        for done, (key, evidence) in enumerate(_in_order(groups, children, options), 1):
            yield key, evidence
            if progress is not None:
                progress(done, key)


Judged = tuple[str, Evidence]


def _in_order(
    groups: Sequence[Sequence[Trial]], workers: Sequence[Worker], options: dict[str, Any]
) -> Iterator[Judged]:
    """The evidence for all trials, in their order, with as many groups under way as there are workers."""
    if len(workers) == 1:
        for group in groups:
            yield from _group(group, workers[0], options)
        return
    free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    for worker in workers:
        free.put(worker)

    def judge(group: Sequence[Trial]) -> list[Judged]:
        worker = free.get()
        try:
            return list(_group(group, worker, options))
        finally:
            free.put(worker)

    pool = ThreadPoolExecutor(len(workers))
    try:
        for answers in [pool.submit(judge, group) for group in groups]:
            yield from answers.result()
    except BaseException:  # Ctrl-C, or nobody wants the rest: no thread may wait for a child any longer
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.end()
        raise
    finally:
        pool.shutdown()


def _group(group: Sequence[Trial], worker: Worker, options: dict[str, Any]) -> Iterator[Judged]:
    """The forms of one site, one after another: what was learnt of the loop serves all of them."""
    forms = _Forms(group)
    for trial in forms.trials:
        started = time.perf_counter()
        missing = [package for package in trial.needs if not provides(worker.python, package)]
        if missing:
            answer = _unverified(f"{missing[0]} is not installed for {worker.python}")
        else:
            answer = _on_all_inputs(trial, forms, worker, options)
        yield trial.key, evidence_of(answer, time.perf_counter() - started)


class _Forms:
    """The trials of one site, and their outlines: made once, since each tells about the inputs of all."""

    def __init__(self, trials: Sequence[Trial]) -> None:
        self.trials = trials
        self._sources = {trial.key: outlines(trial, alone=True) for trial in trials}
        self._made: dict[str, list[Outline | Exception]] = {trial.key: [] for trial in trials}

    def outline(self, trial: Trial, width: int) -> Outline | None:
        """None when there are no more. Raises CannotOutline, and whatever the code makes our analysis raise."""
        made = self._made[trial.key]
        while len(made) <= width:
            try:
                with _ANALYSIS:
                    made.append(next(self._sources[trial.key]))
            except StopIteration:
                return None
            except Exception as e:
                made.append(e)
        found = made[width]
        if isinstance(found, Exception):
            raise found
        return found

    def alike(self, outline: Outline, width: int) -> list[Outline]:
        """The outlines of all forms that need the same inputs, in the order of the trials."""
        found: list[Outline] = []
        for trial in self.trials:
            try:
                other = self.outline(trial, width)
            except Exception:
                continue
            if other is not None and other.interface == outline.interface:
                found.append(other)
        return found


def _on_all_inputs(trial: Trial, forms: _Forms, worker: Worker, options: dict[str, Any]) -> dict[str, Any]:
    """The answer for one trial: recorded inputs first, as they tell whether more is to be tried, then the battery."""
    replayed, branches = _replayed(trial, worker, options)
    if replayed is None:
        return _or_stepwise(_judge(trial, forms, worker, options), trial, worker, options)
    if (refuted := replays.refutation(replayed)) is not None:
        return refuted | {"recorded": replayed}
    taken = {"taken": replayed["taken"], "branches": branches}
    answer = _or_stepwise(_judge(trial, forms, worker, options, taken), trial, worker, options)
    return replays.with_recorded(answer, replayed) | {"recorded": replayed}


def _replayed(trial: Trial, worker: Worker, options: dict[str, Any]) -> tuple[dict[str, Any] | None, Any]:
    """What the child says of the recorded inputs, and the conditions of the region; None when there are none."""
    try:
        with _ANALYSIS:
            found = replays.recorded_for(trial)
            if found is None:
                return None, None
            outline, kept = found
            request = replays.replay_request(trial, outline, kept, options)
    except Exception:  # what can't be outlined is told by the battery
        return None, None
    request |= {"broken_by": broken_by(trial), "tolerance": tolerance_of(trial)}
    answer = _ask(request, worker)
    if "agree" not in answer:
        died = {"refuted": answer["reason"]} if answer["verdict"] == "refuted" else {}
        answer = replays.nothing_replayed(kept, answer["reason"]) | died
    return answer, outline.before.branches


def _judge(
    trial: Trial, forms: _Forms, worker: Worker, options: dict[str, Any], known: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The answer for one trial: the widest outline that runs decides.

    `known` are the ways that conditions went on recorded inputs, and the conditions that these numbers are of.
    """
    answer: dict[str, Any] = _unverified("nothing could be run")
    spent = 0.0  # by the child: what else the machine does takes nothing from a trial
    seen: set[str] = set()
    differed = False
    try:
        for k in count():
            outline = forms.outline(trial, k)
            left = options["timeout"] - spent
            if outline is None or (k and left < options["timeout"] * _FURTHER):
                break
            if differed and outline.width is not Width.BEFORE:
                break  # only what says more of the inputs may show that they can't be
            if outline.text in seen:
                continue
            seen.add(outline.text)
            alike = forms.alike(outline, k)
            with _ANALYSIS:
                request = request_for(trial, outline, {**options, "timeout": max(left, 2)}, alike)
            if known is not None and known["branches"] == outline.before.branches:
                request["taken"] = known["taken"]
            found = _ask(request, worker)
            spent += found.get("seconds", request["timeout"])
            if found["verdict"] == "refuted" and k:
                found = _unverified(f"{_DIFFERS}: {found['reason']}")
            if not k or _RANK[found["verdict"]] > _RANK[answer["verdict"]]:
                answer = found
            if differed or not _may_be_narrower(found):
                break
            differed = found.get("reason", "").startswith(_DIFFERS)
    except CannotOutline as e:
        if answer["reason"] == "nothing could be run":
            answer = _unverified(str(e))
    except RecursionError:
        answer = _unverified("the code is nested too deeply")
    except Exception as e:  # whatever the code is, the other trials go on
        answer = _unverified(f"the verifier could not analyse this code ({type(e).__name__}: {e})")
    return answer


def _or_stepwise(answer: dict[str, Any], trial: Trial, worker: Worker, options: dict[str, Any]) -> dict[str, Any]:
    """The answer, or that both versions take the same steps whatever the values are, where inputs don't tell."""
    lacking = answer["verdict"] == "insufficient" or answer.get("reason", "").startswith(_LACKING)
    if not options["steps"] or not lacking:
        return answer
    try:
        with _ANALYSIS:
            request = steps_request(trial, {**options, "timeout": _STEPS_SECONDS})
    except Exception:  # the inputs tell why there is no verdict
        return answer
    found = _ask(request, worker)
    return {**found, "versions": worker.versions} if found["verdict"] == "verified" else answer


def steps_request(trial: Trial, options: dict[str, Any]) -> dict[str, Any]:
    """What the child is asked about the steps that both versions take. Raises CannotOutline."""
    outline = stepwise(trial)
    both = [*outline.before.statements, *outline.after.statements]
    altered = {name for statement in both for name in changed(statement)}
    return request_for(trial, outline, options) | {"task": "steps", "altered": sorted(altered)}


def _may_be_narrower(found: dict[str, Any]) -> bool:
    """Whether less of the code around the region may let inputs through that this run could not reach."""
    reason: str = found.get("reason", "")
    return found["verdict"] == "insufficient" or reason.startswith(("no input", *_TOO_LONG, _DIFFERS))


def request_for(
    trial: Trial, outline: Outline, options: dict[str, Any], forms: Sequence[Outline] = ()
) -> dict[str, Any]:
    """What the child is asked about one outline: `options` are those of `verify`, `forms` as for the inputs."""
    return {
        **options,
        "mode": outline.mode,
        "results": outline.results,
        "global_data": outline.global_data,
        "unseen": outline.unseen,
        "before": outline.before.to_json(),
        "after": outline.after.to_json(),
        "parameters": _as_assumed(parameters(outline, trial.hints, forms), _arrays_of(trial, outline)),
        "obligations": [o.name for o in trial.obligations],
        "broken_by": broken_by(trial),
        "owed": owed_by(trial),
        "stored": [place for o in trial.obligations if o.name == "columns-stored" for place in _places(o.subjects)],
        "tolerance": tolerance_of(trial),
        "limits": trial.limits,
        "branches": outline.before.branches,
    }


def _places(subjects: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Frames by name, and the columns that subjects like `df['a']` or `df[name]` say: by a variable, or as it is."""
    for subject in subjects:
        match ast.parse(subject, mode="eval").body:
            case ast.Subscript(value=ast.Name(id=frame), slice=ast.Constant(value=str(column))):
                yield frame, column, False
            case ast.Subscript(value=ast.Name(id=frame), slice=ast.Name(id=variable)):
                yield frame, variable, True


def _arrays_of(trial: Trial, outline: Outline) -> set[str]:
    """What a form assumes, or tests, to be arrays."""
    named = {s for o in trial.obligations if o.name in ("numeric-arrays", "numeric-matrices") for s in o.subjects}
    return named | arrays_tested_in(outline.after.statements)


def _as_assumed(specs: list[dict[str, Any]], named: set[str]) -> list[dict[str, Any]]:
    """Sequences of which nothing is known but that they are indexed are arrays for a form that says so.

    The battery tries the other kinds all the same: they break the assumption, or fail the test.
    """
    return [{**one, "spec": _arrays(one["name"], one["spec"], named)} for one in specs]


def _arrays(code: str, spec: dict[str, Any], named: set[str]) -> dict[str, Any]:
    """A spec with arrays in the place of lists of numbers that are said to be some; those of an object, too."""
    if spec["t"] == "object":
        attrs = {k: _arrays(f"{code}.{k}", v, named) for k, v in spec.get("attrs", {}).items()}
        return {**spec, "attrs": attrs} if attrs else spec
    plain = spec["t"] == "list" and not spec.get("stated") and spec["elem"]["t"] in ("any", "num", "int", "float")
    return {**spec, "t": "array"} if code in named and plain and spec["elem"].get("pool") is None else spec


def _ask(request: dict[str, Any], worker: Worker) -> dict[str, Any]:
    try:
        return worker.ask(request, request["timeout"] + 5)
    except Died as e:
        if e.side == "after":
            return {
                "verdict": "refuted",
                "inputs": 1,
                "reason": f"the new version {e.how}, the loop does not",
                "versions": worker.versions,
            }
        return _unverified(f"the loop {e.how}")
    except NoInterpreter as e:
        return _unverified(str(e))


def broken_by(trial: Trial) -> list[str]:
    """Tags of inputs on which a difference is excused."""
    named = [o.name for o in trial.obligations if o.name not in COMPARED]
    return sorted({*TAKEN_FOR_GRANTED, *(tag for name in named for tag in REGISTRY[name][1])})


def owed_by(trial: Trial) -> list[dict[str, Any]]:
    """What is assumed of which names, and the tags of values that break it."""
    named = [o for o in trial.obligations if o.name not in COMPARED and o.subjects]
    return [{"name": o.name, "subjects": o.subjects, "tags": REGISTRY[o.name][1]} for o in named]


def tolerance_of(trial: Trial) -> float | None:
    """The relative tolerance for floats; None for none."""
    if trial.tolerance is not None:
        return trial.tolerance
    return 1e-10 if any(o.name in _FLOATS for o in trial.obligations) else None


def _unverified(reason: str) -> dict[str, Any]:
    return {"verdict": "unverified", "reason": reason}


def evidence_of(answer: dict[str, Any], seconds: float) -> Evidence:
    """The answer of the child."""
    found = answer.get("counterexample")
    return Evidence(
        verdict=Verdict(answer["verdict"]),
        inputs=answer.get("inputs", 0),
        returned=answer.get("returned", 0),
        raised=answer.get("raised", 0),
        excused=answer.get("excused", 0),
        kinds=tuple(answer.get("kinds", ())),
        counterexample=found and Counterexample(found["inputs"], found["before"], found["after"], tuple(found["tags"])),
        reason=answer.get("reason", ""),
        speedups=tuple((n, x) for n, x in answer.get("speedups", ())),
        at_once=answer.get("at_once", 0.0),
        max_ulp=answer.get("max_ulp", 0.0),
        seconds=seconds,
        versions=answer.get("versions", ""),
        recorded=replays.recorded_of(answer["recorded"]) if "recorded" in answer else None,
    )
