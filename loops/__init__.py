"""What a loop means: find it, lift it into the loop IR, and the facts about it."""
