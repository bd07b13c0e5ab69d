"""A codemod of the user's, run over the texts that come in: one request and one answer a line, in JSON."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import sandbox

#: Seconds of one file.
SECONDS = 60.0
#: Parameters that tell what a function wants when its annotations don't.
_QUERY, _PATHS = ("query", "q"), ("paths", "path", "filenames", "files")
Run = Callable[[str, str], str]


class Wrong(Exception):
    """What is named is no codemod that can be run; the message says why."""


def main() -> None:
    """Serve until the input ends. Arguments: the codemod, its arguments as JSON, the folder to import from."""
    name, given, folder = sys.argv[2:5]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the codemod prints is no answer
    sys.path.insert(0, folder)
    try:
        run = _runner(_found(name), json.loads(given))
        ready: dict[str, str] = {"ready": name}
    except (Exception, SystemExit) as problem:
        ready = {"wrong": _told(problem)}
    print(json.dumps(ready), file=out, flush=True)
    if "wrong" in ready:
        return
    sandbox.limit_resources(may_print=True)
    sandbox.install_timer()
    sandbox.arm()
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(_answer(run, request["name"], request["text"])), file=out, flush=True)


def _answer(run: Run, name: str, text: str) -> dict[str, str]:
    try:
        with sandbox.deadline(SECONDS):
            return {"text": run(name, text)}
    except sandbox.Timeout:
        return {"error": f"did not end within {SECONDS:.0f} s"}
    except RecursionError:
        return {"error": "is nested too deeply for it"}
    except (Exception, SystemExit) as problem:
        refused = sandbox.violations()
        return {"error": f"was refused: it {refused[0]}" if refused else _told(problem)}


def _told(problem: BaseException) -> str:
    return str(problem) if isinstance(problem, Wrong) else f"{type(problem).__name__}: {problem}"


def _found(name: str) -> Any:
    """What `module:name` or `folder/file.py:name` stands for."""
    module_name, _, attribute = name.rpartition(":")
    if not module_name or not attribute:
        raise Wrong("a codemod is named as `module:name` or `file.py:name`")
    module = _loaded(Path(module_name)) if module_name.endswith(".py") else importlib.import_module(module_name)
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise Wrong(f"`{module_name}` has no `{attribute}`")
        found = getattr(found, part)
    return found


def _loaded(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise Wrong(f"`{path}`: no such file")
    sys.path.insert(0, str(path.parent.absolute()))
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _runner(codemod: Any, given: dict[str, str]) -> Run:
    """The codemod as a function from name and text of a file to the new text."""
    if inspect.isclass(codemod):
        return _from_class(codemod, given)
    if _is_query(codemod):
        return lambda name, text: _queried(codemod, name, text)
    if not callable(codemod):
        raise Wrong(f"it is a {type(codemod).__name__}, and neither a function, a LibCST codemod nor a Bowler query")
    return _from_function(codemod, given)


def _from_class(codemod: Any, given: dict[str, str]) -> Run:
    import libcst
    from libcst.codemod import Codemod, CodemodContext, ContextAwareTransformer, ContextAwareVisitor, SkipFile

    def changed(name: str, text: str) -> str:
        context = CodemodContext(filename=name)
        tree = libcst.parse_module(text)
        try:
            if issubclass(codemod, Codemod):
                return str(codemod(context, **given).transform_module(tree).code)
            own = codemod(context, **given) if issubclass(codemod, ContextAwareTransformer) else codemod(**given)
            return libcst.MetadataWrapper(tree).visit(own).code
        except SkipFile:
            return text

    if not issubclass(codemod, (Codemod, libcst.CSTTransformer)) or issubclass(codemod, ContextAwareVisitor):
        raise Wrong("the class is derived from neither libcst.codemod.Codemod nor libcst.CSTTransformer")
    return changed


def _from_function(codemod: Any, given: dict[str, str]) -> Run:
    """A function from text to text, or one that makes a Bowler query."""
    wanted = [p for p in inspect.signature(codemod).parameters.values() if p.default is p.empty and p.name not in given]
    wanted = [p for p in wanted if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(wanted) > 1:
        raise Wrong(f"the function takes {len(wanted)} arguments: give the others with --arg NAME=VALUE")
    if not wanted or wanted[0].name in (*_QUERY, *_PATHS) or "Query" in str(wanted[0].annotation):
        return lambda name, text: _queried(_query_of(codemod, wanted, given), name, text)

    def changed(name: str, text: str) -> str:
        new = codemod(text, **given)
        if _is_query(new):
            raise Wrong("the function returns a query: call its parameter `query` or `paths`")
        if not isinstance(new, str):
            raise Wrong(f"the function returned a {type(new).__name__} and no text")
        return new

    return changed


def _query_of(make: Any, wanted: list[inspect.Parameter], given: dict[str, str]) -> Any:
    from bowler import Query

    if not wanted:
        query = make(**given)
    elif wanted[0].name in _PATHS:
        query = make([], **given)
    else:
        own = Query()
        query = make(own, **given) or own
    if not _is_query(query):
        raise Wrong(f"the function returned a {type(query).__name__} and no Bowler query")
    return query


def _is_query(value: Any) -> bool:
    bowler = sys.modules.get("bowler")
    return bowler is not None and isinstance(value, bowler.Query)


def _queried(query: Any, name: str, text: str) -> str:
    """The text once a query has run over it; `print` and `exec` are names, as in Python 3."""
    from bowler.tool import BowlerTool
    from fissix.pgen2.parse import ParseError

    tool = BowlerTool(
        query.compile(), interactive=False, write=False, silent=True, options={"print_function": True}, in_process=True
    )
    ended = text if text.endswith("\n") else text + "\n"
    try:
        tree = tool.driver.parse_string(ended)
    except ParseError as problem:
        line = problem.context[1][0] if problem.context else 1
        row = ended.split("\n")[line - 1].strip()
        raise Wrong(f"Bowler's parser (fissix) knows no syntax newer than Python 3.8: line {line}, `{row}`") from None
    tool.refactor_tree(tree, name)
    new = str(tree)
    return new if text.endswith("\n") else new.removesuffix("\n")
