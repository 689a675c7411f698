"""What is taken for a photo, and what becomes of it. Pure."""

from __future__ import annotations

FORMATS = ("JPEG", "PNG", "WEBP")
"""The formats that are read, by the names of Pillow."""
MOST_BYTES, MOST_PIXELS = 10 * 2**20, 50_000_000
"""Of a photo as it comes: what one message may bring, and what the cameras of telephones take. More is no photo but a trap."""
LONGEST_SIDE = 1600
"""Pixels of the longer side of what is kept."""
QUALITY = 82
"""Of the JPEG that is kept, 1 to 95: nobody sees the difference on a screen, and it weighs about 300 kB."""
