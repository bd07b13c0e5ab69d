"""`check --baseline` and `--write-baseline`: what is known passes, what is new fails, and the number only goes down."""

import json
from pathlib import Path

import pytest
import toy

LOOP = """\
def {name}(xs):
    out = []
    for x in xs:
        out.append(x * {factor})
    return out


"""
NAME = ".deloop-baseline.json"


def loops(*names: str, factor: int = 2) -> str:
    return "".join(LOOP.format(name=name, factor=factor) for name in names)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(loops("f", "g"))
    (tmp_path / "b.py").write_text(loops("h"))
    return tmp_path


def write(folder: Path, *words: str) -> toy.Done:
    return toy.call(["check", "--write-baseline", *words], folder)


def check(folder: Path, *words: str) -> toy.Done:
    return toy.call(["check", "--baseline", NAME, "--output-format", "concise", *words], folder)


def new(folder: Path, *words: str) -> list[str]:
    """The places of the findings that the baseline does not know."""
    done = check(folder, *words)
    places = [":".join(line.split(":")[:2]) for line in done.stdout.splitlines()]
    assert done.returncode == (1 if places else 0), done.stderr
    return places


def entries(folder: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((folder / NAME).read_text())["findings"]
    return found


def test_the_first_one(folder: Path) -> None:
    done = write(folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines()[-1] == (
        f"{NAME} written: 3 loops. Use it with --baseline {NAME}, or by `baseline` in [tool.deloop]."
    )
    assert new(folder) == []
    assert check(folder).stderr == "No slow loop is new in 2 files.\n  3 in the baseline.\n"
    lines = (folder / NAME).read_text().splitlines()
    assert (lines[0], lines[-1], len(lines)) == ('{"version": 1, "findings": [', "]}", 5), "one line a loop"
    assert [(row["file"], row["function"], row["rule"], row["count"]) for row in entries(folder)] == [
        ("a.py", "f", "DL102", 1),
        ("a.py", "g", "DL102", 1),
        ("b.py", "h", "DL102", 1),
    ]
    before = (folder / NAME).read_bytes()
    assert write(folder).returncode == 0
    assert (folder / NAME).read_bytes() == before


def test_new_loops_fail_and_old_ones_pass(folder: Path) -> None:
    write(folder)
    (folder / "b.py").write_text(loops("new") + loops("h"))
    assert new(folder) == ["b.py:3"]
    assert "  3 in the baseline." in check(folder).stderr.splitlines()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"# a line\n\n\n{text}",  # moved down
        lambda text: loops("g", "f"),  # in another order
        lambda text: text.replace("x * 2", "x*2"),  # laid out
        lambda text: text.replace("xs:\n", "xs:  # a comment\n"),
        lambda text: "\n".join("    " + line if line else "" for line in text.split("\n")).join(["if True:\n", "\n"]),
    ],
)
def test_moved_code_is_known(folder: Path, change) -> None:  # type: ignore[no-untyped-def]
    write(folder)
    (folder / "a.py").write_text(change((folder / "a.py").read_text()))
    assert new(folder) == []


def test_changed_code_is_new(folder: Path) -> None:
    write(folder)
    (folder / "a.py").write_text(loops("f") + loops("g", factor=3))
    assert new(folder) == ["a.py:10"]


def test_a_loop_that_moves_to_another_file(folder: Path) -> None:
    write(folder)
    (folder / "a.py").write_text(loops("f"))
    (folder / "c.py").write_text(loops("g"))
    assert new(folder) == []
    write(folder)
    assert [row["file"] for row in entries(folder)] == ["a.py", "b.py", "c.py"]


def test_a_file_that_moves(folder: Path) -> None:
    write(folder)
    (folder / "inner").mkdir()
    (folder / "a.py").rename(folder / "inner" / "z.py")
    assert new(folder) == []
    assert new(folder, "inner") == []


def test_a_copy_is_new(folder: Path) -> None:
    write(folder)
    (folder / "c.py").write_text(loops("g"))
    assert new(folder) == ["c.py:3"]
    assert new(folder, "c.py") == ["c.py:3"], "also where the original is not looked at"


def test_loops_that_are_alike_are_counted(folder: Path) -> None:
    twice = "def f(xs):\n    out = []\n" + 2 * "    for x in xs:\n        out.append(x)\n"
    (folder / "a.py").write_text(twice)
    write(folder)
    assert [row["count"] for row in entries(folder)] == [2, 1]
    (folder / "a.py").write_text(twice + "    for x in xs:\n        out.append(x)\n")
    assert new(folder) == ["a.py:7"]


# ---- the ratchet


def test_what_is_gone_is_told_and_taken_out(folder: Path) -> None:
    write(folder)
    (folder / "a.py").write_text(loops("g"))
    done = check(folder)
    assert done.returncode == 0
    assert done.stderr.splitlines()[-3:] == [
        "1 loop of the baseline is gone:",
        "  a.py: DL102 in f",
        f"  Take that out of {NAME}: deloop check --write-baseline",
    ]
    assert write(folder).stderr.splitlines()[-3:] == [
        "1 loop of the baseline is gone:",
        "  a.py: DL102 in f",
        f"{NAME} written: 2 loops.",
    ]
    assert "gone" not in check(folder).stderr
    (folder / "a.py").write_text(loops("f", "g"))
    assert new(folder) == ["a.py:3"], "what is gone does not come back"


def test_writing_adds_nothing_unless_one_says_so(folder: Path) -> None:
    write(folder)
    (folder / "b.py").write_text(loops("h", "new"))
    done = write(folder, "--output-format", "concise")
    assert done.returncode == 1
    assert done.stdout.startswith("b.py:10: DL102 ")
    assert done.stderr.splitlines()[-2:] == [
        f"{NAME} written: 3 loops.",
        "  1 new loop was not added: fix, or add with --accept-new.",
    ]
    assert new(folder) == ["b.py:10"]
    assert write(folder, "--accept-new").returncode == 0
    assert new(folder) == []
    assert len(entries(folder)) == 4


@pytest.mark.parametrize(
    "words", [("b.py",), ("--select", "DL201"), ("--severity", "high"), ("--since", "HEAD")], ids=" ".join
)
def test_what_was_not_looked_for_is_not_gone(folder: Path, words: tuple[str, ...]) -> None:
    import subprocess

    write(folder)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *identity, "commit", "-q", "-m", "x"], cwd=folder, check=True)
    done = check(folder, *words)
    assert done.returncode in (0, 1)
    assert "gone" not in done.stderr
    if words[0] != "--since":
        before = entries(folder)
        write(folder, *words)
        assert [row["function"] for row in entries(folder)] == [row["function"] for row in before]


def test_files_that_are_wrong_keep_their_entries(folder: Path) -> None:
    write(folder)
    (folder / "b.py").write_text("for x in:\n")
    done = write(folder)
    assert done.returncode == 2
    assert len(entries(folder)) == 3


# ---- where it is


def test_it_comes_from_the_configuration(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.deloop]\nbaseline = "quality/old.json"\n')
    (folder / "quality").mkdir()
    assert write(folder).returncode == 0
    assert [row["file"] for row in json.loads((folder / "quality/old.json").read_text())["findings"]] == [
        "../a.py",
        "../a.py",
        "../b.py",
    ]
    assert toy.call(["check"], folder).returncode == 0
    inner = folder / "inner"
    inner.mkdir()
    (inner / "c.py").write_text(loops("new"))
    done = toy.call(["check", "..", "--output-format", "json"], inner)
    assert [row["function"] for row in json.loads(done.stdout)["findings"]] == ["new"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such baseline; `deloop check --write-baseline` makes one"),
        ("nonsense", "is no baseline of deloop: JSONDecodeError"),
        ("[]", "is no baseline of deloop: TypeError"),
        ('{"version": 1}', "is no baseline of deloop: KeyError: 'findings'"),
        ('{"version": 1, "findings": [{"file": 1}]}', "is no baseline of deloop"),
        ('{"version": 2, "findings": []}', "a baseline of version 2, 1 is expected"),
    ],
)
def test_a_baseline_that_can_not_be_used(folder: Path, text: str | None, said: str) -> None:
    if text is not None:
        (folder / NAME).write_text(text)
    done = check(folder)
    assert done.returncode == 2
    assert done.stderr.startswith(f"deloop: {NAME}: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_silenced_loops_are_not_in_it(folder: Path) -> None:
    (folder / "b.py").write_text((folder / "b.py").read_text().replace("in xs:", "in xs:  # noqa"))
    write(folder)
    assert [row["file"] for row in entries(folder)] == ["a.py", "a.py"]
