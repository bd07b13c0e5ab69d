"""Walk expressions and note how every value in them is used."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

from .child.words import DATE, DATE_TO_INT, DELTA
from .shapes import MISSING, STATED, Shape
from .usage_base import labelled, names_of
from .usage_inverse import inverse_of
from .usage_keys import Keys
from .usage_spans import duration
from .usage_texts import looked_for


class Expressions(Keys):
    """The part of the walk that looks at expressions."""

    sides: Sequence[Shape] = ()  # what the last comparison compared by name

    def ev(self, node: ast.expr | None) -> Shape:
        """The shape of an expression's value."""
        if node is None:
            return Shape()
        method = getattr(self, f"ev_{type(node).__name__}", None)
        if method is not None:
            return method(node).find()  # type: ignore[no-any-return]
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.ev(child)
        return Shape()

    def test(self, node: ast.expr) -> None:
        """A condition: a bare value in it is asked for its truth."""
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                self.test(value)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.test(node.operand)
        else:
            shape = self.ev(node)
            if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
                shape.vote("bool", 0.4)
                shape.flag("truthy")
            for side in self.sides if isinstance(node, ast.Compare) else ():
                side.flag("single")  # an array has no one truth

    def ev_Name(self, node: ast.Name) -> Shape:
        if node.id in self.env:
            return self.env[node.id]
        if node.id in self.globals:
            return self.globals[node.id]
        return self.of_value(self.const(node))

    def of_value(self, value: Any) -> Shape:
        """The shape of a known value."""
        shape = Shape()
        shape.value = value
        match value:
            case bool():
                shape.vote("bool")
            case int():
                shape.vote("number", 0.5)
            case float():
                shape.vote("float")
            case str():
                shape.vote("str")
            case dict():
                shape.vote("dict")
                shape.key.literal(*value)
                for k, v in value.items():
                    shape.elem.unify(self.of_value(v))
                    if isinstance(k, str):
                        shape.key.vote("str")
            case list() | tuple() | set() | frozenset():
                shape.vote("list")
                shape.elem.literal(*value)
                for v in value:
                    shape.elem.unify(self.of_value(v))
        return shape

    def ev_Constant(self, node: ast.Constant) -> Shape:
        return self.of_value(node.value)

    def ev_Starred(self, node: ast.Starred) -> Shape:
        return self.ev(node.value)

    def ev_NamedExpr(self, node: ast.NamedExpr) -> Shape:
        shape = self.ev(node.value)
        self.bind(node.target, shape, node.value)
        return shape

    def ev_Tuple(self, node: ast.Tuple) -> Shape:
        shape = Shape("tuple")
        for k, part in enumerate(node.elts):
            shape.items[k] = self.ev(part)
        return shape

    def ev_List(self, node: ast.List | ast.Set) -> Shape:
        shape = Shape("list" if isinstance(node, ast.List) else "set")
        for part in node.elts:
            element = self.iterate(self.ev(part.value)) if isinstance(part, ast.Starred) else self.ev(part)
            if element.value is MISSING:
                shape.elem.unify(element)
            elif isinstance(element.value, str):
                shape.elem.flag("written out").texts.append(element.value)
        return shape

    ev_Set = ev_List

    def ev_Dict(self, node: ast.Dict) -> Shape:
        shape = Shape("dict")
        for key, value in zip(node.keys, node.values, strict=True):
            name = self.const(key)
            inner = self.ev(value)
            if isinstance(name, str):
                shape.fields[name] = inner
            elif key is not None:
                self.ev(key)
                shape.elem.unify(inner) if inner.value is MISSING else None
        names = [self.const(key) for key in node.keys]
        if names and all(isinstance(name, (str, int)) for name in names):
            shape.flag("keys written out").key.literal(*names)
        return shape

    def ev_Lambda(self, node: ast.Lambda) -> Shape:
        shape = Shape("callable")
        shape.value = node
        return shape

    def ev_IfExp(self, node: ast.IfExp) -> Shape:
        self.test(node.test)
        a, b = self.ev(node.body), self.ev(node.orelse)
        known = [v for v in (self.const(node.body), self.const(node.orelse)) if isinstance(v, (int, float))]
        result = _either(a, b)
        if len(known) == 2:
            result = Shape("number", 0.5)
            result.literals = known
        return result

    def ev_BoolOp(self, node: ast.BoolOp) -> Shape:
        shapes = [self.ev(v) for v in node.values]
        for shape, value in zip(shapes, node.values, strict=True):
            if isinstance(value, (ast.Name, ast.Attribute, ast.Subscript)):
                shape.flag("truthy")
                shape.vote("bool", 0.2)
        given = [s for s, v in zip(shapes, node.values, strict=True) if self.const(v) is MISSING and not _is_empty(v)]
        if len(given) == 1:
            return given[0]
        result = Shape()
        result.sources = shapes
        return result

    def ev_UnaryOp(self, node: ast.UnaryOp) -> Shape:
        shape = self.ev(node.operand)
        if isinstance(node.op, ast.Not):
            self.test(node.operand)
            return Shape("bool")
        if isinstance(node.op, ast.Invert):
            return shape
        shape.vote("number", 0.5)
        return _derived("number", shape)

    def ev_BinOp(self, node: ast.BinOp) -> Shape:
        return self.binary(self.ev(node.left), node.op, self.ev(node.right), node.left, node.right)

    def binary(self, a: Shape, op: ast.operator, b: Shape, left: ast.expr, right: ast.expr) -> Shape:
        """Arithmetic on two values."""
        a, b = a.find(), b.find()
        const_left, const_right = self.const(left), self.const(right)
        if isinstance(op, ast.Mod) and (isinstance(const_left, str) or isinstance(left, ast.JoinedStr)):
            self._percent(const_left, b)
            return Shape("str")
        if isinstance(op, ast.Add) and (
            isinstance(const_left, str) or isinstance(const_right, str) or a.votes["str"] or b.votes["str"]
        ):
            for side, value in ((a, const_left), (b, const_right)):
                if value is MISSING:
                    side.vote("str")
            return Shape("str")
        if isinstance(op, ast.Add) and (a.votes["list"] or b.votes["list"]):
            return _either(a, b)
        if isinstance(op, ast.Mult) and (a.votes["list"] or isinstance(const_left, str)):
            b.vote("int").flag("length")
            return a
        if isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
            return _either(a, b)
        if isinstance(op, ast.MatMult):
            for side in (a, b):
                side.vote("ndarray", 1).reduce()
            return _derived("number", a, b)
        weight = 0.3 if isinstance(op, ast.Add) else 1.0
        if isinstance(op, ast.Sub) and (a.votes["datetime"] or b.votes["datetime"]):
            weight = 0.0
        for side in (a, b):
            if weight and not side.votes["timedelta"] and not side.votes["datetime"]:
                side.vote("number", weight)
        result = _derived("number" if weight >= 1 else "", a, b)
        known_left, known_right = (s.value if c is MISSING else c for s, c in ((a, const_left), (b, const_right)))
        for span, moment in ((a, b), (b, a)):  # `today - timedelta(days=180)`: what it is compared with is as far away
            if spans := [v for v in span.literals if isinstance(v, dt.timedelta)]:
                moment.literal(*spans)
                result.literal(*spans)
        result.inverse = inverse_of(op, a, known_right) or inverse_of(op, b, known_left, swapped=True)
        if "position" in a.flags or "position" in b.flags:
            result.flag("position")
            if "counted" in a.flags and isinstance(op, (ast.Add, ast.Sub)) and type(const_right) is int:
                by = const_right if isinstance(op, ast.Add) else -const_right
                result.flag("counted").literal(*(v + by for v in a.literals if type(v) is int))
            for side in (a, b):
                if "position" not in side.flags:
                    side.vote("index", 2).flag("small")
        return result

    def _percent(self, template: Any, argument: Shape) -> None:
        if not isinstance(template, str):
            return
        codes = re.findall(r"%(?:\((\w+)\))?[-+ #0]*\d*(?:\.\d+)?([a-zA-Z%])", template)
        codes = [c for c in codes if c[1] != "%"]
        for k, (name, code) in enumerate(codes):
            shape = argument.field(name) if name else argument.item(k) if argument.votes["tuple"] else argument
            shape.vote("number" if code in "diouxXeEfFgG" else "", 0.5)

    def ev_Compare(self, node: ast.Compare) -> Shape:
        operands = [node.left, *node.comparators]
        shapes = [self.ev(o) for o in operands]
        for k, op in enumerate(node.ops):
            self._compare(op, operands[k], shapes[k], operands[k + 1], shapes[k + 1])
        named = (ast.Name, ast.Subscript)
        self.sides = [shape for o, shape in zip(operands, shapes, strict=True) if isinstance(o, named)]
        return Shape("bool", 0.5)

    def _compare(self, op: ast.cmpop, left: ast.expr, a: Shape, right: ast.expr, b: Shape) -> None:
        x, y = self.const(left), self.const(right)
        if isinstance(op, (ast.Eq, ast.NotEq)) and ast.dump(left) == ast.dump(right):
            a.flag("missing")  # `x != x`
            return
        if isinstance(op, (ast.Is, ast.IsNot)):
            if y is None:
                a.flag("optional")
            return
        if isinstance(op, (ast.In, ast.NotIn)):
            self.reach(a, self.moments(right)) if y is MISSING else None
            self._membership(x, a, y, b)
            return
        if x is not MISSING or y is not MISSING:
            self.compared(a, y) if y is not MISSING else self.compared(b, x)
            return
        for one, other in ((a, b), (b, a)):
            known = [other.value] if isinstance(other.value, (int, float)) else other.literals
            moments = (int, float, dt.datetime, dt.timedelta)
            self.reach(one, [v for v in known if isinstance(v, moments) and not isinstance(v, bool)])
        ordered = not isinstance(op, (ast.Eq, ast.NotEq))
        if ordered:
            for one, other in ((a, b), (b, a)):
                if other.votes["timedelta"]:
                    duration(one, "")
                elif other.votes["datetime"] or other.votes["str"]:
                    one.vote("datetime" if other.votes["datetime"] else "str", 0.5)
                else:
                    one.vote("number", 0.4)
        else:
            _scalar_side(a).link(_scalar_side(b))
            for one, other in ((_scalar_side(a), b), (_scalar_side(b), a)):
                kind = "str" if other.votes["str"] else "index" if "counted" in other.flags else ""
                if kind and not one.votes.total():
                    one.vote(kind, 0.5)  # `df[df["k"] == str(x)]`

    def compared(self, shape: Shape, value: Any) -> None:
        """The code compares the value with a literal."""
        values = value if isinstance(value, (tuple, list, set, frozenset)) else [value]
        target = shape
        self.reach(shape, list(values))
        for v in values:
            if isinstance(v, str):
                target.vote("str", 2)
            elif isinstance(v, float) or (isinstance(v, int) and not isinstance(v, bool)):
                target.vote("number", 0.6)

    def reach(self, shape: Shape, values: list[Any], depth: int = 4) -> None:
        """Inputs should make the value hit these: note them on what it is computed from."""
        shape = shape.find()
        if not depth or not values or all(any(v is w or v == w for w in shape.literals) for v in values):
            return
        shape.literal(*values)
        for source, back in shape.inverse:
            wanted = str if shape.votes["str"] else (int, float)
            self.reach(source, [back(v) for v in values if isinstance(v, wanted)], depth - 1)
        for source in shape.sources if not shape.inverse else []:
            self.reach(source, values, depth - 1)

    def _membership(self, x: Any, a: Shape, y: Any, b: Shape) -> None:
        if isinstance(x, str) and y is MISSING:
            if "columns of" in b.flags and b.sources:
                b.sources[0].flag("columns")
                b.sources[0].field(x).elem.flag("optional column")
            elif b.votes["list"] or b.votes["set"] or b.votes["dict"] or b.has_elem:
                b.elem.literal(x)
            else:
                looked_for(b.vote("str", 0.6), "in", x)
            return
        if isinstance(x, (int, float)) and not isinstance(x, bool) and y is MISSING:
            if not (b.votes["dict"] or b.votes["series"] or b.votes["set"]):
                b.vote("list", 0.4)
            (b.key if b.votes["dict"] else b.elem).vote("number", 0.6).literal(x)
            return
        if isinstance(y, str):
            a.vote("str")
            return
        if y is not MISSING:
            a.flag("may be missing")
            self.compared(a, list(y) if isinstance(y, (dict, list, tuple, set, frozenset)) else y)
            return
        if b.votes["dict"] or (b.key_used is not None and not b.has_elem):
            a.link(b.key)
        elif b.votes["str"] > b.votes["list"] and not b.has_elem:
            looked_for(b, "in", a.vote("str", 0.5).literals)
        else:
            b.vote("list", 0.4)
            a.link(b.elem)
            b.elem.flag("member")
            b.elem.literal(*a.texts)

    def ev_JoinedStr(self, node: ast.JoinedStr) -> Shape:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                shape = self.ev(part.value)
                template = "".join(
                    str(v.value) for v in getattr(part.format_spec, "values", []) if isinstance(v, ast.Constant)
                )
                if template[-1:] in ("f", "e", "g", "%", "d", "n"):
                    shape.vote("int" if template[-1] == "d" else "number", 1)
                elif re.search(r"[<>^]\d*$", template) or template.endswith("s"):
                    shape.vote("str", 0.2)
        result = Shape("str")
        fixed = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
        for first, rest in (("0", "0"), ("1", "1"), ("2", "2"), ("True", "0"), ("True", "1"), ("1", "0")):
            holes = chain([first], repeat(rest))
            result.texts.append("".join(next(holes) if text is None else str(text) for text in fixed))
        return result

    def ev_Attribute(self, node: ast.Attribute) -> Shape:
        base = self.ev(node.value)
        name = node.attr
        if isinstance(node.value, ast.Name) and node.value.id in self.names.imports and node.value.id not in self.env:
            known = self.const(node)
            return Shape() if known is MISSING else self.of_value(known)
        constant = self.const(node)
        if constant is not MISSING and not base.attrs.get(name):
            return self.of_value(constant)
        return self.attribute(base, name)

    def attribute(self, base: Shape, name: str) -> Shape:
        """`base.name` outside of a call."""
        if name in ("iloc", "loc", "at", "iat"):
            base.vote("pandas", 2)
            return base
        if name in ("values", "array"):
            base.vote("pandas", 1)
            return base
        if name == "index":
            base.vote("pandas", 1)
            index = Shape("list")
            index._elem = base.index
            index.flag("index of")
            index.sources = [base]
            return index
        if name == "columns":
            base.vote("frame", 2).flag("columns")
            columns = Shape("list")
            columns._elem = names_of(base)
            columns.flag("columns of")
            columns.sources = [base]
            return columns
        if name in ("shape", "size", "empty", "ndim", "T", "dtypes"):
            base.flag("len")
            return _shape_of(base) if name == "shape" else base if name == "T" else Shape()
        if name in ("str", "dt", "cat"):
            base.vote("series", 1)
            base.elem.vote("datetime" if name == "dt" else "str", 2)
            return base
        if name in DELTA and base.sources and name not in DATE:
            return duration(base, name)
        if name in DATE_TO_INT and "index of" in base.flags:
            base.elem.vote("datetime", 1)  # `df.index.month`
            return Shape("int")
        if name in DATE and "row" not in base.flags and not base.votes["frame"]:
            base.vote("datetime", 1)
            return Shape("int" if name in DATE_TO_INT else "")
        if name == "dtype":
            return Shape()
        return labelled(base, base.attr(name))

    def ev_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Shape:
        saved = dict(self.env)
        for generator in node.generators:
            self.bind(generator.target, self.iterate(self.ev(generator.iter)))
            for test in generator.ifs:
                self.test(test)
        result = Shape("set" if isinstance(node, ast.SetComp) else "list")
        result._elem = self.ev(node.elt)
        self.env = saved
        return result

    ev_SetComp = ev_ListComp
    ev_GeneratorExp = ev_ListComp

    def ev_DictComp(self, node: ast.DictComp) -> Shape:
        saved = dict(self.env)
        for generator in node.generators:
            self.bind(generator.target, self.iterate(self.ev(generator.iter)))
            for test in generator.ifs:
                self.test(test)
        result = Shape("dict")
        result._key, result._elem = self.ev(node.key), self.ev(node.value)
        self.env = saved
        return result

    def iterate(self, shape: Shape) -> Shape:
        """What `for x in shape` gives."""
        shape = shape.find()
        shape.flag("iterated")
        if shape.votes["frame"] and not shape.votes["list"]:
            return names_of(shape)
        if shape.votes["dict"] >= STATED or (shape.votes["dict"] and not shape.votes["list"]):
            return shape.key
        if shape.votes["str"] and not shape.has_elem:
            return Shape("str")
        return shape.elem


def _either(a: Shape, b: Shape) -> Shape:
    if a.value is not MISSING and b.value is MISSING:
        return b
    if b.value is not MISSING:
        return a
    result = Shape()
    result.sources = [a, b]
    result.votes.update(
        {k: max(a.votes[k], b.votes[k]) for k in [*a.votes, *b.votes] if a.votes[k] < STATED and b.votes[k] < STATED}
    )
    return result


def _is_empty(node: ast.expr) -> bool:
    """`()`, `[]`, `{}`, `set()`: a fallback that tells nothing."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return not node.elts
    if isinstance(node, ast.Dict):
        return not node.keys
    return isinstance(node, ast.Call) and not node.args and isinstance(node.func, ast.Name)


def _derived(kind: str, *sources: Shape) -> Shape:
    shape = Shape(kind, 0.5) if kind else Shape()
    shape.sources = [s for s in sources if s.value is MISSING]
    return shape


def _scalar_side(shape: Shape) -> Shape:
    """The element of a column in `df["k"] == key`."""
    s = shape.find()
    return s.elem if s.has_elem or s.votes["pandas"] or s.votes["series"] else s


def _shape_of(base: Shape) -> Shape:
    result = Shape("tuple")
    for k in range(2):
        length = Shape("index").flag("position")
        length.sources = [base]
        result.items[k] = length
    return result
