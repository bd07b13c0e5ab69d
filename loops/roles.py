"""What each kind of syntax node means for scopes."""

from __future__ import annotations

import ast
from dataclasses import dataclass

LEAVES = frozenset({ast.Name, ast.Constant})
#: Statements that bind nothing themselves.
UNBINDING = frozenset(
    {ast.Assert, ast.Break, ast.Continue, ast.Expr, ast.If, ast.Pass, ast.Raise, ast.Return, ast.Try, ast.While}
)
NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True)
class Role:
    """What one kind of node means for scopes."""

    blocks: bool
    statement: bool
    binding: bool
    nested: bool
    leaf: bool  # binds nothing, and nothing is below it


class _Roles(dict[type[ast.AST], Role]):
    """The roles of the kinds of nodes, worked out when a kind is first met."""

    def __missing__(self, kind: type[ast.AST]) -> Role:
        blocks = issubclass(kind, (ast.mod, ast.stmt, ast.excepthandler, ast.match_case))
        binding = issubclass(kind, (ast.stmt, ast.excepthandler, ast.pattern, ast.NamedExpr, ast.Lambda))
        binding = binding and kind not in UNBINDING
        found = self[kind] = Role(blocks, issubclass(kind, ast.stmt), binding, issubclass(kind, NESTED), kind in LEAVES)
        return found


ROLES = _Roles()
