"""What a reviewer declined is left out of what `fix` applies, commits and prints, and it is said so."""

from pathlib import Path

import pytest
import toy
from test_proposals_branch import Repo
from test_proposals_review import SOURCE, Start, answered, file, start  # noqa: F401 - fixtures

from deloop.proposals.answers import Answers, Key

FIRST, SECOND = "[x * 2 for x in xs]", "[x + 3 for x in xs]"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.write("pkg/a.py", SOURCE)
    made.write(".gitignore", ".deloop\n")
    made.commit()
    return made


def decline(repo: Repo, start: Start, *answers: str) -> None:  # noqa: F811
    """A review on a terminal, from the top of the repository."""
    child = start(str(repo.folder / "pkg/a.py"))
    answered(child, *answers)
    child.ended()


@pytest.fixture
def declined(repo: Repo, start: Start) -> Repo:  # noqa: F811
    """The first loop was declined, the second skipped, the third not answered."""
    (repo.folder / "pyproject.toml").write_text("[tool.deloop]\n")  # the answers are kept beside it
    repo.commit("Configure")
    decline(repo, start, "n", "s", "q")
    return repo


def test_what_is_written_leaves_it_out_and_says_so(declined: Repo) -> None:
    done = declined.fix("--write", ".")
    assert done.returncode == 0, done.stderr
    text = (declined.folder / "pkg/a.py").read_text()
    assert FIRST not in text and SECOND in text
    assert "pkg/a.py:3: DL201 list-comprehension: declined in a review; apply it with --declined\n" in done.stderr
    assert "2 proposals in 1 file, written.\n  1 declined in a review (--declined)" in done.stderr
    again = declined.fix("--write", ".")
    assert (again.returncode, FIRST in (declined.folder / "pkg/a.py").read_text()) == (0, False)
    assert again.stderr.startswith("pkg/a.py:3: ") and "No proposals." in again.stderr


def test_it_can_be_had_all_the_same(declined: Repo) -> None:
    done = declined.fix("--write", "--declined", ".")
    assert "3 proposals in 1 file, written." in done.stderr and "declined" not in done.stderr
    assert FIRST in (declined.folder / "pkg/a.py").read_text()


def test_no_other_form_of_the_loop_takes_its_place(declined: Repo) -> None:
    done = declined.fix("--write", "--unsafe", ".")
    text = (declined.folder / "pkg/a.py").read_text()
    assert "out.append(x * 2)" in text and text.count("np.asarray") == 2
    assert "DL102 iloc-arithmetic: declined in a review" in done.stderr


def test_the_diff_is_what_would_be_written(declined: Repo) -> None:
    done = declined.fix(".")
    assert done.returncode == 1
    assert FIRST not in done.stdout and SECOND in done.stdout
    assert FIRST in declined.fix("--declined", ".").stdout


def test_a_branch_leaves_it_out(declined: Repo) -> None:
    done = declined.fix("--branch", "faster", ".")
    assert done.returncode == 0, done.stderr
    assert "2 proposals in 1 file, committed on branch faster (2 commits)." in done.stderr
    assert "1 declined in a review (--declined)" in done.stderr
    assert FIRST not in declined.git("show", "faster:pkg/a.py")
    assert declined.fix("--branch", "all", "--declined", ".").returncode == 0
    assert FIRST in declined.git("show", "all:pkg/a.py")


def test_patches_leave_it_out(declined: Repo) -> None:
    done = declined.fix("--patch-dir", "out", ".")
    assert "2 patch files in out" in done.stderr and "1 declined in a review" in done.stderr


def test_nothing_is_pending_where_all_was_declined(repo: Repo, start: Start) -> None:  # noqa: F811
    (repo.folder / "pyproject.toml").write_text("[tool.deloop]\n")
    decline(repo, start, "d")
    done = repo.fix(".")
    assert (done.returncode, done.out) == (0, b"")
    assert "No proposals.\n  3 declined in a review (--declined)" in done.stderr


def test_modernize_leaves_it_out(repo: Repo) -> None:
    repo.write("old.py", "import numpy as np\n\nx = np.float(1)\n")
    first = toy.call(["modernize", "old.py"], repo.folder, repo.env)
    assert first.returncode == 1 and "+x = float(1)" in first.stdout, first.stderr
    digest = next(iter(_keys(repo, "old.py")))
    assert Answers(repo.folder).decline([digest])
    left = toy.call(["modernize", "--write", "old.py"], repo.folder, repo.env)
    assert left.returncode == 0 and "1 declined in a review (--declined)" in left.stderr
    assert "np.float" in (repo.folder / "old.py").read_text()
    done = toy.call(["modernize", "--write", "--declined", "old.py"], repo.folder, repo.env)
    assert "1 proposal in 1 file, written." in done.stderr


def _keys(repo: Repo, name: str) -> list[Key]:
    from deloop.proposals.answers import keyed
    from deloop.proposals.gather import Job
    from deloop.proposals.modern import modernised

    drafts, _ = modernised(Job([repo.folder / name], root=repo.folder), lambda *_: None)
    (draft,) = drafts
    return [key for key, _ in keyed([step.proposal for step in draft.steps], draft.original.text, name)]


# ---- loops that are alike

ONE = Key("a.py", "f", "DL201", "text")
OTHER = Key("a.py", "f", "DL201", "text", 1)


def test_of_two_alike_the_one_that_was_declined(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    answers = Answers(tmp_path)
    assert answers.among([ONE, OTHER], frozenset({ONE})) == {ONE}
    assert answers.among([ONE, OTHER], frozenset({OTHER})) == {OTHER}
    assert answers.among([ONE], frozenset({OTHER})) == {ONE}, "the first was rewritten; what is left is the second"
    assert answers.among([ONE], frozenset({Key("a.py", "g", "DL201", "text")})) == frozenset()


def test_another_rule_is_another_question_but_the_same_loop(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    answers, vector = Answers(tmp_path), Key("a.py", "f", "DL102", "text")
    assert answers.among([vector], frozenset({ONE})) == frozenset()
    assert answers.among([vector], frozenset({ONE}), by_rule=False) == {vector}
    edit, loop = Key("a.py", "f", "DL901", "text"), frozenset({ONE})
    assert answers.among([edit], loop, by_rule=False) == frozenset(), "a statement is no loop"


TWINS = """\
def f(xs):
    out = []
    for x in xs:
        out.append(x * 2)
    g(out)
    out = []
    for x in xs:
        out.append(x * 2)
    return out
"""


def test_twins(repo: Repo, start: Start) -> None:  # noqa: F811
    """Once the first is rewritten, the second is the first of its kind: it stays declined."""
    (repo.folder / "pyproject.toml").write_text("[tool.deloop]\n")
    repo.write("pkg/a.py", TWINS)
    decline(repo, start, "s", "n", "q")
    for _ in range(2):
        assert repo.fix("--write", "pkg").returncode == 0
        assert (repo.folder / "pkg/a.py").read_text() == TWINS.replace(
            "    out = []\n    for x in xs:\n        out.append(x * 2)\n    g", f"    out = {FIRST}\n    g"
        )
