"""The wizard and the import by upload."""
