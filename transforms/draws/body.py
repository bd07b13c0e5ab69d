"""Lift bodies that draw random numbers: each draw is a value of its own, numbered in the order of the calls."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...loops.body import Body, Outcome
from ...loops.context import Refused, SiteContext
from ...loops.ir import Const, Event, Expr, Header, Loop, Op, strip
from ...loops.lift import lift_body
from ...loops.remarks import Reason, Refusal
from ...loops.walk import walk
from .tables import DIMENSIONS, GENERATOR_ONLY, LEGACY_ONLY, PARAMETERS, TAKES, TELLING, WORDS

MAKERS = {
    "numpy.random.default_rng": "Generator",
    "numpy.random.Generator": "Generator",
    "numpy.random.RandomState": "RandomState",
}


@dataclass(frozen=True)
class Draw:
    """One draw of a round: `given` are its parameters, `size` how many numbers it draws (None: one)."""

    owner: str
    method: str
    call: ast.Call
    given: dict[str, Expr]
    size: Expr | None
    sure: bool  # the owner is known to be a generator of NumPy


@dataclass
class Drawn:
    """A lifted loop with its draws in order."""

    loop: Loop
    draws: list[Draw] = field(default_factory=list)


def draws_numbers(site: SiteContext) -> bool:
    """Whether the loop calls anything by the name of a draw: cheap, and asked of every loop."""
    return any(_method(n) in PARAMETERS for s in site.loop.body for n in walk(s) if isinstance(n, ast.Call))


def surely_draws(site: SiteContext) -> bool:
    """Whether the loop draws from a generator that is known to be one of NumPy's."""
    for n in (n for s in site.loop.body for n in walk(s) if isinstance(n, ast.Call) and _method(n) in PARAMETERS):
        if (site.dotted(n.func) or "").startswith("numpy.random."):
            return True
        if isinstance(n.func, ast.Attribute) and generator_kind(site, n.func.value) is not None:
            return True
    return False


def _method(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=method) | ast.Name(id=method):
            return method
    return ""


def lift_draws(site: SiteContext, header: Header) -> Drawn | Refusal:
    """The loop with its draws as values, or why it can't be lifted."""
    if any(_method(n) in PARAMETERS for n in walk(header.node.iter) if isinstance(n, ast.Call)):
        message = "what is gone through is drawn as well: that has to come first, and once"
        return Refusal(Reason.UNSUPPORTED_SYNTAX, header.node.lineno, message)
    body = DrawBody(site, header)
    try:
        return Drawn(lift_body(site, header, body), body.draws)
    except Refused as e:
        return e.refusal
    except RecursionError:
        return Refusal(Reason.UNSUPPORTED_SYNTAX, site.loop.lineno, "the body is nested too deeply")


def drawn(e: Expr) -> int | None:
    """The number of the draw that an expression is."""
    inner = strip(e)
    return int(inner.name[5:]) if isinstance(inner, Op) and inner.name.startswith("draw:") else None


class DrawBody(Body):
    """Executes a body in which calls to a generator of NumPy are draws."""

    def __init__(self, site: SiteContext, header: Header, depth: int = 0) -> None:
        super().__init__(site, header, depth)
        self.draws: list[Draw] = []
        self.aside = 0

    def _aside(self, stmts: list[ast.stmt], env: dict[str, Expr]) -> tuple[Outcome, list[Event]]:
        self.aside += 1
        try:
            return super()._aside(stmts, env)
        finally:
            self.aside -= 1

    def _ev_aside(self, node: ast.expr, env: dict[str, Expr]) -> tuple[Expr, list[Event]]:
        self.aside += 1
        try:
            return super()._ev_aside(node, env)
        finally:
            self.aside -= 1

    def _call(self, node: ast.Call, env: dict[str, Expr]) -> Expr:
        found = self._owner(node) if self.helper_locals is None else None
        if found is None:
            return super()._call(node, env)
        method = _method(node)
        bound = bind(node, method)
        if bound is None:
            message = f"`{ast.unparse(node)[:60]}`: one call for all rounds is not known to draw the same numbers"
            raise Refused(Reason.UNKNOWN_CALL, node, message)
        if self.aside:
            message = "whether a number is drawn depends on the round, and with it what all later draws give"
            raise Refused(Reason.CARRIED_STATE, node, message)
        values = {word: self._row_free(self.ev(x, env), node) for word, x in bound.items()}
        size = values.pop("size", None)
        if size is not None and isinstance(none := strip(size), Const) and none.value is None:
            size = None
        owner, sure = found
        self.draws.append(Draw(owner, method, node, values, size, sure))
        kept = tuple(values.values())
        return Op(f"draw:{len(self.draws) - 1}", kept, node)

    def _compare(
        self, node: ast.Compare, left: ast.expr, ops: list[ast.cmpop], comparators: list[ast.expr], env: dict[str, Expr]
    ) -> Expr:
        drawn = (n for x in comparators[1:] for n in walk(x) if isinstance(n, ast.Call) and _method(n) in PARAMETERS)
        if any(self._owner(n) is not None for n in drawn):
            message = "the end of a chained comparison is not always evaluated, and it draws a number"
            raise Refused(Reason.CARRIED_STATE, node, message)
        return super()._compare(node, left, ops, comparators, env)

    def _owner(self, node: ast.Call) -> tuple[str, bool] | None:
        """What a call draws from, and whether that surely is a generator of NumPy; None for any other call."""
        method = _method(node)
        if method not in PARAMETERS:
            return None
        path = self.site.dotted(node.func)
        if path is not None:
            known = path == f"numpy.random.{method}" and method not in GENERATOR_ONLY
            return ("numpy.random", True) if known else None
        if not isinstance(node.func, ast.Attribute) or not self.site.invariant(node.func.value):
            return None
        base = node.func.value
        kind = generator_kind(self.site, base)
        if kind is not None:
            wrong = LEGACY_ONLY if kind == "Generator" else GENERATOR_ONLY
            return (ast.unparse(base), True) if method not in wrong else None
        if not isinstance(base, (ast.Name, ast.Attribute)) or self.site.kind(base) is not None:
            return None
        return (ast.unparse(base), False) if method in TELLING else None


def generator_kind(site: SiteContext, base: ast.expr) -> str | None:
    """ "Generator" or "RandomState", where the code says that an expression is one."""
    match base:
        case ast.Call(func=func):
            return MAKERS.get(site.dotted(func) or "")
        case ast.Name(id=id_):
            owner = site.file.scopes.owner(id_, site.scope)
            binders = owner.binders(id_) if owner is not None else []
            found = {_bound(site, b) for b in binders}
            return found.pop() if len(found) == 1 else None
    return None


def _bound(site: SiteContext, binder: ast.AST) -> str | None:
    match binder:
        case ast.Assign(targets=[ast.Name()], value=ast.Call(func=func)):
            return MAKERS.get(site.dotted(func) or "")
        case ast.arg(annotation=ast.expr() as note) | ast.AnnAssign(annotation=note):
            return MAKERS.get(site.dotted(note) or "")
    return None


def bind(node: ast.Call, method: str) -> dict[str, ast.expr] | None:
    """The arguments of a draw by name; None for those that draw in another way, or that can't be told apart."""
    if any(isinstance(a, ast.Starred) for a in node.args):
        return None
    order = [*PARAMETERS[method], "size"]
    if method == "choice":
        order += ["replace", "p"]
    if method in DIMENSIONS:
        if len(node.args) > 1 or node.keywords:
            return None
        return {"size": node.args[0]} if node.args else {}
    if len(node.args) > len(order):
        return None
    found = dict(zip(order, node.args, strict=False))
    for k in node.keywords:
        if k.arg is None or k.arg in found or k.arg not in (*order, *TAKES.get(method, ())):
            return None
        found[k.arg] = k.value
    return found if all(_plain(word, x) for word, x in found.items()) else None


def _plain(word: str, value: ast.expr) -> bool:
    """Words other than parameters have to say what they say when they are left out."""
    if word not in WORDS:
        return True
    allowed = WORDS[word]
    return (isinstance(value, ast.Constant) and value.value in allowed) or ast.unparse(value) in allowed
