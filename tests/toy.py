"""A stand-in for the engine and the verifier, so that what is built on them is tested fast and without timing.

Loops `for x in xs: out.append(e)` are sites with two forms: a safe comprehension and an unsafe vector form. Run as a
script it is the command `deloop` on top of the stand-ins; `DELOOP_TOY` then holds the verdicts, see `Verifier`.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import rich.console  # noqa: F401 - it keeps the environment of its first import, which must not be that of a `call`

from deloop.cli import main
from deloop.codemods.findings import Finding, Status
from deloop.codemods.originals import inside_kept
from deloop.equivalence.interpreter import choose_python
from deloop.equivalence.model import Counterexample, Evidence, Trial, Verdict
from deloop.loops.obligations import Obligation
from deloop.loops.remarks import Reason, Refusal
from deloop.proposals import judge, survey, workflow
from deloop.sources.files import SourceFile, parse
from deloop.transforms.base import Replace, Rewrite, Rule, Severity, Tier

LISTS = Rule("DL201", "list-comprehension", Severity.MEDIUM)
ARRAYS = Rule("DL102", "iloc-arithmetic", Severity.HIGH)


def scan(
    source: SourceFile, project: object = None, options: object = None, *, tree: ast.Module | None = None
) -> list[Finding]:
    """The sites of a file: loops that append are proposals, loops that print are refused."""
    tree = tree or parse(source)
    kept = [n for n in ast.walk(tree) if inside_kept(source.text, [n])]
    inner = {id(loop) for n in kept for loop in ast.walk(n)}
    owners = {child: node for node in ast.walk(tree) for child in _body(node)}
    found = []
    for loop in (node for node in ast.walk(tree) if isinstance(node, ast.For)):
        if id(loop) in inner:
            continue
        match loop.body:
            case [ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=out), attr="append"), args=[element]))]:
                found.append(_proposal(source, loop, owners[loop], out, element))
            case [ast.Expr(value=ast.Call(func=ast.Name(id="print")))]:
                refusal = Refusal(Reason.SIDE_EFFECT, loop.body[0].lineno, "`print` shows something on every round")
                found.append(_finding(source, loop, owners[loop], Status.REFUSED, refusal=refusal))
    return sorted(found, key=lambda finding: finding.line)


def _body(node: ast.AST) -> list[ast.stmt]:
    body = getattr(node, "body", [])
    return body if isinstance(body, list) else []  # a lambda's is an expression


def _finding(source: SourceFile, loop: ast.For, owner: ast.AST, status: Status, **more: Any) -> Finding:
    end = loop.end_lineno or loop.lineno
    function = getattr(owner, "name", "<module>")
    return Finding(str(source.path), loop.lineno, end, function, LISTS, Severity.MEDIUM, status, **more)


def _proposal(source: SourceFile, loop: ast.For, owner: Any, out: str, element: ast.expr) -> Finding:
    iterable = ast.unparse(loop.iter)
    comprehension = f"{out} = [{ast.unparse(element)} for {ast.unparse(loop.target)} in {iterable}]"
    vector = f"{out} = list(np.asarray({iterable}) * 2)"
    made = owner.body[owner.body.index(loop) - 1]
    overflow = (Obligation("no-overflow", (iterable,)),)
    forms = (
        _form(ARRAYS, Tier.VECTOR, made, loop, vector, overflow, ("import numpy as np",)),
        _form(LISTS, Tier.COMPREHENSION, made, loop, comprehension),
    )
    return _finding(source, loop, owner, Status.PROPOSAL, forms=forms, message="becomes a comprehension")


def _form(
    rule: Rule,
    tier: Tier,
    made: ast.stmt,
    loop: ast.For,
    code: str,
    obligations: tuple[Obligation, ...] = (),
    imports: tuple[str, ...] = (),
) -> Rewrite:
    new = ast.parse(code).body[0]
    for node in ast.walk(new):  # a statement without a place, so that it is taken for a new one
        for name in ("lineno", "end_lineno", "col_offset", "end_col_offset"):
            if hasattr(node, name):
                delattr(node, name)
    return Rewrite(rule, tier, (Replace(made, ()), Replace(loop, (new,))), obligations, imports)


@dataclass
class Verifier:
    """Gives each trial the first answer whose text stands in the new lines; else it is verified, and fast.

    `answers` are [text, verdict, {more fields of Evidence}]; the verdict `slow` waits ten seconds.
    """

    answers: Sequence[tuple[str, str, dict[str, Any]]] = ()
    asked: list[Trial] = field(default_factory=list)

    def __call__(self, trials: Sequence[Trial], python: str | None = None, **_: Any) -> Iterator[tuple[str, Evidence]]:
        for trial in trials:
            self.asked.append(trial)
            yield trial.key, self._answer(trial)

    def _answer(self, trial: Trial) -> Evidence:
        first, last = trial.after_lines
        new = "\n".join(trial.after.split("\n")[first - 1 : last])
        for text, verdict, more in self.answers:
            if text not in new:
                continue
            if verdict == "slow":
                time.sleep(10)
            return evidence(Verdict(verdict), **more)
        return evidence(Verdict.VERIFIED)


def evidence(verdict: Verdict, **more: Any) -> Evidence:
    """Evidence with all its fields filled."""
    if "speedups" in more:
        more["speedups"] = tuple((n, ratio) for n, ratio in more["speedups"])
    if verdict is Verdict.REFUTED:
        more["counterexample"] = Counterexample("xs = [1]", "[2]", "[3]", ("n=1",))
    if verdict is Verdict.UNVERIFIED:
        return Evidence(verdict, reason=more.get("reason", "`helper` is not known"))
    more = {"speedups": ((50, 1.2), (20_000, 38.0)), **more}
    return Evidence(verdict, inputs=84, returned=80, raised=4, kinds=("empty", "one row"), versions="NumPy 2", **more)


def install(verifier: Verifier, patch: pytest.MonkeyPatch) -> None:
    """Put the stand-ins in place."""
    patch.setattr(judge, "scan", scan)
    patch.setattr(survey, "scan", scan)
    patch.setattr(judge, "verify", verifier)
    for room in (judge, workflow):
        patch.setattr(room, "choose_python", lambda name: choose_python(name) if name else "python")


@dataclass
class Done:
    """A finished command."""

    returncode: int
    out: bytes
    stderr: str

    @property
    def stdout(self) -> str:
        return self.out.decode()


def call(words: Sequence[str], cwd: Path, env: Mapping[str, str] = os.environ, answers: Sequence[Any] = ()) -> Done:
    """The command on top of the stand-ins, in this process: many times faster than a new one."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    err = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        install(Verifier(answers), patch)
        patch.chdir(cwd)
        patch.setattr(os, "environ", dict(env))
        patch.setattr(sys, "argv", ["deloop", *words])
        patch.setattr(tempfile, "tempdir", env.get("TMPDIR"))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as end:
            main()
    return Done(int(end.value.code or 0), out.buffer.getvalue(), err.getvalue())  # type: ignore[attr-defined]


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as forever:
        install(Verifier(json.loads(os.environ.get("DELOOP_TOY", "[]"))), forever)
        sys.argv[0] = "deloop"
        main()
