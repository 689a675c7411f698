"""What neighbours write to one another about a note: passed on without an address."""
