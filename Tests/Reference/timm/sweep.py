"""Runs layertap on every convolutional family of timm: on the smallest variant and on one in the middle, with seeded weights.

Each variant is written as .pth and .safetensors, with and without timm's config.json beside it, and as ONNX. layertap extracts
`penultimate` and `logits` of one drawn image, and both are compared with timm's. The possible results are:

    equal      the values are within 1e-4 of the largest value
    refused    layertap ends with an error
    twin       layertap takes the network for another one, and prints a line that names both (only without config.json)
    unstable   the values differ more, but the weights enlarge rounding errors so much that timm's own float32 differs as well
    wrong      anything else

timm computes in float64. Batch statistics are those of drawn images, so that scores depend on the image. Layers that timm
initializes with 0 or 1 get drawn values. If float32 and float64 differ by more than a fifth of the limit, the weights are drawn
again. Images have 128 pixels a side, and those for VGG have 224.

Run: Scripts/timm-sweep, or python3 sweep.py LAYERTAP [--names NAME ...] [--table FILE] [--keep FOLDER]   (timm 1.0.31, torch 2.13.0)
"""

import argparse
import copy
import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import types
import warnings
import zlib
from pathlib import Path

try:
    import torchvision  # noqa: F401
except Exception:  # absent, or built for another torch
    # timm imports torchvision for images and for feature extraction by torch.fx. No network computes with it.
    class Stub(types.ModuleType):
        def __getattr__(self, name):
            if name.startswith("__") or name == "InterpolationMode":
                raise AttributeError(name)
            return type(name, (), {})

    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] == "torchvision":
                return importlib.machinery.ModuleSpec(name, self, is_package=True)
            return None

        def create_module(self, spec):
            module = Stub(spec.name)
            module.__path__ = []
            return module

        def exec_module(self, module):
            pass

    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    sys.meta_path.insert(0, Finder())

import numpy as np  # noqa: E402
import timm  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from timm.models._hub import save_config_for_hf  # noqa: E402

SIDE = 128
# VGG pools 7 x 7 regions, which are equal windows only at its own size.
OWN_SIDES = {"vgg11": 224, "vgg13_bn": 224}
BAR = 1e-4
MEAN, STD = 0.5, 0.25

# For each family: the smallest variant and one in the middle. Networks with attention over positions are left out.
FAMILIES = {
    "Bottleneck attention-free ByobNet (GENet)": "gernet_s gernet_m",
    "RepVGG": "repvgg_a0 repvgg_b1g4",
    "MobileOne": "mobileone_s0 mobileone_s2",
    "ResNeXt-TS": "resnext26ts seresnext26ts",
    "ECA- and GC-ResNeXt-TS": "eca_resnext26ts gcresnext26ts",
    "ResNet-Q": "resnet51q resnet61q",
    "RegNetZ (ByobNet)": "regnetz_b16 regnetz_c16",
    "ResNet of CLIP": "resnet50_clip_gap resnet101_clip_gap",
    "ConvMixer": "convmixer_1024_20_ks9_p14",
    "ConvNeXt": "convnext_atto convnext_tiny",
    "ConvNeXt, OLS and HNF": "convnext_atto_ols convnext_tiny_hnf",
    "ConvNeXt V2": "convnextv2_atto convnextv2_nano",
    "CSPNet": "cspresnet50 cspresnext50",
    "CSPDarkNet": "darknet17 cspdarknet53",
    "CS3DarkNet": "cs3darknet_s cs3sedarknet_l",
    "CSPNeXt": "cspnext_tiny cspnext_m",
    "DenseNet": "densenet121 densenet169",
    "DenseNet, blur": "densenetblur121d",
    "DLA": "dla46_c dla60",
    "DLA-Res2Net": "dla60_res2net dla60_res2next",
    "DPN": "dpn48b dpn68b",
    "EfficientNet": "efficientnet_b0 efficientnet_b2",
    "EfficientNet of TensorFlow": "tf_efficientnet_b0 tf_efficientnet_b2",
    "EfficientNet-Lite": "efficientnet_lite0 efficientnet_lite2",
    "EfficientNet-Lite of TensorFlow": "tf_efficientnet_lite0 tf_efficientnet_lite2",
    "EfficientNet-EdgeTPU": "efficientnet_es efficientnet_em",
    "EfficientNet, blur and group normalization": "efficientnet_blur_b0 efficientnet_b0_gn",
    "EfficientNetV2": "efficientnetv2_rw_t efficientnetv2_s",
    "EfficientNetV2 of TensorFlow": "tf_efficientnetv2_b0 tf_efficientnetv2_b2",
    "FBNet-C": "fbnetc_100",
    "MixNet": "mixnet_s mixnet_m",
    "MnasNet": "mnasnet_small mnasnet_100",
    "MnasNet, semantic": "semnasnet_075 semnasnet_100",
    "MobileNet V1": "mobilenetv1_100 mobilenetv1_125",
    "MobileNet V2": "mobilenetv2_050 mobilenetv2_100",
    "MobileNet-EdgeTPU": "mobilenet_edgetpu_100 mobilenet_edgetpu_v2_s",
    "SPNASNet": "spnasnet_100",
    "TinyNet": "tinynet_e tinynet_a",
    "FasterNet": "fasternet_t0 fasternet_t2",
    "GhostNet": "ghostnet_050 ghostnet_100",
    "GhostNet V2 and V3": "ghostnetv2_100 ghostnetv3_100",
    "HardCoRe-NAS": "hardcorenas_a hardcorenas_c",
    "HGNet": "hgnet_tiny hgnet_small",
    "HGNet V2": "hgnetv2_b0 hgnetv2_b2",
    "HRNet": "hrnet_w18_small hrnet_w18_small_v2",
    "InceptionNeXt": "inception_next_atto inception_next_tiny",
    "Inception": "inception_v3 inception_v4",
    "Inception-ResNet": "inception_resnet_v2",
    "LCNet": "lcnet_035 lcnet_100",
    "LCNet V2": "lcnetv2_small lcnetv2_base",
    "MambaOut": "mambaout_femto mambaout_tiny",
    "FBNet V3": "fbnetv3_b fbnetv3_d",
    "MobileNet V3, large": "mobilenetv3_large_075 mobilenetv3_large_100",
    "MobileNet V3, small": "mobilenetv3_small_050 mobilenetv3_small_100",
    "MobileNet V3 of TensorFlow": "tf_mobilenetv3_small_100 tf_mobilenetv3_large_100",
    "MobileNet V4, convolutional": "mobilenetv4_conv_small mobilenetv4_conv_medium",
    "NASNet and PNASNet": "nasnetalarge pnasnet5large",
    "NFNet": "dm_nfnet_f0 eca_nfnet_l0",
    "NFNet, ResNet and RegNet": "nf_resnet50 nf_regnet_b1",
    "RDNet": "rdnet_tiny rdnet_small",
    "RegNetX": "regnetx_002 regnetx_032",
    "RegNetY": "regnety_002 regnety_032",
    "RegNetZ": "regnetz_005 regnetz_040",
    "RepGhostNet": "repghostnet_050 repghostnet_100",
    "RepViT": "repvit_m0_9 repvit_m1_1",
    "Res2Net": "res2net50_26w_4s res2net50d",
    "Res2NeXt": "res2next50",
    "ResNeSt": "resnest14d resnest50d",
    "ResNet": "resnet18 resnet50",
    "ResNet, others": "resnet26 resnet200",
    "ResNet-C, -S": "resnet50c resnet50s",
    "ResNet-D": "resnet18d resnet50d",
    "ResNet-T": "resnet10t resnet26t",
    "ResNet, blur": "resnetblur50 resnetaa50",
    "ResNet, group normalization": "resnet50_gn",
    "ResNet-RS": "resnetrs50 resnetrs101",
    "ResNeXt": "resnext50_32x4d resnext101_32x4d",
    "Wide ResNet": "wide_resnet50_2",
    "SE-ResNet": "seresnet18 seresnet50",
    "SE-ResNeXt": "seresnext26d_32x4d seresnext50_32x4d",
    "SENet, legacy": "legacy_seresnet18 legacy_seresnext50_32x4d",
    "ECA-ResNet": "ecaresnet26t ecaresnet50d",
    "ResNet V2": "resnetv2_18 resnetv2_50",
    "ResNet V2 of BiT": "resnetv2_50x1_bit resnetv2_50d_gn",
    "ReXNet": "rexnet_100 rexnet_150",
    "SelecSLS": "selecsls42b selecsls60",
    "SKNet": "skresnet18 skresnext50_32x4d",
    "StarNet": "starnet_s050 starnet_s2",
    "TResNet": "tresnet_m tresnet_l",
    "VGG": "vgg11 vgg13_bn",
    "VoVNet": "ese_vovnet19b_slim_dw ese_vovnet39b",
    "Xception": "legacy_xception xception41",
}


def draw(generator, shape, low, high):
    return torch.rand(shape, generator=generator) * (high - low) + low


def side_of(name):
    return OWN_SIDES.get(name, SIDE)


def drawn(side):
    """An image of colors that change within eight pixels: height, width, three bytes."""
    pixels = np.random.default_rng(20).integers(0, 256, (side // 8, side // 8, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.BICUBIC))


def seeded(name, attempt):
    """The network with drawn weights, which are the same at every run, and with which scores depend on the image."""
    seed = zlib.crc32(f"{name} {attempt}".encode() if attempt else name.encode())
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    try:
        model = timm.create_model(name, pretrained=False, img_size=side_of(name))
    except TypeError:
        model = timm.create_model(name, pretrained=False)
    with torch.no_grad():
        for key, value in model.named_parameters():
            if value.ndim >= 2 and value.std() > 0 and value.abs().max() > 1e-3:
                continue
            if value.ndim >= 2 and value.numel() > value.shape[0]:
                torch.nn.init.kaiming_normal_(value, generator=generator)
            elif key.endswith("bias") or key.endswith(".beta"):
                value.copy_(draw(generator, value.shape, -0.1, 0.1))
            elif (value == 0).all():
                # timm initializes the end of a branch with 0. With larger values, rounding errors would grow from block to block.
                value.copy_(draw(generator, value.shape, 0.1, 0.3))
            else:
                value.copy_(draw(generator, value.shape, 0.8, 1.2))
        normalizations = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
        momenta = [m.momentum for m in normalizations]
        if normalizations:
            for module in normalizations:
                module.momentum = None
                module.reset_running_stats()
            model.train()
            model(torch.randn((4, 3, side_of(name), side_of(name)), generator=generator) * 2)
        for module, momentum in zip(normalizations, momenta):
            module.momentum = momentum
    return model.eval()


def reference(model, tensor):
    with torch.no_grad():
        features = model.forward_features(tensor)
        return (
            model.forward_head(features, pre_logits=True).flatten().numpy(),
            model(tensor).flatten().numpy(),
        )


def difference(found, expected):
    """The largest difference divided by the largest value. It is infinite if values are missing or not finite."""
    if found is None or found.shape != expected.shape or not np.isfinite(found).all():
        return float("inf")
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-30))


class Tool:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder

    def picture(self, side):
        file = self.folder / f"{side}.png"
        if not file.exists():
            Image.fromarray(drawn(side)).save(file)
        return str(file)

    def extract(self, backbone, side, layers):
        """The rows of the layers, or None, and the lines on standard error."""
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "row.npy"
            command = [
                self.path, "extract", self.picture(side), "--backbone", str(backbone), "--layers", *layers,
                "--pool", "avg", "--size", str(side), "--resize", "squash", "--scale", "255",
                "--mean", ",".join([str(MEAN)] * 3), "--std", ",".join([str(STD)] * 3), "--channels", "rgb",
                "--store", str(Path(folder) / "store"), "--output", str(output),
            ]
            process = subprocess.run(command, capture_output=True, text=True)
            files = [line for line in process.stdout.splitlines() if line.endswith(".npy")]
            if process.returncode != 0 or len(files) != len(layers):
                return None, process.stderr.strip() or f"exit code {process.returncode}"
            return [np.load(file).flatten() for file in files], process.stderr


def outcome(tool, backbone, expected, name, may_be_twin):
    rows, text = tool.extract(backbone, side_of(name), ["penultimate", "logits"])
    if rows is None and "no layer 'penultimate'" in text:
        # A network that ends with its pooling has no last layer.
        rows, text = tool.extract(backbone, side_of(name), ["logits"])
        rows = rows and [np.zeros(0), *rows]
    if rows is None:
        return "refused", text.splitlines()[-1][:1000]
    errors = [difference(row, values) for row, values in zip(rows, expected)]
    shown = f"penultimate {errors[0]:.1e}, logits {errors[1]:.1e}"
    # The input of the last layer may differ from the value that timm returns as its input. Then the scores decide.
    if errors[1] <= BAR:
        return "equal", shown
    for line in text.splitlines():
        if may_be_twin and re.search(rf"\b{re.escape(name)}\b", line):
            return "twin", line
    return "wrong", shown + "; " + " | ".join(text.splitlines())[-400:]


def export(model, tensor, path, dynamo):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = dict(input_names=["input"], output_names=["scores"])
        if dynamo:
            torch.onnx.export(model, (tensor,), str(path), dynamo=True, external_data=False, verbose=False, **options)
        else:
            torch.onnx.export(model, (tensor,), str(path), dynamo=False, **options)


def prepare(name, folder, dynamo, forms):
    """Writes the ONNX file and timm's results, unless they exist. Returns the network if it had to be made."""
    file, values = folder / f"{name}.onnx", folder / "reference.npz"
    if "checkpoint" not in forms and values.exists() and (file.exists() or file.with_suffix(".txt").exists()):
        return None
    tensor = torch.from_numpy(((drawn(side_of(name)) / 255 - MEAN) / STD).astype(np.float32)).permute(2, 0, 1)[None]
    for attempt in range(8):
        model = seeded(name, attempt)
        # If weights enlarged timm's own rounding errors nearly to the limit, the comparison would show nothing.
        exact = copy.deepcopy(model).double()
        features, scores = reference(exact, tensor.double())
        noise = difference(reference(model, tensor)[1], scores)
        if noise < BAR / 5:
            break
    change = difference(reference(exact, -tensor.double())[1], scores)
    folder.mkdir(parents=True, exist_ok=True)
    if "onnx" in forms and not file.exists():
        try:
            export(model, tensor, file, dynamo)
        except Exception as error:  # a network that cannot be exported has no file
            file.with_suffix(".txt").write_text(f"{type(error).__name__}: {error}".splitlines()[0][:200])
    np.savez(values, features=features, scores=scores, change=change, noise=noise)
    return model


def examine(name, tool, folder, dynamo, forms):
    model = prepare(name, folder, dynamo, forms)
    values = np.load(folder / "reference.npz")
    expected, change = (values["features"], values["scores"]), float(values["change"])
    result = {"name": name, "change": change, "forms": {}}
    if change < 100 * BAR:
        result["remark"] = f"another picture changes scores by {change:.1e} only"
    if "checkpoint" in forms:
        state = {key: value.contiguous() for key, value in model.state_dict().items()}
        for kind in ("pth", "safetensors"):
            place = folder / kind
            place.mkdir(parents=True, exist_ok=True)
            file, configuration = place / f"model.{kind}", place / "config.json"
            if kind == "pth":
                torch.save(state, file)
            else:
                save_file({key: value.clone() for key, value in state.items()}, file)
            result["forms"][kind] = outcome(tool, file, expected, name, True)
            save_config_for_hf(model, configuration)
            result["forms"][f"{kind}, config.json"] = outcome(tool, file, expected, name, False)
            file.unlink()
            configuration.unlink()
    if "onnx" in forms:
        file = folder / f"{name}.onnx"
        if file.exists():
            result["forms"]["onnx"] = outcome(tool, file, expected, name, False)
        else:
            result["forms"]["onnx"] = ("not exported", file.with_suffix(".txt").read_text())
    if float(values["noise"]) >= BAR / 5:
        result["remark"] = f"eight drawings of weights: timm's float32 lies {float(values['noise']):.1e} from its float64"
        result["forms"] = {
            form: ("unstable" if kind == "wrong" else kind, text) for form, (kind, text) in result["forms"].items()
        }
    return result


COLUMNS = ["pth, config.json", "pth", "safetensors, config.json", "safetensors", "onnx"]


def table(results):
    lines = ["| family | variant | `.pth` with config.json | `.pth` | `.safetensors` with config.json | `.safetensors` | ONNX |",
             "|---|---|---|---|---|---|---|"]
    by_name = {result["name"]: result for result in results}
    for family, names in FAMILIES.items():
        for index, name in enumerate(names.split()):
            if name in by_name:
                forms = by_name[name]["forms"]
                cells = [forms[column][0] if column in forms else "" for column in COLUMNS]
                lines.append(f"| {family if index == 0 else ''} | `{name}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("layertap")
    parser.add_argument("--names", nargs="*")
    parser.add_argument("--forms", nargs="*", default=["checkpoint", "onnx"])
    parser.add_argument("--dynamo", action="store_true", help="torch.export's ONNX files, not TorchScript's")
    parser.add_argument("--results", help="JSON lines, one a variant; variants that are in it are not examined again")
    parser.add_argument("--table", help="write the table here")
    parser.add_argument("--keep", help="keep ONNX files and timm's values in this folder, and take those that are there")
    parser.add_argument("--verbose", action="store_true", help="print differences and messages too")
    parser.add_argument("--prepare", action="store_true", help="with --keep: write them, and run nothing")
    arguments = parser.parse_args()
    known = {}
    if arguments.results and Path(arguments.results).exists():
        known = {r["name"]: r for r in map(json.loads, Path(arguments.results).read_text().splitlines())}
    names = arguments.names or [name for names in FAMILIES.values() for name in names.split()]
    results, failures = [], []
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(arguments.keep or temporary)
        pictures = root / "pictures"
        pictures.mkdir(parents=True, exist_ok=True)
        tool = Tool(arguments.layertap, pictures)
        for name in names:
            if arguments.prepare:
                prepare(name, root / name, arguments.dynamo, arguments.forms)
                print(name, flush=True)
                continue
            result = known.get(name)
            if result is None:
                result = examine(name, tool, root / name, arguments.dynamo, arguments.forms)
                if not arguments.keep:
                    for file in sorted((root / name).rglob("*"), reverse=True):
                        file.unlink() if file.is_file() else file.rmdir()
                if arguments.results:
                    with open(arguments.results, "a") as file:
                        file.write(json.dumps(result) + "\n")
            results.append(result)
            print(name, *(f"{form}: {kind}" for form, (kind, _) in result["forms"].items()), sep="  ", flush=True)
            if arguments.verbose:
                for form, (_, text) in result["forms"].items():
                    print(f"    {form}: {text}", flush=True)
            for form, (kind, text) in result["forms"].items():
                if kind == "wrong" or (form == "onnx" and kind in ("refused", "not exported")):
                    print(f"    {form}: {text}", flush=True)
            failures += [f"{name}, {form}" for form, (kind, _) in result["forms"].items() if kind == "wrong"]
            if "remark" in result:
                print(f"    {result['remark']}", flush=True)
    onnx = [r["forms"]["onnx"][0] for r in results if "onnx" in r["forms"]]
    agreeing = sum(kind == "equal" for kind in onnx)
    print(f"{len(results)} variants, {len(failures)} wrong answers" + (f": {'; '.join(failures)}" if failures else ""))
    if onnx:
        print(f"ONNX: {agreeing} of {len(onnx)} run and agree")
    if arguments.table:
        Path(arguments.table).write_text(table(results))
    if failures or (onnx and agreeing < 0.98 * len(onnx)):
        sys.exit(1)


if __name__ == "__main__":
    main()
