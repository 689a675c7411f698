"""What the council of a building decided: which modules are on."""
