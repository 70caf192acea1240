#!/usr/bin/env python3
"""Makes the reference of perceptual hashes and of sharpness, by SciPy.

    python3 Tests/Reference/images/make_hashes.py

Writes hashes.csv beside this file, with a line for each fixture and each photograph of data/photos that Pillow decodes to the
bytes that fixtures.csv records:
  hash       the signs of the 64 lowest frequencies but the mean, by scipy.fft.dctn of 32 x 32 means of the gray values. The
             frequencies (u vertical, v horizontal) are in the order of u + v and then u, and the first one is the lowest bit.
  certain    the bits whose frequency is so far from 0 that rounding cannot change its sign
  sharpness  the variance of scipy.ndimage.laplace without the border, at 256 pixels for a longer shorter side; empty for a JPEG
             file that LayerTap decodes at a part of its size

Made with SciPy 1.17.1, NumPy 2.4.6 and Pillow 13.0.0.
"""
import csv
import hashlib
from pathlib import Path

import numpy as np
import PIL
import scipy
from PIL import Image, ImageOps
from scipy.fft import dctn
from scipy.ndimage import laplace

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SIDE, ANALYZED = 32, 256
FREQUENCIES = sorted(((u, v) for u in range(SIDE) for v in range(SIDE) if u + v > 0), key=lambda f: (f[0] + f[1], f[0]))[:64]


def gray(image):
    """The luma of JPEG files, without rounding."""
    return np.asarray(image, dtype=np.float64) @ np.array([0.299, 0.587, 0.114])


def means(values, count, axis):
    """The means of equal parts along an axis, from the integral of the values."""
    values = np.moveaxis(values, axis, 0)
    length = values.shape[0]
    integral = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    ends = np.linspace(0, length, count + 1)
    at_ends = np.stack([np.interp(ends, np.arange(length + 1), column) for column in integral.T], axis=1)
    return np.moveaxis(np.diff(at_ends, axis=0) * count / length, 0, axis)


def resized(values, width, height):
    return means(means(values, height, 0), width, 1)


def hashed(values):
    transform = dctn(resized(values, SIDE, SIDE), type=2)
    found = np.array([transform[frequency] for frequency in FREQUENCIES])
    # The transform has four times the sum. Values of 32 bits change it by much less than 0.5.
    sure = np.abs(found) > max(0.5, 1e-4 * np.abs(found).max())
    bits = sum(1 << place for place, value in enumerate(found) if value > 0)
    return bits, sum(1 << place for place, value in enumerate(sure) if value)


def sharpness(values):
    height, width = values.shape
    shorter = min(width, height)
    if shorter > ANALYZED:
        values = resized(values, width * ANALYZED // shorter, height * ANALYZED // shorter)
    if min(values.shape) < 3:
        return 0.0
    return laplace(values)[1:-1, 1:-1].var()


def main():
    with open(HERE / "fixtures.csv", newline="") as file:
        decoded = {row["file"]: row["decoded"] for row in csv.DictReader(file)}
    files = [HERE / "fixtures" / name for name in decoded]
    files += sorted(path for path in (ROOT / "data/photos").iterdir() if path.suffix in {".jpg", ".png"})
    lines = []
    for path in files:
        image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        expected = decoded.get(path.name)
        if expected and hashlib.sha256(image.tobytes()).hexdigest() != expected:
            print(f"left out, decoded to other bytes: {path.name}")
            continue
        values = gray(image)
        bits, certain = hashed(values)
        is_reduced = Image.open(path).format == "JPEG" and min(image.size) >= 2 * ANALYZED
        name = path.name if path.parent.name == "fixtures" else str(path.relative_to(ROOT))
        lines.append([name, f"{bits:016x}", f"{certain:016x}", "" if is_reduced else repr(float(sharpness(values)))])
    with open(HERE / "hashes.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["file", "hash", "certain", "sharpness"], *lines])
    print(f"{len(lines)} files, SciPy {scipy.__version__}, NumPy {np.__version__}, Pillow {PIL.__version__}")


if __name__ == "__main__":
    main()
