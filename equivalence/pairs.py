"""Two functions that are said to be equivalent: found in their files, their parameters paired."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from .names import FUNCTIONS, loads, parameters
from .preamble import ModuleNames
from .regions import Function

#: Decorators that say how a method is reached, not what it does.
_BINDING = ("staticmethod", "classmethod", "property", "cached_property", "override", "abstractmethod")


class WrongCall(Exception):
    """What was asked for can't be looked at: one line with what to do next."""


@dataclass(frozen=True)
class Side:
    """One of the two functions. `shown` is the file and the function as the user named them."""

    names: ModuleNames
    function: Function
    owner: ast.ClassDef | None
    shown: str

    @property
    def name(self) -> str:
        """As code calls it: `Class.method` for a method."""
        return f"{self.owner.name}.{self.function.name}" if self.owner is not None else self.function.name

    @property
    def receiver(self) -> str:
        """The name of `self` or `cls`; empty for functions and static methods."""
        arguments = parameters(self.function)
        if self.owner is None or not arguments or "staticmethod" in self.bindings:
            return ""
        return arguments[0].arg

    @property
    def takes_class(self) -> bool:
        """Whether it is a class method."""
        return "classmethod" in self.bindings

    @property
    def bindings(self) -> set[str]:
        """The decorators that only say how it is reached."""
        return {name for d in self.function.decorator_list if (name := _last_name(d)) in _BINDING}

    @property
    def decorators(self) -> list[ast.expr]:
        """The decorators that change what it does."""
        return [d for d in self.function.decorator_list if _last_name(d) not in _BINDING]

    @property
    def optional(self) -> set[str]:
        """The parameters that a call may leave out."""
        a = self.function.args
        positional = [*a.posonlyargs, *a.args]
        found = {p.arg for p in positional[len(positional) - len(a.defaults) :]}
        found |= {p.arg for p, default in zip(a.kwonlyargs, a.kw_defaults, strict=True) if default is not None}
        return found | {star.arg for star in (a.vararg, a.kwarg) if star is not None}


@dataclass(frozen=True)
class Input:
    """One input: its name, and the parameter of each function that takes it ("" for none)."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Pair:
    """The two functions and what goes into both."""

    old: Side
    new: Side
    inputs: tuple[Input, ...]
    notes: tuple[str, ...] = ()


def find_side(names: ModuleNames, wanted: str, shown: str) -> Side:
    """The function `wanted` ("f" or "Class.method") of a file. Raises WrongCall."""
    known = dict(functions_of(names.tree))
    if wanted in known:
        owner, function = known[wanted]
        return Side(names, function, owner, shown)
    file = shown.removesuffix(f":{wanted}")
    close = get_close_matches(wanted, known, n=1) or [n for n in known if n.split(".")[-1] == wanted][:1]
    listed = ", ".join(f"`{name}`" for name in sorted(known)[:8]) or "no function at all"
    hint = f"did you mean `{close[0]}`?" if close else f"it has {listed}"
    raise WrongCall(f"{file}: has no function `{wanted}` at its top level or in a class there; {hint}")


def functions_of(tree: ast.Module) -> Iterator[tuple[str, tuple[ast.ClassDef | None, Function]]]:
    """The functions and methods of a file by name, those under `if` and `try` too; of equal names the last counts."""
    for stmt in _flat(tree.body):
        if isinstance(stmt, FUNCTIONS):
            yield stmt.name, (None, stmt)
        elif isinstance(stmt, ast.ClassDef):
            for inner in _flat(stmt.body):
                if isinstance(inner, FUNCTIONS):
                    yield f"{stmt.name}.{inner.name}", (stmt, inner)


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for stmt in body:
        yield stmt
        if isinstance(stmt, (ast.If, ast.Try)):
            handlers = [s for h in getattr(stmt, "handlers", ()) for s in h.body]
            yield from _flat([*stmt.body, *handlers, *stmt.orelse, *getattr(stmt, "finalbody", ())])


def paired(old: Side, new: Side, mapping: Mapping[str, str]) -> Pair:
    """Pair the parameters: as `mapping` (old name -> new name) says, else by name. Raises WrongCall."""
    ours, theirs = ([p.arg for p in parameters(side.function)] for side in (old, new))
    _check_mapping(old, new, ours, theirs, mapping)
    taken = set(mapping.values())
    found: dict[str, str] = dict(mapping)
    if old.receiver and new.receiver and old.receiver not in found and new.receiver not in taken:
        found[old.receiver] = new.receiver
        taken.add(new.receiver)
    for name in ours:
        if name not in found and name in theirs and name not in taken:
            found[name] = name
            taken.add(name)
    inputs = [Input(name, name, found[name]) for name in ours if name in found]
    left, missing = [n for n in ours if n not in found], [n for n in theirs if n not in taken]
    if old.receiver in left and old.receiver not in loads(old.function.body):
        inputs.insert(0, Input(old.receiver, old.receiver, ""))
        left.remove(old.receiver)
    if new.receiver in missing:
        inputs.append(Input(_free(new.receiver, ours), "", new.receiver))
        missing.remove(new.receiver)
    needed = [n for n in left if n not in old.optional], [n for n in missing if n not in new.optional]
    _complain(old, new, *needed, missing=missing, left=left)
    notes = [f"`{n}` of {side.shown} is left at its default" for side, ns in ((old, left), (new, missing)) for n in ns]
    return Pair(old, new, tuple(inputs), tuple(notes))


def _check_mapping(old: Side, new: Side, ours: list[str], theirs: list[str], mapping: Mapping[str, str]) -> None:
    for mine, other in mapping.items():
        for side, name, names in ((old, mine, ours), (new, other, theirs)):
            if name not in names:
                listed = ", ".join(names) or "none"
                raise WrongCall(
                    f"--map {mine}={other}: {side.shown} has no parameter `{name}`; its parameters: {listed}"
                )
    if len(set(mapping.values())) < len(mapping):
        raise WrongCall(f"--map: two parameters of {old.shown} are mapped to one of {new.shown}")


def _complain(
    old: Side, new: Side, needed: list[str], needed_new: list[str], *, missing: list[str], left: list[str]
) -> None:
    if not needed and not needed_new:
        return
    one, other = next(iter([*needed, *left]), ""), next(iter([*needed_new, *missing]), "")
    lacks, has, name = (new, old, needed[0]) if needed else (old, new, needed_new[0])
    hint = (
        f"name the pair, as with --map {one}={other}" if one and other else "give it a default, or leave it out of both"
    )
    raise WrongCall(f"{lacks.shown} has no parameter for `{name}` of {has.shown}: {hint}")


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
