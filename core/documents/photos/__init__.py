"""Photos that people send of their things: made fit to be shown to neighbours."""
