"""The app: how a command is run, how it is said what went wrong, and the job that the given words make."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import typer

from .screen import Screen, Screens

if TYPE_CHECKING:
    from ..codemods.preserve import Preserve
    from ..config import Settings, Tree
    from ..proposals.gather import Job

FOUND, WRONG, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="deloop",
    cls=Screens,
    help="Rewrites slow pandas and NumPy loops into array code, and shows the proof.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

P = ParamSpec("P")


def command(function: Callable[P, int]) -> Callable[P, None]:
    """A command of the app: its result is the exit status, its errors are one line, never a traceback."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        raise typer.Exit(_status(lambda: function(*args, **kwargs)))

    app.command(cls=Screen)(guarded)
    return guarded


def _status(work: Callable[[], int]) -> int:
    try:
        return _guarded(work)
    except KeyboardInterrupt:
        return INTERRUPTED  # `main` says so, here and where typer gets the interrupt
    except BrokenPipeError:
        # The reader (head, less) has seen enough; what is still in the buffer must not be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND
    except OSError as problem:
        where = problem.filename or getattr(problem, "path", "output")
        return fail(f"{where}: {problem.strerror or problem}")


def _guarded(work: Callable[[], int]) -> int:
    from ..config import ConfigError
    from ..equivalence.interpreter import NoInterpreter
    from ..equivalence.pairs import WrongCall
    from ..proposals.git import GitError
    from ..proposals.model import NotRun, internal_error

    try:
        status = work()
        sys.stdout.flush()
        return status
    except (ConfigError, GitError, NoInterpreter, NotRun, WrongCall) as problem:
        return fail(str(problem))
    except OSError:
        raise
    except Exception as problem:
        if os.environ.get("DELOOP_DEBUG"):
            raise
        return fail(internal_error(problem))


def fail(message: str) -> int:
    note(f"deloop: {' '.join(message.split())}")
    return WRONG


def show(lines: Iterable[str]) -> None:
    from ..proposals.model import printable

    sys.stdout.writelines(f"{printable(line)}\n" for line in lines)


def note(line: str) -> None:
    from ..proposals.model import printable

    print(printable(line), file=sys.stderr)


def notes(lines: Iterable[str]) -> None:
    for line in lines:
        note(line)


def job_of(
    paths: list[Path] | None,
    given: dict[str, Any],
    show_unsafe: bool = False,
    preserve: Preserve | None = None,
    force_exclude: bool = False,
) -> Job:
    """The job for a command: configuration first, then what was given on the command line."""
    return job_with(settings_of(paths or [Path()], given), paths, show_unsafe, preserve, force_exclude)


def job_with(
    tree: Tree,
    paths: list[Path] | None,
    show_unsafe: bool = False,
    preserve: Preserve | None = None,
    force_exclude: bool = False,
) -> Job:
    """The job for some paths under these settings."""
    from ..codemods.engine import Options
    from ..proposals.gather import Job
    from ..proposals.model import Policy
    from ..proposals.terms import Terms

    def terms(settings: Settings) -> Terms:
        policy = Policy(
            assume=settings.assume,
            unsafe=settings.unsafe,
            unverified=settings.unverified,
            min_speedup=settings.min_speedup,
            python=settings.python,
            show_unsafe=show_unsafe,
            preserve=preserve,
        )
        options = Options(side_effects=settings.side_effects, numba=settings.numba)
        return Terms(options, policy, settings.wants, settings.severity)

    top = terms(tree.top)
    return Job(
        paths or [Path()],
        tree.top.exclude,
        tree.top.root,
        top.options,
        top.wants,
        top.policy,
        local=lambda path: terms(tree.of(path)),
        left_out=tree.excludes,
        force_exclude=force_exclude,
    )


def without_declined(job: Job) -> Job:
    """The job without what was declined in a review of these files."""
    from ..proposals.answers import Answers
    from ..proposals.gather import state_base

    return replace(job, answers=Answers(state_base(job)))


def settings_of(paths: Sequence[Path], given: dict[str, Any]) -> Tree:
    """The settings for some paths. Raises ConfigError."""
    from ..config import Tree, check_rules, load
    from ..reports.explain import all_rules
    from ..transforms.base import Severity

    rules = all_rules()
    given = dict(given)
    for name in ("select", "extend_select", "ignore"):
        given[name] = tuple(w.strip() for word in given[name] for w in word.split(",")) if given.get(name) else None
        check_rules(given[name] or (), rules, f"--{name.replace('_', '-')}")
    if given.get("severity"):
        given["severity"] = Severity(given["severity"])
    chosen = {key: value or None for key, value in given.items()}
    return Tree(load(paths, rules).override(**chosen), rules, chosen)
