"""The commands of `koprogo`, by what they are about."""
