"""The prefilter may let a file through for nothing, but never drops one with a loop."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest

from deloop.sources.prefilter import may_have_sites


@pytest.mark.parametrize(
    "data",
    [
        b"for x in y: pass",
        b"\xef\xbb\xbffor x in y: pass",
        b"if 1:\n\twhile(x): pass",
        b"if 1:\r\n  for(a)in b: pass",
        b"x = 1\rfor x in y: pass",
        b"\x0c\x0cfor x in y: pass",
        b"if 1:\n\\\n    for x in y: pass",
        b"async  def f():\n  async\tfor x in y: pass",
        b"async  def f():\n  async \\\n  for x in y: pass",
    ],
)
def test_loops_in_odd_places_are_seen(data):
    assert may_have_sites(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"x = [a for a in b]", b"# for all\nx = 1", b"format(x)\nfor_all = 1\nwhiles = 2", b"maps.get(x)\napply(f)"],
)
def test_files_without_a_loop_are_spared(data):
    assert not may_have_sites(data)


def test_no_file_of_the_standard_library_with_a_loop_is_dropped():
    dropped = spared = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[::3]:
        data = path.read_bytes()
        loops = any(isinstance(node, ast.For | ast.While | ast.AsyncFor) for node in ast.walk(ast.parse(data)))
        spared += not may_have_sites(data)
        dropped += loops and not may_have_sites(data)
    assert dropped == 0
    assert spared > 5


@pytest.mark.parametrize(
    "data",
    [
        b"y = s.apply(f)",
        b"y = s.map (f)",
        b"y = s.apply(\n    lambda v: v)",
        b"y = [s.iloc[i] for i in range(len(s))]",
        b"y = [df.iloc[i]['a'] for i in range(df.shape[0])]",
        b"y = [df.iloc[i]['a'] for i in range(1, n)]",
        b"y = [r['a'] for _, r in df.iterrows()]",
    ],
)
def test_expressions_that_are_loops_are_seen(data):
    assert may_have_sites(data)
