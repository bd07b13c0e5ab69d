"""`deloop scaffold --standalone`: the modules that the tests are built on, copied beside them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from .. import __version__
from ..equivalence.scaffold_mark import sealed

#: The package that is written beside the tests.
PACKAGE = "_deloop_testing"
_IMPORT = "\nfrom deloop import testing\n"
#: Where the commit that brought the copy was taken back, the test has nothing to compare with; else a failure is one.
_IMPORT_COPY = f"""
if not pathlib.Path(__file__).with_name("{PACKAGE}").joinpath("testing.py").is_file():
    pytest.skip("{PACKAGE}, which it compares with, is not beside it", allow_module_level=True)

from {PACKAGE} import testing  # noqa: E402
"""
_ROOT = Path(__file__).resolve().parents[1]


def standalone(text: str) -> str:
    """A test file that imports the copy beside it instead of an installed deloop."""
    _, body = text.split("\n", 1)
    head, found, rest = body.partition(_IMPORT)
    if not found:
        return sealed(body)  # a test that says what to do, and compares nothing
    return sealed(
        head.replace("\nimport numpy as np\n", "\nimport pathlib\n\nimport numpy as np\n", 1) + _IMPORT_COPY + rest
    )


def is_standalone(text: str) -> bool:
    """Whether a test file runs without an installed deloop."""
    return _IMPORT not in text.replace("\r\n", "\n")


def support() -> dict[str, str]:
    """The files of that package: path below the folder of the tests, and text."""
    about = f'"""What deloop {__version__} compares with, copied so that the tests beside it run without deloop."""\n'
    found = {f"{PACKAGE}/__init__.py": sealed(about)}
    for module in _needed(Path("testing.py")):
        for folder in list(module.parents)[:-1]:
            found[f"{PACKAGE}/{folder.as_posix()}/__init__.py"] = sealed(_read(folder / "__init__.py"))
        found[f"{PACKAGE}/{module.as_posix()}"] = sealed(_read(module))
    return dict(sorted(found.items()))


def _needed(start: Path) -> list[Path]:
    """The module and all that it imports from this package."""
    found: list[Path] = []
    todo = [start]
    while todo:
        module = todo.pop()
        if module not in found:
            found.append(module)
            todo += _imported(module)
    return found


def _imported(module: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(_read(module))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = module.parents[node.level - 1]
        target = base.joinpath(*(node.module or "").split(".")) if node.module else base
        file = target.with_suffix(".py")
        names = [file] if (_ROOT / file).is_file() else [target / f"{a.name}.py" for a in node.names]
        yield from (name for name in names if (_ROOT / name).is_file())


def _read(module: Path) -> str:
    return (_ROOT / module).read_text(encoding="utf-8")
