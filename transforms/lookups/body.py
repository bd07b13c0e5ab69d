"""Lift bodies that build a dict a round: stores into it, updates, and inner loops over the columns of a frame."""

from __future__ import annotations

import ast

from ...loops.body import Body, Outcome
from ...loops.context import Refused, SiteContext
from ...loops.header_rows import inv
from ...loops.ir import Append, Const, Expr, Header, Inv, Loop, Named, Op, Row, Undefined, strip
from ...loops.lift import lift_body
from ...loops.remarks import Reason, Refusal
from .ir import ColumnName, Field, OwnRow, Record, Spread, affixes, as_cell, as_position, as_record, as_row


def lift_records(site: SiteContext, header: Header) -> Loop | Refusal:
    """The loop with its dicts as records, or why it can't be lifted."""
    try:
        return lift_body(site, header, RecordBody(site, header))
    except Refused as e:
        return e.refusal
    except RecursionError:
        return Refusal(Reason.UNSUPPORTED_SYNTAX, site.loop.lineno, "the body is nested too deeply")


class RecordBody(Body):
    """Executes a body whose dicts become records."""

    def _simple(self, stmt: ast.stmt, out: Outcome) -> None:
        match stmt:
            case ast.For() if self.helper_locals is None and not stmt.orelse:
                self._columns_loop(stmt, out)
                return
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=id_), slice=key)], value=value) if self._known(
                id_, out.env
            ):
                made = self.ev(value, out.env)
                self._put(id_, self._entries(self.ev(key, out.env), made, stmt), out, stmt)
                return
            case ast.Assign(targets=[ast.Name()], value=ast.Name(id=id_)) if self._known(id_, out.env):
                raise Refused(Reason.ALIASED, stmt, f"`{id_}` gets a second name")
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=id_), attr="update")) as call) if (
                self._known(id_, out.env)
            ):
                self._put(id_, self._updates(call, out.env), out, stmt)
                return
        super()._simple(stmt, out)
        match stmt:
            # What is stored into the dict from here on would show in the list.
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[ast.Name(id=id_)])) if self._known(
                id_, out.env
            ):
                out.env[id_] = Undefined(id_)

    def _known(self, id_: str, env: dict[str, Expr]) -> bool:
        return id_ in env and as_record(env[id_]) is not None

    def _put(self, id_: str, parts: tuple[Expr, ...], out: Outcome, stmt: ast.stmt) -> None:
        record = as_record(out.env[id_])
        if record is None:
            raise Refused(Reason.SIDE_EFFECT, stmt, f"the body stores into `{id_}`")
        out.env[id_] = Named(id_, record.joined(parts))

    def _entries(self, key: Expr, value: Expr, node: ast.AST) -> tuple[Expr, ...]:
        """What `record[key] = value` adds."""
        inner = strip(key)
        if isinstance(inner, Const) and isinstance(inner.value, str):
            return (Field(inner.value, self._row_free(value, node)),)
        made = spread(key, value)
        if made is None:
            raise Refused(
                Reason.UNSUPPORTED_SYNTAX,
                node,
                "what is stored under a computed key is no column of a row that was looked up",
            )
        return (made,)

    def _updates(self, call: ast.Call, env: dict[str, Expr]) -> tuple[Expr, ...]:
        parts: list[Expr] = []
        for a in call.args:
            parts += self._spread_of(a, env)
        for k in call.keywords:
            if k.arg is None:
                parts += self._spread_of(k.value, env)
            else:
                parts.append(Field(k.arg, self._row_free(self.ev(k.value, env), call)))
        return tuple(parts)

    def _spread_of(self, node: ast.expr, env: dict[str, Expr]) -> tuple[Expr, ...]:
        """The entries of a dict that is joined into another one."""
        value = self.ev(node, env)
        inner = strip(value)
        if isinstance(inner, Row):
            return (self._own_row(inner, node),)
        record = as_record(value)
        if record is None:
            raise Refused(Reason.UNSUPPORTED_SYNTAX, node, f"`{ast.unparse(node)[:40]}` is no dict made in this round")
        return record.parts

    def _own_row(self, row: Row, node: ast.AST) -> OwnRow:
        if row.access.value not in ("row", "row-iloc") or row.offset:
            raise Refused(Reason.ROW_ESCAPES, node, "the row itself is used, not only its columns")
        return OwnRow(row.frame)

    # ------------------------------------------------------------------ inner loops

    def _columns_loop(self, stmt: ast.For, out: Outcome) -> None:
        """`for c in frame.columns: record["prefix_" + c] = frame.iloc[p][c]`."""
        match stmt.target:
            case ast.Name(id=id_) if (of := self._columns_of(stmt.iter)) is not None:
                bound: dict[str, Expr] = {id_: ColumnName(of)}
            case _:
                raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "the body has a loop of its own")
        inner = Outcome({**out.env, **bound})
        for s in stmt.body:
            if isinstance(s, (ast.If, ast.Continue, ast.Break, ast.For, ast.While)):
                raise Refused(Reason.UNSUPPORTED_SYNTAX, s, "the inner loop does more than copy columns")
            self._simple(s, inner)
        if inner.effects:
            raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "the inner loop does more than copy columns")
        for name, value in inner.env.items():
            before = out.env.get(name)
            # A value that changes from column to column is known in the inner loop only.
            own = name in bound or (value is not before and as_record(value) is None)
            out.env[name] = Undefined(name) if own else value
            if not own and value is not before and not _only_spreads(before, value):
                raise Refused(Reason.UNSUPPORTED_SYNTAX, stmt, "the inner loop does more than copy columns")

    def _columns_of(self, node: ast.expr) -> Inv | None:
        match node:
            case ast.Call(func=ast.Name(id="list"), args=[inner], keywords=[]):
                return self._columns_of(inner)
            case ast.Call(func=ast.Attribute(value=inner, attr="tolist"), args=[], keywords=[]):
                return self._columns_of(inner)
            case ast.Attribute(attr="columns") if self.site.invariant(node):
                return inv(node)
            case ast.Name() if (
                self.site.invariant(node) and (kind := self.site.kind(node)) and kind.name in ("list", "tuple")
            ):
                return inv(node)
        return None

    # ------------------------------------------------------------------ expressions

    def _ev(self, node: ast.expr, env: dict[str, Expr]) -> Expr:
        match node:
            case ast.Dict(keys=keys, values=values) if self.helper_locals is None and _plain_keys(keys):
                record = Record((), node)
                for k, v in zip(keys, values, strict=True):
                    record = record.joined(
                        self._spread_of(v, env) if k is None else self._entries(self.ev(k, env), self.ev(v, env), node)
                    )
                return record
            case ast.Call(func=ast.Name(id="dict") as func, args=args) if (
                self.site.dotted(func) == "builtins.dict" and len(args) < 2
            ):
                return Record((), node).joined(self._updates(node, env))
            case ast.Call(func=ast.Attribute(value=base, attr="to_dict"), args=[], keywords=[]) if (
                found := self._row_dict(base, env)
            ) is not None:
                return Record((found,), node)
            case ast.DictComp(
                key=key,
                value=value,
                generators=[ast.comprehension(target=ast.Name(id=id_), iter=source, ifs=[], is_async=0)],
            ):
                of = self._columns_of(source)
                if of is not None and id_ not in env:
                    inner: dict[str, Expr] = {**env, id_: ColumnName(of)}
                    made = spread(self.ev(key, inner), self.ev(value, inner))
                    if made is not None:
                        return Record((made,), node)
        return super()._ev(node, env)

    def _row_dict(self, base: ast.expr, env: dict[str, Expr]) -> Expr | None:
        """`row.to_dict()` of the row of the round, or of a row that was looked up."""
        prefix = suffix = ""
        match base:
            case ast.Call(
                func=ast.Attribute(value=inner, attr="add_prefix" | "add_suffix" as which),
                args=[ast.Constant(value=str(text))],
                keywords=[],
            ):
                prefix, suffix = (text, "") if which == "add_prefix" else ("", text)
                base = inner
        if not isinstance(base, (ast.Name, ast.Subscript)) or not self._variant_names(base, env):
            return None
        value = self.ev(base, env)
        if isinstance(strip(value), Row) and not prefix and not suffix:
            return self._own_row(strip(value), base)  # type: ignore[arg-type]
        row = as_row(value)
        return Spread(row[0], None, row[1], prefix, suffix) if row is not None else None


def spread(key: Expr, value: Expr) -> Spread | None:
    """The entries that an inner loop over columns makes, if each is a cell of that very column."""
    named = affixes(key)
    inner = strip(value)
    floated = isinstance(inner, Op) and inner.name == "call:builtins.float" and len(inner.args) == 1
    cell = as_cell(inner.args[0] if floated and isinstance(inner, Op) else inner)
    if named is None or cell is None or cell.column != named[0] or as_position(cell.position) is None:
        return None
    name, prefix, suffix, joined = named
    whole = name.of.code == f"{cell.source.code}.columns"
    if isinstance(name.of.node, ast.Attribute) and not whole:
        return None
    return Spread(cell.source, None if whole else name.of, cell.position, prefix, suffix, floated, cell.by_row, joined)


def _plain_keys(keys: list[ast.expr | None]) -> bool:
    return all(k is None or (isinstance(k, ast.Constant) and isinstance(k.value, str)) for k in keys)


def _only_spreads(before: Expr | None, after: Expr) -> bool:
    """Whether an inner loop added nothing to a dict but columns, in one go."""
    old, new = as_record(before) if before is not None else None, as_record(after)
    if old is None or new is None or new.parts[: len(old.parts)] != old.parts:
        return False
    added = new.parts[len(old.parts) :]
    return len(added) <= 1 and all(isinstance(p, Spread) for p in added)


def appended_record(loop: Loop) -> tuple[Append, Record] | None:
    """The one append of a record that is all the loop does."""
    if len(loop.effects) != 1 or not isinstance(loop.effects[0], Append):
        return None
    record = as_record(loop.effects[0].value)
    return (loop.effects[0], record) if record is not None and record.parts else None
