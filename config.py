"""The settings: `[tool.deloop]` of the nearest `pyproject.toml`, overridden by the command line."""

from __future__ import annotations

import keyword
import os
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .codemods.preserve import Preserve
from .codemods.switch import Flag
from .loops.obligations import REGISTRY
from .transforms.base import Rule


class ConfigError(Exception):
    """A setting that can't be used. The text names the file, the key and what is accepted."""


@dataclass(frozen=True)
class Settings:
    """What the user asked for, from the configuration and the command line.

    `assume` are names of obligations that hold in this project. `select` and `ignore` are codes, prefixes of codes or
    names of rules. `min_speedup` None means the built-in limits. `root` is the folder that `exclude` is relative to.
    """

    assume: frozenset[str] = frozenset()
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_speedup: float | None = None
    numba: bool = False
    python: str | None = None
    select: tuple[str, ...] = ()
    side_effects: bool = False
    unsafe: bool = False
    unverified: bool = False
    root: Path | None = None

    def wants(self, rule: Rule) -> bool:
        """Whether findings of this rule are asked for."""
        if self.select and not any(matches(word, rule) for word in self.select):
            return False
        return not any(matches(word, rule) for word in self.ignore)

    def override(self, **given: Any) -> Settings:
        """The same settings with the values that were given on the command line (None: not given)."""
        return replace(self, **{key: value for key, value in given.items() if value is not None})


def matches(word: str, rule: Rule) -> bool:
    """Whether a word of `select` or `ignore` means this rule: its name, its code, or the start of its code."""
    return word == rule.name or (word != "" and rule.code.startswith(word.upper()))


def load(paths: Sequence[Path], rules: Sequence[Rule]) -> Settings:
    """Read the settings of the nearest `pyproject.toml` above `paths` that has a `[tool.deloop]` table.

    Raises ConfigError when a file on the way up can't be read or a key or a value is wrong.
    """
    for folder in _upwards(paths):
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        table = _table(file)
        if table is not None:
            return parse(table, file, rules)
    return Settings()


def parse(table: dict[str, Any], file: Path, rules: Sequence[Rule]) -> Settings:
    """Check a `[tool.deloop]` table. Raises ConfigError at the first wrong key or value."""
    values: dict[str, Any] = {"root": file.parent}
    for key, value in table.items():
        if key not in _READERS:
            raise ConfigError(f"{file}: unknown key `{key}` in [tool.deloop]{_suggest(key, _READERS)}")
        try:
            values[key.replace("-", "_")] = _READERS[key](value)
        except _Invalid as problem:
            raise ConfigError(f"{file}: [tool.deloop] {key}: {problem}") from None
    for key in ("select", "ignore"):
        check_rules(values.get(key, ()), rules, f"{file}: [tool.deloop] {key}")
    if values.get("python"):
        values["python"] = _interpreter(values["python"], file.parent)
    return Settings(**values)


def check_rules(words: Sequence[str], rules: Sequence[Rule], where: str) -> None:
    """Raise ConfigError for a word that means no rule at all. `where` is the start of the message."""
    for word in words:
        if not any(matches(word, rule) for rule in rules):
            known = [rule.code for rule in rules] + [rule.name for rule in rules]
            raise ConfigError(f"{where}: no rule is called `{word}`{_suggest(word, known)}")


def preserve_of(keep_original: bool, flag: str | None) -> Preserve | None:
    """What `--keep-original` and `--flag` ask for. Raises ConfigError for a flag that can't be a name."""
    if flag is None:
        return Preserve() if keep_original else None
    module, _, name = flag.rpartition(".")
    if not all(word.isidentifier() and not keyword.iskeyword(word) for word in flag.split(".")):
        raise ConfigError(f"--flag: `{flag}` is no name; USE_VECTORIZED or settings.USE_VECTORIZED is expected")
    return Preserve(Flag(name, module))


class _Invalid(Exception):
    """What is wrong with a value."""


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _Invalid("a list of strings is expected")
    return tuple(value)


def _obligations(value: Any) -> frozenset[str]:
    names = _strings(value)
    for name in names:
        if name not in REGISTRY:
            raise _Invalid(
                f"no obligation is called `{name}`{_suggest(name, REGISTRY) or '; one of ' + ', '.join(REGISTRY)}"
            )
    return frozenset(names)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Invalid("true or false is expected")
    return value


def _speedup(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise _Invalid("a number such as 1.5 is expected")
    return float(value)


def _string(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _Invalid("a string is expected")
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "assume": _obligations,
    "exclude": _strings,
    "ignore": _strings,
    "min-speedup": _speedup,
    "numba": _boolean,
    "python": _string,
    "select": _strings,
    "side-effects": _boolean,
    "unsafe": _boolean,
    "unverified": _boolean,
}


def _suggest(word: str, known: Any) -> str:
    close = get_close_matches(word, list(known), n=1)
    if close:
        return f"; did you mean `{close[0]}`?"
    return f"; one of {', '.join(known)}" if known is _READERS else ""


def _interpreter(name: str, folder: Path) -> str:
    """A path is relative to the configuration; a bare name is looked up by the system."""
    return str(folder / name) if os.sep in name or "/" in name else name


def _upwards(paths: Sequence[Path]) -> list[Path]:
    starts = [os.path.abspath(path) for path in paths] or [os.getcwd()]
    try:
        common = Path(os.path.commonpath(starts))
    except ValueError:
        common = Path.cwd()
    return [common, *common.parents] if common.is_dir() else list(common.parents)


def _table(file: Path) -> dict[str, Any] | None:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigError(f"{file}: can't be read: {problem}") from None
    tools = document.get("tool")
    table = tools.get("deloop") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{file}: `tool.deloop` is not a table")
    return table
