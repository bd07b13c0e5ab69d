"""What a round looks up in another table, as one look-up for all rounds."""
