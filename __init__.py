"""deloop: slow pandas/NumPy loops, rewritten into code that a reviewer can trust."""

__version__ = "0.1.0"
