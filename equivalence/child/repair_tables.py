"""What the messages of exceptions say about the values that caused them."""

from __future__ import annotations

import re

from .words import DATE, DELTA, LIST_METHODS, TEXT

NEXT = {
    "any": ["num", "str", "list", "duck", "datetime", "frame", "dict", "tuple", "callable"],
    "num": ["str", "datetime", "list", "series", "tuple", "duck"],
    "callable": ["duck"],
    "float": ["str", "datetime", "list"],
    "int": ["num", "str", "datetime", "list"],
    "bool": ["num", "str", "list"],
    "str": ["num", "datetime", "list"],
    "list": ["array", "series", "dict", "frame"],
    "array": ["series", "list"],
    "series": ["array", "list", "frame"],
    "record": ["frame", "dict"],
    "tuple": ["list"],
    "dict": ["frame", "list"],
    "frame": ["record", "dict"],
    "datetime": ["date", "num", "str"],
    "date": ["datetime"],
    "object": ["duck", "num"],
}

#: Attributes that tell the kind.
HAVE = (
    (TEXT, ("str",)),
    (DATE | DELTA, ("datetime",)),
    (LIST_METHODS, ("list",)),
    (frozenset(["items", "keys", "get", "values"]), ("dict",)),
    (
        frozenset(["iloc", "loc", "index", "iterrows", "columns", "at", "shape", "mean", "sum", "std", "max", "min"])
        | frozenset(["astype", "copy", "drop", "ravel", "reshape", "T", "size", "tolist"]),
        ("series", "frame", "array"),
    ),
)
LEAVES = ("any", "num", "int", "float", "bool", "str")
UNKNOWN = ("any", "num", "object", "callable", "dict", "record")
#: Which specifications make a value of this type.
HELD_AS = {
    "float": ("any", "num", "float", "callable", "object"),
    "int": ("any", "num", "int"),
    "str": ("any", "str"),
    "dict": ("dict", "record"),
    "list": ("list",),
    "Series": ("series",),
    "ndarray": ("array",),
    "date": ("date", "datetime", "any"),
    "datetime": ("date", "datetime", "any"),
}

#: What some messages ask for.
ASKS_FOR = (
    (r"expected str instance|must be str|concatenate str|expected string|requires string", ("str",)),
    (r"can only concatenate list|extend.*iterable|has no len\(\)|is not iterable", ("list", "str", "tuple")),
    (r"can only concatenate tuple", ("tuple",)),
    (r"indices must be integers.*not '?list", ("array",)),
    (r"cannot be interpreted as an integer|indices must be integers|only integers|must be of integer", ("int",)),
    (r"^Invalid value .* for dtype 'u?int", ("num", "int")),
    (r"bool-like", ("bool",)),
    (r"datetime string format|not convertible to datetime", ("datetime",)),
    (r"unhashable type", ("str", "num")),
    (r"cannot concatenate object of type", ("frame",)),
    (r"unsupported operand|bad operand|not supported between|ufunc|__round__|real number", ("num", "datetime")),
)
#: What pandas says of several columns or labels that are not there.
SEVERAL_MISSING = re.compile(r"^None of \[|\] not in index$|\] not found in axis|^Columns not found")
#: What pandas says where texts name rows whose labels are no dates.
TEXT_LABELS = re.compile(r"slice indexing on \w*Index with these indexers \[.*\] of type (str|datetime|Timestamp)")
#: Messages of an operation that a number does not have.
TOO_LITTLE = re.compile(
    r"'float' object (has no attribute|is not|does not support|cannot be)|non-iterable float|type 'float' (has|is not)"
    r"|not an iterator|array is 0-dimensional|at most 0|'Stub'|not \"?Stub|0-d (array|tensor)|not list-like"
)
