"""What the retired forms did, stated in terms of today's pandas and NumPy, and put back in their places.

Written after the sources of the last release that had each of them: pandas 0.22 (windows, `get_value`, `as_matrix`,
`.ix`), 0.19 (`sort`, `order`), 1.5 (`append`, `iteritems`, arguments of readers), and NumPy 1.23.
"""

import builtins
import re

import numpy as np
import pandas as pd


class Ix:
    """Label first; a number is a position where the labels are no numbers."""

    def __init__(self, table):
        self.table = table

    def _keys(self, key):
        keys = key if isinstance(key, tuple) else (key,)
        return tuple(self._label(one, axis) for axis, one in enumerate(keys))

    def _label(self, key, axis):
        labels = self.table.index if axis == 0 else self.table.columns
        numbers = pd.api.types.is_integer_dtype(labels)
        if isinstance(key, slice) and not numbers:
            if any(isinstance(end, int) for end in (key.start, key.stop)):
                return list(labels[key])
        elif isinstance(key, (int, np.integer)) and not isinstance(key, bool) and not numbers and key not in labels:
            return labels[key]
        return key

    def __getitem__(self, key):
        keys = self._keys(key)
        return self.table.loc[keys if len(keys) > 1 else keys[0]]

    def __setitem__(self, key, value):
        keys = self._keys(key)
        self.table.loc[keys if len(keys) > 1 else keys[0]] = value


def append(self, other, ignore_index=False, verify_integrity=False, sort=False):
    """As in pandas 1.5."""
    if isinstance(other, (pd.Series, dict)):
        if isinstance(other, dict):
            if not ignore_index:
                raise TypeError("Can only append a dict if ignore_index=True")
            other = pd.Series(other)
        if other.name is None and not ignore_index:
            raise TypeError("Can only append a Series if ignore_index=True or if the Series has a name")
        other = other.to_frame().T.infer_objects().rename_axis(self.index.names)
    elif isinstance(other, list) and other and not isinstance(other[0], pd.DataFrame):
        other = pd.DataFrame(other)
    pieces = [self, *other] if isinstance(other, (list, tuple)) else [self, other]
    return pd.concat(pieces, ignore_index=ignore_index, verify_integrity=verify_integrity, sort=sort)


def append_series(self, to_append, ignore_index=False, verify_integrity=False):
    pieces = [self, *to_append] if isinstance(to_append, (list, tuple)) else [self, to_append]
    return pd.concat(pieces, ignore_index=ignore_index, verify_integrity=verify_integrity)


def get_value(self, index, col=None, takeable=False):
    column = self if isinstance(self, pd.Series) else self.iloc[:, col] if takeable else self[col]
    return column.iloc[index] if takeable else column.array[column.index.get_loc(index)]


def set_value(self, index, col, value=None, takeable=False):
    if takeable:
        self.iat[index, col] = value
    else:
        self.loc[index, col] = value
    return self


def as_matrix(self, columns=None):
    return (self if columns is None else self.reindex(columns=columns)).values


def sort(self, columns=None, axis=0, ascending=True, inplace=False, kind="quicksort", na_position="last"):
    if columns is None:
        return self.sort_index(axis=axis, ascending=ascending, inplace=inplace, kind=kind, na_position=na_position)
    return self.sort_values(columns, ascending=ascending, inplace=inplace, kind=kind, na_position=na_position)


def sort_series(self, axis=0, ascending=True, kind="quicksort", na_position="last", inplace=True):
    return self.sort_values(ascending=ascending, kind=kind, na_position=na_position, inplace=inplace)


def order(self, na_last=None, ascending=True, kind="quicksort", na_position="last", inplace=False):
    return self.sort_values(ascending=ascending, kind=kind, na_position=na_position, inplace=inplace)


def _own(method, values, more):
    """The first value that is the method's own, and those that are left."""
    takes = method in ("quantile", "apply")
    return values[: 1 if takes else 0], values[1 if takes else 0 :], {"raw": True} if method == "apply" else {}


def _window(method):
    def function(arg, window, *values, center=False, **more):
        own, rest, raw = _own(method, values, more)
        given = dict(zip(("min_periods", "freq", "center"), rest, strict=False), **more)
        if method == "count":
            given.setdefault("min_periods", 0)
        windows = arg.rolling(window, min_periods=given.pop("min_periods", None), center=center)
        return getattr(windows, method)(*own, **given, **raw)

    return function


def _expanding(method):
    def function(arg, *values, min_periods=1, **more):
        own, rest, raw = _own(method, values, more)
        return getattr(arg.expanding(*rest or (min_periods,)), method)(*own, **more, **raw)

    return function


def _weighted(method):
    def function(arg, com=None, bias=None, **given):
        own = {} if bias is None else {"bias": bias}
        return getattr(arg.ewm(com, **given), method)(**own)

    return function


def time_grouper(freq="Min", closed=None, label=None, **more):
    """With the frequency as pandas 2.2 has it."""
    names = {"M": "ME", "H": "h", "A": "YE", "T": "min"}
    number, name = re.fullmatch(r"(\d*)(\w+)", freq).groups()
    return pd.Grouper(freq=number + names.get(name, name), closed=closed, label=label, **more)


def _reader(function):
    def read(*args, error_bad_lines=True, warn_bad_lines=True, squeeze=False, **more):
        more["on_bad_lines"] = "error" if error_bad_lines else "warn" if warn_bad_lines else "skip"
        table = function(*args, **more)
        return table.iloc[:, 0] if squeeze and len(table.columns) == 1 else table

    return read


def _to_datetime(function):
    def convert(arg, *args, infer_datetime_format=False, box=True, coerce=False, **more):
        dates = function(arg, *args, **more, **({"errors": "coerce"} if coerce else {}))
        return dates.values if not box and isinstance(dates, pd.Index) else dates

    return convert


def _fillna(function):
    def fillna(self, value=None, method=None, **more):
        if method is None:
            return function(self, value, **more)
        return (self.ffill if method in ("ffill", "pad") else self.bfill)(**more)

    return fillna


def install():
    """Give the old forms back to pandas and NumPy."""
    for table in (pd.DataFrame, pd.Series):
        table.iteritems, table.get_value, table.as_matrix = table.items, get_value, as_matrix
        table.ix = property(Ix)
        table.fillna = _fillna(table.fillna)
    pd.DataFrame.append, pd.Series.append = append, append_series
    pd.DataFrame.set_value, pd.DataFrame.sort, pd.DataFrame.applymap = set_value, sort, pd.DataFrame.map
    pd.Series.sort, pd.Series.order = sort_series, order
    for name in ("sum", "mean", "median", "min", "max", "std", "var", "count", "quantile", "apply"):
        setattr(pd, f"rolling_{name}", _window(name))
        setattr(pd, f"expanding_{name}", _expanding(name))
    pd.ewma, pd.ewmstd, pd.ewmvar = _weighted("mean"), _weighted("std"), _weighted("var")
    pd.TimeGrouper, pd.np = time_grouper, np
    pd.read_csv, pd.read_table = _reader(pd.read_csv), _reader(pd.read_table)
    pd.to_datetime = _to_datetime(pd.to_datetime)
    for name in ("float", "int", "object", "complex", "str", "bool"):
        setattr(np, name, getattr(builtins, name))
    for old, new in {"NaN": "nan", "Inf": "inf", "product": "prod", "alltrue": "all", "float_": "float64"}.items():
        setattr(np, old, getattr(np, new))
    np.NINF = -np.inf
