"""What arrived: stored before it is acknowledged, answered in order, set aside when it could not be."""
