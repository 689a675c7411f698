"""Invitations: who has linked no channel yet, and the codes with which people do."""
