"""Who can do what: a directory of those who want to be found in it."""
