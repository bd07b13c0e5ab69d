"""New code under a test, with the loop for data that does not pass it."""
