"""What neighbours give, swap and seek: a thing from hand to hand, its line of those who want it, and the draw between them."""
