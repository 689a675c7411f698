"""What a neighbour had put up is taken down by those who decide in a building: for a reason, told to whom it belonged, written down."""
