"""A building's details, and what all pages share that change a building by hand."""
