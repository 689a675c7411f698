"""Organisations, buildings, lots, shares and distribution keys."""
