"""`deloop compare`: find the two functions that the user names, in files or in git, and compare them."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from ..codemods.engine import Project
from ..equivalence.library import Library
from ..equivalence.names import loads, parameters
from ..equivalence.pairs import Pair, Side, WrongCall, find_side, functions_of, paired
from ..equivalence.preamble import ModuleNames
from ..equivalence.side_by_side import Compared, compare, not_comparable
from ..loops.obligations import REGISTRY
from ..sources.files import SourceError, SourceFile, parse, read_source
from .git import GitError, Repository, find_repository

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_FORM = "a side is FILE.py:FUNCTION, FILE.py:CLASS.METHOD, FILE.py, or one of these after git:REVISION:"


@dataclass(frozen=True)
class Version:
    """A file as it is, or as it was in a revision; `function` is empty for all of it."""

    shown: str
    function: str
    names: ModuleNames

    def side(self, function: str) -> Side:
        """A function of it. Raises WrongCall."""
        return find_side(self.names, function, f"{self.shown}:{function}")


@dataclass(frozen=True)
class Asked:
    """How to compare: names of assumptions, a relative tolerance for floats, the interpreter, what holds of inputs."""

    mapping: Mapping[str, str]
    assume: tuple[str, ...] = ()
    rtol: float | None = None
    python: str | None = None
    given: tuple[str, ...] = ()


Tick = Callable[[str, int, int], None]


def compared(old: str, new: str, asked: Asked, tick: Tick) -> tuple[list[Compared], list[str]]:
    """Compare what two texts name; of two files all functions that differ. The notes say what was left out.

    Raises WrongCall, GitError and NoInterpreter, each one line that says what to do.
    """
    _check(asked)
    one, other = read_version(old), read_version(new)
    pairs, whole = _functions(one, other)
    found = []
    for number, (a, b) in enumerate(pairs):
        tick("comparing", number, len(pairs))
        sides = one.side(a), other.side(b)
        try:
            pair = paired(*sides, asked.mapping if whole is None else _that_fits(asked.mapping, *sides))
        except WrongCall as problem:
            if whole is None:
                raise
            found.append(not_comparable(Pair(*sides, ()), str(problem)))
            continue
        given = tuple(text for text in asked.given if not _strangers(text, pair))
        if whole is None and len(given) < len(asked.given):
            raise WrongCall(_no_such_input(asked.given, pair))
        found.append(compare(pair, python=asked.python, rtol=asked.rtol, assume=asked.assume, given=given))
    return found, whole or []


def _that_fits(mapping: Mapping[str, str], old: Side, new: Side) -> dict[str, str]:
    """Of a mapping for many functions, what concerns these two."""
    ours, theirs = ({p.arg for p in parameters(side.function)} for side in (old, new))
    return {mine: other for mine, other in mapping.items() if mine in ours and other in theirs}


def mapping_of(words: Sequence[str]) -> dict[str, str]:
    """`["a=b"]` as a dict. Raises WrongCall."""
    found: dict[str, str] = {}
    for word in words:
        old, mark, new = (part.strip() for part in word.partition("="))
        if not mark or not old.isidentifier() or not new.isidentifier():
            raise WrongCall(f"--map {word}: two names of parameters are expected, as in --map old_name=new_name")
        if old in found:
            raise WrongCall(f"--map {word}: `{old}` is mapped twice")
        found[old] = new
    return found


def _check(asked: Asked) -> None:
    for name in asked.assume:
        if name not in REGISTRY:
            close = get_close_matches(name, REGISTRY, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(sorted(REGISTRY))}"
            raise WrongCall(f"--assume {name}: no such assumption; {hint}")
    for text in asked.given:
        try:
            ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError):
            raise WrongCall(f"--given {text}: an expression is expected, as in --given 'len(a) == len(b)'") from None
    if asked.rtol is not None and not 0 <= asked.rtol < 1:
        raise WrongCall(f"--rtol {asked.rtol:g}: a number from 0 up to 1 is expected, such as 1e-9")


def _strangers(text: str, pair: Pair) -> list[str]:
    """Names in a condition that are no inputs."""
    tree = ast.parse(text.strip(), mode="eval")
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    known = {one.name for one in pair.inputs} | bound | set(dir(builtins)) | {"np", "pd", "math", "datetime"}
    return sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - known)


def _no_such_input(given: Sequence[str], pair: Pair) -> str:
    text, name = next((text, names[0]) for text in given if (names := _strangers(text, pair)))
    listed = ", ".join(one.name for one in pair.inputs) or "none"
    return f"--given {text}: {pair.old.shown} has no parameter `{name}`; its parameters: {listed}"


def _functions(old: Version, new: Version) -> tuple[list[tuple[str, str]], list[str] | None]:
    """The names to compare; of whole files also what to say of the other functions."""
    if old.function or new.function:
        return [(old.function or new.function, new.function or old.function)], None
    ours, theirs = (dict(functions_of(version.names.tree)) for version in (old, new))
    both = [name for name in ours if name in theirs]
    if not both:
        raise WrongCall(f"{old.shown} and {new.shown} have no function of the same name; {_FORM}")
    notes = [f"{old.shown}: `{name}` is only here" for name in ours if name not in theirs]
    notes += [f"{new.shown}: `{name}` is only here" for name in theirs if name not in ours]
    changed = [name for name in both if _text(old, name) != _text(new, name)]
    if len(changed) < len(both):
        notes.append(f"{len(both) - len(changed)} of {len(both)} functions are the same in both, with all they call")
    return [(name, name) for name in changed], notes


def _text(version: Version, function: str) -> list[str]:
    """A function and what it needs of its file, without comments."""
    side = version.side(function)
    attributes = {n.attr for n in ast.walk(side.function) if isinstance(n, ast.Attribute)}
    needs = version.names.closure(loads(side.function), attributes)
    return [ast.dump(side.function), *(chunk.code for chunk in needs.chunks)]


# ---- reading


def read_version(text: str) -> Version:
    """The file that the text names, parsed. Raises WrongCall and GitError."""
    revision, path, function = _parts(text)
    try:
        source, library = _from_git(revision, path) if revision else _from_disk(path)
        tree = parse(source)
    except SourceError as problem:
        raise WrongCall(_advice(problem, text)) from None
    shown = f"git:{revision}:{path}" if revision else str(path)
    return Version(shown, function, ModuleNames(tree, str(path.absolute()), library))


def _advice(problem: SourceError, text: str) -> str:
    if problem.line or problem.message.startswith("is nested"):
        return f"{problem}; mend it before it is compared"
    return f"{problem}; give its path from the current folder, as in flow.py:pressure ({_FORM})"


def _parts(text: str) -> tuple[str, Path, str]:
    """Revision ("" for the file as it is), path, function ("" for all)."""
    revision, rest = "", text
    if text.startswith("git:"):
        revision, mark, rest = text[len("git:") :].partition(":")
        if not mark or not revision or not rest:
            raise WrongCall(f"`{text}`: a revision and a file are expected, as in git:HEAD~1:flow.py:pressure")
    if rest.endswith(".py"):
        return revision, Path(rest), ""
    path, mark, function = rest.rpartition(":")
    if not mark or not path or not _NAME.fullmatch(function):
        raise WrongCall(f"`{text}`: {_FORM}")
    return revision, Path(path), function


def _from_disk(path: Path) -> tuple[SourceFile, Library]:
    project = Project.for_paths([path])
    return read_source(path), Library(lambda origin, module: project.text_of(Path(origin), module))


def _from_git(revision: str, path: Path) -> tuple[SourceFile, Library]:
    start = next((p for p in [path.absolute(), *path.absolute().parents] if p.is_dir()), Path.cwd())
    repository = find_repository(start)
    if revision.startswith("-") or not repository.asks("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"):
        raise GitError(f"git:{revision}: no such revision in {repository.top}; `git log --oneline` lists them")
    read = _reader(repository, revision)
    source = read(path.absolute())
    if source is None:
        where = f"`git log --oneline -- {path}` lists the revisions that have it"
        raise GitError(f"git:{revision}:{path}: the revision has no such file; {where}")
    return source, Library(_finder(repository, read))


Read = Callable[[Path], "SourceFile | None"]


def _reader(repository: Repository, revision: str) -> Read:
    @cache
    def read(path: Path) -> SourceFile | None:
        """The file as it was; None when it was not there. Raises SourceError."""
        inside = repository.relative(path)
        if inside is None or not repository.asks("cat-file", "-e", f"{revision}:{inside}"):
            return None
        text = repository.run("show", f"{revision}:{inside}")
        return SourceFile.from_bytes(path, text.encode("utf-8", "surrogateescape"))

    return read


def _finder(repository: Repository, read: Read) -> Callable[[str, str], tuple[str, str] | None]:
    def find(origin: str, module: str) -> tuple[str, str] | None:
        """The path and the text of a module as they were in the revision."""
        level = len(module) - len(module.lstrip("."))
        parts = [part for part in module.split(".") if part]
        folder = Path(origin).parent
        bases = [folder.joinpath(*[".."] * (level - 1))] if level else [folder, *_above(folder, repository.top)]
        for base in bases:
            stem = base.joinpath(*parts)
            for path in (stem.with_suffix(".py"), stem / "__init__.py") if parts else (stem / "__init__.py",):
                try:
                    source = read(path)
                except SourceError:
                    continue
                if source is not None:
                    return str(path), source.text
        return None

    return find


def _above(folder: Path, top: Path) -> list[Path]:
    """The places where a package of the repository may begin."""
    above = [parent for parent in folder.resolve().parents if parent == top or top in parent.parents]
    return [*above, top / "src"]
