"""The visitor's own account."""
