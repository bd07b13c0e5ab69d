"""Whether row labels that were 0, 1, 2, ... at one statement still are at another.

A frame is changed under any of its names, by whoever it was handed to, and by a store at a label that it does not have.
Every mention between the two statements has to be one that leaves labels alone; what is not known to is not trusted.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from .kind_words import MASK_METHODS, Kind
from .label_words import (
    BOUND_TO_LABELS,
    DYNAMIC,
    HANDING_ON,
    INDEXERS,
    LIBRARIES,
    LOOKING,
    METHODS,
    PANDAS,
    PROPERTIES,
    SEVERAL,
    UNLABELLED,
    VALUES_ONLY,
)
from .roles import NESTED
from .scopes import LOOPS, FileScopes, Scope
from .walk import walk

KindOf = Callable[[ast.expr, Scope], Kind | None]


@dataclass
class Labels:
    """Row labels of the names of one file."""

    scopes: FileScopes
    kind_of: KindOf
    busy: bool = False
    _known: dict[tuple[int, str, str, int, int], bool] = field(default_factory=dict)

    def kept(self, name: str, kind: str, binder: ast.AST, use: ast.AST, owner: Scope) -> bool:
        """Whether nothing between a binding and a use of the name may have changed the labels."""
        if self.busy or not isinstance(binder, (ast.Assign, ast.AnnAssign)):
            return False
        if self.scopes.scope_of.get(binder) is not owner:
            return False
        start, end = self._region(binder, use)
        key = (id(owner), name, kind, start, end)
        if key not in self._known:
            self.busy = True
            try:
                self._known[key] = self._of_binder(name, kind, binder, owner, start, end)
            finally:
                self.busy = False
        return self._known[key]

    def _of_binder(
        self, name: str, kind: str, binder: ast.Assign | ast.AnnAssign, owner: Scope, start: int, end: int
    ) -> bool:
        targets = binder.targets if isinstance(binder, ast.Assign) else [binder.target]
        if len(targets) != 1:
            return False
        if isinstance(binder.value, (ast.Name, ast.IfExp)):
            return False  # it had another name before
        return Path(self, owner, kind, start, end, binder).follow(name)

    def _region(self, binder: ast.AST, use: ast.AST) -> tuple[int, int]:
        """The lines that may run between the binding and the use: loops around one of them only count as a whole."""
        above, around = set(self.scopes.ancestors(binder)), set(self.scopes.ancestors(use))
        loops = [n for n in above ^ around if isinstance(n, LOOPS)]
        start = min([getattr(binder, "lineno", 0), *(n.lineno for n in loops if n in above)])
        end = max([getattr(use, "lineno", 0), *(n.end_lineno or 0 for n in loops if n in around)])
        return start, end


@dataclass
class Path:
    """The lines from a binding to a use, and the names that the object has there."""

    labels: Labels
    owner: Scope
    kind: str
    start: int
    end: int
    binder: ast.AST
    names: list[str] = field(default_factory=list)

    def follow(self, name: str) -> bool:
        """Whether no mention of the object under any of its names may change its labels."""
        if any(self._reached(n) for called in DYNAMIC for n in self._mentions(called)):
            return False
        done: set[str] = set()
        self.names.append(name)
        while self.names:
            name = self.names.pop()
            if name in done:
                continue
            done.add(name)
            if self.labels.scopes.owner(name, self.owner) is not self.owner:
                return False
            for n in self._mentions(name):
                if isinstance(n.ctx, ast.Load) and self._reached(n) and not self._harmless(n):
                    return False
        return True

    def _mentions(self, name: str) -> list[ast.Name]:
        found = self.labels.scopes.names_below(self.owner.node).get(name, [])
        return [n for n in found if self._is_ours(n)]

    def _is_ours(self, n: ast.Name) -> bool:
        """Whether a name is that of this scope: not a parameter or local of a function in it."""
        scopes = self.labels.scopes
        scope = scopes.scope_of.get(self._statement(n))
        return scope is None or scopes.owner(n.id, scope) in (self.owner, None)

    def _statement(self, n: ast.AST) -> ast.AST:
        parent = self.labels.scopes.parent
        while not isinstance(n, ast.stmt) and n in parent:
            n = parent[n]
        return n

    def _reached(self, n: ast.Name) -> bool:
        """Whether it may be evaluated on the way: in these lines, or in a function, whoever calls that."""
        for up in self.labels.scopes.ancestors(n):
            if up is self.binder:
                return False
            if up is self.owner.node:
                break
            if isinstance(up, NESTED):
                return True
        return self.start <= n.lineno <= self.end

    def _harmless(self, n: ast.Name) -> bool:
        parent = self.labels.scopes.parent[n]
        match parent:
            case ast.Attribute():
                return self._attribute(parent)
            case ast.Subscript(value=value) if value is n:
                return self._item(parent)
            case ast.Subscript() | ast.Compare() | ast.BinOp() | ast.UnaryOp() | ast.FormattedValue() | ast.Expr():
                return True
            case ast.Return() | ast.Assert() | ast.If() | ast.While() | ast.For() | ast.comprehension():
                return True
            case ast.Tuple() | ast.List():
                above = self.labels.scopes.parent[parent]
                return isinstance(above, ast.Return) or (
                    isinstance(above, ast.Call) and self._dotted(above.func) == "pandas.concat"
                )
            case ast.Call():
                return parent.func is not n and self._only_looks(parent)
            case ast.keyword():
                call = self.labels.scopes.parent[parent]
                return parent.arg is not None and isinstance(call, ast.Call) and self._only_looks(call)
            case ast.Assign(targets=[ast.Name(id=other)]):
                self.names.append(other)
                return True
        return False

    def _dotted(self, node: ast.expr) -> str:
        return self.labels.scopes.dotted(node, self.owner) or ""

    def _only_looks(self, call: ast.Call) -> bool:
        path = self._dotted(call.func)
        return path in LOOKING or path in PANDAS or path.split(".")[0] in LIBRARIES

    def _attribute(self, node: ast.Attribute) -> bool:
        attr, parent = node.attr, self.labels.scopes.parent[node]
        if attr in INDEXERS:
            return isinstance(parent, ast.Subscript) and parent.value is node and self._located(parent, attr)
        called = isinstance(parent, ast.Call) and parent.func is node
        if not isinstance(node.ctx, ast.Load):
            known = attr == "columns" or attr not in PROPERTIES | METHODS
            return known and not attr.startswith("_") and self._value_fits(node)
        if attr in PROPERTIES:
            return not called
        if attr in METHODS:
            return isinstance(parent, ast.Call) and called and self._call(parent, attr)
        return not called and not attr.startswith("_")

    def _call(self, call: ast.Call, attr: str) -> bool:
        """Whether a method of the object leaves its labels alone."""
        arguments = [*call.args, *(k.value for k in call.keywords)]
        words = {k.arg: k.value for k in call.keywords}
        if None in words or not all(self._clean(a) for a in arguments):
            return False
        if attr in HANDING_ON:
            return all(isinstance(a, ast.Constant) or self._dotted(a) for a in arguments)
        if attr == "pop":
            return self.kind == "frame"
        if attr in ("insert", "isetitem"):
            return all(self._unlabelled(a) for a in arguments)
        if attr in ("eval", "query"):
            arguments = [a for a in arguments if not isinstance(a, ast.Constant) or "@" in str(a.value)]
            if arguments:
                return False
        inplace = words.pop("inplace", None)
        if inplace is None or (isinstance(inplace, ast.Constant) and inplace.value is False):
            return True
        if attr in ("drop", "rename"):
            return "columns" in words and not call.args and set(words) <= {"columns", "errors"}
        return attr in VALUES_ONLY

    def _clean(self, node: ast.expr) -> bool:
        """A function written on the spot, which may be called with the object itself, changes nothing in place."""
        lambdas = [n for n in walk(node) if isinstance(n, ast.Lambda)]
        inner = [n for x in lambdas for n in walk(x.body)]
        return not any(isinstance(n, ast.keyword) and n.arg in ("inplace", None) for n in inner) and not any(
            isinstance(n, ast.Call)
            and isinstance(n.func, ast.Name)
            and any(isinstance(a, ast.Name) and a.id in _parameters(lambdas) for a in n.args)
            and not self._only_looks(n)
            and not self._dotted(n.func).startswith("builtins.")
            for n in inner
        )

    def _located(self, node: ast.Subscript, attr: str) -> bool:
        """`.loc[key]` and its kin, read or stored into."""
        if isinstance(node.ctx, ast.Load):
            return self._clean(node.slice)
        if attr in ("iloc", "iat"):
            return True
        key = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
        return self._of_round(key) or (self._several(key) and self._value_fits(node))

    def _item(self, node: ast.Subscript) -> bool:
        """`df[key]` and `s[key]`."""
        if isinstance(node.ctx, ast.Load):
            return self._clean(node.slice)
        if self.kind == "series":
            return isinstance(node.ctx, ast.Store) and (self._of_round(node.slice) or self._several(node.slice))
        return isinstance(node.ctx, ast.Del) or self._value_fits(node)

    # ------------------------------------------------------------ keys of rows that are there

    def _several(self, key: ast.expr, depth: int = 0) -> bool:
        """Whether a key picks rows that are there: a slice or mask, or a list, which raises for a label unknown."""
        kind = self.labels.kind_of(key, self.owner)
        if isinstance(key, ast.Slice) or (kind is not None and kind.name in SEVERAL):
            return True
        match key:
            case ast.Compare(left=left, comparators=others):
                return any(self._tabular(x) for x in (left, *others))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return self._several(operand, depth)
            case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr(), right=right):
                return self._several(left, depth) or self._several(right, depth)
            case ast.Call(func=ast.Attribute(value=base, attr=attr)) if attr in MASK_METHODS:
                return self._tabular(base)
            case ast.Attribute():
                return self._tabular(key)
            case ast.Name(id=name) if depth < 3:
                values = [getattr(b, "value", None) for b in self.owner.binders(name)]
                plain = all(isinstance(b, ast.Assign) for b in self.owner.binders(name))
                return bool(values) and plain and all(v is not None and self._several(v, depth + 1) for v in values)
        return False

    def _tabular(self, node: ast.expr) -> bool:
        """A table, an array, or a column taken out of a frame as an attribute."""
        kind = self.labels.kind_of(node, self.owner)
        if kind is not None:
            return kind.name in SEVERAL
        match node:
            case ast.Attribute(value=base, attr=attr) if attr not in METHODS:
                return self._tabular(base)
            case ast.Call(func=ast.Attribute(value=base)):
                return self._tabular(base)
        return False

    def _of_round(self, key: ast.expr) -> bool:
        """Whether a key is the label of a row that a loop around it visits."""
        offset = 0
        match key:
            case ast.BinOp(left=ast.Name() as key, op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(c))):
                offset = c if isinstance(op, ast.Add) else -c
        if not isinstance(key, ast.Name):
            return False
        for up in self.labels.scopes.ancestors(key):
            if isinstance(up, ast.For) and key.id in {n.id for n in walk(up.target) if isinstance(n, ast.Name)}:
                again = [n for s in up.body for n in walk(s) if isinstance(n, ast.Name) and n.id == key.id]
                return all(isinstance(n.ctx, ast.Load) for n in again) and self._visits(up, key.id, offset)
        return False

    def _visits(self, loop: ast.For, name: str, offset: int) -> bool:
        """Whether the loop variable plus an offset is always the label of a row."""
        match loop.iter, loop.target:
            case ast.Attribute(value=table, attr="index"), ast.Name():
                return offset == 0 and self._is_table(table)
            case ast.Call(func=ast.Attribute(value=table, attr="iterrows"), args=[]), ast.Tuple(
                elts=[ast.Name(id=first), _]
            ):
                return offset == 0 and first == name and self._is_table(table)
            case ast.Call(func=ast.Name() as func, args=args, keywords=[]), ast.Name():
                if self._dotted(func) != "builtins.range" or not 1 <= len(args) <= 2:
                    return False
                start = args[0] if len(args) == 2 else ast.Constant(0)
                spare = self._spare(args[-1])
                if not isinstance(start, ast.Constant) or not isinstance(start.value, int) or spare is None:
                    return False
                return start.value + offset >= 0 and offset <= spare
        return False

    def _spare(self, stop: ast.expr) -> int | None:
        """How far before the end of the table a range ends; None where it may go beyond."""
        match stop:
            case ast.Call(func=ast.Name() as func, args=[table]) if self._dotted(func) == "builtins.len":
                return 0 if self._is_table(table) else None
            case ast.Subscript(value=ast.Attribute(value=table, attr="shape"), slice=ast.Constant(value=0)):
                return 0 if self._is_table(table) else None
            case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int(c))) if c >= 0:
                spare = self._spare(left)
                return None if spare is None else spare + c
            case ast.Name(id=name):
                match self.owner.binders(name):
                    case [ast.Assign(targets=[ast.Name()], value=value) as one] if one.lineno > self.start:
                        return self._spare(value)
        return None

    def _is_table(self, node: ast.expr) -> bool:
        """The object itself, or a column of it."""
        match node:
            case ast.Attribute(value=ast.Name() as inner, attr="index"):
                node = inner
            case ast.Subscript(value=ast.Name() as inner, slice=ast.Constant(value=str())) if self.kind == "frame":
                node = inner
        bound = self.binder.targets[0] if isinstance(self.binder, ast.Assign) else getattr(self.binder, "target", None)
        return isinstance(node, ast.Name) and isinstance(bound, ast.Name) and node.id == bound.id

    # ------------------------------------------------------------ values for whole columns

    def _value_fits(self, target: ast.expr) -> bool:
        """Whether a column that is stored brings no labels along: a frame of no rows takes over those of a series."""
        stmt = self.labels.scopes.parent[target]
        if isinstance(stmt, ast.Delete) or (isinstance(target, ast.Attribute) and target.attr == "columns"):
            return True
        value = getattr(stmt, "value", None) if isinstance(stmt, (ast.Assign, ast.AugAssign)) else None
        return isinstance(value, ast.expr) and self._unlabelled(value)

    def _unlabelled(self, node: ast.expr) -> bool:
        """Whether a value has no labels, or none that this object lacks."""
        kind = self.labels.kind_of(node, self.owner)
        if kind is not None and kind.name in UNLABELLED and kind.why != "annotation":
            return True
        match node:
            case ast.Constant():
                return True
            case ast.Name():
                return self._is_table(node)
            case ast.Subscript(value=value, slice=key):
                base = value.value if isinstance(value, ast.Attribute) and value.attr in INDEXERS else value
                return self._unlabelled(base) and self._clean(key)
            case ast.Attribute(value=value):
                return bool(self._dotted(node)) or self._unlabelled(value)
            case ast.Call(func=ast.Attribute(value=base, attr=attr)) if attr in BOUND_TO_LABELS:
                return self._unlabelled(base)
            case ast.Call(func=func, args=args, keywords=keywords):
                given = [*args, *(k.value for k in keywords)]
                path = self._dotted(func)
                if path.startswith(("numpy.", "pandas.to_", "builtins.")) or path in PANDAS:
                    return all(self._unlabelled(a) for a in given)
                if isinstance(func, ast.Attribute) and not path and func.attr in METHODS - HANDING_ON - {"reindex"}:
                    return all(self._unlabelled(a) for a in (func.value, *given))
                return False
            case ast.BinOp(left=left, right=right):
                return self._unlabelled(left) and self._unlabelled(right)
            case ast.UnaryOp(operand=operand):
                return self._unlabelled(operand)
            case ast.Compare(left=left, comparators=others):
                return all(self._unlabelled(x) for x in (left, *others))
            case ast.IfExp(body=body, orelse=orelse):
                return self._unlabelled(body) and self._unlabelled(orelse)
            case ast.List() | ast.Tuple():
                return True
        return False


def _parameters(lambdas: list[ast.Lambda]) -> set[str]:
    return {a.arg for x in lambdas for a in x.args.args}
