"""Writes explanations.json: scores of an image as sums over the cells of tapped layers, computed by PyTorch in float64.

The network is torchvision's resnet18 with the generated parameters of ../architectures/generate.py. The image has the pixels
`floor(256 u)`, with u from the same generator. A cell's part is the change of the score if the cell's activation, and no other,
were multiplied by 0, plus the cell's equal part of the intercept. So the script uses no formula for the parts: it pools the
changed activation and takes the difference of the two scores. For the maximum, a part is the sum of the weighted maxima that the
cell holds, as found by argmax.

Run: python3 generate.py   (torch 2.13.0, torchvision 0.28.0, numpy; the compiled operators of torchvision must be stubbed out as for
../architectures/generate.py)
"""

import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import torch
import torchvision
from torchvision.models.feature_extraction import create_feature_extractor

# The generator of parameters needs none of these packages.
for package in ["timm", "efficientnet_pytorch", "efficientnet_lite_pytorch", "safetensors", "safetensors.numpy"]:
    sys.modules.setdefault(package, MagicMock())
sys.path.insert(0, str(Path(__file__).parent.parent / "architectures"))
from generate import fill, uniform  # noqa: E402

SIZE, CLASSES = 72, 3
CASES = [
    {"columns": [["layer2", "avg"]], "normalizes": False, "class": 0, "against": None},
    {"columns": [["layer2", "avg"]], "normalizes": True, "class": 1, "against": None},
    {"columns": [["layer3", "max"]], "normalizes": False, "class": 2, "against": None},
    {"columns": [["layer2", "avg"], ["layer4", "avgmax"]], "normalizes": True, "class": 0, "against": 2},
    {"columns": [["avgpool", "none"]], "normalizes": False, "class": 1, "against": 0},
    {"columns": [["layer4", "flatten"]], "normalizes": False, "class": 1, "against": None},
]


def pooled(value, pooling):
    flat = value.reshape(value.shape[0], -1)
    if pooling in ("avg", "none"):
        return flat.mean(1)
    if pooling == "max":
        return flat.max(1).values
    if pooling == "avgmax":
        return torch.cat([flat.mean(1), flat.max(1).values])
    return value.reshape(-1)


def parts(value, weights, pooling):
    """The part of each cell of the weighted sum of a layer's features."""
    channels, height, width = value.shape
    if pooling == "avgmax":
        return parts(value, weights[:channels], "avg") + parts(value, weights[channels:], "max")
    result = torch.zeros(height, width, dtype=torch.float64)
    if pooling == "max":
        flat = value.reshape(channels, -1)
        for channel, cell in enumerate(flat.argmax(1)):
            result.view(-1)[cell] += weights[channel] * flat[channel, cell]
        return result
    whole = weights @ pooled(value, pooling)
    for y in range(height):
        for x in range(width):
            changed = value.clone()
            changed[:, y, x] = 0
            result[y, x] = whole - weights @ pooled(changed, pooling)
    return result


def explained(case, activations):
    values = [activations["layer4" if tap == "avgpool" else tap] for tap, _ in case["columns"]]
    vectors = [pooled(value, pooling) for value, (_, pooling) in zip(values, case["columns"])]
    features = torch.cat(vectors)
    count = len(features)
    weights = torch.from_numpy(uniform("explained weights", CLASSES * count).reshape(CLASSES, count) - np.float32(0.5)).double()
    bias = torch.from_numpy(uniform("explained bias", CLASSES) - np.float32(0.5)).double()
    factor = 1 / features.norm() if case["normalizes"] else 1
    scores = weights @ features * factor + bias
    own, other = case["class"], case["against"]
    weight = weights[own] - (0 if other is None else weights[other])
    intercept = bias[own] - (0 if other is None else bias[other])
    maps, place = [], 0
    for value, vector, (_, pooling) in zip(values, vectors, case["columns"]):
        layer = parts(value, weight[place : place + len(vector)], pooling) * factor
        place += len(vector)
        maps.append((layer + intercept / (len(values) * layer.numel())).tolist())
    score = scores[own] - (0 if other is None else scores[other])
    return case | {"score": float(score), "intercept": float(intercept), "maps": maps}


def main():
    pixels = np.floor(uniform("explained image", 3 * SIZE * SIZE) * 256).reshape(SIZE, SIZE, 3)
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    x = torch.from_numpy(((pixels / 255 - mean) / deviation).transpose(2, 0, 1)[None].copy())
    model = fill(torchvision.models.resnet18(weights=None))
    with torch.no_grad():
        taps = create_feature_extractor(model, ["layer2", "layer3", "layer4"])(x)
        activations = {name: value[0] for name, value in taps.items()}
        cases = [explained(case, activations) for case in CASES]
    result = {"torch": torch.__version__, "torchvision": torchvision.__version__, "size": SIZE, "cases": cases}
    (Path(__file__).parent / "explanations.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
