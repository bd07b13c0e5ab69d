"""Keys that several values of an input share: what is looked up, and where."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from .drafts import Spec

_START = dt.datetime(2024, 1, 1)


class Pools:
    """The pools of one input, by number."""

    def __init__(self, parameters: list[dict[str, Any]], n: int) -> None:
        self.size = max(6, math.isqrt(n)) if n >= 1000 else 6  # what is timed has more than a handful of keys
        self.keys: dict[int, list[Any]] = {}
        self.kinds: dict[int, str] = {}
        self.near: dict[int, bool] = {}
        members: dict[int, list[tuple[Spec, bool]]] = {}
        for parameter in parameters:
            _collect(parameter["spec"], members, False)
        for pool, specs in members.items():
            self._decide(pool, specs)

    def holds(self, spec: Spec) -> bool:
        """Whether the value comes from a pool of keys."""
        pool = spec.get("pool")
        return pool in self.keys and (
            spec["t"] in ("any", "str", "int", "datetime", "date") or (spec["t"] == "num" and self.kinds[pool] == "int")
        )

    def _decide(self, pool: int, specs: list[tuple[Spec, bool]]) -> None:
        kinds = {s["t"] for s, _ in specs}
        literals = list(
            dict.fromkeys(
                v for s, _ in specs for v in s.get("lits", []) if isinstance(v, (str, int)) and not isinstance(v, bool)
            )
        )
        keyed = any(is_key for _, is_key in specs)
        if "datetime" in kinds or "date" in kinds:
            self.kinds[pool] = "datetime"
            self.near[pool] = any("near" in s.get("flags", []) or s.get("near") for s, _ in specs) or True
            self.keys[pool] = [_START + dt.timedelta(hours=k) for k in range(12)]
        elif "str" in kinds or any(isinstance(v, str) for v in literals) or (kinds <= {"any"}):
            self.kinds[pool] = "str"
            texts = [v for v in literals if isinstance(v, str)]
            self.keys[pool] = sorted({*texts, *(f"k{k}" for k in range(max(2, self.size - len(texts))))})
        elif "int" in kinds or keyed:
            self.kinds[pool] = "int"
            numbers = (3 + 2 * k for k in range(self.size - 1))
            self.keys[pool] = sorted({*(v for v in literals if isinstance(v, int)), *numbers})


def _collect(spec: Spec, members: dict[int, list[tuple[Spec, bool]]], is_key: bool) -> None:
    if not isinstance(spec, dict):
        return
    if spec.get("pool") is not None:
        members.setdefault(spec["pool"], []).append((spec, is_key))
    for name in ("elem", "key", "index"):
        if spec.get(name):
            _collect(spec[name], members, name != "elem")
    for name in ("cols", "items", "attrs"):
        inner = spec.get(name) or {}
        for part in inner.values() if isinstance(inner, dict) else inner:
            _collect(part, members, False)
