"""The settings: `[tool.deloop]` of the nearest `pyproject.toml`, overridden by the command line.

Each file goes by the nearest table above it; what holds for a whole run (`python`, `baseline`) is taken from the table
that is nearest to all its paths.
"""

from __future__ import annotations

import keyword
import os
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

import pathspec

from .codemods.preserve import Preserve
from .codemods.switch import Flag
from .loops.obligations import REGISTRY
from .transforms.base import Rule, Severity


class ConfigError(Exception):
    """A setting that can't be used. The text names the file, the key and what is accepted."""


@dataclass(frozen=True)
class Settings:
    """What the user asked for, from the configuration and the command line.

    `assume` are names of obligations that hold in this project. `select`, `extend_select` and `ignore` are codes,
    starts of codes or names of rules. `per_file_ignores` are patterns, each with what is ignored in files like that.
    `min_speedup` None means the built-in limits. `root` is the folder that patterns are relative to.
    """

    assume: frozenset[str] = frozenset()
    baseline: str | None = None
    exclude: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_speedup: float | None = None
    numba: bool = False
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    python: str | None = None
    select: tuple[str, ...] = ()
    severity: Severity = Severity.LOW
    side_effects: bool = False
    unsafe: bool = False
    unverified: bool = False
    root: Path | None = None

    def wants(self, rule: Rule) -> bool:
        """Whether findings of this rule are asked for. The most exact word decides; of two alike, `ignore` does."""
        chosen = _exactness((*self.select, *self.extend_select), rule)
        if not self.select:
            chosen = max(chosen, 0)
        return chosen > _exactness(self.ignore, rule)

    def within(self, path: Path) -> Settings:
        """The settings for one file: what is ignored in it is ignored."""
        more = tuple(word for glob, words in self.per_file_ignores if self._matches(glob, path) for word in words)
        return replace(self, ignore=(*self.ignore, *more), per_file_ignores=()) if more else self

    def excludes(self, path: Path) -> bool:
        """Whether `exclude` names a file or a folder that it is in."""
        inside = self._inside(path)
        return inside is not None and _spec(self.exclude).match_file(inside)

    def override(self, **given: Any) -> Settings:
        """The same settings with the values that were given on the command line (None: not given)."""
        return replace(self, **{key: value for key, value in given.items() if value is not None})

    def _matches(self, glob: str, path: Path) -> bool:
        inside = self._inside(path)
        # `!src/**`: the files that the rest does not match
        return inside is not None and _spec((glob.removeprefix("!"),)).match_file(inside) != glob.startswith("!")

    def _inside(self, path: Path) -> str | None:
        """The path relative to the folder of the configuration; None when it is not below it."""
        base = os.path.abspath(self.root) if self.root is not None else os.getcwd()
        if os.path.splitdrive(base)[0] != os.path.splitdrive(os.path.abspath(path))[0]:
            return None
        inside = os.path.relpath(os.path.abspath(path), base).replace(os.sep, "/")
        return None if inside.startswith("../") else inside


@dataclass
class Tree:
    """The settings of every file of a run. `top` are those for its paths as a whole, `given` those of the command line.

    A table holds for the files below it, whatever was said further up.
    """

    top: Settings
    rules: Sequence[Rule]
    given: dict[str, Any] = field(default_factory=dict)
    _known: dict[str, Settings] = field(default_factory=dict)

    def of(self, path: Path) -> Settings:
        """The settings of a file. Raises ConfigError."""
        return self._in(os.path.dirname(os.path.abspath(path))).within(path)

    def excludes(self, path: Path) -> bool:
        """Whether the nearest table leaves the file out."""
        return self._in(os.path.dirname(os.path.abspath(path))).excludes(path)

    def _in(self, folder: str) -> Settings:
        found = self._known.get(folder)
        if found is None:
            found = self._known[folder] = self._look(folder)
        return found

    def _look(self, folder: str) -> Settings:
        file = Path(folder, "pyproject.toml")
        if file.is_file() and _speaks_of_us(file) and (table := _table(file)) is not None:
            return parse(table, file, self.rules).override(**self.given)
        parent = os.path.dirname(folder)
        return self._in(parent) if parent != folder else Settings().override(**self.given)


def _exactness(words: Sequence[str], rule: Rule) -> int:
    """How exactly a rule is meant: -1 not at all, else the length of the longest start of its code."""
    lengths = {rule.name: len(rule.code), "ALL": 0}
    return max((lengths.get(word, len(word)) for word in words if rule.is_meant_by(word)), default=-1)


@lru_cache(maxsize=256)
def _spec(globs: tuple[str, ...]) -> pathspec.GitIgnoreSpec:
    return pathspec.GitIgnoreSpec.from_lines(globs)


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
    for key in ("select", "extend-select", "ignore"):
        check_rules(values.get(key.replace("-", "_"), ()), rules, f"{file}: [tool.deloop] {key}")
    for glob, words in values.get("per_file_ignores", ()):
        check_rules(words, rules, f'{file}: [tool.deloop] per-file-ignores "{glob}"')
    if values.get("baseline"):
        values["baseline"] = str(file.parent / values["baseline"])
    if values.get("python"):
        values["python"] = _interpreter(values["python"], file.parent)
    return Settings(**values)


def check_rules(words: Sequence[str], rules: Sequence[Rule], where: str) -> None:
    """Raise ConfigError for a word that means no rule at all. `where` is the start of the message."""
    for word in words:
        if not any(rule.is_meant_by(word) for rule in rules):
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


def _severity(value: Any) -> Severity:
    if value not in list(Severity):
        raise _Invalid(f"one of {', '.join(Severity)} is expected")
    return Severity(value)


def _per_file(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise _Invalid('a table such as { "tests/*" = ["DL2"] } is expected')
    for glob in value:
        try:
            _spec((glob.removeprefix("!"),))
        except ValueError as problem:
            raise _Invalid(f"`{glob}` is no pattern: {problem}") from None
    return tuple((glob, _strings(words)) for glob, words in value.items())


_READERS: dict[str, Callable[[Any], Any]] = {
    "assume": _obligations,
    "baseline": _string,
    "exclude": _strings,
    "extend-select": _strings,
    "ignore": _strings,
    "min-speedup": _speedup,
    "numba": _boolean,
    "per-file-ignores": _per_file,
    "python": _string,
    "select": _strings,
    "severity": _severity,
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


def _speaks_of_us(file: Path) -> bool:
    """Whether a configuration may have a table for us: below the paths there may be any, some of them broken."""
    try:
        return b"deloop" in file.read_bytes()
    except OSError as problem:
        raise ConfigError(f"{file}: can't be read: {problem}") from None


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
