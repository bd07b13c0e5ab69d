"""`fix --branch`: commits on a new branch, and nothing else in the repository has moved, whatever happens."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import toy

TOY = Path(__file__).parent / "toy.py"
SOURCE = """\
def first(xs):
    out = []
    for x in xs:
        out.append(x * 2)
    return out


def second(xs):
    out = []
    for x in xs:
        out.append(x + 3)
    return out
"""


class Repo:
    """A repository in a temporary folder, and what must not change in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scratch = folder.parent / "scratch"
        self.scratch.mkdir()
        folder.mkdir()
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "TMPDIR": str(self.scratch),
        }
        for key, value in (("user.name", "Someone"), ("user.email", "someone@example.org")):
            self.env |= {
                f"GIT_CONFIG_KEY_{key == 'user.email':d}": key,
                f"GIT_CONFIG_VALUE_{key == 'user.email':d}": value,
                "GIT_CONFIG_COUNT": "2",
            }
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=self.folder, env=self.env, capture_output=True, text=True, check=True
        ).stdout

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def commit(self, message: str = "Start") -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)

    def hook(self, name: str, script: str) -> None:
        file = self.folder / ".git" / "hooks" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(TOY), "fix", *words]

    def fix(self, *words: str) -> toy.Done:
        return toy.call(["fix", *words], self.folder, self.env)

    def state(self) -> dict[str, object]:
        """All that a failure must leave as it was: refs, worktrees, index, status, files, temporary folders."""
        index = self.folder / ".git" / "index"
        return {
            "refs": self.git("for-each-ref"),
            "head": (self.folder / ".git" / "HEAD").read_text(),
            "worktrees": self.git("worktree", "list"),
            "index": index.read_bytes() if index.exists() else b"",
            "files": {p: p.read_bytes() for p in self.folder.rglob("*") if p.is_file() and ".git" not in p.parts},
            "scratch": list(self.scratch.iterdir()),
        }


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.write("pkg/a.py", SOURCE)
    made.write("pkg/plain.py", "x = 1\n")
    made.commit()
    return made


def test_one_commit_a_proposal_with_the_evidence_in_its_message(repo: Repo) -> None:
    repo.write("pkg/a.py", f"import numpy as np\n\n\n{SOURCE}")
    repo.commit()
    done = repo.fix("--branch", "faster", "--unsafe", "pkg")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "2 proposals in 1 file, committed on branch faster (2 commits)." in done.stderr
    subjects = repo.git("log", "--format=%s", "main..faster").splitlines()
    assert subjects == ["DL102 iloc-arithmetic in a.py"] * 2
    message = repo.git("log", "-1", "--format=%B", "faster~1")
    for line in (
        "Where: pkg/a.py:6, first",
        "Rule: DL102 iloc-arithmetic (medium)",
        "Tier: vector (no Python loop left)",
        "Evidence: verified on 84 inputs (4 where both raise)",
        "Inputs: empty, one row",
        "Versions: NumPy 2",
        "Speed-up: 1.2x at 50, 38x at 20,000",
        "- no-overflow: integer results fit in 64 bits (a loop over Python ints never overflows): xs",
    ):
        assert line in message.splitlines()
    assert repo.git("show", "--format=", "--stat", "faster").strip().startswith("pkg/a.py |")
    assert "x + 3" in repo.git("show", "faster~1:pkg/a.py"), "the first commit has the first proposal alone"


def test_those_that_share_an_import_are_one_commit_which_says_so(repo: Repo) -> None:
    """Reverting an import that came in a commit of its own would leave names that nothing binds."""
    done = repo.fix("--branch", "faster", "--unsafe", "pkg")
    assert "2 proposals in 1 file, committed on branch faster (1 commit)." in done.stderr
    message = repo.git("log", "-1", "--format=%B", "faster")
    assert message.startswith("DL102 iloc-arithmetic: 2 loops in a.py\n\nOne commit, because 2 rewrites share what")
    assert "comes with them: np. " in " ".join(message.split())
    repo.git("switch", "--quiet", "faster")
    repo.git("revert", "--no-edit", "HEAD")
    assert repo.git("show", "HEAD:pkg/a.py") == SOURCE


def test_dirty_checkout_index_and_untracked_files_stay(repo: Repo) -> None:
    repo.write("pkg/staged.py", SOURCE)
    repo.git("add", "pkg/staged.py")
    repo.write("pkg/untracked.py", SOURCE)
    repo.write("pkg/plain.py", "x = 2\n")
    repo.write("pkg/a.py", SOURCE.replace("x * 2", "x * 5"))
    before = repo.state()
    done = repo.fix("--branch", "faster", ".")
    assert done.returncode == 0, done.stderr
    assert "pkg/a.py: has uncommitted changes; the branch works on its last commit" in done.stderr
    after = repo.state()
    assert {key: before[key] for key in before if key != "refs"} == {key: after[key] for key in after if key != "refs"}
    assert repo.git("diff", "--name-only", "main", "faster").split() == ["pkg/a.py"]
    assert "x * 2 for x in xs" in repo.git("show", "faster:pkg/a.py")


def test_from_inside_a_folder_and_with_absolute_paths(repo: Repo) -> None:
    done = repo.fix("--branch", "faster", str(repo.folder / "pkg" / "a.py"))
    assert done.returncode == 0, done.stderr
    assert repo.git("rev-list", "--count", "main..faster").strip() == "2"


def test_detached_head_is_a_place_to_branch_from(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "--detach")
    assert repo.fix("--branch", "faster", ".").returncode == 0
    assert repo.git("rev-list", "--count", "HEAD..faster").strip() == "2"


def test_settings_of_the_project_hold_for_the_branch(repo: Repo) -> None:
    repo.write("pyproject.toml", '[tool.deloop]\nassume = ["no-overflow"]\n')
    repo.commit()
    done = repo.fix("--branch", "faster", ".")
    assert done.returncode == 0, done.stderr
    assert "np.asarray" in repo.git("show", "faster:pkg/a.py")


def test_other_worktrees_stay_known_where_their_folder_is_not_there(repo: Repo, tmp_path: Path) -> None:
    """One on a disk that is not mounted, say."""
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "far"))
    (tmp_path / "far").rename(tmp_path / "away")
    assert repo.fix("--branch", "faster", ".").returncode == 0
    (tmp_path / "away").rename(tmp_path / "far")
    assert "prunable" not in repo.git("worktree", "list")
    assert repo.git("worktree", "list").count("\n") == 2


def test_nothing_to_do_makes_no_branch(repo: Repo) -> None:
    before = repo.state()
    done = repo.fix("--branch", "faster", "pkg/plain.py")
    assert (done.returncode, done.stderr) == (0, "No proposals.\n")
    assert repo.state() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--branch", "main", "."), "deloop: branch `main` exists already; choose another name"),
        (("--branch", "a..b", "."), "deloop: `a..b` can't be the name of a branch"),
        (("--branch", "-x", "."), "deloop: `-x` can't be the name of a branch"),
        (("--branch", "", "."), "deloop: `` can't be the name of a branch"),
        (("--branch", "faster", "--write", "."), "deloop: --diff, --write, --branch and --patch-dir exclude one"),
        (("--branch", "faster", "no-such-folder/x.py"), "no such file or folder"),
    ],
)
def test_a_call_that_can_not_work(repo: Repo, words: tuple[str, ...], said: str) -> None:
    before = repo.state()
    done = repo.fix(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert repo.state() == before


def test_not_a_repository(tmp_path: Path, repo: Repo) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text(SOURCE)
    done = subprocess.run(
        repo.command("--branch", "faster", "."), cwd=outside, env=repo.env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "deloop: .: not in a git repository\n")


def test_no_commits_yet(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "new")
    repo.write("a.py", SOURCE)
    before = repo.state()
    done = repo.fix("--branch", "faster", ".")
    assert done.returncode == 2
    assert "no commits yet" in done.stderr
    assert repo.state() == before


def test_paths_that_are_not_in_the_last_commit_are_named_and_the_rest_is_done(repo: Repo, tmp_path: Path) -> None:
    new = repo.write("new.py", SOURCE)
    foreign = tmp_path / "foreign.py"
    foreign.write_text(SOURCE)
    done = repo.fix("--branch", "faster", "pkg/a.py", "new.py", str(foreign))
    assert done.returncode == 2
    assert "new.py: is not in the last commit (HEAD)" in done.stderr
    assert f"{foreign}: is outside the repository" in done.stderr
    assert repo.git("rev-list", "--count", "main..faster").strip() == "2"
    assert new.read_text() == SOURCE


@pytest.mark.parametrize("hook", ["pre-commit", "commit-msg", "post-checkout"])
def test_a_failing_hook_leaves_nothing_behind(repo: Repo, hook: str) -> None:
    repo.hook(hook, "echo 'no such thing today' >&2; exit 1")
    before = repo.state()
    done = repo.fix("--branch", "faster", ".")
    assert done.returncode == 2
    assert "no such thing today" in done.stderr
    assert (
        hook == "post-checkout" or "at the commit `DL201 list-comprehension in a.py`; no branch was made" in done.stderr
    )
    assert done.stderr.startswith("deloop: git ")
    assert len(done.stderr.splitlines()) == 1
    assert repo.state() == before


def test_a_hook_that_fails_at_the_second_commit_leaves_nothing_behind(repo: Repo) -> None:
    repo.hook("pre-commit", f"test ! -e {repo.folder}/.git/once && touch {repo.folder}/.git/once")
    before = repo.state()
    assert repo.fix("--branch", "faster", ".").returncode == 2
    assert repo.state() == before


def test_no_name_to_commit_with(repo: Repo) -> None:
    repo.env = {key: value for key, value in repo.env.items() if not key.startswith("GIT_CONFIG_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    repo.git("config", "user.useConfigOnly", "true")
    before = repo.state()
    done = repo.fix("--branch", "faster", ".")
    assert done.returncode == 2
    assert "deloop: git commit failed" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert repo.state() == before


def interrupted(
    repo: Repo, ready: Path, *answers: object, by: signal.Signals = signal.SIGINT
) -> "subprocess.Popen[str]":
    """Press Ctrl-C in the middle: when `ready` exists."""
    env = repo.env | {"DELOOP_TOY": json.dumps(answers)}
    process = subprocess.Popen(
        repo.command("--branch", "faster", "."),
        cwd=repo.folder,
        env=env,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for _ in range(300):
        if any(repo.scratch.glob("deloop-*/pkg/a.py")) and (ready.exists() or answers):
            break
        time.sleep(0.05)
    time.sleep(1 if answers else 0.1)
    os.killpg(process.pid, by)
    return process


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
def test_ctrl_c_while_verifying(repo: Repo, by: signal.Signals) -> None:
    """Or the end of the session, or of the machine."""
    before = repo.state()
    process = interrupted(repo, repo.folder, ("x", "slow", {}), by=by)
    assert process.communicate(timeout=20)[1].count("\n") == 1
    assert process.returncode == 130
    assert repo.state() == before


def test_ctrl_c_while_committing(repo: Repo, tmp_path: Path) -> None:
    repo.hook("pre-commit", f"touch {tmp_path}/ready; sleep 5")
    before = repo.state()
    process = interrupted(repo, tmp_path / "ready")
    assert "interrupted" in process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert repo.state() == before


def test_inside_a_hook_of_another_repository(repo: Repo) -> None:
    """git sets GIT_DIR and GIT_INDEX_FILE for hooks; they must not reach the repository that is worked on."""
    repo.env |= {"GIT_DIR": str(Path(tempfile.gettempdir()) / "elsewhere"), "GIT_INDEX_FILE": "index"}
    done = repo.fix("--branch", "faster", ".")
    assert done.returncode == 0, done.stderr
    del repo.env["GIT_DIR"], repo.env["GIT_INDEX_FILE"]
    assert repo.git("rev-list", "--count", "main..faster").strip() == "2"
