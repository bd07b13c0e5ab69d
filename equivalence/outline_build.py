"""Write an outline: which names enter and leave, which statements before the region run with it."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Sequence
from dataclasses import replace

from .liveness import Liveness, read_first
from .marks import (
    ENTER,
    LEAVE,
    STOP,
    TAKE,
    Exits,
    Marked,
    Probe,
    call,
    copies_of,
    flat,
    locals_call,
    loose_jumps,
    mangled,
    name_tuple,
    optional_import,
    tagged,
)
from .names import (
    FUNCTIONS,
    OPEN,
    captured,
    declared_outside,
    loads,
    locals_of,
    opens_to_read,
    own_nodes,
    parameters,
    stores,
)
from .outline_model import Code, Outline, Version, Width
from .preamble import Chunk, Needs
from .regions import CannotOutline
from .safety import changed


class Builder:
    """Makes the outline of one width."""

    def __init__(self, before: Version, after: Version, width: Width, mode: str, depth: int) -> None:
        self.before, self.after, self.width, self.mode, self.depth = before, after, width, mode, depth
        self.place = before.place
        self.scope = before.place.scope
        self.names = before.names
        self.local = self._local_names()
        self.cut: dict[str, ast.expr] = {}
        self.grown: set[str] = set()  # what rounds of a loop around the region add to, and nothing else has
        self.prologue: list[ast.stmt] = []
        self.parameters: set[str] = set()

    def _local_names(self) -> set[str]:
        if self.mode == "function":
            found: set[str] = set()
            for owner in self.place.enclosing:
                if isinstance(owner, FUNCTIONS):
                    found |= locals_of(owner)
            assert isinstance(self.scope, FUNCTIONS)
            return found - (declared_outside(self.scope.body) - found)
        body = self.scope.body  # type: ignore[attr-defined]
        return stores(body)

    def build(self) -> Outline:
        live, on_error = self._live()
        both = [*self.before.statements, *self.after.statements]
        needed = (read_first(self.before.statements) | read_first(self.after.statements)) & self.local
        if self._needs_all_locals(both):
            needed |= self.local & self._bound_before()
        soft = (live & stores(both) & self.local) - needed
        self._slice(needed, soft)
        if self.mode == "module":
            self._drop_definitions()
        globals_needed = loads([*self.prologue, *both]) - (self.local if self.mode != "module" else set())
        attributes = {n.attr for s in [*self.prologue, *both] for n in ast.walk(s) if isinstance(n, ast.Attribute)}
        receiver, is_class, class_name = self._receiver()
        if class_name and class_name in self.names.binders:
            globals_needed.add(class_name)
        if self.width is Width.ALONE:
            attributes = set()
        if self.mode == "module":
            globals_needed -= self.parameters | {n for s in self.prologue for n in stores(s)}
            # What the region binds before it reads it is no input: `v` of `for v in xs`.
            globals_needed -= stores(self.before.statements) - read_first(self.before.statements)
        needs = self.names.closure(globals_needed, attributes)
        needs_after = self.after.names.closure(globals_needed | (loads(self.after.statements) - self.local), attributes)
        data = (needs.data | needs_after.data | self._nowhere()) - self.parameters
        if OPEN in globals_needed - self.names.binders.keys() and opens_to_read([*self.prologue, *both]):
            data.add(OPEN)
        if self.mode == "module":
            data -= {n for s in self.prologue for n in stores(s)}
        if self.width is Width.TERMS:
            data = self._all_read(globals_needed)
            needs, needs_after = (replace(n, chunks=[]) for n in (needs, needs_after))
        if self.width is Width.ALONE:
            needs, needs_after = (replace(n, chunks=self._without_functions(n.chunks)) for n in (needs, needs_after))
        results = sorted(self._results(live))
        ordered = sorted(self.parameters)
        return Outline(
            mode=self.mode,
            parameters=ordered,
            global_data=sorted(data),
            results=results,
            before=self._code(self.before, needs, ordered, results, on_error),
            after=self._code(self.after, needs_after, ordered, results, on_error),
            scope=self.scope,
            names=self.names,
            width=self.width,
            enclosing=self.place.enclosing,
            prologue=self.prologue,
            cut=self.cut,
            receiver=receiver,
            receiver_is_class=is_class,
            class_name=class_name,
            unseen=sorted(self._unseen() - on_error),
        )

    def _all_read(self, globals_needed: set[str]) -> set[str]:
        """Whatever the region reads of the module: its functions, classes, imports and data."""
        own = globals_needed - self.parameters
        return {n for n in own if n in self.names.binders or not hasattr(builtins, n)}

    def _nowhere(self) -> set[str]:
        """Names that nothing in the file gives: those of another cell, or of whoever runs the script."""
        if self.names.stars:
            return set()
        nodes = [n for s in [*self.prologue, *self.before.statements] for n in ast.walk(s)]
        bound = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        bound |= {n.arg for n in nodes if isinstance(n, ast.arg)} | set(self.names.binders) | self.local
        wanted = loads([*self.prologue, *self.before.statements])
        return {n for n in wanted - bound if not hasattr(builtins, n) and not n.startswith("__")}

    def _without_functions(self, chunks: list[Chunk]) -> list[Chunk]:
        """The functions and classes of the project are taken for missing."""
        found: list[Chunk] = []
        own = {self._receiver()[2]} - loads(self.before.statements)
        for chunk in chunks:
            known = any(self.names.function(name) for name in chunk.names if name not in own)
            found.append(replace(chunk, kind="import", code="raise ImportError") if known else chunk)
        return found

    # what lives on

    def _live(self) -> tuple[set[str], set[str]]:
        body: list[ast.stmt] = self.scope.body  # type: ignore[attr-defined]
        always: set[str] = set()
        if self.mode == "function":
            assert isinstance(self.scope, FUNCTIONS)
            outer = self.local - locals_of(self.scope)
            always = declared_outside(body) | outer
        analysis = Liveness(body, always)
        last = self.before.statements[-1]
        live, on_error = set(analysis.after(last)), set(analysis.on_error(last))
        rest = [n for n in own_nodes(body) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
        if any(n.func.id in ("locals", "vars", "dir", "eval", "exec") for n in rest if isinstance(n.func, ast.Name)):
            live |= self.local
        if self.mode != "function":
            live |= (stores(self.before.statements) & stores(self.after.statements)) - self._loop_names()
        if self.mode == "class":
            live |= {n.attr for n in ast.walk(self.names.tree) if isinstance(n, ast.Attribute)}
        if self.mode == "module":
            live |= loads(
                [s for s in self.names.tree.body if s not in self.before.statements and isinstance(s, FUNCTIONS)]
            )
        return live, on_error

    def _loop_names(self) -> set[str]:
        """Targets and temporaries of the loops: what is bound anew in each round, and nowhere else in the region."""
        region = self.before.statements
        targets = {n for s in own_nodes(region) if isinstance(s, ast.For) for n in stores(s.target)}
        loops = [s for s in region if isinstance(s, (ast.For, ast.While))]
        temporaries = stores(loops) - stores([s for s in region if s not in loops]) - read_first(region)
        return targets | temporaries

    def _results(self, live: set[str]) -> set[str]:
        bound = stores([*self.prologue, *self.before.statements, *self.after.statements]) | self.parameters
        bound &= self.local
        # a closure made in the region sees the names when it is called, after the region
        live = live | (captured(self.before.statements) & stores(self.before.statements))
        definitions = {
            n
            for s in self.prologue
            if isinstance(s, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom))
            for n in stores(s)
        }
        return (live & bound) - definitions

    def _needs_all_locals(self, nodes: Sequence[ast.stmt]) -> bool:
        called = {n.func.id for n in own_nodes(nodes) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        return bool(called & {"locals", "vars", "dir", "eval", "exec"})

    def _bound_before(self) -> set[str]:
        steps = self.place.steps
        found = {a.arg for a in parameters(self.scope)} if isinstance(self.scope, FUNCTIONS) else set()
        for step in steps[self.place.scope_depth :]:
            found |= stores(step.block[: step.start])
        return found

    # the statements before

    def _slice(self, needed: set[str], soft: set[str]) -> None:
        steps = self.place.steps
        for depth in range(self.depth, self.place.scope_depth - 1, -1):
            step = steps[depth]
            for stmt in reversed(step.block[: step.start]):
                self._consider(stmt, needed, soft)
            if depth > self.place.scope_depth and isinstance(step.owner, (ast.For, ast.While, ast.With, ast.AsyncFor)):
                self._leave_block(step.owner, needed)
        if self.width is not Width.TERMS:
            self._outer_definitions(needed)
        entering = self._entering()
        self.parameters |= needed & entering
        self.prologue.reverse()

    def _consider(self, stmt: ast.stmt, needed: set[str], soft: set[str]) -> None:
        assigned, altered = stores(stmt), changed(stmt)
        touched = assigned | altered
        definition = isinstance(stmt, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)) or _is_lambda(stmt)
        definition = definition and self.width is not Width.TERMS
        if not touched & (needed | soft):
            guard = isinstance(stmt, ast.If) and self.width < Width.BARE and _is_guard(stmt)
            if isinstance(stmt, ast.If) and guard and self._guard_fits(stmt, needed):
                needed |= loads(stmt.test) & self.local
                self.prologue.append(ast.If(stmt.test, [call(STOP)], []))
            return
        if self.width >= Width.BARE and not definition:
            self._note_values(stmt, assigned & needed)
            return
        if not definition and (not self.names.safety.safe([stmt]) or _jumps(stmt)):
            lost = assigned & needed
            self._note_values(stmt, lost)
            self.parameters |= lost
            needed -= lost
            return
        self.prologue.append(stmt)
        if isinstance(stmt, (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, *FUNCTIONS)):
            needed -= assigned
            soft -= assigned
        needed |= read_first([stmt]) & self.local

    def _note_values(self, stmt: ast.stmt, names: set[str]) -> None:
        """Keep what the nearest statement before the region gives names that become parameters."""
        for name in names:
            value = _value_for(stmt, name)
            if value is not None:
                self.cut.setdefault(name, value)

    def _guard_fits(self, stmt: ast.If, needed: set[str]) -> bool:
        known = needed | self._function_parameters()
        return (loads(stmt.test) & self.local) <= known and self.names.safety.safe([stmt.test])

    def _unseen(self) -> set[str]:
        """Names of containers that were made in this call and that nobody else has."""
        grown = self.grown - self._function_parameters() if self.mode != "class" else set()
        return {n for n, value in self.cut.items() if _is_fresh(value)} | {n for n in grown if self._is_own(n)}

    def _is_own(self, name: str) -> bool:
        """Whether a name is bound to new containers only, which nothing else gets before the loops here have ended."""
        body: list[ast.stmt] = self.scope.body  # type: ignore[attr-defined]
        nodes = list(own_nodes(body))
        given = [n for n in nodes if isinstance(n, (ast.Assign, ast.AnnAssign)) and name in stores(n)]
        values = [_value_for(n, name) for n in given]
        if not values or not all(v is not None and _is_fresh(v) for v in values) or name in captured(body):
            return False
        added = [n for n in nodes if isinstance(n, ast.AugAssign) and name in stores(n.target)]
        stored = [n for n in nodes if isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load)]
        around = [
            s.owner for s in self.place.steps[self.place.scope_depth :] if isinstance(s.owner, (ast.For, ast.While))
        ]
        end = around[0].end_lineno or 0 if around else 0
        reads = [n for n in nodes if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
        inside = _looked_into(nodes)
        return len(stored) == len(given) + len(added) and all(id(n) in inside for n in reads if n.lineno <= end)

    def _function_parameters(self) -> set[str]:
        return {a.arg for a in parameters(self.scope)} if isinstance(self.scope, FUNCTIONS) else set()

    def _leave_block(self, owner: ast.For | ast.While | ast.With | ast.AsyncFor, needed: set[str]) -> None:
        """Names that an enclosing statement binds or changes have no single value: they become parameters."""
        bound: set[str] = set()
        if isinstance(owner, ast.With):
            bound = {n for item in owner.items for n in stores(item.optional_vars)}
        else:
            # `np.append(a, x)` changes no module
            bound = stores(owner) | {n for s in owner.body for n in changed(s) if n not in self.names.imports}
        self.parameters |= bound & needed
        self.grown |= (bound & needed) - stores(owner)
        needed -= bound

    def _outer_definitions(self, needed: set[str]) -> None:
        """Definitions of enclosing functions that the region calls."""
        for depth in range(self.place.scope_depth - 1, 0, -1):
            step = self.place.steps[depth]
            for stmt in reversed(step.block):
                simple = isinstance(stmt, (*FUNCTIONS, ast.Import, ast.ImportFrom)) or _is_lambda(stmt)
                if simple and stores(stmt) & needed and not stmt_contains(stmt, self.scope):
                    self.prologue.append(stmt)
                    needed -= stores(stmt)
                    needed |= loads(stmt) & self.local

    def _entering(self) -> set[str]:
        """Names that can have a value before the prologue."""
        if self.mode != "function":
            return self._bound_before()
        inside = self.place.steps[self.place.scope_depth :]
        in_loops: set[str] = set()
        for step in inside[1:]:
            in_loops |= stores([step.owner])
        outer = self.local - locals_of(self.scope)  # type: ignore[arg-type]
        return self._function_parameters() | self._bound_before() | in_loops | outer

    def _drop_definitions(self) -> None:
        """At module level definitions and imports come with the preamble."""
        kinds = (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)
        dropped = [s for s in self.prologue if isinstance(s, kinds)]
        self.prologue = [s for s in self.prologue if s not in dropped]

    # writing the code

    def _receiver(self) -> tuple[str, bool, str]:
        owners = self.place.enclosing
        if not isinstance(self.scope, FUNCTIONS) or len(owners) < 2 or not isinstance(owners[-2], ast.ClassDef):
            return "", False, ""
        if len(owners) != 2:
            return "", False, ""
        decorators = {d.id for d in self.scope.decorator_list if isinstance(d, ast.Name)}
        arguments = parameters(self.scope)
        if "staticmethod" in decorators or not arguments:
            return "", False, owners[-2].name
        return arguments[0].arg, "classmethod" in decorators, owners[-2].name

    def _code(self, version: Version, needs: Needs, ordered: list[str], results: list[str], on_error: set[str]) -> Code:
        kept = sorted(set(results) | (on_error & self.local)) if on_error else results
        code = Code(needs.chunks, version.statements, self._source(self._body(version, kept, bool(on_error)), ordered))
        if version is self.before:
            probe = Probe()
            code.probed = self._source(self._body(version, kept, bool(on_error), probe), ordered)
            code.branches, code.gathers = probe.branches, probe.gathers
        return code

    def _source(self, body: list[ast.stmt], ordered: list[str]) -> str:
        if self.mode == "function":
            args = ast.arguments([], [ast.arg(n) for n in ordered], None, [], [], None, [])
            function = ast.FunctionDef("__deloop_region__", args, body, [], None, None)
            function.type_params = []  # type: ignore[attr-defined]
            tree = ast.Module([function], [])
        else:
            tree = ast.Module(body, [])
        tree = ast.fix_missing_locations(mangled(tree, self._class_for_mangling()))
        return "from __future__ import annotations\n" + ast.unparse(tree)

    def _class_for_mangling(self) -> str:
        classes = [o for o in self.place.enclosing if isinstance(o, ast.ClassDef)]
        return classes[-1].name if classes else ""

    def _body(self, version: Version, results: list[str], partial: bool, probe: Probe | None = None) -> list[ast.stmt]:
        region = [Marked(probe).visit(s) for s in copies_of(version.statements, version.touched)]
        region = flat(region)
        if not version.touched:
            region = [call(ENTER), *region, call(LEAVE)]
        take = ast.Call(ast.Name(TAKE, ast.Load()), [name_tuple(results), locals_call()], [])
        if self.mode == "function":
            exits = Exits(take)
            region = flat([exits.visit(s) for s in region])
            ending: list[ast.stmt] = [ast.Return(tagged("end", take))]
        elif any(isinstance(n, (ast.Break, ast.Continue)) for s in region for n in loose_jumps(s)):
            raise CannotOutline("the region leaves a loop at module level")
        else:
            ending = []
        if partial and self.mode == "function":
            keep = ast.Expr(ast.Call(ast.Name("__deloop_partial__", ast.Load()), [copy.deepcopy(take)], []))
            handler = ast.ExceptHandler(ast.Name("BaseException", ast.Load()), None, [keep, ast.Raise()])
            region = [ast.Try(region or [ast.Pass()], [handler], [], [])]
        before = [optional_import(s) for s in copy.deepcopy(self.prologue)]
        return [*before, *region, *ending] or [ast.Pass()]


def stmt_contains(stmt: ast.AST, node: ast.AST) -> bool:
    return any(n is node for n in ast.walk(stmt))


def _is_fresh(value: ast.expr) -> bool:
    """A container made here: nobody else has it."""
    displays = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    return isinstance(value, displays) or (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("list", "dict", "set")
    )


def _looked_into(nodes: list[ast.AST]) -> set[int]:
    """The expressions that are looked into where they stand, and not handed on, as a method hands on what it is of."""
    found = {id(n.value) for n in nodes if isinstance(n, ast.Subscript)}
    found |= {id(n.func.value) for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    found |= {id(n.iter) for n in nodes if isinstance(n, ast.For)}
    found |= {id(n.test) for n in nodes if isinstance(n, (ast.If, ast.IfExp, ast.While))}
    calls = [n for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "len"]
    return found | {id(a) for n in calls for a in n.args}


def _is_lambda(stmt: ast.stmt) -> bool:
    return isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.Lambda)


def _is_guard(stmt: ast.stmt) -> bool:
    return (
        isinstance(stmt, ast.If)
        and not stmt.orelse
        and isinstance(stmt.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))
    )


def _jumps(stmt: ast.stmt) -> bool:
    return any(isinstance(n, ast.Return) for n in own_nodes([stmt])) or any(
        isinstance(n, (ast.Break, ast.Continue)) for n in loose_jumps(stmt)
    )


def _value_for(stmt: ast.stmt, name: str) -> ast.expr | None:
    if isinstance(stmt, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in stmt.targets):
        return stmt.value
    if isinstance(stmt, ast.AnnAssign) and isinstance(stmt.target, ast.Name):
        return stmt.value
    return None
