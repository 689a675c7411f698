"""Who bears what: an amount over the lots by a key, a lot's part over its owners."""
