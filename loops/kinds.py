"""What kind of thing a name is (frame, series, array, list...), and how we know."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from .scopes import FileScopes, Scope, scope_for
from .usage import UseIndex

FRAME_METHODS = frozenset(
    ["reset_index", "copy", "sort_values", "sort_index", "dropna", "fillna", "assign", "drop", "rename", "set_index", "head", "tail", "merge", "join", "query", "sample", "drop_duplicates", "ffill", "bfill", "interpolate", "replace", "nlargest", "nsmallest", "reindex", "set_axis", "infer_objects", "add_prefix", "add_suffix", "astype", "round", "where", "mask", "pipe"]
)
READERS = frozenset(
    ["pandas.read_csv", "pandas.read_excel", "pandas.read_parquet", "pandas.read_json", "pandas.read_table", "pandas.read_sql", "pandas.read_feather", "pandas.DataFrame", "pandas.merge", "pandas.pivot_table"]
)
NUMPY_MAKERS = {
    "zeros": 1,
    "ones": 1,
    "empty": 1,
    "full": 1,
    "arange": 1,
    "linspace": 1,
    "array": 0,
    "asarray": 0,
    "zeros_like": 0,
    "ones_like": 0,
    "full_like": 0,
    "empty_like": 0,
    "concatenate": 0,
    "where": 0,
    "cumsum": 1,
    "diff": 0,
    "abs": 0,
    "sqrt": 0,
    "log": 0,
    "exp": 0,
    "sort": 0,
    "fromiter": 1,
    "repeat": 0,
    "tile": 0,
    "round": 0,
    "maximum": 0,
    "minimum": 0,
    "nan_to_num": 0,
    "ascontiguousarray": 0,
    "loadtxt": 0,
    "roll": 0,
    "flip": 0,
    "unique": 1,
    "argsort": 0,
    "clip": 0,
    "square": 0,
    "power": 0,
    "log10": 0,
    "log2": 0,
    "logspace": 1,
    "geomspace": 1,
}
FLOAT_MAKERS = frozenset(["zeros", "ones", "empty", "linspace", "logspace", "geomspace"])
ANNOTATIONS = {
    "DataFrame": "frame",
    "Series": "series",
    "ndarray": "ndarray",
    "list": "list",
    "List": "list",
    "Sequence": "sequence",
    "Iterable": "iterable",
    "dict": "dict",
    "Dict": "dict",
    "int": "int",
    "float": "float",
    "str": "str",
    "bool": "bool",
    "set": "set",
    "Set": "set",
    "tuple": "tuple",
    "Tuple": "tuple",
    "ArrayLike": "arraylike",
    "NDArray": "ndarray",
    "datetime": "datetime",
    "GeoDataFrame": "subclass",
    "GeoSeries": "subclass",
}
DTYPES = {
    "float": "float64",
    "int": "int64",
    "bool": "bool",
    "'float64'": "float64",
    "'float'": "float64",
    "'int64'": "int64",
    "'int'": "int64",
    "'bool'": "bool",
    "object": "object",
    "'object'": "object",
    "np.float64": "float64",
    "np.int64": "int64",
    "numpy.float64": "float64",
    "np.bool_": "bool",
    "np.int32": "int32",
    "np.float32": "float32",
    "'float32'": "float32",
    "str": "str",
    "'str'": "str",
    "'O'": "object",
    "complex": "complex128",
    "np.uint8": "uint8",
}


@dataclass(frozen=True)
class Kind:
    """A kind with its provenance. `dtype` is the element type if it is proven; `ndim` 0 means unknown."""

    name: str
    dtype: str | None = None
    ndim: int = 0
    why: str = ""
    line: int = 0
    range_index: bool = False
    proven: bool = True


class Kinds:
    """Kinds of the expressions of one file."""

    def __init__(self, scopes: FileScopes) -> None:
        self.scopes = scopes
        self._names: dict[tuple[int, str], Kind | None] = {}
        self._uses = UseIndex()

    def of(self, node: ast.expr, scope: Scope, depth: int = 0) -> Kind | None:
        """The kind of an expression, or None when nothing is known."""
        if depth > 12:
            return None
        match node:
            case ast.Name(id=name):
                return self._name(name, scope, depth)
            case ast.List() | ast.ListComp():
                return Kind("list", why="list display", line=node.lineno)
            case ast.Dict() | ast.DictComp():
                return Kind("dict", why="dict display", line=node.lineno)
            case ast.Set() | ast.SetComp():
                return Kind("set", why="set display", line=node.lineno)
            case ast.Tuple():
                return Kind("tuple", why="tuple display", line=node.lineno)
            case ast.Constant(value=value) if value is not None:
                return Kind(type(value).__name__, why="literal", line=node.lineno)
            case ast.JoinedStr():
                return Kind("str", why="literal", line=node.lineno)
            case ast.Call():
                return self._call(node, scope, depth)
            case ast.Attribute(value=base, attr="values" | "_values"):
                inner = self.of(base, scope, depth + 1)
                if inner and inner.name == "series":
                    return Kind("ndarray", inner.dtype, 1, "values of a series", node.lineno)
                return (
                    Kind("ndarray", None, 2, "values of a frame", node.lineno)
                    if inner and inner.name == "frame"
                    else None
                )
            case ast.Attribute(value=base, attr="T"):
                return self.of(base, scope, depth + 1)
            case ast.Attribute(value=base, attr="index"):
                inner = self.of(base, scope, depth + 1)
                return (
                    Kind("index", why="index", line=node.lineno)
                    if inner and inner.name in ("frame", "series")
                    else None
                )
            case ast.Attribute(value=base, attr="columns"):
                return Kind("index", why="columns", line=node.lineno)
            case ast.Subscript():
                return self._subscript(node, scope, depth)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binop(left, op, right, scope, depth)
            case ast.UnaryOp(operand=operand):
                return self.of(operand, scope, depth + 1)
            case ast.IfExp(body=body, orelse=orelse):
                a, b = self.of(body, scope, depth + 1), self.of(orelse, scope, depth + 1)
                return a if a and b and a.name == b.name else None
        return None

    def _binop(self, left: ast.expr, op: ast.operator, right: ast.expr, scope: Scope, depth: int) -> Kind | None:
        a, b = self.of(left, scope, depth + 1), self.of(right, scope, depth + 1)
        for kind in ("frame", "series", "ndarray"):
            for k in (a, b):
                if k and k.name == kind:
                    both_float = all(
                        x is not None
                        and x.dtype in ("float64", None)
                        and (x.dtype == "float64" or x.name in ("int", "float"))
                        for x in (a, b)
                    )
                    return Kind(kind, "float64" if both_float else None, k.ndim, "arithmetic", left.lineno)
        if a and b and a.name == b.name == "list":
            return a
        return None

    def _subscript(self, node: ast.Subscript, scope: Scope, depth: int) -> Kind | None:
        base = node.value
        if isinstance(base, ast.Attribute) and base.attr in ("iloc", "loc"):
            inner = self.of(base.value, scope, depth + 1)
            if inner is None:
                return None
            if inner.name == "frame" and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
                row, column = node.slice.elts
                if isinstance(row, ast.Slice):
                    return (
                        Kind("series", why="one column", line=node.lineno)
                        if isinstance(column, ast.Constant)
                        else replace(inner, range_index=False)
                    )
                return None
            if isinstance(node.slice, ast.Slice) or self._is_mask(node.slice, scope, depth):
                return replace(inner, range_index=False)
            return None
        inner = self.of(base, scope, depth + 1)
        if inner is None:
            return None
        if inner.name == "frame":
            match node.slice:
                case ast.Constant(value=str()):
                    return Kind(
                        "series",
                        why="column of a frame",
                        line=node.lineno,
                        range_index=inner.range_index,
                        proven=inner.proven,
                    )
                case ast.List():
                    return inner
            if self._is_mask(node.slice, scope, depth):
                return replace(inner, range_index=False)
            return None
        if inner.name in ("series", "ndarray", "list", "str", "tuple") and (
            isinstance(node.slice, ast.Slice)
            or (inner.name in ("series", "ndarray") and self._is_mask(node.slice, scope, depth))
        ):
            return replace(inner, range_index=False)
        if (
            inner.name == "ndarray"
            and isinstance(node.slice, ast.Tuple)
            and inner.ndim == 2
            and any(isinstance(e, ast.Slice) for e in node.slice.elts)
        ):
            return replace(inner, ndim=sum(isinstance(e, ast.Slice) for e in node.slice.elts))
        return None

    def _is_mask(self, node: ast.expr, scope: Scope, depth: int) -> bool:
        match node:
            case ast.Compare(left=left):
                k = self.of(left, scope, depth + 1)
                return k is not None and k.name in ("series", "ndarray", "frame")
            case ast.UnaryOp(op=ast.Invert()):
                return True
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
                return True
            case ast.Call(func=ast.Attribute(attr="isin" | "notna" | "isna" | "notnull" | "between" | "isnull")):
                return True
        k = self.of(node, scope, depth + 1)
        return k is not None and k.name in ("series", "ndarray")

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> Kind | None:
        path = self.scopes.dotted(node.func, scope)
        line = node.lineno
        if path in READERS:
            fresh = (
                path == "pandas.DataFrame" and not any(k.arg == "index" for k in node.keywords) and len(node.args) < 2
            )
            return Kind(
                "frame",
                why=path,
                line=line,
                range_index=fresh and bool(node.args) and isinstance(node.args[0], (ast.Dict, ast.List)) and False,
            )
        if path == "pandas.concat":
            return Kind("frame", why=path, line=line, proven=False)
        if path == "pandas.Series":
            return Kind("series", why=path, line=line)
        if path in ("builtins.list", "builtins.sorted"):
            return Kind("list", why=path, line=line)
        if path == "builtins.dict" or path in (
            "collections.defaultdict",
            "collections.Counter",
            "collections.OrderedDict",
        ):
            return Kind("dict" if path == "builtins.dict" else path.split(".")[1], why=path, line=line)
        if path == "builtins.set":
            return Kind("set", why=path, line=line)
        if path in ("builtins.len", "builtins.int"):
            return Kind("int", why=path, line=line)
        if path in ("builtins.float", "builtins.str", "builtins.bool", "builtins.tuple"):
            return Kind(path.split(".")[1], why=path, line=line)
        if path and path.startswith("numpy.") and path.count(".") == 1:
            return self._numpy_call(path.removeprefix("numpy."), node, scope, depth)
        if not isinstance(node.func, ast.Attribute):
            return self._project_call(node, scope, depth)
        return self._method(node, node.func, scope, depth)

    def _numpy_call(self, name: str, node: ast.Call, scope: Scope, depth: int) -> Kind | None:
        if name not in NUMPY_MAKERS:
            return None
        ndim = NUMPY_MAKERS[name]
        dtype = self._dtype_argument(
            node, {"zeros": 1, "ones": 1, "empty": 1, "array": 1, "asarray": 1, "full": 2, "fromiter": 1}.get(name, 99)
        )
        has_dtype = any(k.arg == "dtype" for k in node.keywords) or dtype is not None
        if dtype is None and not has_dtype and name in FLOAT_MAKERS:
            dtype = "float64"
        if name in ("zeros", "ones", "empty", "full") and node.args:
            shape = node.args[0]
            if isinstance(shape, (ast.Tuple, ast.List)):
                ndim = len(shape.elts)
            elif isinstance(shape, ast.Attribute) and shape.attr == "shape":
                k = self.of(shape.value, scope, depth + 1)
                ndim = k.ndim if k else 0
            elif isinstance(shape, ast.Name):
                k = self.of(shape, scope, depth + 1)
                ndim = 1 if k and k.name == "int" else 0
                if k is None and self._len_like(shape, scope):
                    ndim = 1
            else:
                ndim = 1 if isinstance(shape, (ast.Call, ast.BinOp, ast.Constant, ast.Subscript, ast.Attribute)) else 0
        if name == "full" and not has_dtype and len(node.args) > 1:
            fill = node.args[1]
            if isinstance(fill, ast.Constant) and isinstance(fill.value, float):
                dtype = "float64"
            if self.scopes.dotted(fill, scope) in ("numpy.nan", "numpy.inf"):
                dtype = "float64"
        if name in ("array", "asarray", "zeros_like", "ones_like", "full_like", "empty_like") and node.args:
            k = self.of(node.args[0], scope, depth + 1)
            if k and k.name in ("ndarray", "series"):
                ndim = k.ndim or (1 if k.name == "series" else 0)
                dtype = dtype if has_dtype else k.dtype
            elif k and k.name == "list" and self._flat_list(node.args[0]):
                ndim = 1
        return Kind("ndarray", dtype, ndim, f"np.{name}", node.lineno)

    def _flat_list(self, node: ast.expr) -> bool:
        return isinstance(node, ast.List) and all(isinstance(e, ast.Constant) for e in node.elts)

    def _len_like(self, node: ast.Name, scope: Scope) -> bool:
        owner = self.scopes.owner(node.id, scope)
        binders = owner.binders(node.id) if owner else []
        return (
            len(binders) == 1
            and isinstance(binders[0], ast.Assign)
            and isinstance(binders[0].value, ast.Call)
            and self.scopes.dotted(binders[0].value.func, scope) == "builtins.len"
        )

    def _dtype_argument(self, node: ast.Call, position: int) -> str | None:
        for k in node.keywords:
            if k.arg == "dtype":
                return DTYPES.get(ast.unparse(k.value))
        if len(node.args) > position:
            return DTYPES.get(ast.unparse(node.args[position]))
        return None

    def _method(self, node: ast.Call, func: ast.Attribute, scope: Scope, depth: int) -> Kind | None:
        base = self.of(func.value, scope, depth + 1)
        line = node.lineno
        if func.attr in ("to_numpy",):
            dtype = self._dtype_argument(node, 0)
            return Kind("ndarray", dtype, 1 if base and base.name == "series" else 0, "to_numpy", line)
        if func.attr in ("tolist", "to_list"):
            return Kind("list", why="tolist", line=line)
        if base is None:
            return None
        if func.attr == "reset_index" and base.name == "frame":
            fresh = not any(k.arg in ("level", "inplace") for k in node.keywords) and not node.args
            return replace(base, range_index=fresh, why="reset_index", line=line)
        if base.name in ("frame", "series") and func.attr in FRAME_METHODS:
            if func.attr == "astype" and base.name == "series":
                return replace(base, dtype=DTYPES.get(ast.unparse(node.args[0])) if node.args else None)
            keeps = func.attr in ("copy", "assign", "rename", "fillna", "astype", "round", "ffill", "bfill", "replace")
            return replace(
                base, range_index=base.range_index and keeps, dtype=base.dtype if func.attr == "copy" else None
            )
        if base.name == "ndarray":
            if func.attr == "astype" and node.args:
                return replace(base, dtype=DTYPES.get(ast.unparse(node.args[0])))
            if func.attr in ("copy", "ravel", "flatten"):
                return replace(base, ndim=base.ndim if func.attr == "copy" else 1)
        if base.name == "series" and func.attr in (
            "map",
            "apply",
            "shift",
            "diff",
            "cumsum",
            "abs",
            "rolling",
            "str",
            "isin",
            "isna",
            "pct_change",
        ):
            return replace(base, dtype=None) if func.attr != "rolling" else None
        if base.name == "frame" and func.attr == "items":
            return None
        if base.name == "str" and func.attr in ("split", "splitlines"):
            return Kind("list", why="split", line=line)
        if base.name == "list" and func.attr == "copy":
            return base
        return None

    def _project_call(self, node: ast.Call, scope: Scope, depth: int) -> Kind | None:
        """The kind that a function of the same file returns, if all its returns agree."""
        if not isinstance(node.func, ast.Name):
            return None
        owner = self.scopes.owner(node.func.id, scope)
        binders = owner.binders(node.func.id) if owner else []
        if len(binders) != 1 or not isinstance(binders[0], ast.FunctionDef):
            return None
        fn = binders[0]
        if fn.returns is not None and (kind := _annotated(fn.returns)):
            return kind
        inner = scope_for(self.scopes, fn)
        found = [r.value for r in ast.walk(fn) if isinstance(r, ast.Return) and self.scopes.scope_of.get(r) is inner]
        kinds = [self.of(v, inner, depth + 3) if v is not None else None for v in found]
        if kinds and all(k is not None and kinds[0] is not None and k.name == kinds[0].name for k in kinds):
            first = kinds[0]
            return first and replace(first, range_index=False, dtype=None)
        return None

    def _name(self, name: str, scope: Scope, depth: int) -> Kind | None:
        owner = self.scopes.owner(name, scope)
        if owner is None:
            return None
        key = (id(owner), name)
        if key not in self._names:
            self._names[key] = None  # cuts cycles
            self._names[key] = self._bound_kind(name, owner, depth)
        return self._names[key]

    def _bound_kind(self, name: str, owner: Scope, depth: int) -> Kind | None:
        found: list[Kind | None] = []
        for binder in owner.binders(name):
            match binder:
                case ast.arg(annotation=annotation):
                    found.append(_annotated(annotation) or self._by_use(name, owner))
                case ast.Assign(targets=[ast.Name()], value=value):
                    found.append(self.of(value, owner, depth + 1))
                case ast.Assign(targets=[ast.Tuple(elts=elts)], value=ast.Tuple(elts=values)) if len(elts) == len(
                    values
                ):
                    found.extend(
                        self.of(v, owner, depth + 1)
                        for t, v in zip(elts, values, strict=True)
                        if isinstance(t, ast.Name) and t.id == name
                    )
                case ast.Assign(targets=targets, value=value) if all(isinstance(t, ast.Name) for t in targets):
                    found.append(self.of(value, owner, depth + 1))
                case ast.AnnAssign(annotation=annotation, value=value):
                    found.append(
                        (self.of(value, owner, depth + 1) if value is not None else None) or _annotated(annotation)
                    )
                case ast.AugAssign():
                    continue
                case ast.Assign(targets=targets) if not any(
                    isinstance(t, ast.Name) and t.id == name
                    for x in targets
                    for t in ast.walk(x)
                    if isinstance(getattr(t, "ctx", None), ast.Store)
                ):
                    continue
                case _:
                    found.append(None)
        found = [k if k is not None else self._by_use(name, owner) for k in found] or [self._by_use(name, owner)]
        first = found[0]
        if first is None or any(k is None or k.name != first.name for k in found):
            return None
        same_dtype = all(k is not None and k.dtype == first.dtype for k in found)
        return replace(
            first,
            dtype=first.dtype if same_dtype else None,
            ndim=first.ndim if all(k and k.ndim == first.ndim for k in found) else 0,
            range_index=self._last_keeps_positions(name, owner, found),
        )

    def _last_keeps_positions(self, name: str, owner: Scope, found: list[Kind | None]) -> bool:
        """Labels are positions if the last binding makes them so and nothing reorders the frame in place."""
        last = found[-1]
        if last is None or not last.range_index:
            return False
        for node in ast.walk(owner.node):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=n)), keywords=keywords) if n == name and any(
                    k.arg == "inplace" for k in keywords
                ):
                    return False
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=n), attr="index")]) if n == name:
                    return False
        return True

    def _by_use(self, name: str, owner: Scope) -> Kind | None:
        found = self._uses.of(owner).kind(name)
        return Kind(found[0], why=found[1], line=found[2]) if found else None


def _annotated(annotation: ast.expr | None) -> Kind | None:
    match annotation:
        case None:
            return None
        case ast.Constant(value=str(text)):
            try:
                return _annotated(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return None
        case ast.Subscript(value=base):
            if isinstance(base, (ast.Name, ast.Attribute)) and ast.unparse(base).split(".")[-1] == "Optional":
                return None
            return _annotated(base)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            kind = ANNOTATIONS.get(name)
            return Kind(kind, why="annotation", line=annotation.lineno) if kind else None
    return None
