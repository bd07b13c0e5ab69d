"""`deloop explain`: a rule in the words and examples of its own class."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path

from ..codemods.engine import Project, scan
from ..codemods.retired.registry import MODERNISERS
from ..loops.obligations import REGISTRY
from ..loops.remarks import ADVICE
from ..sources.files import SourceFile
from ..transforms import sites
from ..transforms.base import Documented, Example, Rewrite, Rule
from ..transforms.registry import TRANSFORMS

#: All that explain themselves: the idioms, and the modernisers of retired API.
DOCUMENTED: tuple[type[Documented], ...] = (*TRANSFORMS, *MODERNISERS)
#: What a rule says that has no rewrite of its own.
ONLY_FOUND = "Reported only: says which loops are slow where no rewrite of another rule fits."


def all_rules() -> list[Rule]:
    """The rules of all idioms and those under which sites without a rewrite are reported, by code."""
    found = {rule.code: rule for rule in vars(sites).values() if isinstance(rule, Rule)}
    found |= {transform.rule.code: transform.rule for transform in DOCUMENTED}
    return [found[code] for code in sorted(found)]


def rule_table() -> str:
    """One line a rule, by code."""
    rules = all_rules()
    width = max(len(rule.name) for rule in rules)
    titles = {transform.rule.code: _title(transform) for transform in DOCUMENTED}
    lines = (f"{r.code}  {r.name:<{width}}  {r.severity:<6}  {titles.get(r.code, ONLY_FOUND)}" for r in rules)
    return "\n".join(lines) + "\n"


def explanation_of(word: str) -> str | None:
    """All about the rule with this code or name; None when there is no such rule."""
    wanted = word.strip().lower()
    rule = next((r for r in all_rules() if wanted in (r.code.lower(), r.name.lower())), None)
    if rule is None:
        return None
    parts = [explanation(transform) for transform in DOCUMENTED if transform.rule.code == rule.code]
    return "\n".join(parts) or f"{_header(rule)}\n\n{ONLY_FOUND}\n"


def explanation(transform: type[Documented]) -> str:
    """All about one rule: what it does, before and after, what it leaves alone, what a rewrite may assume."""
    rule = transform.rule
    lines = [_header(rule), "", inspect.cleandoc(transform.__doc__ or "").strip()]
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


def _header(rule: Rule) -> str:
    return f"{rule.code} {rule.name} [{rule.severity}]"


def _title(transform: type[Documented]) -> str:
    text = inspect.cleandoc(transform.__doc__ or "")
    return text.split("\n\n")[0].replace("\n", " ")


def _rewritten(example: Example) -> Iterator[str]:
    yield f"Before{f' ({example.note})' if example.note else ''}:"
    yield from _code(example.before)
    if example.after:
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
    for line in _plain(text).split("\n"):
        yield f"    {line}" if line.strip() else ""


def _obligations(transform: type[Documented]) -> list[str]:
    """The obligations of the forms that the engine finds for the rule's own examples."""
    names = set()
    for example in transform.examples:
        for form in forms_of(_plain(example.before)):
            if form.rule == transform.rule:
                names |= {obligation.name for obligation in form.obligations}
    return [name for name in REGISTRY if name in names]


def forms_of(text: str) -> Iterator[Rewrite]:
    """All forms that are found for a piece of code."""
    for finding in scan(SourceFile.from_bytes(Path("example.py"), text.encode()), Project()):
        yield from finding.forms


def _plain(code: str) -> str:
    return textwrap.dedent(code).strip("\n")
