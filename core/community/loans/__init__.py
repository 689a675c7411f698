"""Things that neighbours lend one another: asked for, granted, handed over, brought back."""
