"""Scopes of a file: who binds a name, what it resolves to at module level, and whether it is read after a loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode = ast.Module | FunctionNode | ast.ClassDef | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def bound_names(node: ast.AST) -> Iterator[str]:
    """Names that a statement (or expression) binds in its own scope, nested scopes left out."""
    stack: list[ast.AST] = [node]
    while stack:
        n = stack.pop()
        match n:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
                if n is not node:
                    stack.extend(n.decorator_list)
                    continue
                continue
            case ast.Lambda():
                continue
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((a.asname or a.name.split(".")[0]) for a in names)
            case ast.ExceptHandler(name=str(name)):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                yield from (w.target.id for w in ast.walk(n) if isinstance(w, ast.NamedExpr))
                continue
        stack.extend(ast.iter_child_nodes(n))


def loaded_names(node: ast.AST) -> set[str]:
    """All names that are read anywhere below, closures and comprehensions included."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, (ast.Load, ast.Del))}


def names_in(node: ast.AST) -> set[str]:
    """All names that occur anywhere below."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        a.arg for a in ast.walk(node) if isinstance(a, ast.arg)
    }


@dataclass
class Scope:
    """One function, class or module body."""

    node: ScopeNode
    parent: Scope | None
    name: str
    bindings: dict[str, list[ast.AST]] = field(default_factory=dict)
    outer_names: set[str] = field(default_factory=set)  # global and nonlocal declarations

    @property
    def is_function(self) -> bool:
        return isinstance(self.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))

    @property
    def body(self) -> list[ast.stmt]:
        return [] if isinstance(self.node, ast.Lambda) else self.node.body

    def arguments(self) -> list[ast.arg]:
        if not isinstance(self.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return []
        a = self.node.args
        return [
            *a.posonlyargs,
            *a.args,
            *([a.vararg] if a.vararg else []),
            *a.kwonlyargs,
            *([a.kwarg] if a.kwarg else []),
        ]

    def binders(self, name: str) -> list[ast.AST]:
        """The statements and arguments that bind a name in this very scope."""
        return self.bindings.get(name, [])


@dataclass
class FileScopes:
    """The scopes of one file, with parents and blocks of every statement."""

    tree: ast.Module
    module: Scope
    scope_of: dict[ast.AST, Scope]  # statement -> innermost scope
    parent: dict[ast.AST, ast.AST]
    block: dict[ast.stmt, list[ast.stmt]]
    by_node: dict[ast.AST, Scope] = field(default_factory=dict)  # function or class -> the scope it opens
    pending: set[ast.AST] = field(default_factory=set)  # functions that nobody has asked for yet
    _names: dict[ast.AST, dict[str, list[ast.Name]]] = field(default_factory=dict)

    def ensure(self, function: ast.AST) -> None:
        """Look into a function of the module or of a class: functions without loops are skipped at first."""
        if function in self.pending:
            self.pending.discard(function)
            _fill(function, self.by_node[function], self)

    def ensure_all(self) -> None:
        """Look into every function."""
        while self.pending:
            self.ensure(next(iter(self.pending)))

    def names_below(self, root: ast.AST) -> dict[str, list[ast.Name]]:
        """All occurrences of each name below a node, in no particular order."""
        if root not in self._names:
            if root is self.tree:
                self.ensure_all()
            found: dict[str, list[ast.Name]] = {}
            for node in ast.walk(root):
                if isinstance(node, ast.Name):
                    found.setdefault(node.id, []).append(node)
            self._names[root] = found
        return self._names[root]

    def resolve_module(self, name: str, scope: Scope) -> str | None:
        """The dotted path that a name stands for ("numpy"), if it is an import or an untouched builtin, seen from a scope."""
        owner = self.owner(name, scope)
        if owner is None:
            return f"builtins.{name}" if name in BUILTINS else None
        binders = owner.binders(name)
        if len(binders) != 1:
            paths = {_import_path(b, name) for b in binders}
            return paths.pop() if len(paths) == 1 else None
        return _import_path(binders[0], name)

    def owner(self, name: str, scope: Scope) -> Scope | None:
        """The scope in which a name is looked up, class scopes of outer functions skipped."""
        s: Scope | None = scope
        while s is not None:
            visible = s is scope or not isinstance(s.node, ast.ClassDef)
            if visible and name in s.bindings and name not in s.outer_names:
                return s
            s = s.parent
        return None

    def dotted(self, node: ast.expr, scope: Scope) -> str | None:
        """`np.linalg.norm` -> "numpy.linalg.norm" when its root is an import or a builtin."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        root = self.resolve_module(node.id, scope)
        return None if root is None else ".".join([root, *reversed(parts)])

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Parents up to the module."""
        while (up := self.parent.get(node)) is not None:
            yield up
            node = up

    def read_after(self, name: str, loop: ast.stmt, scope: Scope) -> ast.AST | None:
        """A node that may read `name` after the loop: later in the scope, on an outer loop's next round, in a closure, at module level."""
        inside = {id(n) for n in self.names_below(loop).get(name, ())}
        if scope.outer_names & {name}:
            return loop
        if not scope.is_function:
            return self._read_elsewhere(name, inside, self.tree)
        outer_loop = None
        for up in self.ancestors(loop):
            if up is scope.node:
                break
            if isinstance(up, (ast.For, ast.While, ast.AsyncFor)):
                outer_loop = up
        for node in self.names_below(scope.node).get(name, ()):
            if id(node) in inside or isinstance(node.ctx, ast.Store):
                continue
            later = (node.lineno, node.col_offset) > (loop.lineno, loop.col_offset)
            in_outer = outer_loop is not None and outer_loop.lineno <= node.lineno <= (outer_loop.end_lineno or 0)
            nested = self._in_nested_scope(node, scope)
            if nested or ((later or in_outer) and not self._rebound_first(node, name, loop, scope)):
                return node
        return None

    def _in_nested_scope(self, node: ast.AST, scope: Scope) -> bool:
        for up in self.ancestors(node):
            if up is scope.node:
                return False
            if isinstance(up, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
                return True
            if isinstance(up, COMPREHENSIONS):
                own = {n for g in up.generators for n in bound_names(g.target)}
                if isinstance(node, ast.Name) and node.id in own:
                    return False
        return False

    def _rebound_first(self, node: ast.Name, name: str, loop: ast.stmt, scope: Scope) -> bool:
        """Whether each read is preceded by a sure re-binding: an earlier statement of one of its own enclosing blocks binds the name."""
        here: ast.AST = node
        for up in self.ancestors(node):
            if isinstance(up, COMPREHENSIONS) and name in {n for g in up.generators for n in bound_names(g.target)}:
                return True
            if (
                isinstance(up, ast.For)
                and here is not up.iter
                and name in set(bound_names(up.target))
                and here not in up.orelse
                and up is not loop
            ):
                return here is not up.target
            if isinstance(here, ast.stmt) and (block := self.block.get(here)) is not None:
                for earlier in block[: block.index(here)]:
                    after_loop = earlier.lineno > (loop.end_lineno or 0) or (
                        loop not in set(ast.walk(earlier)) and self._shares_outer_loop(earlier, loop)
                    )
                    if (
                        after_loop
                        and isinstance(earlier, (ast.Assign, ast.AnnAssign, ast.With))
                        and name in set(bound_names(earlier))
                        and name not in loaded_names(earlier)
                    ):
                        return True
            if up is scope.node:
                return False
            here = up
        return False

    def _shares_outer_loop(self, stmt: ast.stmt, loop: ast.stmt) -> bool:
        loops = {up for up in self.ancestors(loop) if isinstance(up, (ast.For, ast.While))}
        return any(up in loops for up in self.ancestors(stmt)) and stmt.lineno < loop.lineno

    def _read_elsewhere(self, name: str, inside: set[int], root: ast.AST) -> ast.AST | None:
        """At module or class level a name is visible to everything: any read in the file outside the loop counts."""
        for node in self.names_below(root).get(name, ()):
            if id(node) in inside or isinstance(node.ctx, ast.Store):
                continue
            owner = self.owner(name, self.scope_of.get(self._statement(node), self.module))
            if (owner is None or not owner.is_function) and not self._bound_by_comprehension(node, name):
                return node
        # `__all__ = ["name"]`, `globals()["name"]`, getattr(module, "name")
        return next((n for n in ast.walk(root) if isinstance(n, ast.Constant) and n.value == name), None)

    def _bound_by_comprehension(self, node: ast.AST, name: str) -> bool:
        return any(
            isinstance(up, COMPREHENSIONS) and name in {n for g in up.generators for n in bound_names(g.target)}
            for up in self.ancestors(node)
        )

    def _statement(self, node: ast.AST) -> ast.AST:
        while not isinstance(node, ast.stmt) and node in self.parent:
            node = self.parent[node]
        return node


def _import_path(binder: ast.AST, name: str) -> str | None:
    match binder:
        case ast.Import(names=names):
            for a in names:
                if (a.asname or a.name.split(".")[0]) == name:
                    return a.name if a.asname else a.name.split(".")[0]
        case ast.ImportFrom(names=names, module=str(module), level=0):
            for a in names:
                if (a.asname or a.name) == name:
                    return f"{module}.{a.name}"
    return None


BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)


def build_scopes(tree: ast.Module) -> FileScopes:
    """Scopes, parents and blocks of a parsed file; functions are looked into when they are asked for."""
    module = Scope(tree, None, "<module>")
    out = FileScopes(tree, module, {}, {}, {})
    _fill(tree, module, out)
    return out


def _fill(node: ast.AST, scope: Scope, out: FileScopes) -> None:
    stack: list[tuple[ast.AST, Scope]] = [(node, scope)]
    while stack:
        n, s = stack.pop()
        for name in ("body", "orelse", "finalbody"):
            block = getattr(n, name, None)
            if isinstance(block, list):
                for stmt in block:
                    if isinstance(stmt, ast.stmt):
                        out.block[stmt] = block
        for child in children(n):
            out.parent[child] = n
            inner = s
            if isinstance(child, ast.stmt):
                out.scope_of[child] = s
            _bind(child, s)
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
                inner = _open(child, s, out)
                if not s.is_function and isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    out.pending.add(child)
                    continue
            stack.append((child, inner))


def _open(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda, outer: Scope, out: FileScopes) -> Scope:
    """The scope that a function, class or lambda opens, its parameters bound."""
    label = getattr(node, "name", "<lambda>")
    inner = Scope(node, outer, label if outer.parent is None else f"{outer.name}.{label}")
    out.scope_of[node] = outer
    if not isinstance(node, ast.ClassDef):
        for a in ast.walk(node.args):
            if isinstance(a, ast.arg):
                inner.bindings.setdefault(a.arg, []).append(a)
    out.by_node[node] = inner
    return inner


def children(node: ast.AST) -> list[ast.AST]:
    """Child nodes; faster than ast.iter_child_nodes."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif type(value) is list:
            found += [x for x in value if isinstance(x, ast.AST)]
    return found


def scope_for(out: FileScopes, node: ast.AST) -> Scope:
    """The scope that a function or class node opens."""
    out.ensure(node)
    return out.by_node[node]


def _bind(node: ast.AST, scope: Scope) -> None:
    match node:
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            scope.outer_names.update(names)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            scope.bindings.setdefault(name, []).append(node)
        case ast.Import() | ast.ImportFrom():
            for name in bound_names(node):
                scope.bindings.setdefault(name, []).append(node)
        case ast.ExceptHandler(name=str(name)):
            scope.bindings.setdefault(name, []).append(node)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            scope.bindings.setdefault(name, []).append(node)
        case (
            ast.Assign()
            | ast.AnnAssign()
            | ast.AugAssign()
            | ast.For()
            | ast.AsyncFor()
            | ast.With()
            | ast.AsyncWith()
            | ast.Delete()
        ):
            for target in _targets(node):
                for name in bound_names(target):
                    scope.bindings.setdefault(name, []).append(node)
        case ast.NamedExpr(target=ast.Name(id=name)):
            scope.bindings.setdefault(name, []).append(node)


def _targets(node: ast.stmt) -> list[ast.expr]:
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            return targets
        case (
            ast.AnnAssign(target=target)
            | ast.AugAssign(target=target)
            | ast.For(target=target)
            | ast.AsyncFor(target=target)
        ):
            return [target]
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return [i.optional_vars for i in items if i.optional_vars is not None]
    return []
