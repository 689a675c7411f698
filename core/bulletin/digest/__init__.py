"""What is new in a building, once a week, for whoever wants to read it together."""
