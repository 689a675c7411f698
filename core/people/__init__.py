"""Persons, who owns and who rents what, consents, and the directory that leads from an address to a person."""
