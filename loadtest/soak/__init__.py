"""Many whole calls, each with a wish drawn by seed, each checked against the row it was to make."""
