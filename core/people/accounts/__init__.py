"""Accounts of the office in the browser: who signs in, how it is proved, and what a role may do there."""
