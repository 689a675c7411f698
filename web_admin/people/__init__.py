"""The people of a building: who owns, who rents, and since when."""
