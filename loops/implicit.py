"""Loops that are expressions: `apply`, `map`, `np.vectorize` and comprehensions, told as the `for` loop that they are.

The expression becomes a virtual loop that appends each value to one virtual list. Lifting, kinds, inlining and the
array code then work on it as on any other loop; only the edit differs: it replaces the expression where it stands.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .body import Body
from .context import FileContext, Refused, SiteContext, mutated_roots, root_name
from .header import element_read, lift_header
from .header_rows import inv
from .inline import find_helper
from .ir import Access, Const, Expr, Header, HeaderForm, Inv, Loop, Read, Row, Scalar, Sequence_
from .kind_words import Kind
from .lift import lift_body
from .names import COMPREHENSIONS, bound_names
from .remarks import Reason, Refusal
from .vectorized import Vectorized, lambda_parameters, vectorized
from .walk import children, walk

RESULT = "§result"
#: Builtins that are called with one element.
CALLED_PER_ELEMENT = frozenset({"abs", "bool", "float", "int", "len", "round", "str"})
#: Words of `apply` and `map` themselves; others go to the function.
OPTIONS = frozenset({"axis", "args", "raw", "result_type", "by_row", "engine", "engine_kwargs", "convert_dtype"})
#: What reads a cell or a row of a frame.
CELLS = frozenset({"iloc", "loc", "iat", "at"})
#: What hands its function groups or windows, not rows or elements.
GROUPING = frozenset({"groupby", "rolling", "expanding", "ewm", "resample", "style", "str"})


class Form(StrEnum):
    """The expressions that go round."""

    ROWS = "rows"  # frame.apply(f, axis=1)
    ELEMENTS = "elements"  # series.apply(f), series.map(f)
    WINDOWS = "windows"  # series.rolling(w).apply(f)
    COMPREHENSION = "comprehension"  # [f(x) for x in data], also as a generator
    VECTORIZED = "vectorized"  # np.vectorize(f)(x, y)
    CELLS = "cells"  # frame.map(f), frame.applymap(f)


@dataclass(kw_only=True)
class ImplicitSite(SiteContext):
    """One expression that is a loop, with its surroundings. `loop` is the virtual loop."""

    node: ast.expr
    statement: ast.stmt
    form: Form
    #: What is iterated: the frame of `apply(axis=1)`, the series, the first iterable of a comprehension.
    over: ast.expr
    function: ast.expr | None = None
    columns: tuple[object, ...] = ()  # those picked from the frame, empty for all
    called: Vectorized | None = None  # of np.vectorize
    private: bool = field(default=True)

    @property
    def block(self) -> list[ast.stmt]:
        return self.file.scopes.block[self.statement]

    @property
    def index(self) -> int:
        return self.block.index(self.statement)

    def kind(self, node: ast.expr) -> Kind | None:
        return None if root_name(node) in self.assigned else super().kind(node)

    def dotted(self, node: ast.expr) -> str | None:
        return None if root_name(node) in self.assigned else super().dotted(node)


def implicit_site(file: FileContext, node: ast.expr, statement: ast.stmt) -> ImplicitSite | None:
    """The site that an expression makes, None if it is none."""
    scope = file.scopes.scope_of[statement]
    site = ImplicitSite(file, _skeleton(node), scope, node=node, statement=statement, form=Form.ELEMENTS, over=node)
    match node:
        case ast.Call(func=ast.Attribute(value=over, attr="apply" | "map" | "applymap" as called), args=[function, *_]):
            form = Form.WINDOWS if called == "apply" and rolled(over) else None
            form = form or _form(site, over, function, called, node.keywords)
            if form is None:
                return None
            site.form, site.over, site.function = form, over, function
        case ast.ListComp(generators=[generator]) | ast.GeneratorExp(generators=[generator]):
            if generator.is_async or not (_over_data(generator.iter) or _by_position(generator, node.elt)):
                return None
            site.form, site.over = Form.COMPREHENSION, generator.iter
        case ast.Call() if (made := vectorized(site, node)) is not None:
            site.form, site.over, site.called = Form.VECTORIZED, made.arguments[0], made
            site.function = made.function
        case _:
            return None
    return site


def _skeleton(node: ast.expr) -> ast.For:
    loop = ast.For(ast.Name("_", ast.Store()), ast.Tuple([], ast.Load()), [ast.Pass()], [])
    return ast.fix_missing_locations(ast.copy_location(loop, node))


def _form(
    site: SiteContext, over: ast.expr, function: ast.expr, called: str, keywords: list[ast.keyword]
) -> Form | None:
    """Whether the call goes over rows or elements, and calls Python code for each."""
    if _grouped(over) or not _is_function(site, function):
        return None
    axis = next((k.value for k in keywords if k.arg == "axis"), None)
    kind = site.kind(over)
    if isinstance(axis, ast.Constant) and axis.value in (1, "columns") and called == "apply":
        return Form.ROWS if kind is None or kind.name == "frame" else None
    if called != "apply" and axis is None and kind is not None and kind.name == "frame":
        return Form.CELLS
    if axis is not None or (kind is not None and kind.name != "series") or called == "applymap":
        return None
    column = (
        isinstance(over, ast.Subscript) and isinstance(over.slice, ast.Constant) and isinstance(over.slice.value, str)
    )
    return Form.ELEMENTS if kind is not None or column else None


def rolled(node: ast.expr) -> bool:
    """Whether an expression makes windows of a table: `x.rolling(5)`, `x.expanding()`."""
    match node:
        case ast.Call(func=ast.Attribute(value=table, attr="rolling" | "expanding")):
            return not _grouped(table)
    return False


def _grouped(node: ast.expr) -> bool:
    """Whether an accessor or a grouping method stands in the chain."""
    while True:
        match node:
            case ast.Attribute(value=value, attr=attr):
                if attr in GROUPING:
                    return True
                node = value
            case ast.Call(func=value) | ast.Subscript(value=value):
                node = value
            case _:
                return False


def _is_function(site: SiteContext, node: ast.expr) -> bool:
    match node:
        case ast.Lambda():
            return True
        case ast.Name(id=name):
            path = site.dotted(node)
            if path is not None and path.startswith("builtins."):
                return path.removeprefix("builtins.") in CALLED_PER_ELEMENT
            owner = site.file.scopes.owner(name, site.scope)
            return owner is not None and any(isinstance(b, ast.FunctionDef) for b in owner.binders(name))
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            return True
    return False


def _over_data(node: ast.expr) -> bool:
    """`range(len(df))`, `range(df.shape[0])`, `df.iterrows()`, `df.itertuples()`, `df.index`."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=args):
            return any(_measures(n) for n in args)
        case ast.Call(func=ast.Attribute(attr="iterrows" | "itertuples")) | ast.Attribute(attr="index"):
            return True
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
            return _over_data(inner)
    return False


def _measures(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="len")) | ast.Subscript(value=ast.Attribute(attr="shape")):
            return True
    return False


def _by_position(generator: ast.comprehension, element: ast.expr) -> bool:
    """`df.iloc[i]` for each of some numbers."""
    match generator:
        case ast.comprehension(target=ast.Name(id=count), iter=ast.Call(func=ast.Name(id="range"))):
            parts = [n for part in (element, *generator.ifs) for n in walk(part) if isinstance(n, ast.Subscript)]
            cells = [n for n in parts if isinstance(n.value, ast.Attribute) and n.value.attr in CELLS]
            return any(isinstance(x, ast.Name) and x.id == count for n in cells for x in walk(n.slice))
    return False


def lift_implicit(site: ImplicitSite) -> Loop | Refusal:
    """The loop IR of such a site, or why there is none."""
    try:
        _placeable(site)
        if site.form is Form.WINDOWS:  # its function gets whole windows: there is no loop over elements to tell
            return Loop(Header(HeaderForm.ELEMENTS, site.loop, {}), (), {}, {})  # type: ignore[arg-type]
        header = HEADERS.get(site.form, _applied)(site)
        body = Body(site, header)
        try:
            loop = lift_body(site, header, body)
        except Refused as e:
            raise (body.blocked if body.blocked and e.refusal.reason is Reason.ROW_ESCAPES else e) from None
        _check_columns(site, loop)
        return body.blocked.refusal if body.blocked and loop.opaque and site.function is not None else loop
    except Refused as e:
        return e.refusal
    except RecursionError:
        return Refusal(Reason.UNSUPPORTED_SYNTAX, site.node.lineno, "the expression is nested too deeply")


def _check_columns(site: ImplicitSite, loop: Loop) -> None:
    """A column that was left out is not read."""
    if not site.columns:
        return
    for read in (x for e in loop.effects for x in e.value.walk() if isinstance(x, Read) and x.access is Access.ROW):
        column = read.source.column
        if not isinstance(column, Const) or column.value not in site.columns:
            raise Refused(Reason.UNKNOWN_KIND, site.node, "a column is read that was not picked")


def _placeable(site: ImplicitSite) -> None:
    """Names mean the same in the expression and in its statement."""
    if isinstance(site.scope.node, ast.ClassDef):
        raise Refused(Reason.SCOPE, site.node, "the expression stands in a class body")
    for up in site.file.scopes.ancestors(site.node):
        if up is site.statement:
            break
        if isinstance(up, (ast.Lambda, *COMPREHENSIONS)):
            raise Refused(Reason.SCOPE, site.node, "the expression stands inside a lambda or comprehension")


def _comprehension(site: ImplicitSite) -> Header:
    node = site.node
    assert isinstance(node, (ast.ListComp, ast.GeneratorExp))
    generator = node.generators[0]
    append: ast.stmt = _append(node.elt)
    for test in reversed(generator.ifs):
        append = ast.copy_location(ast.If(test, [append], []), test)
    _set_loop(site, generator.target, generator.iter, [append])
    return lift_header(site)


def _vectorized(site: ImplicitSite) -> Header:
    """The header of a vectorised call: its arrays side by side, each element as a Python scalar."""
    assert site.called is not None
    arguments = site.called.arguments
    over = [a for a in arguments if _elements(site, a)]
    if not over:
        raise Refused(Reason.UNKNOWN_KIND, site.node, "none of the arguments is known to be a series or an array")
    if any(not isinstance(a, (ast.Name, ast.Constant)) for a in arguments if a not in over):
        raise Refused(Reason.UNSUPPORTED_SYNTAX, site.node, "an argument is no series or array, and no plain name")
    parameters, body = _called_with(site, arguments, over)
    targets: list[ast.expr] = [ast.Name(p, ast.Store()) for p in parameters]
    if set(parameters) & {n.id for a in arguments for n in walk(a) if isinstance(n, ast.Name)}:
        raise Refused(Reason.UNSUPPORTED_SYNTAX, site.node, "a parameter has the name of an argument")
    target = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
    zipped = over[0] if len(over) == 1 else ast.Call(ast.Name("zip", ast.Load()), over, [])
    _set_loop(site, target, ast.fix_missing_locations(ast.copy_location(zipped, site.node)), body)
    header = lift_header(site)
    reads = {e: replace(e, scalar=Scalar.PYTHON) for e in header.elements if isinstance(e, Read)}
    if len(reads) != len(over) or any(e.part for e in reads):
        raise Refused(Reason.UNKNOWN_KIND, site.node, "an argument is not known to be a one-dimensional array")
    binds = {n: reads.get(e, e) if isinstance(e, Read) else e for n, e in header.binds.items()}
    return replace(header, binds=binds, elements=tuple(reads.values()))


def _elements(site: ImplicitSite, node: ast.expr) -> bool:
    """Whether an argument is surely gone through element by element."""
    kind = site.kind(node)
    return kind is not None and (kind.name == "series" or (kind.name == "ndarray" and kind.ndim == 1))


def _called_with(
    site: ImplicitSite, arguments: Sequence[ast.expr], over: Sequence[ast.expr]
) -> tuple[list[str], list[ast.stmt]]:
    """The names that hold the elements of the arrays, and the statements that append the value."""
    function = site.function
    assert function is not None
    if isinstance(function, ast.Lambda):
        names = lambda_parameters(function, arguments)
        if names is None:
            raise Refused(Reason.UNSUPPORTED_SYNTAX, function, "the lambda has unusual parameters")
        fixed = [(n, a) for n, a in zip(names, arguments, strict=True) if a not in over]
        bound = [ast.copy_location(ast.Assign([ast.Name(n, ast.Store())], a), function) for n, a in fixed]
        held = [n for n, a in zip(names, arguments, strict=True) if a in over]
        return held, [*map(ast.fix_missing_locations, bound), _append(function.body)]
    call = ast.copy_location(ast.Call(function, list(arguments), []), function)
    helper = find_helper(site, call)
    if helper is None:
        message = f"`{ast.unparse(function)}` is no small pure function of this project"
        raise Refused(Reason.UNKNOWN_CALL, function, message)
    wishes = [a.arg for a in helper.function.args.args[1 if helper.skip_first else 0 :]]
    used: list[str] = []
    for argument, wish in zip(arguments, wishes, strict=False):
        if argument in over:
            used.append(site.fresh(*(w for w in (wish, f"{wish}_value", f"value_{len(used)}") if w not in used)))
    names_of = iter(used)
    call.args = [ast.copy_location(ast.Name(next(names_of), ast.Load()), a) if a in over else a for a in arguments]
    return used, [_append(call)]


def _applied(site: ImplicitSite) -> Header:
    """The header of `apply` and `map`, the virtual loop filled in."""
    call = site.node
    assert isinstance(call, ast.Call)
    extra, words = _passed_on(site, call)
    parameter, body = _body(site, extra, words)
    _set_loop(site, ast.Name(parameter, ast.Store()), site.over, body)
    if parameter in {n.id for n in walk(site.over) if isinstance(n, ast.Name)}:
        raise Refused(Reason.UNSUPPORTED_SYNTAX, call, "the parameter has the name of what is iterated")
    if site.form is Form.ROWS:
        table = _table(site)
        binds: dict[str, Expr] = {parameter: Row(table, Access.ROW)}
        return Header(HeaderForm.ITERROWS, site.loop, binds, table)  # type: ignore[arg-type]
    if site.form is Form.CELLS:
        cell = Read(Sequence_(inv(site.over)), Access.ITERATE, 0, None, Scalar.PYTHON, parameter)
        return Header(HeaderForm.ELEMENTS, site.loop, {parameter: cell}, None, None, (cell,))  # type: ignore[arg-type]
    read = element_read(site, site.over, parameter)
    if isinstance(read, Read) and read.scalar is Scalar.ITEM and (column := _column_by_use(site)) is not None:
        read = Read(column, Access.ITERATE, 0, None, Scalar.PYTHON, parameter)
    if not isinstance(read, Read) or read.scalar is not Scalar.PYTHON:
        raise Refused(Reason.UNKNOWN_KIND, call, f"`{ast.unparse(site.over)[:60]}` is not known to be a series")
    return Header(HeaderForm.ELEMENTS, site.loop, {parameter: read}, None, None, (read,))  # type: ignore[arg-type]


def _column_by_use(site: ImplicitSite) -> Sequence_ | None:
    """A column of what must be a frame, since columns are stored into it: dicts and groups of frames are set aside."""
    match site.over:
        case ast.Subscript(value=ast.Name(id=name) as base, slice=ast.Constant(value=str()) as key):
            if site.kind(base) is None and _stores_columns(site, name):
                site.assumed.add("frame-columns")
                return Sequence_(inv(base), Const(key.value, key))
    return None


def _stores_columns(site: ImplicitSite, name: str) -> bool:
    for n in site.file.scopes.names_below(site.scope.node).get(name, ()):
        up = site.file.scopes.parent.get(n)
        match up:
            case ast.Subscript(value=value, slice=ast.Constant(value=str()), ctx=ast.Store()) if value is n:
                return True
    return False


def _table(site: ImplicitSite) -> Inv:
    """The frame whose rows are visited; some columns of a frame are columns of that frame."""
    match site.over:
        case ast.Subscript(value=frame, slice=ast.List(elts=elts)) if all(
            isinstance(e, ast.Constant) and isinstance(e.value, str) for e in elts
        ):
            site.columns = tuple(e.value for e in elts if isinstance(e, ast.Constant))
            site.over = frame
    node = site.over
    plain = node
    while isinstance(plain, ast.Attribute):
        plain = plain.value
    if not isinstance(plain, ast.Name):
        message = f"`{ast.unparse(node)[:60]}` would be computed several times: name it first"
        raise Refused(Reason.UNSUPPORTED_SYNTAX, site.node, message)
    return inv(node)


def _passed_on(site: ImplicitSite, call: ast.Call) -> tuple[list[ast.expr], dict[str, ast.expr]]:
    """What the function gets besides the row or element, by position and by name."""
    extra: list[ast.expr] = []
    words: dict[str, ast.expr] = {}
    if len(call.args) > 1:
        raise Refused(Reason.UNSUPPORTED_SYNTAX, call, "options are passed by position")
    for k in call.keywords:
        match k:
            case ast.keyword(arg=None):
                raise Refused(Reason.UNSUPPORTED_SYNTAX, call, "options are passed with **")
            case ast.keyword(arg="args", value=ast.Tuple(elts=elts) | ast.List(elts=elts)) if not any(
                isinstance(e, ast.Starred) for e in elts
            ):
                extra = elts
            case ast.keyword(arg="result_type", value=ast.Constant(value=str(how))):
                raise Refused(Reason.UNSUPPORTED_SYNTAX, call, f"result_type={how!r} makes columns of the results")
            case ast.keyword(arg="na_action", value=ast.Constant(value=str())):
                raise Refused(Reason.UNSUPPORTED_SYNTAX, call, "na_action leaves missing values out")
            case ast.keyword(arg="axis") | ast.keyword(value=ast.Constant(value=None)):
                pass
            case ast.keyword(arg=str(arg)) if arg in OPTIONS:
                raise Refused(Reason.UNSUPPORTED_SYNTAX, call, f"`{arg}=` changes what the function gets")
            case ast.keyword(arg=str(arg), value=value):
                words[arg] = value
    return extra, words


def _body(site: ImplicitSite, extra: list[ast.expr], words: dict[str, ast.expr]) -> tuple[str, list[ast.stmt]]:
    """The parameter that holds the row or element, and the statements that append the value."""
    function = site.function
    if isinstance(function, ast.Lambda):
        return _lambda_body(function, extra, words)
    assert function is not None
    wish = "row" if site.form is Form.ROWS else "value"
    call = ast.Call(function, [], [])
    ast.copy_location(call, function)
    helper = find_helper(site, call)
    if helper is None and not (
        isinstance(function, ast.Name) and (site.dotted(function) or "").startswith("builtins.")
    ):
        message = f"`{ast.unparse(function)}` is no small pure function of this project"
        raise Refused(Reason.UNKNOWN_CALL, function, message)
    first = [a.arg for a in helper.function.args.args[1 if helper.skip_first else 0 :]] if helper else []
    parameter = site.fresh(*first[:1], wish)
    call.args = [ast.copy_location(ast.Name(parameter, ast.Load()), function), *extra]
    call.keywords = [ast.keyword(k, v) for k, v in words.items()]
    return parameter, [_append(call)]


def _lambda_body(function: ast.Lambda, extra: list[ast.expr], words: dict[str, ast.expr]) -> tuple[str, list[ast.stmt]]:
    a = function.args
    names = [x.arg for x in (*a.posonlyargs, *a.args)]
    if not names or a.vararg or a.kwarg or a.kwonlyargs:
        raise Refused(Reason.UNSUPPORTED_SYNTAX, function, "the lambda has unusual parameters")
    given = dict(zip(names[1:], extra, strict=False)) | words
    defaults = dict(zip(names[::-1], a.defaults[::-1], strict=False))
    body: list[ast.stmt] = []
    for name in names[1:]:
        value = given.get(name) or defaults.get(name)
        if not isinstance(value, ast.Constant):
            raise Refused(Reason.UNSUPPORTED_SYNTAX, function, f"`{name}` of the lambda is not given as a literal")
        bound = ast.Assign([ast.Name(name, ast.Store())], value)
        body.append(ast.fix_missing_locations(ast.copy_location(bound, value)))
    if len(extra) > len(names) - 1 or set(words) - set(names):
        raise Refused(Reason.UNSUPPORTED_SYNTAX, function, "the lambda is called with parameters that it does not have")
    return names[0], [*body, _append(function.body)]


def _append(value: ast.expr) -> ast.stmt:
    append = ast.Attribute(ast.Name(RESULT, ast.Load()), "append", ast.Load())
    stmt = ast.Expr(ast.Call(append, [value], []))
    for n in (stmt, stmt.value, append, append.value):
        ast.copy_location(n, value)
    return stmt


def _set_loop(site: ImplicitSite, target: ast.expr, iterable: ast.expr, body: list[ast.stmt]) -> None:
    """Make the virtual loop, standing where the statement stands."""
    ast.copy_location(target, iterable)
    loop = ast.copy_location(ast.For(target, iterable, body, []), site.node)
    scopes = site.file.scopes
    site.loop = loop
    site.assigned = set(bound_names(loop))
    site.mutated = mutated_roots(loop) - {RESULT}
    if site.statement in scopes.parent:
        scopes.parent[loop] = scopes.parent[site.statement]
    scopes.scope_of[loop] = site.scope
    scopes.block[loop] = site.block


#: What tells the loop of the forms that are no call of `apply` or `map`.
HEADERS = {Form.COMPREHENSION: _comprehension, Form.VECTORIZED: _vectorized}


def expressions(stmt: ast.stmt) -> list[ast.expr]:
    """The expressions of a statement itself, those of statements inside left out, outer ones first."""
    found: list[ast.AST] = [
        n for n in children(stmt) if not isinstance(n, (ast.stmt, ast.excepthandler, ast.match_case))
    ]
    for parent in found:
        found += children(parent)
    return [n for n in found if isinstance(n, ast.expr)]
