"""Expressions to array code: each `Expr` of one round becomes one array over all rounds.

Only forms that give the loop's values bit by bit are used (TRAPS 2.2, 2.3); what can't be proved from the code becomes an
obligation. Temporaries keep the author's names.
"""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..loops.context import SiteContext
from ..loops.ir import (
    Access,
    Carried,
    Const,
    Expr,
    HeaderForm,
    Inv,
    Label,
    Loop,
    Named,
    Op,
    Pos,
    Read,
    Row,
    Scalar,
    Undefined,
    strip,
)
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .build import assign, attr, binop, call, clone, const, expr, item, name, slice_
from .rounds import Rounds
from .scalars import BINARY, COMPARE

RISKY = frozenset({"/", "//", "%", "**"})


class NotVector(Exception):
    """The expression has no exact array form; carries the refusal."""

    def __init__(self, reason: Reason, line: int, message: str) -> None:
        self.refusal = Refusal(reason, line, message)
        super().__init__(message)


@dataclass(frozen=True)
class Lane:
    """One value of the loop for all rounds.

    `array`: surely an array (else it may be one scalar for all rounds). `dtype`: "bool", "int", "float", "number" (not known which) or "text".
    `python`: the loop computed with Python scalars; None where it depends on the frame.
    """

    node: ast.expr
    array: bool
    dtype: str
    python: bool | None = False


@dataclass
class Step:
    """One assignment of the new code. `wish` is the name it would like to have."""

    symbol: str
    wish: str
    node: ast.expr
    line: int | None = None
    authored: bool = False
    guarded_risk: bool = False


@dataclass
class Raise:
    """An exception that the loop would have raised for some element: `if test: raise kind(message)`."""

    after: int  # the number of steps that come before it
    test: ast.expr
    kind: str
    message: str


#: Lanes that only some idioms know: given the code that is built and an operation, its lane or None.
Extension = Callable[["ArrayCode", Op], Lane | None]


@dataclass
class ArrayCode:
    """Builds array code for one loop: steps, obligations, and the lanes of its values."""

    site: SiteContext
    loop: Loop
    rounds: Rounds
    np: str
    steps: list[Step] = field(default_factory=list)
    raises: list[Raise] = field(default_factory=list)
    obligations: dict[str, list[str]] = field(default_factory=dict)
    memo: dict[Expr, Lane] = field(default_factory=dict)
    risk: bool = False
    depth: int = 0  # how many conditions the current evaluation stands under
    tolerance: float | None = None
    mixed: bool = False  # branches of several element types
    blended: bool = False  # branches of Python and NumPy scalars
    masks: dict[Expr, Lane] = field(default_factory=dict)
    wish: str = "raw_value"  # the name for a value that needs one and has none
    extend: Extension | None = None  # lanes of operations that only some idioms allow

    @classmethod
    def build(cls, site: SiteContext, loop: Loop) -> ArrayCode:
        return cls(site, loop, Rounds.of(site, loop.header), site.file.alias("numpy") or "np")

    # ------------------------------------------------------------------ bookkeeping

    @property
    def line(self) -> int:
        return self.loop.header.node.lineno

    def owe(self, obligation: str, subject: str | None = None) -> None:
        subjects = self.obligations.setdefault(obligation, [])
        if subject and subject not in subjects:
            subjects.append(subject)

    def owed(self) -> tuple[Obligation, ...]:
        return tuple(Obligation(n, tuple(s)) for n, s in self.obligations.items())

    def numpy(self, function: str, *args: ast.expr) -> ast.Call:
        return call(attr(name(self.np), *function.split(".")), *args)

    def step(
        self, wish: str, node: ast.expr, line: int | None = None, authored: bool = False, plain: bool = False
    ) -> ast.Name:
        """A new assignment. `plain`: it only takes out a column, and so can't warn."""
        symbol = f"§{len(self.steps)}"
        self.steps.append(Step(symbol, wish, node, line, authored, self.risk and not plain))
        self.risk = self.risk and plain
        return name(symbol)

    def raise_if(self, test: ast.expr, kind: str, message: str) -> None:
        """Keep an exception that the loop raises on every round that meets the test."""
        self.raises.append(Raise(len(self.steps), call(attr(test, "any")), kind, message))

    def refuse(self, message: str, e: Expr | None = None, reason: Reason = Reason.UNSUPPORTED_SYNTAX) -> NotVector:
        line = e.line if isinstance(e, Op) and e.line else self.line
        return NotVector(reason, line, message)

    # ------------------------------------------------------------------ lanes

    def lane(self, e: Expr) -> Lane:
        """The array form of an expression."""
        match e:
            case Named():
                return self._named(e)
            case Const(value=value, node=node):
                return Lane(clone(node), False, _const_dtype(value), None)
            case Inv(node=node):
                return Lane(clone(node), False, self._inv_dtype(node), None)
            case Read():
                return self._read(e)
            case Pos(offset=offset):
                return Lane(self.rounds.positions(self.np, offset), True, "int", True)
            case Op():
                return self._op(e)
            case Carried(name=id_):
                raise self.refuse(f"`{id_}` is carried from one round to the next", reason=Reason.CARRIED_STATE)
            case Undefined(name=id_):
                raise self.refuse(f"`{id_}` is not bound on every path", reason=Reason.CARRIED_STATE)
            case Row():
                raise self.refuse("the row itself is used", reason=Reason.ROW_ESCAPES)
            case Label():
                raise self.refuse("the label of the row is computed with")
        raise self.refuse("the body calls something that has no array form", reason=Reason.UNKNOWN_CALL)

    def _inv_dtype(self, node: ast.expr) -> str:
        kind = self.site.kind(node)
        return (
            {"int": "int", "float": "float", "bool": "bool", "str": "text"}.get(kind.name, "number")
            if kind
            else "number"
        )

    def _named(self, e: Named) -> Lane:
        inner = strip(e)
        if isinstance(inner, Read):
            return self._read(inner, e.name if e.name in self.site.assigned else None)
        if isinstance(inner, (Const, Inv, Pos)):
            return self.lane(inner)
        if e in self.memo:
            return self.memo[e]
        outer, self.wish = self.wish, f"raw_{e.name}"
        lane = self.lane(e.value)
        self.wish = outer
        if not isinstance(lane.node, ast.Name):
            known = e.name in self.site.assigned or self.site.fresh(e.name, e.name + "_") == e.name
            lane = replace(lane, node=self.step(e.name, lane.node, _line_of(inner), authored=known))
        self.memo[e] = self.memo[inner] = lane
        return lane

    def mask(self, guard: Expr, line: int) -> Lane:
        """The rounds that a guard lets through, as a named array of booleans; refuses a guard that no column decides."""
        if guard not in self.masks:
            test = self.truth(guard)
            if not test.array:
                raise NotVector(Reason.UNSUPPORTED_SYNTAX, line, "the guard is the same on every round")
            self.masks[guard] = self.temp(test, "selected")
        return self.masks[guard]

    def temp(self, lane: Lane, wish: str | None = None) -> Lane:
        """The lane as a name, so that it can be used twice."""
        if isinstance(lane.node, (ast.Name, ast.Constant)) or (
            not lane.array and isinstance(lane.node, (ast.Attribute, ast.UnaryOp, ast.Subscript))
        ):
            return lane
        return replace(lane, node=self.step(wish or self.wish, lane.node))

    def _read(self, read: Read, wish: str | None = None) -> Lane:
        if read in self.memo:
            return self.memo[read]
        node, stem, dtype, python = self._source(read)
        if read.offset and not wish:
            stem = f"{'previous' if read.offset < 0 else 'next'}_{stem}"
        lane = Lane(self.step(wish or stem, node, plain=True), True, dtype, python)
        self.memo[read] = lane
        return lane

    def _source(self, read: Read) -> tuple[ast.expr, str, str, bool | None]:
        """The array that a read reads from, cut to the rounds; a name for it; its type; Python scalars or not."""
        if read.part:
            raise self.refuse(f"`{read.name}` is only a part of what is iterated", reason=Reason.UNKNOWN_KIND)
        base = clone(read.source.base.node)
        column = strip(read.source.column) if read.source.column is not None else None
        python = {Scalar.PYTHON: True, Scalar.NUMPY: False, Scalar.ROW: None, Scalar.ITEM: None}[read.scalar]
        if read.access is Access.LABEL:
            self.positions_by_label(read)
        if isinstance(column, (Const, Inv)):
            values = attr(item(base, clone(column.node)), "values")
            self.owe("numeric-columns", read.source.code)
            if python is not False:
                self.owe("float64")
            if python is None:
                # The row may have turned integers into floats; the column keeps them.
                self.owe("signed-zero")
                self.owe("small-integers")
                if read.access is Access.ROW:
                    self.owe("plain-rows", read.source.base.code)
            return self.rounds.cut(values, read, self), _column_name(column, read), "number", python
        kind = self.site.kind(read.source.base.node)
        kind_name = kind.name if kind else None
        dtype = {"float64": "float", "int64": "int", "bool": "bool", "float32": "float", "int32": "int"}.get(
            (kind.dtype or "") if kind else "", "number"
        )
        if kind_name == "series":
            if dtype == "number":
                self.owe("numeric-columns", read.source.code)
                if python is not False:
                    self.owe("float64")
            return self.rounds.cut(attr(base, "values"), read, self), f"{_plain(read)}_values", dtype, python
        if kind_name == "ndarray":
            if dtype == "number" or (kind and kind.ndim != 1):
                self.owe("numeric-arrays", read.source.code)
            return self.rounds.cut(base, read, self), _plain(read), dtype, False
        if kind_name is None and read.access is Access.INDEX and isinstance(read.source.base.node, ast.Name):
            self.owe("numeric-arrays", read.source.code)
            return self.rounds.cut(self.numpy("asarray", base), read, self), f"{_plain(read)}_values", "number", False
        raise self.refuse(f"`{read.source.code}` is not known to be an array or a column", reason=Reason.UNKNOWN_KIND)

    def positions_by_label(self, read: Read) -> None:
        frame = read.source.base
        if self.loop.header.form in (HeaderForm.LABELS, HeaderForm.ITERROWS, HeaderForm.ITERTUPLES):
            self.owe("unique-index", f"{frame.code}.index")
            return
        kind = self.site.kind(frame.node)
        if not (kind and kind.range_index):
            message = f"`{read.source.code}` is read by label, and labels are not known to be positions"
            raise self.refuse(message, reason=Reason.LABEL_READ)

    # ------------------------------------------------------------------ operations

    def _op(self, e: Op) -> Lane:
        handler: dict[str, Callable[[Op], Lane]] = {
            "if": self._if,
            "and": self._logic,
            "or": self._logic,
            "not": self._not,
            "neg": self._sign,
            "pos": self._sign,
        }
        if e.name in handler:
            return handler[e.name](e)
        if e.name in BINARY and e.name not in ("@", "<<", ">>"):
            return self._arithmetic(e)
        if e.name in ("<", "<=", ">", ">=", "==", "!="):
            return self._comparison(e)
        if e.name in ("in", "not in"):
            return self._membership(e)
        if e.name.startswith("call:"):
            from .functions import vector_call

            return vector_call(self, e)
        if self.extend is not None and (lane := self.extend(self, e)) is not None:
            return lane
        if e.name in ("item", "method:get"):
            return self._dictionary(e)
        raise self.refuse(f"`{ast.unparse(e.node) if isinstance(e.node, ast.expr) else e.name}` has no array form", e)

    def conditional(self, e: Expr) -> Lane:
        """A lane that the loop evaluates under a condition only, the new code always."""
        self.depth += 1
        try:
            return self.lane(e)
        finally:
            self.depth -= 1

    def note_risk(self) -> None:
        """An operation that may warn where the loop would not have evaluated it."""
        if self.depth:
            self.risk = True

    def _arithmetic(self, e: Op) -> Lane:
        a, b = self.number(e.args[0]), self.number(e.args[1])
        if e.name in ("&", "|", "^"):
            if a.dtype == b.dtype == "bool":
                return self._joined(a, b, ast.BinOp(a.node, BINARY[e.name](), b.node), "bool")
            raise self.refuse("bits are combined", e)
        a, b = self._no_bools(a), self._no_bools(b)
        if e.name in RISKY:
            self.note_risk()
        if not a.array and not b.array and e.name == "/":
            pass
        python = self.scalars(a, b)
        if python is not False:
            self._python_pitfalls(e, a, b, python)
        if e.name == "**":
            return self._power(e, a, b, python)
        dtype = (
            "float"
            if e.name == "/" or "float" in (a.dtype, b.dtype)
            else "int"
            if a.dtype == b.dtype == "int"
            else "number"
        )
        return replace(self._joined(a, b, ast.BinOp(a.node, BINARY[e.name](), b.node), dtype), python=python)

    def _no_bools(self, lane: Lane) -> Lane:
        if lane.dtype != "bool" or not lane.array:
            return lane
        return replace(lane, node=call(attr(lane.node, "astype"), name("int")), dtype="int")

    def scalars(self, *lanes: Lane) -> bool | None:
        """Whether an operation of the loop ran on Python scalars: NumPy wins over Python."""
        found = [x.python for x in lanes if x.array]
        if any(p is False for p in found):
            return False
        return True if found and all(p is True for p in found) else None if found else True

    def _python_pitfalls(self, e: Op, a: Lane, b: Lane, python: bool | None) -> None:
        exact = "float" in (a.dtype, b.dtype) or e.name == "/"
        if not exact:
            self.owe("no-overflow")
        if (
            e.name in ("/", "//", "%")
            and not (isinstance(strip(e.args[1]), Const) and strip(e.args[1]).value not in (0, 0.0))
            and self._array_or_unknown(b)
        ):  # type: ignore[attr-defined]
            self.owe("no-zero-division", ast.unparse(e.node) if isinstance(e.node, ast.expr) else None)

    def _array_or_unknown(self, lane: Lane) -> bool:
        return lane.array

    def _power(self, e: Op, a: Lane, b: Lane, python: bool | None) -> Lane:
        self.owe("last-bits")
        self.tolerance = 1e-10
        exponent = strip(e.args[1])
        if isinstance(exponent, Const) and isinstance(exponent.value, int) and exponent.value >= 0:
            return replace(self._joined(a, b, ast.BinOp(a.node, ast.Pow(), b.node), a.dtype), python=python)
        self.owe("in-domain", ast.unparse(e.node) if isinstance(e.node, ast.expr) else None)
        return replace(self._joined(a, b, self.numpy("power", _floated(a), b.node), "float"), python=python)

    def _sign(self, e: Op) -> Lane:
        a = self._no_bools(self.number(e.args[0]))
        return replace(a, node=ast.UnaryOp(ast.USub() if e.name == "neg" else ast.UAdd(), a.node))

    def _joined(self, a: Lane, b: Lane, node: ast.expr, dtype: str) -> Lane:
        return Lane(node, a.array or b.array, dtype, self.scalars(a, b))

    def number(self, e: Expr) -> Lane:
        """A lane that arithmetic can use."""
        lane = self.lane(e)
        if lane.dtype == "text":
            raise self.refuse("text is computed with", e if isinstance(e, Op) else None)
        return lane

    def _comparison(self, e: Op) -> Lane:
        left, right = strip(e.args[0]), strip(e.args[1])
        if e.name in ("==", "!="):
            for read, other in ((left, right), (right, left)):
                text = isinstance(other, Const) and isinstance(other.value, str)
                open_ = isinstance(other, Inv) and self._inv_dtype(other.node) in ("text", "number")
                if isinstance(read, Read) and (text or open_) and (series := self.series(read)) is not None:
                    return Lane(
                        attr(_parenthesised(ast.Compare(series, [COMPARE[e.name]()], [clone(other.node)])), "values"),
                        True,
                        "bool",
                        None,
                    )  # type: ignore[attr-defined]
        a, b = self.lane(e.args[0]), self.lane(e.args[1])
        if "text" in (a.dtype, b.dtype):
            raise self.refuse("text is compared by order", e)
        if {a.dtype, b.dtype} == {"int", "number"} or a.dtype == b.dtype == "number":
            pass
        return replace(
            self._joined(a, b, ast.Compare(a.node, [COMPARE[e.name]()], [b.node]), "bool"), python=self.scalars(a, b)
        )

    def series(self, read: Read) -> ast.expr | None:
        """The pandas column of a read, where all its rows are visited: for comparisons that must also hold for text."""
        if not self.rounds.whole(read) or read.offset:
            return None
        base, column = clone(read.source.base.node), read.source.column
        if column is None:
            kind = self.site.kind(read.source.base.node)
            if kind is None or kind.name != "series":
                return None
            self.owe("numpy-columns", read.source.code)
            return base
        if read.access is Access.LABEL:
            self.positions_by_label(read)
        inner = strip(column)
        if not isinstance(inner, (Const, Inv)):
            return None
        self.owe("numpy-columns", read.source.code)
        return item(base, clone(inner.node))

    def _membership(self, e: Op) -> Lane:
        """`x in s`: by Python's own rules, element by element; only the rest of the expression is array code."""
        read, among = strip(e.args[0]), strip(e.args[1])
        if not isinstance(read, Read) or not isinstance(among, (Const, Inv)):
            raise self.refuse("membership of a computed value", e)
        series = self.series(read)
        if series is None:
            raise self.refuse("membership of part of a column", e)
        test = ast.Compare(name("value"), [COMPARE[e.name]()], [clone(among.node)])
        listed = ast.ListComp(test, [ast.comprehension(ast.Name("value", ast.Store()), series, [], 0)])
        node = self.numpy("array", listed)
        node.keywords = [ast.keyword("dtype", name("bool"))]
        return Lane(node, True, "bool", None)

    def _dictionary(self, e: Op) -> Lane:
        """A look-up in a dict that does not change, key by key; the rest of the expression is array code."""
        table, key = strip(e.args[0]), strip(e.args[1])
        if (
            not isinstance(table, Inv)
            or not isinstance(key, Read)
            or e.keywords
            or not all(isinstance(strip(a), (Const, Inv)) for a in e.args[2:])
        ):
            raise self.refuse(
                f"`{ast.unparse(e.node) if isinstance(e.node, ast.expr) else e.name}` has no array form", e
            )
        kind = self.site.kind(table.node)
        if kind is None or kind.name not in ("dict", "defaultdict", "Counter") or (e.name == "item" and self.depth):
            raise self.refuse(f"`{table.code}` is not known to be a dict", e, Reason.UNKNOWN_KIND)
        series = self.series(key)
        if series is None:
            raise self.refuse("only part of a column is looked up", e)
        found: ast.expr = item(clone(table.node), name("key"))
        if e.name == "method:get":
            found = call(attr(clone(table.node), "get"), name("key"), *(clone(strip(a).node) for a in e.args[2:]))  # type: ignore[attr-defined]
        listed = ast.ListComp(found, [ast.comprehension(ast.Name("key", ast.Store()), series, [], 0)])
        self.owe("element-types")
        return Lane(self.numpy("array", listed), True, "number", True)

    def truth(self, e: Expr) -> Lane:
        """A lane of booleans, by Python's truth test."""
        inner = strip(e)
        if isinstance(inner, Read) and self.rounds.whole(inner):
            lane = self._truth_of_column(inner)
            if lane is not None:
                return lane
        lane = self.lane(e)
        if lane.dtype == "bool":
            return lane
        if not lane.array:
            return lane
        return replace(lane, node=ast.Compare(lane.node, [ast.NotEq()], [const(0)]), dtype="bool")

    def _truth_of_column(self, read: Read) -> Lane | None:
        series = self.series(read)
        return (
            None if series is None else Lane(call(attr(series, "values", "astype"), name("bool")), True, "bool", None)
        )

    def _logic(self, e: Op) -> Lane:
        args = _flat(e)
        lanes = [self.truth(args[0])]
        self.depth += 1
        try:
            lanes += [self.truth(a) for a in args[1:]]
        finally:
            self.depth -= 1
        if not all(x.dtype == "bool" for x in lanes):
            raise self.refuse("`and`/`or` of values that are no booleans", e)
        if not any(x.array for x in lanes):
            return Lane(
                ast.BoolOp(ast.And() if e.name == "and" else ast.Or(), [x.node for x in lanes]), False, "bool", None
            )
        node = lanes[0].node
        for x in lanes[1:]:
            node = ast.BinOp(node, ast.BitAnd() if e.name == "and" else ast.BitOr(), x.node)
        return Lane(node, True, "bool", None)

    def _not(self, e: Op) -> Lane:
        inner = strip(e.args[0])
        if isinstance(inner, Op) and inner.name in ("==", "!=", "in", "not in", "not"):
            # NumPy's == and != are each other's negation, NaN included; < and >= are not.
            if inner.name == "not":
                return self.truth(inner.args[0])
            flipped = {"==": "!=", "!=": "==", "in": "not in", "not in": "in"}[inner.name]
            return self._op(replace(inner, name=flipped))
        a = self.truth(e.args[0])
        return replace(a, node=ast.UnaryOp(ast.Invert() if a.array else ast.Not(), a.node), dtype="bool")

    def _if(self, e: Op) -> Lane:
        test = self.truth(e.args[0])
        if not test.array:
            a, b = self.lane(e.args[1]), self.lane(e.args[2])
            dtype = a.dtype if a.dtype == b.dtype else "number"
            return Lane(
                ast.IfExp(test.node, a.node, b.node),
                a.array and b.array,
                dtype,
                self.scalars(a, b) if a.array or b.array else None,
            )
        if (chain := _chain(e)) is not None:
            return self._select(chain, test)
        a, b = self.conditional(e.args[1]), self.conditional(e.args[2])
        if "text" in (a.dtype, b.dtype) and a.dtype != b.dtype:
            raise self.refuse("text and numbers are mixed", e)
        if a.dtype != b.dtype or "number" in (a.dtype, b.dtype):
            self.mixed = True
        self._blend(a, b)
        dtype = a.dtype if a.dtype == b.dtype else "float" if {a.dtype, b.dtype} <= {"int", "float"} else "number"
        return Lane(
            self.numpy("where", test.node, a.node, b.node),
            True,
            dtype,
            self.scalars(a, b) if a.array or b.array else None,
        )

    def _select(self, chain: list[Expr], first: Lane) -> Lane:
        """if/elif/elif/else as np.select: the first condition that holds wins, as in the loop."""
        tests, values = chain[:-1:2], [*chain[1::2], chain[-1]]
        conditions = [first.node]
        self.depth += 1
        try:
            for t in tests[1:]:
                lane = self.truth(t)
                if not lane.array:
                    raise self.refuse("a condition is the same on every round")
                conditions.append(lane.node)
            lanes = [self.lane(v) for v in values]
        finally:
            self.depth -= 1
        dtypes = {x.dtype for x in lanes}
        if "text" in dtypes and len(dtypes) > 1:
            raise self.refuse("text and numbers are mixed")
        if len(dtypes) > 1 or "number" in dtypes:
            self.mixed = True
        self._blend(*lanes)
        dtype = dtypes.pop() if len(dtypes) == 1 else "float" if dtypes <= {"int", "float"} else "number"
        node = self.numpy(
            "select",
            ast.List(conditions, ast.Load()),
            ast.List([x.node for x in lanes[:-1]], ast.Load()),
            lanes[-1].node,
        )
        return Lane(node, True, dtype, self.scalars(*lanes))

    def _blend(self, *lanes: Lane) -> None:
        """A constant branch beside a computed one: a Python scalar among NumPy scalars."""
        if any(x.array and x.python is not True for x in lanes) and not all(x.array for x in lanes):
            self.blended = True
        if len({x.python for x in lanes if x.array}) > 1:
            self.blended = True

    def chosen(self, e: Op, a: Lane, b: Lane, take_b: ast.expr) -> Lane:
        """`b if take_b else a` of two lanes that were computed anyway (min, max)."""
        if a.dtype != b.dtype or "number" in (a.dtype, b.dtype):
            self.mixed = True
        self._blend(a, b)
        dtype = a.dtype if a.dtype == b.dtype else "float" if {a.dtype, b.dtype} <= {"int", "float"} else "number"
        return Lane(self.numpy("where", take_b, b.node, a.node), True, dtype, self.scalars(a, b))


def _chain(e: Op) -> list[Expr] | None:
    """test, value, test, value, ..., default of an if/elif chain with at least three tests."""
    out: list[Expr] = []
    inner: Expr = e
    while isinstance(inner, Op) and inner.name == "if":
        out += inner.args[:2]
        inner = (
            inner.args[2]
            if not isinstance(strip(inner.args[2]), Op) or strip(inner.args[2]).name != "if"
            else strip(inner.args[2])
        )  # type: ignore[attr-defined]
    out.append(inner)
    return out if len(out) >= 7 else None


def _flat(e: Op) -> list[Expr]:
    """`a and (b and c)` as one list of operands."""
    out: list[Expr] = []
    for a in e.args:
        out += _flat(a) if isinstance(a, Op) and a.name == e.name and "chain" not in a.keywords else [a]
    return out


def _const_dtype(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "text"
    raise NotVector(Reason.UNSUPPORTED_SYNTAX, 0, f"`{value!r}` has no place in an array of numbers")


def _floated(lane: Lane) -> ast.expr:
    return lane.node


def _parenthesised(node: ast.expr) -> ast.expr:
    return node


def _line_of(e: Expr) -> int | None:
    return (e.line or None) if isinstance(e, Op) else None


def _plain(read: Read) -> str:
    node = read.source.base.node
    match node:
        case ast.Name(id=id_):
            return id_
        case ast.Attribute(attr=a):
            return a
        case ast.Subscript(slice=ast.Constant(value=str(key))) if key.isidentifier():
            return key
    return "values"


def _column_name(column: Expr, read: Read) -> str:
    if read.name:
        return read.name
    if (
        isinstance(column, Const)
        and isinstance(column.value, str)
        and column.value.isidentifier()
        and not keyword.iskeyword(column.value)
    ):
        return f"{column.value}_" if hasattr(builtins, column.value) else column.value
    if isinstance(column, Inv) and isinstance(column.node, ast.Name):
        return f"{column.node.id}_values"
    return "column"


__all__ = ["ArrayCode", "Lane", "NotVector", "Step", "assign", "binop", "expr", "slice_"]
