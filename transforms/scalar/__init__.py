"""Python code for one element: what comprehensions are made of, in the order in which the loop evaluates it."""
