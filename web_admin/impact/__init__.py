"""What neighbours did together, in totals of five persons or more."""
