"""Groups on a channel that belong to a building."""
