"""Values of which nothing is known: each operation on them gives a term, and equal terms stand for equal values.

Two pieces of code that take the same steps in the same order on terms do so whatever the values are: operations are
uninterpreted functions, as in translation validation (Necula, "Translation validation for an optimizing compiler",
PLDI 2000). What a step reads may be changed by any call before it, so that each term says how many there were.
"""

from __future__ import annotations

import builtins
import dis
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, FunctionType
from typing import Any

_LONGEST = 160
#: How many elements a term has, and which whole number it is where only a number will do.
_SIZES = (0, 1, 2, 3, 7, 30)


class Unclear(Exception):
    """A value that two runs can't be compared by."""


class Raised(KeyError, ValueError, IndexError, TypeError, AttributeError):
    """What a step raises that fails; whoever handles a usual exception handles it."""


class Steps:
    """What a run has done to values that others may hold, in order, and what it has asked of values, in any order.

    `fails` says that some of the steps raise, `few` that what is read is one of a few values.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self, fails: bool = False, few: bool = False) -> None:
        """Start a run."""
        self.taken: list[str] = []
        self.asked: set[str] = set()
        self.fails, self.few = fails, few
        self.shared: list[Any] = []  # containers that the functions that are called may look into
        self.iterated: Counter[str] = Counter()
        self._met: dict[int, tuple[int, Any]] = {}

    def note(self, step: str) -> None:
        """A step that may have changed anything."""
        self.taken.append(step + "".join(map(text_of, self.shared)))
        if self.fails and _code(step) % 17 == 0:
            raise Raised(step)

    def number(self, container: Any) -> tuple[int, bool]:
        """The number of a container in the order in which they were met, and whether this one was met before."""
        known = id(container) in self._met
        return self._met.setdefault(id(container), (len(self._met), container))[0], known


STEPS = Steps()


class _Shared:
    """A container that others have, too: each call is noted with what is in it by then."""

    def __deepcopy__(self, memo: Any) -> Any:
        STEPS.shared.append(self)
        return self


class SharedList(_Shared, list[Any]):
    """A list that others have, too."""


class SharedDict(_Shared, dict[Any, Any]):
    """A dict that others have, too."""


class SharedSet(_Shared, set[Any]):
    """A set that others have, too."""


def _code(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")


class Term:
    """A value that came about as its label says."""

    __slots__ = ("_label",)
    _label: str

    def __init__(self, label: str) -> None:
        short = label if len(label) <= _LONGEST else f"{label[:60]}~{_code(label):016x}"
        object.__setattr__(self, "_label", short)
        STEPS.asked.add(short)

    def _read(self, step: str) -> Term:
        return _found(f"{self._label}{step}{_when()}")

    def _changed(self, step: str, *values: Any) -> Term:
        whole = f"{self._label}{step}({text_of(list(values))})"
        when = _when()
        STEPS.note(whole)
        return _found(whole + when)

    # reading

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._read(f".{name}")

    def __getitem__(self, key: Any) -> Any:
        found = f"[{text_of(key)}]"
        if STEPS.fails and _code(self._label + found) % 17 == 0:
            raise Raised(found)
        return self._read(found)

    def __iter__(self) -> Iterator[Any]:
        count = _unpacked(sys._getframe(1))
        STEPS.iterated[self._label] += 1  # it may be an iterator, which only the first time gives anything
        STEPS.asked.add(f"{STEPS.iterated[self._label]} times {self._label}")
        return self._elements(len(self) if count is None else count)

    def _elements(self, count: int) -> Iterator[Any]:
        for k in range(count):
            yield self._read(f"<{k}>")

    def __len__(self) -> int:
        return _SIZES[_code(f"len {self._label}{_when()}") % len(_SIZES)]

    def __contains__(self, value: Any) -> bool:
        return _code(f"{self._label} has {text_of(value)}{_when()}") % 2 == 0

    def __instancecheck__(self, value: Any) -> bool:
        return _code(f"{self._label} is the kind of {text_of(value)}") % 2 == 0

    def __bool__(self) -> bool:
        STEPS.asked.add(f"whether {self._label}")
        negated = self._label.startswith("!")
        return (_code(self._label[negated:]) % 5 < 3) != negated

    def __float__(self) -> float:
        return _code(self._label) % 4000 / 8 - 50

    def __int__(self) -> int:
        return int(float(self))

    def __index__(self) -> int:
        return _SIZES[_code(self._label) % len(_SIZES)]

    def __str__(self) -> str:
        return self._label

    def __repr__(self) -> str:
        return f"<{self._label}>"

    def __format__(self, spec: str) -> str:
        return f"{self._label}|{spec}"

    def __hash__(self) -> int:
        return hash(self._label)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Term) and other._label == self._label:
            return True
        return Term(self._equal(other))

    def __ne__(self, other: object) -> Any:
        if isinstance(other, Term) and other._label == self._label:
            return False
        return Term(f"!{self._equal(other)}")

    def _equal(self, other: object) -> str:
        return "({} == {})".format(*sorted((self._label, text_of(other))))

    # changing

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._changed("", *args, *(f"{name}=" for name in kwargs), *kwargs.values())

    def __setattr__(self, name: str, value: Any) -> None:
        self._changed(f".{name} =", value)

    def __delattr__(self, name: str) -> None:
        self._changed(f"del .{name}")

    def __setitem__(self, key: Any, value: Any) -> None:
        self._changed("[] =", key, value)

    def __delitem__(self, key: Any) -> None:
        self._changed("del []", key)

    def __enter__(self) -> Any:
        return self._changed(" enter")

    def __exit__(self, *error: Any) -> None:
        self._changed(" exit")

    def __copy__(self) -> Term:
        return self

    def __deepcopy__(self, memo: Any) -> Term:
        return self


def _found(label: str) -> Term:
    """What is read, or given by a call: a value of its own, or the same as others where there are few."""
    if not STEPS.few:
        return Term(label)
    STEPS.asked.add(label)
    return Term(f"value{_code(label) % 4}")


def _when() -> str:
    return f"@{len(STEPS.taken)}" if STEPS.taken else ""


def _unpacked(frame: FrameType) -> int | None:
    """How many values the code takes that asks for an iterator; None unless it unpacks so many."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at + 1] if 0 <= at < len(code) - 1 and dis.opname[code[at]] == "UNPACK_SEQUENCE" else None


def _binary(sign: str, reflected: bool) -> Callable[[Term, Any], Term]:
    def apply(self: Term, other: Any) -> Term:
        a, b = (text_of(other), self._label) if reflected else (self._label, text_of(other))
        return Term(f"({a} {sign} {b})")

    return apply


def _in_place(sign: str) -> Callable[[Term, Any], Term]:
    return lambda self, other: self._changed(f" {sign}= ", other)


def _unary(sign: str) -> Callable[..., Term]:
    return lambda self, *more: Term(f"{sign}({self._label}{''.join(f', {text_of(m)}' for m in more)})")


_SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "matmul": "@",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "divmod": "divmod",
    "pow": "**",
    "lshift": "<<",
    "rshift": ">>",
    "and": "&",
    "xor": "^",
    "or": "|",
}
for _name, _sign in _SIGNS.items():
    setattr(Term, f"__{_name}__", _binary(_sign, False))
    setattr(Term, f"__r{_name}__", _binary(_sign, True))
    setattr(Term, f"__i{_name}__", _in_place(_sign))
for _name, _sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    setattr(Term, f"__{_name}__", _binary(_sign, False))
for _name in ("neg", "pos", "abs", "invert", "round", "trunc", "floor", "ceil"):
    setattr(Term, f"__{_name}__", _unary(_name))


class Builtin:
    """A built-in function: of a term it gives a term."""

    def __init__(self, name: str) -> None:
        self._name, self._real = name, getattr(builtins, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if any(isinstance(a, Term) for a in args):
            return Term(f"{self._name}({', '.join(map(text_of, args))}){_when()}")
        return self._real(*map(_real, args), **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _real(value: Any) -> Any:
    if isinstance(value, Builtin):
        return value._real
    return tuple(map(_real, value)) if type(value) is tuple else value


def text_of(value: Any) -> str:
    """What tells a value from others: types, order, contents, and which containers are one and the same.

    Raises Unclear for an object that nothing is known of.
    """
    if isinstance(value, Term):
        return value._label
    if isinstance(value, Builtin):
        return value._name
    kind = type(value)
    if value is None or value is Ellipsis or value is NotImplemented or kind in (bool, int, float, complex, str, bytes):
        return repr(value)
    if kind in (list, dict, set, bytearray) or isinstance(value, _Shared):
        return _container(value)
    if kind is tuple:
        return f"({', '.join(map(text_of, value))},)"
    if kind is frozenset:
        return f"frozen{{{', '.join(map(text_of, value))}}}"
    if kind in (slice, range):
        return f"{kind.__name__}({text_of(value.start)}, {text_of(value.stop)}, {text_of(value.step)})"
    if kind is FunctionType:
        return _function(value)
    if kind is CodeType:
        return _instructions(value)
    if isinstance(value, BaseException):
        return f"{kind.__qualname__}{text_of(value.args)}"
    name = str(getattr(value, "__name__", ""))
    if getattr(builtins, name, None) is value:
        return name
    if hasattr(value, "__next__"):
        return f"{kind.__name__}<{', '.join(text_of(v) for _, v in zip(range(1000), value, strict=False))}>"
    raise Unclear(kind.__qualname__)


def _container(value: Any) -> str:
    number, _ = STEPS.number(value)  # the same one is shown again: it may hold something else by now
    pairs = [f"{text_of(k)}: {text_of(v)}" for k, v in value.items()] if isinstance(value, dict) else []
    kind = next(k for k in (list, dict, set, bytearray) if isinstance(value, k))
    return f"{kind.__name__}#{number}[{', '.join(pairs or map(text_of, value))}]"


def _function(value: FunctionType) -> str:
    """The same text for functions of the same instructions that see the same values."""
    number, known = STEPS.number(value)
    if known:
        return f"function#{number}"
    seen = [cell.cell_contents for cell in value.__closure__ or ()]
    given = [*(value.__defaults__ or ()), *sorted((value.__kwdefaults__ or {}).items())]
    return f"function#{number}({_instructions(value.__code__)}, {text_of(tuple(seen))}, {text_of(tuple(given))})"


def _instructions(code: CodeType) -> str:
    constants = ", ".join(map(text_of, code.co_consts))
    return f"{code.co_code.hex()}({constants}; {code.co_names}; {code.co_varnames}; {code.co_freevars})"
