"""Changes to what NumPy and pandas are asked for: which element, which side, what counts as missing, which type."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from .nodes import Context, dotted, enclosed, name_of, parse

#: Options that say where or how, and what else they could say.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "keep": ("'first'", "'last'", "False"),
    "side": ("'left'", "'right'"),
    "inclusive": ("'both'", "'left'", "'right'", "'neither'"),
    "closed": ("'left'", "'right'", "'both'"),
    "label": ("'left'", "'right'"),
    "how": ("'left'", "'inner'", "'outer'"),
    "method": ("'nearest'", "'ffill'", "'bfill'", "'pad'", "'min'", "'first'", "'average'"),
    "kind": ("'stable'", "'quicksort'"),
    "ddof": ("0", "1"),
    "axis": ("0", "1"),
    "direction": ("'backward'", "'forward'", "'nearest'"),
}
#: What one of these functions does when it is not told.
_UNTOLD: dict[str, tuple[str, ...]] = {
    "searchsorted": ("side='right'",),
    "drop_duplicates": ("keep='last'",),
    "duplicated": ("keep='last'",),
    "std": ("ddof=0", "ddof=1"),
    "var": ("ddof=0", "ddof=1"),
    "between": ("inclusive='left'", "inclusive='right'"),
    "groupby": ("sort=False", "dropna=False"),
    "rank": ("method='min'",),
    "argsort": ("kind='stable'",),
    "rolling": ("min_periods=1", "center=True", "closed='left'"),
    "shift": ("fill_value=0",),
    "pct_change": ("fill_method=None",),
    "sort_values": ("kind='stable'",),
    "value_counts": ("dropna=False",),
    "unique": (),
}
_SKIPPING = ("sum", "mean", "max", "min", "cumsum", "cumprod", "cummax", "cummin", "idxmax", "idxmin", "std", "prod")
_RELATED = (
    ("min", "max"),
    ("minimum", "maximum"),
    ("fmin", "fmax"),
    ("maximum", "fmax"),
    ("minimum", "fmin"),
    ("cummin", "cummax"),
    ("argmin", "argmax"),
    ("idxmin", "idxmax"),
    ("first", "last"),
    ("any", "all"),
    ("floor", "ceil"),
    ("floor", "trunc"),
    ("ffill", "bfill"),
    ("startswith", "endswith"),
    ("lstrip", "rstrip"),
    ("strip", "lstrip"),
    ("strip", "rstrip"),
    ("upper", "lower"),
    ("cumsum", "cumprod"),
    ("cumsum", "cummax"),
    ("sum", "prod"),
    ("sum", "mean"),
    ("sum", "max"),
    ("mean", "median"),
    ("count", "size"),
    ("head", "tail"),
    ("std", "var"),
    ("add", "multiply"),
    ("add", "subtract"),
    ("removeprefix", "removesuffix"),
    ("union", "intersection"),
    ("isin", "isna"),
    ("count_nonzero", "sum"),
    ("where", "mask"),
    ("unique", "dropna"),
    ("nansum", "sum"),
    ("nanmax", "max"),
    ("nanmin", "min"),
    ("nanmean", "mean"),
    ("logical_and", "logical_or"),
    ("greater", "greater_equal"),
    ("less", "less_equal"),
    ("split", "rsplit"),
    ("find", "rfind"),
    ("log", "log2"),
    ("sqrt", "cbrt"),
    ("diff", "cumsum"),
    ("nonzero", "flatnonzero"),
)
#: Methods without which the code still runs.
_LOSABLE = frozenset(
    ("copy", "abs", "strip", "lower", "upper", "title", "round", "fillna", "astype", "reset_index", "sort_index",
     "sort_values", "drop_duplicates", "dropna", "to_numpy", "reindex", "ravel", "tolist", "item", "cumsum", "ffill",
     "bfill", "shift", "clip", "rename", "set_axis", "to_list", "squeeze", "cummax", "cummin", "where", "mask")
)  # fmt: skip
_LOSABLE_FUNCTIONS = frozenset(
    ("np.abs", "np.asarray", "np.array", "np.sqrt", "np.log", "np.exp", "np.floor", "np.ceil", "np.round", "np.rint",
     "np.cumsum", "np.sort", "np.unique", "np.trunc", "np.nan_to_num", "np.diff", "np.maximum.accumulate", "math.sqrt",
     "np.minimum.accumulate", "np.add.accumulate", "math.floor", "np.sign", "pd.Series", "np.fabs", "dict.fromkeys")
)  # fmt: skip
_NARROW = {"float": "'float32'", "int": "'int32'", "np.float64": "np.float32", "np.int64": "np.int32"}
_PLACES = {"loc": "iloc", "iloc": "loc", "at": "iat", "iat": "at"}


def where(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """The two values of `np.where` change places; the choices of `np.select` come in another order."""
    if not isinstance(node, cst.Call):
        return
    if dotted(node.func) == "np.where" and len(node.args) == 3:
        condition, one, other = node.args
        yield node.with_changes(
            args=[condition, one.with_changes(value=other.value), other.with_changes(value=one.value)]
        )
        yield enclosed(one.value)
        yield enclosed(other.value)
    if dotted(node.func) == "np.select":
        for k, one in enumerate(node.args[:2]):
            if isinstance(one.value, cst.List) and len(one.value.elements) > 1:
                yield node.with_changes(args=[*node.args[:k], _reversed(one), *node.args[k + 1 :]])


def _reversed(one: cst.Arg) -> cst.Arg:
    assert isinstance(one.value, cst.List)
    values = [element.value for element in one.value.elements]
    turned = [element.with_changes(value=v) for element, v in zip(one.value.elements, values[::-1], strict=True)]
    return one.with_changes(value=one.value.with_changes(elements=turned))


def order(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """What is put together comes in another order."""
    joined = ("pd.concat", "np.concatenate", "np.column_stack", "np.hstack", "np.vstack", "np.r_", "np.append")
    if isinstance(node, cst.Call) and dotted(node.func) in joined and node.args:
        first = node.args[0]
        if isinstance(first.value, cst.List | cst.Tuple) and len(first.value.elements) > 1:
            yield node.with_changes(args=[_turned(first, context), *node.args[1:]])
        else:
            code = context.code(first.value)
            yield node.with_changes(args=[first.with_changes(value=parse(f"list({code})[::-1]")), *node.args[1:]])


def _turned(one: cst.Arg, context: Context) -> cst.Arg:
    assert isinstance(one.value, cst.List | cst.Tuple)
    parts = [context.code(element.value) for element in one.value.elements]
    return one.with_changes(value=parse(f"[{', '.join(parts[::-1])}]"))


def option(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """Another side, end, axis or way; a truth value is turned."""
    if not isinstance(node, cst.Arg) or node.keyword is None:
        return
    code = context.code(node.value).replace('"', "'")
    for other in _OPTIONS.get(node.keyword.value, ()):
        if other != code:
            yield node.with_changes(value=parse(other))
    if code in ("True", "False"):
        yield node.with_changes(value=parse(str(code != "True")))


def untold(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """An option is given where the usual one was meant."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return
    given = {one.keyword.value for one in node.args if one.keyword is not None}
    for more in _UNTOLD.get(name_of(node), ()):
        name, _, value = more.partition("=")
        if name not in given:
            yield _with(node, name, value)


def _with(node: cst.Call, name: str, value: str) -> cst.Call:
    args = [one.with_changes(comma=cst.MaybeSentinel.DEFAULT) for one in node.args]
    return node.with_changes(args=[*args, parse(f"f({name}={value})").args[0]])  # type: ignore[attr-defined]


def missing(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """Zero counts as missing, what is missing is not skipped, NaN becomes zero or None."""
    if isinstance(node, cst.Attribute) and dotted(node) == "np.nan":
        yield parse("0.0")
        yield parse("None")
    if not isinstance(node, cst.Call):
        return
    name = name_of(node)
    receiver = isinstance(node.func, cst.Attribute) and node.func.value
    module = bool(receiver) and dotted(receiver) in ("np", "pd", "math")
    if name in ("isna", "isnull", "isnan", "notna", "notnull"):
        tested = node.args[0].value if module and node.args else receiver
        if isinstance(tested, cst.BaseExpression):
            code, turned = context.code(tested), name.startswith("not")
            yield parse(f"(({code}) {'!=' if turned else '=='} 0)")
            yield parse(f"({context.code(node)} {'&' if turned else '|'} (({code}) {'!=' if turned else '=='} 0))")
    elif name in _SKIPPING and receiver and not module and not node.args:
        yield _with(node, "skipna", "False")


def narrower(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """A type with fewer bits, integers for floats and floats for integers."""
    if isinstance(node, cst.Arg) and (node.keyword is None or node.keyword.value == "dtype"):
        code = context.code(node.value).replace('"', "").replace("'", "")
        if code in _NARROW and (node.keyword is not None or name_of(context.parents[node]) == "astype"):
            yield node.with_changes(value=parse(_NARROW[code]))
            yield node.with_changes(value=cst.Name("int" if "float" in code else "float"))
        elif code in ("object", "bool", "str") and node.keyword is not None:
            yield node.with_changes(value=cst.Name("float"))


def elements(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """NumPy's numbers instead of Python's own, and the other way."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return
    code = context.code(node.func.value)
    if name_of(node) in ("tolist", "to_list"):
        yield parse(f"list({code})")
        yield parse(f"list(map(float, {code}))")
    elif name_of(node) in ("to_numpy",) or dotted(node.func) in ("np.array", "np.asarray", "np.fromiter"):
        yield parse(f"{context.code(node)}.tolist()")


def place(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """Labels for positions, and the other way; a series, which is aligned, for an array."""
    if not isinstance(node, cst.Attribute):
        return
    name = node.attr.value
    if name in _PLACES and isinstance(context.parents.get(node), cst.Subscript):
        yield node.with_changes(attr=cst.Name(_PLACES[name]))
    elif name in ("values", "array", "str", "T"):
        yield node.value
    elif name == "index":
        yield parse(f"range(len({context.code(node.value)}))")


def related(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """A function that does nearly the same."""
    if isinstance(node, cst.Attribute):
        for other in _others(node.attr.value):
            yield node.with_changes(attr=cst.Name(other))
    elif isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
        for other in _others(node.func.value):
            if other in ("min", "max", "any", "all", "sum"):
                yield node.with_changes(func=cst.Name(other))


def _others(name: str) -> Iterator[str]:
    for one, other in _RELATED:
        if name in (one, other):
            yield other if name == one else one


def call_lost(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """A method or function is not called."""
    if not isinstance(node, cst.Call):
        return
    if isinstance(node.func, cst.Attribute) and name_of(node) in _LOSABLE:
        yield enclosed(node.func.value)
    if dotted(node.func) in _LOSABLE_FUNCTIONS and node.args:
        yield enclosed(node.args[0].value)


def shifted(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    """What is stored into a column is one row too late, or what was shifted one way is shifted the other."""
    if isinstance(node, cst.Assign) and isinstance(node.targets[0].target, cst.Subscript):
        code = context.code(node.value)
        if isinstance(node.value, cst.Call | cst.BinaryOperation | cst.Subscript | cst.Name):
            yield node.with_changes(value=parse(f"np.roll({code}, 1)"))
    elif isinstance(node, cst.Call) and name_of(node) == "shift":
        turned = {"": "-1", "1": "-1", "-1": "1"}
        given = ", ".join(context.code(one.value) for one in node.args if one.keyword is None)
        if given in turned:
            kept = [one for one in node.args if one.keyword is not None]
            yield node.with_changes(args=[cst.Arg(parse(turned[given])), *kept])
            yield node.with_changes(args=[cst.Arg(parse("2")), *kept])
