"""What somebody put up for his neighbours to see: counted, kept decent, and taken back for a while."""
