"""The lots of a building."""
