"""Trains classifiers of photographs with the command, exports them, and compares the classes that ONNX Runtime, OpenVINO and OpenCV
give with those of `layertap predict`.

usage: classifiers.py LAYERTAP IMAGES FOLDER

IMAGES is a folder with the parts train and test. Pillow decodes and resizes the photographs for the other engines. A photograph
whose two largest scores are closer than 1e-4 of the largest may get either class. ONNX Runtime and OpenVINO must agree; what OpenCV
cannot read is listed.
"""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from PIL import Image, ImageOps

from compare import ENGINES

KINDS = {
    "logistic": [],
    "one-versus-rest": ["--multi-class", "one-vs-rest"],
    "svm": ["--classifier", "svm"],
    "svm, Platt": ["--classifier", "svm", "--calibrate", "platt"],
    "logistic, temperature": ["--calibrate", "temperature"],
    "principal components": ["--pca", "20"],
    "normalized rows": ["--normalize-rows"],
    "nearest mean": ["--classifier", "nearest-mean"],
}
COUNT = 200


def network_input(path, preprocessing):
    """An image as the network gets it, by the rule `short`."""
    assert preprocessing["resize"] == "short", preprocessing
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    short, size = int(preprocessing["size"] / preprocessing["cropFraction"]), preprocessing["size"]
    width, height = image.size
    sides = (short, short * height // width) if width <= height else (short * width // height, short)
    image = image.resize(sides, getattr(Image.Resampling, preprocessing["interpolation"].upper()))
    left, top = round((sides[0] - size) / 2), round((sides[1] - size) / 2)
    pixels = np.asarray(image.crop((left, top, left + size, top + size)), np.float64)
    x = (pixels / preprocessing["scale"] - preprocessing["mean"]) / preprocessing["standardDeviation"]
    x = x[:, :, ::-1] if preprocessing["channels"] == "bgr" else x
    return x.transpose(2, 0, 1)[None].astype(np.float32)


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout


def main():
    warnings.filterwarnings("ignore")
    layertap, images, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    photographs = sorted([*images.glob("test/*/*"), *images.glob("train/*/*")])[:COUNT]
    failures = 0
    for name, options in KINDS.items():
        model, file = folder / "model.layertap", folder / "model.onnx"
        run(layertap, "train", images, "--layers", "blocks.10", "--store", folder / "store", "--output", model, *options)
        run(layertap, "export", model, "--onnx", file)
        onnx.checker.check_model(str(file), full_check=True)
        answers = json.loads(run(layertap, "predict", model, *photographs, "--format", "json"))
        expected = [answer["predictions"][0]["class"] for answer in answers]
        session = onnxruntime.InferenceSession(str(file))
        metadata, outputs = session.get_modelmeta().custom_metadata_map, [output.name for output in session.get_outputs()]
        classes, preprocessing = json.loads(metadata["layertap.classes"]), json.loads(metadata["layertap.preprocessing"])
        inputs = [network_input(path, preprocessing) for path in photographs]
        deciding = "probabilities" if "platt" in options else "scores"
        line = [f"{name:24}"]
        for engine, load, compute in ENGINES:
            try:
                loaded = load(file)
                values = np.concatenate([compute(loaded, x, outputs)[deciding].reshape(1, -1) for x in inputs])
            except Exception as error:  # Each engine has errors of its own.
                failures += engine != "OpenCV"
                line.append(f"{engine}: {str(error).strip().splitlines()[-1][:120]}")
                continue
            ordered = np.sort(values, axis=1)
            is_close = ordered[:, -1] - ordered[:, -2] <= 1e-4 * np.abs(values).max(axis=1)
            others = sum(classes[value.argmax()] != truth and not close
                         for value, truth, close in zip(values, expected, is_close))
            failures += engine != "OpenCV" and others > 0
            line.append(f"{engine}: {others} of {len(expected)} differ")
        print("  ".join(line), flush=True)
    print(f"{len(KINDS)} classifiers, {failures} failures")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
