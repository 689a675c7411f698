"""What neighbours do for one another. Each part can be switched on or off for a building by its council."""
