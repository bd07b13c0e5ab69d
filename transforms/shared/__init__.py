"""What all idioms share: building syntax, and what is known of the names that a loop fills."""
