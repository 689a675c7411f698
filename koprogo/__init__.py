"""The command `koprogo`: it wires the parts together and knows every one of them."""
