"""Writes references.safetensors and top1.json: features and classes of photographs from PyTorch and ONNX Runtime with real weights.

The 200 photographs are those of ../classify/classify.json. Weights and photographs lie below LAYERTAP_TESTDATA. The script
writes the features of the first ten photographs, and the classes of all.

Run: LAYERTAP_TESTDATA=… python3 generate.py   (torch 2.13.0, torchvision 0.29.2, onnx 1.23.2, onnxruntime 1.31.1, pillow 13.0.0, safetensors)
"""

import json
import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
import torchvision
from PIL import Image, ImageOps
from safetensors.numpy import load_file, save_file
from torch import nn

DATA = Path(os.environ["LAYERTAP_TESTDATA"])
HERE = Path(__file__).parent
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def crop(image, resize, size):
    """torchvision's Resize (short side, bilinear) and CenterCrop."""
    transform = torchvision.transforms.Compose([
        torchvision.transforms.Resize(resize), torchvision.transforms.CenterCrop(size)])
    return np.asarray(transform(image), np.float32)


def normalized(pixels, mean, std):
    return torch.from_numpy(((pixels / 255 - np.float32(mean)) / np.float32(std)).transpose(2, 0, 1)[None].astype(np.float32))


class ResNet20(nn.Module):
    """The network of He et al., section 4.2, with shortcuts of option A."""

    def __init__(self, state):
        super().__init__()
        self.state = state

    def norm(self, x, name):
        s = self.state
        return F.batch_norm(x, s[f"{name}.running_mean"], s[f"{name}.running_var"], s[f"{name}.weight"], s[f"{name}.bias"])

    def forward(self, x):
        s = self.state
        x = F.relu(self.norm(F.conv2d(x, s["conv1.weight"], padding=1), "bn1"))
        for stage in (1, 2, 3):
            for block in range(3):
                name = f"layer{stage}.{block}"
                stride = 2 if stage > 1 and block == 0 else 1
                y = F.relu(self.norm(F.conv2d(x, s[f"{name}.conv1.weight"], stride=stride, padding=1), f"{name}.bn1"))
                y = self.norm(F.conv2d(y, s[f"{name}.conv2.weight"], padding=1), f"{name}.bn2")
                if stride == 2:
                    grown = y.shape[1] - x.shape[1]
                    x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, grown // 2, grown // 2))
                x = F.relu(x + y)
        features = x.mean((2, 3))
        return features, F.linear(features, s["linear.weight"], s["linear.bias"])


class MobileNetV2(nn.Module):
    """The folded network with TensorFlow's padding, which at stride 2 is one row of zeros below and one column to the right."""

    def __init__(self, state):
        super().__init__()
        self.state = state

    def conv(self, x, name, stride=1, depthwise=False, active=True):
        w, b = self.state[f"{name}.weight"], self.state[f"{name}.bias"]
        if w.shape[2] == 3:
            x = F.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
        x = F.conv2d(x, w, b, stride=stride, groups=w.shape[0] if depthwise else 1)
        return x.clamp(0, 6) if active else x

    def forward(self, x):
        x = self.conv(x, "features.0.0", 2)
        index = 1
        for expansion, _, repeats, first in [
                (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
            for block in range(repeats):
                stride = first if block == 0 else 1
                name, y, part = f"features.{index}.conv", x, 0
                if expansion != 1:
                    y, part = self.conv(y, f"{name}.0.0"), 1
                y = self.conv(y, f"{name}.{part}.0", stride, depthwise=True)
                y = self.conv(y, f"{name}.{part + 1}", active=False)
                x = x + y if stride == 1 and x.shape[1] == y.shape[1] else y
                index += 1
        features = self.conv(x, "features.18.0").mean((2, 3))
        return features, F.linear(features, self.state["classifier.1.weight"], self.state["classifier.1.bias"])


def widened(path):
    """The same network and weights in float32, so that the rounding of float16 is not compared. It returns the softmax's input."""
    model = onnx.load(path)
    graph = model.graph
    for index, tensor in enumerate(graph.initializer):
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype == np.float16:
            graph.initializer[index].CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float32), tensor.name))
    for value in list(graph.input) + list(graph.output) + list(graph.value_info):
        if value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT16:
            value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    graph.output.append(onnx.helper.make_tensor_value_info("pool10_1", onnx.TensorProto.FLOAT, None))
    return model.SerializeToString()


def squeezenet(file):
    model = torchvision.models.squeezenet1_1(weights=None)
    model.load_state_dict(torch.load(DATA / "weights" / file, map_location="cpu", weights_only=True))
    model.eval()

    def run(x):
        features = model.features(x)
        return features.mean((2, 3)), model.classifier(features).flatten(1)

    return run


def networks():
    legacy = torch.load(DATA / "weights/resnet20-12fca82f.th", map_location="cpu", weights_only=False)
    resnet = ResNet20({k.removeprefix("module."): v for k, v in legacy["state_dict"].items()})
    mobile = MobileNetV2({k: torch.from_numpy(v) for k, v in load_file(DATA / "weights/mobilenetv2_tf.safetensors").items()})
    session = onnxruntime.InferenceSession(DATA / "weights/SqueezeNet_fp16.onnx", providers=["CPUExecutionProvider"])

    wide = onnxruntime.InferenceSession(widened(DATA / "weights/SqueezeNet_fp16.onnx"), providers=["CPUExecutionProvider"])

    def squeeze(x):
        # The scores are probabilities, which have the same order as the logits.
        features = torch.from_numpy(wide.run(["pool10_1"], {"data_0": x.numpy()})[0]).flatten(1)
        return features, torch.from_numpy(session.run(None, {"data_0": x.numpy().astype(np.float16)})[0].astype(np.float32)).flatten(1)

    bgr = np.float32([123, 117, 104])
    return {
        "squeezenet1_1_zip.pth": (squeezenet("squeezenet1_1_zip.pth"), lambda i: normalized(crop(i, 256, 224), *IMAGENET)),
        "squeezenet1_1_legacy.pth": (squeezenet("squeezenet1_1_legacy.pth"), lambda i: normalized(crop(i, 256, 224), *IMAGENET)),
        "resnet20-12fca82f.th": (resnet, lambda i: normalized(crop(i, 32, 32), *IMAGENET)),
        "mobilenetv2_tf.safetensors": (mobile, lambda i: torch.from_numpy(
            (np.asarray(i.resize((224, 224), Image.BILINEAR), np.float32).transpose(2, 0, 1)[None] - 127.5) / 127.5)),
        "SqueezeNet_fp16.onnx": (squeeze, lambda i: torch.from_numpy(
            np.ascontiguousarray((crop(i, 256, 224) - bgr)[:, :, ::-1].transpose(2, 0, 1)[None]))),
    }


def main():
    paths = [entry["path"] for entry in json.loads((HERE.parent / "classify/classify.json").read_text())]
    top, features = {}, {}
    for name, (network, prepare) in networks().items():
        classes, vectors = [], []
        for path in paths:
            vector, scores = network(prepare(ImageOps.exif_transpose(Image.open(DATA / "images" / path)).convert("RGB")))
            classes.append(int(scores[0].argmax()))
            if vector is not None and len(vectors) < 10:
                vectors.append(vector[0].numpy())
        top[name] = classes
        if vectors:
            features[name] = np.stack(vectors).astype(np.float32)
        print(name, classes[:8])
    (HERE / "top1.json").write_text(json.dumps(top, separators=(",", ":")) + "\n")
    save_file(features, HERE / "references.safetensors", metadata={
        "torch": torch.__version__, "torchvision": torchvision.__version__, "onnxruntime": onnxruntime.__version__})


with torch.no_grad():
    main()
