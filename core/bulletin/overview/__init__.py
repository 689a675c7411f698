"""What stands where in all buildings of an organisation, at a glance."""
