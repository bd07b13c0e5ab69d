"""What kind of thing a name is (frame, series, array, list...), and how we know."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from .kind_words import (
    DTYPES,
    FRAME_METHODS,
    KEEP_LABELS,
    MASK_METHODS,
    OTHER_FRAMES,
    OWN_MODULES,
    READERS,
    RETURNS,
    SERIES_METHODS,
    WINDOW_METHODS,
    WINDOWS,
    Kind,
    annotated,
    dtype_argument,
)
from .labels import Labels
from .likely import Likely
from .names import import_path
from .numpy_kinds import numpy_call
from .scopes import FileScopes, Scope, scope_for
from .usage import UseIndex
from .walk import walk

MAX_DEPTH = 12
DISPLAYS: dict[type[ast.expr], str] = {
    ast.List: "list",
    ast.ListComp: "list",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Tuple: "tuple",
    ast.JoinedStr: "str",
}
#: The bindings of one name in the order of the file, each with whether it makes labels positions.
Bindings = list[tuple[ast.AST, bool]]

#: Literal first words make the search several times faster.
_OTHERS = tuple(
    re.compile(rf"{how}(?:{'|'.join(OTHER_FRAMES)})\b") for how in (r"import[ \t]+(?:[^\n#]*,[ \t]*)?", r"from[ \t]+")
)

#: A module, a function or a class: how it is used says nothing about it.
_NO_DATA = Kind("", why="no data", line=0)


class Kinds:
    """Kinds of the expressions of one file."""

    def __init__(self, scopes: FileScopes, guessing: bool = False, uses: UseIndex | None = None) -> None:
        self.scopes = scopes
        self.guessing = guessing  # also say what a name most likely is
        self._names: dict[tuple[int, str], Kind | None] = {}
        self._bindings: dict[tuple[int, str], Bindings] = {}
        self.uses = uses or UseIndex(scopes.index)
        self._labels = Labels(scopes, self.of)
        self._likely = Likely(scopes)
        self._pandas: bool | None = None
        self._others: bool | None = None

    def release(self) -> None:
        """Forget what is known; see `FileScopes.release`."""
        self._names.clear()
        self._bindings.clear()
        del self.uses, self._labels

    def of(self, node: ast.expr, scope: Scope, depth: int = 0) -> Kind | None:
        """The kind of an expression, or None when nothing is known."""
        if depth > MAX_DEPTH:
            return None
        if type(node) in DISPLAYS:
            return Kind(DISPLAYS[type(node)], why="display", line=node.lineno)
        match node:
            case ast.Name():
                return self._name(node, scope, depth)
            case ast.Constant(value=value) if value is not None:
                return Kind(type(value).__name__, why="literal", line=node.lineno)
            case ast.Call():
                return self._call(node, scope, depth)
            case ast.Attribute(value=base, attr=attr):
                found = self._attribute(node, attr, self.of(base, scope, depth + 1))
                return found or (self._likely_attribute(node, scope, depth) if self.guessing else None)
            case ast.Subscript():
                return self._subscript(node, scope, depth)
            case ast.BinOp(op=op) if not isinstance(op, ast.MatMult):
                return self._binop(node, scope, depth)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() | ast.Invert(), operand=operand):
                return self.of(operand, scope, depth + 1)
            case ast.IfExp(body=body, orelse=orelse):
                return common([self.of(x, scope, depth + 1) for x in (body, orelse)])
        return None

    def _attribute(self, node: ast.Attribute, attr: str, base: Kind | None) -> Kind | None:
        line = node.lineno
        if attr == "columns":
            return Kind("index", why="columns", line=line)
        if base is None:
            return None
        match attr, base.name:
            case "values" | "_values", "series":
                return Kind("ndarray", base.dtype, 1, "values of a series", line)
            case "values" | "_values", "frame":
                return Kind("ndarray", None, 2, "values of a frame", line)
            case "index", "frame" | "series":
                return Kind("index", why="index", line=line)
            case "T", _:
                return replace(base, range_index=False)
        return None

    def _likely_attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> Kind | None:
        """What an attribute most likely is: the values of a table, or what the class keeps under that name."""
        if node.attr == "values" and isinstance(node.value, (ast.Name, ast.Subscript)):
            return Kind("ndarray", why="values", line=node.lineno, proven=False)
        return self._alike(self._likely.stores(node, scope), depth)

    def _alike(self, values: list[tuple[ast.expr, Scope]], depth: int) -> Kind | None:
        kind = common([self.of(value, scope, depth + 3) for value, scope in values])
        return replace(kind, range_index=False, dtype=None, proven=False) if kind else None

    def _binop(self, node: ast.BinOp, scope: Scope, depth: int) -> Kind | None:
        a, b = self.of(node.left, scope, depth + 1), self.of(node.right, scope, depth + 1)
        if a and a.name == "str" and isinstance(node.op, ast.Mod):
            return None  # "%s" % series is text
        for name in ("frame", "series", "ndarray"):
            for k in (a, b):
                if k and k.name == name:
                    dtype = "float64" if _gives_floats(a) and _gives_floats(b) else None
                    return Kind(name, dtype, k.ndim, "arithmetic", node.lineno)
        if isinstance(node.op, ast.Mult) and {k.name for k in (a, b) if k} == {"list", "int"}:
            return Kind("list", why="a list several times", line=node.lineno)
        return a if a and b and a.name == b.name in ("list", "str") else None

    def _subscript(self, node: ast.Subscript, scope: Scope, depth: int) -> Kind | None:
        key = node.slice
        match node.value:
            case ast.Attribute(value=base, attr="iloc" | "loc"):
                return self._located(key, self.of(base, scope, depth + 1), node.lineno, scope, depth)
            case ast.Attribute(attr="shape") if isinstance(key, (ast.Constant, ast.UnaryOp)):
                return Kind("int", why="shape", line=node.lineno)
        inner = self.of(node.value, scope, depth + 1)
        if inner is None or inner.name == "str":
            return inner
        part = replace(inner, range_index=False)
        if inner.name == "frame":
            match key:
                case ast.Constant(value=str()):
                    return replace(inner, name="series", why="column of a frame", line=node.lineno)
                case ast.List():
                    return inner
            return part if self._is_mask(key, scope, depth) else None
        if inner.name in ("series", "ndarray") and self._is_mask(key, scope, depth):
            return part
        if inner.name in ("series", "ndarray", "list", "tuple") and isinstance(key, ast.Slice):
            return part
        if inner.name == "ndarray" and inner.ndim in (0, 2) and isinstance(key, ast.Tuple):
            left = sum(isinstance(e, ast.Slice) for e in key.elts)
            return replace(inner, ndim=left if inner.ndim else 0) if left else None
        return None

    def _located(self, key: ast.expr, base: Kind | None, line: int, scope: Scope, depth: int) -> Kind | None:
        """What `.iloc[key]` or `.loc[key]` takes out of a frame or series."""
        if base is None:
            return None
        part = replace(base, range_index=False)
        match key:
            case ast.Tuple(elts=[ast.Slice(), ast.Constant()]) if base.name == "frame":
                return Kind("series", why="one column", line=line)
            case ast.Tuple(elts=[ast.Slice(), ast.Slice() | ast.List()]) if base.name == "frame":
                return part
            case ast.Tuple():
                return None
        return part if isinstance(key, ast.Slice) or self._is_mask(key, scope, depth) else None

    def _is_mask(self, node: ast.expr, scope: Scope, depth: int) -> bool:
        """Whether an index picks several elements: a comparison of a series or array, or one of them."""
        several = ("series", "ndarray", "frame")
        match node:
            case ast.Compare(left=left):
                k = self.of(left, scope, depth + 1)
                return k is not None and k.name in several
            case ast.UnaryOp(op=ast.Invert()) | ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
                return True
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in MASK_METHODS:
                return True
        k = self.of(node, scope, depth + 1)
        return k is not None and k.name in ("series", "ndarray")

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> Kind | None:
        path = self.scopes.dotted(node.func, scope) or ""
        if path in READERS:
            return Kind("frame", why=path, line=node.lineno)
        if path == "pandas.concat":
            return Kind("frame", why=path, line=node.lineno, proven=False)
        if path in RETURNS:
            return Kind(RETURNS[path], why=path, line=node.lineno)
        if path.startswith("numpy.") and path.count(".") == 1:
            return numpy_call(
                path.removeprefix("numpy."),
                node,
                lambda e: self.of(e, scope, depth + 1),
                lambda e: self._is_float(e, scope),
            )
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func.attr, self.of(node.func.value, scope, depth + 1))
        return self._project_call(node, scope, depth)

    def _is_float(self, node: ast.expr, scope: Scope) -> bool:
        if isinstance(node, ast.UnaryOp):
            node = node.operand
        if isinstance(node, ast.Constant):
            return isinstance(node.value, float)
        return self.scopes.dotted(node, scope) in ("numpy.nan", "numpy.inf", "math.nan", "math.inf")

    def _method(self, node: ast.Call, attr: str, base: Kind | None) -> Kind | None:
        """What a method returns, by the kind of its receiver."""
        line = node.lineno
        if attr == "to_numpy":
            one = base is not None and base.name == "series"
            return Kind("ndarray", dtype_argument(node, 0)[1], 1 if one else 0, "to_numpy", line)
        if attr in ("tolist", "to_list"):
            return Kind("list", why="tolist", line=line)
        match base, attr:
            case None, _:
                return None
            case Kind(name="frame" | "series"), _ if attr in WINDOWS:
                step = any(k.arg in ("step", None) for k in node.keywords)  # fewer rows come out
                return None if step else replace(base, name=f"windows of a {base.name}", dtype=None)
            case Kind(name="windows of a frame" | "windows of a series"), _ if attr in WINDOW_METHODS:
                return replace(base, name=base.name.removeprefix("windows of a "), why=attr, line=line)
            case Kind(name="frame" | "series"), _:
                return _of_pandas(node, attr, base)
            case Kind(name="ndarray"), "astype" if node.args:
                return replace(base, dtype=DTYPES.get(ast.unparse(node.args[0])))
            case Kind(name="ndarray"), "copy":
                return base
            case Kind(name="ndarray"), "ravel" | "flatten":
                return replace(base, ndim=1)
            case Kind(name="str"), "split" | "splitlines":
                return Kind("list", why="split", line=line)
            case Kind(name="list"), "copy":
                return base
        return None

    def _project_call(self, node: ast.Call, scope: Scope, depth: int) -> Kind | None:
        """The kind that a function of the same file returns, if all its returns agree."""
        if not isinstance(node.func, ast.Name):
            return None
        owner = self.scopes.owner(node.func.id, scope)
        match owner.binders(node.func.id) if owner else []:
            case [ast.FunctionDef() as fn]:
                pass
            case _:
                return None
        if kind := self._stated(fn.returns, owner or scope):
            return kind
        inner = scope_for(self.scopes, fn)
        returns = [r.value for r in walk(fn) if isinstance(r, ast.Return) and self.scopes.scope_of.get(r) is inner]
        kind = common([self.of(v, inner, depth + 3) if v is not None else None for v in returns])
        return kind.of(False, None) if kind else None

    def _name(self, node: ast.Name, scope: Scope, depth: int) -> Kind | None:
        owner = self.scopes.owner(node.id, scope)
        if owner is None:
            return None
        key = (id(owner), node.id)
        if key not in self._names:
            self._names[key] = None  # cuts cycles
            self._names[key] = self._bound_kind(node.id, owner, depth)
        kind = self._names[key]
        if kind and kind.range_index:
            return kind.of(owner is scope and self._labels_are_positions(node, kind, owner), kind.dtype)
        return kind

    def _bound_kind(self, name: str, owner: Scope, depth: int) -> Kind | None:
        """What all bindings of a name agree on; each is judged with the name as the one before left it."""
        key = (id(owner), name)
        found: list[Kind | None] = []
        bindings = self._bindings[key] = []
        for binder in sorted(owner.binders(name), key=lambda b: (getattr(b, "lineno", 0), getattr(b, "col_offset", 0))):
            if isinstance(binder, ast.AugAssign):
                bindings.append((binder, False))
                continue
            for kind in self._binder_kinds(binder, name, owner, depth):
                kind = kind or self._by_use(name, owner)
                kind = None if kind is _NO_DATA else kind
                found.append(kind)
                bindings.append((binder, kind is not None and kind.range_index))
                self._names[key] = kind.of(False, None) if kind else None
        kind = common(found or [self._by_use(name, owner)])
        keeps = any(ranged for _, ranged in bindings)
        grown = kind is not None and kind.name == "series" and any(isinstance(b, ast.AugAssign) for b, _ in bindings)
        return kind.of(keeps, None if grown else kind.dtype) if kind else None

    def _binder_kinds(self, binder: ast.AST, name: str, owner: Scope, depth: int) -> list[Kind | None]:
        """The kinds that one binding gives a name."""
        match binder:
            case ast.arg(annotation=None) if self.guessing:
                return [self._alike(self._likely.arguments(binder, owner), depth)]
            case ast.arg(annotation=annotation):
                return [self._stated(annotation, owner)]
            case ast.Import() | ast.FunctionDef() | ast.ClassDef():
                return [_NO_DATA]
            case ast.Assign(targets=[ast.Tuple(elts=elts)], value=ast.Tuple(elts=values)) if len(elts) == len(values):
                pairs = zip(elts, values, strict=True)
                return [self.of(v, owner, depth + 1) for t, v in pairs if isinstance(t, ast.Name) and t.id == name]
            case ast.Assign(targets=targets, value=value) if all(isinstance(t, ast.Name) for t in targets):
                return [self.of(value, owner, depth + 1)]
            case ast.AnnAssign(annotation=annotation, value=value):
                return [
                    (self.of(value, owner, depth + 1) if value is not None else None) or self._stated(annotation, owner)
                ]
        return [None]

    def _labels_are_positions(self, use: ast.Name, kind: Kind, owner: Scope) -> bool:
        """Whether a binding that makes labels positions surely comes before a use, and nothing after it undoes that."""
        bindings = self._bindings.get((id(owner), use.id), [])
        for binder, ranged in reversed(bindings):
            if not ranged:
                return False
            if len(bindings) == 1 or self._dominates(binder, use):
                return self._labels.kept(use.id, kind.name, binder, use, owner)
        return False

    def _dominates(self, binder: ast.AST, use: ast.AST) -> bool:
        """Whether a statement stands before a use, in one of the blocks around it."""
        block = self.scopes.block.get(binder) if isinstance(binder, ast.stmt) else None
        for up in self.scopes.ancestors(use):
            if block and isinstance(up, ast.stmt) and self.scopes.block.get(up) is block:
                return block.index(binder) < block.index(up)  # type: ignore[arg-type]
        return False

    def meets_others(self) -> bool:
        """Whether the file imports another library with frames."""
        if self._others is None:
            self._others = any(found.search(self.scopes.text) for found in _OTHERS)
        return self._others

    def _stated(self, annotation: ast.expr | None, scope: Scope) -> Kind | None:
        """The kind that an annotation names."""
        return annotated(annotation, lambda node: self._is_other(node, scope))

    def _is_other(self, node: ast.expr, scope: Scope) -> bool:
        """Whether a name of a type comes from somewhere else than pandas, NumPy or what they have for all."""
        while isinstance(node, ast.Attribute):
            node = node.value
        name = node.id if isinstance(node, ast.Name) else ""
        owner = self.scopes.owner(name, scope)
        for binder in owner.binders(name) if owner is not None else ():
            path = import_path(binder, name)
            if path is not None and path.split(".")[0] not in OWN_MODULES:
                return True
            if not isinstance(binder, (ast.Import, ast.ImportFrom)):
                return True
        return False

    def _by_use(self, name: str, owner: Scope) -> Kind | None:
        if self.meets_others():
            return None  # their frames are used like those of pandas
        if owner.parent is None and self.scopes.surely_lacks(rf"{name}[\s\\]*[.\[#]"):
            return None  # nothing is read of it: no need to look at the whole file
        uses = self.uses.of(owner)
        found = uses.kind(name)
        if found is None and self.guessing:
            found = uses.guess(name, self._has_pandas())
        return Kind(found[0], why=found[1], line=found[2]) if found else None

    def _has_pandas(self) -> bool:
        if self._pandas is None:
            module = self.scopes.module
            paths = (self.scopes.resolve_module(name, module) or "" for name in module.bindings)
            self._pandas = any(path.startswith("pandas") for path in paths)
        return self._pandas


def common(kinds: list[Kind | None]) -> Kind | None:
    """What several kinds agree on, None if they differ or one is unknown."""
    first = kinds[0] if kinds else None
    if first is None or any(k is None or k.name != first.name for k in kinds):
        return None
    known = [k for k in kinds if k is not None]
    return replace(
        first,
        dtype=first.dtype if all(k.dtype == first.dtype for k in known) else None,
        ndim=first.ndim if all(k.ndim == first.ndim for k in known) else 0,
        range_index=all(k.range_index for k in known),
    )


def _gives_floats(k: Kind | None) -> bool:
    return k is not None and (k.dtype == "float64" or (k.dtype is None and k.name in ("int", "float")))


def _of_pandas(node: ast.Call, attr: str, base: Kind) -> Kind | None:
    """What a method of a frame or series returns."""
    words = {k.arg for k in node.keywords}
    if attr == "reset_index":
        dropped = any(
            k.arg == "drop" and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords
        )
        if base.name == "series" and not dropped:
            return Kind("frame", why="reset_index", line=node.lineno)
        plain = not node.args and not words & {"level", "inplace"}
        return replace(base, range_index=plain, why="reset_index", line=node.lineno)
    if attr == "astype" and base.name == "series":
        return replace(base, dtype=DTYPES.get(ast.unparse(node.args[0])) if node.args else None)
    if attr in FRAME_METHODS:
        keeps = attr in KEEP_LABELS or (attr == "rename" and words <= {"columns"} and not node.args)
        return replace(base, range_index=base.range_index and keeps, dtype=base.dtype if attr == "copy" else None)
    if base.name == "series" and attr in SERIES_METHODS:
        return replace(base, dtype=None)
    return None
