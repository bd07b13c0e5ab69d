"""From files to drafts: everything in one pass, looked at again until nothing changes."""

import ast
import pickle
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import toy

from deloop.codemods.findings import Finding
from deloop.proposals.gather import Job
from deloop.proposals.journal import Journal
from deloop.proposals.judge import Judge
from deloop.proposals.model import Policy
from deloop.proposals.propose import Draft
from deloop.proposals.workflow import fixed, write_all
from deloop.sources.files import SourceFile
from deloop.transforms.base import InsertBefore, Rewrite, Tier

TWO = """
    def both(xs):
        a = []
        for x in xs:
            a.append(x * 2)  # twice
        b = []
        for y in a:
            b.append(y + 1)
        return a, b
"""


@pytest.fixture
def verifier(monkeypatch: pytest.MonkeyPatch) -> toy.Verifier:
    made = toy.Verifier()
    toy.install(made, monkeypatch)
    return made


def run(folder: Path, source: str, **policy: Any) -> tuple[Draft, Judge]:
    file = folder / "module.py"
    file.write_text(textwrap.dedent(source).lstrip("\n"), encoding="utf-8")
    drafts, judge = fixed(Job([file], policy=Policy(**policy)), lambda *_: None)
    return drafts[0], judge


def test_all_proposals_of_a_file_in_one_draft(tmp_path: Path, verifier: toy.Verifier) -> None:
    draft, judge = run(tmp_path, TWO)
    assert draft.current.text == textwrap.dedent(
        """\
        def both(xs):
            # twice
            a = [x * 2 for x in xs]
            b = [y + 1 for y in a]
            return a, b
        """
    )
    assert [step.proposal.form.rule.code for step in draft.steps] == ["DL201", "DL201"]
    assert judge.problems == []


def test_each_step_holds_those_before_it(tmp_path: Path, verifier: toy.Verifier) -> None:
    draft, _ = run(tmp_path, TWO)
    first, second = (step.data.decode() for step in draft.steps)
    assert "a = [x * 2" in first and "b.append" in first
    assert second == draft.current.text


def test_each_proposal_has_its_own_diff(tmp_path: Path, verifier: toy.Verifier) -> None:
    draft, _ = run(tmp_path, TWO)
    first, second = (step.proposal.diff.decode() for step in draft.steps)
    assert "+    a = [x * 2 for x in xs]" in first and "y + 1 for" not in first
    assert "+    b = [y + 1 for y in a]" in second and "x * 2 for" not in second


def test_a_shared_import_is_added_once(tmp_path: Path, verifier: toy.Verifier) -> None:
    draft, _ = run(tmp_path, TWO, unsafe=True)
    assert draft.current.text.count("import numpy as np") == 1
    assert draft.current.text.count("np.asarray") == 2
    assert [step.data.count(b"import numpy as np") for step in draft.steps] == [1, 1]


def test_overlapping_sites_the_first_wins(tmp_path: Path, verifier: toy.Verifier) -> None:
    draft, _ = run(
        tmp_path,
        """
        def nested(xs):
            out = []
            for x in [n for n in xs]:
                out.append(x)
            return out
        """,
    )
    assert len(draft.steps) == 1


def test_a_second_run_changes_nothing(tmp_path: Path, verifier: toy.Verifier) -> None:
    draft, judge = run(tmp_path, TWO)
    write_all([draft], judge, Journal(Job([draft.path]), "fix --write"))
    again, _ = fixed(Job([draft.path]), lambda *_: None)
    assert not any(one.changed or one.sites for one in again)


def test_the_same_run_twice_gives_the_same_bytes(tmp_path: Path, verifier: toy.Verifier) -> None:
    assert run(tmp_path, TWO, unsafe=True)[0].diff() == run(tmp_path, TWO, unsafe=True)[0].diff()


def test_evidence_for_forms_not_chosen_is_not_asked_for_again(tmp_path: Path, verifier: toy.Verifier) -> None:
    verifier.answers = [("y + 1", "refuted", {}), ("asarray(a)", "unverified", {})]
    draft, judge = run(tmp_path, TWO)
    assert len(draft.steps) == 1
    assert len(verifier.asked) == 4
    assert len(judge.refuted) == 1


def test_refuted_is_not_applied_and_reported_with_its_counterexample(tmp_path: Path, verifier: toy.Verifier) -> None:
    verifier.answers = [("y + 1", "refuted", {})]
    draft, judge = run(tmp_path, TWO)
    assert "b.append(y + 1)" in draft.current.text
    (site,) = judge.refuted
    (candidate,) = site.candidates
    assert candidate.evidence.counterexample is not None
    assert candidate.evidence.counterexample.inputs == "xs = [1]"


def test_lines_of_a_later_look_are_those_of_the_file_as_read(tmp_path: Path, verifier: toy.Verifier) -> None:
    verifier.answers = [("y + 1", "refuted", {})]
    draft, _ = run(tmp_path, TWO)
    assert [site.finding.line for site in draft.sites] == [6]


def test_every_trial_goes_to_one_batch(tmp_path: Path, verifier: toy.Verifier) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(textwrap.dedent(TWO), encoding="utf-8")
    batches = []

    def batch(trials: Any, **more: Any) -> Any:
        batches.append(len(trials))
        return verifier(trials, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("deloop.proposals.judge.verify", batch)
        drafts, _ = fixed(Job([tmp_path]), lambda *_: None)
    assert batches == [8]
    assert [draft.path.name for draft in drafts] == ["a.py", "b.py"]


def test_a_trial_the_verifier_forgets_is_unverified(
    tmp_path: Path, verifier: toy.Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deloop.proposals.judge.verify", lambda trials, **_: iter(()))
    draft, _ = run(tmp_path, TWO)
    assert draft.steps == []
    assert {c.why for site in draft.sites for c in site.candidates} == {"the verifier gave no answer"}


def test_rules_that_never_settle_end_with_a_word(
    tmp_path: Path, verifier: toy.Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restless(source: SourceFile, project: object, options: object, *, tree: ast.Module) -> list[Finding]:
        finding = toy.scan(source, tree=tree)[-1]
        new = ast.Expr(ast.Constant(len(source.text)))
        form = Rewrite(toy.LISTS, Tier.HOIST, (InsertBefore(tree.body[-1], (new,)),))
        return [replace(finding, forms=(form,))]

    monkeypatch.setattr("deloop.proposals.judge.scan", restless)
    draft, judge = run(tmp_path, TWO)
    assert len(draft.steps) == 6
    assert str(judge.problems[0]).endswith("module.py: still changes after 6 rounds; run deloop once more")


def test_what_a_job_asks_of_a_file_can_be_sent_to_another_process() -> None:
    """With many files it is; what can't be sent leaves a pool of processes waiting for ever."""
    terms = Job([Path()]).terms(Path("a.py"))
    assert pickle.loads(pickle.dumps(terms)) == terms
