"""Who works in the office, and as what."""
