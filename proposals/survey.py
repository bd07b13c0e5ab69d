"""Looking at many files at once, for `check` and to find the files worth a closer look."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..codemods.engine import Project, scan
from ..codemods.findings import Finding
from ..sources.files import SourceError, SourceFile, read_source
from ..sources.machine import processors
from ..sources.suppressions import Suppression
from .interrupts import end_when_interrupted, heard_afterwards
from .model import Problem, internal_error
from .terms import Silenced, Terms, chosen

#: With fewer files than this, starting other processes costs more than they save.
MANY = 100
CHUNK = 16
WORKERS = 8

Named = tuple[str, Path]
Asked = tuple[str, Path, Terms]


@dataclass(frozen=True)
class Looked:
    """What came of one file. The findings carry no syntax trees, so that they are small to send and to keep.

    `silenced` are the slow loops that a comment silences, `unused` such comments that silence none.
    """

    name: str
    path: Path
    findings: tuple[Finding, ...] = ()
    problem: Problem | None = None
    silenced: tuple[Silenced, ...] = ()
    unused: tuple[Suppression, ...] = ()


@dataclass
class Survey:
    """A look at a list of files, in their order, on as many processors as there are."""

    files: Sequence[Asked]
    unused: bool = False  # also look for comments that silence nothing
    workers: int = field(default_factory=lambda: min(WORKERS, processors()))

    def __iter__(self) -> Iterator[Looked]:
        paths = [path for _, path, _ in self.files]
        if len(self.files) < MANY or self.workers < 2:
            project = Project.for_paths(paths)
            return (_look(file, project, self.unused) for file in self.files)
        chunks = [self.files[i : i + CHUNK] for i in range(0, len(self.files), CHUNK)]
        pool = ProcessPoolExecutor(self.workers, initializer=_begin, initargs=(paths, self.unused))
        # All work is handed out here, before the caller starts a thread: forking is safe only until then.
        with heard_afterwards():
            futures = [pool.submit(_look_all, chunk) for chunk in chunks]
        return _collect(pool, futures, chunks)


def _collect(
    pool: ProcessPoolExecutor, futures: list[Future[list[Looked]]], chunks: Sequence[Sequence[Asked]]
) -> Iterator[Looked]:
    try:
        for number, chunk in enumerate(chunks):
            yield from _result(futures[number], chunk)
            futures[number] = _DONE  # what was reported is not kept
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_DONE: Future[list[Looked]] = Future()
_here: tuple[Project, bool] | None = None


def _begin(paths: list[Path], unused: bool) -> None:
    """Set up one worker."""
    global _here
    end_when_interrupted()
    # Syntax trees are many small objects that live long: looking for garbage among them takes a quarter of the time,
    # and finds next to nothing, as what is known of a file is taken apart once it was looked at.
    gc.freeze()
    gc.set_threshold(1_000_000, 20, 100)
    _here = (Project.for_paths(paths), unused)


def _look_all(files: Sequence[Asked]) -> list[Looked]:
    assert _here is not None
    return [_look(file, *_here) for file in files]


def _result(future: Future[list[Looked]], chunk: Sequence[Asked]) -> list[Looked]:
    try:
        return future.result()
    except BrokenProcessPool:
        lost = "was not looked at: the process that read it and its neighbours died"
        return [Looked(name, path, problem=Problem(name, 0, lost)) for name, path, _ in chunk]


def _look(file: Asked, project: Project, unused: bool) -> Looked:
    name, path, terms = file
    try:
        return look_into(name, read_source(path), project, terms, unused)
    except SourceError as problem:
        return Looked(name, path, problem=Problem(name, problem.line or 0, problem.message))


def look_into(name: str, source: SourceFile, project: Project, terms: Terms, unused: bool = False) -> Looked:
    """One file that has been read."""
    path = source.path
    try:
        found = chosen(scan(source, project, terms.options), name, source.text, terms, unused)
    except SourceError as problem:
        return Looked(name, path, problem=Problem(name, problem.line or 0, problem.message))
    except Exception as problem:  # a bug of ours in one file is no reason to keep quiet about the others
        return Looked(name, path, problem=Problem(name, 0, internal_error(problem)))
    silenced = tuple(replace(one, finding=_light(one.finding)) for one in found.silenced)
    told = next((Problem(name, 0, remark) for remark in source.remarks), None)
    return Looked(name, path, tuple(map(_light, found.findings)), told, silenced, found.unused)


def _light(finding: Finding) -> Finding:
    return replace(finding, forms=tuple(replace(form, edits=()) for form in finding.forms))
