"""The compiled function of a loop, and the call in the place of the loop."""

from __future__ import annotations

import ast
from typing import Any

from ...loops.context import SiteContext
from ...loops.ir import Access, Read, Sequence_
from ...loops.walk import walk
from ..base import Define, Edit, Replace
from ..scalar.moved_reads import may_lie_outside
from ..shared.build import attr, call, clone, const, item, name
from ..shared.syntax import stem
from .floats import Told
from .kernels import Kernel

#: Modules whose numbers and functions numba knows.
KNOWN = frozenset({"builtins", "math", "numpy"})
FRESH = frozenset({"numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full"})


def kernel_edits(kernel: Kernel) -> tuple[Edit, ...]:
    """A function above the one that the loop stands in, and its call."""
    site, loop = kernel.site, kernel.site.loop
    assert isinstance(loop, ast.For)
    sources: dict[str, Read] = {}
    for node in sorted(kernel.reads, key=lambda n: (n.lineno, n.col_offset)):
        sources.setdefault(kernel.reads[node].source.code, kernel.reads[node])
    taken: set[str] = set(site.assigned)
    parameters: dict[str, tuple[str, ast.expr]] = {}  # code in the loop -> its name in the kernel, what is given
    for code, read in sources.items():
        parameters[code] = (_name(_whole(read.source), taken), _array(site, read))
    for id_ in kernel.stored:
        parameters[id_] = (_name(name(id_), taken), name(id_))
    for id_ in kernel.carried:
        parameters[id_] = (id_, name(id_))
    swap = _Swap(kernel, parameters, {r.source.code for r in sources.values()}, taken)
    iterable = swap.visit(clone_tree(loop.iter))
    body = [swap.visit(clone_tree(stmt)) for stmt in loop.body]
    made = ast.For(clone_tree(loop.target), iterable, body, [])
    checked = "" if _inside(kernel) else ", boundscheck=True"
    id_ = _kernel_name(site)
    given = ", ".join(p for p, _ in parameters.values())
    text = f'@njit(error_model="numpy"{checked})\ndef {id_}({given}):\n'
    lines = ast.unparse(ast.fix_missing_locations(made)).split("\n")
    text += "".join(f"    {line}\n" for line in lines)
    calling = ast.Expr(call(id_, *(value for _, value in parameters.values())))
    calling.lineno = loop.lineno
    return (Define(_top(site), text), Replace(loop, (calling,)))


def clone_tree(node: Any) -> Any:
    """A copy that keeps the nodes of the original findable."""
    out = type(node)()
    for key, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            value = clone_tree(value)
        elif isinstance(value, list):
            value = [clone_tree(v) if isinstance(v, ast.AST) else v for v in value]
        setattr(out, key, value)
    out.original = node
    return out


class _Swap(ast.NodeTransformer):
    """Put the parameters of the kernel in the place of what the loop reads."""

    def __init__(
        self, kernel: Kernel, parameters: dict[str, tuple[str, ast.expr]], sources: set[str], taken: set[str]
    ) -> None:
        self.kernel, self.parameters, self.sources, self.taken = kernel, parameters, sources, taken

    def visit(self, node: ast.AST) -> Any:
        original: Any = getattr(node, "original", node)
        read = self.kernel.reads.get(original)
        if read is not None and isinstance(node, ast.Subscript):
            return item(name(self.parameters[read.source.code][0]), self._index(original, read))
        match original:
            case ast.Call(func=ast.Name(id="len") as func, args=[measured]) if self._is_len(func):
                return call("len", name(self._measured(measured)))
            case ast.Name(id=id_) if id_ in self.parameters:
                return ast.Name(self.parameters[id_][0], original.ctx)
            case ast.Name(ctx=ast.Load()) | ast.Attribute() if self._fixed(original):
                return name(self._scalar(original))
        return self.generic_visit(node)

    def _is_len(self, func: ast.expr) -> bool:
        return self.kernel.site.dotted(func) == "builtins.len"

    def _index(self, original: Any, read: Read) -> ast.expr:
        position = next(iter(self.kernel.flow.positions))
        used = [n.id for n in walk(original) if isinstance(n, ast.Name) and n.id in self.kernel.flow.positions]
        index: ast.expr = name(used[0] if used else position)
        if read.offset:
            index = ast.BinOp(index, ast.Add() if read.offset > 0 else ast.Sub(), const(abs(read.offset)))
        return index

    def _measured(self, node: ast.expr) -> str:
        """An array of the kernel that is as long as what is measured."""
        code = ast.unparse(node)
        for source, (parameter, _) in self.parameters.items():
            if source == code:
                return parameter
        columns = {r.source.code for r in self.kernel.reads.values() if r.source.base.code == code}
        for source, (parameter, _) in self.parameters.items():
            if source in columns:
                return parameter
        raise Told

    def _fixed(self, node: ast.expr) -> bool:
        """A number from outside."""
        site = self.kernel.site
        if (site.dotted(node) or "").split(".")[0] in KNOWN:
            return False
        if isinstance(node, ast.Attribute):
            return site.invariant(node)
        return isinstance(node, ast.Name) and node.id not in site.assigned

    def _scalar(self, node: ast.expr) -> str:
        code = ast.unparse(node)
        if code not in self.parameters:
            self.parameters[code] = (_name(node, self.taken), clone(node))
        return self.parameters[code][0]


def _whole(source: Sequence_) -> ast.expr:
    if source.column is None:
        return source.base.node
    return item(source.base.node, getattr(source.column, "node", name("column")))


def _array(site: SiteContext, read: Read) -> ast.expr:
    """The column or array as one of 64-bit floats."""
    source = clone(_whole(read.source))
    if read.access is not Access.INDEX:
        return call(attr(source, "to_numpy"), const("float64"))
    kind = site.kind(read.source.base.node)
    if kind is not None and kind.dtype == "float64":
        return source
    numpy = site.file.alias("numpy")
    if numpy is None:
        raise Told
    return call(attr(name(numpy), "asarray"), source, const("float64"))


def _name(node: ast.expr, taken: set[str]) -> str:
    wish = stem(node, "column")
    found, k = wish, 2
    while found in taken:
        found, k = f"{wish}_{k}", k + 1
    taken.add(found)
    return found


def _inside(kernel: Kernel) -> bool:
    """Whether every position surely lies inside of what is read or stored into."""
    if any(may_lie_outside(kernel.header, read) for read in kernel.reads.values()):
        return False
    span = kernel.header.span
    if span is None or span.of is None or span.delta > 0 or (span.first or 0) < 0:
        return False
    for id_ in kernel.stored:
        match kernel.site.scope.binders(id_):
            case [ast.Assign(targets=[ast.Name()], value=ast.Call(func=func, args=[length, *_]))]:
                if kernel.site.dotted(func) not in FRESH or ast.unparse(length) != f"len({span.of.code})":
                    return False
            case _:
                return False
    nodes = (n for s in kernel.site.loop.body for n in walk(s) if _stored(kernel, n))
    offsets = [_offset(n.slice) for n in nodes if isinstance(n, ast.Subscript)]
    return all(-1 - (span.first or 0) <= offset <= -span.delta for offset in offsets)


def _stored(kernel: Kernel, node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=ast.Name(id=id_)):
            return id_ in kernel.stored
    return False


def _offset(index: ast.expr) -> int:
    match index:
        case ast.BinOp(op=op, right=ast.Constant(value=int(k))):
            return k if isinstance(op, ast.Add) else -k
    return 0


def _top(site: SiteContext) -> ast.stmt:
    """The statement of the module that the loop stands in."""
    here: ast.AST = site.loop
    for up in site.file.scopes.ancestors(site.loop):
        if isinstance(up, ast.Module):
            break
        here = up
    assert isinstance(here, ast.stmt)
    return here


def _kernel_name(site: SiteContext) -> str:
    """A name for the loop: that of its function, with a number from its second loop on."""
    loops = [n for n in walk(site.scope.node) if isinstance(n, ast.For)]
    number = sorted(loops, key=lambda n: n.lineno).index(site.loop) + 1 if site.loop in loops else 1
    function = getattr(site.scope.node, "name", "loop").strip("_") or "loop"
    base = f"{function}_kernel" if number == 1 else f"{function}_kernel_{number}"
    return site.fresh(base, f"{base}_of_floats")
