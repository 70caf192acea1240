"""Does the measure of novelty find images unlike the training images? The command trains `layertap train --novelty` and prints the
area under the ROC curve (AUROC) of the novelty of known test images against unknown images. The peers are measures on the same
features by NumPy and scikit-learn: the distance of the nearest training image (Euclidean and cosine), and the smallest
Mahalanobis distance from a class mean, with Ledoit and Wolf's covariance within classes.

Sets: caltech with ten classes left out, in several draws (every fourth image of a known class is a test image), and data/surfaces
against 200 photographs of clothing. Photographs come from the folder of test data (--data, or LAYERTAP_TESTDATA).
"""

import argparse
import csv
import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score

ROOT = Path(__file__).resolve().parent.parent
ENDINGS = {".jpg", ".jpeg", ".png"}


def layertap(ours, *words):
    return subprocess.run([ours, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def images(folder):
    """The images by class."""
    return {
        path.name: sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS)
        for path in sorted(folder.iterdir()) if path.is_dir()
    }


def table(work, name, rows):
    path = work / f"{name}-images.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *rows])
    return path


def features(ours, work, store, name, rows):
    output = work / f"{name}.npy"
    layertap(ours, "extract", "--labels", table(work, name, rows), "--store", store, "--output", output, "--force")
    return np.load(output).astype(float), np.array([label for _, label in rows])


def squares(a, b):
    return np.maximum((a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * a @ b.T, 0)


def peers(train, labels):
    unit = lambda rows: rows / np.linalg.norm(rows, axis=1, keepdims=True)
    names = np.unique(labels)
    means = np.stack([train[labels == name].mean(0) for name in names])
    covariance = LedoitWolf(assume_centered=True).fit(train - means[np.searchsorted(names, labels)]).covariance_
    whitening = np.linalg.cholesky(np.linalg.inv(covariance))
    return {
        "nearest": lambda rows: squares(rows, train).min(1),
        "nearest by cosine": lambda rows: 1 - (unit(rows) @ unit(train).T).max(1),
        "Mahalanobis": lambda rows: squares(rows @ whitening, means @ whitening).min(1),
    }


def measure(ours, work, name, train, known, novel):
    store = work / "store"
    rows, labels = features(ours, work, store, "train", train)
    parts = [features(ours, work, store, part, images)[0] for part, images in [("known", known), ("novel", novel)]]
    truth = np.repeat([0, 1], [len(part) for part in parts])
    model = work / "model.layertap"
    # The measure does not depend on C.
    layertap(ours, "train", work / "train-images.csv", "--store", store, "--c", "1", "--novelty", "--output", model)
    answers = []
    for images in [known, novel]:
        for first in range(0, len(images), 500):
            paths = [path for path, _ in images[first : first + 500]]
            answers += json.loads(layertap(ours, "predict", model, *paths, "--format", "json"))
    distances = [answer["novelty"]["distance"] for answer in answers]
    unlike = np.array([answer["novelty"]["unlike"] for answer in answers])
    result = {"layertap": roc_auc_score(truth, distances)}
    for peer, score in peers(rows, labels).items():
        result[peer] = roc_auc_score(truth, np.concatenate([score(part) for part in parts]))
    print(
        f"{name}: " + ", ".join(f"{peer} {value:.4f}" for peer, value in result.items())
        + f"; called unlike: {100 * unlike[truth == 0].mean():.1f} % of known, {100 * unlike[truth == 1].mean():.1f} % of unknown; "
        f"model {model.stat().st_size / 1e6:.2f} MB",
        flush=True,
    )
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", default="layertap", help="the command")
    parser.add_argument("--data", default=os.environ.get("LAYERTAP_TESTDATA"), help="the folder of test data")
    parser.add_argument("--draws", type=int, default=5)
    options = parser.parse_args()
    if not options.data:
        parser.error("name the folder of test data with --data or LAYERTAP_TESTDATA")
    photographs = Path(options.data).resolve() / "images"
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        results = []
        caltech = images(photographs / "caltech")
        for draw in range(options.draws):
            unknown = set(np.random.default_rng(draw).choice(sorted(caltech), 10, replace=False))
            train = [(p, c) for c, files in caltech.items() if c not in unknown for i, p in enumerate(files) if i % 4]
            known = [(p, c) for c, files in caltech.items() if c not in unknown for i, p in enumerate(files) if i % 4 == 0]
            novel = [(p, c) for c in sorted(unknown) for p in caltech[c]]
            results.append(measure(options.ours, work, f"caltech, draw {draw}", train, known, novel))
        if results:
            print("caltech, mean: " + ", ".join(f"{peer} {np.mean([r[peer] for r in results]):.4f}" for peer in results[0]))
        surfaces = [[(p, c) for c, files in images(ROOT / "data/surfaces" / part).items() for p in files] for part in ["train", "test"]]
        clothes = [(p, c) for c, files in images(photographs / "clothing/test").items() for p in files]
        chosen = np.random.default_rng(0).choice(len(clothes), 200, replace=False)
        measure(options.ours, work, "surfaces against clothing", *surfaces, [clothes[index] for index in chosen])


if __name__ == "__main__":
    main()
