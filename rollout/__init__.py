"""Bring a rewritten function in gradually: for a share of the calls both versions run and their results are compared.

    from deloop.rollout import rollout

    @rollout(original=_original_total, share=0.5, tolerance=1e-4, on_difference=alert)
    def total(frame): ...

    print(total.report())

Only the standard library is imported; NumPy and pandas are used when values of theirs turn up. The folder stands alone:
it can be copied into a project that does not install deloop.
"""

from .comparing import compare
from .runs import Difference, Report, report, rollout

__all__ = ["Difference", "Report", "compare", "report", "rollout"]
