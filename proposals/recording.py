"""Run the user's command with the recorder in its Python processes, and read what it left."""

from __future__ import annotations

import ast
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..codemods.findings import Finding, Status
from ..equivalence.infer import parameters
from ..equivalence.names import OPEN, own_nodes
from ..equivalence.outline import Outline, bare
from ..equivalence.recordings import PLAN, RUNS, Run, digest, read_run
from ..equivalence.regions import CannotOutline
from ..equivalence.replays import region_digest
from ..sources.files import SourceFile
from ..sources.notebooks import SUFFIX
from ..sources.state import state_folder
from .gather import Job, Tick
from .judge import Judge, Looked
from .model import NotRun, Problem
from .workflow import open_drafts

RECORDER = Path(__file__).resolve().parent.parent / "recorder"
#: Of one loop: inputs, bytes of one of them, bytes of all. Of one process: bytes of all its inputs.
LIMITS = {"inputs": 16, "input": 8_000_000, "site": 32_000_000, "process": 128_000_000}
#: Compilers that take a function's code apart: nothing may be put into it.
_COMPILERS = ("jit", "njit", "vectorize", "guvectorize", "cfunc", "stencil", "pythran", "kernel", "script", "compile")

Progress = Callable[[], AbstractContextManager[Tick]]
Position = tuple[str, int, int, int, int]


@dataclass
class Recorded:
    """What came of it: the run, how the command ended, and how long it took."""

    run: Run | None
    status: int
    seconds: float
    sites: int
    problems: list[Problem] = field(default_factory=list)


def record(job: Job, command: Sequence[str], add: bool, progress: Progress) -> Recorded:
    """Find the slow loops, run the command while they are watched, keep what was recorded in `.deloop`.

    Runs recorded earlier are kept only if `add` says so. Raises NotRun and OSError.
    """
    found = shutil.which(command[0])
    if found is None:
        raise NotRun(f"{command[0]}: no such command")
    with progress() as tick:  # gone before the command has the terminal to itself
        drafts, judge = open_drafts(job, tick, (Status.PROPOSAL, Status.REFUSED))
        drafts = [draft for draft in drafts if draft.path.suffix != SUFFIX]  # no program imports a notebook
        looked = list(judge.looked([(draft.name, draft.original) for draft in drafts]))
        files = _plan(looked, judge, {name for draft in drafts for name in _handed(draft.original.text)})
    folder = _new_folder()
    plan = {"version": 1, "command": list(command), "out": str(folder), "limits": LIMITS, "files": files}
    (folder / PLAN).write_text(json.dumps(plan), encoding="utf-8")
    since = time.monotonic()
    status = _run([found, *command[1:]], folder / PLAN)
    seconds = time.monotonic() - since
    if not add:
        for other in folder.parent.iterdir():
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
    sites = sum(len(file["sites"]) for file in files)
    return Recorded(read_run(folder), status, seconds, sites, judge.problems)


def _new_folder() -> Path:
    """A folder for one run. What is in `.deloop` belongs to this machine: git leaves it alone, nobody else reads it."""
    top = state_folder()
    folder = (top / RUNS / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}").absolute()
    folder.mkdir(parents=True)
    for private in (top / RUNS, folder):
        private.chmod(0o700)
    return folder


def _run(command: Sequence[str], plan: Path) -> int:
    environment = dict(os.environ)
    path = [str(RECORDER / "startup"), environment.get("PYTHONPATH", "")]
    environment |= {"DELOOP_RECORD": str(plan), "PYTHONPATH": os.pathsep.join(part for part in path if part)}
    sys.stdout.flush()
    with subprocess.Popen(command, env=environment) as process:
        while True:
            try:
                status = process.wait()
                break
            except KeyboardInterrupt:  # the command gets it too, and decides
                continue
    return status if status >= 0 else 128 - status


# the plan: what the recorder is to do in which file


def _plan(looked: Sequence[Looked], judge: Judge, compiled: set[str]) -> list[dict[str, Any]]:
    files: dict[str, dict[str, Any]] = {}
    for number, one in enumerate(looked):
        finding, source, _ = one
        if finding.status is Status.FINE:
            continue
        path = os.path.realpath(source.path)
        if path not in files:
            files[path] = {"path": path, "digest": digest(source.data), "sites": []}
        files[path]["sites"].append(_site(number, one, judge, compiled))
    return list(files.values())


def _site(number: int, looked: Looked, judge: Judge, compiled: set[str]) -> dict[str, Any]:
    finding, source, _ = looked
    loop, functions = _statement(source, finding)
    why_not = _unwatched(loop, functions, compiled)
    site: dict[str, Any] = {
        "id": number, "line": finding.line, "end_line": finding.end_line, "function": finding.function,
        "clock": None if why_not or loop is None else position(loop),
        "inputs": None, "names": [], "globals": [], "receiver": None, "region": "", "why_not": why_not,
    }  # fmt: skip
    return site if why_not else site | _inputs(number, looked, judge)


def _inputs(number: int, looked: Looked, judge: Judge) -> dict[str, Any]:
    """Where the inputs of a loop are to be kept, and which: those of the forms that have the most common region."""
    by_region: dict[str, list[Outline]] = {}
    for trial in judge.trials(number, looked).values():
        try:
            outline = bare(trial)
        except (CannotOutline, RecursionError):
            continue
        by_region.setdefault(region_digest(outline, trial.before), []).append(outline)
    if not by_region:
        return {}
    region, outlines = max(by_region.items(), key=lambda item: len(item[1]))
    first = outlines[0]
    return {
        "inputs": position(first.before.statements[0]),
        "names": sorted({name for one in outlines for name in one.parameters}),
        "globals": sorted({name for one in outlines for name in one.global_data if name != OPEN}),
        "receiver": _receiver(first, looked[0].hints),
        "region": region,
    }


def _receiver(outline: Outline, hints: dict[str, str]) -> tuple[str, list[str]] | None:
    """`self` and the attributes that the loop reads of it."""
    if not outline.receiver or outline.receiver_is_class:
        return None
    specs = {one["name"]: one["spec"] for one in parameters(outline, hints)}
    attributes = specs.get(outline.receiver, {}).get("attrs", {})
    return (outline.receiver, sorted(attributes)) if attributes else None


def position(node: ast.stmt) -> Position:
    """What finds a statement again in another reading of the same text; `recorder/weave.py` has the same."""
    return type(node).__name__, node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def _statement(source: SourceFile, finding: Finding) -> tuple[ast.stmt | None, list[ast.AST]]:
    """The innermost statement on all lines of a finding, and the functions around it, outermost first."""
    found: ast.stmt | None = None
    functions: list[ast.AST] = []
    todo: list[tuple[ast.AST, list[ast.AST]]] = [(_tree(source.text), [])]
    while todo:
        node, around = todo.pop()
        if isinstance(node, ast.stmt):
            if node.lineno > finding.line or (node.end_lineno or 0) < finding.end_line:
                continue
            found, functions = node, around
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            around = [*around, node]
        todo += [(child, around) for child in ast.iter_child_nodes(node)]
    return found, functions


def _unwatched(loop: ast.stmt | None, functions: Sequence[ast.AST], compiled: set[str]) -> str:
    """Why a loop is not watched; empty when it is."""
    if loop is None or isinstance(loop, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return "stands in no statement of its own"
    if any(isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in own_nodes([loop])):
        return "yields or awaits"
    for function in functions:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and (
            function.name in compiled or any(_compiles(d) for d in function.decorator_list)
        ):
            return f"`{function.name}` is compiled"
    return ""


def _compiles(node: ast.expr) -> bool:
    """Whether a decorator, or a function that is called, compiles what it gets."""
    if ast.unparse(node) in ("np.vectorize", "numpy.vectorize"):
        return False
    words = [part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "") for part in ast.walk(node)]
    return any(word in _COMPILERS or word.endswith("jit") for word in words)


@lru_cache(maxsize=2)  # the loops of one file come one after the other
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def _handed(text: str) -> Iterator[str]:
    """Names of functions that are handed to a compiler, here or in another file, as in `fast = njit(loops.slow)`."""
    if not any(word in text for word in ("jit", *_COMPILERS)):
        return
    try:
        calls = [node for node in ast.walk(_tree(text)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError):
        return
    for argument in (argument for call in calls if _compiles(call.func) for argument in call.args):
        match argument:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
