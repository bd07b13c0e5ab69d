"""What becomes of a list of records: a frame, under which name."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...loops.context import SiteContext, mutated_roots
from ...loops.names import names_in
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk
from ..base import Edit, Replace, Substitute
from ..shared.build import call, clone, name
from ..shared.targets import Target, uses_after


@dataclass(frozen=True)
class FrameSink:
    """Where the list becomes a frame. `name` is what the frame is called; `columns` says which ones it is to have."""

    name: str
    edits: tuple[Edit, ...]
    columns: ast.expr | None = None


def find_frame(site: SiteContext, target: Target) -> FrameSink | Refusal:
    """What happens to the list after the loop; refuses uses for which a frame is not as good as a list of dicts."""
    uses = _until_rebound(site, target, uses_after(site, target.name))
    early = [n for s in site.block[: site.index] for n in walk(s) if _reads(n, target.name)]
    parent = site.file.scopes.parent
    edits: list[Edit] = []
    made: list[ast.Call] = []
    for use in uses:
        match parent[use]:
            case ast.Call(func=func, args=[only], keywords=[] | [ast.keyword(arg="columns")]) as maker if (
                only is use and site.dotted(func) == "pandas.DataFrame"
            ):
                made.append(maker)
            case ast.Call(func=func, args=[only], keywords=[]) if only is use and site.dotted(func) == "builtins.len":
                pass
            case ast.UnaryOp(op=ast.Not()):
                edits.append(Substitute(use, call("len", clone(use))))
            case ast.If(test=test) | ast.IfExp(test=test) if test is use:
                edits.append(Substitute(use, call("len", clone(use))))
            case _:
                return Refusal(
                    Reason.NO_GAIN,
                    use.lineno,
                    f"`{target.name}` is used as a list of records, not only to make a frame",
                )
    if len(made) != 1 or early:
        return Refusal(Reason.NO_GAIN, site.loop.lineno, f"`{target.name}` does not become one frame")
    statement = parent[made[0]]
    columns = next((k.value for k in made[0].keywords), None)
    if isinstance(statement, ast.Assign) and (id_ := _given_name(site, statement, target, uses)) is not None:
        return FrameSink(id_, (*edits, Replace(statement, ())), columns)
    return FrameSink(target.name, (*edits, Substitute(made[0], name(target.name))), columns)


def columns_of(site: SiteContext, node: ast.expr) -> list[object] | None:
    """The names in a list that is written out, or in a constant that is one; None for anything else."""
    if isinstance(node, ast.Name):
        owner = site.file.scopes.owner(node.id, site.scope)
        match owner.binders(node.id) if owner is not None else []:
            case [ast.Assign(targets=[ast.Name()], value=value)] if node.id not in mutated_roots(site.file.tree):
                node = value
    match node:
        case ast.List(elts=elts) | ast.Tuple(elts=elts) if all(isinstance(x, ast.Constant) for x in elts):
            return [x.value for x in elts if isinstance(x, ast.Constant)]
    return None


def _until_rebound(site: SiteContext, target: Target, uses: list[ast.Name]) -> list[ast.Name]:
    """Uses of the list: those behind `rows = pd.DataFrame(rows)` are uses of the frame."""
    for stmt in site.block[site.index + 1 :]:
        match stmt:
            case ast.Assign(targets=[ast.Name(id=id_)], value=ast.Call(func=func)) if (
                id_ == target.name and site.dotted(func) == "pandas.DataFrame"
            ):
                return [n for n in uses if n.lineno <= (stmt.end_lineno or stmt.lineno)]
    return uses


def _given_name(site: SiteContext, statement: ast.Assign, target: Target, uses: list[ast.Name]) -> str | None:
    """The name that `X = pd.DataFrame(rows)` gives to the frame, if it can have it from the start."""
    match statement.targets:
        case [ast.Name(id=id_)] if statement in site.block and (id_ == target.name or len(uses) == 1):
            between = site.block[site.index + 1 : site.block.index(statement)]
            before = site.block[site.block.index(target.init) : site.index + 1]
            if id_ != target.name and any(id_ in names_in(s) for s in (*before, *between)):
                return None
            return id_
    return None


def _reads(node: ast.AST, id_: str) -> bool:
    return isinstance(node, ast.Name) and node.id == id_ and isinstance(node.ctx, ast.Load)


def looks_up(site: SiteContext) -> bool:
    """Whether the body asks an index for positions."""
    return any(isinstance(n, ast.Attribute) and n.attr == "get_indexer" for n in site.nodes)


def makes_frame(site: SiteContext) -> bool:
    """Whether a list that the loop appends to becomes a frame somewhere."""
    filled = {
        n.func.value.id
        for n in site.nodes
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "append"
        if isinstance(n.func.value, ast.Name)
    }
    return any(
        isinstance(n, ast.Call)
        and any(isinstance(a, ast.Name) and a.id in filled for a in n.args)
        and site.dotted(n.func) == "pandas.DataFrame"
        for n in walk(site.scope.node)
    )
