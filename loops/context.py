"""What is known of one file, and of one site in it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .kind_words import Kind
from .kinds import Kinds
from .names import names_bound_by, names_in
from .purity import MUTATING_METHODS
from .remarks import Reason, Refusal
from .scopes import BUILTINS, FileScopes, Scope, build_scopes
from .walk import walk


class Refused(Exception):
    """Raised inside the loops room when a site can't be lifted; carries the refusal."""

    def __init__(self, reason: Reason, node: ast.AST | int, message: str, hint: str = "") -> None:
        line = node if isinstance(node, int) else getattr(node, "lineno", 0)
        self.refusal = Refusal(reason, line, message, hint)
        super().__init__(message)


@dataclass
class FileContext:
    """One parsed file with its facts. `resolve_project` finds functions of other modules of the project."""

    path: str
    text: str
    tree: ast.Module
    scopes: FileScopes
    kinds: Kinds
    resolve_project: Callable[[str, str], tuple[FileContext, ast.FunctionDef] | None] | None = None
    replaced: frozenset[str] | None = None  # functions that the file replaces, once somebody asks
    likely: FileContext | None = None  # the same file with names taken for what they most likely are
    retired: Kinds | None = None  # kinds with what retired methods return, once somebody asks
    replaced_outside: Callable[[str], bool] | None = None  # whether another file may replace one
    _mentioned: dict[tuple[str, ...], bool] = field(default_factory=dict)

    @classmethod
    def build(cls, path: str, text: str, tree: ast.Module, lazy: bool = False) -> FileContext:
        """The facts of a parsed file. `lazy`: the caller says which functions to look into (`scopes.ensure`)."""
        scopes = build_scopes(tree, text)
        if not lazy or "global " in text:
            scopes.ensure_all()
        return cls(path, text, tree, scopes, Kinds(scopes))

    def release(self) -> None:
        """Forget the facts: nobody asks for them any more once the sites of the file are judged."""
        self.scopes.release()
        self.kinds.release()
        if self.likely is not None:
            self.likely.kinds.release()
            self.likely = None
        if self.retired is not None:
            self.retired.release()
            self.retired = None
        self.resolve_project = self.replaced_outside = None

    def mentions(self, words: tuple[str, ...]) -> bool:
        """Whether one of these stands anywhere in the text."""
        if words not in self._mentioned:
            self._mentioned[words] = any(word in self.text for word in words)
        return self._mentioned[words]

    def alias(self, module: str) -> str | None:
        """The top-level name under which a module is imported ("np" for numpy), never rebound."""
        for name, binders in self.scopes.module.bindings.items():
            if (
                len(binders) == 1
                and isinstance(binders[0], ast.Import)
                and self.scopes.resolve_module(name, self.scopes.module) == module
            ):
                return name
        return None


@dataclass
class SiteContext:
    """One loop with its surroundings."""

    file: FileContext
    loop: ast.For | ast.While
    scope: Scope
    assigned: set[str] = field(default_factory=set)  # names bound in the loop, targets included
    assumed: set[str] = field(default_factory=set)  # obligations that lifting the body took on
    mutated: set[str] = field(default_factory=set)  # roots of objects that the body stores into
    private: bool = False  # nobody else sees the names that the loop binds: a lambda's, a comprehension's
    inlined: bool = False  # the body calls a helper that lifting executed
    floats: bool = False  # tests before the new code show that it reads 64-bit floats, and numbers of Python's own
    fixed_floats: bool = False  # and that what is the same on every round is a float, too
    _nodes: tuple[ast.AST, list[ast.AST]] | None = None  # a loop and what is in it

    @classmethod
    def build(cls, file: FileContext, loop: ast.For | ast.While) -> SiteContext:
        site = cls(file, loop, file.scopes.scope_of[loop])
        site.assigned = names_bound_by(site.nodes)
        site.mutated = {name for name in stored_roots(site.nodes) if not site._is_called_module(name)}
        return site

    def _is_called_module(self, name: str) -> bool:
        """A module whose functions have the names of methods that change their object: `np.append(x, 1)`."""
        owner = self.file.scopes.owner(name, self.scope)
        if owner is None or not all(isinstance(b, ast.Import) for b in owner.binders(name)):
            return False
        stores = (n for n in self.nodes if isinstance(n, ast.Subscript | ast.Attribute))
        return not any(isinstance(n.ctx, ast.Store | ast.Del) and root_name(n) == name for n in stores)

    @property
    def nodes(self) -> list[ast.AST]:
        """The loop and everything in it, level by level."""
        if self._nodes is None or self._nodes[0] is not self.loop:
            self._nodes = self.loop, walk(self.loop)
        return self._nodes[1]

    @property
    def block(self) -> list[ast.stmt]:
        return self.file.scopes.block[self.loop]

    @property
    def index(self) -> int:
        return self.block.index(self.loop)

    def kind(self, node: ast.expr) -> Kind | None:
        return self.file.kinds.of(node, self.scope)

    def dotted(self, node: ast.expr) -> str | None:
        return self.file.scopes.dotted(node, self.scope)

    def invariant(self, node: ast.AST) -> bool:
        """No name in it is bound or stored into by the loop."""
        names = names_in(node)
        return not (names & self.assigned) and not (names & self.mutated)

    def fresh(self, *wishes: str) -> str:
        """The first wish that no scope around uses, or the last one with a number."""
        root = self.scope
        used = self.file.scopes.words_below(root.node) | root.outer_names | BUILTINS
        scope: Scope | None = root
        while scope is not None:  # a function or an import of that name need not be mentioned
            used |= set(scope.bindings)
            scope = scope.parent
        for wish in wishes:
            if wish not in used:
                return wish
        k = 2
        while f"{wishes[-1]}_{k}" in used:
            k += 1
        return f"{wishes[-1]}_{k}"


def root_name(node: ast.expr) -> str | None:
    """The name at the root of an attribute, subscript or call chain."""
    while True:
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=value) | ast.Subscript(value=value) | ast.Starred(value=value):
                node = value
            case ast.Call(func=func):
                node = func
            case _:
                return None


def mutated_roots(loop: ast.AST) -> set[str]:
    """Root names of everything that is stored into, or has a mutating method called, inside."""
    return stored_roots(walk(loop))


def stored_roots(nodes: Iterable[ast.AST]) -> set[str]:
    """Root names of everything that one of these nodes stores into, or calls a mutating method of."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                if name := root_name(node):
                    found.add(name)
            case ast.Call(func=ast.Attribute(value=value, attr=attr), keywords=keywords):
                inplace = any(k.arg == "inplace" for k in keywords)
                if (attr in MUTATING_METHODS or inplace) and (name := root_name(value)):
                    found.add(name)
    return found
