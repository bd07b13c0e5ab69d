"""An array that is made only to be filled as a whole is the array of the values itself."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ...loops.context import SiteContext
from ...loops.exposure import handled
from ...loops.ir import Read, StoreItem
from ...loops.names import names_in
from ...loops.walk import walk
from ..shared.build import assign, clone, const, name
from .arrays import ArrayCode
from .emit import Output
from .lanes import Lane
from .vector import own

#: Makers whose elements are all the same -> that element.
FILLED = {"zeros": 0.0, "zeros_like": 0.0, "ones": 1.0, "ones_like": 1.0}
NARROW = ("float16", "float32")


def note_whole(code: ArrayCode, e: StoreItem, made: ast.Assign, lane: Lane, mask: Lane | None, output: Output) -> None:
    """Keep in mind that a store reaches the whole array, so that the array can be made of the values."""
    site = code.site
    if len(made.targets) != 1 or not _only_filled(site, made, e.target) or handled(site):
        return
    kind = site.kind(name(e.target))
    if kind is None or kind.dtype != "float64" or not lane.array or lane.dtype != "float" or _narrow(site, e):
        return
    value = lane.node
    if mask is not None:
        background = _background(site, made)
        if background is None:
            return
        value = code.numpy("where", mask.node, value, background)
    elif not own(code, value):
        return
    code.whole[id(output)] = (Output(assign(e.target, value, e.line), output.guarded_risk), made, e.target)


def settled(code: ArrayCode, outputs: Sequence[Output]) -> list[Output]:
    """The outputs, with arrays made of their values where nothing else needs them before."""
    if code.conditions:
        return list(outputs)
    chosen: list[Output] = []
    for output in outputs:
        direct = code.whole.get(id(output))
        others = [*(s.node for s in code.steps), *(r.test for r in code.raises), *(o.stmt for o in outputs)]
        if direct is None or any(_reads(node, output.stmt, direct[2]) for node in others):
            chosen.append(output)
            continue
        chosen.append(direct[0])
        code.superfluous.append(direct[1])
    return chosen


def _reads(node: ast.AST, store: ast.stmt, id_: str) -> bool:
    """Whether code reads the array of a name; the store into it does not count."""
    parts: list[ast.AST] = [store.value] if node is store and isinstance(store, ast.Assign) else [node]
    return any(isinstance(n, ast.Name) and n.id == id_ for part in parts for n in walk(part))


def _only_filled(site: SiteContext, made: ast.Assign, target: str) -> bool:
    """The array is made in the block of the loop, nothing between mentions it, and the loop stores into it once."""
    block = site.block
    if made not in block:
        return False
    between = block[block.index(made) + 1 : site.index]
    stores = [n for n in walk(site.loop) if isinstance(n, ast.Name) and n.id == target]
    return len(stores) == 1 and not any(target in names_in(s) for s in between)


def _narrow(site: SiteContext, e: StoreItem) -> bool:
    """Whether floats of less than 64 bits are known to be read."""
    found = [site.kind(r.source.base.node) for r in e.value.walk() if isinstance(r, Read)]
    return any(k is not None and k.dtype in NARROW for k in found)


def _background(site: SiteContext, made: ast.Assign) -> ast.expr | None:
    """What the elements are that the loop does not store into."""
    assert isinstance(made.value, ast.Call)
    function = (site.dotted(made.value.func) or "").removeprefix("numpy.")
    if function in FILLED:
        return const(FILLED[function])
    match made.value.args:
        case [_, fill] if function in ("full", "full_like"):
            return clone(fill) if _constant(site, fill) else None
    return None


def _constant(site: SiteContext, node: ast.expr) -> bool:
    number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return number or site.dotted(node) in ("numpy.nan", "math.nan", "numpy.inf", "math.inf")
