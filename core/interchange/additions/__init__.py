"""Rows that other programs add to the books of a building, by the rules of its files."""
