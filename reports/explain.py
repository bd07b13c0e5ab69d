"""`deloop explain`: a rule in the words and examples of its own class."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..codemods.engine import Project, scan
from ..loops.obligations import REGISTRY
from ..loops.remarks import ADVICE
from ..sources.files import SourceFile
from ..transforms.base import Example, Rewrite, Transform


def rule_table(transforms: Sequence[type[Transform]]) -> str:
    """One line a rule, by code."""
    rules = sorted((t.rule for t in transforms), key=lambda rule: rule.code)
    width = max((len(rule.name) for rule in rules), default=0)
    titles = {t.rule.code: _title(t) for t in transforms}
    return "\n".join(f"{r.code}  {r.name:<{width}}  {r.severity:<6}  {titles[r.code]}" for r in rules) + "\n"


def find(transforms: Sequence[type[Transform]], word: str) -> type[Transform] | None:
    """The transform whose rule has this code or name, upper or lower case."""
    wanted = word.strip().lower()
    return next((t for t in transforms if wanted in (t.rule.code.lower(), t.rule.name.lower())), None)


def explanation(transform: type[Transform]) -> str:
    """All about one rule: what it does, before and after, what it leaves alone, what a rewrite may assume."""
    rule = transform.rule
    lines = [f"{rule.code} {rule.name} [{rule.severity}]", "", inspect.cleandoc(transform.__doc__ or "").strip()]
    for example in transform.examples:
        lines += ["", *_rewritten(example)]
    if transform.refused:
        lines += ["", "Left alone:"]
    for example in transform.refused:
        lines += ["", *_refused(example)]
    if assumed := _obligations(transform):
        lines += ["", "What an unsafe form may assume (accepted by name with `assume = [...]`):"]
        lines += [f"    {name}: {REGISTRY[name][0]}" for name in assumed]
    return "\n".join(lines) + "\n"


def _title(transform: type[Transform]) -> str:
    text = inspect.cleandoc(transform.__doc__ or "")
    return text.split("\n\n")[0].replace("\n", " ")


def _rewritten(example: Example) -> Iterator[str]:
    yield f"Before{f' ({example.note})' if example.note else ''}:"
    yield from _code(example.before)
    yield "After:"
    yield from _code(example.after)


def _refused(example: Example) -> Iterator[str]:
    yield from _code(example.before)
    reason = example.reason
    note = f" ({example.note})" if example.note else ""
    if reason is not None:
        yield f"  {reason}{note}. What to do: {ADVICE[reason]}."
    elif note:
        yield f" {note}"


def _code(text: str) -> Iterator[str]:
    for line in inspect.cleandoc(text).split("\n"):
        yield f"    {line}" if line.strip() else ""


def _obligations(transform: type[Transform]) -> list[str]:
    """The obligations of the forms that the engine finds for the rule's own examples."""
    names = set()
    for example in transform.examples:
        for form in forms_of(inspect.cleandoc(example.before)):
            if form.rule == transform.rule:
                names |= {obligation.name for obligation in form.obligations}
    return [name for name in REGISTRY if name in names]


def forms_of(text: str) -> Iterator[Rewrite]:
    """All forms that are found for a piece of code."""
    data = text.encode()
    for finding in scan(SourceFile(Path("example.py"), data, text), Project()):
        yield from finding.forms
