"""Which methods and functions say what about the values they are used on."""

from __future__ import annotations

GENERATOR_METHODS = frozenset(
    [
        "normal",
        "uniform",
        "random",
        "integers",
        "choice",
        "standard_normal",
        "exponential",
        "poisson",
        "binomial",
        "permutation",
        "shuffle",
        "gauss",
        "randint",
        "betavariate",
        "lognormvariate",
        "gamma",
        "beta",
        "lognormal",
    ]
)

#: methods that only frames have
FRAME_ONLY = frozenset(
    [
        "iterrows",
        "itertuples",
        "merge",
        "assign",
        "set_index",
        "pivot_table",
        "pivot",
        "melt",
        "join_on",
        "select_dtypes",
        "insert",
        "drop_duplicates_by",
        "query",
        "eval",
        "corr",
        "stack",
    ]
)
#: methods that only pandas has, and that give the same thing back, as far as its columns matter
PANDAS_SAME = frozenset(
    [
        "reset_index",
        "sort_values",
        "sort_index",
        "dropna",
        "fillna",
        "ffill",
        "bfill",
        "head",
        "tail",
        "shift",
        "diff",
        "drop_duplicates",
        "reindex",
        "pct_change",
        "interpolate",
        "rolling",
        "expanding",
        "ewm",
        "resample",
        "add_prefix",
        "add_suffix",
        "rename_axis",
        "nlargest",
        "nsmallest",
        "to_frame",
    ]
)
#: methods of frames and series that give the same thing back, as far as its columns matter
SAME = PANDAS_SAME | frozenset(
    [
        "copy",
        "sample",
        "astype",
        "round",
        "clip",
        "abs",
        "drop",
        "cumsum",
        "cummax",
        "cummin",
        "cumprod",
        "replace",
        "rank",
        "infer_objects",
        "convert_dtypes",
        "transform",
        "where",
        "mask",
        "squeeze",
        "truncate",
        "sum_by",
        "loc_by",
        "between_time",
        "first",
        "last",
        "asfreq",
        "tz_localize",
        "tz_convert",
    ]
)
#: methods that lists and text don't have: proves pandas
PANDAS_ONLY = PANDAS_SAME | frozenset(
    [
        "iterrows",
        "itertuples",
        "groupby",
        "merge",
        "isin",
        "isna",
        "notna",
        "isnull",
        "notnull",
        "nunique",
        "value_counts",
        "to_dict",
        "assign",
        "set_index",
        "between",
        "map",
        "apply",
        "unique",
        "idxmax",
        "idxmin",
        "duplicated",
    ]
)
#: Reductions that speak for numbers.
AVERAGES = frozenset({"mean", "median", "std", "var", "sum", "prod"})
REDUCTIONS = frozenset(
    [
        "sum",
        "mean",
        "std",
        "var",
        "median",
        "min",
        "max",
        "prod",
        "count",
        "nunique",
        "quantile",
        "idxmax",
        "idxmin",
        "argmax",
        "argmin",
        "first",
        "last",
        "any",
        "all",
    ]
)
TO_SEQUENCE = frozenset(["tolist", "to_list", "to_numpy", "unique", "ravel", "flatten"])

#: NumPy functions that give the array of their first argument back, kind unchanged
ARRAY_OF = frozenset(
    [
        "asarray",
        "array",
        "asanyarray",
        "ascontiguousarray",
        "sort",
        "unique",
        "flip",
        "copy",
        "atleast_1d",
        "squeeze",
        "ravel",
    ]
)
#: pandas constructors of one argument
PANDAS_OF = frozenset(["Series", "Index", "DataFrame", "to_datetime", "to_numeric", "Categorical", "DatetimeIndex"])
MISSING_TESTS = frozenset(["isna", "isnull", "notna", "notnull"])

BUILTIN_NUMBER = frozenset(["abs", "round", "divmod", "pow"])

_ANNOTATIONS_BY_KIND = {
    "frame": "DataFrame",
    "series": "Series",
    "ndarray": "ndarray NDArray ArrayLike",
    "list": "list List Sequence Iterable Collection MutableSequence TextIO",
    "dict": "dict Dict Mapping MutableMapping defaultdict OrderedDict",
    "set": "set Set frozenset FrozenSet AbstractSet",
    "tuple": "tuple Tuple",
    "str": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "datetime": "datetime Timestamp",
    "date": "date",
    "timedelta": "timedelta Timedelta",
    "callable": "Callable",
    "iterator": "Iterator",
    "rng": "Generator RandomState Random",
}
#: the last part of an annotation -> kind
ANNOTATIONS = {name: kind for kind, names in _ANNOTATIONS_BY_KIND.items() for name in names.split()}
