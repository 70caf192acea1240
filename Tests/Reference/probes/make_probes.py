#!/usr/bin/env python3
"""Makes the probe images that tell JPEG libraries apart by their pixels, and the hashes of Pillow's pixels.

    python3 Tests/Reference/probes/make_probes.py            writes the images
    python3 Tests/Reference/probes/make_probes.py --pixels   writes the hashes

The first command needs Pillow 13.0.0 and NumPy 2.4.6, since the bytes of the files depend on both. It writes
Sources/TapImages/ProbeImages.swift: the twelve files as text, and the parts of them that are decoded.

The second command takes any Pillow with libjpeg-turbo. It reads the files from ProbeImages.swift and writes, beside this
script, pixels-VERSION.csv, after the version of libjpeg-turbo in Pillow. For each part, the file has the size and the SHA-256 of
Pillow's pixels. The last row has the SHA-256 of all parts together, which is a key of the table in DecoderIdentity.swift.

A part is a range of columns and rows of the image that is decoded at `eighths` / 8 of the file's size. For the hash of all parts
together, each part is its width and height (32 bits each, little-endian) and its RGB bytes.

pixels-2.1.5.csv was written with Pillow 9.5.0 (libjpeg-turbo 2.1.5.1), pixels-3.2.0.csv with Pillow 13.0.0.
"""
import base64
import csv
import hashlib
import io
import re
import struct
import sys
import textwrap
import zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, features

HERE = Path(__file__).resolve().parent
SWIFT = HERE.parents[2] / "Sources/TapImages/ProbeImages.swift"


def pattern(width, height, channels=3):
    """Edges, gradients, saturated colors and noise, so that rounding, clamping and chroma upsampling all show."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [127.5 + 140 * np.sin(x * 0.35 + y * 0.11), 255.0 * ((x // 5 + y // 3) % 2), 255 * y / max(height - 1, 1),
             127.5 + 140 * np.cos(x * 0.05 - y * 0.4)]
    noise = np.random.RandomState(7).randint(-40, 41, (height, width, channels))
    return np.clip(np.stack(waves[:channels], -1) + noise, 0, 255).round().astype(np.uint8)


def jpeg(array, mode="RGB", **options):
    image = Image.fromarray(array[..., 0] if mode == "L" else array) if mode != "CMYK" else None
    if image is None:
        image = Image.frombytes("CMYK", array.shape[1::-1], array.tobytes())
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 70, "optimize": True, **options})
    return out.getvalue()


def resampled(data, factors, width, height):
    """The file with the same blocks, but another sampling factor of the first component and another size.

    The new factor has the same number of blocks in a unit, and the new size the same number of units.
    """
    data, at = bytearray(data), data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    data[at + 11] = factors
    return bytes(data)


def scans(data, count):
    """A progressive file that ends after some of its scans."""
    at = -1
    for _ in range(count + 1):
        at = data.index(b"\xff\xda", at + 1)
    # The tables between two scans belong to the second.
    tables = data.rindex(b"\xff\xc4", 0, at) if data.rfind(b"\xff\xc4", 0, at) > data.rfind(b"\xff\xda", 0, at) else at
    return data[:tables] + b"\xff\xd9"


def with_transform(data, transform):
    """The file with another color transform in Adobe's marker: 0 for CMYK, 2 for YCCK."""
    data = bytearray(data)
    data[data.index(b"Adobe") + 11] = transform
    return bytes(data)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(samples, depth, color, extra=b"", interlaced=False):
    """A PNG file. `samples` is [height, width, channels] of unsigned integers below 2^depth."""
    height, width, _ = samples.shape

    def line(values):
        if depth == 16:
            return b"\0" + values.reshape(-1).astype(">u2").tobytes()
        bits = np.unpackbits(values.reshape(-1).astype(np.uint8)[:, None], axis=1)[:, 8 - depth :]
        return b"\0" + np.packbits(bits.reshape(-1)).tobytes()

    passes = [(0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1)]
    steps = passes if interlaced else [(0, 1, 0, 1)]
    raw = b"".join(line(row) for y, dy, x, dx in steps for row in samples[y::dy, x::dx])
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(raw, 9))
            + chunk(b"IEND", b""))


WHOLE, HALF, QUARTER, EIGHTH = ((None, None, eighths) for eighths in (8, 4, 2, 1))


def part(left, right, top, bottom):
    return ((left, right), (top, bottom), 8)


def probes():
    """The name, the file and the decoded parts of each probe. Parts have more than 32 columns less than the image, since
    LayerTap lets the library cut only such parts out."""
    inks = pattern(27, 25, 4)
    deep = pattern(13, 11, 4).astype(np.uint16)
    deep = deep * 256 + deep[..., ::-1]
    small = chunk(b"PLTE", pattern(4, 4).reshape(-1, 3).tobytes()) + chunk(b"tRNS", bytes(range(0, 256, 25)))
    yield ("420 with restarts", jpeg(pattern(71, 37), subsampling=2, restart_marker_blocks=3),
           [WHOLE, HALF, QUARTER, EIGHTH, part(21, 34, 13, 30)])
    yield "422", jpeg(pattern(70, 23), subsampling=1), [WHOLE, HALF, part(18, 35, 3, 17)]
    yield "444", jpeg(pattern(31, 29), subsampling=0, quality=90), [WHOLE, HALF, QUARTER, EIGHTH]
    yield "440", resampled(jpeg(pattern(48, 72), subsampling=1), 0x12, 71, 45), [WHOLE, HALF, part(25, 38, 9, 27)]
    yield "411", resampled(jpeg(pattern(48, 48), subsampling=2), 0x41, 91, 21), [WHOLE]
    yield "420, progressive", jpeg(pattern(67, 35), subsampling=2, progressive=True), [WHOLE, part(20, 33, 5, 23)]
    yield ("420, progressive, the first scans", scans(jpeg(pattern(53, 43), subsampling=2, progressive=True), 1), [WHOLE])
    yield "gray", jpeg(pattern(33, 31), "L"), [WHOLE, HALF, QUARTER]
    yield "CMYK", jpeg(inks, "CMYK"), [WHOLE]
    yield "YCCK", with_transform(jpeg(inks[::-1], "CMYK", progressive=True), 2), [WHOLE]
    yield "RGB and alpha, 16 bits, interlaced", png(deep, 16, 6, interlaced=True), [WHOLE]
    yield "palette of 4 bits with transparency", png(pattern(19, 17)[..., :1] >> 4, 4, 3, small), [WHOLE]


def swift():
    lines = [
        "// Twelve small images of the kinds that libraries may decode differently.",
        "// Made by Tests/Reference/probes/make_probes.py.",
        "",
        "extension DecoderIdentity {",
        "  /// The files as Base64, and the parts of them that are decoded.",
        "  package static let probes: [Probe] = [",
    ]
    for name, data, parts in probes():
        lines += ["    Probe(", f'      "{name}",', "      parts: ["]
        for columns, rows, eighths in parts:
            cut = columns and f"columns: {columns[0]}..<{columns[1]}, rows: {rows[0]}..<{rows[1]}"
            # The formatter removes the comma after a single element.
            lines.append(f"        Part({cut or f'eighths: {eighths}'})" + "," * (len(parts) > 1))
        lines += ["      ],", '      base64: """']
        lines += ["        " + line + "\\" for line in textwrap.wrap(base64.b64encode(data).decode(), 110)]
        lines[-1] = lines[-1].rstrip("\\")
        lines += ['        """),']
    return "\n".join(lines + ["  ]", "}", ""])


def read():
    """The probes of the Swift file, as the function `probes` gives them."""
    probe = r'Probe\(\s*"(.*?)",\s*parts: \[(.*?)\],\s*base64: """(.*?)"""'
    for name, parts, text in re.findall(probe, SWIFT.read_text(), re.DOTALL):
        numbers = [[int(n) for n in re.findall(r"\d+", part)] for part in re.findall(r"Part\((.*)\)", parts)]
        yield (name, base64.b64decode(re.sub(r"[\s\\]", "", text)),
               [(None, None, n[0]) if len(n) == 1 else (n[:2], n[2:], 8) for n in numbers])


def decoded(data, columns, rows, eighths):
    """Pillow's pixels of a part."""
    image = Image.open(io.BytesIO(data))
    if eighths < 8:
        # draft takes the smallest size that is not below the wanted one.
        scale, whole = 8 // eighths, image.size
        image.draft(image.mode, (whole[0] // scale, whole[1] // scale))
        assert image.size == tuple(-(-side // scale) for side in whole), (image.size, whole)
    pixels = np.asarray(image.convert("RGB"))
    (left, right), (top, bottom) = columns or (0, pixels.shape[1]), rows or (0, pixels.shape[0])
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def pixels():
    every = hashlib.sha256()
    version = ".".join(features.version("libjpeg_turbo").split(".")[:3])
    with open(HERE / f"pixels-{version}.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["probe", "part", "width", "height", "sha256"])
        for name, data, parts in read():
            for number, (columns, rows, eighths) in enumerate(parts):
                part = decoded(data, columns, rows, eighths)
                height, width, _ = part.shape
                every.update(struct.pack("<II", width, height) + part.tobytes())
                writer.writerow([name, number, width, height, hashlib.sha256(part.tobytes()).hexdigest()])
        writer.writerow(["all", "", "", "", every.hexdigest()])


def main():
    if sys.argv[1:] == ["--pixels"]:
        pixels()
    elif sys.argv[1:]:
        sys.exit("usage: make_probes.py [--pixels]")
    elif (PIL.__version__, np.__version__) != ("13.0.0", "2.4.6"):
        sys.exit(f"make_probes.py: Pillow {PIL.__version__} and NumPy {np.__version__}; install 13.0.0 and 2.4.6")
    else:
        SWIFT.write_text(swift())


if __name__ == "__main__":
    main()
