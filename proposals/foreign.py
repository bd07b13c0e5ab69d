"""The judge for a codemod of the user's: what it changes in a file, stretch by stretch."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path

from ..codemods.engine import Project
from ..codemods.findings import Finding, Status, located
from ..codemods.place import Placed
from ..equivalence.foreign import Codemod, Failed
from ..equivalence.model import Evidence, Verdict
from ..loops.obligations import Obligation
from ..sources.files import SourceError, SourceFile, parse
from ..transforms.base import Rewrite, Rule, Severity, Tier
from .answers import declined_of
from .gather import Job, Tick, find_files
from .judge import Judge
from .model import Candidate, Problem, Site
from .modern import fitting
from .propose import Draft, propose, read_drafts
from .terms import Terms

CODE = "RUN"
#: Nobody has promised that the code does the same; who asks for the codemod answers for it.
_OWED = Obligation("own-codemod")
_WHY = Evidence(Verdict.UNVERIFIED, reason="a codemod of your own")


@dataclass
class ForeignJudge(Judge):
    """Runs the codemod once for each file; what is left of the way to its result is what can be proposed.

    So a codemod that would change its own result again is no problem, and stretches can be taken one by one.
    """

    codemod: Codemod | None = None
    _targets: dict[str, str | None] = field(default_factory=dict)

    def terms(self, path: Path) -> Terms:
        terms = super().terms(path)
        policy = terms.policy
        return replace(terms, policy=replace(policy, unverified=True, assume=policy.assume | {_OWED.name}))

    def sites(self, files: Sequence[tuple[str, SourceFile]]) -> list[Site]:
        found: list[Site] = []
        for number, (name, source) in enumerate(files, 1):
            if name not in self._targets:
                self._targets[name] = self._result(name, source)
            target = self._targets[name]
            if target is not None:
                found += [self._site(f, source, [fitting(c, source)]) for f, c in self._stretches(name, source, target)]
            self.tick("running", number, len(files))
        return found

    def forget(self, name: str) -> None:
        super().forget(name)
        self._targets.pop(name, None)

    def verdict(self, finding: Finding, candidate: Candidate, before: str) -> Evidence:
        return Evidence(Verdict.UNVERIFIED, reason="edited by hand, and not run")

    def _result(self, name: str, source: SourceFile) -> str | None:
        assert self.codemod is not None
        try:
            parse(source)
            new = self.codemod.run(str(source.path), source.text)
            ast.parse(new)
        except SourceError as problem:
            self.problems.append(Problem(name, problem.line or 0, problem.message))
        except Failed as problem:
            self.problems.append(Problem(name, 0, f"{self.codemod.name}: {problem}"))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
            line = getattr(problem, "lineno", None)
            where = f" (its line {line})" if line else ""
            self.problems.append(Problem(name, 0, f"what {self.codemod.name} made of it does not parse{where}"))
        else:
            return new
        return None

    def _stretches(self, name: str, source: SourceFile, target: str) -> Iterator[tuple[Finding, Candidate]]:
        assert self.codemod is not None
        rule = Rule(CODE, self.codemod.name, Severity.LOW)
        form = Rewrite(rule, Tier.EDIT, (), (_OWED,))
        functions = list(_functions(source.text))
        for placed in stretches(source.text, target):
            first, last = placed.before_lines
            function = next((f for f, start, end in functions if start <= first <= end), "<module>")
            finding = Finding(name, first, last, function, rule, rule.severity, Status.PROPOSAL, ())
            yield located(finding, source), Candidate(form, placed, _WHY)


def stretches(old: str, new: str) -> Iterator[Placed]:
    """What leads from one text to another, one run of changed lines after the other, each on its own."""
    before, after = _rows(old), _rows(new)
    starts = list(accumulate(map(len, before), initial=0))
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        added = "".join(after[j1:j2])
        text = old[: starts[i1]] + added + old[starts[i2] :]
        lines = (min(i1 + 1, max(len(before), 1)), max(i2, min(i1 + 1, max(len(before), 1))))
        yield Placed(text, ((starts[i1], starts[i2], added),), lines, (i1 + 1, max(i1 + j2 - j1, i1 + 1)))


def _rows(text: str) -> list[str]:
    *rows, rest = text.split("\n")
    return [row + "\n" for row in rows] + ([rest] if rest else [])


def _functions(text: str) -> Iterator[tuple[str, int, int]]:
    """The functions of a file with their lines, the innermost first."""
    nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in reversed(nodes):
        yield node.name, node.lineno, node.end_lineno or node.lineno


@dataclass(frozen=True)
class Foreign:
    """The codemod, as a source of drafts for `open` and `make`."""

    codemod: Codemod

    def open(self, job: Job, tick: Tick) -> tuple[list[Draft], Judge]:
        """The files of the job, and the judge for them. Raises NoCodemod."""
        self.codemod.start()
        files, problems = find_files(job)
        judge = ForeignJudge(Project.for_paths([]), job.options, job.policy, job.wants, tick, problems)
        judge.local, judge.codemod = job.local, self.codemod
        return read_drafts(files, problems), judge

    def make(self, job: Job, tick: Tick) -> tuple[list[Draft], Judge]:
        """All that the codemod changes, applied in memory."""
        drafts, judge = self.open(job, tick)
        propose(drafts, judge, declined_of(job))
        return drafts, judge
