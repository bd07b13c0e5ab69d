"""Inputs and outcomes as text: inputs as code that can be pasted."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd

from .drafts import TEXT_DTYPE, ClassReference, Instance
from .namespace import Outcome
from .stubs import Duck, PureFunction

_LIMIT = 1500


def inputs(arguments: dict[str, Any]) -> str:
    """One assignment for each parameter."""
    return "\n".join(f"{_name(k)} = {code(v)}" for k, v in arguments.items())


def _name(label: str) -> str:
    return label if label.isidentifier() else re.sub(r"\W", "_", label)


def code(value: Any) -> str:
    """An expression that makes the value."""
    if isinstance(value, pd.DataFrame):
        return _frame(value)
    if isinstance(value, pd.Series):
        return f"pd.Series({_values(value)}{_index(value.index)}{_dtype(value)}{_series_name(value)})"
    if isinstance(value, np.ndarray):
        dtype = (
            f", dtype={str(value.dtype)!r}"
            if value.dtype not in (np.dtype("float64"), np.dtype("int64")) or not value.size
            else ""
        )
        return f"np.array({code(value.tolist())}{dtype})"
    if isinstance(value, (pd.Timestamp, dt.datetime)):
        return (
            f"pd.Timestamp({str(value)!r})"
            if isinstance(value, pd.Timestamp)
            else f"pd.Timestamp({str(value)!r}).to_pydatetime()"
        )
    if isinstance(value, np.generic):
        return f"np.{type(value).__name__}({code(value.item())})"
    if isinstance(value, float):
        return "np.nan" if value != value else repr(value).replace("inf", "np.inf")
    if isinstance(value, list):
        return "[" + ", ".join(code(v) for v in value) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(code(v) for v in value) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{code(k)}: {code(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Instance):
        return (
            f"{value.cls or 'types.SimpleNamespace'}("
            + ", ".join(f"{k}={code(v)}" for k, v in value.attributes.items())
            + ")"
        )
    if isinstance(value, ClassReference):
        return value.cls
    if isinstance(value, Duck):
        return f"unittest.mock.MagicMock(name={repr(value)!r})"
    if isinstance(value, PureFunction):
        return f"lambda *values: hash(values) % 500  # any function of its arguments; called {value.name!r} here"
    if isinstance(value, np.random.Generator):
        return "np.random.default_rng(7)"
    if hasattr(value, "__next__"):
        return f"iter({code(list(value))})"
    return repr(value)


def _values(series: pd.Series) -> str:
    values = series.tolist()
    if str(series.dtype).startswith("datetime64"):
        texts = ", ".join("None" if v is pd.NaT else repr(str(v.tz_localize(None))) for v in values)
        zone = getattr(series.dtype, "tz", None)
        return f"pd.to_datetime([{texts}])" + (f".tz_localize({str(zone)!r}, ambiguous='NaT')" if zone else "")
    return "[" + ", ".join("None" if v is pd.NA else code(v) for v in values) + "]"


def _dtype(series: pd.Series) -> str:
    dtype = series.dtype
    natural = (str(dtype) in ("float64", "int64", "bool") and len(series)) or str(dtype).startswith("datetime64")
    if natural or (dtype == TEXT_DTYPE and len(series)):
        return ""
    return f", dtype={str(dtype)!r}"


def _series_name(series: pd.Series) -> str:
    return f", name={series.name!r}" if series.name is not None else ""


def _index(index: pd.Index) -> str:
    if isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1 and index.name is None:
        return ""
    if index.dtype.kind == "M":
        return f", index={_values(index.to_series())}"
    name = f"pd.Index({code(index.tolist())}, name={index.name!r})" if index.name is not None else code(index.tolist())
    return f", index={name}"


def _frame(frame: pd.DataFrame) -> str:
    if not frame.columns.is_unique:
        rows = [code(list(r)) for r in frame.itertuples(index=False, name=None)]
        return f"pd.DataFrame([{', '.join(rows)}], columns={list(frame.columns)!r}{_index(frame.index)})"
    columns = []
    for name in frame.columns:
        series = frame[name]
        dtype = _dtype(series)
        values = _values(series)
        columns.append(f"{name!r}: {values if not dtype else f'pd.array({values}{dtype})' if dtype else values}")
    return f"pd.DataFrame({{{', '.join(columns)}}}{_index(frame.index)})"


def outcome(run: Outcome, names: list[str] | None = None) -> str:
    """What a run left behind, cut to a readable length."""
    if run.status == "raised":
        return _cut(f"raises {type(run.error).__name__}: {run.error}")
    if run.status != "returned":
        return {"timeout": "does not return in time", "stopped": "does not reach the region"}.get(
            run.status, run.status
        )
    if run.tag == "return":
        text = f"returns {_plain(run.value)}"
    else:
        text = "\n".join(f"{k} = {_plain(v)}" for k, v in run.value.items()) or "returns"
    changed = "\n".join(f"{k} = {_plain(v)}  # afterwards" for k, v in run.arguments.items() if names and k in names)
    text = "\n".join(t for t in (text, changed) if t)
    return _cut(text + (f"\nprints {run.output!r}" if run.output else ""))


def _plain(value: Any) -> str:
    try:
        text = code(value) if isinstance(value, (pd.DataFrame, pd.Series, np.ndarray)) else repr(value)
    except Exception:
        text = f"<{type(value).__name__}>"
    return text.replace("__deloop_user__.", "")


def _cut(text: str) -> str:
    return text if len(text) <= _LIMIT else text[: _LIMIT - 3] + "..."
