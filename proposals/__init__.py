"""A Proposal is a diff and its evidence: review it, apply it."""
