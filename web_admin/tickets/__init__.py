"""What is broken in the buildings, and how far its repair is."""
