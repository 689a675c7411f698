"""Files of a building that somebody brings in through the office: seen first with all that they would change, then brought in."""
