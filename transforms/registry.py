"""The idioms, in the order in which they are asked; better tiers first."""

from __future__ import annotations

from .array_store import ArrayStore
from .base import Transform
from .column_store import ColumnStore
from .dict_comprehension import DictComprehension, SetComprehension
from .element_arithmetic import ElementArithmetic
from .list_comprehension import ListComprehension
from .nested_extend import NestedExtend
from .position_arithmetic import PositionArithmetic
from .position_hoist import PositionHoist
from .row_arithmetic import RowArithmetic
from .row_hoist import RowHoist
from .string_join import StringJoin

TRANSFORMS: tuple[type[Transform], ...] = (
    RowArithmetic,
    PositionArithmetic,
    ElementArithmetic,
    ArrayStore,
    ColumnStore,
    ListComprehension,
    DictComprehension,
    SetComprehension,
    StringJoin,
    NestedExtend,
    RowHoist,
    PositionHoist,
)
