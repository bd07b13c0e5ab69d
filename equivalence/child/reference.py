"""What is known of a loop: its code, an input that it accepts, and what it did on every case of the battery.

The forms of one site are judged one after the other against the same loop, which then runs only once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .battery import Battery, Case
from .changes import Drafts
from .lasting import Change
from .namespace import Outcome, Version

_TELLING = ("before", "mode", "results", "global_data", "parameters", "seed")


@dataclass
class Run:
    """One case as drafts and as real objects, and what the loop did on it."""

    drafts: Drafts
    arguments: dict[str, Any]
    outcome: Outcome | None = None


@dataclass
class Reference:
    """The loop's side of a trial. `problem` says why it can't be judged at all."""

    key: str
    request: dict[str, Any]
    before: Version  # notes which way its conditions go
    parameters: list[dict[str, Any]]
    battery: Battery | None = None
    loop_seconds: float = 0.0
    problem: str = ""
    passing: list[Case] | None = None  # inputs of rows that pass its conditions, once they were looked for
    runs: dict[int, Run | None] = field(default_factory=dict)
    timed: dict[int, list[float]] = field(default_factory=dict)
    large: dict[int, dict[str, Any]] = field(default_factory=dict)
    making: dict[int, float] = field(default_factory=dict)  # seconds that a large input took to be made
    lasting: Change | None = None  # what is done to large inputs so that the loop does not end early
    _plain: Version | None = None

    def plain(self) -> Version:
        """The loop as it is written, for timing."""
        if self._plain is None:
            before = {**self.request["before"], "probed": "", "probed_chunks": []}
            self._plain = load({**self.request, "before": before})
            self._plain.calls.give_as(self.before.calls)
        return self._plain


def load(request: dict[str, Any]) -> Version:
    """The loop of a request."""
    return Version(request["before"], request["mode"], request["global_data"], request["results"])


def key_of(request: dict[str, Any]) -> str:
    """Two requests with the same key are about the same loop on the same inputs."""
    return json.dumps([request[part] for part in _TELLING])


def reference_for(request: dict[str, Any]) -> Reference:
    """A new one: the loop is loaded, nothing has run."""
    return Reference(key_of(request), request, load(request), json.loads(json.dumps(request["parameters"])))
