"""Where an amount comes from, down to the invoice."""
