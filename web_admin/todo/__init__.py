"""The home page: what is to do."""
