"""The module-level names that a region needs, as pieces of code to run first: imports, definitions, constants."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .library import Library
from .names import FUNCTIONS, loads, own_nodes, stores
from .safety import Safety

_ASSIGNED = (ast.Assign, ast.AnnAssign, ast.AugAssign)


@dataclass(frozen=True)
class Chunk:
    """One piece of the preamble.

    `kind` is "import" (may be replaced by a stub when it fails), "code", or "link": the name comes from another module
    of the project. `space` is the module whose code it is, "" the file itself; `source` the module that a link leads to
    and the name there, "" for the module as a whole.
    """

    kind: str
    names: tuple[str, ...]
    code: str
    space: str = ""
    source: tuple[str, str] = ("", "")

    def to_json(self) -> dict[str, object]:
        found: dict[str, object] = {"kind": self.kind, "names": list(self.names), "code": self.code}
        return found | {"space": self.space, "source": list(self.source)}


@dataclass(frozen=True)
class Link:
    """A name that an import of the project binds: `name` of `module`, or the module itself when that is empty."""

    module: ModuleNames
    name: str


@dataclass
class Needs:
    """What a closure over module-level names found."""

    chunks: list[Chunk] = field(default_factory=list)
    data: set[str] = field(default_factory=set)  # names that hold data which can't be computed here
    links: list[Link] = field(default_factory=list)


class ModuleNames:
    """Who defines which name at the top level of a file."""

    def __init__(self, tree: ast.Module, path: str = "", library: Library | None = None) -> None:
        self.tree = tree
        self.path = path
        self.library = library
        self.binders: dict[str, list[ast.stmt]] = {}
        self.stars: list[ast.stmt] = []
        self._known: dict[ast.AST, tuple[frozenset[str], frozenset[str]]] = {}
        self._written: dict[tuple[ast.AST, ...], Chunk] = {}
        for stmt in tree.body:
            if _is_main_guard(stmt):
                continue
            if isinstance(stmt, ast.ImportFrom) and any(a.name == "*" for a in stmt.names):
                self.stars.append(stmt)
                continue
            for name in stores(stmt):
                self.binders.setdefault(name, []).append(stmt)
        self.imports = {n: m for n, m in _imports(tree).items() if n in self.binders}
        self.functions: dict[str, ast.stmt] = {
            n: s[-1] for n, s in self.binders.items() if isinstance(s[-1], (*FUNCTIONS, ast.ClassDef))
        }
        self.safety = Safety(self.imports, self.functions)

    def literal(self, name: str) -> ast.expr | None:
        """The value of a name that is assigned once, by a plain assignment."""
        link = self.link(name)
        if link is not None:
            return link.module.literal(link.name) if link.name and link.module is not self else None
        binders = self.binders.get(name, [])
        if len(binders) != 1:
            return None
        stmt = binders[0]
        if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1:
            target = stmt.targets[0]
            if isinstance(target, ast.Name):
                return stmt.value
            if isinstance(target, ast.Tuple) and isinstance(stmt.value, ast.Tuple):
                pairs = zip(target.elts, stmt.value.elts, strict=False)
                return next((v for t, v in pairs if isinstance(t, ast.Name) and t.id == name), None)
        if isinstance(stmt, ast.AnnAssign):
            return stmt.value
        return None

    def _computable(self, stmt: ast.stmt) -> bool:
        if isinstance(stmt, (ast.Import, ast.ImportFrom, *FUNCTIONS, ast.ClassDef)):
            return True
        if isinstance(stmt, (ast.Try, ast.If)):
            return all(self._computable(s) or isinstance(s, ast.Pass) for s in _leaves(stmt))
        return isinstance(stmt, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and self.safety.safe([stmt])

    def link(self, name: str) -> Link | None:
        """What an imported name is in another module of the project; None for what comes from elsewhere."""
        binders = self.binders.get(name, [])
        if self.library is None or len(binders) != 1:
            return None
        match binders[0]:
            case ast.Import(names=aliases):
                dotted = next((a.name for a in aliases if (a.asname or a.name) == name), None)
                module = self.library.module(self.path, dotted) if dotted else None
                return Link(module, "") if module is not None else None
            case ast.ImportFrom(module=parent, names=aliases, level=level):
                original = next((a.name for a in aliases if (a.asname or a.name) == name), name)
                prefix = "." * level + (parent or "")
                module = self.library.module(self.path, prefix)
                if module is not None and module is not self and original in module.binders:
                    return Link(module, original)
                joint = "" if not parent else "."
                module = self.library.module(self.path, f"{prefix}{joint}{original}")
                return Link(module, "") if module is not None and module is not self else None
        return None

    def function(self, name: str) -> tuple[ModuleNames, ast.stmt] | None:
        """The definition of a function or class, here or in another module of the project."""
        if name in self.functions:
            return self, self.functions[name]
        link = self.link(name)
        return link.module.function(link.name) if link is not None and link.name else None

    def closure(self, wanted: Iterable[str], attributes: set[str]) -> Needs:
        """Everything that the wanted names need to run: of other modules first, then in file order.

        `attributes` are the attribute names that the region uses; methods that none of them reaches are left out.
        """
        attributes = set(attributes)
        wants: dict[ModuleNames, set[str]] = {self: set(wanted)}
        while True:
            known = len(attributes), sum(map(len, wants.values()))
            parts = {module: module._local(names, attributes) for module, names in list(wants.items())}
            for needs in parts.values():
                for link in needs.links:
                    asked = wants.setdefault(link.module, set())
                    asked |= {link.name} if link.name else attributes & set(link.module.binders)
            if known == (len(attributes), sum(map(len, wants.values()))):
                break
        total = Needs(data=parts[self].data)
        total.chunks = _gather(self, parts)
        if any(n not in self.binders and not hasattr(builtins, n) for n in wants[self]):
            total.chunks[:0] = [Chunk("import", (), ast.unparse(s)) for s in self.stars]
        return total

    def _local(self, wanted: set[str], attributes: set[str]) -> Needs:
        """What the names need of this file. What is computed from data that can't be read here is data, too."""
        derived: set[ast.stmt] = set()
        while True:
            needs, taken = self._taken(wanted, attributes, derived)
            more = {s for s in taken if isinstance(s, _ASSIGNED) and self._facts(s)[1] & needs.data}
            if not more:
                break
            derived |= more
        for stmt in (s for s in self.tree.body if s in taken):
            for name in sorted(taken[stmt]):
                link = self.link(name)
                if link is not None:
                    needs.links.append(link)
                    needs.chunks.append(Chunk("link", (name,), "", source=(link.module.path, link.name)))
                    taken[stmt].remove(name)
            needs.chunks += self._chunks(stmt, taken[stmt], attributes)
        return needs

    def _taken(
        self, wanted: set[str], attributes: set[str], derived: set[ast.stmt]
    ) -> tuple[Needs, dict[ast.stmt, set[str]]]:
        """The statements that bind what the names need, with the names of each, and what is data."""
        needs = Needs()
        taken: dict[ast.stmt, set[str]] = {}
        todo = sorted(wanted)
        while todo:
            name = todo.pop()
            for stmt in self.binders.get(name, ()):
                if stmt in derived or not self._computable(stmt):
                    needs.data.add(name)
                    continue
                names = taken.setdefault(stmt, set())
                if name not in names:
                    names.add(name)
                    todo.extend(self._reads(stmt, attributes))
            if not todo:  # a method that was reached by a late attribute name
                todo = [n for n in self._late(taken, attributes) if not self._has(taken, n) and n in self.binders]
                todo = [n for n in todo if n not in needs.data]
        return needs, taken

    def _has(self, taken: dict[ast.stmt, set[str]], name: str) -> bool:
        return any(name in names for names in taken.values())

    def _late(self, taken: dict[ast.stmt, set[str]], attributes: set[str]) -> list[str]:
        return sorted({n for s in taken for n in self._reads(s, attributes)})

    def _reads(self, stmt: ast.stmt, attributes: set[str]) -> set[str]:
        if isinstance(stmt, (ast.Import, ast.ImportFrom)):
            return set()
        found: set[str] = set()
        for part in self._parts(stmt, attributes):
            attributes |= self._facts(part)[0]
            found |= self._facts(part)[1]
        return found & set(self.binders)

    def _facts(self, node: ast.AST) -> tuple[frozenset[str], frozenset[str]]:
        """Attribute names in a piece of code, and names that it reads. Kept: files have many loops."""
        if node not in self._known:
            attributes = frozenset(n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute))
            self._known[node] = attributes, frozenset(loads(node))
        return self._known[node]

    def _parts(self, stmt: ast.stmt, attributes: set[str]) -> list[ast.AST]:
        if not isinstance(stmt, ast.ClassDef):
            return [stmt]
        return [*stmt.decorator_list, *stmt.bases, *(k.value for k in stmt.keywords), *self._kept(stmt, attributes)]

    def _kept(self, node: ast.ClassDef, attributes: set[str]) -> list[ast.stmt]:
        """The body of a class without the methods that no attribute name reaches."""
        attributes = set(attributes)
        while True:
            kept = [s for s in node.body if _reachable(s, attributes)]
            seen = {a for s in kept for a in self._facts(s)[0]}
            if seen <= attributes:
                return kept
            attributes |= seen

    def _chunks(self, stmt: ast.stmt, names: set[str], attributes: set[str]) -> list[Chunk]:
        if isinstance(stmt, (ast.Import, ast.ImportFrom)):
            return _imported(stmt, names)
        body = self._kept(stmt, attributes) if isinstance(stmt, ast.ClassDef) else []
        written = stmt, *body
        if written not in self._written:  # kept: files have many loops
            self._written[written] = _chunk(stmt, body)
        return [self._written[written]]


def _gather(root: ModuleNames, parts: dict[ModuleNames, Needs]) -> list[Chunk]:
    """The chunks of all modules, those of a module after those of the modules that it needs."""
    found: list[Chunk] = []
    seen: set[ModuleNames] = set()

    def visit(module: ModuleNames) -> None:
        seen.add(module)
        for link in parts[module].links:
            if link.module not in seen:
                visit(link.module)
        if module is root:
            found.extend(parts[module].chunks)
            return
        missing = [Chunk("import", (n,), f"raise ImportError({n!r})") for n in sorted(parts[module].data)]
        found.extend(replace(chunk, space=module.path) for chunk in [*missing, *parts[module].chunks])

    visit(root)
    return found


def _reachable(stmt: ast.stmt, attributes: set[str]) -> bool:
    if not isinstance(stmt, FUNCTIONS):
        return True
    return stmt.name in attributes or (stmt.name.startswith("__") and stmt.name.endswith("__"))


def _imported(stmt: ast.Import | ast.ImportFrom, names: set[str]) -> list[Chunk]:
    if isinstance(stmt, ast.Import):
        found = []
        for alias in stmt.names:
            bound = (alias.asname or alias.name).split(".")[0]
            if bound in names:
                found.append(Chunk("import", (bound,), ast.unparse(ast.Import([alias]))))
        return found
    if stmt.module == "__future__":
        return []
    picked = {a.asname or a.name: a for a in stmt.names if (a.asname or a.name) in names}
    return [
        Chunk("import", (name,), ast.unparse(ast.ImportFrom(stmt.module, [a], stmt.level)))
        for name, a in picked.items()
    ]


def _chunk(stmt: ast.stmt, body: list[ast.stmt]) -> Chunk:
    """A statement; of a class, what is left of its body."""
    if isinstance(stmt, ast.ClassDef):
        slim = copy.copy(stmt)
        slim.body = body or [ast.Pass()]
        return Chunk("code", (stmt.name,), ast.unparse(slim))
    kind = "import" if isinstance(stmt, (ast.Try, ast.If)) else "code"
    return Chunk(kind, tuple(sorted(stores(stmt))), ast.unparse(stmt))


def _is_main_guard(stmt: ast.stmt) -> bool:
    return isinstance(stmt, ast.If) and "__name__" in loads(stmt.test)


def _leaves(stmt: ast.stmt) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for name in ("body", "orelse", "finalbody"):
        found += getattr(stmt, name, [])
    for handler in getattr(stmt, "handlers", []):
        found += handler.body
    return found


def _imports(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in own_nodes(tree.body):
        found.update(imported(node))
    return found


def imported(node: ast.AST) -> dict[str, str]:
    """Local name -> dotted name, of one import statement."""
    if isinstance(node, ast.Import):
        return {(a.asname or a.name.split(".")[0]): (a.name if a.asname else a.name.split(".")[0]) for a in node.names}
    if isinstance(node, ast.ImportFrom) and node.module != "__future__":
        prefix = "." * node.level + (node.module or "")
        return {(a.asname or a.name): f"{prefix}.{a.name}" for a in node.names}
    return {}
