"""The conversation: who speaks, what is meant, what is answered, and how the answer leaves."""
