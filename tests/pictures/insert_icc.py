"""Puts any bytes into a JPEG as its ICC profile: `insert_icc.py FILE PROFILE`."""

import pathlib
import struct
import sys

file, profile = map(pathlib.Path, sys.argv[1:])
picture = file.read_bytes()
data = b"ICC_PROFILE\0\1\1" + profile.read_bytes()
file.write_bytes(picture[:2] + b"\xff\xe2" + struct.pack(">H", 2 + len(data)) + data + picture[2:])
