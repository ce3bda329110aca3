"""Writes an ICC profile of Display P3, as phones put it into photos, to standard output (ICC.1:2001)."""

import struct
import sys


def s15(value):
    return struct.pack(">i", round(value * 65536))


def xyz(x, y, z):
    return b"XYZ \0\0\0\0" + s15(x) + s15(y) + s15(z)


def text(words):
    words = words.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(words)) + words + bytes(78)


# The curve of sRGB as a table, and the primaries adapted to D50 by Bradford's method.
srgb = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (i / 1023 for i in range(1024))]
curve = b"curv\0\0\0\0" + struct.pack(">I1024H", 1024, *(round(v * 65535) for v in srgb))
tags = {
    b"desc": text("Display P3"),
    b"cprt": b"text\0\0\0\0public domain\0",
    b"wtpt": xyz(0.9642, 1.0, 0.82491),
    b"rXYZ": xyz(0.51512, 0.2412, -0.00105),
    b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
    b"bXYZ": xyz(0.1571, 0.06657, 0.78407),
    b"rTRC": curve,
    b"gTRC": curve,
    b"bTRC": curve,
}
start = 128 + 4 + 12 * len(tags)
table, body = b"", b""
for name, data in tags.items():
    data += bytes(-len(data) % 4)
    table += name + struct.pack(">II", start + len(body), len(data))
    body += data
header = struct.pack(">I", start + len(body)) + b"\0\0\0\0" + bytes.fromhex("02400000") + b"mntrRGB XYZ "
header += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + s15(0.9642) + s15(1.0) + s15(0.82491)
header += bytes(128 - len(header))
sys.stdout.buffer.write(header + struct.pack(">I", len(tags)) + table + body)
