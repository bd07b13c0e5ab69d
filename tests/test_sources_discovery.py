"""Discovery: which files a path stands for."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from deloop.sources.discovery import discover


@pytest.fixture
def tree(tmp_path):
    """A function that makes empty files below a folder and returns the folder."""

    def make(*names: str) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        return tmp_path

    return make


def found(folder: Path, *paths: str, **options) -> list[str]:
    files, errors = discover([folder / path for path in paths or ("",)], **options)
    assert not errors
    return [os.path.relpath(file, folder) for file in files]


def test_a_folder_gives_its_python_files_in_order(tree):
    root = tree("b.py", "a.py", "pkg/z.py", "pkg/__init__.py", "pkg/data.txt", "pkg/stub.pyi", "B.py", "nb.ipynb")
    assert found(root) == ["B.py", "a.py", "b.py", "nb.ipynb", "pkg/__init__.py", "pkg/z.py"]


def test_folders_without_own_code_are_left_out_unless_named(tree):
    names = [".git", ".venv", "venv", "node_modules", "__pycache__", "build", "dist", "lib/site-packages", "env"]
    root = tree("a.py", "env/pyvenv.cfg", *(f"{name}/x.py" for name in names))
    assert found(root) == ["a.py"]
    for name in names:
        assert found(root, name) == [f"{name}/x.py"]


def test_a_named_file_is_always_taken_and_only_once(tree):
    root = tree("a.py", "script", "build/b.py", "t.txt")
    (root / ".gitignore").write_text("*")
    assert found(root, "script", "t.txt", "build/b.py", "a.py", "a.py") == ["script", "t.txt", "build/b.py", "a.py"]


def test_gitignore_files_are_obeyed_at_every_level(tree):
    root = tree(".git/HEAD", "a.py", "gen.py", "tmp/x.py")
    tree("pkg/gen.py", "pkg/keep.py", "pkg/sub/own.py", "pkg/sub/gen.py", "pkg/tmp/y.py")
    (root / ".gitignore").write_text("gen.py\n/tmp/\n# comment\n\n")
    (root / "pkg" / "sub" / ".gitignore").write_text("!gen.py\nown.py\n")
    expected = ["a.py", "pkg/keep.py", "pkg/sub/gen.py", "pkg/tmp/y.py"]
    assert found(root) == expected
    assert found(root, "pkg") == expected[1:]
    assert found(root, "tmp") == ["tmp/x.py"]
    assert len(found(root, respect_gitignore=False)) == 8


def test_a_gitignore_above_the_repository_does_not_count(tree):
    root = tree("repo/.git/HEAD", "repo/a.py")
    (root / ".gitignore").write_text("*.py")
    assert found(root, "repo") == ["repo/a.py"]


def test_a_malformed_pattern_spoils_no_other(tree):
    root = tree(".git/HEAD", "a.py", "b.py")
    (root / ".gitignore").write_bytes(b"!\n\\\nb.py\n\xff\n")
    assert found(root) == ["a.py"]


def test_exclude_patterns_are_relative_to_the_root(tree):
    root = tree("a.py", "tests/t.py", "pkg/tests/u.py", "pkg/b.py")
    assert found(root, exclude=["/tests"]) == ["a.py", "pkg/b.py", "pkg/tests/u.py"]
    assert found(root, exclude=["tests"]) == ["a.py", "pkg/b.py"]
    assert found(root, "pkg", exclude=["/pkg/tests"], root=root) == ["pkg/b.py"]
    assert found(root, "pkg", exclude=["/pkg/tests"]) == ["pkg/b.py", "pkg/tests/u.py"]
    assert found(root, "a.py", exclude=["a.py"]) == ["a.py"]


def test_links_neither_loop_nor_double(tree):
    root = tree("a.py", "pkg/b.py", "other/c.py")
    (root / "pkg" / "up").symlink_to(root)
    (root / "0.py").symlink_to("a.py")
    (root / "gone.py").symlink_to("nowhere.py")
    (root / "self.py").symlink_to("self.py")
    outside = root.parent / (root.name + "_outside.py")
    outside.write_text("")
    (root / "far.py").symlink_to(outside)
    assert found(root) == ["a.py", "far.py", "other/c.py", "pkg/b.py"]
    assert found(root, "pkg/up") == ["pkg/up/a.py", "pkg/up/far.py", "pkg/up/other/c.py", "pkg/up/pkg/b.py"]


def test_what_is_not_there_is_an_error_and_the_rest_goes_on(tree):
    root = tree("a.py")
    files, errors = discover([root / "gone", root / "gone.py", root])
    assert files == [root / "a.py"]
    assert [(error.path, error.message) for error in errors] == [
        (root / "gone", "no such file or folder"),
        (root / "gone.py", "no such file or folder"),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list any folder")
def test_a_folder_that_can_not_be_listed_is_an_error(tree):
    root = tree("a.py", "secret/b.py")
    (root / "secret").chmod(0)
    try:
        files, errors = discover([root])
    finally:
        (root / "secret").chmod(0o755)
    assert files == [root / "a.py"]
    assert "can't be listed" in errors[0].message


def test_paths_are_shown_as_they_were_named(tree, monkeypatch):
    root = tree("pkg/a.py")
    monkeypatch.chdir(root)
    assert discover([Path("pkg")])[0] == [Path("pkg/a.py")]
    assert discover([Path(".")])[0] == [Path("pkg/a.py")]


def test_ten_thousand_files_take_no_time_to_speak_of(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("\n".join(f"*.{i}\n/out{i}/" for i in range(20)))
    for folder in range(100):
        (tmp_path / f"d{folder}").mkdir()
        for number in range(100):
            (tmp_path / f"d{folder}" / f"f{number}.py").touch()
    start = time.perf_counter()
    files, _ = discover([tmp_path])
    assert len(files) == 10_000
    assert time.perf_counter() - start < 5
