"""Which inputs break what a rewrite assumes: by their tags, or by what they have become where the loop begins.

An input that is as usual as can be may still be made into what an assumption rules out on the way to the loop: a list
where an array is taken for granted, a frame with two columns of one name, an index that does not start at zero.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from . import sandbox
from .features import tags_of
from .namespace import Version

#: What the subjects of an assumption are for it, in the words of the shapes; a value of another kind breaks it.
_KINDS = {
    "numeric-arrays": "array",
    "numeric-matrices": "array",
    "numeric-lists": "list",
    "numeric-dicts": "dict",
    "frame-columns": "frame",
    "date-columns": "series",
}
#: Assumptions that say of a value what it is. Others are broken by how an input was changed, which no value shows.
_SHOWN = {*_KINDS, "likely-types", "numeric-columns", "numpy-columns", "columns-exist", "single-columns", "some-rows"}
#: What a name is for which `likely-types` is assumed.
_DATA = (pd.DataFrame, pd.Series, pd.Index, np.ndarray)

Owed = Sequence[Mapping[str, Any]]


def excused(broken: Collection[str], tags: Collection[str]) -> bool:
    """Whether an input breaks a named assumption."""
    return any(t == b or (b.endswith("*") and t.startswith(b[:-1])) for t in tags for b in broken)


def broken_at_entry(version: Version, arguments: dict[str, Any], owed: Owed, seconds: float) -> bool:
    """Whether one of the assumptions (`name`, `subjects`, `tags`) does not hold of the names that it is about.

    The version is run on the arguments, and its names are looked at each time that it comes to the loop.
    """
    named = [one for one in owed if one["subjects"] and one["name"] in _SHOWN]
    if not named:
        return False
    found: list[bool] = []
    with version.looking(lambda names: found.append(any(_breaks(one, names, version.source) for one in named))):
        version.run(arguments, seconds)
    sandbox.violations()  # what this run was refused is no news
    return any(found)


def _breaks(one: Mapping[str, Any], names: Mapping[str, Any], source: str) -> bool:
    return any(excused(one["tags"], _tags(one["name"], subject, names, source)) for subject in one["subjects"])


def _tags(name: str, subject: str, names: Mapping[str, Any], source: str) -> set[str]:
    try:
        value = _value(ast.parse(subject, mode="eval").body, names)
    except Exception:  # a name that is not bound, a column that is not there: nothing is known
        return set()
    found = tags_of({"x": value}, [{"name": "x", "spec": {"t": _KINDS.get(name, "any")}}], source)
    if isinstance(value, pd.DataFrame) and subject.endswith("]"):
        found.add("columns:duplicated")  # one column was meant
    no_data = not isinstance(value, (*_DATA, *((list, tuple, dict) if name in _KINDS else ())))
    if no_data and (name in _KINDS or name == "likely-types"):
        found.add("type:scalar")
    return found


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """What a name, an attribute or a column is; raises for anything else."""
    match node:
        case ast.Name(id=name):
            return names[name]
        case ast.Attribute(value=base, attr=attr):
            return getattr(_value(base, names), attr)
        case ast.Subscript(value=base, slice=ast.Constant(value=key)):
            return _value(base, names)[key]
        case ast.Subscript(value=base, slice=ast.Name(id=key)):
            return _value(base, names)[names[key]]
    raise KeyError(ast.unparse(node))
