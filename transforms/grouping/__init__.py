"""Loops over the groups of a frame, and over keys that pick their rows by a mask."""
