"""Array code: what one round computes becomes one array over all rounds."""
