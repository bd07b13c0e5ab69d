"""Numbers that are written out, and dicts that are and that nobody changes: what their look-ups give."""

from __future__ import annotations

import ast

from .context import SiteContext, mutated_roots
from .ir import Const, Expr, Inv, Op, strip

#: What is looked up, and can't be changed in place.
PLAIN = frozenset({"int", "float", "number", "text"})


def looked_up(site: SiteContext, e: Expr) -> str | None:
    """What `TABLE[k]` or `TABLE.get(k, 0)` of such a dict gives, in the words of `values_of`; None for all else."""
    match strip(e):
        case Op(name="item", args=(Inv() as table, _)):
            return values_of(site, table)
        case Op(name="method:get", args=(Inv() as table, _, Const(node=ast.expr() as default))):
            held = values_of(site, table)
            return held if held == kind_of_literal(default) else "other"
    return None


def values_of(site: SiteContext, table: Inv) -> str | None:
    """What a dict that is written out holds: "int", "float", "number" (both), "text", "other"; None for any other."""
    if not isinstance(table.node, ast.Name):
        return None
    owner = site.file.scopes.owner(table.node.id, site.scope)
    binders = owner.binders(table.node.id) if owner is not None else []
    match binders:
        case [
            ast.Assign(targets=[ast.Name()], value=ast.Dict(keys=keys, values=values))
            | ast.AnnAssign(value=ast.Dict(keys=keys, values=values))
        ] if values and None not in keys:
            found = {kind_of_literal(v) for v in values}
        case _:
            return None
    if table.node.id in mutated_roots(site.file.tree):
        return "other"
    if not _only_read(site, table.node.id):
        return None
    return found.pop() if len(found) == 1 else "number" if found == {"int", "float"} else "other"


def _only_read(site: SiteContext, id_: str) -> bool:
    """Whether all that the file does with a dict of that name is to look things up in it: nobody else may fill it."""
    scopes = site.file.scopes
    for n in scopes.names_below(site.file.tree).get(id_, ()):
        if not isinstance(n.ctx, ast.Load):
            continue
        match scopes.parent[n]:
            case ast.Subscript(value=value, ctx=ast.Load()) if value is n:
                continue
            case ast.Compare() | ast.Attribute(attr="get" | "items" | "keys" | "values" | "copy"):
                continue
            case ast.Call(func=func) if func is not n and site.dotted(func) == "builtins.len":
                continue
            case ast.For(iter=over) | ast.comprehension(iter=over) if over is n:
                continue
        return False
    return True


def kind_of_literal(node: ast.expr) -> str:
    """The type of a value that is written out: "int", "float", "text", or "other"."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return "text"
    number = literal(node)
    known = {int: "int", float: "float"}.get(type(number), "other")
    return known if number is not None and abs(number) < 2**63 else "float" if known == "float" else "other"


def folded(node: ast.expr) -> int | None:
    """The value of arithmetic with literal integers (`2**64 - 1`); None for anything else."""
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = folded(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right):
            a, b = folded(left), folded(right)
            if a is None or b is None:
                return None
            if isinstance(op, ast.Pow | ast.LShift):
                if b < 0 or (a.bit_length() + 1) * b > 4096:
                    return None if b < 0 else 2**64  # as good as any number that is too wide
                return a**b if isinstance(op, ast.Pow) else a << b
            return {ast.Add: a + b, ast.Sub: a - b, ast.Mult: a * b}.get(type(op))
    return None


def literal(node: ast.expr) -> float | None:
    """A number that is written out."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = literal(operand)
            return None if inner is None else -inner
        case ast.Constant(value=float(number)):
            return number
    return folded(node)
