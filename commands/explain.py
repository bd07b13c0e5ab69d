"""`deloop explain`: what a rule does."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .app import command
from .options import rules_starting


@command
def explain(
    rule: Annotated[
        str | None,
        typer.Argument(help="A code or a name; without it, all rules are listed.", autocompletion=rules_starting),
    ] = None,
) -> int:
    """Explain a rule: what it does, before and after, what it leaves alone, what it may assume."""
    from ..config import ConfigError, check_rules
    from ..reports.explain import all_rules, explanation_of, rule_table

    if rule is None:
        sys.stdout.write(rule_table())
        return 0
    text = explanation_of(rule)
    if text is None:
        check_rules([rule], all_rules(), "explain")
        raise ConfigError(f"explain: `{rule}` is the start of several codes; `deloop explain` lists all rules")
    sys.stdout.write(text)
    return 0
