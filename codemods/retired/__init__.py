"""The modernisers of retired pandas and NumPy API: one file each, as Bowler queries."""
