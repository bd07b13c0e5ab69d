"""Expressions that are loops (`apply`, comprehensions): their value, and where it goes."""
