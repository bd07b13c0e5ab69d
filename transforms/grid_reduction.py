"""DL705: two loops over the cells of a table that count, add up or scatter them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.context import Refused, SiteContext
from ..loops.exposure import handled
from ..loops.ir import Append, Expr, Loop, StoreItem
from ..loops.kind_words import Kind
from ..loops.lift import live_out
from ..loops.names import bound_names, names_in
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Example, Replace, Rewrite, Rule, Severity, Transform
from .lanes.arithmetic import plain_loop
from .lanes.emit import Output, emit
from .lanes.fresh import fresh_array, made_kind
from .lanes.grids import GridCode
from .lanes.lanes import Lane, NotVector
from .lanes.nests import Nest, nest_of
from .lanes.vector import array_rewrite, assume_lifted, none_left_out
from .scalar.pieces import added, several_steps, without_sum
from .scans.seeds import find_seed
from .scans.updates import whole
from .scatter import ADDING, added_at, check_stored, indices_of, position, scatters
from .shared.build import assign, attr, binop, call, clone, const, item, name

#: What a count may start from: adding ones to it one by one, or all at once, is the same.
SMALL = 2**31


class GridReduction(Transform):
    """Two loops over the cells of a table that count, add up or scatter them are one expression on the whole table.

    The cells are gone through row by row, as the loops did, so that sums of floats are the same bit by bit. The table
    has to be one of numbers, and as large as the ranges say.
    """

    rule = Rule("DL705", "grid-reduction", Severity.MEDIUM)
    needs_body = False
    examples = (
        Example(
            before="""
                import numpy as np


                def histogram(image: np.ndarray):
                    counts = np.zeros(256)
                    for i in range(image.shape[0]):
                        for j in range(image.shape[1]):
                            counts[image[i, j]] += 1
                    return counts
            """,
            after="""
                import numpy as np


                def histogram(image: np.ndarray):
                    counts = np.zeros(256)
                    np.add.at(counts, image, 1)
                    return counts
            """,
        ),
        Example(
            before="""
                import numpy as np


                def bright(image: np.ndarray, least: int):
                    n = 0
                    light = 0.0
                    height, width = image.shape
                    for i in range(height):
                        for j in range(width):
                            if image[i, j] > least:
                                n += 1
                    for i in range(height):
                        for j in range(width):
                            light += image[i, j] / 255
                    return n, light
            """,
            after="""
                import numpy as np


                def bright(image: np.ndarray, least: int):
                    n = 0
                    light = 0.0
                    height, width = image.shape
                    n += int(np.count_nonzero(image > least))
                    cells = image / 255
                    if cells.size:
                        light = np.cumsum(np.concatenate(([light], cells.ravel())))[-1]
                    return n, light
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def longest(image: np.ndarray):
                    run = 0
                    for i in range(image.shape[0]):
                        for j in range(image.shape[1]):
                            run = run + 1 if image[i, j] > run else 0
                    return run
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import numpy as np


                def longest(image: np.ndarray):
                    run = int(np.count_nonzero(image > 0))
                    return run
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        nest = nest_of(site, loop)
        if nest is None or isinstance(nest.lifted, Refusal) or nest.lifted.opaque:
            return None
        match tuple(nest.lifted.carried), nest.lifted.effects:
            case (id_,), ():
                return self._reduced(site, loop, nest, nest.lifted, id_)
            case (), (StoreItem() as e,) if scatters(e) and e.augmented in ADDING:
                return self._scattered(site, loop, nest, nest.lifted, e)
        return None

    def _reduced(
        self, site: SiteContext, loop: Loop, nest: Nest, lifted: Loop, id_: str
    ) -> Sequence[Rewrite] | Refusal | None:
        found = added(lifted.carried[id_], id_)
        if found is None:
            return Refusal(Reason.CARRIED_STATE, site.loop.lineno, f"`{id_}` is carried from one round to the next")
        plain = _as_list(lifted, id_, *found, site.loop.lineno)
        if objection := _objection(site, nest, plain, id_):
            return objection
        code = _code(site, loop, nest, plain)
        try:
            outputs = _sum(code, site, id_, *found)
        except (NotVector, Refused) as e:
            return e.refusal
        statements = code.under_conditions(emit(code, outputs, {id_}))
        return [array_rewrite(self.rule, code, statements, [Replace(site.loop, tuple(statements))])]

    def _scattered(
        self, site: SiteContext, loop: Loop, nest: Nest, lifted: Loop, e: StoreItem
    ) -> Sequence[Rewrite] | Refusal | None:
        made = fresh_array(site, e.target) if e.target.isidentifier() else None
        kind = made_kind(site, made) if made is not None else None
        if made is None or kind is None:
            message = f"`{e.target}` is not made in this function: it may be no array, or share memory with others"
            return Refusal(Reason.ALIASED, e.line, message)
        if handled(site):
            message = "a position out of range would leave partial results, and that may be handled in this function"
            return Refusal(Reason.EXCEPTION_HANDLING, site.loop.lineno, message)
        if objection := _objection(site, nest, lifted, e.target):
            return objection
        code = _code(site, loop, nest, lifted)
        try:
            output = _scattered(code, e, kind)
        except (NotVector, Refused) as refused:
            return refused.refusal
        statements = code.under_conditions(emit(code, [output], {e.target}))
        return [array_rewrite(self.rule, code, statements, [Replace(site.loop, tuple(statements))])]


def _as_list(lifted: Loop, id_: str, guard: Expr | None, piece: Expr, line: int) -> Loop:
    """The loop as if it appended to a list what it adds to a name."""
    live_out = {n: k for n, k in lifted.live_out.items() if n != id_}
    return replace(without_sum(lifted, id_), live_out=live_out, effects=(Append(id_, piece, guard, line),))


def _objection(site: SiteContext, nest: Nest, lifted: Loop, kept: str) -> Refusal | None:
    """Objections to computing all cells at once; `kept` is what outlives the loops."""
    if objection := plain_loop(nest.inside, lifted):
        return objection
    if kept in {n for s in site.loop.body[:-1] for n in bound_names(s)}:
        return Refusal(Reason.CARRIED_STATE, site.loop.lineno, f"each row begins with another `{kept}`")
    live = live_out(site, [n for n in bound_names(site.loop) if n != kept])
    if live:
        id_, line = next(iter(live.items()))
        return Refusal(Reason.VALUE_READ_LATER, line, f"`{id_}` is read after the loop")
    return None


def _code(site: SiteContext, loop: Loop, nest: Nest, lifted: Loop) -> GridCode:
    code = GridCode.of(site, loop.header, nest.env, nest.inside, lifted)
    assume_lifted(code, site, lifted)
    assume_lifted(code, nest.inside, lifted)
    if {n for s in site.loop.body[:-1] for n in bound_names(s)} - names_in(nest.inner):
        code.owe("no-exceptions")  # what is computed for each row, and not read
    return code


def _sum(code: GridCode, site: SiteContext, id_: str, guard: Expr | None, piece: Expr) -> list[Output]:
    """What the cells add to a name: whole numbers under a condition, or their values; raises NotVector."""
    _check_whole(code)
    line, step = site.loop.lineno, whole(piece)
    seed = find_seed(site, id_)
    if seed.assumed:
        code.owe("numeric-start", id_)
    mask = None if guard is None else code.mask(guard, line)
    if mask is not None and not _of_cells(code, mask.node):
        raise NotVector(Reason.UNKNOWN_KIND, line, "the condition is not one of each cell")
    if step is not None:
        if mask is None or seed.value is None or abs(seed.value) >= SMALL or abs(step) >= SMALL:
            raise NotVector(Reason.CARRIED_STATE, line, f"`{id_}` is not known to be a small number before the loop")
        return [_counted(code, id_, step, mask, line)]
    lane = code.lane(piece) if mask is None else code.conditional(piece)
    if not lane.array or lane.dtype not in ("int", "float", "number") or not _of_cells(code, lane.node):
        raise NotVector(Reason.UNKNOWN_KIND, line, f"what `{id_}` adds up is not a number of each cell")
    if lane.dtype != "float":
        code.owe("no-overflow")
    if {lane.dtype, seed.dtype} != {"int"} and several_steps(piece, id_):
        code.owe("float-order", id_)
    return [_added_up(code, id_, lane if mask is None else _picked(code, lane, mask), mask is not None, line)]


def _counted(code: GridCode, id_: str, step: int, mask: Lane, line: int) -> Output:
    counted: ast.expr = call("int", code.numpy("count_nonzero", mask.node))
    counted = counted if abs(step) == 1 else binop(const(abs(step)), ast.Mult(), counted)
    stmt = ast.AugAssign(ast.Name(id_, ast.Store()), ast.Add() if step > 0 else ast.Sub(), counted)
    stmt.lineno = line
    risk, code.risk = code.risk, False
    return Output(stmt, risk)


def _added_up(code: GridCode, id_: str, lane: Lane, some: bool, line: int) -> Output:
    """`total = np.cumsum(...)[-1]`: added one by one, as the loops did; of no cells the name stays what it is.

    `some`: not all cells, but those that a mask has picked.
    """
    cells = code.temp(lane, "cells").node
    flat = clone(cells) if some else call(attr(clone(cells), "ravel"))
    all_ = code.numpy("concatenate", ast.Tuple([ast.List([name(id_)], ast.Load()), flat], ast.Load()))
    total = assign(id_, item(code.numpy("cumsum", all_), const(-1)), line)
    stmt = ast.If(attr(clone(cells), "size"), [total], [])
    stmt.lineno = line
    risk, code.risk = code.risk, False
    return Output(stmt, risk)


def _scattered(code: GridCode, e: StoreItem, kind: Kind) -> Output:
    """The statement that adds what there is for each cell where the numbers in cells say; raises NotVector."""
    _check_whole(code)
    mask = None if e.guard is None else code.mask(e.guard, e.line)
    value = code.lane(e.value) if mask is None else code.conditional(e.value)
    check_stored(code, e, kind, value)
    where = [position(code, x, e, mask is not None) for x in indices_of(e)]
    if kind.ndim != len(where):
        raise NotVector(Reason.UNKNOWN_KIND, e.line, f"`{e.target}` is not known to have {len(where)} dimensions")
    lanes = [x for x in (*where, value) if x.array]
    whole_cells = all(_of_cells(code, x.node) for x in lanes)
    if not whole_cells and (mask is not None or value.array or not any(_of_cells(code, x.node) for x in where)):
        raise code.refuse("not each cell has a position, and a value, of its own")
    if mask is not None and not _of_cells(code, mask.node):
        raise code.refuse("the condition is not one of each cell")
    if mask is not None:
        found = [_picked(code, x, mask).node if x.array else x.node for x in (*where, value)]
    elif value.array:  # in the order of the cells, whatever the order in memory
        found = [call(attr(x.node, "ravel")) if x.array else x.node for x in (*where, value)]
    else:
        found = [x.node for x in (*where, value)]
    *index, added_ = found
    return added_at(code, e, index[0] if len(index) == 1 else ast.Tuple(index, ast.Load()), added_)


def _picked(code: GridCode, lane: Lane, mask: Lane) -> Lane:
    """The cells that a mask lets through, of what is computed for all of them."""
    none_left_out(code, set())
    return replace(lane, node=item(code.temp(lane, "values").node, mask.node))


def _check_whole(code: GridCode) -> None:
    if code.outer is None or code.outer.start != 0 or code.rounds.start != 0:
        raise code.refuse("a range does not begin at 0", reason=Reason.OUT_OF_RANGE)


def _of_cells(code: GridCode, node: ast.expr) -> bool:
    """Whether an array has an element for each cell, and not only for each row or column."""
    steps, done, todo = {s.symbol: s.node for s in code.steps}, set[str](), [node]
    while todo:
        for n in walk(todo.pop()):
            if id(n) in code.tables:
                return True
            if isinstance(n, ast.Name) and n.id in steps and n.id not in done:
                done.add(n.id)
                todo.append(steps[n.id])
    return False
