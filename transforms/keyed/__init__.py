"""State that a loop keeps for each key in a dict or a set, as scans over the rows of each key."""
