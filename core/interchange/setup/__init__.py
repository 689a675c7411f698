"""A building set up by hand, step by step: what was typed is kept in a draft until it is right."""
