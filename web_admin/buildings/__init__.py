"""The list of buildings, and each at a glance."""
