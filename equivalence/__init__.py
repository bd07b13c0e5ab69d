"""Does `after` do what `before` does? Inputs, cases, comparing, sandbox, scaffold."""
