"""What time does to what is given: draws, lines that move on, gifts that nobody fetches or that have been up for a month."""
