"""What time brings to loans: reminders, words that count by silence, requests that lapse."""
