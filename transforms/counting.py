"""DL206: how often each key occurs, counted in a dict."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ..loops.calls import is_pure_call
from ..loops.context import Refused, SiteContext
from ..loops.ir import Const, Expr, Loop, Op, Raw, Read, strip
from ..loops.lift import lift_body
from ..loops.names import names_in
from ..loops.obligations import Obligation
from ..loops.remarks import Reason, Refusal
from ..loops.walk import walk
from .base import Example, Rewrite, Rule, Severity, Transform
from .scalar.comprehensions import assumed, comprehend, place
from .scalar.tallies import KEYS, Tally, with_appends
from .scans.updates import whole_element
from .shared.build import assign, attr, call, name
from .shared.targets import Target, find_target

COUNTER = "collections.Counter"

#: What gives text or whole numbers, or raises: never a NaN.
NO_NUMBER = frozenset(
    {
        *("call:builtins.str", "call:builtins.repr", "call:builtins.int", "call:builtins.len", "call:builtins.bool"),
        *("method:lower", "method:upper", "method:title", "method:capitalize", "method:casefold", "method:strip"),
        *("method:lstrip", "method:rstrip", "method:replace", "method:strftime", "method:isoformat", "method:zfill"),
        *("method:date", "method:weekday", "method:day_name", "method:join", "method:format"),
        *("<", "<=", ">", ">=", "==", "!=", "not", "is", "is not", "in", "not in"),
    }
)


class Counting(Transform):
    """Counting keys in a dict by hand is a `Counter`.

    `counts[k] = counts.get(k, 0) + 1`, `if k in counts: ... += 1, else: ... = 1`, `setdefault` and `defaultdict(int)`
    all do what `Counter` does in C: the keys come in the order in which they were first seen, the first of equal keys
    (1, 1.0, True) stays, a key that can't be hashed raises. A dict stays a dict, a `defaultdict(int)` stays one.

    The dict has to be made empty in the same function, and may not be read by the loop for anything else. A `Counter`
    that already holds something is updated.
    """

    rule = Rule("DL206", "counting", Severity.LOW)
    needs_body = False
    examples = (
        Example(
            before="""
                def tally(ballots):
                    counts = {}
                    for b in ballots:
                        name = b.strip().lower()
                        if name in counts:
                            counts[name] += 1
                        else:
                            counts[name] = 1
                    return counts
            """,
            after="""
                from collections import Counter


                def tally(ballots):
                    counts = dict(Counter(b.strip().lower() for b in ballots))
                    return counts
            """,
        ),
        Example(
            before="""
                from collections import Counter


                def errors(log, seen: Counter):
                    kinds = Counter()
                    for line in log:
                        if line.level < 40:
                            continue
                        kinds[line.kind] += 1
                    return kinds
            """,
            after="""
                from collections import Counter


                def errors(log, seen: Counter):
                    kinds = Counter(line.kind for line in log if not line.level < 40)
                    return kinds
            """,
        ),
    )
    refused = (
        Example(
            before="""
                def unique(words):
                    n = {}
                    out = []
                    for w in words:
                        n[w] = n.get(w, 0) + 1
                        out.append(n[w])
                    return out
            """,
            reason=Reason.READS_OWN_OUTPUT,
            note="the count so far is used",
        ),
        Example(
            before="""
                def count(words, counts):
                    for w in words:
                        counts[w] = counts.get(w, 0) + 1
            """,
            reason=Reason.ALIASED,
            naive="""
                def count(words, counts):
                    counts = {w: list(words).count(w) for w in words}
            """,
            note="the dict belongs to the caller",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        found = with_appends(site.loop.body)
        if found is None or not isinstance(site.loop, ast.For):
            return None
        tally, body = found
        if tally.target in {n for s in body for n in names_in(s)} - {KEYS} or tally.target in names_in(site.loop.iter):
            return Refusal(
                Reason.READS_OWN_OUTPUT, site.loop.lineno, f"`{tally.target}` is read while the loop fills it"
            )
        if not tally.once and not _repeatable(site, tally.key):
            return Refusal(
                Reason.UNKNOWN_CALL,
                tally.key.lineno,
                f"`{ast.unparse(tally.key)}` is evaluated more than once, and may do anything",
            )
        kind = site.kind(name(tally.target))
        kind_name = kind.name if kind is not None else "dict"
        if kind_name not in ("dict", "defaultdict", "Counter") or not (tally.creates or kind_name != "dict"):
            return None
        target = find_target(site, tally.target, kind_name, True)
        if isinstance(target, Refusal):
            return target
        if not target.fresh and kind_name != "Counter":
            return Refusal(
                Reason.ALIASED, site.loop.lineno, f"`{tally.target}` is used between its making and the loop"
            )
        if site.dotted(name("dict")) != "builtins.dict":
            return Refusal(Reason.SHADOWED_NAME, site.loop.lineno, "`dict` is not Python's own here")
        lifted = _lifted(site, loop, tally, body)
        if isinstance(lifted, Refusal):
            return lifted
        again = None if tally.once or isinstance(tally.key, ast.Name) else ast.unparse(tally.key)
        return self._rewrite(site, loop, lifted, target, kind_name, again)

    def _rewrite(
        self, site: SiteContext, loop: Loop, lifted: Loop, target: Target, kind: str, again: str | None
    ) -> Sequence[Rewrite] | Refusal:
        if len(lifted.effects) != 1:
            return Refusal(Reason.UNSUPPORTED_SYNTAX, site.loop.lineno, "the loop does more than count")
        e = lifted.effects[0]
        made = comprehend(site, lifted, [(e.guard, [e.value])])
        if isinstance(made, Refusal):
            return made
        counter = _counter(site)
        if counter is None:
            return Refusal(Reason.SHADOWED_NAME, site.loop.lineno, "`Counter` is the name of something else here")
        made.obligations += assumed(site, lifted)
        if again is not None and _new_each_time(e.value):
            # A NaN that is read again is another one: `counts[row["k"]] += 1` does not find what the line before stored
            plain = isinstance(strip(e.value), Read)  # infinity modulo 2 is NaN
            made.obligations.append(Obligation("no-missing" if plain else "finite", (again,)))
        part = made.parts[0]
        plain = (
            whole_element(lifted, e.value)
            and len(part.generators) == 1
            and not part.generators[0].ifs
            and not made.hoisted
            and _no_mapping(site, part.generators[0].iter)
        )
        keys = part.generators[0].iter if plain else ast.GeneratorExp(part.values[0], part.generators)
        stmt = _statement(target, kind, counter, keys)
        stmt.lineno = e.line
        form = place(self.rule, site, replace(lifted, header=loop.header), made, [target], [stmt])
        imported = isinstance(counter, ast.Name) and site.dotted(counter) != COUNTER
        return [replace(form, imports=("from collections import Counter",) if imported else ())]


def _lifted(site: SiteContext, loop: Loop, tally: Tally, body: list[ast.stmt]) -> Loop | Refusal:
    """The loop as if it appended its keys to a list."""
    node = ast.copy_location(
        ast.For(loop.header.node.target, loop.header.node.iter, body, loop.header.node.orelse), loop.header.node
    )
    without = replace(site, mutated=site.mutated - {tally.target})
    try:
        return lift_body(without, replace(loop.header, node=node))
    except Refused as e:
        return e.refusal


def _repeatable(site: SiteContext, key: ast.expr) -> bool:
    """Evaluating the key once instead of several times changes nothing."""
    for n in walk(key):
        if isinstance(n, ast.Call) and not is_pure_call(site, n):
            return False
        if isinstance(n, (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)):
            return False
    return True


def _new_each_time(key: Expr) -> bool:
    """Whether a key that is evaluated again may be another object, and a NaN not the same NaN."""
    match strip(key):
        case Const() | Raw(node=ast.JoinedStr()):
            return False
        case Op(name=what) if what in NO_NUMBER:
            return False
        case Op(name="tuple" | "if" | "and" | "or", args=args):
            return any(map(_new_each_time, args))
        case Read(name=str()):
            return False
    return True


def _no_mapping(site: SiteContext, node: ast.expr) -> bool:
    """A Counter takes the values of a mapping for counts."""
    kind = site.kind(node)
    return kind is not None and kind.name in ("list", "tuple", "str", "series", "ndarray", "set", "index")


def _counter(site: SiteContext) -> ast.expr | None:
    """`Counter` as the file calls it, or as it will once it is imported."""
    for id_, binders in site.file.scopes.module.bindings.items():
        if site.dotted(name(id_)) == COUNTER and binders:
            return name(id_)
    if site.dotted(name("collections")) == "collections":
        return attr(name("collections"), "Counter")
    return name("Counter") if site.fresh("Counter", "Counter_") == "Counter" else None


def _statement(target: Target, kind: str, counter: ast.expr, keys: ast.expr) -> ast.stmt:
    if not target.fresh:
        return ast.Expr(call(attr(name(target.name), "update"), keys))
    counted: ast.expr = call(counter, keys)
    if kind == "dict":
        counted = call("dict", counted)
    elif kind == "defaultdict":
        assert isinstance(target.display, ast.Call)
        counted = call(target.display.func, *target.display.args, counted)
    if target.annotation is not None:
        return ast.AnnAssign(ast.Name(target.name, ast.Store()), target.annotation, counted, 1)
    return assign(target.name, counted)
