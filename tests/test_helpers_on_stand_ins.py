"""A helper that a form brings along is for frames: on an object that can do everything, it shows no difference."""

from __future__ import annotations

from equivalence_help import HEAD, judge

from deloop.equivalence.model import Trial, Verdict

LOOP = """import geopandas as gpd


def rows(frame: gpd.GeoDataFrame):
    frame = frame.to_crs("EPSG:4326")
    out = []
    for index, row in frame.iterrows():
        out.extend([row["id"], x] for x in row["shape"].coords)
    return out
"""
HELPER = """import geopandas as gpd


def _columns_as_read(frame):
    return dict(zip(frame.columns, zip(*frame.values)))


"""
NEW = """def rows(frame: gpd.GeoDataFrame):
    frame = frame.to_crs("EPSG:4326")
    columns = _columns_as_read(frame)
    out = []
    for id_, shape in zip(columns.get("id", ()), columns.get("shape", ())):
        out.extend([id_, x] for x in shape.coords)
    return out
"""


def test_a_helper_is_not_tried_on_a_stand_in() -> None:
    before, after = HEAD + LOOP, HEAD + HELPER + NEW
    first, new = HEAD.count("\n") + 6, (HEAD + HELPER).count("\n") + 3
    found = judge(Trial("x", before, after, (first, first + 2), (new, new + 3)))["x"]
    assert found.verdict is not Verdict.REFUTED, found
