"""What the two hoisting idioms share: replace reads in a body that stays as it is, say when that is not allowed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from ...loops.anchor import output_share, unknown_calls
from ...loops.context import SiteContext, root_name
from ...loops.exposure import changed_by_calls
from ...loops.facts import stored_columns, stored_numbers
from ...loops.ir import Const, Inv, Read
from ...loops.names import bound_names
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk

#: Methods of a frame that always change it.
FRAME_CHANGERS = frozenset({"eval", "insert", "pop", "update"})


def allowed(site: SiteContext, side_effects: bool) -> Refusal | None:
    """General objections to editing the body of a loop."""
    loop = site.loop
    if isinstance(site.scope.node, ast.ClassDef):
        return Refusal(Reason.SCOPE, loop.lineno, "the loop stands in a class body")
    shown, total, first = output_share(site)
    if shown and shown * 2 >= total and not side_effects:
        return Refusal(
            Reason.SIDE_EFFECT,
            getattr(first, "lineno", loop.lineno),
            "the loop mainly prints, plots or writes; reading its table faster would gain little",
        )
    for n in walk(loop):
        if (
            isinstance(n, ast.Call)
            and isinstance(n.func, ast.Name)
            and n.func.id in ("locals", "vars", "globals", "exec", "eval", "dir")
        ):
            return Refusal(Reason.SCOPE, n.lineno, f"`{n.func.id}()` depends on the names of the loop")
    return None


def unchanged(
    site: SiteContext,
    frame: Inv,
    columns: Iterable[str | None],
    numbers: Iterable[int | None] = (None,),
    counted: bool = False,
) -> Refusal | None:
    """The columns that are read, known by name or by number, must not change while the loop runs.

    `counted`: it is an array of which only the length is read, which no store into its elements changes.
    """
    root = root_name(frame.node)
    if root is None:
        return None
    loop = site.loop
    inside = dict.fromkeys(n for s in (*loop.body, *loop.orelse) for n in walk(s))
    for n in inside:
        if (
            isinstance(n, ast.stmt)
            and root in set(bound_names(n))
            and not isinstance(n, (ast.If, ast.For, ast.While, ast.With, ast.Try))
        ):
            return Refusal(Reason.MUTATES_INPUT, n.lineno, f"`{root}` is bound again in the body")
        if isinstance(n, (ast.For, ast.comprehension)) and root in set(bound_names(n.target)):
            return Refusal(
                Reason.MUTATES_INPUT, getattr(n, "lineno", loop.lineno), f"`{root}` is bound again in the body"
            )
    written = _store((n for n in inside if not (counted and _of_element(n))), root)
    if written is not None and not _other_numbers(site, root, set(numbers)):
        stored = stored_columns(loop, root)
        wanted = {c for c in columns if c is not None}
        if stored is None or None in set(columns) or stored & wanted:
            return Refusal(Reason.MUTATES_INPUT, written.lineno, f"the body changes `{root}`, which it also reads")
    if isinstance(frame.node, ast.Attribute) and not stored_somewhere(site, frame.node.attr):
        message = f"`{frame.code}` may be a property, computed anew on every read"
        return Refusal(Reason.UNKNOWN_KIND, loop.lineno, message)
    if (seen := changed_by_calls(site, frame.node)) is not None:
        return seen
    for call in unknown_calls(site):
        if call not in inside:
            continue
        handed = [*call.args, *(k.value for k in call.keywords)]
        if any(isinstance(a, ast.Name) and a.id == root for a in handed):
            return Refusal(Reason.UNKNOWN_CALL, call.lineno, f"`{root}` is handed to a function that might change it")
        if _changes(call, root):
            return Refusal(
                Reason.MUTATES_INPUT, call.lineno, f"`{ast.unparse(call.func)}` changes `{root}` in the body"
            )
        if (
            not isinstance(frame.node, ast.Name)
            and isinstance(call.func, ast.Attribute)
            and root_name(call.func) == root
        ):
            return Refusal(Reason.UNKNOWN_CALL, call.lineno, f"`{ast.unparse(call.func)}` might change `{frame.code}`")
    return None


def rows_stored(site: SiteContext, frame: Inv, labels: Sequence[str]) -> Iterator[ast.expr]:
    """The labels of stores that may add a row, and so change the types of all columns: `df.at[i, "made"] = 0`."""
    for node in (n for s in site.loop.body for n in walk(s)):
        match node:
            case ast.Subscript(value=ast.Attribute(value=owner, attr="at" | "loc"), slice=where, ctx=ast.Store()):
                row = where.elts[0] if isinstance(where, ast.Tuple) and where.elts else where
                sure = isinstance(row, ast.Slice | ast.Compare) or (isinstance(row, ast.Name) and row.id in labels)
                if ast.unparse(owner) == frame.code and not sure:
                    yield row


def _changes(call: ast.Call, root: str) -> bool:
    """Whether a call changes the object of that name in place, as far as that is plain to see."""
    if not isinstance(call.func, ast.Attribute) or root_name(call.func) != root:
        return False
    return call.func.attr in FRAME_CHANGERS or any(k.arg == "inplace" for k in call.keywords)


def stored_somewhere(site: SiteContext, attr: str) -> bool:
    """Whether the file assigns an attribute of that name: then it is data, not a property."""
    return any(n.attr == attr and isinstance(n.ctx, ast.Store) for n in site.file.scopes.index.each(ast.Attribute))


def stores_into(site: SiteContext, frame: Inv) -> bool:
    """Whether the body stores into a frame, whatever the column: it may change what the elements of a row become."""
    root = root_name(frame.node)
    return root is not None and _store((n for s in site.loop.body for n in walk(s)), root) is not None


def _store(inside: Iterable[ast.AST], root: str) -> ast.expr | None:
    for n in inside:
        if (
            isinstance(n, (ast.Subscript, ast.Attribute))
            and isinstance(n.ctx, (ast.Store, ast.Del))
            and root_name(n) == root
        ):
            return n
    return None


def _of_element(node: ast.AST) -> bool:
    """Whether elements of what has a name are stored into: `x[i] = 1`."""
    match node:
        case ast.Subscript(value=ast.Name(), ctx=ast.Store()):
            return True
    return False


def _other_numbers(site: SiteContext, root: str, numbers: set[int | None]) -> bool:
    """Whether the body stores by number, and into none of these columns."""
    stored = stored_numbers(site.loop, root)
    return stored is not None and None not in numbers and not stored & numbers


def column_number(read: Read) -> int | None:
    """The number of the column of `df.iloc[i, 5]`; None where it is read in another way."""
    match read.source.column:
        case Inv(node=ast.Subscript(value=ast.Attribute(attr="columns"), slice=ast.Constant(value=int(number)))):
            return number
    return None


def column_names(reads: Iterable[Read]) -> set[str | None]:
    """Constant column names of reads; None stands for one that is not constant."""
    out: set[str | None] = set()
    for r in reads:
        column = r.source.column
        out.add(column.value if isinstance(column, Const) and isinstance(column.value, str) else None)
    return out


def conditions(test: ast.expr) -> Iterator[ast.expr]:
    """What a test asks, one by one: the parts of `and`, `or` and `not`."""
    match test:
        case ast.BoolOp(values=values):
            for value in values:
                yield from conditions(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from conditions(operand)
        case _:
            yield test


def in_nested_scope(site: SiteContext, node: ast.AST) -> bool:
    """Inside a function or lambda made in the body, which may run later."""
    for up in site.file.scopes.ancestors(node):
        if up is site.loop:
            return False
        if isinstance(up, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            return True
    return False


def may_be_caught(site: SiteContext) -> bool:
    """Whether an exception of the body may be handled in this function."""
    if any(isinstance(n, (ast.Try, ast.TryStar)) for n in walk(site.loop)):
        return True
    for up in site.file.scopes.ancestors(site.loop):
        if isinstance(up, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return False
        if isinstance(up, (ast.Try, ast.TryStar)):
            return True
    return False
