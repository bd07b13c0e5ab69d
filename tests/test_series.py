"""The proposals of a file as commits, each of which can be taken back alone: the weave, the plan, and git itself."""

import ast
import builtins
import json
import os
import subprocess
import textwrap
from itertools import pairwise
from pathlib import Path

import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st

from deloop.proposals import judge
from deloop.proposals.gather import Job
from deloop.proposals.messages import message, subject
from deloop.proposals.model import Policy
from deloop.proposals.propose import Draft
from deloop.proposals.series import Commit, Per, series
from deloop.proposals.weave import text_with, weave
from deloop.proposals.workflow import fixed

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"\n"]), max_size=8)


# ---- the weave


@given(LINES, st.lists(LINES, min_size=1, max_size=4))
def test_a_weave_holds_both_ends(before: list[bytes], states: list[list[bytes]]) -> None:
    texts = [b"".join(state) for state in states]
    regions = weave(b"".join(before), texts)
    assert text_with(regions, lambda _: False) == b"".join(before)
    assert text_with(regions, lambda _: True) == texts[-1]
    for one, other in pairwise(regions):
        assert not (one.owners and other.owners), "changes that touch share a region"
    assert all(region.owners or region.old == region.new for region in regions)


def test_changes_apart_are_taken_back_one_by_one() -> None:
    text = b"".join(b"%d\n" % k for k in range(9))
    one = text.replace(b"1\n", b"x\ny\n")
    both = one.replace(b"7\n", b"")
    regions = weave(text, [one, both])
    assert text_with(regions, lambda r: 1 in r.owners) == text.replace(b"7\n", b"")
    assert text_with(regions, lambda r: 0 in r.owners) == one


def test_changes_that_touch_are_one() -> None:
    regions = weave(b"1\n2\n3\n4\n", [b"1\nx\n3\n4\n", b"1\nx\ny\n4\n"])
    assert [sorted(region.owners) for region in regions] == [[], [0, 1], []]
    apart = weave(b"1\n2\n3\n4\n5\n", [b"1\nx\n3\n4\n5\n", b"1\nx\n3\ny\n5\n"])
    assert [sorted(region.owners) for region in apart] == [[], [0], [], [1], []]


# ---- the plan


def drafts_of(folder: Path, files: dict[str, str], patch: pytest.MonkeyPatch, unsafe: bool) -> list[Draft]:
    """What deloop's own rules propose, every form taken for right."""
    for name, text in files.items():
        (folder / name).write_text(textwrap.dedent(text).lstrip("\n"))
    patch.setattr(judge, "verify", toy.Verifier())
    patch.chdir(folder)
    drafts, _ = fixed(Job([folder], policy=Policy(unsafe=unsafe)), lambda *_: None)
    return drafts


ROWS = """
    import pandas as pd

    TOTAL = 0


    def fees(df):
        out = []
        for _, row in df.iterrows():
            out.append(row["price"] * 2)
        return out


    def levels(df):
        found = []
        for i in range(len(df)):
            found.append(df["a"].iloc[i] if df["a"].iloc[i] > df["b"].iloc[i] else 0.5)
        return found


    def labels(df):
        out = []
        for _, row in df.iterrows():
            try:
                out.append(int(row["label"]))
            except ValueError:
                out.append(row["label"])
        return out


    def limits(df):
        out = []
        for i in range(len(df)):
            if df["low"].iloc[i] > 0:
                out.append(df["low"].iloc[i] - 1)
            else:
                out.append(df["high"].iloc[i])
        return out
    """


def missing(text: str) -> set[str]:
    """Names that are read and bound nowhere in the file."""
    tree = ast.parse(text)
    read, bound = set(), set(dir(builtins))
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.Name(id=name):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                bound.add(name)
            case ast.arg(arg=name):
                bound.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                bound |= {(one.asname or one.name).partition(".")[0] for one in names}
    return read - bound


def git(folder: Path, *words: str, text: str | None = None) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
        "GIT_AUTHOR_NAME": "Someone",
        "GIT_AUTHOR_EMAIL": "someone@example.org",
        "GIT_COMMITTER_NAME": "Someone",
        "GIT_COMMITTER_EMAIL": "someone@example.org",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    done = subprocess.run(["git", *words], cwd=folder, env=env, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def committed(folder: Path, drafts: list[Draft], commits: list[Commit]) -> list[tuple[str, Commit]]:
    """The series in a repository of its own: the names of the commits."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "Start")
    made = []
    for commit in commits:
        for name, data in commit.files.items():
            (folder / name).write_bytes(data)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--file=-", text=message(commit))
        made.append((git(folder, "rev-parse", "HEAD").strip(), commit))
        for name in commit.files:
            assert missing((folder / name).read_text()) == set(), f"{subject(commit)} stands on its own feet"
    for draft in drafts:
        assert (folder / draft.name).read_bytes() == draft.current.data
    return made


def assert_each_can_be_reverted(folder: Path, made: list[tuple[str, Commit]]) -> None:
    for name, commit in made:
        git(folder, "revert", "--no-edit", name)
        for file in commit.files:
            text = (folder / file).read_text()
            compile(text, file, "exec")
            assert missing(text) == set(), f"{file} without {subject(commit)}"
        git(folder, "reset", "--quiet", "--hard", "HEAD~1")


@pytest.mark.parametrize(("unsafe", "shared"), [(False, "_columns_as_read"), (True, "np")])
def test_every_commit_can_be_reverted_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unsafe: bool, shared: str
) -> None:
    drafts = drafts_of(tmp_path, {"a.py": ROWS}, monkeypatch, unsafe)
    commits = series(drafts, Per.PROPOSAL)
    (together,) = [commit for commit in commits if commit.shared]
    functions = {p.finding.function for p in together.proposals}
    assert together.shared == [shared] and len(functions) >= 2
    assert len(commits) == 1 + 4 - len(functions), "all other loops are commits of their own"
    told = " ".join(message(together).split())
    assert f"One commit, because {len(together.proposals)} rewrites share what comes with them: {shared}." in told
    assert_each_can_be_reverted(tmp_path, committed(tmp_path, drafts, commits))


def test_what_is_there_already_joins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ROWS.replace("import pandas", "import numpy as np\n    import pandas")
    drafts = drafts_of(tmp_path, {"a.py": text}, monkeypatch, True)
    commits = series(drafts, Per.PROPOSAL)
    assert [len(commit.proposals) for commit in commits] == [1, 1, 1, 1]
    assert_each_can_be_reverted(tmp_path, committed(tmp_path, drafts, commits))


NUMBERS = """
    import numpy as np


    def scaled(df):
        out = []
        for i in range(len(df)):
            out.append(df["price"].iloc[i] * 2)
        return out


    def shifted(xs):
        out = []
        for x in xs:
            out.append(str(x) + "!")
        return out
    """


def test_one_commit_a_rule_where_files_have_the_rules_in_another_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file holds the rewrites of all commits so far, whichever came first in it."""
    head, one, other = textwrap.dedent(NUMBERS).strip("\n").split("\n\n\n")
    turned = "\n\n\n".join((head, other, one)) + "\n"
    drafts = drafts_of(tmp_path, {"a.py": NUMBERS, "b.py": turned}, monkeypatch, True)
    first, second = series(drafts, Per.RULE)
    assert [len(first.proposals), len(second.proposals)] == [2, 2]
    assert {p.form.rule.code for p in first.proposals} != {p.form.rule.code for p in second.proposals}
    made = committed(tmp_path, drafts, [first, second])
    for name in ("a.py", "b.py"):
        lines = git(tmp_path, "show", f"{made[0][0]}:{name}").count("out.append")
        assert lines == 1, "the first commit has one of the two rewrites of each file"
    assert_each_can_be_reverted(tmp_path, made)


@pytest.mark.parametrize("per", [Per.FILE, Per.RULE, Per.ALL])
def test_other_sizes_of_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, per: Per) -> None:
    drafts = drafts_of(tmp_path, {"a.py": ROWS, "b.py": ROWS}, monkeypatch, True)
    commits = series(drafts, per)
    rules = {step.proposal.form.rule.code for draft in drafts for step in draft.steps}
    assert len(rules) > 1
    assert len(commits) == {Per.FILE: 2, Per.RULE: len(rules), Per.ALL: 1}[per]
    assert sum(len(commit.proposals) for commit in commits) == 8
    assert_each_can_be_reverted(tmp_path, committed(tmp_path, drafts, commits))


def test_what_one_alone_needs_comes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = drafts_of(tmp_path, {"a.py": ROWS[: ROWS.index("    def levels")]}, monkeypatch, False)
    (commit,) = series(drafts, Per.PROPOSAL)
    assert commit.proposals and not commit.shared
    assert b"def _columns_as_read" in commit.files["a.py"]


def test_a_notebook_is_one_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cell(source: str) -> dict[str, object]:
        lines = source.splitlines(keepends=True)
        return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": lines}

    head, *functions = textwrap.dedent(ROWS).strip("\n").split("\n\n\n")
    cells = [cell(source) for source in (head, *functions)]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    drafts = drafts_of(tmp_path, {"n.ipynb": json.dumps(document, indent=1) + "\n"}, monkeypatch, True)
    (commit,) = series(drafts, Per.PROPOSAL)
    assert len(commit.proposals) == 4 and commit.files == {"n.ipynb": drafts[0].current.data}
    assert "import numpy as np" in drafts[0].current.text


NESTED = """
    def f(df):
        first = []
        for i in range(len(df)):
            first.append(df["a"].iloc[i] * 2)
        second = []
        for x in first:
            second.append(x + 1)
        return second


    def g(xs):
        out = []
        for x in xs:
            out.append(x + 1)
        return out
    """


def test_neighbours_and_what_follows_from_another_are_one_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = drafts_of(tmp_path, {"a.py": NESTED}, monkeypatch, True)
    commits = series(drafts, Per.PROPOSAL)
    assert [sorted({p.finding.function for p in commit.proposals}) for commit in commits] == [["f"], ["g"]]
    assert len(commits[0].proposals) == 2
    text = message(commits[0])
    assert text.startswith("Rewrite 2 slow loops in a.py\n\n") or text.split("\n")[0].endswith(": 2 loops in a.py")
    assert text.count("Evidence: ") == text.count("Speed-up: ") == text.count("Tier: ") == 2
    assert_each_can_be_reverted(tmp_path, committed(tmp_path, drafts, commits))
