"""The books: double entry, append-only, each entry chained to the one before."""
