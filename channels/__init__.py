"""Adapters between a wire and the values of `core.messaging`. Any of them may be deleted and only `koprogo` notices."""
