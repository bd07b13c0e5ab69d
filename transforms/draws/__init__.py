"""What the idioms of random draws share: which calls draw, and how many rounds draw at once."""
