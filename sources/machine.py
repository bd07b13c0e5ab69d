"""What the machine is and what it lends us."""

from __future__ import annotations

import functools
import os
import platform
import re
from pathlib import Path


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@functools.cache
def processor() -> str:
    """What the processor calls itself: `AMD EPYC 7B13`; the architecture where it has no name."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    name = found[1] if found else platform.processor() or platform.machine() or "an unknown processor"
    return " ".join(name.split())
