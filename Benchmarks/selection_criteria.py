"""Compares the criteria for the choice of C and the model with unbalanced classes: chooses by each of LayerTap's criteria and
evaluates on held-out images.

Sets: data/surfaces with half of its classes cut to a few images, data/digits as "is it a 0" with few zeros and with half of its
classes cut, and Gaussian clouds with rare classes. Test parts have all classes in equal numbers, to measure each class's recall well.
"accuracy" is the mean recall weighted by the classes' shares of the training images, "balanced" the plain mean, "macro F1" that of
the confusion matrix with the same weights. All draws have fixed seeds, so the numbers are the same each time.

Requires NumPy and a built layertap: python3 Benchmarks/selection_criteria.py [--draws N] [--layertap FILE] [--classifier KIND]
"""

import argparse
import json
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
CRITERIA = ["accuracy", "balanced-accuracy", "macro-f1", "log-loss"]


def features(tool, folder, scratch):
    """Features of a folder's images: X, labels, and whether each row is a test row."""
    target = scratch / f"{folder.name}.npy"
    subprocess.run(
        [tool, "extract", folder, "--store", scratch / f"{folder.name}.store", "--output", target],
        check=True, capture_output=True,
    )
    rows = np.genfromtxt(target.with_suffix(".csv"), delimiter=",", names=True, dtype=None, encoding="utf-8")
    return np.load(target), rows["label"].astype(str), rows["split"] == "test"


def cut(X, y, is_test, keep, random):
    """A training part with at most keep[c] rows of class c; the whole test part."""
    rows = []
    for name in np.unique(y):
        own = np.flatnonzero((y == name) & ~is_test)
        rows += list(random.permutation(own)[: keep[name]])
    rows = np.sort(rows)
    return (X[rows], y[rows]), (X[is_test], y[is_test])


def halves(y, rare, frequent, random):
    names = random.permutation(np.unique(y))
    return {name: rare if i < len(names) // 2 else frequent for i, name in enumerate(names)}


def clouds(classes, columns, rare, frequent, shift, random):
    """Gaussian clouds. The first class is frequent, each other class with probability 1/2. 200 test rows for each class."""
    means = random.normal(size=(classes, columns)) * shift / np.sqrt(columns)
    sizes = [frequent if c == 0 or (c > 1 and random.random() < 0.5) else rare for c in range(classes)]

    def draw(sizes):
        y = np.repeat(np.arange(classes), sizes)
        return (means[y] + random.normal(size=(len(y), columns))).astype("f4"), np.char.mod("c%02d", y)

    return draw(sizes), draw([200] * classes)


def problems(tool, scratch, draws):
    for folder, frequent, rares in (("surfaces", 24, (3, 6, 12)), ("digits", 60, (4, 12, 30))):
        X, y, is_test = features(tool, ROOT / "data" / folder, scratch)
        for rare in rares:
            for draw in range(draws):
                random = np.random.default_rng([1, rare, draw])
                yield f"{folder}, {rare} : {frequent}", *cut(X, y, is_test, halves(y, rare, frequent, random), random)
        if folder == "digits":
            zero = np.where(y == "0", "zero", "other")
            for rare in (5, 15):
                for draw in range(draws):
                    random = np.random.default_rng([2, rare, draw])
                    keep = {"zero": rare, "other": 300}
                    yield f"digits, is it a 0, {rare} : 300", *cut(X, zero, is_test, keep, random)
    for classes, rare, frequent in ((2, 6, 300), (2, 20, 300), (2, 100, 200), (5, 8, 100), (5, 50, 100), (10, 5, 60), (10, 30, 60)):
        for draw in range(2 * draws):
            random = np.random.default_rng([3, classes, rare, draw])
            columns, shift = int(random.choice([5, 20, 60])), float(random.choice([2, 3, 4]))
            yield f"clouds, {classes} classes, {rare} : {frequent}", *clouds(
                classes, columns, rare, frequent, shift, random)


def judged(tool, train, test, criterion, classifier):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        np.savez(folder / "train.npz", X=train[0], y=train[1])
        np.savez(folder / "test.npz", X=test[0], y=test[1])
        run = dict(check=True, capture_output=True, text=True)
        subprocess.run(
            [tool, "train", "train.npz", "--output", "m.layertap", "--select-by", criterion, "--classifier", classifier,
             "--threads", "1"], cwd=folder, **run)
        said = json.loads(
            subprocess.run([tool, "evaluate", "m.layertap", "test.npz", "--format", "json", "--bootstrap", "0"], cwd=folder, **run).stdout)
    counts = np.array(said["confusion"], float)
    names, sizes = np.unique(train[1], return_counts=True)
    assert [entry["class"] for entry in said["classes"]] == list(names)
    recalls = np.diag(counts) / counts.sum(1)
    shares = sizes / sizes.sum()
    weighted = counts / counts.sum(1, keepdims=True) * shares[:, None]
    f1 = 2 * np.diag(weighted) / (weighted.sum(0) + weighted.sum(1))
    return np.array([shares @ recalls, recalls.mean(), f1.mean(), recalls.min(), said.get("logLoss", np.nan)])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--layertap", default=ROOT / ".build/release/layertap")
    parser.add_argument("--classifier", default="logistic")
    options = parser.parse_args()
    criteria = CRITERIA if options.classifier == "logistic" else CRITERIA[:3]
    tool = Path(options.layertap).resolve()
    found = {}
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
        waiting = [
            (name, criterion, pool.submit(judged, tool, train, test, criterion, options.classifier))
            for name, train, test in problems(tool, Path(scratch), options.draws)
            for criterion in criteria
        ]
        for name, criterion, result in waiting:
            found.setdefault(name, {}).setdefault(criterion, []).append(result.result())
    print("| set (rare : frequent) | chosen by | accuracy | balanced | macro F1 | worst recall | log loss | balanced, less that by accuracy |")
    print("|---|---|---|---|---|---|---|---|")
    for name, own in found.items():
        first = np.array(own["accuracy"])
        for criterion in criteria:
            values = np.array(own[criterion])
            difference = 100 * (values - first)[:, 1]
            error = difference.std(ddof=1) / np.sqrt(len(difference))
            shown = [f"{100 * value:.1f}" for value in values.mean(0)[:4]] + [f"{values.mean(0)[4]:.3f}"]
            print(f"| {name} | {criterion} | {' | '.join(shown)} | {difference.mean():+.1f} ± {error:.1f} |")


main()
