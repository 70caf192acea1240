"""Writes data/digits: scikit-learn's copy of UCI's optdigits test set as 8x8 PNG files, in the source's order.

Usage: digits.py DATA_FOLDER. Versions: requirements.txt.

The first three quarters are train/, the last quarter test/, not shuffled: thirteen people wrote these digits
one after another, and a shuffled split puts every writer on both sides. File names carry the position in the
source. Gray levels 0..16 become round(value * 255 / 16).
"""

import shutil
import sys
from pathlib import Path

import numpy
from PIL import Image
from sklearn.datasets import load_digits


def main(data):
    digits = load_digits()
    output = Path(data) / "digits"
    shutil.rmtree(output, ignore_errors=True)
    pixels = numpy.floor(digits.images * 255 / 16 + 0.5).astype(numpy.uint8)
    training = len(pixels) * 3 // 4
    for index, (image, label) in enumerate(zip(pixels, digits.target)):
        folder = output / ("train" if index < training else "test") / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{index:04d}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
