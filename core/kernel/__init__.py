"""Values that everything else is made of. Pure: no input, no output, no async."""
