"""The hours of each neighbour: entries in two lines that add up to zero, what is held for a loan, and the limits of the building."""
