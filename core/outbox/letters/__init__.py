"""The print tray: letters that were drawn, until a human has printed and posted them."""
