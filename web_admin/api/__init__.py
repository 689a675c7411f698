"""The JSON API for accounting tools, below `/api/v1`: what is read and written there, and the document that describes it."""
