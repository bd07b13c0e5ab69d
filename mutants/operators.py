"""All operators: what each makes of a rewrite, one change at a time."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, zip_longest
from random import Random
from typing import cast

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider

from . import array_operators as arrays
from . import plain_operators as plain
from .model import Mutant, Right
from .nodes import Context

Operator = Callable[[cst.CSTNode, Context], Iterator[cst.CSTNode]]

#: name -> what it does; of two that make the same mutant, the first counts.
OPERATORS: dict[str, Operator] = {
    "boundary": plain.boundary,
    "comparison": plain.comparison,
    "where-swapped": arrays.where,
    "branch-swapped": plain.branch,
    "guard": plain.guard,
    "option": arrays.option,
    "untold-option": arrays.untold,
    "missing-values": arrays.missing,
    "narrower-type": arrays.narrower,
    "elements": arrays.elements,
    "label-for-position": arrays.place,
    "order": arrays.order,
    "related-function": arrays.related,
    "shift": arrays.shifted,
    "constant": plain.constant,
    "text": plain.text,
    "column": plain.column,
    "arithmetic": plain.arithmetic,
    "operands": plain.operands,
    "grouping": plain.grouping,
    "power": plain.power,
    "and-or": plain.logic,
    "slice": plain.bounds,
    "end-dropped": plain.dropped,
    "index": plain.index,
    "arguments": plain.arguments,
    "keyword-lost": plain.keyword_lost,
    "default-lost": plain.default_lost,
    "conversion-lost": plain.conversion_lost,
    "call-lost": arrays.call_lost,
    "sum-order": plain.summation,
}


def mutants(right: Right, limit: int = 0, seed: int = 0) -> list[Mutant]:
    """The mutants of the new code of a rewrite; with a limit so many of them, each operator in its turn."""
    trial = right.trial
    wrapper = MetadataWrapper(cst.parse_module(trial.after), unsafe_skip_copy=True)
    places = wrapper.resolve(PositionProvider)
    parents = cast("dict[cst.CSTNode, cst.CSTNode]", wrapper.resolve(ParentNodeProvider))
    module = wrapper.module
    inside = [node for node in _nodes(module) if _within(places.get(node), trial.after_lines)]
    context = Context(module, parents, _columns(Context(module, parents, ()), inside))
    changes = [[(name, n, new) for n in inside for new in change(n, context)] for name, change in OPERATORS.items()]
    found: dict[str, Mutant] = {}
    for name, node, new in _drawn(changes, Random(f"{seed}/{trial.key}")) if limit else chain(*changes):
        text = _replaced(trial.after, module, node, new, places[node])
        if text != trial.after and text not in found and _compiles(text):
            found[text] = _mutant(right, name, len(found) + 1, text, context.code(node), context.code(new))
        if limit and len(found) >= limit:
            break
    return list(found.values())


Change = tuple[str, cst.CSTNode, cst.CSTNode]


def _drawn(changes: list[list[Change]], rng: Random) -> Iterator[Change]:
    """One of each operator, then another one of each, in random order."""
    for one in changes:
        rng.shuffle(one)
    rng.shuffle(changes)
    for turn in zip_longest(*changes):
        yield from (change for change in turn if change is not None)


def _replaced(text: str, module: cst.Module, node: cst.CSTNode, new: cst.CSTNode, place: CodeRange) -> str:
    """The file with the new node in the place of the old one."""
    if isinstance(node, cst.BaseCompoundStatement):
        return module.deep_replace(node, new).code  # type: ignore[arg-type]
    if isinstance(node, cst.BaseExpression) and isinstance(new, cst.BaseExpression) and node.lpar:
        new = new.with_changes(lpar=[], rpar=[])  # those of the old one stay
    lines = text.split("\n")
    before = [*lines[: place.start.line - 1], lines[place.start.line - 1][: place.start.column]]
    after = [lines[place.end.line - 1][place.end.column :], *lines[place.end.line :]]
    return "\n".join(before) + module.code_for_node(new) + "\n".join(after)


def _mutant(right: Right, operator: str, number: int, text: str, old: str, new: str) -> Mutant:
    trial = right.trial
    first, last = trial.after_lines
    more = text.count("\n") - trial.after.count("\n")
    key = f"{trial.key}/{number}"
    changed = replace(trial, key=key, group=key, after=text, after_lines=(first, last + more))
    return Mutant(key, right, operator, old, new, changed)


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _within(place: CodeRange | None, lines: tuple[int, int]) -> bool:
    return place is not None and lines[0] <= place.start.line and place.end.line <= lines[1]


def _columns(context: Context, nodes: list[cst.CSTNode]) -> tuple[str, ...]:
    found = (n.value for n in nodes if isinstance(n, cst.SimpleString) and context.is_subscript(n))
    return tuple(dict.fromkeys(found))


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "mutant.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True
