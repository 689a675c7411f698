"""What the courier draws for one reader."""
