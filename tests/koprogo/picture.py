"""What a phone sees in a picture: the PNG that we draw, read back by a QR reader that shares nothing with the one who drew it."""

from __future__ import annotations

import struct
import zlib

import zxingcpp


def read_qr(png: bytes) -> str:
    """The text of the one QR code in the picture."""
    width, height, grey = greys(png)
    found = zxingcpp.read_barcodes(memoryview(grey).cast("B", shape=[height, width]))
    assert [code.format for code in found] == [zxingcpp.BarcodeFormat.QRCode]
    assert found[0].ec_level == "M"
    return found[0].text


def greys(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and a byte for each pixel of a PNG of grey levels, a bit each, not interlaced: as a code is drawn."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, header, packed = 8, b"", b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(kind + content)
        header = content if kind == b"IHDR" else header
        packed += content if kind == b"IDAT" else b""
        at += 12 + length
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    assert (depth, colour, interlaced) == (1, 0, 0)
    size = (width + 7) // 8
    rows = zlib.decompress(packed)
    pixels, above = bytearray(), bytes(size)
    for row in range(height):
        how, *line = rows[row * (size + 1) : (row + 1) * (size + 1)]
        assert how in (0, 2), "a line stands as it is, or as its difference to the one above"
        above = bytes((byte + (before if how else 0)) % 256 for byte, before in zip(line, above, strict=True))
        pixels += bytes(255 * int(bit) for bit in "".join(f"{byte:08b}" for byte in above)[:width])
    return width, height, bytes(pixels)
