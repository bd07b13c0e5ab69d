"""Text and JSON for people and machines."""
