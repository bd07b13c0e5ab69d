"""What names of types, methods and functions say about kinds: tables of words, and the record of what is known."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Kind:
    """A kind with its provenance. `dtype` is the element type if it is proven; `ndim` 0 means unknown."""

    name: str
    dtype: str | None = None
    ndim: int = 0
    why: str = ""
    line: int = 0
    range_index: bool = False  # labels are 0, 1, 2, ... in order
    proven: bool = True

    def of(self, range_index: bool, dtype: str | None) -> Kind:
        """The same with other labels and elements."""
        if self.range_index == range_index and self.dtype == dtype:
            return self
        return replace(self, range_index=range_index, dtype=dtype)


#: Methods of a frame or series that return one.
FRAME_METHODS = frozenset(
    {
        *("map", "applymap"),
        *(
            "add_prefix",
            "add_suffix",
            "assign",
            "astype",
            "bfill",
            "copy",
            "drop",
            "drop_duplicates",
            "dropna",
            "ffill",
        ),
        *("fillna", "head", "infer_objects", "interpolate", "join", "mask", "merge", "nlargest", "nsmallest", "query"),
        *("reindex", "rename", "replace", "reset_index", "round", "sample", "set_axis", "set_index", "sort_index"),
        *("sort_values", "tail", "where"),
    }
)
#: Those that leave the labels as they are.
KEEP_LABELS = frozenset({"assign", "astype", "bfill", "copy", "ffill", "fillna", "replace", "round"})
#: Methods of a series that return another of the same length.
SERIES_METHODS = frozenset(
    {
        *("abs", "apply", "between", "clip", "cummax", "cummin", "cumprod", "cumsum", "diff", "isin", "isna", "isnull"),
        *("map", "notna", "notnull", "pct_change", "rank", "shift", "str"),
    }
)
#: Methods that give windows over a frame or series, and those of windows that give one like it again.
WINDOWS = frozenset({"ewm", "expanding", "rolling"})
WINDOW_METHODS = frozenset({"max", "mean", "median", "min", "std", "sum", "var"})
MASK_METHODS = frozenset({"between", "isin", "isna", "isnull", "notna", "notnull"})
#: Functions that return a frame.
READERS = frozenset(
    {
        *("pandas.DataFrame", "pandas.merge", "pandas.pivot_table", "pandas.read_csv", "pandas.read_excel"),
        *("pandas.read_feather", "pandas.read_json", "pandas.read_parquet", "pandas.read_sql", "pandas.read_table"),
    }
)
#: Other functions, by what they return.
RETURNS = {
    "pandas.Series": "series",
    "builtins.list": "list",
    "builtins.sorted": "list",
    "builtins.dict": "dict",
    "collections.defaultdict": "defaultdict",
    "collections.Counter": "Counter",
    "collections.OrderedDict": "OrderedDict",
    "builtins.set": "set",
    "builtins.len": "int",
    "builtins.int": "int",
    "builtins.float": "float",
    "builtins.str": "str",
    "builtins.bool": "bool",
    "builtins.tuple": "tuple",
    "re.compile": "pattern",
}
#: Names in annotations; of a dotted one the last part counts.
ANNOTATIONS = {
    "DataFrame": "frame",
    "Series": "series",
    "ndarray": "ndarray",
    "NDArray": "ndarray",
    "ArrayLike": "arraylike",
    "GeoDataFrame": "subclass",
    "GeoSeries": "subclass",
    "list": "list",
    "List": "list",
    "Sequence": "sequence",
    "Iterable": "iterable",
    "dict": "dict",
    "Dict": "dict",
    "set": "set",
    "Set": "set",
    "tuple": "tuple",
    "Tuple": "tuple",
    "int": "int",
    "float": "float",
    "str": "str",
    "bool": "bool",
    "datetime": "datetime",
}
#: Kinds of things that several libraries have, and call the same.
OF_LIBRARIES = frozenset({"frame", "series", "ndarray", "arraylike"})
#: Modules from which they come as pandas and NumPy make them, or with what they have for all.
OWN_MODULES = frozenset({"pandas", "numpy", "typing", "typing_extensions", "collections"})
#: Libraries with frames of their own, which have some of the same methods.
OTHER_FRAMES = (
    *("polars", "pyspark", "dask", "cudf", "modin", "vaex", "datatable", "ibis", "databricks", "snowflake", "h2o"),
    *("narwhals", "daft", "static_frame"),
)
#: Spellings of element types.
DTYPES = {
    **dict.fromkeys(("float", "'float'", "'float64'", "np.float64", "numpy.float64"), "float64"),
    **dict.fromkeys(("'float32'", "np.float32"), "float32"),
    **dict.fromkeys(("int", "'int'", "'int64'", "np.int64"), "int64"),
    **dict.fromkeys(("bool", "'bool'", "np.bool_"), "bool"),
    **dict.fromkeys(("object", "'object'", "'O'"), "object"),
    **dict.fromkeys(("str", "'str'"), "str"),
    **{f"np.{t}": t for t in ("int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64")},
    "complex": "complex128",
}


def annotated(annotation: ast.expr | None, other: Callable[[ast.expr], bool] = lambda node: False) -> Kind | None:
    """The kind that an annotation names; None for none, a union or an optional.

    `other` says whether a name is another thing than what pandas or NumPy call so: `polars.DataFrame`.
    """
    match annotation:
        case ast.Constant(value=str(text)):
            try:
                return annotated(ast.parse(text, mode="eval").body, other)
            except SyntaxError:
                return None
        case ast.Subscript(value=base):
            if isinstance(base, (ast.Name, ast.Attribute)) and ast.unparse(base).split(".")[-1] == "Optional":
                return None
            return annotated(base, other)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            kind = ANNOTATIONS.get(name)
            if kind is None or (kind in OF_LIBRARIES and other(annotation)):
                return None
            return Kind(kind, why="annotation", line=annotation.lineno)
    return None


def dtype_argument(node: ast.Call, position: int) -> tuple[bool, str | None]:
    """Whether a call names an element type, by keyword or at a position, and which if it is a known one."""
    for k in node.keywords:
        if k.arg == "dtype":
            return True, DTYPES.get(ast.unparse(k.value))
    if len(node.args) > position:
        return True, DTYPES.get(ast.unparse(node.args[position]))
    return False, None
