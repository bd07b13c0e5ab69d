"""Rows that are drawn: a sample of every round as a row of a table, and what rounds make of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ...loops.context import SiteContext
from ...loops.ir import Append, Expr, StoreItem, strip
from ..lanes.arrays import ArrayCode
from ..lanes.lanes import Lane
from ..matrices.ir import augmented, matrices, reduced, values_of
from ..matrices.lanes import RowLanes
from .body import Drawn, drawn
from .samples import SampleLanes


@dataclass
class DrawnRows(RowLanes):
    """Rows of matrices, and samples."""

    samples: SampleLanes = field(default_factory=lambda: SampleLanes(Drawn.__new__(Drawn)))

    @classmethod
    def among(cls, site: SiteContext, lifted: Drawn) -> DrawnRows | None:
        """The lanes of a loop that stores or appends what it makes of its samples, more than a number of each."""
        loop = lifted.loop
        if not loop.effects or not all(isinstance(e, (Append, StoreItem)) for e in loop.effects):
            return None
        counted = Counter(x for x in values_of(loop) if reduced(x) is not None)
        sources, in_place = matrices(site, loop), augmented(site)
        lanes = cls(site, loop, sources, counted=counted, in_place=in_place, samples=SampleLanes(lifted))
        return lanes if any(lanes.is_table(e.value) for e in loop.effects) else None

    def is_table(self, e: Expr) -> bool:
        return drawn(e) is not None or super().is_table(e)

    def table(self, code: ArrayCode, e: Expr) -> Lane:
        k = drawn(strip(e))
        if k is None:
            return super().table(code, e)
        if k not in self.samples.lanes:
            self.samples.rows(code, k)
        lane = self.samples.lanes[k]
        return lane if self.mask is None else self.picked(code, e, lane)
