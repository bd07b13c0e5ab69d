"""The tests themselves, as they are written, and the element types that they ask for."""

from __future__ import annotations

ARRAY = "type(x) is np.ndarray and x.ndim == 1 and x.dtype == dtype"
MATRIX = "type(x) is np.ndarray and x.ndim == 2 and x.dtype == dtype"
NO_MINUS_ZERO = "not (np.signbit(x) & (x == 0)).any()"
COLUMN = "frame.dtypes.get(c) == dtype"
SERIES = "s.dtype == dtype"
A_DATE = "str(frame.dtypes.get(c)).startswith(kind)"
DATES = "str(s.dtype).startswith(kind)"
NO_ZERO = "(x != 0).all()"
#: A generator whose draws are those of NumPy.
GENERATOR = "type(x) in (np.random.Generator, np.random.RandomState)"
A_FRAME = "isinstance(x, pd.DataFrame)"
UNIQUE = "x.columns.is_unique"
A_SERIES = "isinstance(x, pd.Series)"
KEY = "type(k) in (str, float) or (type(k) is int and abs(k) < 2**53)"
NUMBER = "type(k) is float or (type(k) is int and abs(k) < 2**53)"
#: Of a frame that has rows but no columns, `apply` makes a frame; among nullable numbers a row makes NaN an NA.
APPLIED = ("x.size > 0", "x.iloc[0].dtype in ('float64', 'int64', 'object')")
FLOAT = ("float64",)
NUMBERS = ("float64", "int64")
PLAIN = (*NUMBERS, "bool", "object", "str")
