"""Channels, languages, reminders, and the texts of letters."""
