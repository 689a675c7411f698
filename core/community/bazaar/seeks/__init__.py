"""What neighbours look for, and are told of once somebody gives it."""
