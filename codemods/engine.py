"""Look at every loop of a file: which are sites, what can be done about them, and why not where nothing can."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from ..loops.cells import cell_of_several
from ..loops.context import FileContext, Refused, SiteContext
from ..loops.dynamic import sees_all_names
from ..loops.exposure import handled
from ..loops.header import lift_header
from ..loops.implicit import ImplicitSite, implicit_site, lift_implicit
from ..loops.ir import Header, HeaderForm, Loop
from ..loops.lift import lift
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.scopes import Scope
from ..loops.walk import walk
from ..sources.files import SourceError, SourceFile, parse, read_source
from ..sources.prefilter import may_have_sites
from ..transforms.base import Considered, Define, Rewrite, Tier, Transform
from ..transforms.njit_kernel import NjitKernel
from ..transforms.registry import TRANSFORMS
from ..transforms.shared.counters import without_counter
from ..transforms.shared.forgotten import forgotten
from ..transforms.sites import already_fine, classify
from .find import expressions_in, loops_in
from .findings import Finding, Status, located
from .guarded import guarded_forms
from .guesses import likely_forms
from .importers import Importers
from .originals import inside_kept
from .retired.uses import advice

#: Builtins that new code may call.
CALLED = frozenset(
    {"list", "dict", "set", "zip", "range", "len", "enumerate", "int", "float", "bool", "object", "max", "min", "abs"}
    | {"vars", "all", "type", "tuple"}
)
#: Folders that hold many projects, which know nothing of each other.
INSTALLED = frozenset({"site-packages", "dist-packages"})
#: Reasons that say less than others: another refusal of the same site is shown rather than these.
VAGUE = (Reason.NO_GAIN, Reason.UNSUPPORTED_SYNTAX)


@dataclass(frozen=True)
class Options:
    """What the user allows. `side_effects`: also hoist loops that print, plot or write. `numba`: also compile loops."""

    side_effects: bool = False
    numba: bool = False


@dataclass
class Project:
    """The modules around the scanned files, parsed when a helper of theirs is asked for."""

    roots: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()  # where other files of the project are looked for
    _modules: dict[Path, FileContext | None] = field(default_factory=dict)
    _without: set[tuple[Path, str]] = field(default_factory=set)  # files, and functions that they don't define
    _importers: Importers | None = None
    _found: dict[tuple[Path, str], list[Path]] = field(default_factory=dict)  # file and module -> where that may be

    @classmethod
    def for_paths(cls, paths: Iterable[Path]) -> Project:
        """The project that some files or folders belong to."""
        known = {p: _root(p) for p in dict.fromkeys(map(_place, paths))}
        folders = dict.fromkeys(_own_folder(p, root) for p, root in known.items())
        return cls(tuple(dict.fromkeys(known.values())), tuple(folders))

    def again(self) -> Project:
        """The same project, with nothing known of its files."""
        return Project(self.roots, self.folders)

    def resolve(self, origin: Path, module: str, name: str) -> tuple[FileContext, ast.FunctionDef] | None:
        """A function of another module of the project, as `from module import name` in `origin` would find it."""
        for path in self._candidates(origin, module):
            file = self._load(path, defining=name)
            if file is None:
                continue
            binders = file.scopes.module.binders(name)
            if len(binders) == 1 and isinstance(binders[0], ast.FunctionDef):
                return file, binders[0]
        return None

    def reads(self, origin: Path, name: str) -> bool:
        """Whether another file of the project may read a name of this one."""
        self._importers = self._importers or Importers(self.folders)
        names = self._importers.names(origin)
        return name in names or "*" in names

    def replaces(self, origin: Path, name: str) -> bool:
        """Whether another file of the project may replace a function or method of this one."""
        self._importers = self._importers or Importers(self.folders)
        return self._importers.replaces(origin, name)

    def text_of(self, origin: Path, module: str) -> tuple[str, str] | None:
        """The path and the text of a module of the project, as `import module` in `origin` would find it."""
        for path in self._candidates(origin, module):
            file = self._load(path)
            if file is not None:
                return file.path, file.text
        return None

    def _candidates(self, origin: Path, module: str) -> list[Path]:
        if (origin, module) not in self._found:
            self._found[origin, module] = self._look_for(origin, module)
        return self._found[origin, module]

    def _look_for(self, origin: Path, module: str) -> list[Path]:
        level = len(module) - len(module.lstrip("."))
        parts = [p for p in module.lstrip(".").split(".") if p]
        bases: list[Path] = []
        if level:
            base = origin.resolve().parent
            for _ in range(level - 1):
                base = base.parent
            bases.append(base)
        else:
            bases += [origin.resolve().parent, *self.roots, *(r / "src" for r in self.roots)]
        found = [b.joinpath(*parts) for b in bases]
        return [p for b in found for p in (b.with_suffix(".py"), b / "__init__.py") if p.is_file()]

    def _load(self, path: Path, defining: str = "") -> FileContext | None:
        """A module, parsed; with `defining` only one whose text may define a function of that name."""
        if path in self._modules or (path, defining) in self._without:
            return self._modules.get(path)
        try:
            source = read_source(path)
            if defining and not re.search(rf"\bdef[ \t\f\\\r\n]+{re.escape(defining)}\b", source.text):
                self._without.add((path, defining))
                return None
            made = FileContext.build(str(path), source.text, parse(source), lazy=True)
            made.replaced_outside = lambda name: self.replaces(path, name)
            self._modules[path] = made
        except SourceError:
            self._modules[path] = None
        return self._modules[path]


def _place(path: Path) -> Path:
    """What stands for a path: files of one folder belong together, but for links and what is installed alone."""
    alone = path.is_symlink() or not path.is_file() or not (path.parent / "__init__.py").exists()
    return path if alone else path.parent


def _root(path: Path) -> Path:
    """The folder from which modules of the project are imported."""
    here = Path(os.path.realpath(path))  # unlike Path.resolve, at peace with a link that leads to itself
    here = here if here.is_dir() else here.parent
    while (here / "__init__.py").exists() and here.parent != here:
        here = here.parent
    return here


def _own_folder(path: Path, root: Path) -> Path:
    """The project's folder: of all that is installed side by side, only what the path belongs to."""
    if root.name not in INSTALLED:
        return root
    below = Path(os.path.realpath(path)).relative_to(root).parts
    return root / below[0] if below else root


def scan(
    source: SourceFile, project: Project, options: Options | None = None, *, tree: ast.Module | None = None
) -> list[Finding]:
    """Every site of a file, in file order. Raises SourceError for a file that can't be parsed.

    `tree` is what `parse(source)` gave, for callers that put the edits in their place: they speak of its nodes.
    """
    if not may_have_sites(source.code):
        return []
    tree = tree or parse(source)
    try:
        return _scan_tree(source, tree, project, options or Options())
    except RecursionError:
        raise SourceError(source.path, None, "nested too deeply to be analysed") from None


def _scan_tree(source: SourceFile, tree: ast.Module, project: Project, options: Options) -> list[Finding]:
    loops, expressions = loops_in(tree, source.text), expressions_in(tree, source.text)
    if not loops and not expressions:
        return []
    origin = Path(source.path)
    file = FileContext.build(str(source.path), source.text, tree, lazy=True)
    file.scopes.read_outside = lambda name: project.reads(origin, name)
    file.resolve_project = lambda module, name: project.resolve(origin, module, name)
    file.replaced_outside = lambda name: project.replaces(origin, name)
    arounds = [around for _, around in loops] + [around for _, _, around in expressions]
    try:
        for function in (f for around in arounds for f in around):
            file.scopes.ensure(function)
        sites = [SiteContext.build(file, loop) for loop, _ in loops]
        sites += [site for node, stmt, _ in expressions if (site := implicit_site(file, node, stmt)) is not None]
        found = [
            replace(_advised(site, finding), mark=_mark(site))
            for site in sites
            if (finding := consider(site, options)) is not None
        ]
        return sorted((located(f, source) for f in found), key=lambda f: (f.line, f.end_line))
    finally:
        file.release()


def _advised(site: SiteContext, finding: Finding) -> Finding:
    """The finding with a word on retired API in the loop, which hides from the rules what the loop does."""
    if finding.status is Status.FINE:
        return finding
    first = advice(site.file, walk(site.node) if isinstance(site, ImplicitSite) else site.nodes)
    if not first:
        return finding
    if finding.refusal is not None:
        return replace(finding, refusal=replace(finding.refusal, hint=first))
    return replace(finding, message=f"{finding.message}; {first}")


def consider(site: SiteContext, options: Options) -> Finding | None:
    """One loop: a finding, or None when it is no site."""
    kind = classify(site)
    if kind is None:
        return None
    rule, severity = kind
    loop = site.loop
    where = (site.file.path, loop.lineno, loop.end_lineno or loop.lineno, site.scope.name)
    if fine := inside_kept(site.file.text, _functions_around(site)) or already_fine(site):
        return Finding(*where, rule, severity, Status.FINE, (), None, fine)
    if (seeing := sees_all_names(site)) is not None:
        message = f"`{ast.unparse(seeing)}` sees all variables, those of the loop and new ones included"
        refusal = Refusal(Reason.SCOPE, getattr(seeing, "lineno", loop.lineno), message)
        return Finding(*where, rule, severity, Status.REFUSED, (), refusal, refusal.message)
    considered = _ask_all(site, options)
    considered.forms += likely_forms(site, considered, lambda again: _ask_all(again, options))
    considered.forms += guarded_forms(site, considered, lambda again: _ask_all(again, options))
    if cell_of_several(site.node if isinstance(site, ImplicitSite) else loop) is not None:
        considered.forms = [_owing(form, [Obligation("single-columns")]) for form in considered.forms]
    if site.file.kinds.meets_others():
        considered.forms = [_of_pandas(form) for form in considered.forms]
    considered.forms = [form for form in considered.forms if _names_are_what_they_seem(site, form)]
    told = "; with --numba it is compiled" if considered.compiles else ""
    if considered.forms:
        forms = tuple(sorted(considered.forms, key=lambda f: f.tier))
        best = forms[0]
        message = (best.summary or _summary(best)) + told
        return Finding(*where, best.rule, severity, Status.PROPOSAL, forms, None, message, _hints(site))
    refusal = _best_refusal(considered.refusals, loop)
    if refusal.reason is Reason.NO_GAIN:
        return Finding(*where, rule, severity, Status.FINE, (), refusal, refusal.message)
    return Finding(*where, rule, severity, Status.REFUSED, (), refusal, refusal.message + told)


def _of_pandas(form: Rewrite) -> Rewrite:
    """The form where frames of another library are about, some of which have all that a loop uses, but not the rest."""
    return form if form.tier is Tier.COMPREHENSION else _owing(form, [Obligation("frame-columns")])


def _mark(site: SiteContext) -> tuple[int, int, int, int]:
    """What is shown of a loop: its header up to the colon, or the expression."""
    if isinstance(site, ImplicitSite):
        first: ast.stmt | ast.expr = site.node
        last: ast.expr = site.node
    else:
        first = site.loop
        last = site.loop.test if isinstance(site.loop, ast.While) else site.loop.iter
    end_line, end_column = last.end_lineno or last.lineno, last.end_col_offset or last.col_offset
    return first.lineno, first.col_offset, end_line, end_column


def _functions_around(site: SiteContext) -> list[ast.AST]:
    found: list[ast.AST] = []
    scope: Scope | None = site.scope
    while scope is not None:
        found.append(scope.node)
        scope = scope.parent
    return found


def _ask_all(site: SiteContext, options: Options) -> Considered:
    if isinstance(site, ImplicitSite):
        return _ask_for_expression(site)
    out = Considered()
    lifted = lift(site)
    try:
        header_only = Loop(lift_header(site), (), {}, {})
    except Refused as e:
        header_only = None
        out.refusals.append(e.refusal)
    as_called = cache(lambda: lift(site, inline=False))
    for transform in TRANSFORMS:
        idiom = transform()
        if idiom.expressions:
            continue
        if not idiom.needs_body:
            if header_only is None:
                continue
            idiom.side_effects, idiom.numba = options.side_effects, options.numba
            known = isinstance(lifted, Loop) and lifted.escapes is None
            answer = _answer(idiom, site, lifted if isinstance(lifted, Loop) and known else header_only)
        elif isinstance(lifted, Refusal):
            continue
        else:
            answer = _ask(site, idiom, lifted, as_called)
        if isinstance(answer, Refusal):
            out.refusals.append(answer)
        elif answer:
            out.forms += answer
    if header_only is not None and not options.numba:
        idiom = NjitKernel()
        idiom.numba = True
        out.compiles = isinstance(_answer(idiom, site, header_only), list)
    if isinstance(lifted, Refusal):
        out.refusals.insert(0, lifted)
        out.blocked = lifted.reason
    elif lifted.escapes is not None:
        out.refusals.insert(0, lifted.escapes)
    if header_only is not None:
        _keep_rounds(out, header_only.header)
        if isinstance(site.loop, ast.While):
            out.forms = [without_counter(site, header_only.header, form) for form in out.forms]
    return out


def _answer(idiom: Transform, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
    """What an idiom says, also where it met something in a body of its own that it can't read."""
    try:
        return idiom.rewrite(site, loop)
    except Refused as e:
        return e.refusal


def _keep_rounds(out: Considered, header: Header) -> None:
    """Only forms that still go round can show how far they got, or visit positions in an order of their own."""
    wrapper, line = header.progress, header.node.lineno
    if wrapper is not None:
        message = f"`{ast.unparse(wrapper.func)}` shows progress on every round, which array code has none of"
        why = Refusal(Reason.SIDE_EFFECT, line, message)
    elif header.form is HeaderForm.STRIDES:
        why = Refusal(Reason.UNSUPPORTED_SYNTAX, line, "the positions are not visited one by one from the first on")
    else:
        return
    kept = [form for form in out.forms if form.tier not in (Tier.VECTOR, Tier.LOOKUP)]
    if len(kept) < len(out.forms):
        out.refusals.insert(0, why)
        out.forms = kept


def _ask(
    site: SiteContext, idiom: Transform, lifted: Loop, as_called: Callable[[], Loop | Refusal]
) -> Sequence[Rewrite] | Refusal | None:
    """What an idiom makes of a loop: with its calls to helpers as they are where the idiom wants that and can."""
    if not idiom.inlines and site.inlined:
        loop = as_called()
        answer = _answer(idiom, site, loop) if isinstance(loop, Loop) else None
        if isinstance(loop, Loop) and answer and not isinstance(answer, Refusal):
            return _assuming(site, loop, answer, site.assumed & {"scalars"})  # how the list was made
    return _assuming(site, lifted, _answer(idiom, site, lifted), site.assumed)


def _ask_for_expression(site: ImplicitSite) -> Considered:
    lifted = lift_implicit(site)
    if isinstance(lifted, Refusal):
        return Considered([], [lifted])
    out = Considered()
    # A handler hides which exception it was, and from which element.
    assumed = site.assumed | ({"no-exceptions"} if handled(site) else set())
    for transform in TRANSFORMS:
        if not transform.expressions:
            continue
        answer = _assuming(site, lifted, _answer(transform(), site, lifted), assumed)
        if isinstance(answer, Refusal):
            out.refusals.append(answer)
        elif answer:
            out.forms += answer
    return out


def _assuming(
    site: SiteContext, loop: Loop, answer: Sequence[Rewrite] | Refusal | None, assumed: set[str]
) -> Sequence[Rewrite] | Refusal | None:
    """Forms of a body that was lifted under assumptions owe these too, and those that leave out what may raise."""
    if not answer or isinstance(answer, Refusal):
        return answer
    owed = [*map(Obligation, assumed), *forgotten(site, loop)]  # `t = row["a"] / row["b"]` that nobody reads
    return [_owing(form, owed) for form in answer]


def _owing(form: Rewrite, owed: Iterable[Obligation]) -> Rewrite:
    """The form with more that has to hold."""
    known = {o.name for o in form.obligations}
    more = {o.name: o for o in owed if o.name not in known}
    return replace(form, obligations=(*form.obligations, *(more[name] for name in sorted(more))))


def _names_are_what_they_seem(site: SiteContext, form: Rewrite) -> bool:
    """Builtins and modules that the new code calls must not be hidden by names of the user's."""
    imported = {"np": "numpy", "pd": "pandas", **_bound_by(form.imports)}
    edits = [e for e in form.edits if not isinstance(e, Define)]
    new = [n for e in edits for n in (e.new if isinstance(e.new, tuple) else (e.new,))]
    for node in (n for top in new if not hasattr(top, "col_offset") for n in walk(top)):
        func = node.func if isinstance(node, ast.Call) else node
        if isinstance(node, ast.Call) and isinstance(func, ast.Name) and not hasattr(func, "lineno"):
            if func.id in CALLED and site.dotted(func) != f"builtins.{func.id}":
                return False
        elif isinstance(node, ast.Name) and node.id in imported and not hasattr(node, "lineno"):
            owned = site.file.scopes.owner(node.id, site.scope) is not None
            if owned and site.dotted(node) != imported[node.id]:
                return False
    return True


def _bound_by(imports: Iterable[str]) -> dict[str, str]:
    """The names that import statements bind, and what they stand for."""
    out: dict[str, str] = {}
    for statement in (s for text in imports for s in ast.parse(text).body):
        match statement:
            case ast.Import(names=names):
                out |= {a.asname or a.name: a.name for a in names}
            case ast.ImportFrom(module=module, names=names):
                out |= {a.asname or a.name: f"{module}.{a.name}" for a in names}
    return out


def _best_refusal(refusals: list[Refusal], loop: ast.stmt) -> Refusal:
    for r in refusals:
        if r.settled:
            return r
    for r in refusals:
        if r.reason not in VAGUE:
            return r
    for r in refusals:
        if r.reason is not Reason.NO_GAIN:
            return r
    return (
        refusals[0]
        if refusals
        else Refusal(Reason.NO_GAIN, loop.lineno, "no faster form is known, and the loop reads no table cell by cell")
    )


def _summary(form: Rewrite) -> str:
    return {
        1: "becomes array arithmetic",
        2: "becomes one batched look-up",
        3: "becomes a comprehension",
        4: "reads its columns once, before the loop",
    }[int(form.tier)]


def _hints(site: SiteContext) -> dict[str, str]:
    """What is known of the names that the loop reads."""
    hints: dict[str, str] = {}
    for n in walk(site.scope.node if site.scope.is_function else site.loop):
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.id not in hints:
            kind = site.kind(n)
            if kind is not None:
                hints[n.id] = kind.name
    return hints
