"""The idioms, in the order in which they are asked; better tiers first."""

from __future__ import annotations

from .base import Transform
from .list_comprehension import ListComprehension

TRANSFORMS: tuple[type[Transform], ...] = (ListComprehension,)
