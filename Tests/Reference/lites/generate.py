"""Writes logits.safetensors: the logits of EfficientNet-Lite1 and Lite2 for the photographs of data/photos.

Usage: generate.py FOLDER, with
    torch 2.13.0, efficientnet_lite_pytorch 0.1.0, safetensors 0.8.0, numpy 2.4.6, pillow 13.0.0
and in FOLDER efficientnet-lite1-77cc7160.pth and efficientnet-lite2-9656183e.pth (Scripts/weights fetches them).

The photographs come in the order of their names. Each one is decoded by Pillow and turned by its EXIF orientation. Its short
side is resized to the target (bicubic; the long side is int(target * long / short), as in torchvision). The center is cut
out, and its values become (x - 127) / 128. They go through the package's own model in float64. Values are stored as float32.
"""

import json
import sys
from pathlib import Path

import numpy
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image, ImageOps
from safetensors.numpy import save_file

HERE = Path(__file__).resolve().parent
PHOTOS = sorted((HERE.parents[2] / "data" / "photos").glob("*.jpg"))
# For each network: the name of its file, the side of the input, and the short side before the crop.
FILES = {
    "efficientnet-lite1": ("efficientnet-lite1-77cc7160.pth", 240, int(240 / 0.882)),
    "efficientnet-lite2": ("efficientnet-lite2-9656183e.pth", 260, int(260 / 0.890)),
}


def pixels_of(path, side, target):
    """The RGB image that torchvision's Resize(target, bicubic) and CenterCrop(side) make on Pillow."""
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    width, height = image.size
    long = int(target * max(width, height) / min(width, height))
    size = (target, long) if width <= height else (long, target)
    image = image.resize(size, Image.Resampling.BICUBIC)
    left, top = round((size[0] - side) / 2), round((size[1] - side) / 2)
    return numpy.asarray(image.crop((left, top, left + side, top + side)))


tensors = {}
for name, (file, side, target) in FILES.items():
    model = EfficientNet.from_name(name)
    model.load_state_dict(torch.load(Path(sys.argv[1]) / file, weights_only=True))
    model = model.double().eval()
    rows = []
    for path in PHOTOS:
        pixels = pixels_of(path, side, target).astype(numpy.float64)
        with torch.no_grad():
            rows.append(model(torch.from_numpy((pixels - 127) / 128).permute(2, 0, 1)[None])[0].numpy())
    tensors[file] = numpy.stack(rows).astype(numpy.float32)
    print(name, tensors[file].shape, tensors[file].argmax(1))
metadata = {"photos": json.dumps([path.name for path in PHOTOS]), "torch": torch.__version__}
save_file(tensors, HERE / "logits.safetensors", metadata=metadata)
