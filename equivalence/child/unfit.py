"""Whether an input has the columns that are stored into, and they can hold what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .changes import error_tags
from .drafts import Draft, Table

UNFIT = "dtype:unfit"
#: What pandas says of labels that a list of them has, and the index has not.
ABSENT = ("not in index", "are in the [index]")


def unfit(request: Mapping[str, Any], drafts: Mapping[str, Draft], error: BaseException | None) -> set[str]:
    """What keeps the new code from storing whole columns: `error` is what it raised.

    The loop makes a column, or converts one, only when it stores into it.
    """
    missing = any(_lacks(drafts, *place) for place in request.get("stored", ()))
    absent = isinstance(error, KeyError) and any(words in str(error) for words in ABSENT)
    found = ({"columns:missing"} if missing else set()) | ({"keys:absent"} if absent else set())
    return found | (error_tags(error) & {UNFIT})


def _lacks(drafts: Mapping[str, Draft], frame: str, column: Any, by_variable: bool) -> bool:
    """Whether a frame has no column of this name, or of the name that this variable holds."""
    table = drafts.get(frame)
    if by_variable:
        column = getattr(drafts.get(column), "value", None)
    return isinstance(table, Table) and isinstance(column, str) and column not in table.columns
