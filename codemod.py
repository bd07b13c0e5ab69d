"""deloop as LibCST codemods: `python -m libcst.tool codemod -x deloop.codemod.DeloopCommand src/`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from libcst import Module, parse_module
from libcst.codemod import CodemodCommand, CodemodContext, SkipFile

from .codemods.engine import Project
from .commands.app import job_of
from .config import ConfigError
from .equivalence.interpreter import NoInterpreter
from .equivalence.recordings import Recordings, runs_near
from .proposals.gather import Job
from .proposals.judge import Judge
from .proposals.modern import ModernJudge
from .proposals.propose import Draft, propose
from .proposals.unlock import UnlockingJudge
from .reports.proposals_text import not_offered, proposal_line, refuted_lines
from .sources.files import SourceError, SourceFile, parse


class _Command(CodemodCommand):
    """What both have in common: the configuration of the file, its proposals, and a warning for each that is left."""

    def __init__(
        self,
        context: CodemodContext,
        unsafe: bool = False,
        unverified: bool = False,
        select: list[str] | None = None,
        ignore: list[str] | None = None,
    ) -> None:
        super().__init__(context)
        self._given: dict[str, Any] = {
            "unsafe": unsafe,
            "unverified": unverified,
            "select": select or self._default,
            "ignore": ignore,
        }

    _default: list[str] | None = None

    @staticmethod
    def add_args(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--unsafe", action="store_true", help="Also forms that need an assumption.")
        parser.add_argument("--unverified", action="store_true", help="Also forms that could not be run.")
        parser.add_argument("--select", action="append", metavar="RULES", help="Only these rules.")
        parser.add_argument("--ignore", action="append", metavar="RULES", help="All rules but these.")

    def transform_module_impl(self, tree: Module) -> Module:
        path = Path(self.context.filename or "stdin.py")
        try:
            source = SourceFile.from_bytes(path, tree.bytes)
            parse(source)
            draft, judge = self._proposed(source, job_of([path], self._given))
        except (SourceError, ConfigError, NoInterpreter) as problem:
            raise SkipFile(str(problem)) from None
        for line in self._said(draft, judge):
            self.warn(line)
        return parse_module(draft.current.data) if draft.changed else tree

    def _proposed(self, source: SourceFile, job: Job) -> tuple[Draft, Judge]:
        name = str(source.path)
        judge = self._judge(Project.for_paths([source.path]), job)
        judge.local = job.local
        draft = Draft(name, source.path, source, source)
        propose([draft], judge)
        return draft, judge

    @staticmethod
    def _judge(project: Project, job: Job) -> Judge:
        raise NotImplementedError

    @staticmethod
    def _said(draft: Draft, judge: Judge) -> list[str]:
        lines = [proposal_line(step.proposal) for step in draft.steps]
        lines += [line for site in draft.sites for line in not_offered(site)]
        lines += [line for site in judge.refuted for line in refuted_lines(site)]
        return lines + [str(problem) for problem in judge.problems]


class DeloopCommand(_Command):
    """Loops become array code, as with `deloop fix`: verified, and safe unless something else is asked for."""

    DESCRIPTION = "Rewrite slow pandas and NumPy loops into array code, verified."

    @staticmethod
    def _judge(project: Project, job: Job) -> Judge:
        judge = UnlockingJudge(project, job.options, job.policy, job.wants)
        judge.recordings = Recordings(runs_near(job.paths))
        return judge


class ModernizeCommand(_Command):
    """Retired pandas and NumPy API becomes that of today, as with `deloop modernize`."""

    DESCRIPTION = "Bring retired pandas and NumPy API up to date."
    _default = ["DL9"]  # noqa: RUF012 (never changed)

    @staticmethod
    def _judge(project: Project, job: Job) -> Judge:
        return ModernJudge(project, job.options, job.policy, job.wants)
