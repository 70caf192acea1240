"""Do the cells that an explanation names carry the score? Photographs lose a tenth of their cells: the cells with the largest parts
of the predicted class's score, as many random cells, or those with the smallest parts. The command prints the share of the
photographs whose score falls more without the largest cells than without random ones, and the mean falls, for some layers of
EfficientNet-Lite0. A cell becomes gray, or with --fill own it gets its own mean color, which makes weaker edges.

A changed cell also changes the activations around it, because a cell of a deep layer sees most of the image. So the share is below
1, although the parts sum to the score.

The photographs are test images of the clothing set (--data, or LAYERTAP_TESTDATA: images/clothing). They are cut to squares of 256
pixels first, because the network sees the middle 224 pixels of such a square, each pixel once.
"""

import argparse
import json
import math
import os
import random
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

SIDE, SEEN = 256, 224
BORDER = (SIDE - SEEN) // 2
# The mean of the network's inputs, which becomes 0.
GRAY = (127, 127, 127)


def layertap(ours, *words):
    return subprocess.run([ours, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def squares(folder, count, target):
    """The photographs as squares, drawn evenly over the classes."""
    classes = [sorted(path.iterdir()) for path in sorted(folder.iterdir())]
    chosen = [path for turn in zip(*[files[: math.ceil(count / len(classes))] for files in classes]) for path in turn]
    target.mkdir()
    paths = []
    for number, path in enumerate(chosen[:count]):
        image = Image.open(path).convert("RGB")
        scale = SIDE / min(image.size)
        image = image.resize([max(SIDE, round(side * scale)) for side in image.size], Image.Resampling.BICUBIC)
        left, top = (image.width - SIDE) // 2, (image.height - SIDE) // 2
        paths.append(target / f"{number:04}.png")
        image.crop((left, top, left + SIDE, top + SIDE)).save(paths[-1])
    return paths


def filled(path, shape, cells, fill, target):
    """The square without some cells, which are counted row by row."""
    image = Image.open(path)
    height, width = shape
    for cell in cells:
        y, x = divmod(int(cell), width)
        box = [BORDER + SEEN * x // width, BORDER + SEEN * y // height]
        box += [BORDER + SEEN * (x + 1) // width, BORDER + SEEN * (y + 1) // height]
        color = GRAY if fill == "gray" else tuple(np.asarray(image.crop(box)).reshape(-1, 3).mean(0).round().astype(int).tolist())
        image.paste(color, box)
    image.save(target)


def scores(ours, model, folder, classes):
    """The score of each photograph's class, for the files of a folder."""
    result = {}
    for name in sorted(set(classes.values())):
        paths = [folder / file for file, own in classes.items() if own == name]
        for entry in json.loads(layertap(ours, "explain", model, *paths, "--class", name, "--format", "json")):
            result[Path(entry["path"]).name] = entry["score"]
    return result


def measure(ours, data, layer, photographs, work, fill, seed):
    model, why = work / f"{layer}.layertap", work / f"why-{layer}"
    layertap(ours, "train", data, "--layers", layer, "--store", work / "store", "--output", model)
    paths = sorted(photographs.iterdir())
    layertap(ours, "explain", model, *paths, "--output", why)
    draw = random.Random(seed)
    folders = {kind: work / f"{layer}-{kind}" for kind in ["largest", "random", "smallest"]}
    for folder in folders.values():
        folder.mkdir()
    before, classes = {}, {}
    for path in paths:
        entry = json.loads((why / f"{path.stem}.json").read_text())
        cells = np.array(entry["layers"][0]["cells"])
        before[path.name], classes[path.name] = entry["score"], entry["class"]
        count = math.ceil(cells.size / 10)
        order = np.argsort(-cells, axis=None)
        chosen = {"largest": order[:count], "random": draw.sample(range(cells.size), count), "smallest": order[-count:]}
        for kind, folder in folders.items():
            filled(path, cells.shape, chosen[kind], fill, folder / path.name)
    after = {kind: scores(ours, model, folder, classes) for kind, folder in folders.items()}
    falls = {kind: np.array([before[name] - after[kind][name] for name in before]) for kind in folders}
    more = int((falls["largest"] > falls["random"]).sum())
    print(
        f"{layer} ({'x'.join(map(str, cells.shape))} cells, {fill}): the score falls more without the largest tenth in {more} of "
        f"{len(paths)} photographs ({100 * more / len(paths):.1f} %); mean fall "
        + ", ".join(f"{fall.mean():.2f} ({kind})" for kind, fall in falls.items()), flush=True
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", default="layertap", help="the command")
    parser.add_argument("--data", default=os.environ.get("LAYERTAP_TESTDATA"), help="the folder of test data")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--layers", nargs="+", default=["penultimate", "blocks.10", "blocks.4"])
    parser.add_argument("--fill", choices=["gray", "own"], default="gray", help="the color of a lost cell")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if not options.data:
        parser.error("name the folder of test data with --data or LAYERTAP_TESTDATA")
    data = Path(options.data) / "images/clothing"
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        photographs = work / "photographs"
        squares(data / "test", options.images, photographs)
        for layer in options.layers:
            measure(options.ours, data, layer, photographs, work, options.fill, options.seed)


if __name__ == "__main__":
    main()
