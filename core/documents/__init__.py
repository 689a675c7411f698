"""Files and papers of a building, and who may see them."""
