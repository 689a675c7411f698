"""Tokens with which other programs read and write for an organisation, and the answers that they may ask for twice."""
