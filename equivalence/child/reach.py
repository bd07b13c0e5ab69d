"""The names that a run can come to: what no code that runs can name need not be put back before the next run.

A file of tables and settings is loaded whole for a loop that looks at none of them. Copying them before each run would
take longer than the loop.
"""

from __future__ import annotations

import dis
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
#: Names in the code of every file and every class that are nobody's own.
_GIVEN = frozenset({
    "__future__", "annotations", "__name__", "__module__", "__qualname__", "__doc__", "__slots__", "__annotations__",
    "__firstlineno__", "__static_attributes__", "__classcell__", "__conditional_annotations__",
})  # fmt: skip
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
            self._class(body, found, bool(set(code.co_names) - names - _GIVEN))

    def _class(self, body: CodeType, found: set[str], derived: bool) -> None:
        """Note the methods of a class: who made what it is `derived` from may call any of them."""
        around = set(_own(body)) | found
        functions = _inner(body)
        methods = {method.co_name for method in functions}
        for method in functions:
            within = around | set(_all(method))
            if derived or method.co_name in _MAKING:
                self._named[body.co_name] |= within
            if method.co_name in _MAKING:
                self._making |= within
            else:
                self._named[method.co_name] |= within
        used = _names(body, "LOAD_NAME") & methods | {name for f in functions if "<" in f.co_name for name in _all(f)}
        for name in _names(body, "STORE_NAME") - methods - _GIVEN:  # may be one of them, as in `size = property(_size)`
            self._named[name] |= around | used

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
    of_class = not code.co_flags & _OPTIMIZED and code.co_name != "<module>"
    methods = {one.co_name for one in inner} if of_class else set()
    bound = _names(code, "STORE_NAME") if of_class else set()
    yield from (name for name in code.co_names if name not in bound)
    yield from (text for text in _texts(code.co_consts) if text != code.co_qualname)
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


def _names(code: CodeType, operation: str) -> set[str]:
    return {one.argval for one in dis.get_instructions(code) if one.opname == operation}


def _texts(constants: Iterable[object]) -> Iterator[str]:
    """Texts that may be names: attributes are asked for by them."""
    for one in constants:
        if isinstance(one, str):
            yield one
        elif isinstance(one, (tuple, frozenset)):
            yield from _texts(one)
