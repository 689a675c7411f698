"""Which means other than the registered letter a person accepted for legal notices of a building (Civil Code, art. 3.87 par. 3)."""
