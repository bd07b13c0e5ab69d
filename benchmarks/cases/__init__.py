"""Showcases: `run` is what a user wrote, `expert` what an expert makes of it by hand, `inputs(n)` gives the arguments."""
