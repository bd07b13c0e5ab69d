"""Mutants that do the same on every input, as a person found, with the reason."""

from __future__ import annotations

from .model import Mutant


def reason(mutant: Mutant) -> str:
    """Why a mutant that was let pass does the same; empty when nothing is known."""
    return ""
