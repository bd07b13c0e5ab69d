"""Python runs this when it starts with this folder on PYTHONPATH: start the recorder, then step aside."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys

NAME = "deloop_recorder"
HERE = os.path.dirname(os.path.abspath(__file__))


def _load() -> None:
    """Load the recorder under a name of its own, from the folder above."""
    from importlib.util import module_from_spec, spec_from_file_location

    folder = os.path.dirname(HERE)
    spec = spec_from_file_location(NAME, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder])
    if spec is None or spec.loader is None:
        raise ImportError(f"no package in {folder}")
    package = module_from_spec(spec)
    sys.modules[NAME] = package
    spec.loader.exec_module(package)


def _start(plan: str) -> None:
    try:
        _load()
        from deloop_recorder.hook import install  # type: ignore[import-not-found]

        install(plan)
    except Exception as problem:  # the program goes on without it
        name = os.path.join(os.path.dirname(plan), f"failed-{os.getpid()}.txt")
        with contextlib.suppress(OSError), open(name, "w", encoding="utf-8") as file:
            file.write(f"{type(problem).__name__}: {problem}")


def _step_aside() -> None:
    """Run the environment's own `sitecustomize`, which this one stood before."""
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != HERE]
    own = sys.modules.pop(__name__, None)
    try:
        importlib.import_module(__name__)
    except ModuleNotFoundError as problem:
        if problem.name != "sitecustomize":
            raise
    finally:
        if own is not None:
            sys.modules.setdefault(__name__, own)


if __name__ == "sitecustomize":
    if "DELOOP_RECORD" in os.environ:
        _start(os.environ["DELOOP_RECORD"])
    _step_aside()
