#!/usr/bin/env python3
"""Makes the reference of damaged files, by Pillow.

    python3 Tests/Reference/images/make_damaged.py

Writes damaged.csv beside this file. Each row gives a file of fixtures/, a place in it, the number of bytes that are removed
there, the bytes that are inserted there (hexadecimal), and a result. The result is the SHA-256 of the RGB bytes that Pillow
then reads with ImageFile.LOAD_TRUNCATED_IMAGES, or "error" if Pillow refuses the file.

Made with Pillow 13.0.0 (libjpeg-turbo 3.2.0, zlib-ng 2.3).
"""
import csv
import hashlib
import io
import random
import warnings
from pathlib import Path

import PIL
from PIL import Image, ImageFile, ImageOps

HERE = Path(__file__).resolve().parent
JPEGS = ["jpeg-large-444.jpg", "jpeg-large-420.jpg", "jpeg-large-422.jpg", "jpeg-large-440.jpg", "jpeg-large-411.jpg",
         "jpeg-large-grey.jpg", "jpeg-large-cmyk.jpg", "jpeg-restarts.jpg", "jpeg-large-420-progressive.jpg",
         "jpeg-large-444-progressive.jpg", "jpeg-grey-progressive.jpg"]
PNGS = ["png-rgb.png", "png-rgb-interlaced.png", "png-palette-8.png", "png-palette-transparent.png", "png-rgb-alpha.png",
        "png-grey-1.png", "png-rgb-16.png", "png-5000x1.png"]


def damages(name, data, random):
    """The place, the number of removed bytes and the inserted bytes of each damage."""
    start = data.index(b"\xff\xda") + 14 if name.endswith("jpg") else data.index(b"IDAT") + 6
    end = len(data) - (2 if name.endswith("jpg") else 12)
    for _ in range(10):
        yield random.randrange(start, end), 1, bytes([random.randrange(256)])
    for length in (4, 16, 60):
        at = random.randrange(start, end)
        yield at, min(length, end - at), bytes(min(length, end - at))
        yield at, min(length, end - at), random.randbytes(min(length, end - at))
        yield at, min(length, end - at), b""
        yield at, 0, random.randbytes(length)
    # Markers in the middle of the file: an end, a beginning, a restart, tables, an unknown frame.
    for marker in (b"\xff\xd9", b"\xff\xd8", b"\xff\xd3", b"\xff\xc4\x00\x05abc", b"\xff\xc7\x00\x05abc", b"\xff\xdb\x00\x03\x00",
                   b"\xff\xda\x00\x03\x00"):
        at = random.randrange(start, end)
        yield at, 0, marker
        yield at, len(marker), marker
    for _ in range(3):
        at = random.randrange(start, end)
        yield at, len(data) - at, b""
    # Damage of the tables before the pixels.
    for _ in range(6 if name.endswith("jpg") else 0):
        yield random.randrange(2, start), 1, bytes([random.randrange(256)])


def decoded(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        except Exception:
            return "error"
    return hashlib.sha256(image.tobytes()).hexdigest()


def main():
    assert PIL.__version__ == "13.0.0", PIL.__version__
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    rows = []
    for name in JPEGS + PNGS:
        data = (HERE / "fixtures" / name).read_bytes()
        for at, taken, put in damages(name, data, random.Random(name)):
            rows.append([name, at, taken, put.hex(), decoded(data[:at] + put + data[at + taken :])])
    with open(HERE / "damaged.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["file", "at", "taken", "put", "decoded"])
        writer.writerows(rows)
    print(len(rows), "damaged files,", sum(row[4] == "error" for row in rows), "refused")


main()
