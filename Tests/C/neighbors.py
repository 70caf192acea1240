#!/usr/bin/env python3
"""Prints what the library and its neighbors compute in one process: neighbors.py LIBRARY ORDER IMAGE...

ORDER is 'library', 'neighbors', or both with a comma: who is loaded and used first. NumPy brings an OpenBLAS of its own, Pillow
libjpeg and libpng, PyTorch (where it is installed) several more. Nobody's numbers may depend on the others.
"""

import hashlib
import json
import sys

from library import Library, random_rows


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).hexdigest()


def neighbors(paths):
    import numpy
    from PIL import Image

    generator = numpy.random.default_rng(3)
    a = generator.standard_normal((300, 200))
    results = {
        "numpy": digest((a @ a.T).tobytes(), numpy.linalg.svd(a)[1].tobytes()),
        "pillow": digest(*[numpy.asarray(Image.open(path).convert("RGB")).tobytes() for path in paths]),
    }
    try:
        import torch
    except ImportError:
        return results
    torch.manual_seed(0)
    b = torch.randn(64, 64, 3, 3)
    results["torch"] = digest(torch.nn.functional.conv2d(torch.randn(1, 64, 56, 56), b).numpy().tobytes())
    return results


def ours(library, paths):
    rows, classes = random_rows(400, 30, 4)
    return {
        "features": digest(*library.features(paths, ["blocks.4", "penultimate"])),
        "fit": digest(*library.fit(rows, 30, classes, {"c": 3})),
    }


path, order, *paths = sys.argv[1:]
results = {}
for who in order.split(","):
    results |= neighbors(paths) if who == "neighbors" else ours(Library(path), paths)
# Once more, when everything is loaded.
if "," in order:
    again = neighbors(paths) | ours(Library(path), paths)
    assert again == results, (again, results)
print(json.dumps(results, sort_keys=True))
