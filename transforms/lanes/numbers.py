"""Arithmetic, comparisons and look-ups over all rounds, by the rules of the scalars that the loop computed with."""

from __future__ import annotations

import ast
from dataclasses import replace

from ...loops.context import SiteContext
from ...loops.ir import Const, Expr, Inv, Op, Pos, Read, strip
from ...loops.literals import folded, kind_of_literal, literal, values_of
from ...loops.remarks import Reason
from ...loops.walk import walk
from ..draws.tables import SIGNED
from ..shared.build import attr, call, clone, const, item, name
from ..shared.operators import BINARY, COMPARE
from .among import among_numbers
from .columns import ColumnLanes
from .dates import date_among
from .lanes import Lane
from .nonzero import surely_nonzero
from .tables import keys_of, surely_known

RISKY = frozenset({"/", "//", "%", "**"})


class NumberLanes(ColumnLanes):
    """The lanes of operations on numbers, and of what is looked up element by element."""

    def _arithmetic(self, e: Op) -> Lane:
        a, b = self._operands(e)
        self.no_text(e)
        if e.name in ("&", "|", "^"):
            if a.dtype == b.dtype == "bool":
                return self._joined(a, b, ast.BinOp(a.node, BINARY[e.name](), b.node), "bool")
            raise self.refuse("bits are combined", e)
        a, b = self._no_bools(a), self._no_bools(b)
        divisor = strip(e.args[1])
        if e.name in ("/", "//", "%") and isinstance(divisor, Const) and not divisor.value:
            raise self.refuse("the divisor is zero", e)
        if e.name in ("/", "//", "%") and isinstance(divisor, Inv) and _made_of_literals(self.site, divisor.node):
            raise self.refuse(f"`{divisor.code}` may be zero, whatever the data is", e)
        quiet = isinstance(divisor, Const) and (e.name == "/" or a.dtype == b.dtype == "int")
        if e.name in RISKY and not quiet:
            self.note_risk()
        python = self.scalars(a, b)
        if self.mixed and e.name in ("*", "%"):  # 0 * -1 is 0 of ints, and -0.0 where ints stand in an array of floats
            self.owe("signed-zero")
        if self.mixed and any(x.array and x.dtype in ("int", "number") for x in (a, b)):
            self.owe("small-integers")  # an int among floats is one of them: 1.0 * (2**53 + 1)
        if self.mixed and e.name in ("//", "%"):  # 0 // 0 is 0 of ints, and NaN where they stand in an array of floats
            first = 0 if self.rounds.span is None else self.rounds.start
            if isinstance(divisor, Pos) and first == -divisor.offset:
                raise self.refuse("the first round divides by its position, which is zero", e)
            self.owe("no-zero-division", ast.unparse(e.node) if isinstance(e.node, ast.expr) else None)
        if any(x.array and x.python is True and y.python is not True for x, y in ((a, b), (b, a))):
            # A Python number takes the width of a NumPy scalar beside it, an array does not.
            self.owe("float64")
            self.owe("no-overflow")
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

    def _operands(self, e: Op) -> tuple[Lane, Lane]:
        """Both lanes; beside a float, an integer that is the same on every round does as a float would."""
        fixed = [isinstance(strip(a), Inv) for a in e.args]
        if not self.site.fixed_floats or e.name not in ("+", "-", "*", "/") or sum(fixed) != 1:
            return self.number(e.args[0]), self.number(e.args[1])
        lane = self.number(e.args[fixed.index(False)])
        self.beside_float = lane.array and lane.dtype == "float"
        other = self.number(e.args[fixed.index(True)])
        self.beside_float = False
        return (other, lane) if fixed[0] else (lane, other)

    def _no_bools(self, lane: Lane) -> Lane:
        if lane.dtype != "bool" or not lane.array:
            return lane
        if lane.python is not True:
            raise self.refuse("booleans are computed with")
        return replace(lane, node=call(attr(lane.node, "astype"), name("int")), dtype="int")

    def small(self, e: Expr) -> bool:
        """Whether an integer is surely far from 64 bits: a position, a literal, a sum or a difference of such."""
        inner = strip(e)
        match inner:
            case Pos(offset=k) | Const(value=int(k)):
                return abs(k) < 2**31
            case Op(name="+" | "-", args=args):
                return all(map(self.small, args))
        return False

    def _python_pitfalls(self, e: Op, a: Lane, b: Lane, python: bool | None) -> None:
        exact, divisor = "float" in (a.dtype, b.dtype) or e.name == "/", strip(e.args[1])
        if not exact and not self.small(e):
            self.owe("no-overflow")
        sure = isinstance(divisor, Const) and divisor.value not in (0, 0.0)
        if e.name in ("/", "//", "%") and not sure and not surely_nonzero(self.site, self.loop, e):
            self.owe("no-zero-division", ast.unparse(e.node) if isinstance(e.node, ast.expr) else None)
        if e.name == "/" and "float" not in (a.dtype, b.dtype) and not _halves(divisor):
            # NumPy makes floats of both first, Python rounds the quotient only: (2**53 + 1) / 3.
            self.owe("small-integers")

    def _power(self, e: Op, a: Lane, b: Lane, python: bool | None) -> Lane:
        self.owe("last-bits")
        self.tolerance = 1e-10
        if python is not False:  # 1e200 ** 2 raises OverflowError
            self.owe("in-domain", ast.unparse(e.node) if isinstance(e.node, ast.expr) else None)
        exponent = strip(e.args[1])
        if (base := literal(a.node)) is not None and base < 0 and b.dtype != "int":  # (-1) ** 0.5 is complex
            raise self.refuse("a negative number has no power that is no integer", e)
        if isinstance(exponent, Const) and isinstance(exponent.value, int) and exponent.value >= 0:
            return replace(self._joined(a, b, ast.BinOp(a.node, ast.Pow(), b.node), a.dtype), python=python)
        if _drawn_around_zero(e.args[0]):
            raise self.refuse("a number is drawn that may be negative: it has no power that is no integer", e)
        self.owe("in-domain", ast.unparse(e.node) if isinstance(e.node, ast.expr) else None)
        self.owe("signed-zero")  # np.power of -0.0 and 0.5 is -0.0, that of scalars 0.0
        # Python's 2 ** -1 is 0.5, NumPy's raises.
        exact = "float" in (a.dtype, b.dtype)
        raises = python is False and not exact
        if raises and self.beyond_guard():
            raise self.refuse("integers to a negative power raise, and the loop may not get there", e)
        power = self.numpy("power" if python is False or exact else "float_power", a.node, b.node)
        if raises and self.depth:
            self.only_there.append(power)
        return replace(self._joined(a, b, power, "float"), python=python)

    def _sign(self, e: Op) -> Lane:
        a = self._no_bools(self.number(e.args[0]))
        if a.array and a.python is not False and a.dtype != "float":
            self.owe("no-overflow")
        if self.mixed and e.name == "neg":  # -0 is 0, and -0.0 where the integer stands in an array of floats
            self.owe("signed-zero")
        return replace(a, node=ast.UnaryOp(ast.USub() if e.name == "neg" else ast.UAdd(), a.node))

    def _comparison(self, e: Op) -> Lane:
        left, right = strip(e.args[0]), strip(e.args[1])
        if e.name in ("==", "!="):
            for read, other in ((left, right), (right, left)):
                text = isinstance(other, Const) and isinstance(other.value, str)
                open_ = isinstance(other, Inv) and self._inv_dtype(other.node) in ("text", "number")
                if not isinstance(read, Read) or not isinstance(other, (Const, Inv)) or not (text or open_):
                    continue
                if (series := self.series(read)) is not None:
                    self.one_for_all(other.node)
                    test = ast.Compare(series, [COMPARE[e.name]()], [clone(other.node)])
                    return Lane(attr(test, "values"), True, "bool", None)
        a, b = self.lane(e.args[0]), self.lane(e.args[1])
        if {"text", "any"} & {a.dtype, b.dtype}:
            raise self.refuse("text is compared by order", e)
        if self.scalars(a, b) is not False and _may_round(a, left, b, right):
            self.owe("small-integers")
        return replace(
            self._joined(a, b, ast.Compare(a.node, [COMPARE[e.name]()], [b.node]), "bool"), python=self.scalars(a, b)
        )

    def _membership(self, e: Op) -> Lane:
        """`x in s`: by Python's own rules, element by element; only the rest of the expression is array code."""
        if (day := date_among(self, e)) is not None:
            return day
        read, among = strip(e.args[0]), strip(e.args[1])
        if (numbers := self._numbers(among)) is not None:
            lane = self.number(e.args[0])
            if lane.array and lane.dtype != "bool":
                found = self.numpy("isin", lane.node, numbers)
                found.keywords = [ast.keyword("invert", ast.Constant(True))] if e.name == "not in" else []
                return Lane(found, True, "bool", True)
        if not isinstance(read, Read) or not isinstance(among, (Const, Inv)):
            raise self.refuse("membership of a computed value", e)
        values = keys_of(self, read)
        if values is None:
            raise self.refuse("membership of part of a column", e)
        test = ast.Compare(name("value"), [COMPARE[e.name]()], [clone(among.node)])
        listed = ast.ListComp(test, [ast.comprehension(ast.Name("value", ast.Store()), values, [], 0)])
        node = self.numpy("array", listed)
        node.keywords = [ast.keyword("dtype", name("bool"))]
        return Lane(node, True, "bool", None)

    def _numbers(self, among: Expr) -> ast.expr | None:
        """The numbers that are looked for, where they are written out."""
        match among:
            case Inv(node=node):
                return among_numbers(self.site, node)
            case Op(name="tuple" | "list" | "set", node=ast.expr() as node):
                return among_numbers(self.site, node)
        return None

    def _dictionary(self, e: Op) -> Lane:
        """A look-up in a dict that does not change, key by key; the rest of the expression is array code."""
        if e.name == "item" and (lane := self.item_of_row(e)) is not None:
            return lane
        if e.name == "item" and (lane := self.cell(e)) is not None:
            return lane
        table, key = strip(e.args[0]), strip(e.args[1])
        default = [a for a in map(strip, e.args[2:]) if isinstance(a, (Const, Inv))]
        plain = not e.keywords and len(default) == len(e.args[2:])
        if not isinstance(table, Inv) or not isinstance(key, Read) or not plain:
            shown = ast.unparse(e.node) if isinstance(e.node, ast.expr) else e.name
            raise self.refuse(f"`{shown}` has no array form", e)
        kind = self.site.kind(table.node)
        if kind is None or kind.name not in ("dict", "defaultdict", "Counter"):
            raise self.refuse(f"`{table.code}` is not known to be a dict", e, Reason.UNKNOWN_KIND)
        held = values_of(self.site, table)
        if held == "other":
            raise self.refuse(f"`{table.code}` holds more than numbers of one kind", e, Reason.UNKNOWN_KIND)
        filled = e.name == "item" and bool(self.depth)
        if filled and (held not in ("int", "float") or not surely_known(self.site, self.loop, e)):
            raise self.refuse(f"a key may be missing in `{table.code}` on rounds that don't ask for it", e)
        keys = keys_of(self, key)
        if keys is None:
            raise self.refuse("only part of a column is looked up", e)
        if e.name == "method:get" and not default:
            raise self.refuse("a key that is not there gives None", e)
        for a in default:
            self.one_for_all(a.node)
        if filled:  # rounds without the key get a number that nobody looks at
            default = [Const(0, const(0)) if held == "int" else Const(0.0, const(0.0))]
        found: ast.expr = item(clone(table.node), name("key"))
        if default:
            found = call(attr(clone(table.node), "get"), name("key"), *(clone(a.node) for a in default))
        listed = ast.ListComp(found, [ast.comprehension(ast.Name("key", ast.Store()), keys, [], 0)])
        array = self.numpy("array", listed)
        if filled and held is not None:
            array.keywords = [ast.keyword("dtype", name(held))]
        return Lane(array, True, self._held(e, table, held, default), True)

    def _held(self, e: Op, table: Inv, held: str | None, default: list[Const | Inv]) -> str:
        """The type of what is found in a dict, or given where nothing is."""
        kinds = {kind_of_literal(a.node) if isinstance(a, Const) else "unknown" for a in default}
        if "other" in kinds or ("text" in kinds) != (held == "text" and bool(kinds)):
            raise self.refuse(f"what is not in `{table.code}` gives something else", e)
        kinds |= {held or "unknown"}
        if held is None:
            self.owe("numeric-dicts", table.code)
        for a in default:
            if isinstance(a, Inv):
                self.owe("numeric-start", a.code)
        if len(kinds) == 1 and kinds <= {"int", "float", "text"}:
            return kinds.pop()
        self.owe("element-types")
        self.mixed = True  # some of its values may be ints, others floats
        return "number"


def _made_of_literals(site: SiteContext, node: ast.expr) -> bool:
    """`round(0.001)`: an expression that names nothing but functions of Python."""
    names = [n for n in walk(node) if isinstance(n, ast.Name)]
    return not folded(node) and all((site.dotted(n) or "").startswith("builtins.") for n in names)


def _halves(divisor: Expr) -> bool:
    """Whether a division by it is exact but for rounding the dividend: that by a power of two."""
    value = divisor.value if isinstance(divisor, Const) else None
    return isinstance(value, int) and value > 0 and value & (value - 1) == 0


def _may_round(a: Lane, left: Expr, b: Lane, right: Expr) -> bool:
    """Whether NumPy may compare an int with a float, and round the int first: Python compares them exactly."""
    for lane, other in ((a, right), (b, left)):
        if isinstance(other, Const):
            # Rounded or not, an int beyond 2**53 is on the same side of a small number.
            big = isinstance(other.value, int | float) and abs(other.value) >= 2**53
            return big and lane.dtype not in ("bool", "float" if isinstance(other.value, float) else "int")
    return not (a.dtype == b.dtype != "number" or "bool" in (a.dtype, b.dtype))


def _drawn_around_zero(e: Expr) -> bool:
    """Whether a number is drawn at random, or made of such a one, and as likely below zero as above."""
    inner = strip(e)
    if not isinstance(inner, Op):
        return False
    if inner.name.startswith("draw:") and isinstance(inner.node, ast.Call):
        func = inner.node.func
        return (func.attr if isinstance(func, ast.Attribute) else ast.unparse(func)) in SIGNED
    return inner.name in ("+", "-", "*", "/", "neg") and any(map(_drawn_around_zero, inner.args))
