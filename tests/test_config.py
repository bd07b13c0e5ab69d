"""The settings: where they are found, what is accepted, what is said about the rest."""

from pathlib import Path

import pytest

from deloop.config import ConfigError, Settings, Tree, check_rules, load
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
        baseline = "old.json"
        exclude = ["build"]
        extend-select = ["DL2"]
        ignore = ["DL201"]
        min-speedup = 2
        python = "venv/bin/python"
        select = ["DL1"]
        side-effects = true
        numba = true
        per-file-ignores = { "tests/*" = ["DL1", "append-comprehension"] }
        severity = "medium"
        unsafe = true
        unverified = true
        """,
    )
    assert load([tmp_path], RULES) == Settings(
        assume=frozenset({"no-overflow", "unique-index"}),
        baseline=str(tmp_path / "old.json"),
        exclude=("build",),
        extend_select=("DL2",),
        ignore=("DL201",),
        min_speedup=2.0,
        python=str(tmp_path / "venv/bin/python"),
        select=("DL1",),
        side_effects=True,
        numba=True,
        per_file_ignores=(("tests/*", ("DL1", "append-comprehension")),),
        severity=Severity.MEDIUM,
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
        ("zzz = 1", "unknown key `zzz` in [tool.deloop]; one of assume, baseline, exclude"),
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
        ('extend-select = ["DL8"]', "extend-select: no rule is called `DL8`"),
        ('severity = "huge"', "severity: one of high, medium, low is expected"),
        ('severity = ["high"]', "severity: one of high, medium, low is expected"),
        ('per-file-ignores = ["DL1"]', 'per-file-ignores: a table such as { "tests/*" = ["DL2"] } is expected'),
        ('per-file-ignores = { "a.py" = "DL1" }', "per-file-ignores: a list of strings is expected"),
        ('per-file-ignores = { "a.py" = ["DL8"] }', 'per-file-ignores "a.py": no rule is called `DL8`'),
        ("baseline = true", "baseline: a string is expected"),
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


@pytest.mark.parametrize(
    ("select", "more", "ignore", "wanted"),
    [
        ((), (), (), True),
        ((), ("DL2",), (), True),  # more of what is chosen anyway
        (("DL2",), ("DL101",), (), True),
        (("DL2",), ("DL3",), (), False),
        (("DL101",), (), ("DL1",), True),  # the more exact word decides, as in ruff
        (("DL1",), (), ("DL101",), False),
        (("DL1",), (), ("DL1",), False),
        ((), ("DL101",), ("DL",), True),
        (("iterrows-arithmetic",), (), ("DL10",), True),
        (("ALL",), (), (), True),
        (("ALL",), (), ("DL1",), False),
        (("DL1",), (), ("ALL",), True),
        ((), (), ("ALL",), False),
    ],
)
def test_the_most_exact_word_decides(
    select: tuple[str, ...], more: tuple[str, ...], ignore: tuple[str, ...], wanted: bool
) -> None:
    assert Settings(select=select, extend_select=more, ignore=ignore).wants(ROWS) is wanted


@pytest.mark.parametrize(
    ("glob", "ignored"),
    [("tests/*", True), ("tests/", True), ("*.py", True), ("x.py", True), ("src/**", False), ("!src/**", True)],
)
def test_what_is_ignored_in_some_files(tmp_path: Path, glob: str, ignored: bool) -> None:
    settings = Settings(per_file_ignores=((glob, ("DL1",)),), root=tmp_path)
    within = settings.within(tmp_path / "tests" / "x.py")
    assert within.wants(ROWS) is not ignored
    assert within.wants(LISTS)
    assert settings.within(tmp_path.parent / "y.py").wants(ROWS), "a pattern speaks of what is below its folder"


def test_a_table_further_down_holds_for_the_files_below_it(tmp_path: Path) -> None:
    configure(tmp_path, '[tool.deloop]\nignore = ["DL2"]\nseverity = "high"\n')
    configure(tmp_path / "a", '[tool.deloop]\nignore = ["DL1"]\nexclude = ["gen"]\n')
    configure(tmp_path / "b", "[tool.other]\n")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "pyproject.toml").write_bytes(b"\xff not a table of ours")
    tree = Tree(load([tmp_path], RULES), RULES)
    assert not tree.of(tmp_path / "a" / "deep" / "x.py").wants(ROWS)
    assert tree.of(tmp_path / "a" / "x.py").severity is Severity.LOW
    for folder in ("b", "c", "d"):
        assert tree.of(tmp_path / folder / "x.py").wants(ROWS)
        assert tree.of(tmp_path / folder / "x.py").severity is Severity.HIGH
    assert tree.excludes(tmp_path / "a" / "gen" / "x.py")
    assert not tree.excludes(tmp_path / "gen" / "x.py")


def test_the_command_line_goes_before_every_table(tmp_path: Path) -> None:
    configure(tmp_path / "a", '[tool.deloop]\nignore = ["DL1"]\n')
    tree = Tree(load([tmp_path], RULES), RULES, {"ignore": ("DL2",), "select": None})
    assert tree.of(tmp_path / "a" / "x.py").wants(ROWS)
    assert not tree.of(tmp_path / "a" / "x.py").wants(LISTS)


def test_a_wrong_table_further_down_is_named(tmp_path: Path) -> None:
    configure(tmp_path / "a", "[tool.deloop]\nzzz = 1\n")
    with pytest.raises(ConfigError, match=r"a/pyproject\.toml: unknown key `zzz`"):
        Tree(load([tmp_path], RULES), RULES).of(tmp_path / "a" / "x.py")
