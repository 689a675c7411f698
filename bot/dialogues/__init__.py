"""One file for each core folder that people talk about, and one for the talk itself."""
