"""What a syndic wants to stand in all his letters: how they begin and end, and a sentence of his own."""
