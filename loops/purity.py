"""Which calls are pure: a table for builtins, math, NumPy, pandas, str and datetime. Everything else is unknown."""

from __future__ import annotations

PURE_BUILTINS = frozenset(
    {
        *("abs", "bool", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "float", "format", "frozenset"),
        *("hash", "hex", "int", "isinstance", "issubclass", "len", "list", "max", "min", "oct", "ord", "pow"),
        *("range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "type", "zip"),
        *("any", "all", "getattr", "hasattr", "callable", "id", "ascii", "bin"),
    }
)
PURE_MODULES = (
    "math.",
    "cmath.",
    "statistics.",
    "operator.",
    "string.",
    "unicodedata.",
    "fractions.",
    "decimal.",
    "re.",
    "os.path.",
    "datetime.",
    "calendar.",
    "itertools.",
    "functools.partial",
    "collections.",
    "copy.",
    "json.dumps",
    "json.loads",
)
#: Functions of modules of which not all do nothing but compute.
PURE_FUNCTIONS = frozenset(
    {
        *("html.escape", "html.unescape", "hashlib.new", "uuid.UUID", "ast.literal_eval", "fnmatch.fnmatchcase"),
        *(f"urllib.parse.{n}" for n in ("quote", "quote_plus", "unquote", "unquote_plus", "urlparse", "urlsplit")),
        *(f"urllib.parse.{n}" for n in ("urljoin", "urlunparse", "urlunsplit", "urldefrag", "parse_qs", "parse_qsl")),
        *(f"urllib.parse.{n}" for n in ("urlencode", "quote_from_bytes", "unquote_to_bytes")),
        *(f"textwrap.{n}" for n in ("wrap", "fill", "shorten", "dedent", "indent")),
        *(f"struct.{n}" for n in ("pack", "unpack", "unpack_from", "calcsize")),
        *(f"hashlib.{n}" for n in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")),
        *(f"base64.{kind}{n}code" for kind in ("b16", "b32", "b64", "b85", "a85") for n in ("en", "de")),
        *(f"base64.{kind}_b64{n}code" for kind in ("standard", "urlsafe") for n in ("en", "de")),
        *("binascii.hexlify", "binascii.unhexlify", "binascii.crc32", "zlib.crc32", "zlib.adler32"),
        *(f"colorsys.{a}_to_{b}" for a in ("rgb", "yiq", "hls", "hsv") for b in ("rgb", "yiq", "hls", "hsv") if a != b),
        *(f"bisect.{n}" for n in ("bisect", "bisect_left", "bisect_right")),
        *("shlex.split", "shlex.quote", "shlex.join", "difflib.get_close_matches"),
    }
)
#: Functions of the modules above that change what they are given, settings of the module, or print.
NOT_PURE = frozenset(
    {
        *(f"operator.{n}" for n in ("setitem", "delitem", "call", "iadd", "iand", "iconcat", "ifloordiv", "ilshift")),
        *(f"operator.{n}" for n in ("imatmul", "imod", "imul", "ior", "ipow", "irshift", "isub", "itruediv", "ixor")),
        *("decimal.setcontext", "decimal.getcontext", "decimal.localcontext", "calendar.setfirstweekday"),
        *(f"calendar.{n}" for n in ("prmonth", "prcal", "prweek", "main", "different_locale")),
        *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today", "datetime.datetime.today"),
        *("re.purge", "copy.replace"),
    }
)
#: What functions call that is given to them, by position and by name (of one function, or of all of a module).
CALLED_BY_POSITION = {
    **dict.fromkeys(("re.sub", "re.subn", "itertools.accumulate", "itertools.groupby"), 1),
    **{f"itertools.{name}": 0 for name in ("takewhile", "dropwhile", "filterfalse", "starmap")},
    **{f"re.Pattern.{name}": 0 for name in ("sub", "subn")},
}
CALLED_BY_KEYWORD = {
    **{f"builtins.{name}": frozenset({"key"}) for name in ("min", "max", "sorted")},
    **{name: frozenset({"repl"}) for name in ("re.sub", "re.subn", "re.Pattern.sub", "re.Pattern.subn")},
    "json": frozenset(
        {"default", "cls", "object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant"}
    ),
    "bisect": frozenset({"key"}),
    "itertools": frozenset({"key", "func"}),
    "textwrap.indent": frozenset({"predicate"}),
    "urllib.parse.urlencode": frozenset({"quote_via"}),
}
#: Methods of compiled patterns: of nothing else, since anything may `match` and `search`.
PATTERN_METHODS = frozenset({"match", "fullmatch", "search", "findall", "finditer", "split", "sub", "subn"})
IMPURE_NUMPY = (
    "numpy.random.",
    "numpy.save",
    "numpy.load",
    "numpy.fromfile",
    "numpy.memmap",
    "numpy.put",
    "numpy.copyto",
    "numpy.place",
    "numpy.fill",
    "numpy.seterr",
    "numpy.ndarray.",
)
PURE_PANDAS = frozenset(
    {
        *("pandas.isna", "pandas.isnull", "pandas.notna", "pandas.notnull", "pandas.Timestamp", "pandas.Timedelta"),
        *("pandas.to_datetime", "pandas.to_numeric", "pandas.to_timedelta", "pandas.DataFrame", "pandas.Series"),
        *("pandas.Index", "pandas.date_range", "pandas.concat", "pandas.merge", "pandas.DateOffset"),
        "pandas.Period",
    }
)
#: Methods of str, bytes, numbers, datetimes and tuples that change nothing.
PURE_METHODS = frozenset(
    {
        *("upper", "lower", "title", "capitalize", "casefold", "swapcase", "strip", "lstrip", "rstrip", "split"),
        *("rsplit", "splitlines", "partition", "rpartition", "replace", "startswith", "endswith", "find", "rfind"),
        *("index", "rindex", "count", "join", "format", "zfill", "ljust", "rjust", "center", "isdigit", "isalpha"),
        *("isalnum", "isnumeric", "isspace", "isupper", "islower", "istitle", "isidentifier", "isdecimal", "encode"),
        *("decode", "expandtabs", "translate", "removeprefix", "removesuffix", "format_map", "weekday"),
        *("isoweekday", "date", "time", "timetuple", "timestamp", "strftime", "isoformat", "isocalendar"),
        *("total_seconds", "day_name", "month_name", "normalize", "floor", "ceil", "round", "tz_convert"),
        *("tz_localize", "to_pydatetime", "item", "is_integer", "conjugate", "bit_length", "astype", "tolist"),
        *("copy", "mean", "sum", "std", "var", "min", "max", "median", "any", "all", "abs", "dot", "cumsum"),
        *("cumprod", "clip", "keys", "values", "items", "get", "isna", "notna", "unique", "nunique", "head", "tail"),
        *("get_indexer", "get_loc", "searchsorted", "union", "intersection", "difference", "issubset", "issuperset"),
        *("isdisjoint", "most_common", "as_integer_ratio", "hex", "argmax", "argmin", "prod", "ravel", "reshape"),
        *("argsort", "argpartition", "nonzero", "group", "groups", "groupdict", "hexdigest", "digest", "geturl"),
        *("flatten", "squeeze", "to_numpy", "quantile", "idxmax", "idxmin", "isnull", "notnull", "isin", "between"),
        *("first_valid_index", "last_valid_index", "asof", "to_list", "nlargest", "nsmallest", "value_counts"),
    }
)
#: Methods that change their receiver.
MUTATING_METHODS = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "popitem", "clear", "sort", "reverse", "add", "discard"),
        *("update", "setdefault", "appendleft", "popleft", "extendleft", "rotate", "write", "writelines", "fill"),
        *("resize", "put", "itemset", "insert_row", "send", "throw", "close", "difference_update"),
        *("intersection_update", "symmetric_difference_update", "drop_duplicates_inplace"),
    }
)
#: Names whose calls are output: a loop dominated by them is refused with that reason.
OUTPUT_BUILTINS = frozenset({"print", "input", "open", "exec", "eval", "breakpoint", "display"})
OUTPUT_ROOTS = (
    "matplotlib",
    "logging",
    "plt",
    "ax",
    "axes",
    "fig",
    "sns",
    "logger",
    "log",
    "st",
    "tqdm",
    "requests",
    "os",
    "sys",
    "shutil",
    "subprocess",
    "plotly",
    "seaborn",
    "csv",
)
OUTPUT_METHODS = frozenset(
    {
        *("write", "writelines", "writerow", "info", "debug", "warning", "error", "critical", "exception", "plot"),
        *("scatter", "bar", "barh", "hist", "text", "annotate", "axhline", "axvline", "savefig", "show", "to_csv"),
        *("to_excel", "to_sql", "to_parquet", "to_json", "to_pickle", "execute", "commit", "save", "send", "post"),
        *("put", "add_trace", "imshow", "set_title", "set_xlabel", "set_ylabel", "legend", "flush"),
    }
)


def is_pure(path: str) -> bool:
    """Whether a resolved dotted path names a function that is known to be pure."""
    if path.startswith("builtins."):
        return path.removeprefix("builtins.") in PURE_BUILTINS
    if path.startswith("numpy."):
        return not path.startswith(IMPURE_NUMPY)
    if path.startswith("pandas."):
        return path in PURE_PANDAS
    return path in PURE_FUNCTIONS or (path.startswith(PURE_MODULES) and path not in NOT_PURE)


#: Attributes of a Series: `row.NAME` reads these and not a column.
SERIES_ATTRIBUTES = frozenset(
    {
        *("T", "abs", "add", "add_prefix", "add_suffix", "agg", "aggregate", "align", "all", "any", "apply"),
        *("argmax", "argmin", "argsort", "array", "asfreq", "asof", "astype", "at", "attrs", "autocorr", "axes"),
        *("between", "between_time", "bfill", "bool", "case_when", "cat", "clip", "combine", "combine_first"),
        *("compare", "convert_dtypes", "copy", "corr", "count", "cov", "cummax", "cummin", "cumprod", "cumsum"),
        *("describe", "diff", "div", "divide", "divmod", "dot", "drop", "drop_duplicates", "droplevel", "dropna"),
        *("dt", "dtype", "dtypes", "duplicated", "empty", "eq", "equals", "ewm", "expanding", "explode"),
        *("factorize", "ffill", "fillna", "filter", "first", "first_valid_index", "flags", "floordiv", "ge", "get"),
        *("groupby", "gt", "hasnans", "head", "hist", "iat", "idxmax", "idxmin", "iloc", "index", "infer_objects"),
        *("info", "interpolate", "is_monotonic_decreasing", "is_monotonic_increasing", "is_unique", "isin", "isna"),
        *("isnull", "item", "items", "keys", "kurt", "kurtosis", "last", "last_valid_index", "le", "list", "loc"),
        *("lt", "map", "mask", "max", "mean", "median", "memory_usage", "min", "mod", "mode", "mul", "multiply"),
        *("name", "nbytes", "ndim", "ne", "nlargest", "notna", "notnull", "nsmallest", "nunique", "pad"),
        *("pct_change", "pipe", "plot", "pop", "pow", "prod", "product", "quantile", "radd", "rank", "ravel"),
        *("rdiv", "rdivmod", "reindex", "reindex_like", "rename", "rename_axis", "reorder_levels", "repeat"),
        *("replace", "resample", "reset_index", "rfloordiv", "rmod", "rmul", "rolling", "round", "rpow", "rsub"),
        *("rtruediv", "sample", "searchsorted", "sem", "set_axis", "set_flags", "shape", "shift", "size", "skew"),
        *("sort_index", "sort_values", "sparse", "squeeze", "std", "str", "struct", "sub", "subtract", "sum"),
        *("swapaxes", "swaplevel", "tail", "take", "to_clipboard", "to_csv", "to_dict", "to_excel", "to_frame"),
        *("to_hdf", "to_json", "to_latex", "to_list", "to_markdown", "to_numpy", "to_period", "to_pickle", "to_sql"),
        *("to_string", "to_timestamp", "to_xarray", "tolist", "transform", "transpose", "truediv", "truncate"),
        *("tz_convert", "tz_localize", "unique", "unstack", "update", "value_counts", "values", "var", "view"),
        *("where", "xs"),
    }
)
#: Attributes of the named tuple of itertuples that are no columns.
TUPLE_ATTRIBUTES = frozenset({"count", "index", "_asdict", "_fields", "_make", "_replace", "_field_defaults"})
