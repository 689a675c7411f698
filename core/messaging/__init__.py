"""What is said, to whom, and over which kind of wire: values and protocols. Pure."""
