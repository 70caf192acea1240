#!/usr/bin/env python3
"""Makes the reference of unusual orientations, by Pillow.

    python3 Tests/Reference/images/make_orientations.py

Writes orientations.csv beside this file. Each row gives the kind of a metadata block, its bytes in hexadecimal, and the
orientation by which ImageOps.exif_transpose turns an image with this block. If Pillow raises an error, the orientation is 1,
since in LayerTap bad metadata is no reason to refuse an image. A block is an EXIF payload after JPEG's marker (kind "exif"),
several segments (kind "segments", each with its length in two bytes before it), or chunks of a PNG file (kind "chunks"; with
"|" at the end they stand after the pixels).

Made with Pillow 13.0.0.
"""
import csv
import io
import itertools
import struct
import warnings
import zlib
from pathlib import Path

import PIL
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
MARK = b"Exif\0\0"
# For each TIFF type, the format by which struct packs a value.
TYPES = {1: "B", 2: "B", 3: "H", 4: "L", 5: "LL", 6: "b", 7: "B", 8: "h", 9: "l", 10: "ll", 11: "f", 12: "d", 13: "L", 16: "Q"}


def base():
    """An image with four different corners, so that every turn shows."""
    image = Image.new("RGB", (16, 24))
    for i, box in enumerate([(0, 0, 8, 12), (8, 0, 16, 12), (0, 12, 8, 24), (8, 12, 16, 24)]):
        image.paste((60 * i, 255 - 60 * i, 30), box)
    return image


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


JPEG, PNG = saved(base(), "JPEG", quality=95), saved(base(), "PNG")
TURNS = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
         5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90}


def orientation(data):
    """The orientation, one of eight, by which Pillow turns the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            turned = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        except Exception:
            return 1
        stored = Image.open(io.BytesIO(data)).convert("RGB")
    found = [1] if list(turned.size) == list(stored.size) and turned.tobytes() == stored.tobytes() else []
    found += [n for n, turn in TURNS.items()
              if stored.transpose(turn).size == turned.size and stored.transpose(turn).tobytes() == turned.tobytes()]
    assert len(found) == 1, found
    return found[0]


def values(kind, numbers, big):
    e = ">" if big else "<"
    out = b""
    for number in numbers:
        fields = number if isinstance(number, tuple) else (number, 1)
        out += struct.pack(e + TYPES[kind], *fields[: len(TYPES[kind])])
    return out


def tiff(entries, big=True, head=None, start=8, cut=None, tail=b""):
    """A TIFF of one directory. An entry is a tag, a type, a count and the bytes of the values, or an int, which is an offset."""
    e = ">" if big else "<"
    directory = struct.pack(e + "H", len(entries))
    data = b""
    after = start + 2 + 12 * len(entries) + 4
    for tag, kind, count, field in entries:
        if isinstance(field, int):
            field = struct.pack(e + "L", field)
        elif len(field) > 4:
            data += field
            field = struct.pack(e + "L", after + len(data) - len(field))
        directory += struct.pack(e + "HHL", tag, kind, count) + field.ljust(4, b"\0")
    whole = (head or (b"MM\0*" if big else b"II*\0")) + struct.pack(e + "L", start) + b"\0" * (start - 8)
    whole += directory + struct.pack(e + "L", 0) + data + tail
    return whole[:cut]


def exifs():
    for big, kind in itertools.product([True, False], TYPES):
        order = "big" if big else "little"
        for numbers in [[6], [6, 3], [0], [9], [3, 6, 8]]:
            yield f"type {kind}, {order}, {numbers}", tiff([(0x112, kind, len(numbers), values(kind, numbers, big))], big)
    for kind, number in [(5, (12, 2)), (5, (6, 0)), (5, (13, 2)), (10, (-6, -1)), (10, (-12, 2)), (11, 6.5), (12, 8.0), (6, -6),
                         (12, float("nan"))]:
        yield f"type {kind}, {number}", tiff([(0x112, kind, 1, values(kind, [number], True))])
    six = (0x112, 3, 1, values(3, [6], True))
    yield "ascii 6", tiff([(0x112, 2, 2, b"6\0")])
    yield "count 0, then 6", tiff([(0x112, 3, 0, b""), six])
    yield "unknown type, then 6", tiff([(0x112, 99, 1, b"\0\6"), six])
    yield "twice", tiff([six, (0x112, 3, 1, values(3, [3], True))])
    yield "text first, then 6", tiff([(0x112, 2, 2, b"6\0"), six])
    yield "after a long text", tiff([(0x10E, 2, 30, b"x" * 29 + b"\0"), six])
    yield "after a text that is cut off", tiff([(0x10E, 2, 30, 60), six])
    yield "after a text beyond the end", tiff([(0x10E, 2, 5, 4000), six])
    yield "after a text larger than all", tiff([(0x10E, 2, 5000, 8), six])
    yield "after a text larger than memory", tiff([(0x10E, 2, 0xFFFFFFFF, 8), six])
    yield "after texts that together are larger than all", tiff([(0x10E, 2, 40, 8), (0x10F, 2, 40, 8), six])
    yield "after the same tag, beyond the end", tiff([(0x10E, 2, 1, b"a"), (0x10E, 2, 5, 4000), six])
    yield "before a text beyond the end", tiff([six, (0x10E, 2, 5, 4000)])
    yield "values beyond the end", tiff([(0x112, 3, 3, 4000)])
    yield "values cut off", tiff([(0x112, 4, 2, 22)])
    for cut in range(0, 27):
        yield f"cut to {cut}", tiff([six], cut=cut)
    for head in [b"MM*\0", b"MM\0+", b"MM+\0", b"MM\0\0", b"XX\0*", b"II\0*"]:
        yield f"head {head.hex()}", tiff([six], head=head)
    for head in [b"II\0*", b"II+\0", b"II\0+", b"II\0\0", b"MM*\0"]:
        yield f"little, head {head.hex()}", tiff([(0x112, 3, 1, values(3, [6], False))], False, head=head)
    yield "directory far off", tiff([six], start=400)
    yield "mark twice", MARK + tiff([six])
    yield "mark three times", MARK + MARK + tiff([six])
    yield "nothing", b""
    xmp = b""
    yield "another tag only", tiff([(0x100, 3, 1, values(3, [6], True))]) + xmp


def xmp_jpegs():
    """Files whose EXIF has no orientation or a bad one, and whose XMP has an orientation."""
    packet = b'<rdf:Description tiff:Orientation="3"/>'
    for name, block in [("none", tiff([(0x100, 3, 1, b"\0\1")])), ("nine", tiff([(0x112, 3, 1, b"\0\x09")])),
                        ("text", tiff([(0x112, 2, 2, b"6\0")])), ("cut", tiff([(0x10E, 2, 5, 4000), (0x112, 3, 1, b"\0\6")]))]:
        yield f"XMP beside EXIF with {name}", [MARK + block, b"http://ns.adobe.com/xap/1.0/\0" + packet]
    six = tiff([(0x112, 3, 1, b"\0\6")])
    yield "EXIF in two parts", [MARK + six[:20], MARK + six[20:]]
    yield "two EXIFs", [MARK + six, MARK + tiff([(0x112, 3, 1, b"\0\3")])]
    yield "EXIF with nothing, then one", [MARK, MARK + six]
    yield "two XMPs", [b"http://ns.adobe.com/xap/1.0/\0" + packet, b"http://ns.adobe.com/xap/1.0/\0" + packet.replace(b"3", b"8")]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def profile(block, width=72, digits=None):
    text = (digits or block.hex().encode())
    lines = b"\n".join(text[i : i + width] for i in range(0, len(text), width))
    return b"\nexif\n%8d\n" % len(block) + lines + b"\n"


def pngs():
    six, three = tiff([(0x112, 3, 1, b"\0\6")]), tiff([(0x112, 3, 1, b"\0\3")])
    key = b"Raw profile type exif\0"
    packed = zlib.compress(profile(MARK + six))
    yield "profile", chunk(b"tEXt", key + profile(MARK + six))
    yield "profile without mark", chunk(b"tEXt", key + profile(six))
    yield "profile, mark twice", chunk(b"tEXt", key + profile(MARK + MARK + six))
    yield "profile, packed", chunk(b"zTXt", key + b"\0" + packed)
    yield "profile, packed otherwise", chunk(b"zTXt", key + b"\1" + packed)
    yield "profile, packed and damaged", chunk(b"zTXt", key + b"\0" + packed[:10] + b"\xff\xff" + packed[12:])
    yield "profile, packed and cut", chunk(b"zTXt", key + b"\0" + packed[:-30])
    yield "profile, international", chunk(b"iTXt", key + b"\0\0en\0\0" + profile(MARK + six))
    yield "profile, international, packed", chunk(b"iTXt", key + b"\1\0\0\0" + packed)
    yield "profile, capital digits", chunk(b"tEXt", key + profile(six, digits=six.hex().upper().encode()))
    yield "profile, odd digits", chunk(b"tEXt", key + profile(six, digits=six.hex().encode()[:-1]))
    yield "profile, no digits", chunk(b"tEXt", key + profile(six, digits=b"zz" * 30))
    yield "profile, Windows' lines", chunk(b"tEXt", key + profile(six).replace(b"\n", b"\r\n"))
    yield "profile of another name", chunk(b"tEXt", b"Raw profile type APP1\0" + profile(MARK + six))
    yield "profile beside eXIf", chunk(b"tEXt", key + profile(three)) + chunk(b"eXIf", six)
    yield "profile without orientation, XMP", (chunk(b"tEXt", key + profile(tiff([(0x100, 3, 1, b"\0\1")])))
                                              + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0tiff:Orientation=\"6\""))
    yield "two eXIfs", chunk(b"eXIf", three) + chunk(b"eXIf", six)
    yield "exif as text", chunk(b"tEXt", b"exif\0" + six)
    packet = b"<x tiff:Orientation=\"6\"/>"
    xmp = b"XML:com.adobe.xmp\0"
    yield "XMP, packed", chunk(b"iTXt", xmp + b"\1\0\0\0" + zlib.compress(packet))
    yield "XMP, packed otherwise", chunk(b"iTXt", xmp + b"\1\1\0\0" + zlib.compress(packet))
    yield "XMP, packed and cut", chunk(b"iTXt", xmp + b"\1\0\0\0" + zlib.compress(packet)[:-9])
    yield "XMP with a language", chunk(b"iTXt", xmp + b"\0\0en\0k\0" + packet)
    yield "XMP as text", chunk(b"tEXt", xmp + packet)
    yield "XMP as packed text", chunk(b"zTXt", xmp + b"\0" + zlib.compress(packet))
    yield "XMP that is no UTF-8", chunk(b"iTXt", xmp + b"\0\0\0\0" + b"\xff" + packet)
    yield "XMP twice", (chunk(b"iTXt", xmp + b"\0\0\0\0" + packet.replace(b"6", b"3"))
                        + chunk(b"iTXt", xmp + b"\1\0\0\0" + zlib.compress(packet)))
    yield "XMP cut short", chunk(b"iTXt", xmp + b"\0")


def segment(payload):
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload


def main():
    assert PIL.__version__ == "13.0.0", PIL.__version__
    rows = []
    for name, block in exifs():
        rows.append(["exif", name, block.hex(), orientation(JPEG[:2] + segment(MARK + block) + JPEG[2:])])
    for name, payloads in xmp_jpegs():
        data = b"".join(struct.pack(">H", len(p)) + p for p in payloads)
        rows.append(["segments", name, data.hex(), orientation(JPEG[:2] + b"".join(map(segment, payloads)) + JPEG[2:])])
    for name, chunks in pngs():
        rows.append(["chunks", name, chunks.hex(), orientation(PNG[:33] + chunks + PNG[33:])])
        rows.append(["chunks", name + ", behind the pixels", chunks.hex() + "|", orientation(PNG[:-12] + chunks + PNG[-12:])])
    with open(HERE / "orientations.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["kind", "name", "bytes", "orientation"])
        writer.writerows(rows)
    print(len(rows), "blocks,", sum(row[3] != 1 for row in rows), "turned")


main()
