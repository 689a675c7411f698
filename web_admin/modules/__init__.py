"""Which modules a building has on, as its council decided."""
