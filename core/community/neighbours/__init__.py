"""Who lives or owns in a building today, and what neighbours may know of one another."""
