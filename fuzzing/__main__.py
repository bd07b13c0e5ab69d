"""`python -m fuzzing`: the long run."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from deloop.transforms.registry import TRANSFORMS

from .compiled import compile_too
from .judge import examine, prepare
from .model import Failure, Tally
from .programs import program
from .shrink import shrunk

_BLOCK = 100


def _start(numba: bool = False) -> None:
    """Sets up a process of its own: what is loaded now is never garbage, so that no collection need look at it."""
    if numba:
        compile_too()
    prepare()
    gc.collect()
    gc.freeze()


def fuzz(seed: int, numbers: range) -> Tally:
    """Examine some programs of a seed."""
    tally = Tally()
    for number in numbers:
        try:
            examine(program(seed, number), tally, str(seed))
        except Exception as problem:  # the judge itself could not cope
            tally.crashes.append((number, f"{type(problem).__name__}: {problem}"))
    return tally


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 when a rewrite was wrong or deloop failed on a program."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="how many programs")
    parser.add_argument("--start", type=int, default=0, help="the number of the first")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--failures", type=int, default=5, help="shrink and print so many at most, one for each rule")
    parser.add_argument("--numba", action="store_true", help="also ask for compiled loops, which takes longer")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    tally = Tally()
    end = options.start + options.count
    blocks = [range(k, min(k + _BLOCK, end)) for k in range(options.start, end, _BLOCK)]
    with ProcessPoolExecutor(options.jobs, initializer=_start, initargs=(options.numba,)) as pool:
        for done in pool.map(fuzz, [options.seed] * len(blocks), blocks):
            tally.add(done)
            for failure in done.failures:  # a run that is broken off has told so much
                print(f"\rwrong: {failure.rule} {failure.tier} in program {failure.program.number}", file=sys.stderr)
            speed = tally.programs / (time.perf_counter() - started)
            print(
                f"\r{tally.programs} programs, {tally.rewritten} rewritten, {len(tally.failures)} wrong, {speed:.0f}/s",
                end="",
                file=sys.stderr,
            )
    print(file=sys.stderr)
    print(summary(tally))
    if options.numba:
        compile_too()
    prepare()
    for failure in distinct(tally.failures)[: options.failures]:
        print("\n" + report(shrunk(failure)))
    return 1 if tally.failures or tally.crashes else 0


def distinct(failures: list[Failure]) -> list[Failure]:
    """The smallest program of each rule and its assumptions."""
    found: dict[tuple[object, ...], Failure] = {}
    for failure in sorted(failures, key=lambda f: len(f.program.text)):
        found.setdefault((failure.rule, failure.tier, failure.obligations, failure.error), failure)
    return list(found.values())


def summary(tally: Tally) -> str:
    """What was done, as text."""
    share = tally.rewritten / max(tally.programs, 1)
    lines = [
        f"{tally.programs} programs, {tally.sites} sites, {tally.rewritten} programs rewritten ({share:.0%})",
        f"{tally.runs} comparisons, {tally.raised} runs raised, {tally.excused} differences set aside",
        "forms: " + _table(tally.forms),
        "left alone: " + _table(tally.refused),
        f"wrong: {len(tally.failures)}; deloop failed on: {len(tally.crashes)}",
    ]
    met = {label.split(" ")[0] for label in tally.forms}
    lines.append("rules not met: " + ", ".join(t.rule.code for t in TRANSFORMS if t.rule.code not in met))
    lines += [f"  program {number}: {text}" for number, text in tally.crashes[:10]]
    wrong: dict[str, int] = {}
    for failure in tally.failures:
        tally.count(wrong, f"{failure.rule} {failure.tier} ({', '.join(failure.obligations) or 'safe'})")
    return "\n".join([*lines, *(f"  {number:4} {label}" for label, number in wrong.items())])


def _table(counts: dict[str, int]) -> str:
    return ", ".join(f"{label} {number}" for label, number in sorted(counts.items(), key=lambda c: -c[1]))


def report(failure: Failure) -> str:
    """A failure as something to paste."""
    what = ", ".join(failure.obligations) or "safe"
    return "\n".join(
        [
            f"# ---- {failure.rule} {failure.tier} ({what}); program {failure.program.number}, input {failure.seed}",
            f"# {failure.difference}",
            f"# the input is: {', '.join(failure.tags)}",
            failure.program.text,
            f"# called as: {failure.program.entry or 'module'}; with:",
            failure.inputs,
            "# becomes",
            failure.after,
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
