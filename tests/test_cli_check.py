"""`deloop check`: text for people, JSON for machines, exit statuses; on stand-ins for the engine."""

import json
from pathlib import Path

import pytest
import toy

SOURCE = """\
def double(xs):
    out = []
    for x in xs:
        out.append(x * 2)
    return out


def show(xs):
    for x in xs:
        print(x)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(SOURCE)
    (tmp_path / "clean.py").write_text("x = 1\n")
    return tmp_path


def test_text(folder: Path) -> None:
    done = toy.call(["check"], folder)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "a.py:3: DL102 iloc-arithmetic [medium] becomes a comprehension",
        "  2 |     out = []",
        "  3 |     for x in xs:",
        "    |     ^^^^^^^^^^^^",
        "  4 |         out.append(x * 2)",
        "  5 |     return out",
        "    fixable: vector (unsafe: no-overflow), comprehension (safe)",
        "",
        "a.py:9: DL201 list-comprehension [medium] `print` shows something on every round",
        "   8 | def show(xs):",
        "   9 |     for x in xs:",
        "     |     ^^^^^^^^^^^^",
        "  10 |         print(x)",
        "     |         -------- side-effect",
        "    left alone: side-effect, line 10",
        "    to unblock: compute first and print, plot or write afterwards; or allow it with --side-effects",
        "",
    ]
    assert done.stderr.splitlines() == [
        "2 slow loops in 2 files (2 medium).",
        "  1 fixable: 1 safely, 0 with an assumption. See `deloop fix`.",
        "  1 left alone: 1 side-effect.",
    ]


def test_one_line_a_loop(folder: Path) -> None:
    done = toy.call(["check", "--output-format", "concise"], folder)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "a.py:3: DL102 iloc-arithmetic [medium] becomes a comprehension",
        "a.py:9: DL201 list-comprehension [medium] `print` shows something on every round",
    ]


def test_json(folder: Path) -> None:
    (folder / "broken.py").write_text("for x in:\n")
    done = toy.call(["check", "--output-format", "json"], folder)
    assert done.returncode == 2
    report = json.loads(done.stdout)
    assert sorted(report) == ["errors", "findings", "version"]
    assert report["version"] == 1
    proposal, refused = report["findings"]
    forms = proposal.pop("forms")
    assert proposal == {
        "file": "a.py",
        "line": 3,
        "end_line": 4,
        "function": "double",
        "rule": "DL102",
        "name": "iloc-arithmetic",
        "severity": "medium",
        "status": "proposal",
        "reason": None,
        "message": "becomes a comprehension",
        "tier": "comprehension",
        "safe": True,
        "obligations": [],
    }
    assert [(form["rule"], form["tier"], form["safe"]) for form in forms] == [
        ("DL102", "vector", False),
        ("DL201", "comprehension", True),
    ]
    assert forms[0]["obligations"] == [
        {
            "name": "no-overflow",
            "subjects": ["xs"],
            "text": "integer results fit in 64 bits (a loop over Python ints never overflows): xs",
        }
    ]
    assert (refused["status"], refused["reason"], refused["reason_line"]) == ("refused", "side-effect", 10)
    assert report["errors"] == [{"file": "broken.py", "line": 1, "message": "syntax error: invalid syntax"}]


def test_nothing_found(folder: Path) -> None:
    done = toy.call(["check", "clean.py"], folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "No loops worth a look in 1 file.\n")


def test_exit_zero_hides_findings_but_no_errors(folder: Path) -> None:
    assert toy.call(["check", "--exit-zero"], folder).returncode == 0
    assert toy.call(["check", "--exit-zero", "missing.py"], folder).returncode == 2


def test_severity(folder: Path) -> None:
    assert toy.call(["check", "--severity", "medium"], folder).returncode == 1
    done = toy.call(["check", "--severity", "high"], folder)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("words", "findings"),
    [
        (("--select", "DL201"), 2),
        (("--select", "DL1"), 1),  # the vector form of the first loop is of rule DL102
        (("--select", "DL102,DL201"), 2),
        (("--select", "DL1", "--select", "DL2"), 2),
        (("--ignore", "list-comprehension"), 1),
        (("--ignore", "DL"), 0),
        (("--select", "DL3", "--extend-select", "DL201"), 2),
        (("--ignore", "DL", "--extend-select", "DL102"), 1),
    ],
)
def test_select_and_ignore(folder: Path, words: tuple[str, ...], findings: int) -> None:
    done = toy.call(["check", "--output-format", "json", *words], folder)
    assert len(json.loads(done.stdout)["findings"]) == findings


def test_many_files_in_several_processes_give_the_same_report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        (folder / f"f{number:02}.py").write_text(SOURCE)
    (folder / "f20.py").write_text("def f(:\n")
    alone = toy.call(["check"], folder)
    monkeypatch.setattr("deloop.proposals.survey.MANY", 2)
    monkeypatch.setattr("deloop.proposals.survey.processors", lambda: 3)
    together = toy.call(["check"], folder)
    assert (together.returncode, together.stdout, together.stderr) == (alone.returncode, alone.stdout, alone.stderr)
    assert alone.returncode == 2


def test_a_worker_that_dies_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import signal

    def dying(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr("deloop.proposals.survey.MANY", 2)
    monkeypatch.setattr("deloop.proposals.survey.processors", lambda: 2)
    monkeypatch.setattr("deloop.proposals.survey._look", dying)
    done = toy.call(["check"], folder)
    assert done.returncode == 2
    assert "a.py: was not looked at" in done.stderr


def test_settings_come_from_the_configuration(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.deloop]\nexclude = ["a.py"]\n')
    assert toy.call(["check"], folder).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "--select", "DL8"), "deloop: --select: no rule is called `DL8`"),
        (("check", "--severity", "huge"), "--severity"),
        (("check", "--no-such-option"), "--no-such-option"),
        (("explain", "DL999"), "deloop: explain: no rule is called `DL999`"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_a_wrong_call(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = toy.call(words, folder)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_wrong_configuration(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.deloop]\nmin-sped-up = 2\n")
    done = toy.call(["check"], folder)
    assert done.returncode == 2
    assert done.stderr.endswith("unknown key `min-sped-up` in [tool.deloop]; did you mean `min-speedup`?\n")


def test_an_error_of_our_own_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("1/0")

    monkeypatch.setattr("deloop.proposals.gather.find_files", broken)
    done = toy.call(["check"], folder)
    assert done.returncode == 2
    assert done.stderr.startswith("deloop: internal error, please report: ZeroDivisionError: 1/0 (test_cli_check.py:")
    assert len(done.stderr.splitlines()) == 1


def test_a_bug_in_one_file_does_not_end_the_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def picky(source: object, *more: object, **named: object) -> object:
        if str(getattr(source, "path", "")).endswith("a.py"):
            raise KeyError("oops")
        return []

    with monkeypatch.context() as patch:
        patch.setattr(toy, "scan", picky)
        done = toy.call(["check"], folder)
    assert done.returncode == 2
    assert done.stderr.startswith("a.py: internal error, please report: KeyError: 'oops' (test_cli_check.py:")


def test_version(folder: Path) -> None:
    import deloop

    assert toy.call(["--version"], folder).stdout == f"deloop {deloop.__version__}\n"


def test_explain(folder: Path) -> None:
    listed = toy.call(["explain"], folder).stdout
    assert "DL201  list-comprehension" in listed
    text = toy.call(["explain", "list-comprehension"], folder).stdout
    assert text == toy.call(["explain", "dl201"], folder).stdout
    for part in ("DL201 list-comprehension [medium]", "Before", "After:", "Left alone:", "What to do:"):
        assert part in text


def test_names_of_files_do_not_drive_the_terminal(folder: Path) -> None:
    (folder / "a.py").rename(folder / "a\x1b[2J.py")
    done = toy.call(["check"], folder)
    assert done.stdout.startswith("a\\x1b[2J.py:3: ")
    assert "\x1b" not in done.stdout + done.stderr
