"""What keeps the board decent: reports, what the council decides on them, and what the author answers; and what it pins."""
