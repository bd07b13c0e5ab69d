"""The text of a pull request: what was rewritten, how it was shown to be right, and what a reviewer has to check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .. import __version__
from ..equivalence.model import Verdict
from ..proposals.model import Proposal, evidence_text, is_loop, kinds_text, printable, speedup_text
from ..proposals.series import Commit
from .text import count

#: So many assumptions are named in the table.
FEW = 3


@dataclass(frozen=True)
class Asked:
    """How it was made: the command, and the names of the commits or patches by the proposals in them."""

    command: str
    commits: Sequence[Commit] = ()
    names: Sequence[str] = field(default=())


def body(proposals: Sequence[Proposal], asked: Asked) -> str:
    """The whole text, as Markdown."""
    parts = (
        _summary(proposals),
        _table(proposals, asked),
        _to_check(proposals),
        _changes(proposals),
        _how(proposals, asked),
    )
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part) + "\n"


def _summary(proposals: Sequence[Proposal]) -> Iterator[str]:
    loops = [p for p in proposals if is_loop(p)]
    edits = [p for p in proposals if not is_loop(p)]
    yield f"## {_title(loops, edits, count(len({p.file for p in proposals}), 'file'))}"
    yield ""
    if loops:
        yield from (_how_safe(loops), *_how_shown(loops))
    if edits:
        yield from [""] if loops else []
        yield from _about_edits(edits, bool(loops))


def _title(loops: Sequence[Proposal], edits: Sequence[Proposal], files: str) -> str:
    if loops:
        return f"Rewrite {count(len(loops), 'slow loop')} in {files}"
    if own := _own_codemod(edits):
        return f"Run {own}: {count(len(edits), 'change')} in {files}"
    return f"Bring {count(len(edits), 'use')} of retired API in {files} up to date"


def _own_codemod(edits: Sequence[Proposal]) -> str:
    """The name of the user's codemod that made the edits; empty where it was deloop's own."""
    return next((p.form.rule.name for p in edits if not p.form.rule.code.startswith("DL")), "")


def _how_safe(proposals: Sequence[Proposal]) -> str:
    safe = sum(p.form.safe for p in proposals)
    rest = len(proposals) - safe
    return f"{safe} {'is' if safe == 1 else 'are'} safe whatever the data" + (
        f"; {rest} {'rests' if rest == 1 else 'rest'} on assumptions that are listed below and have to be checked."
        if rest
        else "."
    )


def _how_shown(loops: Sequence[Proposal]) -> Iterator[str]:
    unknown = sum(p.evidence.verdict is not Verdict.VERIFIED for p in loops)
    which = f"All but {unknown}, which could not be run, were" if unknown else "Each was"
    yield f"{which} run beside the loop replaced, on generated inputs and edge cases, and compared exactly:"
    yield "values, types, what is changed in place and what is raised."


def _about_edits(edits: Sequence[Proposal], first: bool) -> Iterator[str]:
    """What stands for changes that were not run."""
    if own := _own_codemod(edits):
        yield f"The changes are what the codemod `{own}` makes of these files. They were not run."
        return
    if first:
        yield f"Before that, {count(len(edits), 'use')} of retired API {'is' if len(edits) == 1 else 'are'} brought"
        yield "up to date, without which the loops could not be rewritten."
    else:
        yield _how_safe(edits)
    yield "No release has both an old form and its new one, so that these changes were not run; the examples of each"
    yield "rule were, with the old form on the releases that have it and with the new form on today's."


def _table(proposals: Sequence[Proposal], asked: Asked) -> Iterator[str]:
    where = {id(p): name for commit, name in zip(asked.commits, asked.names, strict=True) for p in commit.proposals}
    commits, loops = bool(where), any(map(is_loop, proposals))
    head = ["Loop", "Rule", "Form", "Safe", "Evidence", "Speed-up"] if loops else ["Place", "Rule", "Safe"]
    head += ["Commit"] if commits else []
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for p in proposals:
        cells = [f"`{p.finding.where}` {p.finding.function}", f"{p.form.rule.code} {p.form.rule.name}"]
        cells += [p.form.tier.label] if loops else []
        cells.append(_safety(p))
        if loops:
            cells += [
                evidence_text(p.evidence) if is_loop(p) else "not run",
                speedup_text(p.evidence) or "not measured",
            ]
        cells += [_short(where.get(id(p), ""))] if commits else []
        yield "| " + " | ".join(map(_cell, cells)) + " |"


def _safety(proposal: Proposal) -> str:
    names = list(dict.fromkeys(o.name for o in proposal.form.obligations))
    if not names:
        return "yes"
    return f"assumes {', '.join(names)}" if len(names) <= FEW else f"{len(names)} assumptions, see below"


def _to_check(proposals: Sequence[Proposal]) -> Iterator[str]:
    open_ = [p for p in proposals if not p.form.safe]
    if not open_:
        return
    yield "### To check"
    yield ""
    yield "The new code does the same if this holds; nothing in the code shows it:"
    yield ""
    for p in open_:
        yield f"- [ ] `{p.finding.where}` ({p.form.rule.code})"
        yield from (f"  - {_text(o.text)} (`{o.name}`)" for o in p.form.obligations)


def _changes(proposals: Sequence[Proposal]) -> Iterator[str]:
    yield "### Before and after"
    for p in proposals:
        diff = p.diff.decode("utf-8", "replace").replace("\r\n", "\n").split("\n", 2)[-1].rstrip("\n")
        fence = "`" * max(3, 1 + max((len(run) for run in _ticks(diff)), default=0))
        title = f"{p.finding.where} {p.finding.function}: {p.form.rule.code} {p.form.rule.name}"
        yield from ("", f"<details><summary>{_html(title)}</summary>", "")
        if p.form.summary:
            yield from (_text(p.form.summary), "")
        yield from (f"{fence}diff", printable(diff), fence, "")
        if kinds := kinds_text(p.evidence):
            yield from (f"Inputs: {_text(kinds)}", "")
        yield "</details>"


def _how(proposals: Sequence[Proposal], asked: Asked) -> Iterator[str]:
    files = " ".join(dict.fromkeys(p.file for p in proposals))
    versions = sorted({p.evidence.versions for p in proposals if p.evidence.versions})
    yield "### How to reproduce"
    yield ""
    yield "```sh"
    if any(map(is_loop, proposals)):
        yield f"deloop verify {files}   # before the change: every form and its evidence"
    yield f"{asked.command}   # how this was made"
    yield "```"
    yield ""
    yield f"Made with deloop {__version__}" + (f", measured with {'; '.join(versions)}." if versions else ".")


def _ticks(text: str) -> list[str]:
    runs, run = [], ""
    for char in text + " ":
        if char == "`":
            run += char
        elif run:
            runs.append(run)
            run = ""
    return runs


def _short(name: str) -> str:
    return name[:10] if len(name) >= 40 and all(c in "0123456789abcdef" for c in name) else name


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _text(text: str) -> str:
    """Words in which nothing is markup but code in backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _escaped(text)
    return "`".join(part if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\*_<>[]`" else c for c in text)


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
