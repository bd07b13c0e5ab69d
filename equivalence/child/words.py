"""Methods that tell text, dates and lists. Used on both sides of the pipe."""

from __future__ import annotations

TEXT_TO_TEXT = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "casefold",
        "swapcase",
        "zfill",
        "ljust",
        "rjust",
        "center",
        "replace",
        "removeprefix",
        "removesuffix",
        "expandtabs",
        "translate",
        "format",
        "join",
    ]
)
TEXT_TO_BOOL = frozenset(
    [
        "startswith",
        "endswith",
        "isdigit",
        "isalpha",
        "isalnum",
        "isnumeric",
        "isupper",
        "islower",
        "isspace",
        "istitle",
        "isdecimal",
        "isidentifier",
    ]
)
TEXT_TO_INT = frozenset(["find", "rfind"])
TEXT_TO_PARTS = frozenset(["split", "rsplit", "splitlines", "partition", "rpartition"])
TEXT = TEXT_TO_TEXT | TEXT_TO_BOOL | TEXT_TO_INT | TEXT_TO_PARTS | {"encode"}

DATE_TO_INT = frozenset(
    [
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "microsecond",
        "dayofweek",
        "dayofyear",
        "quarter",
        "days_in_month",
        "nanosecond",
        "week",
        "weekofyear",
    ]
)
DATE_METHODS = frozenset(
    [
        "weekday",
        "isoweekday",
        "date",
        "strftime",
        "isoformat",
        "normalize",
        "day_name",
        "month_name",
        "timestamp",
        "isocalendar",
        "to_pydatetime",
        "tz_localize",
        "tz_convert",
        "toordinal",
        "is_month_end",
        "is_month_start",
    ]
)
DATE = DATE_TO_INT | DATE_METHODS
DELTA = frozenset(["days", "seconds", "total_seconds", "microseconds"])

LIST_METHODS = frozenset(["append", "extend", "insert", "sort", "reverse"])
