"""One-time codes: what ties an address to a person, or a group to a building."""
