"""Writes <architecture>.safetensors: activations of every architecture, computed by PyTorch in float64.

The script needs no weight files. Parameters and the input come from a counter-based generator whose key is their name.
Tests/TestSupport/ReferenceParameters.swift repeats this generator. For the logits and for some nodes of each network's
graph, the script stores values at positions drawn by the same generator, each channel's mean, and the largest absolute
value.

timm.safetensors has the logits of timm's networks and of efficientnet_pytorch's networks, with the names and shapes of
their tensors in these packages. residual.safetensors has the logits of timm's residual networks, which have the same names
in LayerTap.

Run: python3 generate.py [architecture … | timm | residual]   (torch 2.13.0, torchvision 0.29.2, timm 1.0.31, efficientnet_pytorch 0.7.1, efficientnet-lite-pytorch 0.1.0, safetensors, numpy;
if PyTorch is built for the CPU alone and torchvision for CUDA, the compiled operators of torchvision must be stubbed out)
"""

import gc
import json
import re
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from efficientnet_pytorch import EfficientNet
from efficientnet_lite_pytorch import EfficientNet as Lite
from safetensors.numpy import save_file
from torch import nn
from torch.nn import functional as F
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

SIZE, SAMPLES, TAPS = 72, 64, 6
NAMES = """alexnet vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn resnet18 resnet34 resnet50 resnet101 resnet152
resnext50_32x4d resnext101_32x8d resnext101_64x4d wide_resnet50_2 wide_resnet101_2 squeezenet1_0 squeezenet1_1 mobilenet_v2
mobilenet_v3_large mobilenet_v3_small densenet121 densenet169 densenet201 efficientnet_b0 efficientnet_b1 efficientnet_b2
efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7 efficientnet_lite0 efficientnet_lite1
efficientnet_lite2 efficientnet_lite3 efficientnet_lite4 convnext_tiny convnext_small convnext_base resnet20_cifar10
resnet32_cifar10 resnet44_cifar10 resnet56_cifar10 resnet110_cifar10""".split()
TIMM = """resnet18 vgg11 densenet121 mobilenetv2_100 mobilenetv3_large_100 mobilenetv3_small_100 efficientnet_b0 tf_efficientnet_b1
tf_mobilenetv3_small_100 tf_efficientnet_lite0 efficientnet_lite0 convnext_tiny efficientnet_b5 tf_efficientnet_b3
efficientnet_lite2""".split()
# The names of networks in the package efficientnet_pytorch.
PACKAGE = ["efficientnet-b0", "efficientnet-b1", "efficientnet-b3"]
RESIDUAL = """resnet26 resnet200 resnext101_32x4d resnet18d resnet26d resnet34d resnet50d resnet101d resnet152d resnet200d
resnext50d_32x4d resnet10t resnet14t resnet26t resnet50t resnet50c resnet101c resnet152c resnet50s resnet101s resnet152s seresnet18
seresnet34 seresnet50 seresnet101 seresnet152 seresnet50t seresnet152d seresnext50_32x4d seresnext101_32x4d seresnext101_32x8d
seresnext101_64x4d seresnext26d_32x4d seresnext26t_32x4d seresnext101d_32x8d resnetblur18 resnetblur50 resnetblur50d resnetblur101d
resnetaa34d resnetaa50 resnetaa50d resnetaa101d seresnetaa50d seresnextaa101d_32x8d legacy_seresnet18 legacy_seresnet34
legacy_seresnet50 legacy_seresnet101 legacy_seresnet152 legacy_seresnext26_32x4d legacy_seresnext50_32x4d
legacy_seresnext101_32x4d""".split()
# Nodes of the traced graph that are no activations in N, C, H, W order, or that equal the node before.
SKIPPED = re.compile(r"permute|_weight$|_bias$|layer_scale$|stochastic_depth|dropout|layer_norm|flatten|^x$|^size")
SKIPPED_CONVNEXT = re.compile(r"block\.[1-6]$|^classifier")


def uniform(name, count):
    """The first elements of the generator's sequence for a name, in [0, 1)."""
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = ((key ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        bits = np.uint64(key) + np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits ^= bits >> np.uint64(31)
    return (bits >> np.uint64(40)).astype(np.float32) / np.float32(16777216)


def parameter(name, shape, gain):
    """The values of a parameter in float32. Its name and its rank determine their distribution."""
    u = uniform(name, int(np.prod(shape))).reshape(shape)
    if name.endswith(("layer_scale", ".gamma")):
        return np.float32(0.1) + np.float32(0.9) * u
    if name.endswith("running_var") or (len(shape) == 1 and name.endswith("weight")):
        return np.float32(0.5) + u
    if len(shape) == 1:
        return u - np.float32(0.5)
    bound = np.sqrt(np.float32(3 * gain) / np.float32(np.prod(shape[1:])))
    return bound * (np.float32(2) * u - np.float32(1))


def fill(model):
    state = model.state_dict()
    # Without normalization, activations would become small compared with the biases, so the gain is larger.
    gain = 1 if any(n.endswith(("running_var", "layer_scale", ".gamma")) for n in state) else 2
    filled = OrderedDict()
    # MNASNet reads its version from the metadata.
    filled._metadata = state._metadata
    for name, tensor in state.items():
        if not name.endswith("num_batches_tracked"):
            filled[name] = torch.from_numpy(parameter(name, tuple(tensor.shape), gain))
    model.load_state_dict(filled, strict=False)
    for module in model.modules():
        # An activation that works in place would overwrite the tapped value before it.
        if hasattr(module, "inplace"):
            module.inplace = False
    return model.double().eval()


class CIFARBlock(nn.Module):
    """Two convolutions and a shortcut without parameters (option A): it takes every second pixel, and new channels are zeros."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.grown = outputs - inputs

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        if self.grown:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.grown // 2, self.grown // 2))
        return self.relu(y + x)


class CIFARResNet(nn.Module):
    """The network of 6 n + 2 layers of He et al. (2015), section 4.2, with the names of akamaster/pytorch_resnet_cifar10."""

    def __init__(self, layers):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        blocks, inputs = (layers - 2) // 6, 16
        for stage, outputs in ((1, 16), (2, 32), (3, 64)):
            stack = [CIFARBlock(inputs, outputs, 2 if stage > 1 else 1)]
            stack += [CIFARBlock(outputs, outputs, 1) for _ in range(blocks - 1)]
            setattr(self, f"layer{stage}", nn.Sequential(*stack))
            inputs = outputs
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        return self.linear(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


def lite_taps(model, x):
    taps, hooks = {}, []

    def keep(name):
        return lambda _, __, output: taps.__setitem__(name, output)

    for index in np.linspace(0, len(model._blocks) - 1, TAPS).astype(int):
        hooks.append(model._blocks[index].register_forward_hook(keep(f"blocks.{index}")))
    logits = model(x)
    taps["head"] = model.extract_features(x)
    return taps | {"logits": logits}


def torchvision_taps(name, model, x):
    nodes = [n for n in get_graph_node_names(model)[1] if not SKIPPED.search(n)]
    if name.endswith("cifar10"):
        nodes = [n for n in nodes if not re.search(r"pad|getitem|^mean", n)]
    if name.startswith("convnext"):
        nodes = [n for n in nodes if not SKIPPED_CONVNEXT.search(n)]
    last = get_graph_node_names(model)[1][-1]
    chosen = [nodes[i] for i in np.linspace(1, len(nodes) - 1, TAPS + 1).astype(int)]
    result = create_feature_extractor(model, list(dict.fromkeys(chosen + [last])))(x)
    logits = result.pop(last)
    return result | {"logits": logits}


def residual_references():
    """Writes residual.safetensors: the logits of timm's residual networks, the number of their tensors, their size and crop."""
    tensors, networks = {}, {}
    for name in RESIDUAL:
        # Networks that average pairs of pixels in place of strides need an even size, so that shortcuts have the same size.
        side = 64 if "aa" in name else SIZE
        x = torch.from_numpy((2 * uniform("input", 3 * side * side) - 1).reshape(1, 3, side, side)).double()
        model = fill(timm.create_model(name, pretrained=False))
        names = [n for n in model.state_dict() if not n.endswith("num_batches_tracked")]
        settings = model.pretrained_cfg
        networks[name] = [len(names), side, settings["input_size"][1], settings["crop_pct"], settings["interpolation"]]
        tensors[name] = model(x)[0].numpy().astype(np.float32)
        print(name, networks[name], float(np.abs(tensors[name]).max()), file=sys.stderr)
        del model
        gc.collect()
    metadata = {"networks": json.dumps(networks), "timm": timm.__version__}
    save_file(tensors, Path(__file__).parent / "residual.safetensors", metadata=metadata)


def timm_references():
    """Writes timm.safetensors: the logits of networks that have other names here, and the names and shapes of their tensors."""
    x = torch.from_numpy((2 * uniform("input", 3 * SIZE * SIZE) - 1).reshape(1, 3, SIZE, SIZE)).double()
    tensors, parameters = {}, {}
    for name in TIMM + PACKAGE:
        if name in PACKAGE:
            model = fill(EfficientNet.from_name(name, image_size=SIZE))
        else:
            model = fill(timm.create_model(name, pretrained=False))
        parameters[name] = [
            [n, list(t.shape)] for n, t in model.state_dict().items() if not n.endswith("num_batches_tracked")
        ]
        tensors[name] = model(x)[0].numpy().astype(np.float32)
    metadata = {"parameters": json.dumps(parameters), "timm": timm.__version__}
    save_file(tensors, Path(__file__).parent / "timm.safetensors", metadata=metadata)


def main():
    x = torch.from_numpy((2 * uniform("input", 3 * SIZE * SIZE) - 1).reshape(1, 3, SIZE, SIZE)).double()
    for name in sys.argv[1:] or NAMES:
        tensors, taps = {}, []
        if name.startswith("efficientnet_lite"):
            model = fill(Lite.from_name(name.replace("_", "-", 1), image_size=SIZE))
            values = lite_taps(model, x)
        elif name.endswith("cifar10"):
            model = fill(CIFARResNet(int(re.sub(r"\D", "", name.split("_")[0]))))
            values = torchvision_taps(name, model, x)
        else:
            model = fill(getattr(torchvision.models, name)(weights=None))
            values = torchvision_taps(name, model, x)
        for tap, value in values.items():
            value = value[0].detach().numpy()
            if value.ndim == 3 and value.shape[1:] == (1, 1) and "pool" in tap:
                value = value[:, 0, 0]
            flat = value.reshape(-1)
            positions = (uniform(f"{name} {tap}", SAMPLES).astype(np.float64) * flat.size).astype(int)
            tensors[f"{tap}/samples"] = flat[positions].astype(np.float32)
            tensors[f"{tap}/means"] = value.reshape(value.shape[0], -1).mean(1).astype(np.float32)
            tensors[f"{tap}/largest"] = np.array([np.abs(flat).max()], np.float32)
            taps.append({"name": tap, "shape": list(value.shape)})
        print(name, [(t["name"], t["shape"]) for t in taps], file=sys.stderr)
        del model, values
        gc.collect()
        metadata = {"taps": json.dumps(taps), "torch": torch.__version__, "torchvision": torchvision.__version__}
        save_file(tensors, Path(__file__).parent / f"{name}.safetensors", metadata=metadata)


if __name__ == "__main__":
    with torch.no_grad():
        if sys.argv[1:] not in (["timm"], ["residual"]):
            main()
        if sys.argv[1:] != ["residual"]:
            timm_references()
        if sys.argv[1:] != ["timm"]:
            residual_references()
