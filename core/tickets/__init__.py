"""What is broken: reported once, followed by all whom it touches, moved on by the syndic and the council."""
