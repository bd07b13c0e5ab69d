"""The idioms, in the order in which they are asked; better tiers first."""

from __future__ import annotations

from .base import Transform
from .list_comprehension import ListComprehension
from .position_hoist import PositionHoist
from .row_hoist import RowHoist

TRANSFORMS: tuple[type[Transform], ...] = (ListComprehension, RowHoist, PositionHoist)
