"""Writes a PNG of 128 times 128 pixels to standard output."""

import struct
import sys
import zlib

SIDE = 128


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = b"".join(b"\0" + bytes(v for x in range(SIDE) for v in (2 * x, 2 * y, 128)) for y in range(SIDE))
header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
sys.stdout.buffer.write(
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
)
