"""The names that a run can come to: what no code that runs can name need not be put back before the next run.

A file of tables and settings is loaded whole for a loop that looks at none of them. Copying them before each run would
take longer than the loop.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from types import CodeType

#: Code that may come to anything, whatever it names.
_ANYWHERE = frozenset({
    "globals", "vars", "eval", "exec", "getattr", "setattr", "delattr", "__dict__", "__import__", "import_module",
    "attrgetter", "methodcaller",
})  # fmt: skip
#: What makes an object of a class that is named, or of one that is at hand.
_MAKING = frozenset({"__new__", "__init__", "__post_init__"})
_AT_HAND = frozenset({"type", "__class__"})
_OPTIMIZED = 0x01  # code of a function; the body of a class has no such flag


class Uses:
    """What each function, method and value of the loaded code names, by its own name alone."""

    def __init__(self) -> None:
        self._named: defaultdict[str, set[str]] = defaultdict(set)
        self._making: set[str] = set()

    def chunk(self, names: Iterable[str], code: CodeType) -> None:
        """Note a piece of code that binds these names. The methods of a class are code of their own."""
        names = set(names)
        found = set(_own(code)) - names
        for name in names:
            self._named[name] |= found
        for body in _bodies(code):
            around = set(_own(body)) | found
            for method in _inner(body):
                within = around | set(_all(method))
                if method.co_name in _MAKING:
                    self._making |= within
                    self._named[body.co_name] |= within
                else:
                    self._named[method.co_name] |= within

    def link(self, names: Iterable[str], source: str) -> None:
        """Note names that stand for one of another module."""
        for name in names:
            self._named[name].add(source)

    def reached(self, code: CodeType) -> set[str] | None:
        """The names that a run of the code may come to; None for any. Special methods are called without a name."""
        special = [name for name in self._named if name.startswith("__") and name.endswith("__")]
        found: set[str] = set()
        ahead = {*_all(code), *special}
        while ahead:
            name = ahead.pop()
            found.add(name)
            ahead |= (self._named.get(name, set()) | (self._making if name in _AT_HAND else set())) - found
        return None if found & _ANYWHERE else found


def _own(code: CodeType) -> Iterator[str]:
    """What a piece of code names, the methods of its classes left out."""
    inner = list(_inner(code))
    bodies = list(_bodies(code))
    methods = {one.co_name for one in inner} if not code.co_flags & _OPTIMIZED and code.co_name != "<module>" else set()
    yield from (name for name in code.co_names if name not in methods)
    yield from (text for text in _texts(code.co_consts) if text != getattr(code, "co_qualname", code.co_name))
    for one in inner:
        if one.co_name not in methods:
            yield from _own(one) if one in bodies else _all(one)


def _all(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    yield from ("type" for name in code.co_varnames if name == "cls")
    yield from _texts(code.co_consts)
    for one in _inner(code):
        yield from _all(one)


def _bodies(code: CodeType) -> Iterator[CodeType]:
    """The bodies of the classes that a piece of code makes, at any depth."""
    for one in _inner(code):
        if not one.co_flags & _OPTIMIZED:
            yield one
        yield from _bodies(one)


def _inner(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _texts(constants: Iterable[object]) -> Iterator[str]:
    """Texts that may be names: attributes are asked for by them."""
    for one in constants:
        if isinstance(one, str):
            yield one
        elif isinstance(one, (tuple, frozenset)):
            yield from _texts(one)
