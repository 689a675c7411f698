"""What did not arrive: it goes on by the next way, and the person is asked where he can be reached."""
