"""`--help` on one screen: what is asked for most is explained, the rest is named; `--help-all` explains all of it."""

from __future__ import annotations

import textwrap
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

#: The lines of a terminal, but one for the prompt.
LINES = 23
ALL = "--help-all"
#: Options that are only named where all of them would not fit.
MORE = {
    "check": (
        *("--extend-select", "--staged", "--stdin-filename", "--force-exclude", "--accept-new", "--show-fixes"),
        *("--show-unused", "--profile", "--side-effects", "--numba", "--output-file", "--exit-zero"),
        *("--quiet", "--ignore"),
    ),
    "fix": (
        *("--with-scaffolds", "--ask-again", "--keep-original", "--flag", "--unverified", "--python", "--ignore"),
        *("--side-effects", "--numba", "--force-exclude", "--exit-zero"),
    ),
    "modernize": ("--ask-again", "--exit-zero", "--ignore", "--pr-body"),
    "run": ("--ask-again", "--exit-zero", "--python", "--pr-body"),
    "compare": ("--python", "--output-format", "--assume"),
    "report": (
        *("--python", "--ignore", "--side-effects", "--numba", "--quiet", "--date", "--history", "--severity"),
        *("--select",),
    ),
    "scaffold": ("--side-effects", "--numba", "--ignore"),
    "verify": ("--side-effects", "--numba", "--ignore"),
}


class Screen(TyperCommand):
    """A command whose help fits a screen."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ours = args[: args.index("--")] if "--" in args else args
        if ALL in ours:
            typer.echo(self._all(ctx), color=ctx.color)
            ctx.exit()
        return super().parse_args(ctx, args)

    def get_help(self, ctx: Any) -> str:
        whole = self._all(ctx)
        return whole if whole.count("\n") < LINES else self._short(ctx)

    def _all(self, ctx: Any) -> str:
        return str(super().get_help(ctx))

    def _short(self, ctx: Any) -> str:
        formatter = ctx.make_formatter()
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        rare = MORE.get(str(self.name), ())
        shown: list[tuple[str, str]] = []
        named: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is None:
                continue
            (named if set(rare) & {*param.opts, *param.secondary_opts} else shown).append(record)
        with formatter.section("Options"):
            formatter.write_dl([_brief(name, told) for name, told in shown])
        names = ", ".join(_brief(*one)[0].replace(", ", "/") for one in named)
        more = f"More (`deloop {self.name} {ALL}` explains them): {names}"
        rows = textwrap.wrap(more, formatter.width - 2, break_on_hyphens=False)
        return "\n".join([formatter.getvalue().rstrip("\n"), "", *(f"  {row}" for row in rows if named)])


def _brief(name: str, told: str) -> tuple[str, str]:
    """`PATHS` for `PATHS <list[Path]>`, and a long choice behind the name."""
    bare, _, choice = name.partition(" <")
    if not name.startswith("-"):
        return bare, told
    if "|" not in choice:
        return name, told
    values = choice.removesuffix(">").replace("|", ", ")
    return f"{bare} {bare.rpartition('-')[2].upper()}", f"{values}. {told}"


class Screens(TyperGroup):
    """The help of deloop itself: the commands, and its few options in one line."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        names = ["/".join(reversed(param.opts)) for param in self.get_params(ctx) if param.opts[0].startswith("-")]
        with formatter.section("Options"):
            formatter.write_text(", ".join(names))
        self.format_commands(ctx, formatter)
