#!/usr/bin/env python3
"""Makes timm.csv: the SHA-256 of the results of timm's evaluation transform for computed images of awkward sizes.

    python3 Tests/Reference/images/timm_reference.py

Made with timm 1.0.31, torchvision 0.28.0 and Pillow 13.0.0. Each column has a crop_mode and a filter. The mean is ImageNet's.
"""
import csv
import hashlib
from pathlib import Path

import numpy as np
import torch

# torchvision's compiled part need not fit this torch. Transforms of Pillow's images do not use it, but its names must be known.
library = torch.library.Library("torchvision", "DEF")
try:
    import torchvision  # noqa: F401
except RuntimeError:
    import importlib.util
    import re
    import sys

    text = (Path(importlib.util.find_spec("torch").origin).parent.parent / "torchvision/_meta_registrations.py").read_text()
    names = set(re.findall(r'register_fake\("torchvision::(\w+)"', text)) | set(re.findall(r'register_meta\("(\w+)"', text))
    for name in sorted(names):
        library.define(f"{name}(Tensor x) -> Tensor")
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]

from PIL import Image  # noqa: E402
from timm.data.transforms_factory import transforms_imagenet_eval  # noqa: E402

SIDES = [(1, 1), (2, 7), (31, 17), (64, 64), (65, 64), (77, 123), (123, 77), (200, 13), (13, 200), (333, 250), (250, 333), (500, 499)]
SQUARES = [(32, 1.0), (33, 0.9), (64, 0.875), (57, 0.5), (224, 0.95)]


def computed(width, height):
    """An image whose byte i is the top byte of i * 2654435761 mod 2^32, as in Reference.swift."""
    count = 3 * width * height
    numbers = (np.arange(count, dtype=np.uint64) * 2654435761) % (1 << 32)
    return Image.fromarray((numbers >> np.uint64(24)).astype(np.uint8).reshape(height, width, 3))


def main():
    columns = [(mode, filter) for mode in ("center", "squash", "border") for filter in ("bilinear", "bicubic")]
    with open(Path(__file__).parent / "timm.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["width", "height", "size", "fraction", *(f"{mode}-{filter}" for mode, filter in columns)])
        for width, height in SIDES:
            for size, fraction in SQUARES:
                row = [width, height, size, fraction]
                for mode, filter in columns:
                    try:
                        tensor = transforms_imagenet_eval(
                            size, crop_pct=fraction, crop_mode=mode, interpolation=filter, normalize=False)(computed(width, height))
                    except ValueError:  # a side of 0
                        break
                    pixels = tensor.permute(1, 2, 0).contiguous().numpy()
                    row.append(hashlib.sha256(pixels.tobytes()).hexdigest())
                else:
                    writer.writerow(row)


main()
