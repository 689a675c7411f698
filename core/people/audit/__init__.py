"""Who did what, when: the log of the office, which can only be added to."""
