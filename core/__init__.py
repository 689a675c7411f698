"""What is true, what may happen and what may be said: the rules, the use cases and the database. It knows no channel."""
