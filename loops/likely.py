"""What a name or an attribute most likely is: what the calls in this file pass, and what its class stores."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from .scopes import FileScopes, Scope, scope_for
from .walk import children, walk

Found = list[tuple[ast.expr, Scope]]


@dataclass
class Likely:
    """The calls of one file by the name that they call, and where each stands."""

    scopes: FileScopes
    _calls: dict[str, list[tuple[ast.Call, ast.AST]]] | None = None
    _stores: dict[tuple[ast.ClassDef, str], Found] = field(default_factory=dict)

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
        for call, around in self._calls_of(function, cls):
            value = _passed(call, parameter.arg, names)
            if value is None:
                return []
            found.append((value, self._scope(around)))
        return found

    def stores(self, node: ast.Attribute, scope: Scope) -> Found:
        """What the methods of a class store into an attribute of `self`."""
        cls = scope.parent.node if scope.parent is not None else None
        if not isinstance(cls, ast.ClassDef) or not isinstance(node.value, ast.Name):
            return []
        if not isinstance(scope.node, ast.FunctionDef) or _receiver(scope.node) != node.value.id:
            return []
        key = (cls, node.attr)
        if key not in self._stores:
            self._stores[key] = list(self._stored(cls, node.attr))
        return self._stores[key]

    def _stored(self, cls: ast.ClassDef, attr: str) -> Iterator[tuple[ast.expr, Scope]]:
        for method in cls.body:
            if not isinstance(method, ast.FunctionDef):
                continue
            for n in walk(method):
                match n:
                    case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name), attr=found)], value=value) if (
                        found == attr and name == _receiver(method)
                    ):
                        yield value, scope_for(self.scopes, method)

    def _calls_of(self, function: ast.FunctionDef, cls: ast.ClassDef | None) -> list[tuple[ast.Call, ast.AST]]:
        if self._calls is None:
            self._calls = {}
            for call, around in _calls(self.scopes.tree):
                self._calls.setdefault(_called(call), []).append((call, around))
        if cls is None:
            return [c for c in self._calls.get(function.name, []) if isinstance(c[0].func, ast.Name)]
        if function.name == "__init__":
            return self._calls.get(cls.name, [])
        return [c for c in self._calls.get(function.name, []) if isinstance(c[0].func, ast.Attribute)]

    def _scope(self, around: ast.AST) -> Scope:
        return self.scopes.module if isinstance(around, ast.Module) else scope_for(self.scopes, around)


def _receiver(method: ast.FunctionDef) -> str:
    return method.args.args[0].arg if method.args.args else ""


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, ast.AST]]:
    """All calls with a name, those in lambdas left out, each with the function around it, or the module."""
    stack: list[tuple[ast.AST, ast.AST]] = [(tree, tree)]
    while stack:
        node, around = stack.pop()
        for child in children(node):
            if isinstance(child, ast.Lambda):
                continue
            if isinstance(child, ast.Call) and _called(child):
                yield child, around
            inner = child if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) else around
            stack.append((child, inner))


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
