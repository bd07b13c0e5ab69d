"""What every moderniser is made of: the use of a retired name that it looks at, and the change that it makes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...loops.context import FileContext
from ...loops.kind_words import Kind
from ...loops.names import COMPREHENSIONS, bound_names
from ...loops.obligations import Obligation
from ...loops.remarks import Reason, Refusal
from ...loops.scopes import Scope
from ...loops.walk import walk
from ...transforms.base import Documented, Rule
from .facts import RetiredKinds

if TYPE_CHECKING:
    from .trees import Found  # pulls in Bowler, which `check` must not need

TABLES = ("frame", "series")


@dataclass(frozen=True)
class Change:
    """What to do with one use: `edit` changes the nodes that Bowler's query has found for it.

    `imports` are import statements that the new code needs.
    """

    edit: Callable[[Found], None]
    summary: str
    imports: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()


@dataclass(frozen=True)
class Use:
    """One attribute with a retired name, and what is known around it."""

    file: FileContext
    kinds: RetiredKinds
    node: ast.Attribute

    @property
    def name(self) -> str:
        return self.node.attr

    @property
    def receiver(self) -> ast.expr:
        return self.node.value

    @property
    def parent(self) -> ast.AST | None:
        return self.file.scopes.parent.get(self.node)

    @property
    def call(self) -> ast.Call | None:
        """The call of the attribute, if it is called."""
        up = self.parent
        return up if isinstance(up, ast.Call) and up.func is self.node else None

    @property
    def key(self) -> ast.Subscript | None:
        """The subscript of the attribute, if it has one."""
        up = self.parent
        return up if isinstance(up, ast.Subscript) and up.value is self.node else None

    @property
    def is_read(self) -> bool:
        """Whether it is only read, and not bound or deleted."""
        return isinstance(self.node.ctx, ast.Load)

    @property
    def statement(self) -> ast.stmt | None:
        return next((up for up in self.file.scopes.ancestors(self.node) if isinstance(up, ast.stmt)), None)

    @property
    def scope(self) -> Scope:
        """The scope that the use is evaluated in."""
        scopes, here = self.file.scopes, self.node
        child: ast.AST = here
        for up in scopes.ancestors(here):
            if isinstance(up, ast.Lambda) and child is up.body:
                return scopes.by_node[up]
            if isinstance(up, ast.stmt):
                return scopes.scope_of.get(up, scopes.module)
            child = up
        return scopes.module

    def dotted(self, node: ast.expr) -> str | None:
        """`pd.rolling_mean` as "pandas.rolling_mean" when its root is an import or a builtin."""
        return None if self._hidden(node) else self.file.scopes.dotted(node, self.scope)

    def kind(self, node: ast.expr) -> Kind | None:
        """What an expression surely is."""
        found = None if self._hidden(node) else self.kinds.of(node, self.scope)
        return found if found is not None and found.proven else None

    def is_a(self, node: ast.expr, *names: str) -> bool:
        kind = self.kind(node)
        return kind is not None and kind.name in names

    def is_table(self, node: ast.expr) -> bool:
        """Whether it is a frame or a series, whichever."""
        kind = None if self._hidden(node) else self.kinds.of(node, self.scope)
        return kind is not None and kind.name in TABLES

    @property
    def is_part(self) -> bool:
        """Whether the receiver is a column or another part of a table: in pandas 3 a store into it changes a copy."""
        kind = self.kind(self.receiver)
        return not isinstance(self.receiver, ast.Name) or (kind is not None and kind.why == "column of a frame")

    def chained(self) -> Refusal:
        """The refusal of a store into a part of a table."""
        said = ast.unparse(self.receiver)
        message = f"`{said}` is a part of a table: a store into it changes a copy in pandas 3"
        return self.refused(Reason.CHAINED_ASSIGNMENT, message)

    def is_builtin(self, name: str) -> bool:
        """Whether a name still means the builtin where the use stands."""
        return self.dotted(ast.Name(name, ast.Load())) == f"builtins.{name}" and name not in set(self._variables())

    def unknown(self, wanted: str = "a frame or series") -> Refusal:
        """The refusal of a use whose receiver may be something else."""
        kind = self.kind(self.receiver)
        said = ast.unparse(self.receiver)
        said = said if len(said) <= 40 else f"{said[:37]}..."
        if kind is not None:
            return self.refused(Reason.UNKNOWN_KIND, f"`{said}` is {_article(kind.name)}, and not {wanted}")
        return self.refused(Reason.UNKNOWN_KIND, f"it is not known whether `{said}` is {wanted}")

    def refused(self, reason: Reason, message: str, hint: str = "") -> Refusal:
        return Refusal(reason, self.node.end_lineno or self.node.lineno, message, hint)

    def module(self, name: str, usual: str) -> tuple[str, tuple[str, ...]] | None:
        """How a module is called where the use stands, and the import it needs; None when its usual name is taken."""
        have = self.file.alias(name)
        if have is not None and self.dotted(ast.Name(have, ast.Load())) == name and have not in set(self._variables()):
            return have, ()
        if self.file.scopes.owner(usual, self.scope) is not None or usual in set(self._variables()):
            return None
        return usual, (f"import {name} as {usual}",)

    def _hidden(self, node: ast.expr) -> bool:
        """Whether a name in it is a variable of a comprehension around: nothing is known of those."""
        mine = set(self._variables())
        return bool(mine) and any(isinstance(n, ast.Name) and n.id in mine for n in walk(node))

    def _variables(self) -> Iterator[str]:
        for up in self.file.scopes.ancestors(self.node):
            if isinstance(up, COMPREHENSIONS):
                for generator in up.generators:
                    yield from bound_names(generator.target)
            if isinstance(up, ast.stmt):
                return


class Moderniser(Documented):
    """One retired name or a family of them. Subclasses carry the documentation, the examples and the change.

    `names` are the attributes that its Bowler query selects. `judge` gets each of them and returns the change; a
    refusal; or None when the use is none of its business. It decides on the syntax tree, from what is surely known, so
    that Bowler is asked only where something is to be changed.
    """

    names: ClassVar[tuple[str, ...]] = ()
    #: What the text of a file with a use of it holds, beside one of the names.
    words: ClassVar[tuple[str, ...]] = ()
    #: The last releases that have the old form.
    until: ClassVar[str] = ""

    @classmethod
    def pattern(cls) -> str:
        """The selector of the Bowler query: the attribute itself, which has its receiver and its call beside it."""
        return f"trailer< '.' name=({' | '.join(repr(name) for name in cls.names)}) >"

    def judge(self, use: Use) -> Change | Refusal | None:
        raise NotImplementedError


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """The argument that a call passes under a name."""
    return next((k for k in call.keywords if k.arg == name), None)


def has_stars(call: ast.Call) -> bool:
    """Whether a call passes `*args` or `**kwargs`, so that what it passes is not known."""
    return any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)


def constant(node: ast.expr | None) -> object:
    """The value of a literal; an object of its own for anything else."""
    return node.value if isinstance(node, ast.Constant) else _UNKNOWN


_UNKNOWN = object()


def _article(name: str) -> str:
    return f"{'an' if name[:1] in 'aeio' else 'a'} {name}"


__all__ = ["Change", "Moderniser", "Rule", "Use", "constant", "has_stars", "keyword"]
