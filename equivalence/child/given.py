"""Inputs of which holds what the user says of them, as in `--given "len(a) == len(b)"`: made to fit, or left out."""

from __future__ import annotations

import ast
import datetime
import math
import re
from collections.abc import Callable, Iterator
from itertools import chain, islice, product
from typing import Any

import numpy as np
import pandas as pd

from . import changes, fitting
from .battery import Battery, Case
from .changes import Drafts
from .drafts import copy_of, finish
from .namespace import clone

_KNOWN = {"np": np, "pd": pd, "math": math, "datetime": datetime}
#: Inputs that are tried for one condition, and in all: changes alone and in pairs.
_TRIES, _TOGETHER, _IN_ALL = 1500, 40, 6000

Change = Callable[[Drafts], bool]


class Given:
    """The conditions, taken apart at each `and`; `said` is the last exception of one that could not be computed."""

    def __init__(self, texts: list[str]) -> None:
        self._parts = [(text, compile(text, "--given", "eval")) for text in _conjuncts(texts)]
        self._words = frozenset(re.findall(r"\w+", " ".join(texts)))
        self._literals = _literals(texts)
        self._helpful: list[tuple[Change, ...]] = [()]
        self._left = _IN_ALL
        self.said = ""

    def broken(self, drafts: Drafts) -> str:
        """The first condition that does not hold; empty when all do."""
        try:
            arguments = {name: clone(finish(draft), {}) for name, draft in drafts.items()}
        except (ValueError, TypeError, OverflowError, KeyError) as e:  # what it holds does not go together
            self.said = f"{type(e).__name__}: {str(e)[:100]}"
            return self._parts[0][0] if self._parts else ""
        return next((text for text, code in self._parts if not self._true(code, arguments)), "")

    def _true(self, code: Any, arguments: dict[str, Any]) -> bool:
        try:
            value = eval(code, {**_KNOWN, **arguments})
            return bool(np.asarray(value).all()) if isinstance(value, (pd.Series, np.ndarray)) else bool(value)
        except Exception as e:
            self.said = f"{type(e).__name__}: {str(e)[:100]}"
            return False

    def fit(self, drafts: Drafts) -> Drafts | None:
        """The input, changed until the conditions hold; None where no change is known that makes them."""
        for steps in self._helpful:
            if (made := _changed(drafts, steps)) is not None and not self.broken(made):
                return made
        found: tuple[Change, ...] = ()
        while self._left > 0:
            made = _changed(drafts, found)
            part = self.broken(made) if made is not None else ""
            if made is None or not part:
                break
            step = self._step(made, part)
            if step is None:
                return None
            found = (*found, *step)
        if made is None or self.broken(made):
            return None
        self._helpful.append(found)
        return made

    def _step(self, drafts: Drafts, part: str) -> tuple[Change, ...] | None:
        """The changes after which one condition more holds, and those before it still do."""
        single = list(fitting.changes_for(drafts, self._words, self._literals))
        pairs = product(single[:_TOGETHER], repeat=2)
        order = [text for text, _ in self._parts]
        for steps in islice(chain(((change,) for change in single), pairs), _TRIES):
            self._left -= 1
            made = _changed(drafts, steps)
            if made is None:
                continue
            now = self.broken(made)
            if not now or order.index(now) > order.index(part):
                return steps
        return None


class Fitted(Battery):
    """A battery of nothing but inputs on which the conditions hold, each of them once."""

    def __init__(self, given: Given, *known: Any) -> None:
        super().__init__(*known)
        self._given = given
        self._seen: set[str] = set()
        self.left_out: list[Drafts] = []

    def base(self, n: int = -1, flavour: str = "float", pick: int | None = None, seed: int | None = None) -> Drafts:
        """A fresh typical input, made to fit if it can be."""
        drafts = super().base(n, flavour, pick, seed)
        return self._given.fit(drafts) or drafts

    def cases(self) -> Iterator[Case]:
        """Every case; those that have been before count anew."""
        self._seen.clear()
        self.left_out.clear()
        return super().cases()

    def make(self, case: Case) -> Drafts | None:
        """The input of a case; None as well where the conditions do not hold, or where it has been before."""
        drafts = super().make(case)
        if drafts is None:
            return None
        if self._given.broken(drafts):
            self.left_out.append(drafts)
            return None
        text = repr(drafts) if all(len(table) < 50 for table in changes.all_tables(drafts)) else ""
        if text and text in self._seen:
            return None
        self._seen.add(text)
        return drafts


def _changed(drafts: Drafts, steps: tuple[Change, ...]) -> Drafts | None:
    made = {name: copy_of(draft) for name, draft in drafts.items()}
    try:
        return made if all(step(made) for step in steps) else None
    except (ValueError, TypeError, OverflowError, IndexError, KeyError):
        return None


def _conjuncts(texts: list[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        body = ast.parse(text.strip(), mode="eval").body
        parts = body.values if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And) else [body]
        found += [ast.unparse(part) for part in parts]
    return found


def _literals(texts: list[str]) -> tuple[Any, ...]:
    nodes = [n for text in texts for n in ast.walk(ast.parse(text.strip(), mode="eval")) if isinstance(n, ast.Constant)]
    return tuple(dict.fromkeys(n.value for n in nodes if isinstance(n.value, (int, float, str)) or n.value is None))
