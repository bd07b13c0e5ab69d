"""The pytest file for a proposal: inputs made by the verifier, the file rehearsed before anyone sees it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .model import Trial
from .outline import Outline, outlines
from .regions import CannotOutline
from .scaffold_imports import Importable, package_root
from .scaffold_inputs import edge_cases, labelled, smallest_cases, smallest_dict, typical_function
from .scaffold_model import Change, NoScaffold, Pair, Scaffold, Subject
from .scaffold_pairs import Whole, enclosing_function, find_function, outlined_pair, reserved, whole_pair, whole_trial
from .scaffold_text import Inputs, minimum_speedup, recorded_file, test_file, todo_file
from .verify import request_for
from .worker import Died, Worker

_SIZES = (0, 1, 2, 50, 1000)
_TIMEOUT = 30.0


@dataclass
class Scaffolder:
    """Makes scaffolds with one interpreter. Close it at the end."""

    python: str
    importable: Importable
    seed: int = 0
    _worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self._worker = Worker(self.python)

    def close(self) -> None:
        """End the child process."""
        self._worker.close()

    def importable_function(self, subject: Subject) -> tuple[Whole | None, str]:
        """The function to import for a subject, or why there is none."""
        whole = enclosing_function(subject.changes[0].trial)
        if whole is None:
            return None, "the loop does not stand in a function that a test can import"
        found = find_function(ast.parse(subject.original), whole.name)
        if found is None:
            return None, f"there is more than one {whole.name}"
        if why := self.importable.problem(subject.path):
            return None, why
        return found, ""

    def whole(self, subject: Subject, function: Whole) -> Scaffold:
        """A test of the user's own function. Raises NoScaffold when that can't be had."""
        trial = whole_trial(subject, function)
        return self._first(subject, trial, lambda outline: whole_pair(subject, function, outline, self.importable))

    def outlined(self, subject: Subject) -> Scaffold:
        """A test of the loop alone, for a subject with one change. Raises NoScaffold."""
        change: Change = subject.changes[0]
        return self._first(subject, change.trial, lambda outline: outlined_pair(subject, change, outline))

    def recorded(self, subject: Subject, outline: Outline, region: str) -> Scaffold:
        """A test on recorded inputs for a subject with one change, without those on which the versions differ.

        `region` tells what was recorded. Raises NoScaffold when none of the inputs can be used.
        """
        pair = outlined_pair(subject, subject.changes[0], outline)
        if taken := reserved(pair):
            raise NoScaffold(f"the code has its own {', '.join(sorted(taken))}")
        bad, why, _ = self._rehearsed(subject, pair, recorded_file(subject, pair, region, ()))
        left_out = sorted(name for test, name in bad if test == "test_recorded")
        if len(bad) > len(left_out):
            raise NoScaffold(why)
        text = recorded_file(subject, pair, region, left_out)
        return Scaffold(subject.target, text, imported=False, recorded=True)

    def todo(self, subject: Subject, why: str) -> Scaffold:
        """A skipped test."""
        return Scaffold(subject.target, todo_file(subject, why), why)

    def _first(self, subject: Subject, trial: Trial, make: Any) -> Scaffold:
        """The scaffold on the widest outline that runs."""
        why = "no input could be made"
        try:
            for outline in outlines(trial):
                try:
                    return self._made(subject, trial, outline, make)
                except NoScaffold as problem:
                    why = str(problem)
                    if not why.startswith("no input"):
                        break
        except (CannotOutline, SyntaxError, RecursionError, ValueError) as problem:
            why = str(problem)
        raise NoScaffold(why)

    def _made(self, subject: Subject, trial: Trial, outline: Outline, make: Any) -> Scaffold:
        pair: Pair = make(outline)
        if taken := reserved(pair):
            raise NoScaffold(f"the code has its own {', '.join(sorted(taken))}")
        sample = self._ask({**request_for(trial, outline, self._options()), "task": "sample"})
        if sample["verdict"] != "sampled":
            raise NoScaffold(sample["reason"])
        unreal = [s for s in sample["stubs"] if s]
        if unreal and not pair.imported:
            raise NoScaffold(f"it calls what is not available here: {', '.join(unreal)}")
        return self._fitted(subject, pair, sample)

    def _fitted(self, subject: Subject, pair: Pair, sample: dict[str, Any]) -> Scaffold:
        """The file with those inputs on which it runs; typical inputs of a fixed size where no other will do."""
        why, smallest = "", smallest_cases(pair.parameters, subject.smallest)
        for grows in (True, False):
            sizes = list(_SIZES) if grows and pair.parameters else [1]
            draft = _Draft(pair, sample["typical"], list(sample["cases"]), sizes, grows, smallest)
            for _ in range(3):
                bad, why, speed = self._rehearsed(subject, pair, draft.text(subject))
                if not bad:
                    return Scaffold(subject.target, draft.text(subject, speed), imported=pair.imported)
                draft = draft.without(bad)
                if not draft.sizes:
                    break
        raise NoScaffold(why or "no input could be made on which the test runs")

    def _rehearsed(self, subject: Subject, pair: Pair, text: str) -> tuple[set[tuple[str, str]], str, float | None]:
        """The (test, parameter) pairs that fail, before or after the rewrite is applied; the first reason; the speed.

        The speed is how many times faster the new version was.
        """
        bad: set[tuple[str, str]] = set()
        first, speed = "", None
        root = package_root(subject.path.resolve())
        for module in [None, subject.final] if pair.imported else [None]:
            answer = self._ask(
                {
                    "task": "rehearse",
                    "source": text,
                    "file": str(subject.target.absolute()),
                    "module": module,
                    "timed": module is not None or not pair.imported,
                    "roots": [str(root), *map(str, self.importable.roots_for(subject.path))],
                }
            )
            if answer["verdict"] != "rehearsed":
                raise NoScaffold(answer["reason"])
            speed = answer["speed"]
            for test, parameter, outcome, why in answer["results"]:
                if outcome == "differs" and test == "test_typical" and (int(parameter) > 2 or not subject.obligations):
                    raise NoScaffold(f"the versions differ on typical({parameter}): {why.splitlines()[0]}")
                if outcome != "passed":
                    bad.add((test, parameter))
                    first = first or why.split("\n")[0]
        return bad, first, speed

    def _options(self) -> dict[str, Any]:
        return {"seed": self.seed, "timeout": _TIMEOUT, "timing": False}

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._worker.ask(request, _TIMEOUT + 30)
        except Died as problem:
            raise NoScaffold(f"the code {problem.how}") from None


@dataclass(frozen=True)
class _Draft:
    """A scaffold's inputs, while they are tried."""

    pair: Pair
    typical: dict[str, Any]
    cases: Sequence[dict[str, Any]]
    sizes: Sequence[int]
    grows: bool
    smallest: Mapping[str, str]

    def text(self, subject: Subject, speed: float | None = None) -> str:
        """The file with these inputs; `speed` is how many times faster the new version was."""
        parameters = self.pair.parameters
        typical = typical_function(parameters, self.typical, self.grows)
        cases = self.cases if parameters else []
        edges = edge_cases(parameters, cases) if cases else ""
        smallest = smallest_dict(self.smallest) if self.smallest else ""
        inputs = Inputs(typical, edges, self.sizes, minimum_speedup(speed), smallest)
        return test_file(subject, self.pair, inputs)

    def without(self, bad: set[tuple[str, str]]) -> _Draft:
        """Without the inputs on which the test does not run."""
        named = labelled(self.pair.parameters, self.cases)
        cases = [case for name, case in named if ("test_edges", name) not in bad]
        sizes = [n for n in self.sizes if ("test_typical", str(n)) not in bad]
        smallest = {name: case for name, case in self.smallest.items() if ("test_smallest", name) not in bad}
        return replace(self, cases=cases, sizes=sizes, smallest=smallest)
