"""State that is carried from one round to the next, where it is a scan with an exact array form."""
