"""One loop idiom per file: Loop -> Rewrite, or a Refusal with its reason."""
