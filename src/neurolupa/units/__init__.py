"""One unit over many pictures."""
