"""`deloop hook`: installed, run by real git, and taken away again; the files for pre-commit and GitHub Actions."""

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import toy
from typer.main import get_command

ROOT = Path(__file__).resolve().parent.parent
LOOP = """\
def double(xs):
    out = []
    for x in xs:
        out.append(x * 2)
    return out
"""


def git(folder: Path, *words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=check)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    top = tmp_path / "a project"
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    (top / "a.py").write_text("x = 1\n")
    git(top, "add", ".")
    return top


def hook(folder: Path, *words: str) -> str:
    done = toy.call(["hook", *words], folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done.stderr


def test_it_stops_what_is_slow(repository: Path) -> None:
    said = hook(repository, "install")
    assert said == ".git/hooks/pre-commit: installed: checks what is staged before each commit\n"
    git(repository, "commit", "-q", "-m", "first")
    (repository / "a.py").write_text(LOOP)
    git(repository, "add", "a.py")
    (repository / "a.py").write_text("x = 1\n")  # what is committed is what counts
    done = git(repository, "commit", "-q", "-m", "second", check=False)
    assert done.returncode == 1
    assert "a.py:3: DL201 list-comprehension" in done.stdout + done.stderr
    assert "  3 |     for x in xs:" in done.stdout + done.stderr
    assert "git commit --no-verify" in done.stderr
    assert git(repository, "log", "--format=%s").stdout == "first\n"
    (repository / "a.py").write_text(LOOP.replace("xs:\n", "xs:  # deloop: ignore[DL201] it is short\n"))
    done = git(repository, "commit", "-q", "-a", "-m", "second")
    assert (done.stdout, done.stderr) == ("", ""), "nothing is said when all is well"
    assert hook(repository, "uninstall") == ".git/hooks/pre-commit: removed\n"
    assert not (repository / ".git/hooks/pre-commit").exists()


def test_modules_of_the_project_do_not_stand_in_for_deloops(repository: Path) -> None:
    for name in ("json", "typing", "deloop", "typer"):
        (repository / f"{name}.py").write_text("raise SystemExit('not me')\n")
    hook(repository, "install")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "first")


def test_options_of_the_check(repository: Path) -> None:
    hook(repository, "install", "--", "--since", "HEAD", "--severity", "medium")
    git(repository, "commit", "-q", "-m", "first")
    (repository / "a.py").write_text(LOOP)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "--no-verify", "-m", "second")
    (repository / "a.py").write_text(f"{LOOP}\n\nx = 1\n")
    git(repository, "commit", "-q", "-a", "-m", "third")
    assert hook(repository, "install", "--", "--select", "DL3").startswith(".git/hooks/pre-commit: written anew")
    assert "--severity" not in (repository / ".git/hooks/pre-commit").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("install", "--", "--sevrity", "high"), "hook install: No such option: --sevrity"),
        (("install", "--", "--severity", "huge"), "hook install: Invalid value for"),
        (("install", "--", "src"), "hook install: the hook checks what is staged: leave out paths"),
        (("install", "--", "--help"), "hook install: --help is no option for a hook"),
        (("uninstall", "--", "--quiet"), "hook uninstall takes no options"),
    ],
)
def test_options_that_would_stop_every_commit(repository: Path, words: tuple[str, ...], said: str) -> None:
    done = toy.call(["hook", *words], repository)
    assert done.returncode == 2
    assert done.stderr.startswith(f"deloop: {said}")
    assert not (repository / ".git/hooks/pre-commit").exists()


def existing(folder: Path, text: str, mode: int = 0o755) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "pre-commit"
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("status", [0, 3])
def test_a_hook_that_is_there_runs_first(repository: Path, status: int) -> None:
    text = f"#!/bin/sh\necho before >>ran\nexit {status}\n"
    path = existing(repository / ".git" / "hooks", text, 0o751)
    assert hook(repository, "install").endswith("before each commit; the hook that was there runs first\n")
    assert hook(repository, "install").endswith(
        "written anew: checks what is staged before each commit; the hook that was there runs first\n"
    )
    (repository / "a.py").write_text(LOOP)
    done = git(repository, "commit", "-q", "-a", "-m", "x", check=False)
    assert done.returncode == 1
    assert (repository / "ran").read_text() == "before\n"
    assert ("a.py:3" in done.stdout + done.stderr) is (status == 0)
    assert hook(repository, "uninstall") == ".git/hooks/pre-commit: the hook that was there before is back\n"
    assert path.read_text() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert [one.name for one in path.parent.iterdir() if not one.name.endswith(".sample")] == ["pre-commit"]


def test_a_hook_that_git_ignores_and_one_that_is_a_link(repository: Path) -> None:
    path = existing(repository / ".git" / "hooks", "#!/bin/sh\nexit 1\n", 0o644)
    hook(repository, "install")
    git(repository, "commit", "-q", "-m", "first")
    hook(repository, "uninstall")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.unlink()
    (repository / "mine.sh").write_text("#!/bin/sh\n")
    path.symlink_to("../../mine.sh")
    hook(repository, "install")
    assert not path.is_symlink()
    assert (repository / "mine.sh").read_text() == "#!/bin/sh\n"
    hook(repository, "uninstall")
    assert os.readlink(path) == "../../mine.sh"


def test_hooks_in_another_folder(repository: Path) -> None:
    git(repository, "config", "core.hooksPath", "tools/hooks")
    inner = repository / "inner"
    inner.mkdir()
    hook(inner, "install")
    assert os.access(repository / "tools" / "hooks" / "pre-commit", os.X_OK)
    assert not (repository / ".git" / "hooks" / "pre-commit").exists()
    (repository / "a.py").write_text(LOOP)
    assert git(repository, "commit", "-q", "-a", "-m", "x", check=False).returncode == 1
    hook(repository, "uninstall")


def test_hooks_that_other_repositories_share_are_left_alone(repository: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    git(repository, "config", "core.hooksPath", str(shared))
    done = toy.call(["hook", "install"], repository)
    assert done.returncode == 2
    assert f"core.hooksPath is {shared}, outside of this repository" in done.stderr
    assert list(shared.iterdir()) == []


def test_a_second_worktree_shares_the_hook(repository: Path, tmp_path: Path) -> None:
    git(repository, "commit", "-q", "-m", "first")
    other = tmp_path / "other"
    git(repository, "worktree", "add", "-q", str(other))
    hook(other, "install")
    (other / "a.py").write_text(LOOP)
    done = git(other, "commit", "-q", "-a", "-m", "x", check=False)
    assert done.returncode == 1
    assert "a.py:3" in done.stdout + done.stderr
    hook(repository, "uninstall")
    assert git(other, "commit", "-q", "-a", "-m", "x").returncode == 0


def test_hooks_of_others_are_not_removed(repository: Path) -> None:
    assert hook(repository, "uninstall") == ".git/hooks/pre-commit: no hook of deloop's is installed\n"
    path = existing(repository / ".git" / "hooks", "#!/bin/sh\n")
    done = toy.call(["hook", "uninstall"], repository)
    assert done.returncode == 2
    assert "is not the hook that deloop wrote; left alone" in done.stderr
    assert path.read_text() == "#!/bin/sh\n"
    hook(repository, "install")
    existing(path.parent, "#!/bin/sh\n# written by something else since\n")
    done = toy.call(["hook", "install"], repository)
    assert done.returncode == 2
    assert "pre-commit.before-deloop beside it is taken" in done.stderr
    assert "something else" in path.read_text()


def test_outside_git(tmp_path: Path) -> None:
    done = toy.call(["hook", "install"], tmp_path)
    assert done.returncode == 2
    assert "not in a git repository" in done.stderr


# ---- pre-commit, GitHub Actions


def entries() -> list[list[str]]:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    return [line.split(":", 1)[1].split() for line in text.splitlines() if line.strip().startswith("entry:")]


def test_the_hooks_for_pre_commit_call_commands_that_exist() -> None:
    from deloop.cli import app

    known = get_command(app).commands  # type: ignore[attr-defined]
    assert [words[:2] for words in entries()] == [["deloop", "check"], ["deloop", "fix"]]
    for _, name, *options in entries():
        assert set(options) <= {option for parameter in known[name].params for option in parameter.opts}


@pytest.mark.parametrize(("number", "status"), [(0, 1), (1, 0)])
def test_the_hooks_for_pre_commit_do_their_work(tmp_path: Path, number: int, status: int) -> None:
    (tmp_path / "a.py").write_text(LOOP)
    (tmp_path / "gen.py").write_text(LOOP)
    (tmp_path / "pyproject.toml").write_text('[tool.deloop]\nexclude = ["gen.py"]\n')
    done = toy.call([*entries()[number][1:], "a.py", "gen.py"], tmp_path)
    assert done.returncode == status
    assert "gen.py" not in done.stdout + done.stderr
    assert (tmp_path / "gen.py").read_text() == LOOP
    assert ((tmp_path / "a.py").read_text() != LOOP) is (number == 1)


def test_the_hooks_in_pre_commit_itself(tmp_path: Path, repository: Path) -> None:
    """With the real pre-commit, where it is installed; the environment of the tests stands in for one of its own."""
    beside = os.path.dirname(sys.executable)
    program = shutil.which("pre-commit", path=os.pathsep.join([beside, os.environ["PATH"]]))
    if program is None:
        pytest.skip("needs pre-commit")
    source = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    local = source.replace("language: python", "language: system").replace("deloop ", f"{sys.executable} -m deloop ")
    local = "\n".join(f"  {line}" for line in local.splitlines() if not line.startswith("#"))
    (repository / ".pre-commit-config.yaml").write_text(f"repos:\n- repo: local\n  hooks:\n{local}\n")
    (repository / "a.py").write_text(LOOP)
    git(repository, "add", ".")
    words = [program, "run", "deloop-check"]
    environment = os.environ | {"PRE_COMMIT_HOME": str(tmp_path / "home")}
    done = subprocess.run(words, cwd=repository, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "a.py:3: DL201" in done.stdout


def run_action(folder: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    """The last step of the action, as GitHub runs it: bash, with the inputs in the environment."""
    yaml = pytest.importorskip("yaml")
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert action["runs"]["using"] == "composite"
    step = action["runs"]["steps"][-1]
    given = {name: one["default"] for name, one in action["inputs"].items()} | inputs
    assert set(given) == set(action["inputs"])
    programs = folder.parent / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "deloop").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m deloop "$@"\n')
    (programs / "deloop").chmod(0o755)
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": "summary.md"}
    for variable, value in step["env"].items():
        name = value.removeprefix("${{ inputs.").removesuffix(" }}")
        environment[variable] = given[name]
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_action(repository: Path) -> None:
    (repository / "a.py").write_text(LOOP)
    done = run_action(repository, **{"sarif-file": "out.sarif"})
    assert done.returncode == 1
    assert done.stdout.startswith("::warning title=deloop DL201 list-comprehension,file=a.py,line=3,")
    assert '"version": "2.1.0"' in (repository / "out.sarif").read_text()
    assert (repository / "summary.md").read_text().startswith("## deloop: 1 slow loop in 1 file (1 medium).\n")
    assert run_action(repository, fail="false", summary="false").returncode == 0
    assert run_action(repository, options="--select DL3 --severity high", summary="false").returncode == 0
    assert run_action(repository, paths="missing a.py", fail="false", summary="false").returncode == 2
    assert run_action(repository, paths="$(touch evil) `touch evil` ; touch evil *").returncode == 2
    assert not (repository / "evil").exists()


def test_the_documentation_names_hooks_and_inputs_that_exist() -> None:
    text = (ROOT / "docs" / "linter.md").read_text(encoding="utf-8")
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    named = re.findall(r"- id: (\S+)", text)
    assert named
    assert set(named) <= set(re.findall(r"^- id: (\S+)", hooks, re.MULTILINE))
    action = (ROOT / "action.yml").read_text(encoding="utf-8")
    inputs = set(re.findall(r"^  ([a-z-]+):\n    description", action, re.MULTILINE))
    step = text.partition("uses: OWNER/deloop")[2].partition("- uses")[0]
    assert set(re.findall(r"^    ([a-z-]+):", step, re.MULTILINE)) <= inputs
    assert "    paths:" in step
