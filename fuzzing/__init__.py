"""A differential fuzzer: random loops, what deloop makes of them, and whether both do the same on random inputs.

`python -m fuzzing --count 20000 --seed 1` is the long run; a seeded slice of it is part of the test suite.
"""
