"""Runs a program and what deloop makes of it on random inputs, in this process, and compares strictly."""

from __future__ import annotations

import ast
import contextlib
import io
import resource
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from types import CodeType, ModuleType
from typing import Any

import numpy as np
import pandas as pd

from deloop.codemods.engine import Project, scan
from deloop.codemods.findings import Finding, Status
from deloop.codemods.place import PlacementError, place
from deloop.equivalence import marks
from deloop.equivalence.child import sandbox, show
from deloop.equivalence.child.changes import error_tags
from deloop.equivalence.child.compare import Comparison, Differs, Rules
from deloop.equivalence.child.gathered import GATHERED_NONE, NOTHING
from deloop.equivalence.child.gathered import gathers_nothing as nothing_gathered
from deloop.equivalence.child.namespace import USER, Outcome, clone
from deloop.equivalence.model import Trial
from deloop.equivalence.verify import COMPARED, tolerance_of
from deloop.loops.obligations import Obligation
from deloop.sources.files import SourceFile, parse
from deloop.transforms.base import Rewrite

from .compiled import ASKED
from .inputs import PLANS, Arguments, inputs
from .model import Failure, Program, Tally
from .oddities import has_empty, oddities

#: What helpers leave behind at module level.
SEEN = ("SEEN",)
_PATH, _SHOWN = Path("fuzzed.py"), "<fuzzed>"
_EMPTY = np.empty


@dataclass(frozen=True)
class Form:
    """One rewrite of a program, put in its place."""

    rewrite: Rewrite
    text: str

    @property
    def label(self) -> str:
        safe = "safe" if self.rewrite.safe else "unsafe"
        return f"{self.rewrite.rule.code} {self.rewrite.tier.label} {safe}"


def forms(text: str) -> tuple[list[Finding], list[Form]]:
    """What deloop says of a program."""
    source = SourceFile.from_bytes(_PATH, text.encode())
    tree = parse(source)
    findings = scan(source, Project(), ASKED.options, tree=tree)
    found = []
    for finding in findings:
        for form in finding.forms:
            with contextlib.suppress(PlacementError):
                found.append(Form(form, place(text, tree, form.edits, form.imports).text))
    return findings, found


def turns(program: Program) -> tuple[int, ...]:
    """Which of the plans a program is tried with: ordinary inputs, few rows, two oddities, and all of them at once."""
    rng = Random(program.number)
    found = [*rng.sample((0, 1, 2), 2), rng.choice((3, 4)), *rng.sample((5, 6, 7), 2), rng.choice((8, 9))]
    return tuple(sorted(found))


def examine(program: Program, tally: Tally, seed: str) -> None:
    """Count what happens to a program, and keep the forms that differ."""
    tally.programs += 1
    try:
        findings, found = forms(program.text)
    except Exception as problem:
        tally.crashes.append((program.number, f"{type(problem).__name__}: {problem}"))
        return
    tally.sites += len(findings)
    for finding in findings:
        if finding.status is Status.REFUSED and finding.refusal is not None:
            tally.count(tally.refused, finding.refusal.reason)
        elif finding.status is Status.FINE:
            tally.count(tally.refused, "fine")
    tally.rewritten += bool(found)
    for form in found:
        tally.count(tally.forms, form.label)
    for failure in failures(program, found, seed, turns(program), tally):
        tally.failures.append(failure)


def failures(
    program: Program, found: list[Form], seed: str, chosen: tuple[int, ...], tally: Tally | None = None
) -> Iterator[Failure]:
    """The first difference of each form, on inputs that break none of its assumptions."""
    if not found:
        return
    tally = tally or Tally()
    open_forms = list(found)
    for turn in chosen:
        plan = PLANS[turn]
        rng = Random(f"{seed}/{program.number}/{turn}")
        try:
            given = inputs(program.parameters, rng, plan)
        except (ValueError, TypeError, OverflowError):
            continue
        before = run(program.text, program.entry, given)
        if before.status == "timeout":
            return
        tally.raised += before.status == "raised"
        for form in list(open_forms):
            tally.runs += 1
            answer = difference(program, form, given, before)
            if answer is None:
                continue
            if answer.excused:
                tally.excused += 1
                continue
            open_forms.remove(form)
            yield Failure(
                program,
                form.rewrite.rule.code,
                form.rewrite.tier.label,
                tuple(o.name for o in (*form.rewrite.obligations, *form.rewrite.granted)),
                form.text,
                answer.text,
                show.inputs(given),
                tuple(sorted(answer.tags)),
                f"{seed}/{turn}/{plan}",
                type(before.error).__name__ if before.error else "",
            )


@dataclass(frozen=True)
class Answer:
    """How two runs differ, and whether the input breaks an assumption that the form names."""

    text: str
    excused: bool
    tags: frozenset[str]


def difference(program: Program, form: Form, given: Arguments, before: Outcome) -> Answer | None:
    """None where both do the same."""
    after = run(form.text, program.entry, given)
    if after.status == "timeout":  # once may be the machine's fault
        after = run(form.text, program.entry, given)
    owed = (*form.rewrite.obligations, *form.rewrite.granted)
    empty = has_empty(given, program.parameters)
    differs = _differs(form, owed, empty, before, after)
    if not differs:
        return None
    odd = oddities(given, program.parameters, program.fixed)
    if any(o.name == "like-pieces" for o in owed) and _joins_unlike(program, form, given):
        odd.general.add("pieces:unlike")
    if any(o.broken_by(GATHERED_NONE) for o in owed) and gathers_nothing(program, given):
        odd.general.add(GATHERED_NONE)
    if any(o.broken_by(NOTHING) for o in owed) and before.status == "returned" and gathers_nothing(program, given):
        if not _differs(form, owed, True, before, after):
            return Answer(differs, True, frozenset([NOTHING]))
        odd.general |= {NOTHING} if after.status == "raised" else set()
    odd.general |= error_tags(before.error) | error_tags(after.error)
    errors = _handled(program, given)
    odd.general |= {"raises"} if before.status == "raised" or errors else set()
    odd.general = odd.general.union(*map(error_tags, errors))
    excused = odd.break_(owed, by_comparing=COMPARED) or _told_apart(differs, owed, given, program)
    excused = excused or (any(o.name == "no-overflow" for o in owed) and is_wide([before.value, before.arguments]))
    return Answer(differs, excused or not _repeatable(program, given, before), frozenset(odd.all))


def _differs(form: Form, owed: tuple[Obligation, ...], empty: bool, before: Outcome, after: Outcome) -> str:
    """How two runs differ, in what no assumption about the comparison lets pass; empty where they don't."""
    try:
        Comparison(_rules(form.rewrite, owed, empty)).outcomes(before, after)
    except Differs as differs:
        return str(differs)
    return ""


def gathers_nothing(program: Program, given: Arguments) -> bool:
    """Whether no round of the loops puts anything into something that they are there to fill."""
    probe = marks.Probe()
    tree = ast.parse(program.text)
    tree.body = [probe.visit(statement) for statement in tree.body]
    reached: set[int] = set()
    noted = {marks.GATHER: reached.add, marks.BRANCH: lambda _, way: bool(way), marks.SEEN: lambda _, value: value}
    run(ast.unparse(ast.fix_missing_locations(tree)), program.entry, given, noted)
    return nothing_gathered(probe.gathers, frozenset(reached))


def _handled(program: Program, given: Arguments) -> list[BaseException]:
    """What the program itself raises and handles, which its result does not tell."""
    if "except" not in program.text:
        return []
    found: list[BaseException] = []

    def watch(frame: Any, event: str, what: Any) -> Any:
        if frame.f_code.co_filename != _SHOWN:
            return None
        if event == "exception" and not isinstance(what[1], (StopIteration, GeneratorExit)):
            found.append(what[1])
        return watch

    sys.settrace(watch)
    try:
        run(program.text, program.entry, given)
    finally:
        sys.settrace(None)
    return found


def _told_apart(difference: str, owed: tuple[Obligation, ...], given: Arguments, program: Program) -> bool:
    """Whether the program itself, and no input, breaks an assumption: it divides by zeros of two signs, say."""
    named = {o.name for o in owed}
    if "signed-zero" in named and difference.count("inf") >= 2:
        return "-inf" in difference
    if "numeric-start" in named and "= None" in program.text:
        return True  # the program itself begins with what is no number
    if "element-types" in named and "round(" in program.text and "return" in difference:
        return True  # NumPy rounds 6.055 to 6.06, Python to 6.05: that is telling them apart
    wide = (str(-(2**63)), str(float(-(2**63))), "dtype object, but int64")
    if "no-overflow" in named and any(sign in difference for sign in wide):
        return True  # what the loop computes is too wide, whatever it is given
    if "columns-stored" in named and "dtype float64, but int64" in difference:
        return True  # a column of integers can't hold the NaN that the loop made
    if "long-enough" in named and "returns, but raises IndexError: boolean index" in difference:
        return True  # a position beyond the end is read under a condition only
    if "float-order" in named and any(isinstance(v, float) and 2.0**53 <= abs(v) < 1e100 for v in _numbers(given)):
        return True  # beside so large a number a sum is no more exact than to one
    return "empty-type" in named and has_empty(given, program.parameters) and "raises" in difference


def _numbers(given: Arguments) -> Iterator[Any]:
    for value in given.values():
        if isinstance(value, pd.DataFrame):
            yield from (v for _, column in value.items() for v in column.tolist())
        elif isinstance(value, (pd.Series, np.ndarray)):
            yield from np.ravel(np.asarray(value)).tolist()
        elif isinstance(value, (list, tuple)):
            yield from value


def is_wide(value: Any) -> bool:
    """Whether an integer that is in what the loop made does not fit into 64 bits."""
    match value:
        case int():
            return not -(2**63) <= value < 2**63
        case dict():
            return any(map(is_wide, value.values()))
        case list() | tuple() | set() | frozenset():
            return any(map(is_wide, value))
        case pd.DataFrame():
            return any(is_wide(column) for _, column in value.items())
        case pd.Series() | pd.Index() | np.ndarray() if value.dtype == object:
            return any(map(is_wide, np.ravel(np.asarray(value)).tolist()))
    return False


def _joins_unlike(program: Program, form: Form, given: Arguments) -> bool:
    """Whether the new code joins frames that hold different types in a column or in their labels."""
    unlike: list[bool] = []
    concat = pd.concat

    def watched(objs: Any, *args: Any, **kwargs: Any) -> Any:
        pieces = [piece for piece in objs if isinstance(piece, pd.DataFrame) and len(piece)]
        types = [{piece[c].dtype for piece in pieces if c in piece} for piece in pieces for c in piece.columns]
        unlike.append(any(len(found) > 1 for found in [*types, {piece.index.dtype for piece in pieces}]))
        return concat(objs, *args, **kwargs)

    pd.concat = watched
    try:
        run(form.text, program.entry, given)
    finally:
        pd.concat = concat
    return any(unlike)


def _repeatable(program: Program, given: Arguments, before: Outcome) -> bool:
    """Whether the program does the same again; a set of several NaN does not, their hash is where they are stored."""
    kept = [run(program.text, program.entry, given) for _ in range(12)]
    try:
        for again in kept:
            Comparison(Rules()).outcomes(before, again)
    except Differs:
        return False
    return True


def _rules(rewrite: Rewrite, owed: tuple[Obligation, ...], empty: bool) -> Rules:
    """What the comparison itself excuses; nothing where nothing is assumed."""
    if not owed:
        return Rules()
    named = {o.name for o in owed}
    loose = "element-types" in named or ("empty-type" in named and empty)
    tolerance = tolerance_of(Trial("", "", "", (1, 1), (1, 1), owed, tolerance=rewrite.tolerance))
    return Rules(
        loose,
        "empty-type" in named or loose,
        tolerance,
        1e3 if tolerance else 0.0,
        "pure-calls" in named,
        "signed-zero" in named,
    )


@lru_cache(64)
def _compiled(text: str, how: str) -> CodeType:
    return compile(text, _SHOWN, how, dont_inherit=True)


def run(text: str, entry: str, given: Arguments, more: dict[str, Any] | None = None) -> Outcome:
    """One run in a fresh module, which knows `more` names, on copies of the arguments."""
    module = ModuleType(USER)
    names = module.__dict__
    names.update(more or {})
    arguments = {name: clone(value, names) for name, value in given.items()}
    names |= {(name if entry else f"given_{name}"): value for name, value in arguments.items()}
    outcome = Outcome("returned", arguments=arguments, tag="return")
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code, call = _compiled(text, "exec"), _compiled(entry, "eval") if entry else None
        try:
            with sandbox.deadline(ASKED.seconds):
                exec(code, names)
                if call is not None:
                    outcome.value = eval(call, names)
        except sandbox.Timeout:
            outcome.status = "timeout"
        except Exception as error:
            outcome.status, outcome.error = "raised", error
    outcome.arguments = {k: list(v) if hasattr(v, "__next__") else v for k, v in arguments.items()}  # what is left
    outcome.output = output.getvalue()
    if not entry and outcome.status == "returned":
        outcome.value = names.get("answer")
    outcome.globals = {name: names[name] for name in SEEN if name in names}
    return outcome


class _Bar(list[Any]):
    """A progress bar that shows nothing."""

    def __init__(self, iterable: Any, **_: Any) -> None:
        super().__init__(iterable)


def _empty(*args: Any, **kwargs: Any) -> Any:
    """An array that is not filled yet holds the same in every run."""
    made = _EMPTY(*args, **kwargs)
    if made.dtype.kind in "fiuc":
        made.fill(7)
    return made


def prepare() -> None:
    """What has to be set up once in a process."""
    np.empty = _empty
    shown = ModuleType("tqdm")
    shown.tqdm = _Bar  # type: ignore[attr-defined]
    sys.modules["tqdm"] = shown
    sandbox.install_timer()
    # A loop that never ends fills a list until its time is up.
    resource.setrlimit(resource.RLIMIT_AS, (sandbox.MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
