"""All modernisers, in the order in which they are asked."""

from __future__ import annotations

from .applymap import Applymap
from .as_matrix import AsMatrix
from .base import Moderniser
from .fillna_method import FillnaMethod
from .get_value import GetValue
from .iteritems import Iteritems
from .ix import Ix
from .numpy_builtins import NumpyBuiltins
from .numpy_renamed import NumpyRenamed
from .pandas_moved import PandasMoved
from .pandas_numpy import PandasNumpy
from .reader_arguments import ReaderArguments
from .sort import Sort
from .table_append import TableAppend
from .time_grouper import TimeGrouper
from .window_functions import WindowFunctions

MODERNISERS: tuple[type[Moderniser], ...] = (
    Iteritems,
    AsMatrix,
    GetValue,
    Ix,
    TableAppend,
    NumpyBuiltins,
    NumpyRenamed,
    WindowFunctions,
    Sort,
    TimeGrouper,
    Applymap,
    ReaderArguments,
    PandasNumpy,
    FillnaMethod,
    PandasMoved,
)
