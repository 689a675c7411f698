"""The things that may be borrowed, and who waits for one to be put up."""
