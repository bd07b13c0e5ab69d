"""The order in which one round evaluates what may raise or have an effect, and whether new code keeps it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import chain

from .ir import Access, Carried, Const, Event, Expr, Header, Inv, Label, Loop, Named, Op, Pos, Raw, Read, Row, strip
from .walk import walk

#: Syntax that asks its operands whether they are true.
ASKING = (ast.BoolOp, ast.IfExp, ast.UnaryOp)
SILENT = frozenset({"tuple", "list", "dict", "and", "or", "if", "not", "is", "is not"})


def atom(node: ast.AST) -> Event:
    """The identity of an evaluation: where its syntax stands in the file."""
    return (
        "at",
        getattr(node, "lineno", 0),
        getattr(node, "col_offset", 0),
        getattr(node, "end_lineno", 0),
        getattr(node, "end_col_offset", 0),
        type(node).__name__,
    )


#: The most that the narrowest integers of NumPy hold, signed or not.
MOST_NARROW = 127
#: Calls that don't raise for what programs pass to them.
HARMLESS = frozenset({"len", "abs", "min", "max", "bool", "str", "list", "tuple", "set", "dict"})
#: Methods and functions of that name take empty arrays too.
STATISTICS = frozenset({"mean", "sum", "std", "var", "median", "any", "all", "copy", "nunique"})


def may_raise(node: ast.expr) -> bool:
    """Whether an expression that is the same on every round may raise: a look-up, a division, a call."""
    for n in walk(node):
        match n:
            case ast.Call() if harmless(n):
                continue
            case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod(), right=ast.Constant(value=value)) if value:
                continue
            case ast.BinOp(op=ast.Sub() | ast.BitAnd() | ast.BitOr() | ast.BitXor(), left=a, right=b) if _text(
                a
            ) or _text(b):
                return True
            case ast.BinOp(left=a, right=b) if _wide(a) != _wide(b):
                return True
            case ast.Call() | ast.Subscript() | ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod() | ast.Pow()):
                return True
    return False


def _wide(node: ast.expr) -> bool:
    """An integer that does not fit all of NumPy's types: beside a narrow or unsigned one it raises OverflowError."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int())):
            return True
        case ast.Constant(value=int(value)):
            return value > MOST_NARROW
    return False


def _text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def harmless(call: ast.Call) -> bool:
    """A call that is not expected to raise."""
    match call.func:
        case ast.Name(id=name):
            return name in HARMLESS
        case ast.Attribute(attr=attr):
            return attr in STATISTICS
    return False


def silent(e: Expr) -> bool:
    """An operation that itself neither raises nor has an effect, whatever its operands hold."""
    inner = strip(e)
    if isinstance(inner, Inv):
        return not may_raise(inner.node)
    if isinstance(inner, (Const, Pos, Label, Read, Named)):
        return True
    if isinstance(inner, Op):
        if inner.name in SILENT:
            return True
        if inner.name == "call:builtins.round" and len(inner.args) == 2:
            value, digits = strip(inner.args[0]), strip(inner.args[1])
            return (
                isinstance(value, Op)
                and value.name == "call:builtins.float"
                and isinstance(digits, Const)
                and isinstance(digits.value, int)
            )
    return False


def trace_of(e: Expr, seen: set[Expr]) -> list[Event]:
    """The events of evaluating an expression; a temporary is evaluated where it is first met."""
    if isinstance(e, Named):
        if e in seen:
            return []
        seen.add(e)
        return trace_of(e.value, seen)
    if isinstance(e, Op) and e.name == "if":
        test = trace_of(e.args[0], seen)
        one, other = trace_of(e.args[1], set(seen)), trace_of(e.args[2], set(seen))
        return [*test, ("if", tuple(one), tuple(other))]
    if isinstance(e, Op) and "chain" in e.keywords and e.node is not None:
        links = [a for a in e.args if isinstance(a, Op)]
        parts = [links[0].args[0], *(a.args[1] for a in links)]
        first = [*trace_of(parts[0], seen), *trace_of(parts[1], seen), atom(e.node)]
        return [*first, ("if", tuple(_shorted(parts[2:], seen)), ())]
    if isinstance(e, Op) and e.name in ("and", "or"):
        return _shorted(list(e.args), seen)
    if isinstance(e, Inv):
        return [] if silent(e) else [atom(e.node)]
    out: list[Event] = []
    for child in e.children():
        out += trace_of(child, seen)
    if isinstance(e, Op) and not silent(e) and e.node is not None:
        out.append(atom(e.node))
    if isinstance(e, Raw):
        if out and _does_more(e):
            # A temporary would be evaluated amid what the syntax around it does, not before.
            out.append(("moved", id(e)))
        out.append(atom(e.node))
    return out


def _does_more(e: Raw) -> bool:
    """Whether carried syntax evaluates something of its own that may raise."""
    own = (ast.Call, ast.BinOp, ast.Subscript, ast.Attribute, ast.Compare, ast.UnaryOp, ast.comprehension, ast.BoolOp)
    return any(isinstance(n, own) for n in walk(e.node) if n is not e.node or not isinstance(n, ast.JoinedStr))


def _shorted(args: list[Expr], seen: set[Expr]) -> list[Event]:
    first = trace_of(args[0], seen)
    if len(args) == 1:
        return first
    return [*first, ("if", tuple(_shorted(args[1:], seen)), ())]


def guarded_trace(guard: Expr | None, value: Expr) -> list[Event]:
    """The events of `value if guard` as the tail of a comprehension."""
    seen: set[Expr] = set()
    if guard is None:
        return trace_of(value, seen)
    return _nest(conjuncts(guard), value, seen)


def add_branch(trace: list[Event], cond: Expr, test: ast.expr, one: list[Event], other: list[Event]) -> None:
    """Note a branch behind the events of its condition.

    What comes under `a and b` comes behind `b` where `b` was evaluated, so that it nests as conditions of a
    comprehension do.
    """
    if other or not isinstance(cond, Op) or cond.name != "and" or "chain" in cond.keywords or cond.node is not test:
        trace.append(("if", tuple(one), tuple(other)))
        return
    trace[:] = _behind(trace, len(cond.args) - 1, one)


def _behind(events: list[Event] | tuple[Event, ...], depth: int, more: list[Event]) -> list[Event]:
    """The events with more of them where the last of the nested operands has been evaluated."""
    if not depth:
        return [*events, ("if", tuple(more), ())]
    last = events[-1]
    return [*events[:-1], ("if", tuple(_behind(last[1], depth - 1, more)), ())]  # type: ignore[arg-type]


def conjuncts(guard: Expr | None) -> list[Expr]:
    """The conditions that a guard is made of, in the order in which they are tested."""
    if isinstance(guard, Op) and guard.name == "and" and "chain" not in guard.keywords:
        return [x for a in guard.args for x in conjuncts(a)]
    return [] if guard is None else [guard]


def split_guard(guard: Expr | None, named: Named) -> tuple[list[Expr], list[Expr]]:
    """The conditions that are tested before a temporary is needed, and those from the first that needs it on."""
    parts = conjuncts(guard)
    first = next((k for k, part in enumerate(parts) if any(x == named for x in part.walk())), len(parts))
    return parts[:first], parts[first:]


def named_trace(before: list[Expr], named: Named, behind: list[Expr], value: Expr) -> list[Event]:
    """The events of `... if before for name in [temporary] if behind` with a value."""
    seen: set[Expr] = set()

    def at(parts: list[Expr]) -> list[Event]:
        if parts:
            return [*trace_of(parts[0], seen), ("if", tuple(at(parts[1:])), ())]
        return [*trace_of(named, seen), *_nest(behind, value, seen)]

    return at(before)


def _nest(parts: list[Expr], value: Expr, seen: set[Expr]) -> list[Event]:
    if not parts:
        return trace_of(value, seen)
    inner = strip(parts[0])
    if isinstance(inner, Op) and inner.name == "and" and "chain" not in inner.keywords:
        return _nest([*inner.args, *parts[1:]], value, seen)
    head = trace_of(parts[0], seen)
    return [*head, ("if", tuple(_nest(parts[1:], value, seen)), ())]


def normal(events: list[Event] | tuple[Event, ...]) -> tuple[Event, ...]:
    """Without empty branches, the fuller side first."""
    out: list[Event] = []
    for e in events:
        if e[0] != "if":
            out.append(e)
            continue
        one, other = normal(e[1]), normal(e[2])  # type: ignore[arg-type]
        if not one and not other:
            continue
        out.append(("if", *sorted((one, other), key=repr, reverse=True)))
    return tuple(out)


def keeps_order(before: tuple[Event, ...], after: list[Event]) -> bool:
    """Whether the new code evaluates the same things, under the same conditions, in the same order."""
    return normal(before) == normal(after)


def forgets(loop: Loop) -> bool:
    """Whether a round evaluates something that may raise and that nothing which outlives it depends on."""
    kept: set[Event] = set()
    known: set[Read | Row | Inv] = set()
    parts = [loop.carried[name] for name in loop.carried] + [loop.finals[n] for n in loop.live_out if n in loop.finals]
    guarded: list[Expr] = []
    parts += [loop.finals[n] for n in _handed_on(loop)]
    for effect in loop.effects:
        others = (getattr(effect, part, None) for part in ("index", "row", "column"))
        made = [effect.value, *(x for x in others if isinstance(x, Expr))]
        parts += made if effect.guard is None else [effect.guard]
        guarded += made if effect.guard is not None else []
    for part in (*parts, *guarded):
        kept |= set(evaluations(trace_of(part, set())))
        known |= {x for x in part.walk() if isinstance(x, Read | Row | Inv)}
    evaluated = chain(*map(_evaluated, parts), *map(_temporaries, guarded))
    always = {x for x in evaluated if isinstance(x, Read | Row | Inv)}
    if any(event not in kept for event in evaluations(loop.trace)) or _forgets_truth(loop, [*parts, *guarded]):
        return True
    for x, each in loop.fetched.items():
        kept_on = always if each else known
        if x not in kept_on and _may_miss(x, loop, kept_on):
            return True
    return False


def _forgets_truth(loop: Loop, parts: Iterable[Expr]) -> bool:
    """Whether the truth of an element is asked for in vain: pd.NA has none, and raises."""
    kept = {x for part in parts for x in part.walk() if isinstance(x, Op)}
    asked = {x for value in (*loop.finals.values(), *loop.overwritten) for x in value.walk() if isinstance(x, Op)}
    left_out = (x for x in asked - kept if x.name in ("and", "if", "not", "or") and isinstance(x.node, ASKING))
    tested = (a for x in left_out for a in (x.args[:-1] if x.name in ("and", "or") else x.args[:1]))
    return any(isinstance(r, (Read, Raw)) for a in tested for r in a.walk())


def _handed_on(loop: Loop) -> set[str]:
    """Names that every round sets anew and the next round reads: the scans compute them on all rounds."""
    effects = [x for e in loop.effects for x in (e.value, e.guard) if x is not None]
    used = {x.name for e in (*effects, *loop.carried.values()) for x in e.walk() if isinstance(x, Carried)}
    return {n for n in used if n in loop.finals and n not in loop.carried and n not in loop.live_out}


def _evaluated(e: Expr) -> Iterator[Expr]:
    """What a value is made of but for what it evaluates on a condition; a temporary was evaluated before that."""
    yield e
    inner = strip(e)
    if inner is not e:
        yield inner
    lazy = isinstance(inner, Op) and inner.name in ("and", "or", "if")
    for child in inner.children()[:1] if lazy else inner.children():
        yield from _evaluated(child)
    for child in inner.children()[1:] if lazy else ():
        yield from _temporaries(child)


def _temporaries(e: Expr) -> Iterator[Expr]:
    """What the temporaries in a value are made of."""
    return (y for x in e.walk() if isinstance(x, Named) for y in x.walk())


def _may_miss(read: Read | Row | Inv, loop: Loop, known: set[Read | Row | Inv]) -> bool:
    """Whether what is read for nothing may not be there: a column, a label, a neighbour, the row of another table.

    What is computed for nothing may raise.
    """
    if isinstance(read, Inv):
        return True
    if isinstance(read, Read) and read.access is Access.ITERATE:
        return False
    if isinstance(read, Read) and read.source not in {x.source for x in known if isinstance(x, Read)}:
        return True
    labelled = read.access.by_label
    elements = (x for x in known if not isinstance(x, Inv))
    alike = (x for x in elements if x.offset == read.offset and x.access.by_label == labelled)
    if any(_table(x) == _table(read) for x in alike):
        return False
    return labelled or bool(read.offset) or _table(read) not in _gone_over(loop.header)


def _table(read: Read | Row) -> str:
    return read.frame.code if isinstance(read, Row) else read.source.base.code


def _gone_over(header: Header) -> set[str]:
    """The tables and sequences that have as many elements as there are rounds, or more."""
    found = {header.table.code} if header.table is not None else set()
    if header.span is not None and header.span.of is not None and header.span.delta <= 0:
        found.add(header.span.of.code)
    return found | {_table(x) for x in header.elements if isinstance(x, Read)}


def evaluations(events: Iterable[Event]) -> Iterator[Event]:
    """The evaluations, those in branches included."""
    for event in events:
        if event[0] == "if":
            yield from evaluations([*event[1], *event[2]])  # type: ignore[misc]
        elif event[0] == "at":
            yield event
