"""DL611: one random number a round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from .array_store import ArrayStore
from .base import Example, Rewrite, Rule, Severity, Transform
from .draws.body import Drawn, draws_numbers, lift_draws
from .draws.lanes import DrawLanes
from .lanes.arithmetic import lists_to_arrays
from .lanes.arrays import Extension
from .scans.scans import scan_loop
from .shared.forgotten import forgotten

Answer = Sequence[Rewrite] | Refusal | None


class RandomDraws(Transform):
    """A loop that draws a random number on every round draws all of them in one call.

    NumPy's generators give the same numbers one by one and all at once, and end in the same state: what is drawn later
    does not change. Several draws of one kind are the columns of one table. What is computed from them, counted or
    added up becomes array code in the order of the loop.

    Draws of two kinds take turns with the generator, and a draw under a condition shifts all that follow: neither can
    be made one call.
    """

    rule = Rule("DL611", "random-draws", Severity.MEDIUM)
    needs_body = False
    examples = (
        Example(
            before="""
                import numpy as np


                def circle_share(n):
                    rng = np.random.default_rng(7)
                    inside = 0
                    for _ in range(n):
                        x = rng.random()
                        y = rng.random()
                        if x * x + y * y <= 1.0:
                            inside += 1
                    return inside
            """,
            after="""
                import numpy as np


                def circle_share(n):
                    rng = np.random.default_rng(7)
                    inside = 0
                    draws = rng.random((max(n, 0), 2))
                    x = draws[:, 0]
                    y = draws[:, 1]
                    inside += int(np.count_nonzero(x * x + y * y <= 1.0))
                    return inside
            """,
        ),
        Example(
            before="""
                import numpy as np


                def walk():
                    level = 0.0
                    path = []
                    for _ in range(1000):
                        level += np.random.normal(0, 0.5)
                        path.append(level)
                    return path
            """,
            after="""
                import numpy as np


                def walk():
                    level = 0.0
                    path = np.cumsum(np.concatenate(([level], np.random.normal(0, 0.5, size=1000))))[
                        1:
                    ].tolist()
                    return path
            """,
        ),
    )
    refused = (
        Example(
            before="""
                import numpy as np


                def demand(days):
                    rng = np.random.default_rng(1)
                    out = []
                    for _ in range(days):
                        price = rng.normal(10, 1)
                        sold = rng.poisson(5)
                        out.append(price * sold)
                    return out
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import numpy as np


                def demand(days):
                    rng = np.random.default_rng(1)
                    out = (rng.normal(10, 1, size=max(days, 0)) * rng.poisson(5, size=max(days, 0))).tolist()
                    return out
            """,
            note="two kinds of draws take turns",
        ),
        Example(
            before="""
                import numpy as np


                def noisy(x: np.ndarray):
                    rng = np.random.default_rng(1)
                    out = []
                    for v in x:
                        if v > 0:
                            out.append(v + rng.normal())
                        else:
                            out.append(v)
                    return np.array(out)
            """,
            reason=Reason.CARRIED_STATE,
            naive="""
                import numpy as np


                def noisy(x: np.ndarray):
                    rng = np.random.default_rng(1)
                    out = np.where(x > 0, x + rng.normal(size=len(x)), x)
                    return out
            """,
            note="whether a number is drawn depends on the row",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Answer:
        if not draws_numbers(site):
            return None
        lifted = lift_draws(site, loop.header)
        if isinstance(lifted, Refusal):
            return lifted
        if not lifted.draws or any(d.size is not None for d in lifted.draws):
            return None
        return with_draws(self.rule, site, lifted, lambda: DrawLanes(lifted))


def with_draws(rule: Rule, site: SiteContext, lifted: Drawn, lanes_of: Callable[[], DrawLanes]) -> Answer:
    """The array form of what a loop makes of its draws: scans, lists, or an array that is filled."""

    def stores(lanes: Extension) -> Answer:
        store = ArrayStore()
        store.extend = lanes
        return store.rewrite(site, lifted.loop)

    ways: tuple[Callable[[Extension], Answer], ...] = (
        lambda lanes: scan_loop(rule, site, lifted.loop, lanes),
        lambda lanes: lists_to_arrays(rule, site, lifted.loop, lanes),
        stores,
    )
    for way in ways:
        lanes = lanes_of()
        answer = way(lanes)
        if answer is None:
            continue
        if isinstance(answer, Refusal):
            return answer
        if not lanes.lanes:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, lifted.draws[0].call.lineno, "a number is drawn that nobody uses")
        return [told(rule, form, lanes, forgotten(site, lifted.loop)) for form in answer]
    return None


def told(rule: Rule, form: Rewrite, lanes: DrawLanes, more: list[Obligation]) -> Rewrite:
    """An exception half way would leave the generator in another state."""
    more = [Obligation("no-exceptions"), *more] if lanes.may_raise else more
    new = {o.name: o for o in more if all(o.name != known.name for known in form.obligations)}
    owed = (*form.obligations, *new.values())
    return replace(form, rule=rule, obligations=owed, summary="draws for all rounds in one call")
