"""`deloop bench`: times beside those of the originals and of a baseline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .app import FOUND, WRONG, command, fail, job_of, note, notes
from .options import Format, OutputFormat, Paths, Python


@command
def bench(
    paths: Paths = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="Keep the times in the file.")] = False,
    compare_baseline: Annotated[
        bool, typer.Option("--compare-baseline", help="End with status 1 where one became slower than in the file.")
    ] = False,
    file: Annotated[Path, typer.Option(help="The baseline.", metavar="FILE")] = Path("deloop-bench.json"),
    threshold: Annotated[
        float, typer.Option(help="So many times slower is too slow.", min=1.0, metavar="FACTOR")
    ] = 1.5,
    plot: Annotated[Path | None, typer.Option(help="Also draw the times, as SVG.", metavar="FILE")] = None,
    python: Python = None,
    output_format: Format = OutputFormat.TEXT,
) -> int:
    """Time marked functions and the tests that `deloop scaffold` wrote, each beside its original.

    Exit status: 0 done, 1 something is slower than the baseline allows, 2 something was wrong.
    """
    from ..proposals import bench as benches
    from ..proposals.gather import python_files
    from ..reports import bench_plot, bench_text
    from ..reports.progress import progress
    from ..sources.files import write_atomic

    if baseline and compare_baseline:
        return fail("--baseline and --compare-baseline exclude one another")
    then = benches.read(file) if compare_baseline else None
    job = job_of(paths, {"python": python})
    files, problems = python_files(job)
    wanted = benches.benchmarked(files)
    if not wanted:
        notes(map(str, problems))
        note("Nothing to time: no scaffolds and no functions marked with `testing.benchmark` there (docs/bench.md).")
        return WRONG if problems else 0

    def timed(names: set[str] | None = None) -> benches.Benched:
        with progress() as tick:
            return benches.measure(job, [f for f in wanted if names is None or job.name_of(f) in names], tick)

    found = timed()
    assert found.now is not None
    found.problems[:0] = problems
    if then is not None:
        benches.against(found, then)
        benches.again(found, then, threshold, timed)
    if baseline:
        benches.save(found.now, file)
    if plot is not None:
        write_atomic(plot, bench_plot.plot(found.now).encode())
    if output_format is OutputFormat.JSON:
        sys.stdout.write(bench_text.document(found, threshold))
    else:
        bench_text.tell(found)
    notes(map(str, found.problems))
    notes(bench_text.notes(found, then.machine if then is not None else None, threshold))
    slower = then is not None and bool(found.regressions(threshold))
    return WRONG if found.problems else FOUND if slower else 0
