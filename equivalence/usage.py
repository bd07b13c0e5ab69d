"""Walk the code of a region and note how every value is used."""

from __future__ import annotations

import ast
from typing import Any

from ..loops.kind_words import OTHER_FRAMES
from .names import dotted, parameters
from .preamble import ModuleNames
from .shapes import MISSING, STATED, Shape
from .tables import ANNOTATIONS
from .usage_values import Expressions

#: Kinds of which the default says what else may be given; a number or a text may be any.
_HELD = ("rng", "frame", "series", "ndarray", "list", "dict", "set")


class Usage(Expressions):
    """Abstract evaluation: every expression becomes a Shape, and every use leaves a trace on the shapes it concerns."""

    def __init__(self, names: ModuleNames, class_name: str = "") -> None:
        self.names = names
        self.env: dict[str, Shape] = {}
        self.globals: dict[str, Shape] = {}
        self.constants: dict[str, Any] = {}
        self.class_name = class_name
        self.stack: list[str] = []
        self.returned: list[Shape] = []
        self.local_functions: dict[str, ast.AST] = {}
        self.homes: dict[ast.AST, ModuleNames] = {}

    # statements

    def block(self, stmts: list[ast.stmt]) -> None:
        for stmt in stmts:
            self.stmt(stmt)

    def stmt(self, stmt: ast.stmt) -> None:
        match stmt:
            case ast.Assign(targets=targets, value=value):
                shape = self.ev(value)
                for target in targets:
                    self.bind(target, shape, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self.bind(target, self.ev(value), value)
            case ast.AugAssign(target=target, op=op, value=value):
                self._augmented(target, op, value)
            case ast.For() | ast.AsyncFor():
                self.bind(stmt.target, self.iterate(self.ev(stmt.iter)))
                self.block(stmt.body)
                self.block(stmt.orelse)
            case ast.While():
                self.test(stmt.test)
                self.block(stmt.body)
            case ast.If():
                self.test(stmt.test)
                self._branches(stmt)
            case ast.With():
                for item in stmt.items:
                    shape = self.ev(item.context_expr)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, shape)
                self.block(stmt.body)
            case ast.Try():
                for part in (stmt.body, *(h.body for h in stmt.handlers), stmt.orelse, stmt.finalbody):
                    self.block(part)
            case ast.Return(value=value):
                self.returned.append(self.ev(value) if value is not None else Shape())
            case ast.FunctionDef():
                self.local_functions[stmt.name] = stmt
                self.env.pop(stmt.name, None)
            case ast.Expr(value=value):
                self.ev(value)
            case ast.Match():
                self._match(stmt)
            case ast.Assert(test=test):
                self.test(test)
            case ast.Delete() | ast.Raise():
                for child in ast.iter_child_nodes(stmt):
                    if isinstance(child, ast.expr):
                        self.ev(child)

    def _branches(self, stmt: ast.If) -> None:
        """Both ways; what takes the place of None (`if x is None: x = []`) says what is given where it is not."""
        given = _default_of(stmt.test)
        old = self.env.get(given) if given else None
        self.block(stmt.body)
        self.block(stmt.orelse)
        new = self.env.get(given)
        if old is not None and new is not None and new is not old and any(new.votes[kind] for kind in _HELD):
            self.env[given] = old.unify(new)

    def _match(self, stmt: ast.Match) -> None:
        subject = self.ev(stmt.subject)
        for case in stmt.cases:
            for node in ast.walk(case.pattern):
                if isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant):
                    self.compared(subject, node.value.value)
                elif isinstance(node, ast.MatchAs) and node.name:
                    self.env[node.name] = subject
            self.block(case.body)

    def _augmented(self, target: ast.expr, op: ast.operator, value: ast.expr) -> None:
        old = self.ev(target)
        new = self.binary(old, op, self.ev(value), target, value)
        if isinstance(target, ast.Name):
            self.constants.pop(target.id, None)
            if old.votes["list"] or isinstance(value, ast.List):
                return
            self.env[target.id] = new

    def bind(self, target: ast.expr, shape: Shape, value: ast.expr | None = None) -> None:
        """Give a target its value."""
        if isinstance(target, ast.Name):
            self.env[target.id] = shape
            self.constants.pop(target.id, None)
            if isinstance(value, ast.Constant):
                self.constants[target.id] = value.value
        elif isinstance(target, (ast.Tuple, ast.List)):
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                for k, (part, v) in enumerate(zip(target.elts, value.elts, strict=True)):
                    self.bind(part, shape.item(k), v)
                return
            if isinstance(value, ast.Attribute) and value.attr == "shape" and len(target.elts) == 2:
                self.ev(value.value).flag("2d")
            if "parts" in shape.find().flags and not any(isinstance(t, ast.Starred) for t in target.elts):
                shape.flag("exact")
            for k, part in enumerate(target.elts):
                if isinstance(part, ast.Starred):
                    rest = Shape("list")
                    rest.elem.unify(shape.item(k))
                    self.bind(part.value, rest)
                else:
                    self.bind(part, shape.item(k))
            if not shape.votes["list"]:
                shape.vote("tuple", 0.5)
        elif isinstance(target, ast.Subscript):
            self._store(target, shape)
        elif isinstance(target, ast.Attribute):
            self.ev(target.value).write(target.attr, shape)

    def _store(self, target: ast.Subscript, shape: Shape) -> None:
        base = self.ev(target.value)
        key = target.slice
        accessor = isinstance(target.value, ast.Attribute) and target.value.attr in ("at", "loc", "iat", "iloc")
        name = self.const(key)
        if isinstance(name, str) and not accessor:
            base.write(name, shape)
        elif accessor and isinstance(key, ast.Tuple) and len(key.elts) == 2:
            self.position(self.ev(key.elts[0]), base)
            column = self._column_of_cell(base, key.elts[1])
            base.vote("frame", 2)
            if isinstance(column, str):
                base.write(column, _series_of(shape))
                base.find().cells.add(column)
        else:
            self.subscript(base, target, key)

    def _column_of_cell(self, base: Shape, key: ast.expr) -> Any:
        """The column of `df.at[i, key]`; a variable holds the name of one that is like its own."""
        column = self.const(key)
        if column is not MISSING or not isinstance(key, ast.Name):
            return column
        shape = self.ev(key)
        known = (
            shape.votes["number"] or shape.votes["index"] or shape.has_elem or {"position", "column of"} & shape.flags
        )
        if known or not (shape.value is MISSING or isinstance(shape.value, str)):
            return column
        return self.column_named_by(base, shape, key)

    # annotations

    def annotate(self, shape: Shape, annotation: ast.expr | None) -> None:
        """Take the kind from an annotation."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except SyntaxError:
                return
        if isinstance(annotation, ast.BinOp):
            for side in (annotation.left, annotation.right):
                if isinstance(side, ast.Constant) and side.value is None:
                    shape.flag("optional")
            real = [
                s for s in (annotation.left, annotation.right) if not (isinstance(s, ast.Constant) and s.value is None)
            ]
            if len(real) == 1 or all(isinstance(r, (ast.Name, ast.Attribute)) for r in real):
                self.annotate(shape, real[0])
            return
        if isinstance(annotation, ast.Subscript):
            self._generic(shape, annotation)
            return
        named = dotted(annotation) if annotation is not None else ""
        kind = ANNOTATIONS.get(named.rsplit(".", 1)[-1])
        if kind and self._of_others(named):
            shape.vote("duck", STATED)
        elif kind:
            shape.vote(kind, STATED)
        elif isinstance(annotation, ast.Name) and isinstance(self.names.functions.get(annotation.id), ast.ClassDef):
            shape.vote("object", STATED).flag(f"class:{annotation.id}")

    def _of_others(self, name: str) -> bool:
        """Whether a type is one of another library with frames."""
        module = self.names.imports.get(name.split(".")[0], "")
        return module.split(".")[0] in OTHER_FRAMES

    def _generic(self, shape: Shape, annotation: ast.Subscript) -> None:
        name = dotted(annotation.value).rsplit(".", 1)[-1]
        inner = annotation.slice
        if name in ("Optional", "Union", "Annotated", "Final", "ClassVar"):
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            real = [p for p in parts if not (isinstance(p, ast.Constant) and p.value is None)]
            if name == "Optional" or len(real) < len(parts):
                shape.flag("optional")
            if real:
                self.annotate(shape, real[0])
            return
        kind = ANNOTATIONS.get(name)
        if not kind:
            return
        shape.vote(kind, STATED)
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if kind == "dict" and len(parts) == 2:
            self.annotate(shape.key, parts[0])
            self.annotate(shape.elem, parts[1])
        elif kind in ("list", "set", "iterator"):
            self.annotate(shape.elem, parts[0])
        elif kind == "tuple":
            if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
                self.annotate(shape.elem, parts[0])
            else:
                for k, part in enumerate(parts):
                    self.annotate(shape.item(k), part)

    def defaults(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Bind the parameters of a helper that the call leaves out."""
        bound = set(self.env)
        self.arguments(function, {p.arg for p in parameters(function)} - bound)

    def arguments(self, function: ast.FunctionDef | ast.AsyncFunctionDef, wanted: set[str]) -> None:
        """Give the wanted parameters of a function their shapes, from annotations and defaults."""
        a = function.args
        positional = [*a.posonlyargs, *a.args]
        defaults = dict(zip([p.arg for p in positional[len(positional) - len(a.defaults) :]], a.defaults, strict=True))
        defaults |= {p.arg: d for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True) if d is not None}
        for parameter in parameters(function):
            if parameter.arg not in wanted:
                continue
            shape = self.env.setdefault(parameter.arg, Shape())
            self.annotate(shape, parameter.annotation)
            if parameter is a.vararg:
                shape.vote("list", STATED)
            if parameter is a.kwarg:
                shape.vote("dict", STATED)
            if parameter.arg in defaults:
                self._default(shape, parameter.arg, self.const(defaults[parameter.arg]))

    def _default(self, shape: Shape, name: str, value: Any) -> None:
        if value is None:
            shape.flag("optional")
        if value is MISSING or value is None:
            return
        known = self.of_value(value)
        shape.votes.update(["set"] if isinstance(value, (set, frozenset)) else known.votes)
        shape.value = value
        shape.literal(value) if isinstance(value, (str, int, float)) else None
        if isinstance(value, str):
            self.constants[name] = value


def _series_of(shape: Shape) -> Shape:
    series = Shape("series")
    series._elem = shape
    return series


def _default_of(test: ast.expr) -> str:
    """The name of which a test says that it is None, or nothing."""
    match test:
        case ast.Compare(left=ast.Name(id=id_), ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return id_
    return ""
