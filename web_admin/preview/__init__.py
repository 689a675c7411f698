"""A message as each channel shows it, and talking to the bot as a resident without sending anything."""
