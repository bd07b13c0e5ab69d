"""What is no difference between two results, and what need not be judged at all, given what a new version assumes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .changes import Drafts
from .compare import Rules
from .drafts import slots
from .gathered import NOTHING


def rules_for(request: dict[str, Any], tags: Collection[str], scale: float) -> Rules:
    """What is no difference, given what the new version assumes; `scale` is the largest number of the input."""
    named = set(request["obligations"])
    loose = "element-types" in named or ("empty-type" in named and not {"n=0", NOTHING}.isdisjoint(tags))
    empty, unseen = "empty-type" in named or loose, tuple(request.get("unseen", ()))
    return Rules(loose, empty, request["tolerance"], scale, "pure-calls" in named, "signed-zero" in named, unseen)


def wants_data(request: dict[str, Any]) -> bool:
    """Whether the new version is for frames or arrays, which an object that can do everything is not."""
    if any(name.endswith(("-columns", "-rows", "-arrays", "-matrices")) for name in request["obligations"]):
        return True
    before, after = (_defined(request[side]) for side in ("before", "after"))
    return bool(after - before)  # a helper that the form brings along


def _defined(code: dict[str, Any]) -> set[str]:
    return {name for chunk in code["chunks"] if chunk["kind"] != "import" for name in chunk["names"]}


def scale_of(drafts: Drafts) -> float:
    """The largest ordinary number in an input."""
    largest = 0.0
    for draft in drafts.values():
        for slot in slots(draft):
            for v in getattr(slot, "values", [getattr(slot, "value", 0)]):
                if isinstance(v, (int, float)) and v == v and abs(v) < 1e15:
                    largest = max(largest, abs(v))
    return largest
