"""Makes the files that must be refused: `hostile.py GOOD WORK OUT`; GOOD holds pictures, WORK a HEIC and an AVIF."""

import io
import os
import pathlib
import struct
import sys
import zipfile
import zlib

good, work, out = map(pathlib.Path, sys.argv[1:])
manifest = []


def save(name, what, data):
    (out / name).write_bytes(data)
    manifest.append(f"{name}\t{what}\n")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, *between, rows=None, colour=2, after=b""):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
    wide = {0: 1, 2: 3, 6: 4}[colour]
    data = (b"\0" + bytes(width * wide)) * height if rows is None else rows
    return (
        b"\x89PNG\r\n\x1a\n" + header + b"".join(between) + chunk(b"IDAT", zlib.compress(data)) + after
        + chunk(b"IEND", b"")
    )


def gif(width, height, frames):
    frame = b"!\xf9\4\0\1\0\0\0," + struct.pack("<HHHH", 0, 0, width, height) + b"\0\2\2\x4c\1\0"
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + bytes(3) + b"\xff" * 3 + frame * frames + b";"


def riff(*chunks):
    body = b"WEBP"
    for kind, data in chunks:
        body += kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def u24(number):
    return struct.pack("<I", number)[:3]


jpeg, plain = (good / "sampling-2x2.jpg").read_bytes(), (good / "plain.png").read_bytes()
lossy, still = (good / "lossy.webp").read_bytes(), (good / "still.gif").read_bytes()
bomb = zlib.compress(bytes(64 << 20), 9)
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as packed:
    packed.writestr("run.js", "alert(1)")
archive = archive.getvalue()
script = b"<script>alert(1)</script>"
svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9" height="9"/></svg>'

# No picture that is read here.
save("empty.jpg", "empty", b"")
save("text.png", "type", b"just words\n")
save("vector.svg", "type", svg)
save("vector-declared.svg", "type", b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE svg>\n' + svg)
save("page.jpg", "type", b"<!DOCTYPE html><html><body>" + script + b"</body></html>")
save("photo.heic", "type", (work / "base.heic").read_bytes())
save("photo.avif", "type, unless AVIF is allowed", (work / "base.avif").read_bytes())
save("document.pdf", "type", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF")
save("archive.jpg", "type", archive)
save("program.png", "type", b"\x7fELF\2\1\1" + bytes(64))
save("bitmap.bmp", "type", b"BM" + struct.pack("<IHHI", 58, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + bytes(4))
save("photo.tiff", "type", b"II*\0\x08\0\0\0\0\0\0\0\0\0")
save("icon.ico", "type", b"\0\0\1\0\1\0\1\1\0\0\1\0\x18\0\x30\0\0\0\x16\0\0\0" + bytes(48))
# Too large.
save("vast.png", "side", png(50_000, 50_000, rows=bytes(1000)))
save("long.png", "side", png(16_385, 1))
save("long.jpg", "side", jpeg.replace(struct.pack(">HH", 900, 1200), struct.pack(">HH", 900, 60_000), 1))
save("long.gif", "side", gif(60_000, 60_000, 1))
save("wide.webp", "pixels", riff((b"VP8X", bytes(4) + u24(16_000) + u24(16_000)), (b"VP8L", b"/\0\0\0\0")))
save("many.png", "pixels", png(8_000, 5_100, colour=0))
save("many.jpg", "pixels", jpeg.replace(struct.pack(">HH", 900, 1200), struct.pack(">HH", 8000, 8000), 1))
# Packed to swell.
save("swelling-ztxt.png", "metadata", png(9, 9, chunk(b"zTXt", b"Comment\0\0" + bomb)))
save("swelling-itxt.png", "metadata", png(9, 9, chunk(b"iTXt", b"Comment\0\1\0\0\0" + bomb)))
save("swelling-iccp.png", "metadata", png(9, 9, chunk(b"iCCP", b"ICC\0\0" + bomb)))
few = zlib.compress(bytes(3 << 20), 9)
save("swelling-many.png", "metadata", png(9, 9, *[chunk(b"zTXt", b"Comment\0\0" + few)] * 500))
# Animated to no end.
control = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 4000, 4000, 0, 0, 1, 10, 0, 0))
save("endless.png", "animation", png(4000, 4000, chunk(b"acTL", struct.pack(">II", 1000, 0)), control, colour=0))
save("endless.gif", "animation, or type where GIF is not allowed", gif(4000, 4000, 1000))
vp8l = bytes.fromhex("2f") + struct.pack("<I", 3999 | 3999 << 14) + bytes(8)
frame = u24(0) + u24(0) + u24(3999) + u24(3999) + u24(10) + b"\0" + b"VP8L" + struct.pack("<I", len(vp8l)) + vp8l + b"\0" * (len(vp8l) % 2)
save("endless.webp", "animation", riff((b"VP8X", b"\2\0\0\0" + u24(3999) + u24(3999)), (b"ANIM", bytes(6)), *[(b"ANMF", frame)] * 1000))
# Cut off.
for name, data in [("jpg", jpeg), ("png", plain), ("webp", lossy), ("gif", still)]:
    save(f"half.{name}", "truncated", data[: len(data) // 2])
    save(f"head.{name}", "truncated", data[:40])
save("progressive-half.jpg", "truncated", (good / "progressive.jpg").read_bytes()[:20_000])
save("no-end.jpg", "truncated", jpeg[:-2])
save("no-end.png", "truncated", plain[:-12])
save("no-end.gif", "truncated", still[:-1])
save("no-end.webp", "truncated", lossy[:-1])
# Something else as well.
save("archive-after.png", "polyglot", plain + archive)
save("archive-after.gif", "polyglot", still + archive)
save("archive-after.jpg", "polyglot", jpeg + archive)
save("archive-after.webp", "polyglot", lossy + archive)
save("program-after.jpg", "polyglot", jpeg + b"\x7fELF\2\1\1" + bytes(64))
save("document-after.jpg", "polyglot", jpeg + b"%PDF-1.7\n%%EOF")
save("page-after.png", "polyglot", plain + b"<html>" + script)
save("script.gif", "polyglot", b"GIF89a/*" + still[8:-1] + b";*/=1;alert(1)//;")
save("script-in-comment.jpg", "polyglot", jpeg[:2] + b"\xff\xfe" + struct.pack(">H", 2 + len(script)) + script + jpeg[2:])
save("php-in-comment.jpg", "polyglot", jpeg[:2] + b"\xff\xfe\0\x20<?php system($_GET['c']); ?>\n\n" + jpeg[2:])
save("script-in-text.png", "polyglot", plain[:33] + chunk(b"tEXt", b"Comment\0" + script.upper()) + plain[33:])
save("svg-in-xmp.webp", "polyglot", riff((b"VP8 ", lossy[20:]), (b"XMP ", svg)))
save("script-in-comment.gif", "polyglot", still[:-1] + b"!\xfe\x19" + script + b"\0;")
# Broken.
noise = bytes(os.urandom(4000))
save("noise.jpg", "broken", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(9) + noise.replace(b"\xff", b"\0") + b"\xff\xd9")
save("no-picture.png", "broken", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)) + chunk(b"IEND", b""))
save("no-pixels.png", "broken", png(0, 9))
save("bad-data.png", "broken", plain.replace(b"IDAT\x78", b"IDAT\x01", 1))
save("bad-sum.png", "broken", png(9, 9, rows=bytes(5)))
save("bad-codes.gif", "broken", gif(90, 90, 1))
save("scans.jpg", "time, or broken", jpeg[:-2] + b"\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0\0" * 50_000 + b"\xff\xd9")
(out / "manifest.tsv").write_text("".join(manifest))
