"""Two functions as code that runs on its own, on the same inputs."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .infer import known_attributes, receiver_shape
from .marks import ENTER, Probe, call, mangled, tagged
from .names import FUNCTIONS, OPEN, declared_outside, loads, opens_to_read, own_nodes, parameters, stores
from .outline_model import Code, Outline, Width
from .pairs import Pair, Side
from .preamble import Chunk, Needs
from .regions import CannotOutline
from .settled import settled_parameters
from .shape_specs import Resolver
from .shapes import Shape, Spec
from .usage import Usage

_REGION, _CALLED = "__deloop_region__", "__deloop_called__"


def outline_pair(pair: Pair) -> Outline:
    """Both functions, each with what it needs of its own file. Raises CannotOutline with the reason."""
    sides = (pair.old, pair.new)
    for side in sides:
        _refuse(side)
    old_needs, new_needs = (_needs(side, pair) for side in sides)
    data = sorted(old_needs.data | new_needs.data | _opened(sides))
    for side, needs in zip(sides, (old_needs, new_needs), strict=True):
        clash = sorted(n for n in data if n not in needs.data and any(n in c.names for c in needs.chunks))
        if clash:
            raise CannotOutline(
                f"`{clash[0]}` is computed in {side.shown}, and something that can't be run in the other"
            )
    probe = Probe()
    names = [i.name for i in pair.inputs]
    before = Code(old_needs.chunks, pair.old.function.body, _source(pair.old, _given(pair, "old"), names))
    before.probed = _source(pair.old, _given(pair, "old"), names, probe)
    calling = [pair.old.function, *(ast.parse(c.code) for c in old_needs.chunks if c.kind == "code")]
    before.probed_chunks = [_probed(chunk, pair.old, probe, calling) for chunk in old_needs.chunks]
    before.branches, before.gathers = probe.branches, probe.gathers
    after = Code(
        _renamed(new_needs.chunks, pair), pair.new.function.body, _source(pair.new, _given(pair, "new"), names)
    )
    receiver = next((i.name for i in pair.inputs if i.old and i.old == pair.old.receiver), "")
    return Outline(
        mode="function",
        parameters=names,
        global_data=[n for n in data if n not in names],
        results=[],
        before=before,
        after=after,
        scope=pair.old.function,
        names=pair.old.names,
        width=Width.BARE,
        enclosing=_enclosing(pair.old),
        prologue=[],
        receiver=receiver,
        receiver_is_class=pair.old.takes_class,
        class_name=pair.old.owner.name if pair.old.owner is not None else "",
    )


def inputs_of_pair(pair: Pair, outline: Outline, given: Sequence[str] = ()) -> list[Spec]:
    """What to make for each input, from the use in both functions, and in what is given: as `infer.parameters`."""
    found = _inputs(pair, outline, ("old", "new"), given)
    if any(isinstance(n, ast.Attribute) and n.attr == "merge" for n in ast.walk(pair.new.function)):
        # a column of merged frames may come from either: the old function tells from which
        told = {one["name"]: one["spec"].get("cols", {}) for one in _inputs(pair, outline, ("old",))}
        for one in found:
            others = {c for name, columns in told.items() if name != one["name"] for c in columns}
            for column in others - set(told[one["name"]]):
                one["spec"].get("cols", {}).pop(column, None)
    return found


def _inputs(pair: Pair, outline: Outline, sides: Sequence[str], given: Sequence[str] = ()) -> list[Spec]:
    wanted = [*outline.parameters, *outline.global_data]
    shapes = {name: Shape() for name in wanted}
    usage = Usage(outline.names, outline.class_name)
    usage.globals |= {name: shapes[name] for name in outline.global_data}
    found = []
    for which in sides:
        side = pair.old if which == "old" else pair.new
        usage.names, usage.class_name = side.names, side.owner.name if side.owner is not None else ""
        passed = {getattr(i, which): shapes[i.name] for i in pair.inputs if getattr(i, which)}
        usage.env, usage.constants, usage.local_functions = dict(passed), {}, {}
        for name, shape in passed.items():
            if name in {p.arg for p in parameters(side.function)}:
                usage.env[name] = shape
        usage.arguments(side.function, {p.arg for p in parameters(side.function)})
        mine = next((i.name for i in pair.inputs if getattr(i, which) and getattr(i, which) == side.receiver), "")
        seen = replace(
            outline,
            receiver=mine,
            receiver_is_class=side.takes_class,
            class_name=_class_of_inputs(pair, mine),
            enclosing=_enclosing(side),
        )
        found.append((mine, receiver_shape(seen, usage, shapes)))
        usage.block(side.function.body)
    usage.env, usage.constants = dict(shapes), {}
    for condition in given:
        usage.test(ast.parse(condition.strip(), mode="eval").body)
    for mine, initial in found:
        known_attributes(shapes.get(mine), initial)
    resolver = Resolver()
    specs = {name: resolver.spec(shape) for name, shape in shapes.items()}
    specs = {name: resolver.spec(shape) for name, shape in shapes.items()} if specs else specs
    for (mine, _), side in zip(found, (pair.old, pair.new), strict=False):
        if side.takes_class and mine in specs:
            specs[mine] = {"t": "class", "cls": _class_of_inputs(pair, mine)}
    return [{"name": name, "spec": specs[name]} for name in wanted]


def _opened(sides: Iterable[Side]) -> set[str]:
    """`open`, where that is built in and both functions only read by it."""
    own = all(OPEN not in side.names.binders and opens_to_read([side.function]) for side in sides)
    return {OPEN} if own else set()


def _class_of_inputs(pair: Pair, name: str) -> str:
    """The class that an object is made of: that of the old method, where both take it."""
    both = next((i for i in pair.inputs if i.name == name), None)
    owner = pair.old.owner if both is not None and both.old else pair.new.owner
    return owner.name if owner is not None else ""


def _enclosing(side: Side) -> list[ast.AST]:
    return [*([side.owner] if side.owner is not None else []), side.function]


def _refuse(side: Side) -> None:
    function = side.function
    if isinstance(function, ast.AsyncFunctionDef):
        raise CannotOutline(f"{side.shown} is a coroutine: it can't be run on its own")
    used = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    if used & {"super", "__class__"}:
        raise CannotOutline(f"{side.shown} uses {min(used & {'super', '__class__'})}, which depends on its class")
    nodes = [n for n in ast.walk(function) if isinstance(n, FUNCTIONS)]
    shared = {n for node in nodes for n in _global_names(node) if n in stores(node.body)}
    if shared:
        raise CannotOutline(f"{side.shown} assigns the global {', '.join(sorted(shared))}, which is not compared")


def _global_names(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    kept = [n for n in own_nodes(node.body) if isinstance(n, ast.Global)]
    return declared_outside(kept)


def _needs(side: Side, pair: Pair) -> Needs:
    """What the function needs of its file; the classes of its inputs too."""
    wanted = loads(side.function) - loads([d for d in side.function.decorator_list if d not in side.decorators])
    wanted |= _annotated(pair) & set(side.names.binders)
    if side.owner is not None and side.owner.name in side.names.binders:
        wanted.add(side.owner.name)
    attributes = {n.attr for n in ast.walk(side.function) if isinstance(n, ast.Attribute)}
    return side.names.closure(wanted, attributes)


def _annotated(pair: Pair) -> set[str]:
    """Classes named in annotations of parameters, by either function."""
    notes = [p.annotation for side in (pair.old, pair.new) for p in parameters(side.function) if p.annotation]
    texts = [n.value for a in notes for n in ast.walk(a) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    found = {n.id for a in notes for n in ast.walk(a) if isinstance(n, ast.Name)} | set(texts)
    return {n for n in found for side in (pair.old, pair.new) if isinstance(side.names.functions.get(n), ast.ClassDef)}


def _renamed(chunks: list[Chunk], pair: Pair) -> list[Chunk]:
    """The objects that go into both methods are of the old one's class: the new class goes by that name."""
    old, new = pair.old.owner, pair.new.owner
    shared = any(i.old == pair.old.receiver and i.new == pair.new.receiver for i in pair.inputs)
    if old is None or new is None or old.name == new.name or not shared:
        return chunks
    code = f"{old.name} = {new.name}\n{old.name}.__name__ = {old.name}.__qualname__ = {old.name!r}"
    return [*chunks, Chunk("code", (old.name,), code)]


def _probed(chunk: Chunk, side: Side, probe: Probe, calling: Sequence[ast.AST]) -> Chunk:
    """A helper function of the file with a probe on each of its conditions."""
    if chunk.kind != "code" or chunk.space or len(chunk.names) != 1:
        return chunk
    definition = side.names.functions.get(chunk.names[0])
    if not isinstance(definition, ast.FunctionDef) or len(side.names.binders[chunk.names[0]]) != 1:
        return chunk
    if definition is side.function:
        return chunk  # a recursive call: its conditions have their probes
    made = copy.deepcopy(definition)
    probe.settled = settled_parameters(definition, calling)
    made.body = [probe.visit(s) for s in made.body]
    probe.settled = frozenset()
    return replace(chunk, code=ast.unparse(ast.fix_missing_locations(made)))


def _given(pair: Pair, which: str) -> dict[str, str]:
    """Parameter -> input."""
    return {getattr(i, which): i.name for i in pair.inputs if getattr(i, which)}


def _source(side: Side, given: dict[str, str], names: Iterable[str], probe: Probe | None = None) -> str:
    function = copy.deepcopy(side.function)
    function.name = _CALLED
    function.decorator_list = [copy.deepcopy(d) for d in side.decorators]
    if probe is not None:
        function.body = [probe.visit(s) for s in function.body]
    arguments = ast.arguments([], [ast.arg(n) for n in names], None, [], [], None, [])
    body = [call(ENTER), ast.Return(tagged("return", _call(side, given)))]
    region = ast.FunctionDef(_REGION, arguments, body, [], None, None)
    region.type_params = []  # type: ignore[attr-defined]
    tree = ast.Module([function, region], [])
    tree = ast.fix_missing_locations(mangled(tree, side.owner.name if side.owner is not None else ""))
    return "from __future__ import annotations\n" + ast.unparse(tree)


def _call(side: Side, given: dict[str, str]) -> ast.Call:
    a = side.function.args
    by_position = {p.arg for p in a.posonlyargs}
    if a.vararg is not None and a.vararg.arg in given:
        by_position |= {p.arg for p in a.args}
    values: list[ast.expr] = []
    keywords: list[ast.keyword] = []
    for parameter in [*a.posonlyargs, *a.args, *a.kwonlyargs]:
        name = parameter.arg
        if name not in given:
            if name in by_position:
                raise CannotOutline(f"{side.shown}: `{name}` can't be left out, since what follows goes by position")
            continue
        value = ast.Name(given[name], ast.Load())
        if name in by_position:
            values.append(value)
        else:
            keywords.append(ast.keyword(name, value))
    if a.vararg is not None and a.vararg.arg in given:
        values.append(ast.Starred(ast.Name(given[a.vararg.arg], ast.Load()), ast.Load()))
    if a.kwarg is not None and a.kwarg.arg in given:
        keywords.append(ast.keyword(None, ast.Name(given[a.kwarg.arg], ast.Load())))
    return ast.Call(ast.Name(_CALLED, ast.Load()), values, keywords)
