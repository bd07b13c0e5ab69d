"""What a name or an attribute most likely is: what the calls in this file pass, and what its class stores."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from .scopes import FileScopes, Scope, scope_for
from .walk import children, walk

Found = list[tuple[ast.expr, Scope]]
Stores = dict[str, list[tuple[ast.expr, ast.FunctionDef]]]


@dataclass
class Likely:
    """The calls of one file by the name that they call, and where each stands."""

    scopes: FileScopes
    _calls: dict[str, list[ast.Call]] = field(default_factory=dict)
    _stores: dict[ast.ClassDef, Stores] = field(default_factory=dict)

    def arguments(self, parameter: ast.arg, owner: Scope) -> Found:
        """What all calls in the file pass for a parameter; nothing where one of them does not say."""
        function = owner.node
        if not isinstance(function, ast.FunctionDef) or function.args.vararg or function.args.kwarg:
            return []
        cls = owner.parent.node if owner.parent is not None and isinstance(owner.parent.node, ast.ClassDef) else None
        static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        if cls is not None and not static:
            names = names[1:]
        found: Found = []
        for call in self._calls_of(function, cls):
            around = list(_around(self.scopes.tree, call))
            if any(isinstance(n, ast.Lambda) for n in around):
                continue
            value = _passed(call, parameter.arg, names)
            if value is None:
                return []
            functions = [n for n in around if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
            for outer in functions[:-1]:
                self.scopes.ensure(outer)  # the scope of an inner one is made when the outer is looked into
            found.append((value, scope_for(self.scopes, functions[-1]) if functions else self.scopes.module))
        return found

    def stores(self, node: ast.Attribute, scope: Scope) -> Found:
        """What the methods of a class store into an attribute of `self`."""
        cls = scope.parent.node if scope.parent is not None else None
        if not isinstance(cls, ast.ClassDef) or not isinstance(node.value, ast.Name):
            return []
        if not isinstance(scope.node, ast.FunctionDef) or _receiver(scope.node) != node.value.id:
            return []
        if cls not in self._stores:
            self._stores[cls] = _stores(cls)
        return [(value, scope_for(self.scopes, method)) for value, method in self._stores[cls].get(node.attr, [])]

    def _calls_of(self, function: ast.FunctionDef, cls: ast.ClassDef | None) -> list[ast.Call]:
        called = cls.name if cls is not None and function.name == "__init__" else function.name
        if called not in self._calls:
            self._calls[called] = [n for n in self.scopes.index.calls(called) if _called(n) == called]
        found = self._calls[called]
        if cls is None:
            return [c for c in found if isinstance(c.func, ast.Name)]
        return [c for c in found if function.name == "__init__" or isinstance(c.func, ast.Attribute)]


def _stores(cls: ast.ClassDef) -> Stores:
    """What the methods of a class store into the attributes of their first parameter."""
    found: Stores = {}
    for method in cls.body:
        if not isinstance(method, ast.FunctionDef):
            continue
        for n in walk(method):
            match n:
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name), attr=attr)], value=value) if (
                    name == _receiver(method)
                ):
                    found.setdefault(attr, []).append((value, method))
    return found


def _receiver(method: ast.FunctionDef) -> str:
    return method.args.args[0].arg if method.args.args else ""


def _around(tree: ast.AST, node: ast.expr) -> Iterator[ast.AST]:
    """What stands around a node, from the outside in; a decorator stands outside of its function."""
    start, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
    stack = [tree]
    while stack:
        for child in children(stack.pop()):
            if not isinstance(child, (ast.stmt, ast.expr)):
                stack.append(child)  # a handler, a comprehension: what is in it has a place
            elif (child.lineno, child.col_offset) <= start and end <= _end(child):
                yield child
                stack = [child]
                break


def _end(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _passed(call: ast.Call, parameter: str, names: list[str]) -> ast.expr | None:
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return None
    for k in call.keywords:
        if k.arg == parameter:
            return k.value
    at = names.index(parameter) if parameter in names else len(call.args)
    return call.args[at] if at < len(call.args) else None
