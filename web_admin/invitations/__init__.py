"""The codes by which residents link a channel."""
