"""The tokens by which other programs come in."""
