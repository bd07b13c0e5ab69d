"""From an outline to the specification of its inputs."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from .names import FUNCTIONS
from .outline import Outline
from .shape_specs import Resolver
from .shapes import MISSING, STATED, Shape, Spec
from .usage import Usage

_HINTS = {
    "frame",
    "series",
    "ndarray",
    "list",
    "dict",
    "str",
    "int",
    "float",
    "bool",
    "datetime",
    "callable",
    "set",
    "tuple",
}


def parameters(outline: Outline, hints: dict[str, str], forms: Sequence[Outline] = ()) -> list[dict[str, Any]]:
    """What to make for each parameter: `[{"name": ..., "spec": ...}]`, JSON all through.

    `forms` are the outlines of all new versions of the region, this one among them: each may tell more.
    """
    usage = Usage(outline.names, outline.class_name)
    wanted = [*outline.parameters, *outline.global_data]
    shapes = {name: Shape() for name in wanted}
    usage.globals |= {name: shapes[name] for name in outline.global_data}
    usage.env |= {name: shapes[name] for name in outline.parameters}
    for name, kind in hints.items():
        if name in shapes and kind in _HINTS:
            shapes[name].vote(kind, 2 * STATED)
    for function in outline.enclosing:
        if isinstance(function, FUNCTIONS):
            usage.arguments(function, set(outline.parameters))
    for name, value in outline.cut.items():
        if name in shapes:
            _take(shapes[name], usage.ev(value), shapes)
    initial = receiver_shape(outline, usage, shapes)
    start = dict(usage.env)
    constants = dict(usage.constants)
    for code in (outline.before, *(form.after for form in forms or (outline,))):
        usage.env, usage.constants = dict(start), dict(constants)
        usage.block([*outline.prologue, *code.statements])
    known_attributes(shapes.get(outline.receiver), initial)
    resolver = Resolver()
    specs = {name: resolver.spec(shape) for name, shape in shapes.items()}
    specs = {name: resolver.spec(shape) for name, shape in shapes.items()} if specs else specs
    if outline.receiver_is_class and outline.receiver in specs:
        specs[outline.receiver] = {"t": "class", "cls": outline.class_name}
    return [{"name": name, "spec": _final(specs[name])} for name in wanted]


def _take(shape: Shape, known: Shape, parameters: dict[str, Shape]) -> None:
    """What the code before the region says of a parameter; a parameter that is a copy of another stays its own."""
    if any(known.find() is other.find() for other in parameters.values()):
        for kind, weight in known.votes.items():
            shape.vote(kind, min(weight, 5.0))
    else:
        shape.unify(known)


def receiver_shape(outline: Outline, usage: Usage, shapes: dict[str, Shape]) -> Shape:
    """`self` is an object of its class; what `__init__` stores tells what its attributes are."""
    initial = Shape("object", STATED)
    receiver = shapes.get(outline.receiver)
    if receiver is None or outline.receiver_is_class:
        return initial
    receiver.vote("object", 2 * STATED).flag(f"class:{outline.class_name}")
    definition = next((o for o in outline.enclosing if isinstance(o, ast.ClassDef)), None)
    for stmt in definition.body if definition is not None else []:
        if isinstance(stmt, ast.FunctionDef) and stmt.name in ("__init__", "__post_init__"):
            bound = {stmt.args.args[0].arg: initial} if stmt.args.args else {}
            usage.run(stmt, bound, {})
        elif isinstance(stmt, ast.AnnAssign) and isinstance(stmt.target, ast.Name):
            attribute = Shape()
            usage.annotate(attribute, stmt.annotation)
            initial.written.setdefault(stmt.target.id, attribute)
    return initial


def known_attributes(receiver: Shape | None, initial: Shape) -> None:
    """Attributes that the code reads are what `__init__` stores."""
    if receiver is None:
        return
    for name, attribute in receiver.find().attrs.items():
        known = initial.find().written.get(name)
        if known is not None:
            value = known.find().value
            attribute.unify(known)
            if value is not MISSING and isinstance(value, (int, float, str, bool)):
                attribute.find().value = value


def _final(spec: Spec) -> Spec:
    return spec
