"""A message from whoever speaks for a building to many: seen before it is sent, watched while it goes, stopped."""
