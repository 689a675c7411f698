"""Coming in and going out: password and code, links, invitations."""
