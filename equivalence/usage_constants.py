"""Values that the code writes out: literals, and calls that only put literals together."""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
from collections.abc import Callable
from typing import Any

from .names import dotted
from .shapes import MISSING
from .usage_base import Walk

_GATHER: dict[str, Callable[[Any], Any]] = {
    "frozenset": frozenset,
    "set": set,
    "tuple": tuple,
    "list": list,
    "sorted": sorted,
}
#: What evaluating code that puts odd literals together may raise.
_ODD = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError)
_DEPTH = 8


def written(node: ast.AST | None, named: Callable[[str], ast.AST | None], depth: int = _DEPTH) -> Any:
    """The value of `frozenset([1, 2])`, `"a b".split()` or `{*OPEN, "held"}`; MISSING for what is not written out.

    `named` gives the code that a name stands for.
    """
    if node is None or not depth:
        return MISSING
    try:
        return ast.literal_eval(node)
    except _ODD:
        pass
    try:
        return _put_together(node, lambda part: _known(written(part, named, depth - 1)), named)
    except _ODD:
        return MISSING


def _known(value: Any) -> Any:
    if value is MISSING:
        raise ValueError("not written out")
    return value


def _put_together(node: ast.AST, value: Callable[[ast.AST | None], Any], named: Callable[[str], ast.AST | None]) -> Any:
    """The value of one step. Raises ValueError for code of any other form."""
    match node:
        case ast.Name(id=name):
            return value(named(name))
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in _GATHER:
            return _GATHER[name](value(inner))
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=[_, *_] as pairs) if all(k.arg for k in pairs):
            return {k.arg: value(k.value) for k in pairs}
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str() as text), attr="split"), keywords=[]):
            return text.split(*[value(a) for a in node.args])
        case ast.Tuple(elts=elts) | ast.List(elts=elts) | ast.Set(elts=elts):
            parts = [x for e in elts for x in (value(e.value) if isinstance(e, ast.Starred) else [value(e)])]
            return {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(node)](parts)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _both(value(left), value(right), (set, frozenset, dict), lambda a, b: a | b)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _both(value(left), value(right), (tuple, list, str), lambda a, b: a + b)
    raise ValueError("of another form")


def _both(left: Any, right: Any, kinds: tuple[type, ...], join: Callable[[Any, Any], Any]) -> Any:
    if not (isinstance(left, kinds) and isinstance(right, kinds)):
        raise ValueError("of another kind")
    return join(left, right)


class Constants(Walk):
    """The part of the walk that knows what names stand for."""

    def const(self, node: ast.AST | None) -> Any:
        """The value of a literal, or of a name that is known to hold one; MISSING otherwise."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name) and node.id in self.constants:
            return self.constants[node.id]
        if isinstance(node, ast.Name) and self._literal(node.id) is not None:
            node = self._literal(node.id)
        elif isinstance(node, ast.Attribute):
            node = self._class_constant(node) or self._module_constant(node)
        elif isinstance(node, (ast.Name, ast.Subscript)):
            return MISSING
        return written(node, self._literal)

    def _literal(self, name: str) -> ast.expr | None:
        """The code of a constant of the module, as far as nothing nearer has its name."""
        return None if name in self.env or name in self.globals else self.names.literal(name)

    def moments(self, node: ast.expr) -> list[Any]:
        """The dates in a list or set that is written out, `{date(2025, 5, 1)}`, or that a constant stands for."""
        code: ast.AST | None = self._literal(node.id) if isinstance(node, ast.Name) else node
        if isinstance(code, ast.Call) and len(code.args) == 1:
            code = code.args[0]  # frozenset([...])
        if not isinstance(code, (ast.Set, ast.List, ast.Tuple)):
            return []
        found: list[Any] = []
        for part in code.elts:
            match part:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[_, _, _, *_] as numbers):
                    parts = [written(n, self._literal) for n in numbers]
                    with contextlib.suppress(*_ODD, OverflowError):
                        found += [dt.datetime(*parts)] if name in ("date", "datetime", "Timestamp") else []
        return found

    def pattern(self, node: ast.expr) -> str | None:
        """The regular expression that a name, or `re.compile` itself, stands for, if it is written out."""
        if isinstance(node, ast.Name) and node.id in self.env:
            flags = self.env[node.id].find().flags
            return next((f.removeprefix("compiled:") for f in sorted(flags) if f.startswith("compiled:")), None)
        code: ast.AST | None = node
        if isinstance(node, ast.Name):
            code = self._literal(node.id)
        elif isinstance(node, ast.Attribute):
            code = self._class_constant(node) or self._module_constant(node)
        if not isinstance(code, ast.Call) or not code.args:
            return None
        root, _, rest = dotted(code.func).partition(".")
        value = self.const(code.args[0])
        full = ".".join((self.names.imports.get(root, ""), rest)).strip(".")
        return value if full == "re.compile" and isinstance(value, str) else None

    def _class_constant(self, node: ast.Attribute) -> ast.AST | None:
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        definition = self.names.functions.get(self.class_name if owner in ("self", "cls") else owner)
        for stmt in getattr(definition, "body", []) if isinstance(definition, ast.ClassDef) else []:
            if isinstance(stmt, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == node.attr for t in stmt.targets
            ):
                return stmt.value
        return None

    def _module_constant(self, node: ast.Attribute) -> ast.AST | None:
        """`constants.WEEKDAYS`, of another module of the project."""
        if not isinstance(node.value, ast.Name) or node.value.id in self.env:
            return None
        link = self.names.link(node.value.id)
        return link.module.literal(node.attr) if link is not None and not link.name else None
