"""Writes classify.json: PyTorch's top-1 class of 200 photographs of the test data.

    python Tests/Reference/classify/generate.py IMAGES WEIGHTS

IMAGES is the folder images of the test data, and WEIGHTS is the file efficientnet-lite0-57934424.pth. The photographs are
every seventeenth JPEG, by path, of clothing and caltech together. The network is that of the package
efficientnet_lite_pytorch (0.1.0), in float32. Pillow does the preprocessing: the short side is resized to 256 (bicubic), the
central 224 x 224 pixels are cut out, and each value becomes (x - 127) / 128.
Made with torch 2.13.0, Pillow 13.0.0, NumPy 2.4.6.
"""

import json
import os
import pathlib
import sys

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image, ImageOps

root = pathlib.Path(sys.argv[1])
paths = sorted(str(path.relative_to(root)) for path in root.rglob("*.jpg"))[::17][:200]
assert len(paths) == 200
model = EfficientNet.from_name("efficientnet-lite0")
model.load_state_dict(torch.load(sys.argv[2], map_location="cpu"))
model.eval()


def prepared(path):
    image = ImageOps.exif_transpose(Image.open(root / path)).convert("RGB")
    width, height = image.size
    short = min(width, height)
    image = image.resize((int(256 * width / short), int(256 * height / short)), Image.BICUBIC)
    left, top = round((image.width - 224) / 2), round((image.height - 224) / 2)
    pixels = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32)
    return torch.from_numpy((pixels - 127) / 128).permute(2, 0, 1)


results = []
with torch.no_grad():
    for path in paths:
        probabilities = model(prepared(path)[None]).double().softmax(1)[0]
        best = int(probabilities.argmax())
        results.append(dict(path=path, index=best, probability=float(probabilities[best])))

with open(os.path.join(os.path.dirname(__file__), "classify.json"), "w") as file:
    json.dump(results, file, indent=1)
    file.write("\n")
