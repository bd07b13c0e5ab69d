"""DL106: lists and arrays that one loop fills side by side."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Append, Loop, Pos, StoreItem
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .scans.scans import side_by_side


class SeveralResults(Transform):
    """A loop that fills lists and arrays side by side is one array expression for each of them.

    Each result takes the form it would have in a loop of its own: a list is made of an array, an array that is there is
    stored into, and only the rounds that a condition lets through are kept. What several of them need is computed once.
    """

    rule = Rule("DL106", "several-results", Severity.MEDIUM)
    examples = (
        Example(
            before="""
                import numpy as np


                def sales(price: np.ndarray, sold: np.ndarray):
                    revenue = np.zeros(len(price))
                    large = []
                    for i in range(len(price)):
                        revenue[i] = price[i] * sold[i]
                        if price[i] * sold[i] > 1000:
                            large.append(i)
                    return revenue, large
            """,
            after="""
                import numpy as np


                def sales(price: np.ndarray, sold: np.ndarray):
                    revenue = np.zeros(len(price))
                    product = price * sold[: len(price)]
                    revenue[:] = product
                    large = np.arange(len(price))[product > 1000].tolist()
                    return revenue, large
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def filled(x: np.ndarray, out: np.ndarray):
                    above = []
                    for i in range(len(x)):
                        out[i] = 2 * x[i]
                        above.append(x[i] > 1)
                    return above
            """,
            reason=Reason.ALIASED,
            note="`out` may be a view of `x`",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        lists = [e for e in loop.effects if isinstance(e, Append)]
        stores = [e for e in loop.effects if isinstance(e, StoreItem) and isinstance(e.index, Pos) and not e.augmented]
        if not lists or not stores or len(lists) + len(stores) != len(loop.effects):
            return None
        if len({e.target for e in loop.effects}) != len(loop.effects):
            return None
        if loop.carried or loop.live_out:
            return None  # the scans are asked as well
        return side_by_side(self.rule, site, loop)
