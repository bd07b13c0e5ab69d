"""What `check` looks at: stdin, staged files, what changed since a revision; lists and counts; evidence of old runs."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import toy

LOOP = """\
def double(xs):
    out = []
    for x in xs:
        out.append(x * 2)
    return out
"""
OTHER = LOOP.replace("double", "triple").replace("2", "3")


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.py").write_text(f"{LOOP}\n\n{OTHER}")
    (tmp_path / "b.py").write_text(LOOP)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def lines(folder: Path, *words: str) -> list[str]:
    done = toy.call(["check", "--output-format", "json", *words], folder)
    assert done.returncode in (0, 1), done.stderr
    return [f"{row['file']}:{row['line']}" for row in json.loads(done.stdout)["findings"]]


# ---- since


def test_nothing_changed(repository: Path) -> None:
    assert lines(repository) == ["a.py:3", "a.py:10", "b.py:3"]
    assert lines(repository, "--since", "HEAD") == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("x * 3", "x * 4", ["a.py:10"]),
        ("        out.append(x * 3)\n", "        # more\n        out.append(x * 3)\n", ["a.py:10"]),
        ("def triple", "\n\n\ndef triple", []),
        ("def double(xs):\n", "def double(xs):\n    # more\n", []),
        (
            "    for x in xs:\n        out.append(x * 3)",
            "    for x in xs:\n        out.append(x * 3)  # more",
            ["a.py:10"],
        ),
    ],
)
def test_only_loops_with_a_changed_line(repository: Path, old: str, new: str, found: list[str]) -> None:
    text = (repository / "a.py").read_text()
    (repository / "a.py").write_text(text.replace(old, new))
    assert lines(repository, "--since", "HEAD") == found
    git(repository, "commit", "-q", "-a", "-m", "second")
    assert lines(repository, "--since", "HEAD~1") == found
    assert lines(repository, "--since", "HEAD") == []


def test_a_line_that_went_from_a_loop(repository: Path) -> None:
    (repository / "a.py").write_text(LOOP.replace("        out.append", "        # one\n        out.append"))
    git(repository, "commit", "-q", "-a", "-m", "second")
    (repository / "a.py").write_text(LOOP)
    assert lines(repository, "--since", "HEAD") == ["a.py:3"]


def test_new_files_count_whole_and_moved_ones_not(repository: Path) -> None:
    (repository / 'new ä\t".py').write_text(LOOP)
    (repository / "also.py").write_text("x = 1\n\n\n" + OTHER)
    git(repository, "add", "also.py")
    git(repository, "mv", "b.py", "moved.py")
    (repository / ".gitignore").write_text("ignored.py\n")
    (repository / "ignored.py").write_text(LOOP)
    found = lines(repository, "--since", "HEAD", ".")
    assert sorted(found) == ["also.py:6", 'new ä\t".py:3']


def test_what_others_did_since_is_not_ours(repository: Path) -> None:
    git(repository, "switch", "-q", "-c", "ours")
    (repository / "c.py").write_text(LOOP)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "ours")
    git(repository, "switch", "-q", "main")
    (repository / "b.py").write_text(OTHER)
    git(repository, "commit", "-q", "-a", "-m", "theirs")
    git(repository, "switch", "-q", "ours")
    assert lines(repository, "--since", "main") == ["c.py:3"]


def test_odd_contents_of_a_diff_are_no_headers(repository: Path) -> None:
    text = (repository / "a.py").read_text()
    (repository / "a.py").write_bytes(b'"""\n++ b/b.py\n@@ -1 +3 @@\n\x0c--\n"""\n' + text.encode()[:-1])
    assert lines(repository, "--since", "HEAD") == []


def test_a_folder_below_the_top(repository: Path) -> None:
    inner = repository / "inner"
    inner.mkdir()
    (inner / "c.py").write_text(LOOP)
    assert lines(inner, "--since", "HEAD") == ["c.py:3"]


@pytest.mark.parametrize("revision", ["nonsense", "--cached", ""])
def test_a_revision_that_is_none(repository: Path, revision: str) -> None:
    done = toy.call(["check", f"--since={revision}"], repository)
    assert done.returncode == 2
    assert done.stderr.startswith(f"deloop: --since: `{revision}` is no revision of ")


def test_outside_git(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(LOOP)
    done = toy.call(["check", "--since", "HEAD"], tmp_path)
    assert done.returncode == 2
    assert "not in a git repository" in done.stderr


# ---- staged


def test_staged_files_as_they_are_staged(repository: Path) -> None:
    (repository / "a.py").write_text("x = 1\n\n\n" + LOOP)
    git(repository, "add", "a.py")
    (repository / "a.py").write_text("x = 1\n")  # only on disk
    (repository / "b.py").write_text(OTHER)  # not staged
    (repository / "notes.txt").write_text("for x in y:\n")
    git(repository, "add", "notes.txt")
    assert lines(repository, "--staged") == ["a.py:6"]
    done = toy.call(["check", "--staged"], repository)
    assert "  6 |     for x in xs:" in done.stdout.splitlines(), "the code shown is what is staged"


def test_staged_and_gone_from_disk_or_only_renamed(repository: Path) -> None:
    (repository / "c.py").write_text(LOOP)
    git(repository, "add", "c.py")
    (repository / "c.py").unlink()
    git(repository, "rm", "-q", "b.py")
    assert lines(repository, "--staged") == ["c.py:3"]


def test_staged_below_some_paths(repository: Path) -> None:
    for name in ("one", "two"):
        (repository / name).mkdir()
        (repository / name / "c.py").write_text(LOOP)
    git(repository, "add", ".")
    assert lines(repository, "--staged", "two") == ["two/c.py:3"]
    assert lines(repository / "one", "--staged") == ["c.py:3"]


def test_staged_changes_since(repository: Path) -> None:
    text = (repository / "a.py").read_text()
    (repository / "a.py").write_text(text.replace("x * 3", "x * 4"))
    git(repository, "add", ".")
    (repository / "a.py").write_text(text.replace("x * 2", "x * 4"))
    assert lines(repository, "--staged", "--since", "HEAD") == ["a.py:10"]


def test_the_index_that_git_works_with_in_a_hook(repository: Path) -> None:
    (repository / "b.py").write_text(OTHER)
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n'{sys.executable}' -m deloop check --staged --output-format concise >seen\n")
    hook.chmod(0o755)
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-a", "-m", "x"],
        cwd=repository,
        check=False,
    )
    assert (repository / "seen").read_text().startswith("b.py:3: DL201")


@pytest.mark.parametrize("words", [("--staged",), ("--since", "HEAD")])
def test_paths_of_another_repository_are_no_silent_success(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, words: tuple[str, ...]
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "a.py").write_text(LOOP)
    done = toy.call(["check", *words, ".", str(other)], repository)
    assert done.returncode == 2
    assert done.stderr == f"deloop: {other}: is outside of {repository}; {words[0]} looks at one repository\n"
    assert toy.call(["check", *words, "missing.py"], repository).returncode == 2


# ---- stdin


def feed(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, *words: str) -> toy.Done:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    return toy.call(["check", "-", *words], folder)


def test_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = feed(tmp_path, monkeypatch, LOOP)
    assert done.returncode == 1
    assert done.stdout.splitlines()[:3] == [
        "-:3: DL102 iloc-arithmetic [medium] becomes a comprehension",
        "  2 |     out = []",
        "  3 |     for x in xs:",
    ]


def test_stdin_is_configured_as_the_file_it_stands_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "pyproject.toml").write_text('[tool.deloop]\nper-file-ignores = { "a.py" = ["DL"] }\n')
    assert feed(tmp_path, monkeypatch, LOOP, "--stdin-filename", "pkg/a.py").returncode == 0
    done = feed(tmp_path, monkeypatch, LOOP, "--stdin-filename", "pkg/b.py")
    assert done.returncode == 1
    assert done.stdout.startswith("pkg/b.py:3: ")


def test_stdin_that_is_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = feed(tmp_path, monkeypatch, "for x in:\n", "--stdin-filename", "a.py")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "a.py:1: syntax error: invalid syntax")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-", "a.py"), "- (stdin) goes with no other path"),
        (("-", "--staged"), "- (stdin) goes with no other path, and with neither --since nor --staged"),
        (("a.py", "--stdin-filename", "b.py"), "--stdin-filename goes with the path - (stdin) alone"),
        (("--statistics", "--output-format", "sarif"), "--statistics come as text or json, not as sarif"),
        (("--show-fixes", "--output-format", "json"), "--show-fixes is a list for people; json says of each loop"),
        (("--write-baseline", "--staged"), "--write-baseline looks at whole files"),
        (("--accept-new",), "--accept-new goes with --write-baseline"),
        (("--write-baseline", "old.json"), "old.json: the file of a baseline goes with --baseline"),
    ],
)
def test_what_does_not_go_together(repository: Path, words: tuple[str, ...], said: str) -> None:
    done = toy.call(["check", *words], repository)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"deloop: {said}")


# ---- what the configuration leaves out


def test_named_files_are_looked_at_unless_one_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(LOOP)
    (tmp_path / "pyproject.toml").write_text('[tool.deloop]\nexclude = ["a.py"]\n')
    assert lines(tmp_path, "a.py") == ["a.py:3"]
    assert lines(tmp_path, "a.py", "--force-exclude") == []


def test_each_file_goes_by_the_nearest_table(tmp_path: Path) -> None:
    for name in ("one", "two", "two/gen"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(LOOP)
    (tmp_path / "pyproject.toml").write_text('[tool.deloop]\nignore = ["DL1"]\n')
    (tmp_path / "two" / "pyproject.toml").write_text('[tool.deloop]\nexclude = ["gen"]\n')
    done = toy.call(["check", "--output-format", "concise"], tmp_path)
    assert [line[:19] for line in done.stdout.splitlines()] == ["one/a.py:3: DL201 l", "two/a.py:3: DL102 i"]


def test_assumptions_of_the_nearest_table(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(LOOP)
    (tmp_path / "two" / "pyproject.toml").write_text('[tool.deloop]\nassume = ["no-overflow"]\n')
    done = toy.call(["fix"], tmp_path)
    said = [line.split(", ")[0] for line in done.stderr.splitlines()[:2]]
    assert said == [
        "one/a.py:3: DL201 list-comprehension: comprehension",
        "two/a.py:3: DL102 iloc-arithmetic: vector",
    ]


@pytest.mark.parametrize("below", [".", "inner"])
def test_a_branch_goes_by_the_settings_of_the_checkout(repository: Path, below: str) -> None:
    """Those are not committed, and the files of the branch are looked at somewhere else."""
    inner = repository / "inner"
    inner.mkdir()
    (inner / "c.py").write_text(LOOP)
    (inner / "d.py").write_text(LOOP)
    (inner / "e.py").write_text(LOOP.replace("in xs:", "in xs:  # noqa"))
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    git(repository, "config", "user.name", "a")
    git(repository, "config", "user.email", "a@b")
    (repository / "pyproject.toml").write_text('[tool.deloop]\nexclude = ["a.py", "b.py"]\n')
    (inner / "pyproject.toml").write_text('[tool.deloop]\nper-file-ignores = { "d.py" = ["DL"] }\n')
    done = toy.call(["fix", "--branch", "new", "."], repository / below)
    assert done.returncode == 0, done.stderr
    assert git(repository, "diff", "--name-only", "main", "new") == "inner/c.py\n"


def test_what_holds_for_a_file_can_be_sent_to_another_process(tmp_path: Path) -> None:
    """Where processes are not forked, they get it pickled."""
    import pickle

    from deloop.commands.app import job_of

    (tmp_path / "pyproject.toml").write_text('[tool.deloop]\nper-file-ignores = { "a.py" = ["DL1"] }\n')
    terms = job_of([tmp_path], {}).terms(tmp_path / "a.py")
    again = pickle.loads(pickle.dumps(terms))
    assert (again.wants(toy.ARRAYS), again.wants(toy.LISTS)) == (False, True)


def test_a_scaffold_knows_how_its_rewrite_is_applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from deloop.commands.app import job_of
    from deloop.proposals.scaffolds import _subject
    from deloop.proposals.workflow import fixed

    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "a.py").write_text(LOOP)
    (tmp_path / "two" / "pyproject.toml").write_text('[tool.deloop]\nassume = ["no-overflow"]\n')
    toy.install(toy.Verifier(), monkeypatch)
    monkeypatch.chdir(tmp_path)
    job = job_of(None, {})
    (draft,), _ = fixed(job, lambda *_: None)
    assert draft.steps[0].proposal.form.obligations
    assert not _subject(draft, "two/a.py", draft.steps, tmp_path, job).unsafe, "no --unsafe is needed for it"


def test_what_a_review_takes_for_safe_is_a_matter_of_the_file(tmp_path: Path) -> None:
    from types import SimpleNamespace
    from typing import Any

    from deloop.codemods.engine import Options, Project
    from deloop.equivalence.model import Verdict
    from deloop.loops.obligations import Obligation
    from deloop.proposals.judge import Judge
    from deloop.proposals.model import Policy
    from deloop.proposals.review import Review
    from deloop.proposals.terms import Terms
    from deloop.transforms.base import Rewrite, Tier

    trusting = Terms(policy=Policy(assume=frozenset({"no-overflow"})))
    judge = Judge(Project(), Options(), Policy(), local=lambda path: trusting if path.name == "a.py" else Terms())
    nothing: Any = None
    review = Review([], judge, nothing, nothing, nothing, nothing)
    form = Rewrite(toy.ARRAYS, Tier.VECTOR, (), (Obligation("no-overflow"),))
    for file, safe in (("a.py", True), ("b.py", False)):
        proposal: Any = SimpleNamespace(file=file, form=form, evidence=toy.evidence(Verdict.VERIFIED))
        assert review._is_safe(proposal) is safe


def test_severity_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(LOOP)
    (tmp_path / "pyproject.toml").write_text('[tool.deloop]\nseverity = "high"\n')
    assert lines(tmp_path) == []
    assert lines(tmp_path, "--severity", "low") == ["a.py:3"]
    assert toy.call(["fix"], tmp_path).stderr == "No proposals.\n"


# ---- lists and counts


def test_statistics(repository: Path) -> None:
    (repository / "b.py").write_text("for x in y:\n    print(x)\n")
    done = toy.call(["check", "--statistics"], repository)
    assert done.stdout.splitlines() == [
        "2  DL102  iloc-arithmetic     [2 medium]  2 fixable",
        "1  DL201  list-comprehension  [1 medium]",
    ]
    told = json.loads(toy.call(["check", "--statistics", "--output-format", "json"], repository).stdout)
    assert told["statistics"][0] == {
        "rule": "DL102",
        "name": "iloc-arithmetic",
        "count": 2,
        "fixable": 2,
        "severities": {"medium": 2},
    }


def test_show_fixes(repository: Path) -> None:
    done = toy.call(["check", "--output-format", "concise", "--show-fixes", "b.py"], repository)
    assert done.stdout.splitlines()[1:] == [
        "1 loop can be fixed:",
        "  b.py:3: DL102 becomes a comprehension: vector (unsafe: no-overflow), comprehension (safe)",
    ]
    assert toy.call(["check", "--show-fixes", "--select", "DL3"], repository).stdout == "Nothing can be fixed.\n"


def test_a_report_that_can_not_be_written(repository: Path) -> None:
    done = toy.call(["check", "--output-file", "no/such/folder"], repository)
    assert done.returncode == 2
    assert done.stderr.startswith("deloop: no/such/folder: can't be written")


# ---- what the verifier showed before


def test_measured_speed_is_shown_where_it_is_known(repository: Path) -> None:
    assert "measured" not in toy.call(["check"], repository).stdout
    toy.call(["verify", "b.py"], repository)
    shown = [line for line in toy.call(["check"], repository).stdout.splitlines() if "measured" in line]
    told = "verified on 84 inputs, 1.2x at 50, 38x at 20,000"
    assert shown == [f"    measured: vector (unsafe), {told}", f"    measured: comprehension, {told}"]
    row = json.loads(toy.call(["check", "b.py", "--output-format", "json"], repository).stdout)["findings"][0]
    assert row["measured"][0] == {
        "rule": "DL102",
        "tier": "vector",
        "verdict": "verified",
        "inputs": 84,
        "speedups": [[50, 1.2], [20000, 38.0]],
    }
    assert (
        "Measured: vector (unsafe), verified"
        in toy.call(["check", "b.py", "--output-format", "github"], repository).stdout
    )
    text = (repository / "b.py").read_text()
    (repository / "b.py").write_text("# moved\n" + text)
    assert "measured" in toy.call(["check", "b.py"], repository).stdout
    (repository / "b.py").write_text(text.replace("x * 2", "x * 5"))
    assert "measured" not in toy.call(["check", "b.py"], repository).stdout
