"""`python -m mutants`: mutate every right rewrite and see whether the verifier notices."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from .judge import TRIES, judge, right_ones
from .model import Mutant, Outcome, Tally
from .operators import OPERATORS, mutants
from .rewrites import rewrites

_FATES = ("refuted", "survived", "unjudged", "equivalent", "alike")


def chosen(only: str = "", each: int = 0, seed: int = 0, share: int = 1, workers: int = 1) -> Iterator[Mutant]:
    """The mutants of the right rewrites of a rule, or of an example; of every so-maniest example, so many each."""
    for right in right_ones(rewrites(share, seed, only), workers):
        yield from mutants(right, each, seed)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 when fewer than 98 % of the mutants that differ are refuted."""
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__)
    parser.add_argument("--jobs", type=int, default=1, help="child processes")
    parser.add_argument("--only", default="", help="a rule (DL303), or how the name of an example begins")
    parser.add_argument("--each", type=int, default=6, help="mutants of each rewrite; 0 for all")
    parser.add_argument("--share", type=int, default=1, help="take every so-maniest example")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tries", type=int, default=TRIES, help="inputs of the longer search")
    parser.add_argument("--operator", choices=sorted(OPERATORS), help="only the mutants of one operator")
    parser.add_argument("--alike", action="store_true", help="list the mutants for which no difference is found, too")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    made = chosen(options.only, options.each, options.seed, options.share, options.jobs)
    wanted = [m for m in made if options.operator in (None, m.operator)]
    tally, kept = Tally(), []
    for number, outcome in enumerate(judge(wanted, options.jobs, options.tries), 1):
        tally.add(outcome)
        if outcome.fate != "refuted":
            kept.append(outcome)
            print(line(outcome), file=sys.stderr, flush=True)
        survived = tally.fates.get("survived", 0)
        print(f"\r{number} of {len(wanted)} mutants, {survived} survived", end="", file=sys.stderr)
    print(file=sys.stderr)
    print(summary(tally))
    for outcome in kept:
        if options.alike or outcome.fate in ("survived", "unjudged"):
            print(line(outcome))
    print(f"{time.perf_counter() - started:.0f} s")
    return 0 if refuted_share(tally) >= 0.98 else 1


def refuted_share(tally: Tally) -> float:
    """Of the mutants that differ on some input, how many the verifier refutes."""
    refuted, differing = tally.fates.get("refuted", 0), sum(tally.fates.get(f, 0) for f in _FATES[:3])
    return refuted / differing if differing else 1.0


def line(outcome: Outcome) -> str:
    """One mutant as text."""
    m = outcome.mutant
    old, new = (" ".join(code.split())[:90] for code in (m.old, m.new))
    return f"{outcome.fate}: {m.key} {m.operator}: `{old}` -> `{new}`: {outcome.why}"


def summary(tally: Tally) -> str:
    """The counts as tables."""
    lines = [f"{sum(tally.fates.values())} mutants, {refuted_share(tally):.2%} of those that differ refuted"]
    for name, table in (("operator", tally.operators), ("rule", tally.rules)):
        lines.append("")
        lines.append(f"{name:20}" + "".join(f"{fate:>12}" for fate in _FATES))
        for key in sorted(table):
            lines.append(f"{key:20}" + "".join(f"{table[key].get(fate, 0):12}" for fate in _FATES))
    lines.append(f"{'all':20}" + "".join(f"{tally.fates.get(fate, 0):12}" for fate in _FATES))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
