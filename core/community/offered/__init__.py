"""All that neighbours have put up besides notes, in one list: to give and looked for, to lend, skills, help. For those who watch over it."""
