"""Mutants of right rewrites, to test the verifier: no part of the package.

`python -m mutants` from the root of the checkout.
"""
