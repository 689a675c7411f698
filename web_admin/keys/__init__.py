"""The distribution keys of a building, and what they split."""
