"""Every rewrite that deloop makes of its own examples: those of the classes, the fixtures, and examples/."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from deloop.codemods.engine import Options, Project, scan
from deloop.codemods.place import PlacementError, place
from deloop.proposals.judge import trial_of
from deloop.sources.files import SourceFile, parse
from deloop.transforms.registry import TRANSFORMS

from .model import Right

ROOT = Path(__file__).resolve().parent.parent


def sources() -> Iterator[tuple[str, str]]:
    """A name and the text of every example."""
    for transform in TRANSFORMS:
        for number, example in enumerate(transform.examples, 1):
            yield f"{transform.rule.code}-{number}", textwrap.dedent(example.before).strip("\n") + "\n"
    for file in sorted((ROOT / "tests" / "fixtures").glob("DL*/*_before.py")):
        yield f"{file.parent.name}-{file.stem}", file.read_bytes().decode()
    for folder in ("examples", "benchmarks/cases"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield f"{folder}/{file.stem}", file.read_bytes().decode()


def rewrites(share: int = 1, first: int = 0, only: str = "") -> Iterator[Right]:
    """All forms of every so-maniest example, each once; `only` those of a rule, or of examples that are called so."""
    seen: set[tuple[str, str]] = set()
    of_a_rule = only in ("", *(transform.rule.code for transform in TRANSFORMS))
    for where, text in list(sources())[first % share :: share]:
        if not of_a_rule and not where.startswith(only):
            continue
        source = SourceFile.from_bytes(Path("example.py"), text.encode())
        tree = parse(source)
        for finding in scan(source, Project(), Options(numba=True), tree=tree):
            for form in finding.forms:
                if only not in ("", form.rule.code) and not where.startswith(only):
                    continue
                try:
                    placed = place(source.text, tree, form.edits, form.imports)
                except PlacementError:
                    continue
                if (source.text, placed.text) in seen:
                    continue
                seen.add((source.text, placed.text))
                trial = trial_of(f"{where}/{form.rule.code}/{len(seen)}", finding, form, placed, source.text)
                yield Right(where, form.rule.code, trial)
