"""What neighbours offer to do for one another and what they ask for, matched by words; and how two of them get in touch."""
