"""Frames that grow in a loop: the statements that do it, and whether what is added may wait until the loop is over."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...loops.anchor import unknown_calls
from ...loops.context import SiteContext, mutated_roots
from ...loops.exposure import closed_over, handled
from ...loops.kind_words import FRAME_METHODS
from ...loops.names import bound_names, names_in
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk
from ..hoists.body import in_nested_scope

#: What iterating over this hands out is a new object on every round.
FRESH_ITEMS = frozenset({"groupby", "iterrows"})
#: Methods that keep their argument, and leave it as it is.
COLLECTING = frozenset({"append", "add", "extend"})
#: Kinds whose elements `pd.DataFrame` copies.
COPIED = frozenset({"list", "dict", "str", "set", "tuple", "int", "float", "bool"})


@dataclass(frozen=True)
class Growth:
    """`frame = pd.concat([frame, *pieces], ...)`."""

    stmt: ast.Assign
    frame: str
    pieces: tuple[ast.expr, ...]
    concat: ast.Call

    @property
    def options(self) -> list[str]:
        return sorted(ast.dump(k) for k in self.concat.keywords)


def growths(site: SiteContext) -> dict[str, list[Growth]]:
    """The statements of the body that let a frame grow, by its name."""
    found: dict[str, list[Growth]] = {}
    for n in site.nodes:
        match n:
            case ast.Assign(
                targets=[ast.Name(id=frame)],
                value=ast.Call(
                    func=func, args=[ast.List(elts=elements) | ast.Tuple(elts=elements)], keywords=_
                ) as concat,
            ):
                first, rest = elements[:1], elements[1:]
                if not rest or not isinstance(first[0], ast.Name) or first[0].id != frame:
                    continue
                if site.dotted(func) == "pandas.concat" and not in_nested_scope(site, n):
                    found.setdefault(frame, []).append(Growth(n, frame, tuple(rest), concat))
    return {frame: sorted(g, key=lambda x: x.stmt.lineno) for frame, g in found.items()}


def retired_append(site: SiteContext) -> ast.Assign | None:
    """`frame = frame.append(...)`, which pandas 2 has no more."""
    for n in site.nodes:
        match n:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=base), attr="append")),
            ) if name == base:
                return n
    return None


def may_wait(site: SiteContext, frame: str, found: list[Growth]) -> Refusal | None:
    """Why the pieces can't be collected until the loop is over; None if they can."""
    line = found[0].stmt.lineno
    for g in found:
        if (refusal := _plain(g)) is not None:
            return refusal
    if any(g.options != found[0].options for g in found):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, line, f"`{frame}` is joined in two ways")
    own = [n for g in found for n in (g.stmt.targets[0], g.concat.args[0].elts[0])]  # type: ignore[attr-defined]
    if (refusal := grows_unseen(site, frame, own, line)) is not None:
        return refusal
    return next((r for g in found for piece in g.pieces if (r := _lasting(site, g, piece)) is not None), None)


def grows_unseen(site: SiteContext, grown: str, own: Sequence[ast.expr], line: int) -> Refusal | None:
    """Why what grows may be seen before the loop is over; None if only the code that adds to it, `own`, names it."""
    if isinstance(site.scope.node, ast.ClassDef) or grown in site.scope.outer_names:
        return Refusal(Reason.SCOPE, line, f"`{grown}` is no local variable")
    adding = {id(n) for o in own for n in walk(o)}
    for n in site.nodes:
        if isinstance(n, ast.Name) and n.id == grown and id(n) not in adding:
            return Refusal(Reason.READS_OWN_OUTPUT, n.lineno, f"`{grown}` is read or bound while it grows")
    if handled(site):
        message = f"`{grown}` may be used after an exception in the loop was handled"
        return Refusal(Reason.EXCEPTION_HANDLING, line, message)
    if closed_over(site, grown):
        return Refusal(Reason.SCOPE, line, f"`{grown}` is read by an inner function that may run during the loop")
    return None


def _plain(g: Growth) -> Refusal | None:
    """Only rows are added, and the pieces are joined as they come."""
    for k in g.concat.keywords:
        match k:
            case ast.keyword(arg="ignore_index" | "copy", value=ast.Constant(value=bool())):
                continue
            case ast.keyword(arg="sort", value=ast.Constant(value=False)):
                continue
            case ast.keyword(arg="axis", value=ast.Constant(value=0 | "index" | "rows")):
                continue
            case ast.keyword(arg="join", value=ast.Constant(value="outer")):
                continue
            case ast.keyword(arg="axis"):
                message = "columns are added: each piece is aligned with what is there by then"
                return Refusal(Reason.UNSUPPORTED_SYNTAX, g.stmt.lineno, message)
        return Refusal(Reason.UNSUPPORTED_SYNTAX, g.stmt.lineno, f"`{ast.unparse(k)}` makes the order of joining count")
    if any(isinstance(p, ast.Starred) or g.frame in names_in(p) for p in g.pieces):
        return Refusal(Reason.READS_OWN_OUTPUT, g.stmt.lineno, f"what is added is made of `{g.frame}`")
    return None


# ---------------------------------------------------------------------- does a piece stay as it is


def _lasting(site: SiteContext, g: Growth, piece: ast.expr) -> Refusal | None:
    """A piece that is collected must not change afterwards, where concat copied it at once."""
    kind = site.kind(piece)
    if kind is not None and kind.name in ("series", "list", "dict", "ndarray"):
        return Refusal(Reason.UNSUPPORTED_SYNTAX, g.stmt.lineno, f"`{ast.unparse(piece)[:40]}` is no frame")
    return stays(site, g, piece)


def stays(site: SiteContext, g: Growth, piece: ast.expr) -> Refusal | None:
    """Why what is added may change before the loop is over; None if nothing in the loop changes it."""
    if isinstance(piece, ast.Name) and piece.id in site.mutated:
        return _changed_before(site, g, piece)
    return _made_of_lasting(site, g, piece, 2)


def _changed_before(site: SiteContext, g: Growth, piece: ast.Name) -> Refusal | None:
    """The piece is made anew in each round, and is changed only before it is added."""
    message = f"`{piece.id}` is changed in place, so that the pieces collected before would change too"
    refusal = Refusal(Reason.MUTATES_INPUT, g.stmt.lineno, message)
    made = _made_in_round(site, g, piece.id)
    if made is None:
        return refusal
    again = [v for s in _above(site, g.stmt) if isinstance(s, ast.If) for v in assigned(s, piece.id) or ()]
    for n in site.nodes:
        later = isinstance(n, ast.stmt) and n.lineno > g.stmt.lineno
        if (
            later
            and not isinstance(n, (ast.If, ast.For, ast.While, ast.With, ast.Try))
            and piece.id in mutated_roots(n)
        ):
            return refusal
    values = [*again, made] if isinstance(made, ast.expr) else again
    return next((r for v in values if (r := _made_of_lasting(site, g, v, 2)) is not None), None)


def _made_in_round(site: SiteContext, g: Growth, id_: str) -> ast.expr | bool | None:
    """What gives a name a new object in each round before the piece is added; None if nothing surely does."""
    for stmt in _above(site, g.stmt):
        match stmt:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name == id_:
                return value if _makes_new(value) else None
            case ast.If() if (values := assigned(stmt, id_)) and all(map(_makes_new, values)):
                continue  # made anew there, or before
        if isinstance(stmt, ast.For) and id_ in set(bound_names(stmt.target)):
            calls = (n for n in walk(stmt.iter) if isinstance(n, ast.Call))
            fresh = any(
                (isinstance(c.func, ast.Attribute) and c.func.attr in FRESH_ITEMS)
                or any(k.arg == "chunksize" for k in c.keywords)
                for c in calls
            )
            return True if fresh else None
        if id_ in set(bound_names(stmt)) and not isinstance(stmt, ast.For):
            return None
    return None


def _makes_new(node: ast.expr) -> bool:
    return isinstance(node, (ast.Call, ast.BinOp)) or _picks_rows(node)


def assigned(stmt: ast.stmt, id_: str) -> list[ast.expr] | None:
    """What plain assignments in a statement bind a name to; None if anything else binds it."""
    values = [
        n.value
        for n in walk(stmt)
        if isinstance(n, ast.Assign) and len(n.targets) == 1 and isinstance(n.targets[0], ast.Name)
        if n.targets[0].id == id_
    ]
    stores = [n for n in walk(stmt) if isinstance(n, ast.Name) and n.id == id_ and not isinstance(n.ctx, ast.Load)]
    return values if len(stores) == len(values) else None


def _picks_rows(node: ast.expr) -> bool:
    """`frame[frame["k"] == key]`: a copy, unlike a slice."""
    return isinstance(node, ast.Subscript) and isinstance(node.slice, (ast.Compare, ast.List))


def _above(site: SiteContext, stmt: ast.stmt) -> Iterator[ast.stmt]:
    """The statements of the round that surely come before one, nearest first, and the loops around."""
    here: ast.AST = stmt
    while here is not site.loop and isinstance(here, ast.stmt):
        block = site.file.scopes.block.get(here, [])
        yield from reversed(block[: block.index(here)] if here in block else [])
        here = site.file.scopes.parent[here]
        if isinstance(here, ast.ExceptHandler):
            here = site.file.scopes.parent[here]
        if isinstance(here, ast.For):
            yield here
            if here is site.loop:
                return


def _made_of_lasting(site: SiteContext, g: Growth, node: ast.expr, depth: int) -> Refusal | None:
    """A new frame may share memory with what it is made of: that must not be changed in place."""
    for id_ in sorted(names_in(node)):
        kind = site.kind(ast.Name(id_, ast.Load(), lineno=node.lineno)) if id_ in site.mutated else None
        copied = kind is not None and kind.name in COPIED
        if id_ in site.mutated and not copied and _made_in_round(site, g, id_) is None:
            message = f"`{id_}` is changed in place, and what was added before may share its memory"
            return Refusal(Reason.MUTATES_INPUT, g.stmt.lineno, message)
        handed = _handed_out(site, id_)
        if handed is not None and (not copied or id_ in site.mutated) and _made_in_round(site, g, id_) is None:
            message = f"`{ast.unparse(handed.func)[:40]}` may change `{id_}`, of which pieces are made"
            return Refusal(Reason.UNKNOWN_CALL, handed.lineno, message)
        for value in _values(site, id_) if depth and isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) else []:
            if (refusal := _made_of_lasting(site, g, value, depth - 1)) is not None:
                return refusal
    return None


def _handed_out(site: SiteContext, id_: str) -> ast.Call | None:
    """An unknown call of the body that gets the object of a name as an argument."""
    if id_ not in site.scope.bindings:
        return None
    for c in unknown_calls(site):
        given = [*c.args, *(k.value for k in c.keywords)]
        path = (site.dotted(c.func) or "").split(".")[0]
        method = c.func.attr if isinstance(c.func, ast.Attribute) else ""
        if path in ("pandas", "numpy", "builtins") or method in FRAME_METHODS | COLLECTING:
            continue
        if any(isinstance(a, ast.Name) and a.id == id_ for a in given):
            return c
    return None


def _values(site: SiteContext, id_: str) -> list[ast.expr]:
    """What the body assigns to a name."""
    return [
        n.value
        for n in site.nodes
        if isinstance(n, ast.Assign) and any(isinstance(t, ast.Name) and t.id == id_ for t in n.targets)
    ]
