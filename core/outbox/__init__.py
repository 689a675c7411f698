"""What is told: recorded with the fact that it reports, claimed, sent and settled."""
