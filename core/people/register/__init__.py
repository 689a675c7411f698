"""The register of a building: who owns and rents what, and by which ways each is reached."""
