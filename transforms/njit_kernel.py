"""DL114: a recurrence over floats, compiled with numba. Only where the user asks for it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Access, Loop, Read
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Tier, Transform
from .hoists.floats import Told
from .hoists.kernel_code import kernel_edits
from .hoists.kernels import Kernel, array_reads
from .hoists.positions import Pulled, counted, pulled_out
from .hoists.reads import Hoist

#: Cells that hold numbers of their own column's type.
CELLS = frozenset({Access.ILOC, Access.IAT, Access.LABEL, Access.VALUES, Access.INDEX})
SUMMARY = "becomes a function that numba compiles"


class NjitKernel(Transform):
    """A loop that carries floats from round to round has no array form, but numba compiles it: `--numba` offers that.

    The loop becomes a function of its own above the one it stands in, and is called with arrays of 64-bit floats.
    `+ - *`, comparisons, `min` and `max` give the bits that the loop gave: `fastmath` stays off. What numba computes
    otherwise (`x**2`, `hypot`, integers that grow, `math.sqrt(-1)`, `int(nan)`) is left alone. Where positions may lie
    outside of an array, numba is told to look.

    The first call compiles, which takes a second or so; the code needs numba installed.
    """

    rule = Rule("DL114", "njit-kernel", Severity.HIGH)
    needs_body = False
    examples = (
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def soil(weather: pd.DataFrame, capacity):
                    water = 0.0
                    out = np.zeros(len(weather))
                    for i in range(len(weather)):
                        water = min(max(water + weather["rain"].iloc[i] - weather["sun"].iloc[i], 0.0), capacity)
                        out[i] = water
                    return out
            """,
            after="""
                import numpy as np
                import pandas as pd
                from numba import njit


                @njit(error_model="numpy")
                def soil_kernel(rain, sun, out, water, capacity):
                    for i in range(len(rain)):
                        water = min(max(water + rain[i] - sun[i], 0.0), capacity)
                        out[i] = water


                def soil(weather: pd.DataFrame, capacity):
                    water = 0.0
                    out = np.zeros(len(weather))
                    soil_kernel(
                        weather["rain"].to_numpy("float64"),
                        weather["sun"].to_numpy("float64"),
                        out,
                        water,
                        capacity,
                    )
                    return out
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np
                import pandas as pd


                def energy(wind: pd.DataFrame):
                    out = np.zeros(len(wind))
                    level = 0.0
                    for i in range(len(wind)):
                        level = 0.5 * level + wind["speed"].iloc[i] ** 3
                        out[i] = level
                    return out
            """,
            reason=Reason.UNKNOWN_KIND,
            note="numba's `x**3` differs from Python's in the last bits",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if not self.numba:
            return None
        if (owner := site.file.scopes.owner("njit", site.scope)) is not None and not _is_njit(site):
            return Refusal(Reason.SHADOWED_NAME, site.loop.lineno, f"`njit` is another thing in {owner.name}")
        header = counted(site, loop.header)
        arrays = array_reads(site, header)
        pulled = pulled_out(site, loop, self.side_effects)
        cells = dict(pulled.reads) if isinstance(pulled, Pulled) else {}
        reads = {**arrays, **cells}
        if isinstance(pulled, Refusal) and not arrays:
            return None
        plain = all(r.access in CELLS for r in reads.values())
        if not reads or not plain or (isinstance(pulled, Pulled) and (pulled.rows or pulled.labels)):
            return None
        kernel = Kernel(site, header, reads)
        try:
            kernel.check()
            edits = kernel_edits(kernel)
        except Told:
            message = "numba may compute something else than Python here"
            return Refusal(Reason.UNKNOWN_KIND, kernel.line, message)
        hoist = Hoist(site, header)
        if isinstance(pulled, Pulled):
            pulled.owe(site, hoist)
        for obligation in _owed(kernel):
            hoist.owe(obligation)
        imports = ("from numba import njit",)
        return [
            Rewrite(self.rule, Tier.HOIST, edits, tuple(hoist.obligations), imports, summary=SUMMARY, needs=("numba",))
        ]


def _is_njit(site: SiteContext) -> bool:
    return site.dotted(ast.Name("njit", ast.Load())) == "numba.njit"


def _owed(kernel: Kernel) -> list[Obligation]:
    """Arrays become arrays of 64-bit floats: what they hold has to be numbers, and integers small ones."""
    sources: dict[str, Read] = {read.source.code: read for read in kernel.reads.values()}
    cells = tuple(code for code, read in sources.items() if read.access is not Access.INDEX)
    arrays = tuple(code for code, read in sources.items() if read.access is Access.INDEX)
    owed = [Obligation("numeric-columns", cells)] if cells else []
    owed += [Obligation("numeric-arrays", arrays)] if arrays else []
    owed += [Obligation("float64"), Obligation("small-integers")]
    return owed + ([Obligation("scalars", tuple(kernel.flow.scalars))] if kernel.flow.scalars else [])
