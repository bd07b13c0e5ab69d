"""What runs over files: puts a Rewrite in its place, keeping every comment and blank line."""
