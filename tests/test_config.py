"""The settings: where they are found, what is accepted, what is said about the rest."""

from pathlib import Path

import pytest

from deloop.config import ConfigError, Settings, check_rules, load
from deloop.transforms.base import Rule, Severity

ROWS = Rule("DL101", "iterrows-arithmetic", Severity.HIGH)
LISTS = Rule("DL201", "append-comprehension", Severity.MEDIUM)
RULES = (ROWS, LISTS)


def configure(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def test_every_key_is_read(tmp_path: Path) -> None:
    configure(
        tmp_path,
        """
        [tool.deloop]
        assume = ["no-overflow", "unique-index"]
        exclude = ["build"]
        ignore = ["DL201"]
        min-speedup = 2
        python = "venv/bin/python"
        select = ["DL1"]
        side-effects = true
        numba = true
        unsafe = true
        unverified = true
        """,
    )
    assert load([tmp_path], RULES) == Settings(
        assume=frozenset({"no-overflow", "unique-index"}),
        exclude=("build",),
        ignore=("DL201",),
        min_speedup=2.0,
        python=str(tmp_path / "venv/bin/python"),
        select=("DL1",),
        side_effects=True,
        numba=True,
        unsafe=True,
        unverified=True,
        root=tmp_path,
    )


def test_a_bare_interpreter_name_is_left_to_the_system(tmp_path: Path) -> None:
    configure(tmp_path, '[tool.deloop]\npython = "python3.12"\n')
    assert load([tmp_path], RULES).python == "python3.12"


def test_nearest_file_with_a_table_wins(tmp_path: Path) -> None:
    configure(tmp_path, "[tool.deloop]\nmin-speedup = 3\n")
    inner = configure(tmp_path / "inner", "[tool.other]\nx = 1\n")
    assert load([inner / "module.py"], RULES).min_speedup == 3.0
    configure(inner, "[tool.deloop]\nmin-speedup = 4\n")
    assert load([inner / "module.py"], RULES).min_speedup == 4.0


def test_paths_of_two_folders_share_what_is_above_both(tmp_path: Path) -> None:
    configure(tmp_path, "[tool.deloop]\nmin-speedup = 3\n")
    configure(tmp_path / "a", "[tool.deloop]\nmin-speedup = 4\n")
    assert load([tmp_path / "a", tmp_path / "b"], RULES).min_speedup == 3.0


def test_nothing_configured(tmp_path: Path) -> None:
    assert load([tmp_path], RULES) == Settings()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('asume = ["no-overflow"]', "unknown key `asume` in [tool.deloop]; did you mean `assume`?"),
        ("zzz = 1", "unknown key `zzz` in [tool.deloop]; one of assume, exclude"),
        ('assume = ["no-overflw"]', "assume: no obligation is called `no-overflw`; did you mean `no-overflow`?"),
        ('assume = "no-overflow"', "assume: a list of strings is expected"),
        ("exclude = [1]", "exclude: a list of strings is expected"),
        ("min-speedup = true", "min-speedup: a number such as 1.5 is expected"),
        ("min-speedup = -1", "min-speedup: a number such as 1.5 is expected"),
        ("min-speedup = nan", "min-speedup: a number such as 1.5 is expected"),
        ('min-speedup = "2"', "min-speedup: a number such as 1.5 is expected"),
        ("python = 3", "python: a string is expected"),
        ('unsafe = "yes"', "unsafe: true or false is expected"),
        ("side-effects = 1", "side-effects: true or false is expected"),
        ('select = ["DL8"]', "select: no rule is called `DL8`"),
        ('ignore = ["iterows-arithmetic"]', "ignore: no rule is called `iterows-arithmetic`; did you mean `iterrows-"),
        ('select = [""]', "select: no rule is called ``"),
    ],
)
def test_a_wrong_setting_is_named_with_file_and_key(tmp_path: Path, line: str, said: str) -> None:
    configure(tmp_path, f"[tool.deloop]\n{line}\n")
    with pytest.raises(ConfigError) as problem:
        load([tmp_path], RULES)
    assert str(problem.value).startswith(f"{tmp_path / 'pyproject.toml'}: ")
    assert said in str(problem.value)


@pytest.mark.parametrize("content", [b"[tool.deloop\n", b"\xff\xfe", b'tool.deloop = "x"\n'])
def test_a_file_that_is_no_configuration(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"pyproject\.toml: "):
        load([tmp_path], RULES)


def test_select_and_ignore() -> None:
    assert Settings().wants(ROWS)
    assert Settings(select=("DL1",)).wants(ROWS)
    assert Settings(select=("dl101",)).wants(ROWS)
    assert not Settings(select=("DL2",)).wants(ROWS)
    assert not Settings(ignore=("iterrows-arithmetic",)).wants(ROWS)
    assert not Settings(select=("DL",), ignore=("DL10",)).wants(ROWS)


def test_command_line_overrides_only_what_was_given() -> None:
    base = Settings(unsafe=True, python="a")
    assert base.override(unsafe=None, python="b") == Settings(unsafe=True, python="b")


def test_check_rules_accepts_codes_prefixes_and_names() -> None:
    check_rules(["DL", "dl201", "iterrows-arithmetic"], RULES, "--select")
