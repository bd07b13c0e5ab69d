"""Run the user's script as `python SCRIPT` does, with the recorder's calls in it."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any


def _prepared() -> tuple[CodeType, dict[str, Any]]:
    del sys.argv[0]
    script = os.path.abspath(sys.argv[0])
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    code = importlib.import_module("deloop_recorder.hook").code_of(script)
    if code is None:
        with open(script, "rb") as file:
            code = compile(file.read(), script, "exec", dont_inherit=True)
    names = sys.modules["__main__"].__dict__
    loader = SourceFileLoader("__main__", script)
    fresh = {"__name__": "__main__", "__builtins__": names["__builtins__"], "__file__": script, "__loader__": loader}
    fresh |= dict.fromkeys(("__doc__", "__package__", "__spec__", "__cached__"))
    names.clear()
    names.update(fresh)
    return code, names


if __name__ == "__main__":
    exec(*_prepared())
