"""What neighbours did together, in totals in which nobody can be seen."""
