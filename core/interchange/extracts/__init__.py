"""What other programs read of a building, a piece at a time."""
