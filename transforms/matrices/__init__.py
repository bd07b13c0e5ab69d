"""What idioms over the rows of matrices share."""
