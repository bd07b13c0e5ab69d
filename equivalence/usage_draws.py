"""What random draws say about their arguments."""

from __future__ import annotations

from .shapes import MISSING, Shape

#: Draws whose parameters are whole numbers.
WHOLE = frozenset({"integers", "randint", "permutation", "rand", "randn"})


def drawn(name: str, arguments: list[Shape], by_name: dict[str | None, Shape]) -> Shape:
    """What a draw gives; notes what it is given by position and by name."""
    if name == "choice" and arguments:
        return _choice(arguments, by_name.get("size"))
    several = by_name.get("size")
    for shape in (*arguments, *by_name.values()):
        if shape.value is not MISSING or shape.has_elem or "length of" in shape.flags:
            continue
        counts = name in WHOLE or shape is several
        shape.vote("index" if counts else "number", 1).flag("small")
    return Shape("number", 0.2) if several is None else _sequence_of(Shape("number", 0.2))


def _sequence_of(elem: Shape) -> Shape:
    result = Shape("list", 0.5)
    result._elem = elem
    return result


def _choice(arguments: list[Shape], size: Shape | None) -> Shape:
    """`choice(pool)` gives one of the pool, `choice(pool, size)` several."""
    pool = arguments[0].find()
    several = size or (arguments[1] if len(arguments) > 1 else None)
    if pool.value is MISSING and not pool.votes["index"]:
        pool.vote("list", 0.5).flag("array-like")
    if several is None:
        return pool.elem
    if several.value is MISSING and "length of" not in several.flags:
        several.vote("index", 1).flag("small")
    return _sequence_of(pool.elem)
