"""What may be done to a frame or series without changing its row labels: tables of words."""

from __future__ import annotations

from .purity import SERIES_ATTRIBUTES

INDEXERS = frozenset({"loc", "at", "iloc", "iat"})
PROPERTIES = frozenset(
    {
        *("T", "array", "attrs", "axes", "cat", "columns", "dt", "dtype", "dtypes", "empty", "flags", "hasnans"),
        *("index", "is_monotonic_decreasing", "is_monotonic_increasing", "is_unique", "name", "nbytes", "ndim"),
        *("plot", "shape", "size", "sparse", "str", "struct", "style", "values"),
    }
)
FRAME_METHODS = frozenset(
    {
        *("assign", "applymap", "boxplot", "corrwith", "eval", "first", "from_dict", "insert", "isetitem", "iterrows"),
        *("itertuples", "join", "last", "lookup", "melt", "merge", "pivot", "pivot_table", "query", "select_dtypes"),
        *("set_index", "stack", "to_feather", "to_gbq", "to_html", "to_orc", "to_parquet", "to_records", "to_stata"),
        *("append", "cumcount", "droplevel", "iteritems", "mad", "swapaxes", "to_xml"),
    }
)
#: All methods that are known; those that may change the labels are looked at more closely.
METHODS = (SERIES_ATTRIBUTES | FRAME_METHODS) - PROPERTIES - INDEXERS
#: `inplace=True` changes values with these, and no labels.
VALUES_ONLY = frozenset({"bfill", "clip", "ffill", "fillna", "interpolate", "replace"})
#: These hand the object itself to the function that they are given.
HANDING_ON = frozenset({"agg", "aggregate", "pipe", "transform"})
#: Methods whose result has no other labels than their receiver, whatever they are given.
BOUND_TO_LABELS = frozenset(
    {
        *("abs", "apply", "astype", "bfill", "clip", "copy", "cumsum", "diff", "ffill", "fillna", "isin", "isna"),
        *("isnull", "map", "notna", "notnull", "pct_change", "rank", "replace", "rolling", "round", "shift"),
        *("applymap", "cummax", "cummin", "cumprod", "expanding", "ewm", "between", "duplicated"),
    }
)
#: Functions that look at what they are given and keep nothing of it.
LOOKING = frozenset(
    f"builtins.{f}" for f in ("len", "print", "range", "isinstance", "str", "repr", "list", "id", "type", "enumerate")
)
PANDAS = frozenset(
    f"pandas.{f}"
    for f in (
        *("concat", "crosstab", "cut", "get_dummies", "isna", "isnull", "melt", "merge", "merge_asof", "merge_ordered"),
        *("notna", "notnull", "pivot", "pivot_table", "qcut", "to_datetime", "to_numeric", "to_timedelta"),
    )
)
#: Libraries that compute or draw with tables and leave their labels alone.
LIBRARIES = frozenset({"matplotlib", "numpy", "plotly", "scipy", "seaborn", "sklearn", "statsmodels"})
#: Functions that reach names in other ways than by writing them.
DYNAMIC = frozenset({"eval", "exec", "globals", "locals", "vars"})
#: Kinds of values that have no labels of their own.
UNLABELLED = frozenset({"bool", "float", "int", "list", "ndarray", "str", "tuple", "index"})
#: Kinds of keys that pick rows which are there, or raise.
SEVERAL = frozenset({"frame", "index", "list", "ndarray", "series"})
