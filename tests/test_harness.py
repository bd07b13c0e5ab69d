"""Every rule, held to the same standard: its examples and fixtures are rewritten, or refused, exactly as they say."""

from __future__ import annotations

import ast
import io
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import harness
import pytest
from conftest import ALL, share
from harness import Answer, Case
from unidiff import PatchSet

from deloop.equivalence.model import Evidence, Verdict
from deloop.equivalence.verify import verify
from deloop.proposals.choose import choose
from deloop.proposals.model import Candidate, Policy, Verb
from deloop.sources.diffs import unified_diff
from deloop.sources.files import SourceFile
from deloop.transforms.base import Define, Transform
from deloop.transforms.registry import TRANSFORMS

REWRITTEN, REFUSED = harness.rewritten_cases(), harness.refused_cases()
BOM = b"\xef\xbb\xbf"
#: More looks than this mean that two rules undo each other.
ROUNDS = 6

rewritten = pytest.mark.parametrize("case", REWRITTEN, ids=lambda case: case.id)
refused = pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
a_third = pytest.mark.parametrize("case", share(REWRITTEN, 3), ids=lambda case: case.id)
rules = pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda t: t.rule.code)


@cache
def found(case: Case) -> list[Answer]:
    return harness.answers(case)


def result(case: Case) -> SourceFile:
    return harness.applied(case.source, found(case))


# ---- the classes


@rules
def test_a_rule_is_documented(transform: type[Transform]) -> None:
    title, _, rest = (transform.__doc__ or "").strip().partition("\n\n")
    assert title.endswith("."), f"{transform.__name__} has no title that is a sentence"
    assert rest.strip(), f"{transform.__name__} does not say why it is slow and what has to hold"


@rules
def test_a_rule_shows_what_it_does_and_what_it_leaves(transform: type[Transform]) -> None:
    assert transform.examples, f"{transform.__name__} has no example"
    assert transform.refused, f"{transform.__name__} has no refused example: it is not finished"
    assert all(example.after for example in transform.examples), "an example does not say what it becomes"
    assert all(example.reason for example in transform.refused), "a refused example does not say why"


def test_codes_and_names_are_unique() -> None:
    codes = [t.rule.code for t in TRANSFORMS]
    names = [t.rule.name for t in TRANSFORMS]
    assert len(set(codes)) == len(codes) and len(set(names)) == len(names)


def test_every_fixture_belongs_to_a_case() -> None:
    codes = {t.rule.code for t in TRANSFORMS}
    for folder in sorted(p for p in harness.FIXTURES.iterdir() if p.is_dir() and p.name.startswith("DL")):
        assert folder.name in codes, f"no rule has the code {folder.name}"
    for file in sorted(harness.FIXTURES.glob("DL*/*.py")):
        before = file.with_name(file.name.replace("_after.py", "_before.py"))
        assert file.name.endswith(harness.ENDINGS) or before.exists(), f"{file} is read by no test"


# ---- what is rewritten


@rewritten
def test_becomes_exactly_that(case: Case, request: pytest.FixtureRequest) -> None:
    assert found(case), f"{case.transform.rule.code} offers nothing for:\n{case.before}"
    text = result(case).text
    if case.file is not None and request.config.getoption("--update-fixtures"):
        case.file.write_bytes(text.encode())
        return
    assert text == case.after


@rewritten
def test_result_compiles(case: Case) -> None:
    compile(result(case).data, "example.py", "exec", dont_inherit=True)


@rewritten
def test_the_rule_is_done_with_its_result(case: Case) -> None:
    assert harness.answers(case, result(case)) == []


@rewritten
def test_comes_to_rest(case: Case) -> None:
    """Applying the best form of every loop again and again ends, and then a further run changes nothing."""
    source = case.source
    for _ in range(ROUNDS):
        step = harness.best_step(source)
        if step.data == source.data:
            return
        source = step
    pytest.fail(f"still changes after {ROUNDS} rounds:\n{source.text}")


@a_third
def test_gives_the_same_bytes_each_time(case: Case) -> None:
    assert harness.applied(case.source, harness.answers(case)).data == result(case).data


@rewritten
def test_keeps_every_comment(case: Case) -> None:
    assert harness.comments(result(case).text) == harness.comments(case.before)


@rewritten
def test_touches_only_its_lines(case: Case) -> None:
    """Outside the region that a rewrite names, only the imports that it asks for are new."""
    for answer in found(case):
        old, new = case.before.split("\n"), answer.placed.text.split("\n")
        (start, end), (new_start, new_end) = answer.placed.before_lines, answer.placed.after_lines
        assert new[new_end:] == old[end:]
        head = new[: new_start - 1]
        for made in (edit.text for edit in answer.form.edits if isinstance(edit, Define)):
            first = head.index(made.split("\n")[0])
            del head[first : first + made.count("\n")]
        for line in (statement for statement in answer.form.imports if statement not in old):
            if line in head:
                head.remove(line)
        assert _code(head) == _code(old[: start - 1])


def _code(lines: list[str]) -> list[str]:
    """Without blank lines, which come with imports, and comments, which may move up to where their statement was."""
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _tabs(data: bytes) -> bytes:
    return data.replace(b"    ", b"\t") if b'"""' not in data else data


DRESSES: dict[str, Callable[[bytes], bytes]] = {
    "bom and crlf": lambda data: BOM + data.replace(b"\n", b"\r\n"),
    "tabs and unended": lambda data: _tabs(data).removesuffix(b"\n"),
}
#: Every case in one of them, one case after the other; all in both where all tests are asked for.
DRESSED = [
    pytest.param(case, dress, id=f"{case.id} in {name}")
    for number, case in enumerate(REWRITTEN)
    for turn, (name, dress) in enumerate(DRESSES.items())
    if ALL or (number + turn) % len(DRESSES) == 0
]


@pytest.mark.parametrize(("case", "dress"), DRESSED)
def test_keeps_the_dress_of_the_file(case: Case, dress: Callable[[bytes], bytes]) -> None:
    """Line ends, byte order mark, missing final newline and tabs come back as they were."""
    source = SourceFile.from_bytes(Path("example.py"), dress(case.before.encode()))
    new = harness.applied(source, harness.answers(case, source))
    assert ast.dump(ast.parse(new.text)) == ast.dump(ast.parse(result(case).text))
    lines = new.data.removeprefix(BOM).split(b"\n")
    assert new.data.startswith(BOM) == source.data.startswith(BOM)
    assert new.data.endswith(b"\n") == source.data.endswith(b"\n")
    assert all(line.endswith(b"\r") == (b"\r" in source.data) for line in lines[:-1])
    if b"\t" in source.data:
        assert not any(line.startswith(b" ") for line in lines)


@rewritten
def test_diff_can_be_read_and_applied(case: Case, tmp_path: Path) -> None:
    before, after = case.source.data, result(case).data
    diff = unified_diff("example.py", before, after)
    (patched,) = PatchSet(io.StringIO(diff.decode(), newline="\n"))
    assert patched.path == "example.py" and patched.removed and patched.added
    (tmp_path / "example.py").write_bytes(before)
    subprocess.run(["git", "apply", "-"], input=diff, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "example.py").read_bytes() == after


# ---- what is left alone


@refused
def test_is_refused_for_its_reason(case: Case) -> None:
    assert harness.answers(case) == [], f"{case.transform.rule.code} rewrites what it says it leaves alone"
    said = harness.refusals(case)
    assert case.reason in [refusal.reason for refusal in said], [f"{r.reason}: {r.message}" for r in said]
    for refusal in said:
        assert 1 <= refusal.line <= case.before.count("\n")
        assert refusal.message and not refusal.message.endswith(".")


# ---- what is executed


def verdicts(case: Case) -> list[Evidence]:
    """Those on what becomes of a case."""
    answers = list(enumerate(found(case)))
    shown = dict(
        verify([harness.trial(str(number), case, answer) for number, answer in answers], timing=False, steps=False)
    )
    return [shown[str(number)] for number, _ in answers]


def _skip_without(case: Case) -> None:
    """What needs a package that is not there can't be run."""
    for package in {package for answer in found(case) for package in answer.form.needs}:
        pytest.importorskip(package)


EXECUTED = [
    *share((case for case in REWRITTEN if not case.file), 5),
    *share((case for case in REWRITTEN if case.file), 9),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", EXECUTED, ids=lambda case: case.id)
def test_does_the_same_when_run_and_is_offered(case: Case) -> None:
    _skip_without(case)
    for answer, shown in zip(found(case), verdicts(case), strict=True):
        assert shown.verdict is Verdict.VERIFIED, f"{shown.reason}\n{shown.counterexample}"
        assert shown.returned >= 10, f"only {shown.returned} of {shown.inputs} inputs were of use"
        candidate = Candidate(answer.form, answer.placed, shown)
        (by_default,) = choose([candidate], Policy())
        assert (by_default.verb is Verb.CHOSEN) == answer.form.safe
        names = frozenset(obligation.name for obligation in answer.form.obligations)
        for policy in (Policy(unsafe=True), Policy(assume=names)):
            assert choose([candidate], policy)[0].verb is Verb.CHOSEN


NAIVE = [case for case in REFUSED if case.naive]


def test_idioms_say_what_is_tempting_and_wrong() -> None:
    assert len(NAIVE) >= 15 and len({case.transform for case in NAIVE}) >= 12


@pytest.mark.slow
@pytest.mark.parametrize("case", NAIVE, ids=lambda case: case.id)
def test_what_is_refused_is_wrong_when_written_naively(case: Case) -> None:
    ((_, shown),) = verify([harness.naive_trial(case)], timing=False, steps=False)
    assert shown.verdict is Verdict.REFUTED, shown.reason
    assert shown.counterexample is not None
