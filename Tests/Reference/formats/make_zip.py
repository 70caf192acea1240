"""Makes the deflate streams and zip archives that InflateTests and ZipArchiveTests read.

Made with Python 3.11 and its zlib; run in this folder: python3 make_zip.py
"""
import struct
import zipfile
import zlib
from pathlib import Path

here = Path(__file__).parent
FIXED = (2020, 1, 1, 0, 0, 0)


def contents():
    text = "".join(f"line {i} of 2000, {i * i % 97}\n" for i in range(2000)).encode()
    state, noise = 1, bytearray()
    for _ in range(3000):
        state = (state * 1103515245 + 12345) % 2**31
        noise.append(state >> 16 & 255)
    # If frequencies are Fibonacci numbers, Huffman codes have up to 15 bits.
    skewed, a, b = bytearray(), 1, 1
    for symbol in range(20):
        skewed += bytes([symbol * 7]) * a
        a, b = b, a + b
    return {"text": text, "noise": bytes(noise), "zeros": bytes(70000), "empty": b"", "skewed": bytes(skewed)}


settings = {
    "stored": (0, zlib.Z_DEFAULT_STRATEGY), "fast": (1, zlib.Z_DEFAULT_STRATEGY),
    "best": (9, zlib.Z_DEFAULT_STRATEGY), "fixed": (9, zlib.Z_FIXED),
    "huffman": (9, zlib.Z_HUFFMAN_ONLY), "rle": (9, zlib.Z_RLE),
}
(here / "deflate").mkdir(exist_ok=True)
for name, data in contents().items():
    for setting, (level, strategy) in settings.items():
        if setting == "stored" and name in ("zeros", "skewed", "text"):
            continue
        packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
        (here / "deflate" / f"{name}.{setting}").write_bytes(packer.compress(data) + packer.flush())

(here / "zip").mkdir(exist_ok=True)


def archive(name, entries, comment=b"", zip64=False):
    with zipfile.ZipFile(here / "zip" / name, "w") as z:
        z.comment = comment
        for entry, data, method in entries:
            info = zipfile.ZipInfo(entry, FIXED)
            info.compress_type = method
            with z.open(info, "w", force_zip64=zip64) as f:
                f.write(data)


both = [("a/stored.txt", b"stored", zipfile.ZIP_STORED), ("b.txt", b"deflated " * 50, zipfile.ZIP_DEFLATED),
        ("folder/", b"", zipfile.ZIP_STORED), ("empty", b"", zipfile.ZIP_DEFLATED), ("é日.txt", b"x", zipfile.ZIP_STORED)]
archive("plain.zip", both, comment=b"a comment PK\x05\x06 with a signature")
archive("none.zip", [])
archive("bzip2.zip", [("x", b"abc" * 20, zipfile.ZIP_BZIP2)])
archive("climbing.zip", [("a/../../x", b"abc", zipfile.ZIP_STORED)])
archive("absolute.zip", [("/x", b"abc", zipfile.ZIP_STORED)])

# This archive uses zip64 in every field. It is written by hand, since zipfile uses zip64 only beyond 4 GiB.
name, data = b"large.txt", b"sixty-four"
crc = zlib.crc32(data)
local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 0, 0, 33, crc, 2**32 - 1, 2**32 - 1, len(name), 20)
local += name + struct.pack("<HHQQ", 1, 16, len(data), len(data))
extra = struct.pack("<HHI", 9, 4, 7) + struct.pack("<HHQQQ", 1, 24, len(data), len(data), 0)
central = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 0, 0, 33, crc, 2**32 - 1, 2**32 - 1, len(name),
                      len(extra), 0, 0, 0, 0, 2**32 - 1) + name + extra
start = len(local) + len(data)
record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1, 1, len(central), start)
locator = struct.pack("<IIQI", 0x07064B50, 0, start + len(central), 1)
end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0)
(here / "zip" / "zip64.zip").write_bytes(local + data + central + record + locator + end)
assert zipfile.ZipFile(here / "zip" / "zip64.zip").read("large.txt") == data
