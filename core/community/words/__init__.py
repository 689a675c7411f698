"""Finding things by words: what somebody calls a thing, and what his neighbours call it in another language, are one term."""
