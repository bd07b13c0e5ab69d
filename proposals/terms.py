"""What holds for one file: how it is looked at, which of its findings are wanted, what may be proposed for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ..codemods.engine import Options
from ..codemods.findings import Finding, Status
from ..sources.suppressions import Suppression, Suppressions, suppressions_in
from ..transforms.base import Rule, Severity
from .model import Policy


def every_rule(rule: Rule) -> bool:
    """The selection of all rules."""
    return True


@dataclass(frozen=True)
class Terms:
    """What holds for one file. `wants` is the selection of rules, `least` the lowest severity that counts."""

    options: Options = field(default_factory=Options)
    policy: Policy = field(default_factory=Policy)
    wants: Callable[[Rule], bool] = every_rule
    least: Severity = Severity.LOW


@dataclass(frozen=True)
class Silenced:
    """A slow loop that a comment silences, with the reason that the comment gives; empty when it gives none."""

    finding: Finding
    reason: str = ""


@dataclass(frozen=True)
class Chosen:
    """The findings of a file that are wanted, those that a comment silences, and the comments that silence none."""

    findings: tuple[Finding, ...] = ()
    silenced: tuple[Silenced, ...] = ()
    unused: tuple[Suppression, ...] = ()


def chosen(findings: Sequence[Finding], name: str, text: str, terms: Terms, unused: bool = False) -> Chosen:
    """Of the findings of a file those that are wanted, under the shown name of the file.

    `unused`: also say which comments are of no use; without it they are read only where there is something to silence.
    """
    comments = suppressions_in(text) if findings or unused else Suppressions()
    if comments.whole_file:
        return Chosen((), tuple(_silenced(f, name, comments.reason) for f in findings if f.status is not Status.FINE))
    kept: list[Finding] = []
    used: set[Suppression] = set()
    silenced: list[Silenced] = []
    for finding in findings:
        silencing = [one for one in comments.at(finding.line) if _speaks_of(one, finding)]
        if silencing and finding.status is not Status.FINE:
            used.update(silencing)
            silenced.append(_silenced(finding, name, next(filter(None, (one.reason for one in silencing)), "")))
        elif not silencing and (one := _selected(finding, name, terms)) is not None:
            kept.append(one)  # what is fine needs no comment, and is not said to be silenced by one
    return Chosen(tuple(kept), tuple(silenced), tuple(c for c in comments.comments if c.is_ours and c not in used))


def _silenced(finding: Finding, name: str, reason: str) -> Silenced:
    return Silenced(replace(finding, file=name), reason)


def _speaks_of(comment: Suppression, finding: Finding) -> bool:
    """Whether a comment means this loop: by the rule of any form of it, so that no second form appears in its place."""
    if not comment.words:
        return True
    rules = [finding.rule, *(form.rule for form in finding.forms)]
    return any(rule.is_meant_by(word) for word in comment.words for rule in rules)


def _selected(finding: Finding, name: str, terms: Terms) -> Finding | None:
    """The finding with the forms whose rules are wanted; None when nothing is left."""
    if list(Severity).index(finding.severity) > list(Severity).index(terms.least):
        return None
    if finding.status is not Status.PROPOSAL:
        return replace(finding, file=name) if terms.wants(finding.rule) else None
    forms = tuple(form for form in finding.forms if terms.wants(form.rule))
    return replace(finding, file=name, forms=forms, rule=forms[0].rule) if forms else None
