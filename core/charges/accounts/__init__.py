"""A person's account: what he owes, and where it comes from."""
