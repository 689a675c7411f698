"""The office on a phone: what installs it, and what is read without a connection."""
