"""Several notices on one card: a digest, or a burst."""
