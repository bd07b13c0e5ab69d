"""The commands. They parse words, call a room and print; what they do is in the rooms."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from . import __version__
from .options import Format, Ignore, Level, Numba, OutputFormat, Paths, Python, Select, SideEffects, Unsafe, Unverified

if TYPE_CHECKING:
    from .codemods.preserve import Preserve
    from .proposals.gather import Job
    from .proposals.judge import Judge
    from .proposals.model import Proposal
    from .proposals.propose import Draft

FOUND, WRONG, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="deloop",
    help="Rewrites slow pandas and NumPy loops into array code, and shows the proof.",
    no_args_is_help=True,
    add_completion=False,
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

    app.command()(guarded)
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
        return _fail(f"{problem.filename or 'output'}: {problem.strerror or problem}")


def _guarded(work: Callable[[], int]) -> int:
    from .config import ConfigError
    from .equivalence.interpreter import NoInterpreter
    from .equivalence.pairs import WrongCall
    from .proposals.git import GitError
    from .proposals.model import NotRun, internal_error

    try:
        status = work()
        sys.stdout.flush()
        return status
    except (ConfigError, GitError, NoInterpreter, NotRun, WrongCall) as problem:
        return _fail(str(problem))
    except OSError:
        raise
    except Exception as problem:
        if os.environ.get("DELOOP_DEBUG"):
            raise
        return _fail(internal_error(problem))


def _fail(message: str) -> int:
    _note(f"deloop: {' '.join(message.split())}")
    return WRONG


def _print(lines: Iterable[str]) -> None:
    from .proposals.model import printable

    sys.stdout.writelines(f"{printable(line)}\n" for line in lines)


def _note(line: str) -> None:
    from .proposals.model import printable

    print(printable(line), file=sys.stderr)


def _notes(lines: Iterable[str]) -> None:
    for line in lines:
        _note(line)


def _job(
    paths: list[Path] | None, given: dict[str, Any], show_unsafe: bool = False, preserve: Preserve | None = None
) -> Job:
    """The job for a command: configuration first, then what was given on the command line."""
    from .codemods.engine import Options
    from .config import check_rules, load
    from .proposals.gather import Job
    from .proposals.model import Policy
    from .reports.explain import all_rules

    where = paths or [Path()]
    rules = all_rules()
    for name in ("select", "ignore"):
        given[name] = tuple(w.strip() for word in given[name] for w in word.split(",")) if given.get(name) else None
        check_rules(given[name] or (), rules, f"--{name}")
    settings = load(where, rules).override(**{key: value or None for key, value in given.items()})
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
    return Job(where, settings.exclude, settings.root, options, settings.wants, policy)


@command
def check(
    paths: Paths = None,
    output_format: Format = OutputFormat.TEXT,
    severity: Annotated[Level, typer.Option(help="Report this severity and above.")] = Level.LOW,
    select: Select = None,
    ignore: Ignore = None,
    side_effects: SideEffects = False,
    numba: Numba = False,
    profile: Annotated[bool, typer.Option("--profile", help="Sort by the time that `record` measured.")] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with status 0 whatever is found.")] = False,
) -> int:
    """Say which loops are slow, what can be done about each, and why not where it can't.

    Exit status: 0 nothing found, 1 something found, 2 something was wrong.
    """
    from .proposals.gather import look_at
    from .reports import json_report, text
    from .reports.profile import profile_of
    from .reports.progress import progress

    job = _job(paths, {"select": select, "ignore": ignore, "side_effects": side_effects, "numba": numba})
    with progress() as tick:
        looked, problems = look_at(job, tick)
    findings = [f for one in looked for f in one.findings if text.at_least(f.severity, severity)]
    times = profile_of(job.paths, [one.path for one in looked]) if profile else None
    findings = times.sorted(findings) if times is not None else findings
    if output_format is OutputFormat.JSON:
        rows = (json_report.finding_row(f) | (times.row(f) if times is not None else {}) for f in findings)
        sys.stdout.write(json_report.document(rows, problems))
    else:
        _print(line for f in findings for line in text.shown_lines(f, times.line(f) if times else ""))
        _notes(map(str, problems))
    _notes(times.notes() if times is not None else ())
    if output_format is OutputFormat.TEXT:
        _note(text.summary(findings, len(looked), len(problems)))
    found = any(text.is_open(finding) for finding in findings) and not exit_zero
    return WRONG if problems else FOUND if found else 0


@command
def fix(
    paths: Paths = None,
    diff: Annotated[
        bool, typer.Option("--diff", help="On a terminal, review one by one; piped, the plain diff.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Change the files.")] = False,
    branch: Annotated[
        str | None, typer.Option(help="Commit on a new branch, one commit a proposal.", metavar="NAME")
    ] = None,
    keep_original: Annotated[
        bool, typer.Option("--keep-original", help="Keep each rewritten function as it was, as _original_NAME.")
    ] = False,
    flag: Annotated[
        str | None,
        typer.Option(help="Keep it, and switch between both by NAME at run time.", metavar="NAME"),
    ] = None,
    unsafe: Unsafe = False,
    unverified: Unverified = False,
    python: Python = None,
    select: Select = None,
    ignore: Ignore = None,
    side_effects: SideEffects = False,
    numba: Numba = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with status 0 when a diff is pending.")] = False,
) -> int:
    """Rewrite the loops; without --write or --branch, only print one diff.

    Exit status: 0 nothing to do or all done, 1 a diff is pending, 2 an error.
    """
    from .config import preserve_of

    given = {
        "unsafe": unsafe,
        "unverified": unverified,
        "python": python,
        "select": select,
        "ignore": ignore,
        "side_effects": side_effects,
        "numba": numba,
    }
    if sum((diff, write, branch is not None)) > 1:
        return _fail("--diff, --write and --branch exclude one another")
    review = diff and sys.stdout.isatty() and sys.stdin.isatty()
    job = _job(paths, given, show_unsafe=review, preserve=preserve_of(keep_original, flag))
    if review:
        return _review(job)
    status = _branch(branch, job) if branch is not None else _fix(job, write)
    return 0 if exit_zero and status == FOUND else status


def _fix(job: Job, write: bool) -> int:
    from .proposals.workflow import fixed, write_all
    from .reports.progress import progress

    with progress() as tick:
        drafts, judge = fixed(job, tick)
    proposals = [step.proposal for draft in drafts for step in draft.steps]
    if write:
        proposals = write_all(drafts, judge)
        done = ", written."
    else:
        for draft in drafts:
            sys.stdout.buffer.write(draft.diff())
        sys.stdout.buffer.flush()
        done = ". Nothing was written: --write applies them, --diff reviews them one by one, --branch commits them."
    _tell(proposals, drafts, judge, done)
    return WRONG if judge.problems else FOUND if proposals and not write else 0


def _branch(name: str, job: Job) -> int:
    from .proposals.workflow import commit_on_branch
    from .reports.progress import progress

    with progress() as tick:
        drafts, judge, notes = commit_on_branch(name, job, tick)
    _notes(notes)
    proposals = [step.proposal for draft in drafts for step in draft.steps]
    _tell(proposals, drafts, judge, f", committed on branch {name}.")
    return WRONG if judge.problems else 0


def _review(job: Job) -> int:
    from rich.console import Console

    from .proposals.review import Review
    from .proposals.workflow import open_drafts
    from .reports import proposals_text
    from .reports.progress import progress

    with progress() as tick:
        drafts, judge = open_drafts(job, tick)
    review = Review(drafts, judge, Console(highlight=False))
    review.run(progress)
    _notes(map(str, judge.problems))
    _notes(line for site in judge.refuted for line in proposals_text.refuted_lines(site))
    _note(f"{review.written} applied, {review.left} left.")
    return WRONG if judge.problems else FOUND if review.left else 0


def _tell(proposals: list[Proposal], drafts: list[Draft], judge: Judge, done: str) -> None:
    """Each proposal, what is held back, what went wrong, the counts."""
    from .reports import proposals_text

    sites = [site for draft in drafts for site in draft.sites]
    _notes(proposals_text.proposal_line(proposal) for proposal in proposals)
    _notes(line for site in sites for line in proposals_text.not_offered(site))
    _notes(line for site in judge.refuted for line in proposals_text.refuted_lines(site))
    _notes(proposals_text.stale_lines(judge))
    _notes(map(str, judge.problems))
    _note(proposals_text.fix_summary(proposals, sites, judge.problems, done))


@command
def verify(
    paths: Paths = None,
    output_format: Format = OutputFormat.TEXT,
    python: Python = None,
    select: Select = None,
    ignore: Ignore = None,
    side_effects: SideEffects = False,
    numba: Numba = False,
    scaffolds: Annotated[
        Path | None, typer.Option(help="Also run the test files in this folder.", metavar="DIR")
    ] = None,
) -> int:
    """Run every possible rewrite against its loop and print the evidence.

    Among the files, those that `deloop scaffold` wrote are run with pytest. Exit status: 0 all verified, 1 some
    refuted, not verified or failed, 2 something was wrong.
    """
    from .equivalence.model import Verdict
    from .proposals.gather import find_scaffolds
    from .proposals.propose import look
    from .proposals.scaffold_run import run_scaffolds
    from .proposals.workflow import open_drafts
    from .reports import json_report, proposals_text, scaffolds_text, text
    from .reports.progress import progress

    given = {"python": python, "select": select, "ignore": ignore, "side_effects": side_effects, "numba": numba}
    job = _job(paths, given)
    with progress() as tick:
        drafts, judge = open_drafts(job, tick)
        look(drafts, judge)
        tests, missing = find_scaffolds(job, scaffolds)
        judge.problems += missing
        runs = run_scaffolds(tests, job) if tests else []
    sites = [site for draft in drafts for site in draft.sites if site.candidates]
    if output_format is OutputFormat.JSON:
        sys.stdout.write(json_report.document(map(json_report.site_row, sites), judge.problems))
    else:
        _print(line for site in sites for line in text.site_lines(site))
        _notes(proposals_text.stale_lines(judge))
        _notes(map(str, judge.problems))
        _note(text.evidence_summary(sites))
    if runs:
        _notes(map(str, runs))
        _note(scaffolds_text.runs_summary(runs))
    shown = all(c.evidence.verdict is Verdict.VERIFIED for site in sites for c in site.candidates)
    shown = shown and all(run.ok for run in runs)
    return WRONG if judge.problems else 0 if shown else FOUND


@command
def scaffold(
    paths: Paths = None,
    output: Annotated[Path, typer.Option(help="The folder for the test files.", metavar="DIR")] = Path(
        "tests/equivalence"
    ),
    unsafe: Unsafe = False,
    force: Annotated[bool, typer.Option("--force", help="Also overwrite test files that were edited.")] = False,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Copy what the tests need beside them: they run without deloop.")
    ] = False,
    unverified: Unverified = False,
    python: Python = None,
    select: Select = None,
    ignore: Ignore = None,
    side_effects: SideEffects = False,
    numba: Numba = False,
) -> int:
    """Write a pytest file for each proposal: the original against the new version, on typical data and edge cases.

    Run it before `fix`, which is what needs the original. Exit status: 0 done, 2 something was wrong.
    """
    from .proposals.scaffolds import Wanted, write_scaffolds
    from .reports import scaffolds_text
    from .reports.progress import progress

    given = {
        "unsafe": unsafe,
        "unverified": unverified,
        "python": python,
        "select": select,
        "ignore": ignore,
        "side_effects": side_effects,
        "numba": numba,
    }
    job = _job(paths, given)
    with progress() as tick:
        written, problems = write_scaffolds(job, Wanted(output, force, standalone), tick)
    _notes(map(scaffolds_text.line, written))
    _notes(map(str, problems))
    _note(scaffolds_text.summary(written, len(problems)))
    return WRONG if problems else 0


@command
def compare(
    old: Annotated[str, typer.Argument(help="FILE.py:FUNCTION, FILE.py:CLASS.METHOD, git:REVISION:FILE.py:FUNCTION.")],
    new: Annotated[str, typer.Argument(help="The same; of two files without a function, all that differ.")],
    names: Annotated[
        list[str] | None, typer.Option("--map", help="A parameter of OLD and its name in NEW.", metavar="OLD=NEW")
    ] = None,
    assume: Annotated[
        list[str] | None, typer.Option(help="Set inputs aside that break this assumption.", metavar="NAME")
    ] = None,
    rtol: Annotated[
        float | None, typer.Option(help="Relative tolerance for floats; exact without it.", metavar="NUMBER")
    ] = None,
    python: Python = None,
    output_format: Format = OutputFormat.TEXT,
) -> int:
    """Say whether two functions are equivalent, on what inputs, and which is faster.

    For rewrites by hand or by a model. Exit status: 0 equivalent, 1 refuted, 2 can't tell or the call is wrong.
    """
    from .config import load
    from .proposals.side_by_side import Asked, compared, mapping_of
    from .reports import side_by_side as report
    from .reports.explain import all_rules
    from .reports.progress import progress

    settings = load([Path()], all_rules())
    asked = Asked(mapping_of(names or ()), tuple(assume or ()), rtol, python or settings.python)
    with progress() as tick:
        found, notes = compared(old, new, asked, tick)
    if output_format is OutputFormat.JSON:
        sys.stdout.write(report.document(found, notes))
    else:
        _print(line for one in found for line in report.lines(one))
        _notes(notes)
    verdicts = {one.verdict for one in found}
    return FOUND if "refuted" in verdicts else WRONG if "unknown" in verdicts else 0


@command
def record(
    program: Annotated[list[str], typer.Argument(help="The command to run, as in a shell.", metavar="COMMAND")],
    paths: Annotated[
        list[Path] | None,
        typer.Option("--path", help="A file or folder with loops to watch; the current folder.", metavar="PATH"),
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Keep what earlier runs recorded.")] = False,
    select: Select = None,
    ignore: Ignore = None,
    side_effects: SideEffects = False,
) -> int:
    """Run a program or its tests, time its slow loops and keep some of their real inputs, for `verify` and `fix`.

    They stay in `.deloop` on this machine. Exit status: that of the command, 2 when it can't be run.
    """
    from .proposals import recording
    from .reports import recorded
    from .reports.progress import progress

    job = _job(paths, {"select": select, "ignore": ignore, "side_effects": side_effects})
    found = recording.record(job, program, add, progress)
    _notes(map(str, found.problems))
    recorded.tell(found)
    return found.status


@command
def explain(
    rule: Annotated[str | None, typer.Argument(help="A code or a name; without it, all rules are listed.")] = None,
) -> int:
    """Explain a rule: what it does, before and after, what it leaves alone, what it may assume."""
    from .config import ConfigError, check_rules
    from .reports.explain import all_rules, explanation_of, rule_table

    if rule is None:
        sys.stdout.write(rule_table())
        return 0
    text = explanation_of(rule)
    if text is None:
        check_rules([rule], all_rules(), "explain")
        raise ConfigError(f"explain: `{rule}` is the start of several codes; `deloop explain` lists all rules")
    sys.stdout.write(text)
    return 0


def _version(wanted: bool) -> None:
    if wanted:
        print(f"deloop {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Rewrites slow pandas and NumPy loops into array code, and shows the proof."""


def main() -> None:
    """The entry point of the command `deloop`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _note("deloop: interrupted; what was not finished was not written")
        raise
