"""DL612: a sample a round, reduced to a number."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .draws.body import Drawn, draws_numbers, lift_draws
from .draws.rows import DrawnRows
from .draws.samples import SampleLanes
from .matrix_rows import row_forms
from .random_draws import told, with_draws
from .shared.forgotten import forgotten


class Bootstrap(Transform):
    """A loop that draws a sample on every round and takes its mean draws many samples at once, one a row.

    `rng.choice(x, size=(rows, k))` draws what `rows` calls with `size=k` draw, and a mean, median or percentile along
    `axis=1` has the bits of one for each row. Samples are drawn some thousand rounds at a time, about a megabyte of
    them: the generator goes on where it was, and memory does not grow with the number of rounds. Where a round reduces
    its sample in two ways, all samples are held at once, which is an assumption.

    `replace=False`, `shuffle` and draws of two kinds give other numbers in one call.
    """

    rule = Rule("DL612", "bootstrap", Severity.MEDIUM)
    needs_body = False
    examples = (
        Example(
            before="""
                import numpy as np


                def spread(n):
                    rng = np.random.default_rng(3)
                    out = []
                    for _ in range(n):
                        out.append(rng.normal(0, 1, size=30).std())
                    return np.array(out)
            """,
            after="""
                import numpy as np


                def spread(n):
                    rng = np.random.default_rng(3)
                    chunks = (min(3333, n - first) for first in range(0, n, 3333))
                    out = np.concatenate(
                        [
                            np.empty(0),
                            *(rng.normal(0, 1, size=(rows, 30)).std(axis=1) for rows in chunks),
                        ]
                    )
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def hands(deck):
                    rng = np.random.default_rng(3)
                    out = []
                    for _ in range(1000):
                        out.append(rng.choice(deck, size=5, replace=False).sum())
                    return out
            """,
            reason=Reason.UNKNOWN_CALL,
            naive="""
                import numpy as np


                def hands(deck):
                    rng = np.random.default_rng(3)
                    out = list(rng.choice(deck, size=(1000, 5)).sum(axis=1))
                    return out
            """,
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if not draws_numbers(site):
            return None
        lifted = lift_draws(site, loop.header)
        if isinstance(lifted, Refusal):
            return lifted
        if all(d.size is None for d in lifted.draws):
            return None
        if (lanes := DrawnRows.among(site, lifted)) is not None:
            return self._rows(site, lifted, lanes)
        flat = with_draws(self.rule, site, lifted, lambda: SampleLanes(lifted))
        if not flat or isinstance(flat, Refusal) or not any(o.name == "numeric-pool" for o in flat[0].obligations):
            return flat
        safe = with_draws(self.rule, site, lifted, lambda: SampleLanes(lifted, flat=False))
        return [*flat, *(f for f in safe if f.safe)] if safe and not isinstance(safe, Refusal) else flat

    def _rows(self, site: SiteContext, lifted: Drawn, lanes: DrawnRows) -> Sequence[Rewrite] | Refusal:
        """Every round keeps what it makes of its sample: as many numbers are held at once as the result has."""
        answer = row_forms(self.rule, site, lifted.loop, lanes)
        if isinstance(answer, Refusal):
            return answer
        if not lanes.samples.lanes:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, lifted.draws[0].call.lineno, "a sample is drawn that nobody uses")
        return [told(self.rule, form, lanes.samples, forgotten(site, lifted.loop)) for form in answer]
