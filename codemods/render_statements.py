"""Statements as source lines."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from ..loops.walk import walk
from .render_doc import Doc, bracketed, if_long, items, join, layout
from .render_expressions import Expressions, Level, operator_text
from .render_literals import RenderError

_AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


class Statements:
    """Turns statement nodes into lines of at most `width` columns where the layout allows it.

    Statements in `placeholders` (by id) are written as `pass`.
    """

    def __init__(self, expressions: Expressions, width: int, unit: str, placeholders: Collection[int] = ()) -> None:
        self.expressions = expressions
        self.width = width
        self.unit = unit
        self.placeholders = placeholders

    def lines(self, stmt: ast.stmt, indent: str = "") -> list[str]:
        """The lines of one statement at an indentation; a multi-line string spoils no line after it."""
        out: list[str] = []
        self._write(stmt, indent, out)
        return out

    def block(self, stmts: Sequence[ast.stmt], indent: str) -> list[str]:
        """The lines of a block, which must not be empty."""
        if not stmts:
            raise RenderError("a block is empty")
        return [line for stmt in stmts for line in self.lines(stmt, indent)]

    def simple(self, stmt: ast.stmt) -> Doc | None:
        """The document of a statement without blocks; None for the others."""
        exp = self.expressions
        match stmt:
            case ast.Expr():
                return exp.long_doc(stmt.value, Level.YIELD)
            case ast.Assign():
                targets = [(exp.doc(target, Level.TUPLE), " = ") for target in stmt.targets]
                return (*targets, exp.long_doc(stmt.value, Level.YIELD))
            case ast.AugAssign():
                sign = f" {operator_text(stmt.op)}= "
                return (exp.doc(stmt.target, Level.ATOM), sign, exp.long_doc(stmt.value, Level.YIELD))
            case ast.AnnAssign():
                return self._annotated(stmt)
            case ast.Return():
                return ("return ", exp.long_doc(stmt.value, Level.TUPLE)) if stmt.value else "return"
            case ast.Pass():
                return "pass"
            case ast.Break():
                return "break"
            case ast.Continue():
                return "continue"
            case ast.Delete():
                return ("del ", join(", ", [exp.doc(target) for target in stmt.targets]))
            case ast.Raise():
                cause: Doc = (" from ", exp.doc(stmt.cause)) if stmt.cause else ""
                return ("raise ", exp.doc(stmt.exc), cause) if stmt.exc else "raise"
            case ast.Assert():
                message: Doc = (", ", exp.long_doc(stmt.msg)) if stmt.msg else ""
                return ("assert ", exp.long_doc(stmt.test), message)
            case ast.Global() | ast.Nonlocal():
                return f"{type(stmt).__name__.lower()} {', '.join(stmt.names)}"
            case ast.Import():
                return "import " + ", ".join(map(_alias, stmt.names))
            case ast.ImportFrom():
                head = f"from {'.' * stmt.level}{stmt.module or ''} import "
                if stmt.names[0].name == "*":
                    return head + "*"
                return (head, if_long(items([_alias(name) for name in stmt.names])))
        return None

    def _annotated(self, stmt: ast.AnnAssign) -> Doc:
        exp = self.expressions
        target = exp.doc(stmt.target, Level.ATOM)
        if isinstance(stmt.target, ast.Name) and not getattr(stmt, "simple", 1):
            target = ("(", target, ")")
        value: Doc = (" = ", exp.long_doc(stmt.value, Level.YIELD)) if stmt.value else ""
        return (target, ": ", exp.doc(stmt.annotation), value)

    def _write(self, stmt: ast.stmt, indent: str, out: list[str]) -> None:
        simple = "pass" if id(stmt) in self.placeholders else self.simple(stmt)
        if simple is not None:
            out += self._layout(simple, indent)
            return
        exp = self.expressions
        match stmt:
            case ast.If():
                self._if(stmt, "if ", indent, out)
            case ast.For() | ast.AsyncFor():
                word = "async for " if isinstance(stmt, ast.AsyncFor) else "for "
                loop = (word, exp.doc(stmt.target, Level.TUPLE), " in ", exp.long_doc(stmt.iter, Level.TUPLE))
                self._suite(loop, stmt.body, indent, out)
                self._else(stmt.orelse, indent, out)
            case ast.While():
                self._suite(("while ", exp.long_doc(stmt.test, Level.NAMED)), stmt.body, indent, out)
                self._else(stmt.orelse, indent, out)
            case ast.With() | ast.AsyncWith():
                self._with(stmt, indent, out)
            case ast.Try() | ast.TryStar():
                self._try(stmt, indent, out)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not getattr(stmt, "type_params", None):
                self._function(stmt, indent, out)
            case _:
                out += self._unparsed(stmt, indent)

    def _layout(self, doc: Doc, indent: str) -> list[str]:
        text = layout(doc, width=self.width, unit=self.unit, indent=indent, column=len(indent.expandtabs(4)))
        return (indent + text).split("\n")

    def _suite(self, header: Doc, body: Sequence[ast.stmt], indent: str, out: list[str]) -> None:
        out += self._layout((header, ":"), indent)
        out += self.block(body, indent + self.unit)

    def _else(self, body: Sequence[ast.stmt], indent: str, out: list[str], word: str = "else") -> None:
        if body:
            self._suite(word, body, indent, out)

    def _if(self, stmt: ast.If, word: str, indent: str, out: list[str]) -> None:
        self._suite((word, self.expressions.long_doc(stmt.test, Level.NAMED)), stmt.body, indent, out)
        match stmt.orelse:
            case [ast.If() as nested]:
                self._if(nested, "elif ", indent, out)
            case _:
                self._else(stmt.orelse, indent, out)

    def _with(self, stmt: ast.With | ast.AsyncWith, indent: str, out: list[str]) -> None:
        word = "async with " if isinstance(stmt, ast.AsyncWith) else "with "
        managers: list[Doc] = []
        for item in stmt.items:
            manager = self.expressions.doc(item.context_expr)
            if item.optional_vars is not None:
                manager = (manager, " as ", self.expressions.doc(item.optional_vars, Level.ATOM))
            elif isinstance(item.context_expr, ast.Tuple):
                # `with (a, b):` has two managers
                manager = ("(", manager, ")")
            managers.append(manager)
        doc = managers[0] if len(managers) == 1 else if_long(items(managers))
        self._suite((word, doc), stmt.body, indent, out)

    def _try(self, stmt: ast.Try | ast.TryStar, indent: str, out: list[str]) -> None:
        self._suite("try", stmt.body, indent, out)
        word = "except* " if isinstance(stmt, ast.TryStar) else "except "
        for handler in stmt.handlers:
            header: Doc = "except"
            if handler.type:
                header = (word, self.expressions.doc(handler.type), f" as {handler.name}" if handler.name else "")
            self._suite(header, handler.body, indent, out)
        self._else(stmt.orelse, indent, out)
        self._else(stmt.finalbody, indent, out, "finally")

    def _function(self, stmt: _AnyFunction, indent: str, out: list[str]) -> None:
        for decorator in stmt.decorator_list:
            out += self._layout(("@", self.expressions.doc(decorator, Level.NAMED)), indent)
        word = "async def " if isinstance(stmt, ast.AsyncFunctionDef) else "def "
        parameters = self.expressions.arguments(stmt.args)
        brackets: Doc = bracketed("(", items(parameters), ")") if parameters else "()"
        returns: Doc = (" -> ", self.expressions.doc(stmt.returns)) if stmt.returns else ""
        self._suite((word, stmt.name, brackets, returns), stmt.body, indent, out)

    def _unparsed(self, stmt: ast.stmt, indent: str) -> list[str]:
        """The standard library's spelling, for statements that no rewrite makes."""
        text = ast.unparse(stmt)
        if any(isinstance(n, ast.Constant) and "\n" in str(n.value) for n in walk(stmt)):
            raise RenderError(f"{type(stmt).__name__} with a multi-line string can't be rendered")
        lines = []
        for line in text.split("\n"):
            depth = (len(line) - len(line.lstrip(" "))) // 4
            lines.append(indent + self.unit * depth + line.lstrip(" ") if line else "")
        return lines


def _alias(name: ast.alias) -> str:
    return f"{name.name} as {name.asname}" if name.asname else name.name
