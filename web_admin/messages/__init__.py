"""Messages: what was told and how far it came, broadcasts, the print tray, and what was set aside."""
