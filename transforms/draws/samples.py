"""Samples of all rounds: a row a round, drawn and reduced some thousand rounds at a time so that memory stays small."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...loops.ir import Const, Expr, Inv, Op, strip
from ...loops.literals import folded
from ...loops.remarks import Reason
from ...loops.scalar_facts import surely_scalar
from ..lanes.arrays import ArrayCode
from ..lanes.functions import ELEMENTWISE
from ..lanes.lanes import Lane, NotVector
from ..shared.build import attr, binop, call, clone, const, item, name, store
from ..shared.operators import BINARY, COMPARE
from ..windowing.ir import EXTREMES, FLOATS, NUMPY_ONLY, REDUCTIONS, SKIPPING, reduction
from .body import drawn
from .known import OF_NOTHING, truths
from .lanes import DrawLanes, alike, harmless, owe_rounds, pinned, scalar_size, sized, title
from .pools import element_kind, one_dimensional, pool_dtype
from .tables import WHOLE

#: How many numbers are held at a time.
BATCH = 100_000
#: Element types of lanes -> those of arrays.
DTYPES = {"int": "int", "bool": "bool"}


@dataclass
class SampleLanes(DrawLanes):
    """Lanes of what a round makes of the samples it draws. `flat`: take it that they are drawn from one dimension."""

    flat: bool = True
    columns: dict[int, ast.expr] = field(default_factory=dict)
    reductions: dict[Op, Lane] = field(default_factory=dict)
    table: ast.expr | None = None

    def __call__(self, code: ArrayCode, e: Expr) -> Lane | None:
        self.code = code
        inner = strip(e)
        if drawn(inner) is not None:
            raise code.refuse("a round does more with its sample than reduce it to a number")
        if not isinstance(inner, Op) or (found := reduction(inner)) is None or not has_draw(found[1]):
            return None
        if inner.name == "call:builtins.len" and drawn(found[1]) is not None:
            return Lane(scalar_size(code, self._size()), False, "int", True)
        if inner not in self.reductions:
            self.reductions[inner] = self._reduced(code, inner, *found)
            self.lanes[0] = self.reductions[inner]
        return self.reductions[inner]

    def _size(self) -> Expr:
        size = self.drawn.draws[0].size
        assert size is not None
        return size

    def _agree(self, code: ArrayCode) -> None:
        """All draws of a round have to be of one kind, and of one size."""
        draws = self.drawn.draws
        alike(code, draws, "numeric-pool" if self.flat else "")
        if any(d.size is None or strip(d.size) != strip(self._size()) for d in draws):
            raise code.refuse("the draws of a round are not of one size")
        if not harmless(draws[0]):
            owe_rounds(code, draws[0])

    def rows(self, code: ArrayCode, k: int) -> Lane:
        """One draw of all rounds, a sample a row."""
        self._agree(code)
        draw, whole = self.drawn.draws[k], self._whole(code)
        node = whole if len(self.drawn.draws) == 1 else self._column(code, k, whole)
        pool = pool_dtype(code.site, draw.given["a"]) if draw.method == "choice" else None
        dtype = "int" if draw.method in WHOLE else "float" if draw.method != "choice" else pool or "number"
        self.lanes[k] = Lane(node, True, dtype, False)
        return self.lanes[k]

    def _reduced(self, code: ArrayCode, e: Op, function: str, of: Expr, more: tuple[Expr, ...]) -> Lane:
        self._agree(code)
        dtype = self._dtype(code, function, of)
        several = self._several(code)
        if (several or code.depth) and function not in OF_NOTHING:
            self._not_empty(code)
        if several:
            code.owe("window-memory")
            node = self._reduction(code, e, function, self._wide(code, of, self._whole(code)), more)
            return Lane(node, True, dtype, False)
        return Lane(self._in_batches(code, e, function, of, more, dtype), True, dtype, False)

    def _not_empty(self, code: ArrayCode) -> None:
        """Note that samples are not empty: no array form has the largest of nothing, whether a round asks or not."""
        size = scalar_size(code, self._size())
        if (folded(size) or 0) < 1:
            counted = isinstance(size, ast.Call | ast.Attribute | ast.Subscript)  # `len(x)`, `x.size`, `x.shape[0]`
            code.owe("some-rows" if counted else "positive-offsets", ast.unparse(size))

    # ------------------------------------------------------------------ what is drawn

    def _call(self, code: ArrayCode, rows: ast.expr, whole: bool = False) -> ast.expr:
        """The samples of some rounds, one a row."""
        draws = self.drawn.draws
        params = {word: self._fixed(code, draws[0], x) for word, x in draws[0].given.items()}
        for d in draws[1:]:
            if any(ast.unparse(self._fixed(code, d, x)) != ast.unparse(params[w]) for w, x in d.given.items()):
                raise code.refuse("several samples a round, with other parameters")
        for word, x in draws[0].given.items():
            self._scalar(code, draws[0].method, word, x)
        size = scalar_size(code, self._size())
        shape = [rows, size] if len(draws) == 1 else [rows, const(len(draws)), size]
        made: ast.expr = sized(draws[0], params, shape)
        if draws[0].method == "choice" and not self.flat and not one_dimensional(code.site, draws[0].given["a"]):
            if len(draws) > 1 or whole:
                raise code.refuse("several samples of what may have several dimensions")
            made = call(attr(made, "reshape"), clone(rows), const(-1))
        return made

    def _scalar(self, code: ArrayCode, method: str, word: str, value: Expr) -> None:
        """A parameter is one number: an array of them would be one for each number of the sample."""
        inner = strip(value)
        if method != "choice" and isinstance(inner, Inv) and not surely_scalar(code.site, inner.node):
            code.owe("scalars", inner.code)

    def _several(self, code: ArrayCode) -> bool:
        """Whether the samples are reduced in several ways: all have to be there at once then."""
        loop = code.loop
        values = [x for e in loop.effects for x in (e.value, e.guard) if x is not None]
        values += [v for n, v in loop.finals.items() if n in loop.carried or n in loop.live_out]
        found = {x for v in values for x in v.walk() if isinstance(x, Op) and _reduces(x)}
        return len(found) > 1

    def _in_batches(
        self, code: ArrayCode, e: Op, function: str, of: Expr, more: tuple[Expr, ...], dtype: str
    ) -> ast.expr:
        """The reduced samples, computed for some rounds at a time: the generator goes on where it was."""
        k, size = len(self.drawn.draws), self._size()
        each = scalar_size(code, size)
        length = folded(each)
        stated = code.rounds.stated
        if stated and length is not None and stated * length * k <= BATCH:
            return self._at_once(code, e, function, of, more)
        rows, first = code.site.fresh("rows", "some_rows"), code.site.fresh("first", "begin")
        largest = const(BATCH // k)
        if length is not None:
            batch: ast.expr = const(max(BATCH // k // max(length, 1), 1))
        else:
            least = call("max", each, const(1))
            batch = code.step("batch", call("max", binop(largest, ast.FloorDiv(), least), const(1)), authored=True)
        count = code.rounds.stop() if code.rounds.start == 0 and code.rounds.span is not None else code.count()
        if not isinstance(count, (ast.Name, ast.Constant)):
            count = code.step("count", count, authored=True)
        left = call("min", batch, binop(clone(count), ast.Sub(), name(first)))
        going = ast.comprehension(store(first), call("range", const(0), clone(count), clone(batch)), [], 0)
        sizes = code.step("chunks", ast.GeneratorExp(left, [going]), authored=True)
        draw = self._call(code, name(rows))
        generators = [ast.comprehension(store(rows), sizes, [], 0)]
        if self._times(of) > 1 or len(self.drawn.draws) > 1:
            sample = code.site.fresh("sample", "draws")
            generators.append(ast.comprehension(store(sample), ast.List([draw], ast.Load()), [], 0))
            draw = name(sample)
        part = self._reduction(code, e, function, self._wide(code, of, draw), more)
        parts: ast.expr = ast.ListComp(part, generators)
        if not stated:
            parts = self._from_nothing(code, dtype, part, generators)
        return pinned(code, code.numpy("concatenate", parts), "reduced")

    def _from_nothing(
        self, code: ArrayCode, dtype: str, part: ast.expr, generators: list[ast.comprehension]
    ) -> ast.expr:
        """What is joined, for no rounds too."""
        if dtype == "number":
            code.owe("some-rounds")
            return ast.ListComp(part, generators)
        empty = code.numpy("empty", const(0), *([name(DTYPES[dtype])] if dtype in DTYPES else []))
        return ast.List([empty, ast.Starred(ast.GeneratorExp(part, generators), ast.Load())], ast.Load())

    def _at_once(self, code: ArrayCode, e: Op, function: str, of: Expr, more: tuple[Expr, ...]) -> ast.expr:
        if not self.flat:
            raise code.refuse("all samples are drawn at once")
        return self._reduction(code, e, function, self._wide(code, of, self._whole(code)), more)

    def _whole(self, code: ArrayCode) -> ast.expr:
        """All samples at once."""
        if self.table is None:
            self.table = pinned(
                code,
                self._call(code, code.count(), whole=True),
                (title(code, 0) if len(self.drawn.draws) == 1 else None) or "samples",
            )
        return self.table

    # ------------------------------------------------------------------ what is made of it

    def _times(self, of: Expr) -> int:
        return sum(drawn(x) is not None for x in of.walk() if isinstance(x, Op))

    def _wide(self, code: ArrayCode, e: Expr, table: ast.expr) -> ast.expr:
        """An expression of samples, for all rows of the table."""
        inner = strip(e)
        if (k := drawn(inner)) is not None:
            if len(self.drawn.draws) == 1:
                return clone(table)
            return self._column(code, k, table)
        match inner:
            case Const(node=node):
                return clone(node)
            case Inv(node=node):
                if not surely_scalar(code.site, node):
                    code.owe("scalars", inner.code)
                code.without_rounds(node)
                return clone(node)
            case Op(name="neg", args=(x,)):
                return ast.UnaryOp(ast.USub(), self._wide(code, x, table))
            case Op(name=op, args=(a, b)) if op in BINARY and op not in ("@", "<<", ">>"):
                return binop(self._wide(code, a, table), BINARY[op](), self._wide(code, b, table))
            case Op(name=op, args=(a, b)) if op in ("<", "<=", ">", ">=", "==", "!="):
                return ast.Compare(self._wide(code, a, table), [COMPARE[op]()], [self._wide(code, b, table)])
            case Op(name=function, args=args, keywords=()) if function.removeprefix("call:numpy.") in ELEMENTWISE:
                return code.numpy(function.removeprefix("call:numpy."), *(self._wide(code, a, table) for a in args))
            case Op(name="item", args=(base, index)) if drawn(index) is not None:
                return item(self._picked(code, base), self._wide(code, index, table))
        raise code.refuse("what a round computes from its sample has no array form")

    def _column(self, code: ArrayCode, k: int, table: ast.expr) -> ast.expr:
        """The samples of one of several draws a round; where all are there, under the name it has in the loop."""
        column = item(clone(table), ast.Tuple([ast.Slice(), const(k)], ast.Load()))
        if table is not self.table:
            return column
        if k not in self.columns:
            self.columns[k] = code.step(title(code, k) or f"sample_{k}", column)
        return clone(self.columns[k])

    def _picked(self, code: ArrayCode, base: Expr) -> ast.expr:
        """`x` of `x[draws]`: an array of one dimension."""
        inner = strip(base)
        kind = element_kind(code.site, inner)
        if not isinstance(inner, Inv) or (kind is not None and kind.name != "ndarray"):
            raise NotVector(Reason.UNKNOWN_KIND, code.line, "what is picked from by position is no array")
        if not one_dimensional(code.site, inner):
            code.owe("numeric-arrays", inner.code)
        return clone(inner.node)

    def _reduction(self, code: ArrayCode, e: Op, function: str, wide: ast.expr, more: tuple[Expr, ...]) -> ast.expr:
        if e.name.startswith("call:builtins.") or any(k != "ddof" for k in e.keywords):
            raise code.refuse("a sample is reduced in a way that has no array form")
        given = [strip(x) for x in more]
        if not all(isinstance(x, Const) and type(x.value) in (int, float) for x in given):
            raise code.refuse("a sample is reduced with arguments that are no literal numbers")
        nodes = [clone(x.node) for x in given if isinstance(x, Const)]
        plain = nodes[: len(nodes) - len(e.keywords)]
        if plain and function not in ("percentile", "quantile"):
            raise code.refuse("a reduction of a sample has arguments")
        method = function in REDUCTIONS - NUMPY_ONLY
        node = call(attr(wide, function), *plain) if method else code.numpy(function, wide, *plain)
        node.keywords = [ast.keyword("axis", const(1))]
        node.keywords += [ast.keyword(k, v) for k, v in zip(e.keywords, nodes[len(plain) :], strict=True)]
        return node

    def _dtype(self, code: ArrayCode, function: str, of: Expr) -> str:
        """The element type of a reduced sample; narrower floats than usual are named as an assumption."""
        draw, inner = self.drawn.draws[0], strip(of)
        if function in ("any", "all") or (truths(inner) and function in EXTREMES):
            return "bool"
        if truths(inner):
            return "float" if function.removeprefix("nan") in FLOATS else "int"
        plain = drawn(inner) is not None
        kind = (
            pool_dtype(code.site, draw.given["a"])
            if draw.method == "choice"
            else "int"
            if draw.method in WHOLE
            else "float"
        )
        bases = [x.args[0] for x in of.walk() if isinstance(x, Op) and x.name == "item"]
        if bases:
            kinds = {pool_dtype(code.site, x) for x in bases}
            kind = kinds.pop() if len(kinds) == 1 else None
            plain = isinstance(inner, Op) and inner.name == "item"
        if kind is None or not plain:
            if function.removeprefix("nan") not in FLOATS:
                return "number" if kind != "float" else "float"
            if kind is None:
                code.owe("float64", ast.unparse(draw.call))
            return "float"
        if kind == "bool" and function in EXTREMES:
            return "bool"
        return "float" if function.removeprefix("nan") in FLOATS or kind == "float" else "int"


def has_draw(e: Expr) -> bool:
    return any(drawn(x) is not None for x in e.walk() if isinstance(x, Op))


def _reduces(e: Op) -> bool:
    known = REDUCTIONS | NUMPY_ONLY | SKIPPING
    found = reduction(e)
    return found is not None and found[0] in known and has_draw(found[1])
