"""Scopes of a file: who binds a name, what it resolves to at module level, and whether it is read after a loop."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from .index import Index
from .names import (
    COMPREHENSIONS,
    binds_body,
    bound_names,
    import_path,
    names_in,
    surely_binds,
    target_names,
    targets_of,
)
from .roles import NESTED, ROLES
from .walk import children, walk

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode = ast.Module | FunctionNode | ast.ClassDef | ast.Lambda
LOOPS = (ast.For, ast.While, ast.AsyncFor)


@dataclass
class Scope:
    """One function, class or module body."""

    node: ScopeNode
    parent: Scope | None
    name: str
    bindings: dict[str, list[ast.AST]] = field(default_factory=dict)
    outer_names: set[str] = field(default_factory=set)  # global and nonlocal declarations
    global_names: set[str] = field(default_factory=set)  # the global ones of them

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
    index: Index
    by_node: dict[ast.AST, Scope] = field(default_factory=dict)  # function or class -> the scope it opens
    pending: dict[ast.AST, None] = field(default_factory=dict)  # functions that nobody has asked for yet
    read_outside: Callable[[str], bool] | None = None  # whether other files read a name of the module
    text: str = ""  # what was parsed; without it nothing is said to be missing from it
    _names: dict[ast.AST, dict[str, list[ast.Name]]] = field(default_factory=dict)
    _words: dict[ast.AST, set[str]] = field(default_factory=dict)
    _marked: dict[ast.AST, list[ast.Constant]] = field(default_factory=dict)
    _bound: dict[ast.stmt, frozenset[str]] = field(default_factory=dict)

    def ensure(self, function: ast.AST) -> None:
        """Look into a function of the module or of a class: functions without loops are skipped at first."""
        if function in self.pending:
            del self.pending[function]
            _fill(function, self.by_node[function], self)

    def ensure_all(self) -> None:
        """Look into every function."""
        while self.pending:
            self.ensure(next(iter(self.pending)))

    def release(self) -> None:
        """Forget everything: scopes and syntax refer to each other in circles, which are slow to find as garbage."""
        for scope in (self.module, *self.by_node.values()):
            scope.parent = None
            scope.bindings.clear()
        for known in (self.scope_of, self.parent, self.block, self.by_node, self.pending, self._names, self._marked):
            known.clear()
        self._words.clear()
        self._bound.clear()
        self.index.release()
        self.read_outside = None

    def words_below(self, root: ast.AST) -> set[str]:
        """All names and parameters that occur anywhere below a node."""
        if root not in self._words:
            self._words[root] = names_in(root)
        return self._words[root]

    def bound_by(self, stmt: ast.stmt) -> frozenset[str]:
        """Names that a statement binds in its own scope."""
        if stmt not in self._bound:
            self._bound[stmt] = frozenset(bound_names(stmt))
        return self._bound[stmt]

    def surely_lacks(self, pattern: str) -> bool:
        """Whether nothing in the text of the file matches, which is far cheaper to see than in its syntax.

        False where names may be written in several ways: those with letters beyond ASCII are normalised.
        """
        return bool(self.text) and self.text.isascii() and re.search(pattern, self.text) is None

    def names_below(self, root: ast.AST) -> dict[str, list[ast.Name]]:
        """All occurrences of each name below a node, in no particular order."""
        if root not in self._names:
            if root is self.tree:
                self.ensure_all()
            found: dict[str, list[ast.Name]] = {}
            for node in walk(root):
                if isinstance(node, ast.Name):
                    found.setdefault(node.id, []).append(node)
            self._names[root] = found
        return self._names[root]

    def resolve_module(self, name: str, scope: Scope) -> str | None:
        """The dotted path that a name stands for ("numpy") in a scope, if it is an import or an untouched builtin."""
        owner = self.owner(name, scope)
        if owner is None:
            hidden = name in OFTEN_HIDDEN and "*" in self.module.bindings
            return f"builtins.{name}" if name in BUILTINS and not hidden else None
        binders = owner.binders(name)
        if len(binders) != 1:
            paths = {import_path(b, name) for b in binders}
            return paths.pop() if len(paths) == 1 else None
        return import_path(binders[0], name)

    def owner(self, name: str, scope: Scope) -> Scope | None:
        """The scope in which a name is looked up, class scopes of outer functions skipped."""
        s: Scope | None = scope
        while s is not None:
            if name in s.global_names:
                return self.module if name in self.module.bindings else None
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
        """A node that may read `name` after the loop.

        That is later in the scope, on the next round of a loop around it, in a closure, or anywhere if it is not local.
        """
        inside = {id(n) for n in self.names_below(loop).get(name, ())}
        if name in scope.outer_names:
            return loop
        if isinstance(scope.node, ast.ClassDef):
            return self._read_elsewhere(name, inside, self.tree)
        if (dynamic := self._dynamic_read(name, scope)) is not None:
            return dynamic
        if not scope.is_function and self.read_outside is not None and self.read_outside(name):
            return loop
        around = [up for up in self._until(loop, scope) if isinstance(up, LOOPS)]
        for node in self.names_below(scope.node).get(name, ()):
            if id(node) in inside or not self._is_read(node):
                continue
            if (inner := self._inner_scope(node, scope)) is not None:
                # A closure: nobody knows when it is called.
                if self._sees(inner, name, scope) and not self._bound_by_comprehension(node):
                    return node
                continue
            if _is_after(node, loop):
                if not self._rebound_since(node, name, loop, scope):
                    return node
            elif (shared := self._innermost(node, around)) and not self._rebound_in_round(node, name, shared):
                return node
        return None

    def starts_from_itself(self, name: str, loop: ast.stmt, scope: Scope) -> bool:
        """Whether a loop that reads a name first may find what it left there on a round of a loop around it."""
        around = next((up for up in self._until(loop, scope) if isinstance(up, LOOPS)), None)
        return around is not None and not self._rebound_in_round(loop, name, around)

    def _until(self, node: ast.AST, scope: Scope) -> Iterator[ast.AST]:
        """Parents inside a scope."""
        return takewhile(lambda up: up is not scope.node, self.ancestors(node))

    def _is_read(self, node: ast.Name) -> bool:
        """`x += 1` reads what it binds."""
        return not isinstance(node.ctx, ast.Store) or isinstance(self.parent.get(node), ast.AugAssign)

    def _innermost(self, node: ast.AST, loops: Sequence[ast.AST]) -> ast.AST | None:
        """The innermost of these loops that holds a node."""
        above = set(self.ancestors(node))
        return next((loop for loop in loops if loop in above), None)

    def _dynamic_read(self, name: str, scope: Scope) -> ast.AST | None:
        """`locals()`, `eval(...)` and `df.query("a > @name")` read names that are not written out."""
        for called in ("locals", "vars", "eval", "exec", "dir", *(() if scope.is_function else ("globals",))):
            for node in self.names_below(scope.node).get(called, ()):
                own = scope.is_function or called not in ("locals", "vars", "dir") or not self._inner_scope(node, scope)
                if own and isinstance(self.parent.get(node), ast.Call):
                    return node
        if scope.node not in self._marked:
            texts = (n for n in walk(scope.node) if isinstance(n, ast.Constant) and isinstance(n.value, str))
            self._marked[scope.node] = [n for n in texts if "@" in str(n.value) or not scope.is_function]
        for text in self._marked[scope.node]:
            if re.search(rf"@{name}\b", str(text.value)) or (text.value == name and self._names_a_variable(text)):
                return text
        return None

    def _names_a_variable(self, text: ast.Constant) -> bool:
        """Whether a text may be the name of a module's variable: `__all__ = ["t"]`, `getattr(module, "t")`."""
        for up in self.ancestors(text):
            if isinstance(up, ast.Call) and isinstance(up.func, ast.Name) and up.func.id in ("getattr", "attrgetter"):
                return True
            if isinstance(up, ast.stmt):
                return any(isinstance(n, ast.Name) and n.id in ("__all__", "__dict__") for n in walk(up))
        return False

    def _inner_scope(self, node: ast.AST, scope: Scope) -> Scope | None:
        """The function, lambda or class inside a scope that a node belongs to; None if it belongs to the scope."""
        here = node
        for up in self._until(node, scope):
            if isinstance(up, NESTED):
                body = up.body if isinstance(up.body, list) else [up.body]
                if here in body:
                    return self.by_node[up]
            here = up
        return None

    def _sees(self, inner: Scope, name: str, scope: Scope) -> bool:
        """Whether a name in an inner scope may be the one of an outer scope; a class looks outside at run time."""
        owner = self.owner(name, inner)
        return owner is scope or (owner is inner and isinstance(inner.node, ast.ClassDef))

    def _rebound_since(self, node: ast.Name, name: str, loop: ast.stmt, scope: Scope) -> bool:
        """Whether something between the loop and a later read surely binds the name again."""
        if self._bound_by_comprehension(node):
            return True
        above = set(self.ancestors(loop))
        here: ast.AST = node
        for up in self._until(node, scope):
            if up not in above and binds_body(up, here, name):
                return True
            if any(_is_after(earlier, loop) and self._surely_binds(earlier, name) for earlier in self._before(here)):
                return True
            here = up
        return any(_is_after(earlier, loop) and self._surely_binds(earlier, name) for earlier in self._before(here))

    def _rebound_in_round(self, node: ast.Name | ast.stmt, name: str, shared: ast.AST) -> bool:
        """Whether each round of the loop around both surely binds the name before this read."""
        if isinstance(node, ast.Name) and self._bound_by_comprehension(node):
            return True
        here: ast.AST = node
        for up in self.ancestors(node):
            if any(self._surely_binds(earlier, name) for earlier in self._before(here)) or binds_body(up, here, name):
                return True
            if up is shared:
                return False
            here = up
        return False

    def _surely_binds(self, stmt: ast.stmt, name: str) -> bool:
        """Whether a statement binds a name first of all whenever it is run to its end."""
        match stmt:
            case ast.For(iter=iterable, body=[first, *_]) if self._goes_round(iterable, stmt):
                return name in target_names(stmt) or self._surely_binds(first, name)
        return surely_binds(stmt, name)

    def _goes_round(self, iterable: ast.expr, stmt: ast.stmt) -> bool:
        """Whether there surely is a round: `range(10)`, `[1, 2]`, with nothing but literals."""
        match iterable:
            case ast.List(elts=[*found]) | ast.Tuple(elts=[*found]):
                return bool(found) and all(isinstance(x, ast.Constant) for x in found)
            case ast.Call(func=ast.Name() as func, args=[*found], keywords=[]):
                if self.dotted(func, self.scope_of.get(stmt, self.module)) != "builtins.range":
                    return False
                numbers = [x.value for x in found if isinstance(x, ast.Constant) and type(x.value) is int]
                return len(numbers) == len(found) in (1, 2) and bool(range(*numbers))
        return False

    def _before(self, node: ast.AST) -> list[ast.stmt]:
        """The statements before this one in its block."""
        block = self.block.get(node, []) if isinstance(node, ast.stmt) else []
        return block[: block.index(node)] if isinstance(node, ast.stmt) and block else []

    def _read_elsewhere(self, name: str, inside: set[int], root: ast.AST) -> ast.AST | None:
        """At module or class level a name is visible to everything: any read in the file outside the loop counts."""
        for node in self.names_below(root).get(name, ()):
            if id(node) in inside or not self._is_read(node):
                continue
            owner = self.owner(name, self.scope_of.get(self._statement(node), self.module))
            if (owner is None or not owner.is_function) and not self._bound_by_comprehension(node):
                return node
        # Names are also read as text: `__all__ = ["name"]`, `globals()["name"]`, `getattr(module, "name")`.
        return next((n for n in walk(root) if isinstance(n, ast.Constant) and n.value == name), None)

    def _bound_by_comprehension(self, node: ast.Name) -> bool:
        """Whether the name is a variable of a comprehension around it; its first iterable is evaluated outside."""
        here: ast.AST = node
        for up in self.ancestors(node):
            if isinstance(up, COMPREHENSIONS) and node.id in {n for g in up.generators for n in bound_names(g.target)}:
                first = up.generators[0]
                return not (here is first and any(n is node for n in walk(first.iter)))
            here = up
        return False

    def _statement(self, node: ast.AST) -> ast.AST:
        while not isinstance(node, ast.stmt) and node in self.parent:
            node = self.parent[node]
        return node


def _is_after(node: ast.AST, loop: ast.stmt) -> bool:
    """Whether a node outside a loop stands behind it."""
    place = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
    return place > (loop.lineno, loop.col_offset)


BUILTINS = frozenset(dir(builtins))
#: Builtins that `from numpy import *`, `from pylab import *` and their like replace.
OFTEN_HIDDEN = frozenset({"abs", "all", "any", "bool", "divmod", "max", "min", "open", "pow", "round", "sum"})


def build_scopes(tree: ast.Module, text: str = "") -> FileScopes:
    """Scopes, parents and blocks of a parsed file; functions are looked into when they are asked for."""
    module = Scope(tree, None, "<module>")
    out = FileScopes(tree, module, {}, {}, {}, Index(tree, text), text=text)
    _fill(tree, module, out)
    return out


def _fill(node: ast.AST, scope: Scope, out: FileScopes) -> None:
    stack: list[tuple[ast.AST, Scope]] = [(node, scope)]
    parent, scope_of, roles = out.parent, out.scope_of, ROLES
    while stack:
        n, s = stack.pop()
        if roles[n.__class__].blocks:
            _note_blocks(n, out)
        for child in children(n):
            parent[child] = n
            role = roles[child.__class__]
            if role.leaf:
                continue
            if role.statement:
                scope_of[child] = s
            inner = s
            if role.binding:
                _bind(child, s)
                if role.nested:
                    inner = _open(child, s, out)  # type: ignore[arg-type]
                    if not s.is_function and isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        out.pending[child] = None
                        continue
            stack.append((child, inner))


def _note_blocks(node: ast.AST, out: FileScopes) -> None:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            out.block.update(dict.fromkeys(block, block))


def _open(node: FunctionNode | ast.ClassDef | ast.Lambda, outer: Scope, out: FileScopes) -> Scope:
    """The scope that a function, class or lambda opens, its parameters bound."""
    label = getattr(node, "name", "<lambda>")
    inner = Scope(node, outer, label if outer.parent is None else f"{outer.name}.{label}")
    out.scope_of[node] = outer
    if not isinstance(node, ast.ClassDef):
        for a in _parameters(node.args):
            inner.bindings.setdefault(a.arg, []).append(a)
    out.by_node[node] = inner
    return inner


def _parameters(args: ast.arguments) -> list[ast.arg]:
    rest = [a for a in (args.vararg, args.kwarg) if a is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *rest]


def scope_for(out: FileScopes, node: ast.AST) -> Scope:
    """The scope that a function or class node opens."""
    out.ensure(node)
    return out.by_node[node]


def _bind(node: ast.AST, scope: Scope) -> None:
    """Note the names that one node binds, in the scope that they belong to."""
    match node:
        case ast.Global(names=names):
            scope.outer_names.update(names)
            scope.global_names.update(names)
        case ast.Nonlocal(names=names):
            scope.outer_names.update(names)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            _note(name, node, scope)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            _note(name, node, scope)
        case ast.MatchMapping(rest=str(name)) | ast.NamedExpr(target=ast.Name(id=name)):
            _note(name, node, scope)
        case ast.Import() | ast.ImportFrom():
            for name in bound_names(node):
                _note(name, node, scope)
        case ast.stmt():
            for target in targets_of(node):
                for name in (target.id,) if isinstance(target, ast.Name) else bound_names(target):
                    _note(name, node, scope)


def _note(name: str, node: ast.AST, scope: Scope) -> None:
    _home(name, scope).bindings.setdefault(name, []).append(node)


def _home(name: str, scope: Scope) -> Scope:
    """A `global` name belongs to the module, a `nonlocal` one to the function around that binds it."""
    if name not in scope.outer_names:
        return scope
    home = scope
    while home.parent is not None:
        home = home.parent
        if name not in scope.global_names and home.is_function and name in home.bindings:
            break
    return home
