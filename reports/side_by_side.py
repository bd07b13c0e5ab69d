"""What `compare` prints: the verdict, on what, where the functions differ, and which is faster."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from ..equivalence.pairs import Side
from ..equivalence.side_by_side import Compared, Condition, set_aside_all
from ..loops.obligations import REGISTRY
from ..proposals.model import figure, kinds_text, speedup_text, standins
from .text import count

VERSION = 1
#: Ratios of times that say nothing.
_SAME = (0.8, 1.25)
#: Conditions in the first line.
_NAMED = 4


def lines(found: Compared) -> Iterator[str]:
    """All about one pair of functions."""
    evidence = found.evidence
    yield f"{found.pair.old.shown} -> {found.pair.new.shown}: {_verdict(found)}"
    yield from _meanings(found.assumed)
    if evidence.inputs:
        yield f"  inputs: {_counts(found)}"
        if evidence.kinds:
            kinds = f"  kinds: {kinds_text(evidence)}"
            yield from textwrap.wrap(kinds, 110, subsequent_indent=" " * 9, break_on_hyphens=False)
    for note in found.pair.notes:
        yield f"  note: {note}"
    if names := standins(evidence):
        advice = "an interpreter that has it (--python) runs the real thing, and is needed for speed"
        yield f"  note: with a stand-in for {', '.join(names)}; {advice}"
    yield from _conditions(found)
    if evidence.counterexample is not None:
        yield from _counterexample(found)
    if evidence.speedups:
        yield f"  speed: {_speed(found)}"
    if evidence.versions:
        yield f"  with {evidence.versions}"


def _verdict(found: Compared) -> str:
    evidence = found.evidence
    if found.verdict == "unknown":
        return f"can't tell: {evidence.reason}"
    if found.verdict == "equivalent":
        return f"equivalent on {count(evidence.inputs - evidence.excused, 'input')}{_terms(found)}"
    if found.ordinary or not found.conditions:
        return f"refuted: {evidence.reason}"
    return "refuted, but only where: " + _shortened([text for group in _grouped(found) for text in _texts(group)])


def _shortened(texts: list[str]) -> str:
    return "; ".join(texts if len(texts) <= _NAMED + 1 else [*texts[:_NAMED], f"{len(texts) - _NAMED} more, see below"])


def _grouped(found: Compared) -> list[list[Condition]]:
    """Conditions that the same assumptions set aside go together; what is about the comparison itself comes last."""
    groups: dict[Any, list[Condition]] = {}
    for condition in sorted(found.conditions, key=lambda c: c.tag.startswith("only:")):
        alone = condition.tag.startswith("only:") or not condition.assume
        groups.setdefault(condition.tag if alone else condition.assume, []).append(condition)
    return list(groups.values())


def _texts(group: Sequence[Condition]) -> list[str]:
    return [condition.text for condition in group]


def _terms(found: Compared) -> str:
    assumed = f", assuming {', '.join(found.assumed)}" if found.assumed else ""
    return f"{assumed}, given {' and '.join(f'`{text}`' for text in found.given)}" if found.given else assumed


def _counts(found: Compared) -> str:
    evidence = found.evidence
    parts = [count(evidence.inputs, "input").split(" ")[0]]
    if found.differ:
        parts.append(f"{found.differ} on which they differ")
    else:
        parts.append(f"both return on {evidence.returned}")
        if evidence.raised:
            parts.append(f"both raise the same exception on {evidence.raised}")
    if evidence.excused:
        parts.append(f"{evidence.excused} set aside")
    if evidence.max_ulp:
        parts.append(f"floats up to {evidence.max_ulp:.0f} units in the last place apart")
    return ", ".join(parts)


def _conditions(found: Compared) -> Iterator[str]:
    if found.ordinary:
        yield f"  differ on {count(found.ordinary, 'input')} with nothing odd about them"
    if not found.conditions:
        return
    yield "  differ only where:"
    for group in _grouped(found):
        first = group[0]
        joint = " and " if first.tag.startswith("only:") else " or "
        aside = f" (set aside by --assume {joint.join(first.assume)})" if first.assume else ""
        line = f"    - {'; '.join(_texts(group))}: {count(sum(c.inputs for c in group), 'input')}{aside}"
        yield from textwrap.wrap(line, 120, subsequent_indent=" " * 6, break_on_hyphens=False)
    if together := set_aside_all(found.conditions):
        yield f"  if that never happens: {' '.join(f'--assume {name}' for name in together)}"
        yield from _meanings(together)
    elif any(not condition.assume for condition in found.conditions):
        yield "  what has no name is ruled out by --given with an expression, as in --given 'len(a) == len(b)'"


def _meanings(names: Sequence[str]) -> Iterator[str]:
    """What each name stands for: whoever assumes it has to know."""
    for name in names:
        line = f"    {name}: {_meaning(name)}"
        yield from textwrap.wrap(line, 120, subsequent_indent=" " * 6, break_on_hyphens=False)


def _meaning(name: str) -> str:
    return REGISTRY[name][0].replace("the loop", "the old function")


def _counterexample(found: Compared) -> Iterator[str]:
    example = found.evidence.counterexample
    assert example is not None
    yield "  the smallest input found:"
    yield from (f"    {line}" for line in _pasted(example.inputs))
    for which, side, text in (("old", found.pair.old, example.before), ("new", found.pair.new, example.after)):
        first, *rest = text.strip("\n").split("\n")
        yield f"  {which}: {_called(found, side)} {first}"
        yield from (f"    {line}" for line in rest)


def _pasted(inputs: str) -> list[str]:
    modules = {"np.": "import numpy as np", "pd.": "import pandas as pd", "types.": "import types"}
    modules |= {"datetime.": "import datetime", "unittest.mock.": "import unittest.mock"}
    return [*(line for word, line in modules.items() if word in inputs), *inputs.split("\n")]


def _called(found: Compared, side: Side) -> str:
    """The call: `pressure(bars)`."""
    new = side is found.pair.new
    values = []
    for one in found.pair.inputs:
        name = one.new if new else one.old
        star = {a.arg: mark for a, mark in ((side.function.args.vararg, "*"), (side.function.args.kwarg, "**")) if a}
        plain = name == one.name or name in star or (name == side.receiver and name)
        if name:
            values.append(f"{star.get(name, '')}{one.name}" if plain else f"{name}={one.name}")
    return f"{side.name}({', '.join(values)})"


def _speed(found: Compared) -> str:
    last = max(found.evidence.speedups)[1]
    word = "about the same"
    if not _SAME[0] <= last <= _SAME[1]:
        word = f"the new one is {'faster' if last > 1 else 'slower'}"
    sizes = max(found.evidence.speedups)[0]
    short = "" if sizes >= 20_000 else f" (beyond {sizes:,} one of them takes too long to be timed)"
    return f"{speedup_text(found.evidence)}; {word} at {sizes:,} ({figure(last)}){short}"


def document(found: Sequence[Compared], notes: Sequence[str]) -> str:
    """The whole report for machines."""
    data = {"version": VERSION, "comparisons": [_row(one) for one in found], "notes": list(notes)}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _names(found: Compared) -> set[str]:
    """All names of assumptions that a report speaks of."""
    return {*found.assumed, *(name for condition in found.conditions for name in condition.assume)}


def _row(found: Compared) -> dict[str, Any]:
    evidence = found.evidence.to_json()
    example = evidence.pop("counterexample")
    evidence.pop("verdict")
    return {
        "old": found.pair.old.shown,
        "new": found.pair.new.shown,
        "verdict": found.verdict,
        "reason": evidence.pop("reason"),
        **evidence,
        "max_ulp": found.evidence.max_ulp,
        "differ": found.differ,
        "differ_on_ordinary": found.ordinary,
        "conditions": [
            {"tag": c.tag, "where": list(c.where), "text": c.text, "inputs": c.inputs, "assume": list(c.assume)}
            for c in found.conditions
        ],
        "assumed": list(found.assumed),
        "meanings": {name: _meaning(name) for name in sorted(_names(found))},
        "given": list(found.given),
        "parameters": [{"input": i.name, "old": i.old or None, "new": i.new or None} for i in found.pair.inputs],
        "notes": list(found.pair.notes),
        "counterexample": example and {"inputs": example["inputs"], "old": example["before"], "new": example["after"]},
    }
