"""Are two functions equivalent, on what, and which is faster?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..loops.obligations import TAKEN_FOR_GRANTED, Obligation
from .interpreter import choose_python
from .model import Evidence, Trial, Verdict
from .pair_outline import inputs_of_pair, outline_pair
from .pairs import Pair
from .regions import CannotOutline
from .verify import broken_by, evidence_of, tolerance_of
from .worker import Died, borrowed

_SECONDS = 60.0
#: Beyond its own limit the child gets this long to time both functions.
_GRACE = 90.0

_WORDS = {
    "value:nan": "NaN", "value:none": "a missing value (None, NA)", "value:nat": "a missing date (NaT)",
    "value:nan-text": "NaN among text", "value:zero": "zero", "value:-0.0": "negative zero",
    "value:negative": "a negative number", "value:inf": "an infinity",
    "value:huge": "a number near the largest float", "value:tiny": "a number near the smallest float",
    "value:half-cent": "a half cent (1.115)", "value:bigint": "an integer beyond 2**53",
    "value:mixed": "integers among floats", "value:bool": "a truth value", "value:constant": "all values equal",
    "value:empty-text": "empty text", "value:text": "unusual text",
    "value:literal": "a value that the code compares with", "value:no-argument": "an argument left out (None)",
    "value:one": "one", "value:length": "as many as there are rows", "value:datetime": "a date before 1970",
    "n=0": "no rows", "n=1": "one row", "index:duplicated": "repeated row labels",
    "index:permuted": "shuffled row labels", "index:shifted": "row labels that start at 5",
    "index:str": "text as row labels", "index:float": "floats as row labels", "index:datetime": "dates as row labels",
    "index:named": "an index with a name", "keys:absent": "a key that is not there", "keys:repeated": "repeated keys",
    "lengths:unequal": "inputs of unequal lengths", "columns:missing": "no columns",
    "columns:optional": "a column left out", "columns:numbered": "a column whose name is a number",
    "columns:duplicated": "a column twice",
    "column:all-missing": "a column without a value", "extra:str": "a further column of text",
    "extra:float": "a further column", "rows:upcast": "integer columns beside float columns",
    "rows:dates-and-missing": "rows of dates and missing values",
    "only:element-types": "types of elements are told apart (np.float64 and float, 1 and 1.0)",
    "only:last-bits": "the last bits of floats are told apart (relative difference below 1e-10)",
    "only:signed-zero": "0.0 and -0.0 are told apart", "only:empty-type": "the type of an empty result counts",
    "only:element-types+signed-zero": "types of elements, and 0.0 and -0.0, are told apart",
    "only:element-types+last-bits": "types of elements and the last bits of floats are told apart",
    "raises": "the old function raises", "dtype:str": "text in the place of numbers",
}  # fmt: skip


#: What is suggested to set a condition aside, the most telling names first.
_SUGGESTED = (
    "no-missing", "no-none", "no-zero-division", "no-overflow", "float64", "small-integers", "columns-exist",
    "text-names", "numeric-columns", "numpy-columns", "unique-index", "range-index", "unique-keys", "keys-present",
    "equal-lengths", "sequence", "numeric-arrays", "plain-text", "no-upcast", "plain-rows", "some-rows",
    "some-rounds", "positive-offsets", "finite", "in-domain", "numeric-start", "signed-zero", "scalars",
    "truth-of-dates", "distinct-names", "no-exceptions",
)  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """The functions differ where `tag` holds, in `where` if that matters; `assume` are names that set it aside."""

    tag: str
    where: tuple[str, ...]
    inputs: int
    assume: tuple[str, ...]

    @property
    def text(self) -> str:
        """In words: `NaN in bars["price"]`."""
        family, _, member = self.tag.partition(":")
        word = _WORDS.get(self.tag) or (
            f"values of type {member}" if family == "dtype" else f"given as {member}" if family == "type" else self.tag
        )
        return f"{word} in {' or '.join(self.where)}" if self.where else word


@dataclass(frozen=True)
class Compared:
    """The outcome. Without `conditions`, or with `ordinary` inputs that differ, nothing excuses a refutation."""

    pair: Pair
    evidence: Evidence
    conditions: tuple[Condition, ...] = ()
    differ: int = 0
    ordinary: int = 0
    assumed: tuple[str, ...] = ()
    given: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """`equivalent`, `refuted` or `unknown`."""
        known = {Verdict.VERIFIED: "equivalent", Verdict.REFUTED: "refuted"}
        return known.get(self.evidence.verdict, "unknown")


def compare(
    pair: Pair,
    *,
    python: str | None = None,
    rtol: float | None = None,
    assume: tuple[str, ...] = (),
    given: tuple[str, ...] = (),
    seed: int = 0,
) -> Compared:
    """Run both functions on the same inputs, those of which the expressions `given` hold. Raises NoInterpreter."""
    chosen = choose_python(python)
    started = time.perf_counter()
    answer = _answer(pair, chosen, _Terms(rtol, assume, given, seed))
    words = (("the loop", "the old function"), ("the new version", "the new function"))
    for old, new in words:  # the child speaks of loops
        answer["reason"] = answer.get("reason", "").replace(old, new)
    return Compared(
        replace(pair, notes=(*pair.notes, *answer.get("only_outside", ()))),
        evidence_of(answer, time.perf_counter() - started),
        tuple(_condition(found) for found in answer.get("conditions") or ()),
        answer.get("differ", 0),
        answer.get("ordinary", 0),
        assume,
        given,
    )


@dataclass(frozen=True)
class _Terms:
    """On what terms two functions are compared."""

    rtol: float | None
    assume: tuple[str, ...]
    given: tuple[str, ...]
    seed: int


def _answer(pair: Pair, python: str, terms: _Terms) -> dict[str, Any]:
    try:
        request = _request(pair, terms)
    except CannotOutline as problem:
        return {"verdict": "unverified", "reason": str(problem)}
    except RecursionError:
        return {"verdict": "unverified", "reason": "the code is nested too deeply"}
    except Exception as problem:  # whatever the code is, the answer is one line
        reason = f"the verifier could not analyse this code ({type(problem).__name__}: {problem})"
        return {"verdict": "unverified", "reason": reason}
    with borrowed(python) as workers:
        try:
            return workers[0].ask(request, _SECONDS + _GRACE)
        except Died as problem:
            which = pair.new if problem.side == "after" else pair.old
            return {"verdict": "unverified", "reason": f"{which.shown} {problem.how}", "versions": workers[0].versions}


def not_comparable(pair: Pair, reason: str) -> Compared:
    """The outcome for two functions that no input fits."""
    return Compared(pair, Evidence(Verdict.UNVERIFIED, reason=reason))


def _request(pair: Pair, terms: _Terms) -> dict[str, Any]:
    outline = outline_pair(pair)
    trial = Trial("", "", "", (1, 1), (1, 1), tuple(Obligation(name) for name in terms.assume), tolerance=terms.rtol)
    return {
        "task": "compare",
        "seed": terms.seed,
        "timeout": _SECONDS,
        "timing": True,
        "mode": outline.mode,
        "results": [],
        "global_data": outline.global_data,
        "unseen": [],
        "before": outline.before.to_json(),
        "after": outline.after.to_json(),
        "parameters": inputs_of_pair(pair, outline, terms.given),
        "obligations": list(terms.assume),
        "given": list(terms.given),
        "broken_by": broken_by(trial),
        "granted": list(TAKEN_FOR_GRANTED),
        "tolerance": tolerance_of(trial),
        "limits": (),
        "branches": outline.before.branches,
    }


def _condition(found: dict[str, Any]) -> Condition:
    return Condition(found["tag"], tuple(found["where"]), found["inputs"], _set_aside_by(found["tag"]))


def _set_aside_by(tag: str) -> tuple[str, ...]:
    """The names of assumptions that an input with the tag breaks; of `only:` those that have to be made together."""
    if tag.startswith("only:"):
        return tuple(tag.removeprefix("only:").split("+"))
    return tuple(name for name in _SUGGESTED if Obligation(name).broken_by(tag))[:2]


def set_aside_all(conditions: Sequence[Condition]) -> tuple[str, ...]:
    """Names that together set all conditions aside; none when there are none for one of them."""
    found: list[str] = []
    left = list(conditions)
    while left:
        names = [name for name in _SUGGESTED if any(Obligation(name).broken_by(c.tag) for c in left)]
        if only := next((c for c in left if c.tag.startswith("only:")), None):
            found += [name for name in only.assume if name not in found]
            left.remove(only)
        elif names:
            best = max(names, key=lambda name: sum(Obligation(name).broken_by(c.tag) for c in left))
            found.append(best)
            left = [c for c in left if not Obligation(best).broken_by(c.tag)]
        else:
            return ()
    return tuple(found)
