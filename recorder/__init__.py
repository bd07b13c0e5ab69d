"""Runs inside the user's program while `deloop record` watches it: times the slow loops, keeps copies of their inputs.

Only the standard library is imported; NumPy and pandas are used when the program has loaded them. The folder stands
alone: it is loaded by its path, whatever interpreter and environment the program has. Nothing of it may ever disturb
the program.
"""
