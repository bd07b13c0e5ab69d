"""Windows of an array or a column: `x[i - w:i]` on every round, taken side by side."""
