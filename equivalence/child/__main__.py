"""Entry of the child process: runs from a path, with any interpreter, and needs nothing of deloop but this folder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

NAME = "deloop_child"


def _load() -> None:
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"no package in {folder}")
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    _load()
    importlib.import_module(f"{NAME}.codemod" if sys.argv[1:2] == ["--codemod"] else f"{NAME}.serve").main()
