"""Finds all pairs of rows with a cosine of at least 0.97 in features on disk, by `layertap audit --only duplicate`. Prints seconds,
the peak of anonymous memory (RssAnon) and the number of planted pairs that are found. The cosine of every pair that is found is
computed again by NumPy. With --check NumPy also compares all rows; that takes long above 100,000 rows.

The rows are normally distributed, with the mean and the covariance of EfficientNet-Lite0's pooled features of all images of clothing
and caltech, from the folder of test data (--data, or LAYERTAP_TESTDATA: images/clothing, images/caltech). A planted row is an
earlier row, turned so far that their cosine is a number between 0.9701 and 0.9999, and scaled. It is turned in the direction of a
row of the same distribution. With --cgroup the search runs in a control group with this limit in bytes, including the file's pages,
if one can be made. Benchmarks/near_pairs installs the requirements.
"""

import argparse
import csv
import os
import sys
import tempfile
from pathlib import Path

import machine
import numpy as np
from label_noise import listed
from measuring import control_group, publish, run, watched

THRESHOLD = 0.97
BLOCK = 20_000


class Rows:
    """Normally distributed rows, with the mean and the covariance of features."""

    def __init__(self, features):
        self.random = np.random.default_rng(0)
        self.mean = features.mean(0)
        values, vectors = np.linalg.eigh(np.cov(features, rowvar=False))
        self.factor = (vectors * np.sqrt(np.maximum(values, 0))).T.astype("f4")

    def centered(self, count):
        return self.random.standard_normal((count, len(self.factor)), "f4") @ self.factor

    def write(self, path, rows, pairs):
        """Writes a .npy file of this many rows. Returns the planted pairs, `[pairs, 2]`, the smaller row first."""
        X = np.lib.format.open_memmap(path, "w+", "f4", (rows, len(self.mean)))
        for start in range(0, rows, BLOCK):
            X[start:start + BLOCK] = self.mean + self.centered(min(BLOCK, rows - start))
        planted = self.random.permutation(rows)[: 2 * pairs].reshape(pairs, 2)
        for part in np.array_split(planted, max(1, pairs // 1000)):
            x, w = X[part[:, 0]].astype("f8"), self.centered(len(part)).astype("f8")
            norm = np.linalg.norm(x, axis=1, keepdims=True)
            x /= norm
            w -= (w * x).sum(1, keepdims=True) * x
            w /= np.linalg.norm(w, axis=1, keepdims=True)
            cosine = self.random.uniform(0.9701, 0.9999, (len(part), 1))
            scale = norm * self.random.uniform(0.5, 2, (len(part), 1))
            X[part[:, 1]] = scale * (cosine * x + np.sqrt(1 - cosine**2) * w)
        X.flush()
        del X
        # So that the reading process loads the pages.
        with open(path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return np.sort(planted, axis=1)


def features(arguments, folder):
    images = [pair for name in ["clothing", "caltech"] for pair in listed(name, arguments.data)]
    with open(folder / "images.csv", "w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *images])
    run([arguments.ours, "extract", "--labels", folder / "images.csv", "--store", folder, "--output", folder / "features.npy"])
    return np.load(folder / "features.npy").astype("f8")


def cosines(X, pairs):
    """The cosines of pairs of rows, in double precision."""
    found = np.empty(len(pairs))
    for start in range(0, len(pairs), BLOCK):
        part = pairs[start:start + BLOCK]
        x, y = X[part[:, 0]].astype("f8"), X[part[:, 1]].astype("f8")
        found[start:start + BLOCK] = (x * y).sum(1) / (np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1))
    return found


def compared(X):
    """The pairs that a comparison of all rows finds. Products in single precision leave few pairs for double precision."""
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    found = []
    for start in range(0, len(unit), 1000):
        first, second = np.nonzero(unit[start:start + 1000] @ unit[start:].T > THRESHOLD - 1e-4)
        keep = first < second
        found.append(np.stack([first[keep], second[keep]], axis=1) + start)
    pairs = np.concatenate(found)
    return pairs[cosines(X, pairs) >= THRESHOLD]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--data", default=os.environ.get("LAYERTAP_TESTDATA"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=10_000, help="planted pairs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="compare all rows by NumPy as well")
    parser.add_argument("--folder", help="for the features, which are deleted afterwards")
    parser.add_argument("--cgroup", type=int, metavar="BYTES", help="run in a control group of this size")
    parser.add_argument("--output", type=Path, help="a Markdown file for the result as well")
    arguments = parser.parse_args()
    if 2 * arguments.pairs > arguments.rows:
        parser.error("a planted pair takes two rows")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        folder = Path(scratch)
        rows = Rows(features(arguments, folder))
        planted = rows.write(folder / "X.npy", arguments.rows, arguments.pairs)
        with open(folder / "X.csv", "w") as file:
            file.write("path,label\n" + "".join(f"{row},image\n" for row in range(arguments.rows)))
        group = control_group("layertap-near-pairs", arguments.cgroup) if arguments.cgroup else None
        _, seconds, memory = watched(
            [arguments.ours, "audit", folder / "X.npy", "--only", "duplicate", "--near", THRESHOLD, "--threads", arguments.threads,
             "--output", folder / "findings.csv"], group)
        with open(folder / "findings.csv", newline="") as file:
            records = list(csv.DictReader(file))
        found = np.array([sorted([int(record["path"]), int(record["other"])]) for record in records]).reshape(-1, 2)
        groups = len({record["group"] for record in records})
        X = np.load(folder / "X.npy", mmap_mode="r")
        known = set(map(tuple, found.tolist()))
        missed = [pair for pair in map(tuple, planted.tolist()) if pair not in known]
        wrong = int((cosines(X, found) < THRESHOLD - 1e-12).sum())
        lines = [
            "# Nearly equal rows", "", f"{machine.description()}.", "",
            f"{arguments.rows:,} x {X.shape[1]:,} float32 ({X.nbytes / 1e9:.1f} GB), {arguments.threads} threads: {seconds:.0f} s, at most "
            f"{memory / 1e9:.2f} GB of anonymous memory"
            + (f", in a control group of {arguments.cgroup / 1e9:.1f} GB" if group else "")
            + f". {len(planted) - len(missed):,} of {len(planted):,} planted pairs are found; {len(found):,} pairs in all, in "
            f"{groups:,} groups; {wrong} of them have a smaller cosine.",
        ]
        is_right = not missed and not wrong and len(known) == len(found)
        if arguments.check:
            expected = set(map(tuple, compared(X).tolist()))
            is_right = is_right and known == expected
            lines.append(f"NumPy finds {len(expected):,} pairs: {len(expected - known)} missed, {len(known - expected)} too many.")
    publish(lines, arguments.output)
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
