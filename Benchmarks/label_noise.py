"""Plants wrong labels and measures how well they are found: by `layertap audit`, and by cleanlab's scores.

Wrong labels are a share of all labels (5, 10 or 20 %), drawn with a seed. A wrong label is any other class ("uniform"), or the class
whose mean is nearest in standardized features ("similar"). The figure is the area under the curve of precision and recall (average
precision) when labels are sorted by their score, the mean over the seeds. cleanlab's scores come from out-of-fold probabilities of a
logistic regression (5 folds, C chosen in cross-validation), which `layertap train --predictions` writes. The best of cleanlab's
scores is the best for that row of the table. "counted" is the estimated number of wrong labels, minus the estimate before wrong
labels were planted, divided by the number of planted ones.

Sets: all images of clothing and caltech from the folder of test data (--data, or LAYERTAP_TESTDATA: images/clothing, images/caltech),
and data/digits, with pooled features of EfficientNet-Lite0. Benchmarks/label_noise installs the requirements.
"""

import argparse
import csv
import json
import os
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import machine
import numpy as np
from measuring import publish, run

ROOT = Path(__file__).resolve().parent.parent
SETS = ["clothing", "caltech", "digits"]
SHARES = [0.05, 0.1, 0.2]
KINDS = ["uniform", "similar"]
METHODS = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]


def listed(name, data):
    """Path and label of every image of a set. Splits are ignored."""
    folder = ROOT / "data/digits" if name == "digits" else Path(data or "") / "images" / name
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: --data or LAYERTAP_TESTDATA names the folder of test data")
    parts = [folder] if name == "caltech" else [part for part in sorted(folder.iterdir()) if part.is_dir()]
    for part in parts:
        for label in sorted(path for path in part.iterdir() if path.is_dir()):
            for path in sorted(label.iterdir()):
                yield path.resolve(), label.name


def features(name, arguments, folder):
    """Features and classes of the set's different images."""
    with open(folder / "images.csv", "w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *listed(name, arguments.data)])
    run([arguments.ours, "extract", "--labels", folder / "images.csv", "--store", folder, "--output", folder / "all.npy"])
    X = np.load(folder / "all.npy")
    with open(folder / "all.csv", newline="") as file:
        labels = [row["label"] for row in csv.DictReader(file)]
    _, first = np.unique(X, axis=0, return_index=True)
    first = np.sort(first)
    names, y = np.unique(np.array(labels)[first], return_inverse=True)
    np.save(folder / "X.npy", X[first])
    return X[first].astype("f8"), y, names


def neighbors(X, y):
    """For each class the class with the nearest mean."""
    spread = X.std(0)
    F = (X - X.mean(0)) / np.where(spread > 0, spread, 1)
    means = np.array([F[y == c].mean(0) for c in range(y.max() + 1)])
    distances = ((means[:, None] - means[None]) ** 2).sum(-1)
    np.fill_diagonal(distances, np.inf)
    return distances.argmin(1)


def planted(y, near, share, kind, seed):
    random = np.random.default_rng(seed)
    count = y.max() + 1
    rows = random.permutation(len(y))[: round(share * len(y))]
    given = y.copy()
    given[rows] = (y[rows] + random.integers(1, count, len(rows))) % count if kind == "uniform" else near[y[rows]]
    return given


def table(labels, names, path):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *((f"{row}", names[label]) for row, label in enumerate(labels))])


def ours(labels, names, arguments, folder):
    """The score of each label, and the estimated number of wrong labels."""
    table(labels, names, folder / "labels.csv")
    done = run([arguments.ours, "audit", folder / "X.npy", "--labels", folder / "labels.csv", "--format", "json",
                "--scores", folder / "scores.csv", "--near", "1"])
    scores = np.full(len(labels), np.nan)
    with open(folder / "scores.csv", newline="") as file:
        for row in csv.DictReader(file):
            scores[int(row["path"])] = float(row["score"])
    return scores, json.loads(done.printed)["labels"]["estimate"], done.seconds


def theirs(labels, names, arguments, folder):
    """cleanlab's score of each label by each method, and its number of label issues."""
    from cleanlab.count import num_label_issues
    from cleanlab.rank import get_label_quality_scores

    # The table of labels is still there.
    run([arguments.ours, "train", folder / "X.npy", "--labels", folder / "labels.csv", "--predictions", folder / "held.npz",
         "--output", folder / "model.layertap"])
    with np.load(folder / "held.npz") as held:
        order = np.argsort([int(path) for path in held["path"]])
        probabilities = held["probabilities"][order]
        columns = [list(held["classes"]).index(name) for name in names]
    probabilities = probabilities[:, columns]
    assert len(probabilities) == len(labels)
    found = {}
    for method in METHODS:
        for adjusted in [False, True] if method != "confidence_weighted_entropy" else [False]:
            name = method + (", adjusted" if adjusted else "")
            found[name] = get_label_quality_scores(labels, probabilities, method=method, adjust_pred_probs=adjusted)
    return found, num_label_issues(labels, probabilities)


def measured(name, arguments):
    """The rows of the table for a set."""
    from sklearn.metrics import average_precision_score

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        X, y, names = features(name, arguments, folder)
        near = neighbors(X, y)
        _, base, seconds = ours(y, names, arguments, folder)
        _, peer_base = theirs(y, names, arguments, folder)
        yield f"| {name}: {len(y)} images, {len(names)} classes | none | 0 | | | | | {base:.1f} labels | {peer_base} labels |"
        for kind in KINDS:
            for share in SHARES:
                own, peer, counts, peer_counts = [], {}, [], []
                for seed in range(arguments.seeds):
                    given = planted(y, near, share, kind, seed)
                    is_wrong = given != y
                    scores, estimate, _ = ours(given, names, arguments, folder)
                    own.append(average_precision_score(is_wrong, -scores))
                    found, peer_count = theirs(given, names, arguments, folder)
                    for method, quality in found.items():
                        peer.setdefault(method, []).append(average_precision_score(is_wrong, -quality))
                    counts.append((estimate - base) / is_wrong.sum())
                    peer_counts.append((peer_count - peer_base) / is_wrong.sum())
                means = {method: statistics.mean(values) for method, values in peer.items()}
                best = max(means, key=means.get)
                line = (f"| {name} | {kind} | {share:.0%} | {statistics.mean(own):.3f} | {means[best]:.3f} | "
                        f"{statistics.mean(own) - means[best]:+.3f} | {best} | {statistics.mean(counts):.2f} | "
                        f"{statistics.mean(peer_counts):.2f} |")
                print(line, file=sys.stderr)
                yield line


def large(arguments):
    """Time and memory for generated features of 100,000 images, 1,280 values and 100 classes, with 5 % wrong labels."""
    rows, columns, classes = 100_000, 1280, 100
    random = np.random.default_rng(0)
    y = random.integers(classes, size=rows)
    given = np.where(random.random(rows) < 0.05, (y + random.integers(1, classes, rows)) % classes, y)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        folder = Path(scratch)
        X = np.lib.format.open_memmap(folder / "X.npy", "w+", "f4", (rows, columns))
        centers, mixing = random.normal(size=(classes, 64)), random.normal(size=(64, columns)) / 8
        for start in range(0, rows, 10_000):
            part = slice(start, start + 10_000)
            latent = centers[y[part]] + 1.5 * random.normal(size=(len(y[part]), 64))
            X[part] = np.maximum(latent @ mixing + 0.5 * random.normal(size=(len(latent), columns)) + 0.5, 0)
        X.flush()
        del X
        table(given, np.char.mod("%03d", np.arange(classes)), folder / "labels.csv")
        done = run([arguments.ours, "audit", folder / "X.npy", "--labels", folder / "labels.csv", "--format", "json",
                    "--scores", folder / "scores.csv"])
        found = json.loads(done.printed)
        return [
            "", f"{rows:,} images, {columns:,} values, {classes} classes, generated, {(given != y).sum():,} wrong labels: "
            f"{done.seconds:.0f} s, {done.memory / 1e9:.2f} GB; {found['labels']['estimate']:,.0f} labels counted, "
            f"{found['duplicates']['pairs']} pairs.",
        ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, help="the command layertap")
    parser.add_argument("--sets", nargs="*", choices=SETS, default=SETS)
    parser.add_argument("--data", default=os.environ.get("LAYERTAP_TESTDATA"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="also time 100,000 generated images")
    parser.add_argument("--folder", help="the folder for the generated features")
    parser.add_argument("--output")
    arguments = parser.parse_args()
    lines = [
        "# Planted wrong labels", "", f"cleanlab {version('cleanlab')}, scikit-learn {version('scikit-learn')}; "
        f"{arguments.seeds} seeds. {machine.description()}", "",
        "| set | wrong labels | share | LayerTap | cleanlab's best | difference | its score | counted | counted by cleanlab |",
        "|---|---|---:|---:|---:|---:|---|---:|---:|",
    ]
    for name in arguments.sets:
        lines += measured(name, arguments)
    if arguments.large:
        lines += large(arguments)
    publish(lines, arguments.output)


if __name__ == "__main__":
    main()
