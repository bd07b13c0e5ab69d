"""What holds for the whole repository: what is packed, who imports whom, what the documentation shows."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pathspec
import pytest
from typer.main import get_command

ROOT = Path(__file__).resolve().parent.parent
#: Top first. A room knows those below it.
ROOMS = (
    "cli",
    "commands",
    "editors",
    "reports",
    "proposals",
    "equivalence",
    "codemods",
    "transforms",
    "loops",
    "sources",
)
#: Modules at the top that are no rooms, and the rooms that they may use.
BESIDE = {
    "config": ("codemods", "transforms", "loops", "sources"),
    "__init__": (),
    "__main__": ("cli",),
    "testing": ("equivalence",),
    "codemod": (
        *("commands", "config", "reports", "proposals", "equivalence", "codemods", "transforms", "loops", "sources"),
    ),
    "rollout": ("rollout",),
    "recorder": ("recorder",),
}
NO_CODE = ("tests", "docs", "examples", "benchmarks", "fuzzing", "mutants")


@cache
def tracked() -> tuple[str, ...]:
    """The files of the repository; outside git, those that no `.gitignore` pattern names."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
    )
    if listed.returncode == 0 and (ROOT / ".git").exists():
        names = listed.stdout.decode().split("\0")
        return tuple(sorted(name for name in names if name and (ROOT / name).is_file()))
    ignored = pathspec.GitIgnoreSpec.from_lines([".git/", *(ROOT / ".gitignore").read_text().splitlines()])
    return tuple(sorted(str(name) for name in ignored.match_tree_files(ROOT, negate=True)))


def modules() -> list[str]:
    return [name for name in tracked() if name.endswith(".py") and not name.startswith(NO_CODE)]


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


# ---- the package


def test_every_package_is_listed() -> None:
    folders = {os.path.dirname(name) for name in modules()}
    expected = {".".join(["deloop", *folder.split("/")]).rstrip(".") for folder in folders}
    assert set(project()["tool"]["setuptools"]["packages"]) == expected  # type: ignore[index]


def test_every_folder_with_code_is_a_package() -> None:
    names = set(tracked())
    assert [n for n in modules() if f"{os.path.dirname(n)}/__init__.py".lstrip("/") not in names] == []


def test_an_installed_copy_is_whole() -> None:
    """What is installed has the modules of the checkout: a missing package would show only there."""
    spec = importlib.util.find_spec("deloop")
    assert spec is not None and spec.submodule_search_locations
    installed = Path(spec.submodule_search_locations[0])
    assert [name for name in [*modules(), "py.typed"] if not (installed / name).is_file()] == []
    if installed.resolve() != ROOT:
        assert [folder for folder in NO_CODE if (installed / folder).exists()] == []


def test_modules_are_short() -> None:
    lengths = {name: (ROOT / name).read_text(encoding="utf-8").count("\n") for name in modules()}
    assert len(lengths) > 400
    long = {name: n for name, n in lengths.items() if n > (300 if name.startswith("transforms/") else 500)}
    assert long == {}, "split them"


# ---- the rooms


def imported(name: str) -> Iterator[tuple[str, int]]:
    """The rooms and top modules that a module imports, with the line."""
    here = name.removesuffix(".py").split("/")
    for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level]
            full = base + (node.module or "").split(".") if node.module else base
            for part in [full[0]] if full else [alias.name for alias in node.names]:
                yield part, node.lineno
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert not any(n.split(".")[0] == "deloop" for n in names), f"{name}:{node.lineno}: import it relatively"


def test_rooms_know_only_those_below() -> None:
    bad = []
    for name in modules():
        room = name.split("/")[0].removesuffix(".py")
        if room in ("cli", "commands"):
            continue
        allowed = BESIDE[room] if room in BESIDE else (room, *ROOMS[ROOMS.index(room) + 1 :])
        strangers = ((r, line) for r, line in imported(name) if (r in ROOMS or r in BESIDE) and r not in allowed)
        bad += [f"{name}:{line}: {r}, but it may know {', '.join(allowed)}" for r, line in strangers]
    assert bad == []


def test_the_child_stands_alone() -> None:
    """The verifier's child runs where deloop is not installed: it imports only its own folder."""
    for name in modules():
        if name.startswith("equivalence/child/"):
            climbing = [
                node.lineno
                for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8")))
                if isinstance(node, ast.ImportFrom) and node.level > 1
            ]
            assert climbing == [], f"{name} imports from outside equivalence/child"


def test_check_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x)\n    return out\n"
    )
    code = (
        "import sys\nfrom deloop.cli import main\nsys.argv = ['deloop', 'check', '.']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 1, end.code\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'numpy', 'pandas', 'libcst', 'bowler', 'fissix'}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "[]"


# ---- what the repository says


def test_no_paths_of_one_machine() -> None:
    """Nothing points into somebody's home or scratch folder."""
    somewhere = re.compile(rb"(?<![\w.$}])/(?:home|root|Users|work|tmp|mnt)/[a-z]")
    allowed = re.compile(rb"/" + rb"tmp/(?:x|a)\b")
    found = []
    for name in tracked():
        for number, line in enumerate((ROOT / name).read_bytes().split(b"\n"), 1):
            if somewhere.search(line) and not allowed.search(line) and name != "tests/test_package.py":
                found.append(f"{name}:{number}: {line.strip()[:80]!r}")
    assert found == []


def generator() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rule_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == generator().rules_page(), "run `python docs/generate.py`"
    pages = generator().rule_pages()
    assert {*(ROOT / "docs" / "rules").glob("*.md")} == {*pages}
    for file, text in pages.items():
        assert file.read_text(encoding="utf-8") == text, f"{file.name}: run `python docs/generate.py`"


@pytest.mark.parametrize(("name", "command"), [("README.md", "fix"), ("docs/linter.md", "check")])
def test_documents_show_what_the_tool_prints(name: str, command: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert f"output of: deloop {command}" in text
    assert _without_figures(generator().readme(text)) == _without_figures(text), "run `python docs/generate.py`"


def _without_figures(text: str) -> str:
    """Speeds differ from run to run, and so do the sizes at which they could be measured."""
    return re.sub(r"(, [\d.]+x at \d{1,3}(,\d{3})*)+|on \d+ inputs( \(.*?\))?", "", text)


def documents() -> list[str]:
    return [name for name in tracked() if name.endswith(".md") and not name.startswith("tests/")]


def commands_named(text: str) -> Iterator[list[str]]:
    """The words of each `deloop ...` in a document's code."""
    for code in re.findall(r"```(?:sh|console)\n(.*?)```", text, re.DOTALL):
        for line in code.splitlines():
            if found := re.search(r"(?:^|[\s/])deloop ([a-z-][^#&|]*)", line):
                yield found[1].split()
    for words in re.findall(r"`deloop ([^`]+)`", text):
        yield words.split()


@cache
def all_commands() -> Any:
    from deloop.cli import app

    return get_command(app)


@pytest.mark.parametrize("name", documents())
def test_documents_name_commands_that_exist(name: str) -> None:
    group = all_commands()
    known = group.commands
    for words in commands_named((ROOT / name).read_text(encoding="utf-8")):
        if words[0].startswith("--"):
            assert words[0] in {option for parameter in group.params for option in parameter.opts}, name
            continue
        assert words[0] in known, f"{name}: deloop {' '.join(words)}"
        words = words[: words.index("--")] if "--" in words else words  # what follows is the user's own command
        options = {o for p in known[words[0]].params for o in (*p.opts, *p.secondary_opts)} | {"--help", "-h"}
        assert {w for w in words if w.startswith("-") and w != "-"} <= options, f"{name}: deloop {' '.join(words)}"


@pytest.mark.parametrize("name", documents())
def test_documents_link_to_files_that_exist(name: str) -> None:
    here = (ROOT / name).parent
    text = re.sub(r"```.*?```", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (here / link).exists()] == []


def first_cells(text: str, title: str) -> set[str]:
    """The code in the first column of the tables of a section."""
    section = text.partition(f"{title}\n")[2].partition("\n#")[0]
    cells = re.findall(r"^\|([^|]*)\|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([a-z-]+)`", cell)}


def test_settings_in_the_readme_exist() -> None:
    from deloop.config import _READERS

    named = first_cells((ROOT / "README.md").read_text(encoding="utf-8"), "### Configuration")
    assert named
    assert named <= set(_READERS)


def test_every_setting_and_option_is_documented() -> None:
    from deloop.config import _READERS, Settings

    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert first_cells(text, "## Keys") == set(_READERS)
    assert {key.replace("-", "_") for key in _READERS} == set(Settings.__dataclass_fields__) - {"root"}
    check = all_commands().commands["check"]
    options = {option for parameter in check.params for option in parameter.opts if option.startswith("--")}
    assert first_cells(text, "## Options of `check`") == options - {"--help"}


def test_documented_defaults_are_right() -> None:
    from deloop.config import Settings

    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8").partition("## Keys")[2].partition("\n#")[0]
    told = dict(re.findall(r"^\| `([a-z-]+)` \|.*\| ([^|]*) \|$", text, re.MULTILINE))
    for key, shown in told.items():
        value = getattr(Settings(), key.replace("-", "_"))
        match value:
            case bool() | str() if value is not None:
                assert shown == f"`{str(value).lower()}`", key
            case None:
                assert "`" not in shown, key
            case _:
                assert not value
                assert shown in ("`[]`", "`{}`", "all"), key


def test_readme_commands_are_what_ci_runs() -> None:
    """`.ci/run` takes both commands from the README by these patterns."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    for end in (r"\.venv/bin/deloop fix", r"\.venv/bin/python -m pytest"):
        assert f"command_of '{end}'" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
        assert sum(bool(re.match(f"python3 -m venv .* {end}", line)) for line in lines) == 1


def test_examples_are_formatted_and_parse() -> None:
    for file in sorted((ROOT / "examples").glob("*.py")):
        ast.parse(file.read_text(encoding="utf-8"))
    assert len(list((ROOT / "examples").glob("*.py"))) >= 3


def test_version_is_told_once() -> None:
    import deloop

    version = project()["project"]["version"]  # type: ignore[index]
    assert deloop.__version__ == version
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
