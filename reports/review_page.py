"""One proposal on a terminal: the loop beside its rewrite where there is room, else a diff; and what is known of it."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from ..loops.obligations import Obligation
from ..proposals.compose import apply
from ..proposals.model import Proposal, evidence_text, kinds_text, printable, recorded_text, speedup_text, tier_text
from ..sources.diffs import check_diff
from ..sources.files import SourceFile
from ..sources.notebooks import Notebook, cell_diffs

CONTEXT = 3
#: Of these many columns at least the code is shown side by side, if its lines fit.
WIDE = 100
#: Facts are not stretched over more.
READABLE = 100


@dataclass(frozen=True)
class Row:
    """One line of the old text beside one of the new; None where there is none."""

    old: tuple[int, str] | None
    new: tuple[int, str] | None
    changed: bool


class Screen:
    """The reviewer's terminal."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._told: set[str] = set()  # assumptions that were explained in this review

    def show(self, proposal: Proposal, base: SourceFile, place: str) -> None:
        """All about one proposal. The code comes first: what is decided on stands next to the question."""
        finding, form = proposal.finding, proposal.form
        self.console.rule(Text(place))
        self.say(f"{finding.where} {finding.function}", "bold")
        self.say(f"{form.rule.code} {form.rule.name} [{finding.severity}]")
        self.say("")
        for name, before, after in changed(proposal, base):
            hunks = list(rows(before, after))
            halves = self._halves(hunks)
            for text in halves if halves is not None else unified(name, hunks):
                self.console.print(text, soft_wrap=True)
        self.say("")
        self._facts(proposal, self._told)
        self._told |= {o.name for o in form.obligations}

    def explain(self, proposal: Proposal) -> None:
        """All that is known, at length."""
        self._facts(proposal, None)

    def _facts(self, proposal: Proposal, told: Collection[str] | None) -> None:
        for text in facts(proposal, min(self.console.width, READABLE), told):
            self.console.print(text, soft_wrap=True)

    def say(self, text: str, style: str = "") -> None:
        self.console.print(Text(printable(text), style), soft_wrap=True)

    def ask(self, prompt: str) -> str:
        return input(prompt)

    def _halves(self, hunks: Sequence[Sequence[Row]]) -> list[Text] | None:
        """The lines of both texts side by side; None when those that change don't fit."""
        sides = [(row, side) for hunk in hunks for row in hunk for side in (row.old, row.new) if side is not None]
        digits = len(str(max(number for _, (number, _) in sides)))
        width = (self.console.width - 3) // 2
        longest = max(cell_len(text) for row, (_, text) in sides if row.changed) + digits + 3
        if self.console.width < WIDE or longest > width:
            return None
        out = [Text(f"{'the loop':<{width}} | the rewrite", "bold")]
        for number, hunk in enumerate(hunks):
            if number:
                out.append(Text("...", "cyan"))
            for row in hunk:
                left = _half(row.old, "-" if row.changed else " ", "red" if row.changed else "", digits, width)
                right = _half(row.new, "+" if row.changed else " ", "green" if row.changed else "", digits, width)
                line = Text.assemble(left, " | ", right)
                line.rstrip()
                out.append(line)
        return out


def changed(proposal: Proposal, base: SourceFile) -> list[tuple[str, str, str]]:
    """The texts that a proposal changes, with their names: the file, or the cells of a notebook."""
    if isinstance(base, Notebook):
        after = apply(base, [proposal])
        assert isinstance(after, Notebook)
        return [(f"{proposal.file}, cell {number}", old, new) for number, old, new in cell_diffs(base, after)]
    after = SourceFile.from_bytes(base.path, check_diff(proposal.diff, base.data))
    return [(proposal.file, base.text, after.text)]


def rows(before: str, after: str) -> Iterator[list[Row]]:
    """What changes between two texts, line by line, with some lines around it."""
    old, new = _lines(before), _lines(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        hunk: list[Row] = []
        for tag, i1, i2, j1, j2 in group:
            left = [(i + 1, old[i]) for i in range(i1, i2)]
            right = [(j + 1, new[j]) for j in range(j1, j2)]
            hunk += [Row(a, b, tag != "equal") for a, b in zip_longest(left, right)]
        yield hunk


def unified(name: str, hunks: Iterable[Sequence[Row]]) -> Iterator[Text]:
    """The same as a diff."""
    yield Text(printable(f"--- a/{name}"), "bold")
    yield Text(printable(f"+++ b/{name}"), "bold")
    for hunk in hunks:
        old, new = [row.old for row in hunk if row.old], [row.new for row in hunk if row.new]
        yield Text(f"@@ -{_span(old)} +{_span(new)} @@", "cyan")
        for changed, run in _runs(hunk):
            if not changed:
                yield from (Text(" " + row.old[1]) for row in run if row.old)
                continue
            yield from (Text("-" + row.old[1], "red") for row in run if row.old)
            yield from (Text("+" + row.new[1], "green") for row in run if row.new)


def facts(proposal: Proposal, width: int, told: Collection[str] | None = None) -> Iterator[Text]:
    """Tier, assumptions, evidence and speed, each with its name before it.

    Assumptions in `told` are only named, and inputs only by their families; None explains everything.
    """
    form, evidence = proposal.form, proposal.evidence
    shown = [("what", form.summary), ("tier", tier_text(form.tier))]
    if form.safe:
        shown.append(("safe", "the same behaviour whatever the data"))
    shown += [("assumes" if not k else "", text) for k, text in enumerate(_assumptions(form.obligations, told or ()))]
    shown += [
        ("evidence", evidence_text(evidence)),
        ("inputs", kinds_text(evidence, members=told is None)),
        ("recorded", recorded_text(evidence)),
        ("speed-up", speedup_text(evidence) or "not measured"),
    ]
    for name, text in shown:
        if text:
            style = {"safe": "green", "assumes": "yellow", "": "yellow"}.get(name, "")
            yield from _fact(name, text, style, width)


def _assumptions(obligations: Sequence[Obligation], told: Collection[str]) -> Iterator[str]:
    """Those that are new at length, the others by name with what they are about."""
    yield from (f"{o.text} [{o.name}]" for o in obligations if o.name not in told)
    known = [f"{o.name}{': ' if o.subjects else ''}{', '.join(o.subjects)}" for o in obligations if o.name in told]
    if known:
        yield f"as explained above (? tells again): {'; '.join(known)}"


def _fact(name: str, text: str, style: str, width: int) -> Iterator[Text]:
    lines = textwrap.wrap(printable(text), max(width - 10, 20)) or [""]
    for number, line in enumerate(lines):
        yield Text.assemble((f"{'' if number else name:<10}", "bold"), (line, style))


def _half(side: tuple[int, str] | None, mark: str, style: str, digits: int, width: int) -> Text:
    """One line of one side, cut or filled up to its width."""
    text = f"{side[0]:>{digits}} {mark} {side[1]}" if side is not None else ""
    text = text if cell_len(text) <= width else set_cell_size(text, width - 1) + "~"
    return Text(text + " " * max(width - cell_len(text), 0), style)


def _runs(hunk: Sequence[Row]) -> Iterator[tuple[bool, list[Row]]]:
    run: list[Row] = []
    for row in hunk:
        if run and run[0].changed != row.changed:
            yield run[0].changed, run
            run = []
        run.append(row)
    if run:
        yield run[0].changed, run


def _span(lines: Sequence[tuple[int, str]]) -> str:
    first = lines[0][0] if lines else 0
    return str(first) if len(lines) == 1 else f"{first},{len(lines)}"


def _lines(text: str) -> list[str]:
    """The lines as they can be shown: no tabs, no control characters."""
    return [printable(line.expandtabs()) for line in text.removesuffix("\n").split("\n")]
