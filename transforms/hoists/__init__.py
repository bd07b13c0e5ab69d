"""Element reads pulled out of a loop that stays."""
