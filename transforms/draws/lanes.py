"""The draws of all rounds in one call: an array for each draw of a round."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from ...loops.ir import Const, Expr, Inv, Named, strip
from ...loops.literals import literal
from ...loops.remarks import Reason
from ...loops.scalar_facts import surely_scalar
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane, NotVector
from ..shared.build import clone, const, item
from .body import Draw, Drawn, drawn
from .pools import counts, one_dimensional, pool_dtype
from .tables import DIMENSIONS, LISTABLE, NUMPY_SCALARS, PARAMETERS, WHOLE


@dataclass
class DrawLanes:
    """Lanes of the draws of one loop; the call that draws for all rounds is made when the first one is asked for."""

    drawn: Drawn
    lanes: dict[int, Lane] = field(default_factory=dict)
    code: ArrayCode | None = None

    @property
    def may_raise(self) -> bool:
        """Whether the new code keeps an exception of the loop's: by then all numbers are drawn."""
        return self.code is not None and bool(self.code.raises)

    def __call__(self, code: ArrayCode, e: Expr) -> Lane | None:
        self.code = code
        k = drawn(e)
        if k is None:
            return None
        if not self.lanes:
            self._draw(code)
        return self.lanes[k]

    def _draw(self, code: ArrayCode) -> None:
        alike(code, self.drawn.draws)
        draws = self.drawn.draws
        if any(d.size is not None for d in draws):
            raise code.refuse("a round draws several numbers at once")
        first = draws[0]
        if len(draws) == 1:
            params = {word: self._parameter(code, first, word, x) for word, x in first.given.items()}
            moving = any(lane.array for lane in params.values())
            if moving:
                code.owe("no-exceptions")  # a bad parameter is found before anything is drawn
            elif not harmless(first):
                owe_rounds(code, first)
            nodes = {word: lane.node for word, lane in params.items()}
            node = sized(first, nodes, [] if moving else [code.count()])
            self.lanes[0] = lane_of(code, first, pinned(code, node, title(code, 0) or "draws"))
            return
        node = sized(first, self._together(code), [code.count(), const(len(draws))])
        table = pinned(code, node, "draws")
        for k, draw in enumerate(draws):
            column = item(table, ast.Tuple([ast.Slice(), const(k)], ast.Load()))
            step = code.step(title(code, k) or f"draw_{k}", column)
            self.lanes[k] = lane_of(code, draw, step)

    def _parameter(self, code: ArrayCode, draw: Draw, word: str, value: Expr) -> Lane:
        if draw.method == "choice" or word not in PARAMETERS[draw.method]:
            return Lane(self._fixed(code, draw, value), False, "number")
        return code.number(value)

    def _fixed(self, code: ArrayCode, draw: Draw, value: Expr) -> ast.expr:
        inner = value.value if isinstance(value, Named) else value
        if not isinstance(inner, (Const, Inv)):
            raise code.refuse(f"`{draw.method}` picks from something else on every round")
        code.without_rounds(inner.node)
        return clone(inner.node)

    def _together(self, code: ArrayCode) -> dict[str, ast.expr]:
        """The parameters of several draws a round: one for all, or a list of them."""
        first, found = self.drawn.draws[0], {}
        for word in first.given:
            lanes = [self._parameter(code, d, word, d.given[word]) for d in self.drawn.draws]
            if any(lane.array for lane in lanes):
                raise code.refuse("several draws a round, with parameters that change")
            nodes = [lane.node for lane in lanes]
            if len({ast.unparse(n) for n in nodes}) == 1:
                found[word] = nodes[0]
                continue
            if first.method not in LISTABLE:
                raise code.refuse(f"several draws by `{first.method}` with other parameters")
            if not all(isinstance(n, ast.Constant) for n in nodes):
                code.owe("no-exceptions")
            found[word] = ast.List(nodes, ast.Load())
        for d in self.drawn.draws:
            if not harmless(d):
                owe_rounds(code, d)
        return found


def alike(code: ArrayCode, draws: list[Draw], pool: str = "flat-pool") -> None:
    """All draws of a round have to be of one kind: those of two kinds take turns with the same generator.

    `pool`: what is assumed of what `choice` picks from, unless it is known to have one dimension.
    """
    first = draws[0]
    for d in draws[1:]:
        if (d.owner, d.method) != (first.owner, first.method):
            message = f"`{d.method}` and `{first.method}` take turns with the generator: one call of each draws others"
            raise NotVector(Reason.CARRIED_STATE, d.call.lineno, message)
        if list(d.given) != list(first.given) or _written(d) != _written(first):
            raise code.refuse(f"several draws by `{d.method}` that are written in different ways")
    if not first.sure:
        code.owe("numpy-generator", first.owner)
    if pool and first.method == "choice" and not one_dimensional(code.site, first.given["a"]):
        code.owe(pool, ast.unparse(first.call.args[0] if first.call.args else first.call))


def _written(d: Draw) -> tuple[int, tuple[str | None, ...]]:
    return len(d.call.args), tuple(k.arg for k in d.call.keywords)


def lane_of(code: ArrayCode, draw: Draw, node: ast.expr) -> Lane:
    """What a draw gives on all rounds."""
    if isinstance(node, ast.Name):
        code.arrays.add(node.id)
    if draw.method != "choice":
        return Lane(node, True, "int" if draw.method in WHOLE else "float", draw.method not in NUMPY_SCALARS)
    pool = draw.given["a"]
    return Lane(node, True, pool_dtype(code.site, pool) or "number", counts(code.site, pool))


def pinned(code: ArrayCode, node: ast.expr, wish: str) -> ast.Name:
    """A step that draws: it runs once, used or not."""
    step = code.step(wish, node)
    last = code.steps[-1]
    code.steps[-1] = replace(last, pinned=True)
    return step


def title(code: ArrayCode, k: int) -> str | None:
    """The name under which the loop keeps a draw."""
    values = [*code.loop.finals.values(), *(x for e in code.loop.effects for x in (e.value, e.guard) if x is not None)]
    named = (x for v in values for x in v.walk() if isinstance(x, Named) and drawn(x) == k)
    return next((x.name for x in named), None)


def harmless(draw: Draw) -> bool:
    """Whether the parameters are numbers that no generator objects to, with or without rounds."""
    numbers = [_number(x) for x in draw.given.values()]
    if None in numbers:
        return False
    values = [x for x in numbers if x is not None]
    match draw.method:
        case "normal" | "laplace" | "logistic" | "gumbel" | "lognormal":
            return all(x >= 0 for x in values[1:])
        case "uniform":
            return True
        case "exponential" | "rayleigh" | "poisson" | "standard_gamma" | "gamma":
            return all(x >= 0 for x in values)
        case "binomial":
            return len(values) == 2 and values[0] >= 0 and 0 <= values[1] <= 1
        case "integers" | "randint":
            return (values[0] > 0) if len(values) == 1 else values[0] < values[1]
    return not draw.given


def _number(e: Expr) -> float | None:
    inner = strip(e)
    return literal(inner.node) if isinstance(inner, (Const, Inv)) else None


def owe_rounds(code: ArrayCode, draw: Draw) -> None:
    """A parameter that the generator objects to raises even if there is no round."""
    if not code.rounds.stated and draw.method != "choice":
        code.owe("some-rounds", ast.unparse(draw.call))


def sized(draw: Draw, params: dict[str, ast.expr], shape: list[ast.expr]) -> ast.Call:
    """The call that draws an array of a shape (none: as its parameters say)."""
    node, method = draw.call, draw.method
    func = clone(node.func)
    if method in DIMENSIONS:
        return ast.Call(func, shape, [])
    size = shape[0] if len(shape) == 1 else ast.Tuple(shape, ast.Load())
    order = [*PARAMETERS[method], "size", "replace", "p"]
    args = [size if word == "size" else params[word] for word, _ in zip(order, node.args, strict=False)]
    keywords = [ast.keyword(k.arg, size if k.arg == "size" else params[str(k.arg)]) for k in node.keywords]
    placed = len(node.args) > order.index("size") or any(k.arg == "size" for k in node.keywords)
    if not placed and shape:
        if not PARAMETERS[method] and not keywords:
            args.append(size)
        else:
            keywords.append(ast.keyword("size", size))
    return ast.Call(func, args, keywords)


def scalar_size(code: ArrayCode, size: Expr) -> ast.expr:
    """How many numbers a round draws: the same number on every round."""
    inner = size.value if isinstance(size, Named) else size
    if not isinstance(inner, (Const, Inv)) or isinstance(inner.node, (ast.Tuple, ast.List)):
        raise code.refuse("a round does not draw the same number of values as every other")
    if not surely_scalar(code.site, inner.node):
        code.owe("scalars", ast.unparse(inner.node))
    code.without_rounds(inner.node)
    return clone(inner.node)
