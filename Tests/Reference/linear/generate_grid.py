"""Writes grid.json, optima for data sets, values of C, losses, penalties and sample weights, and the small data sets beside it.

    python Tests/Reference/linear/generate_grid.py LAYERTAP IMAGES [NAME...]

LAYERTAP is the built program, and IMAGES is the folder images of the test data. If names are given, only these data sets are
computed again. The small data sets are scikit-learn's own, whole and as float32 (BSD license; iris, wine and breast cancer
come from the UCI repository, and digits come from NIST's forms through this repository). iris_pair consists of the two
classes of iris that no line separates. It is the only data set that has an optimum without a penalty. The features of the
photographs have the same bits on every machine with the same libjpeg-turbo, so only their SHA-256 is kept. They are those of
clothing/train, and of the first 25 classes of caltech (svm.json has all 99). Columns are standardized in float64 with n in
the denominator. Weighted rows have the weights 0, 0.5, 1, 1.5 in turn.

grid.json does not have an optimum for every problem. ReferenceGridTests lists those that it has. These are left out:
Crammer and Singer's loss on the features of photographs, whose dense Hessian would have 10,000 and more rows; L1 and elastic
net on clothing, and on caltech at C = 100, since the proximal Newton method would take hours in NumPy; the multinomial loss
with L1 on digits at C = 100, since its fit ends with a gap of 1.5e-6 of the objective, which proves nothing about the ninth
digit. Without a penalty, only classes that overlap have an optimum.

For each problem, its solver in grid_solvers.py or grid_sparse.py names a public tool. This tool begins, at the tightest
tolerance that it reaches in reasonable time. Float64 NumPy continues until a duality gap says that the optimum is reached.
This gap is kept. The coefficients, outputs times scaled columns, are not kept, but their norm is, and 16 projections on
vectors of +1 and -1. The root mean square of the differences of projections estimates the norm of the difference of
coefficients. Two classes have one score, except for Crammer and Singer's loss. The versions of the tools are kept too.
'pip install -r requirements.txt' beside this file installs these versions. The script takes half an hour on one core.
"""

import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version

import numpy as np
from sklearn import datasets

import grid_solvers as smooth
import grid_sparse as sparse

here = os.path.dirname(os.path.abspath(__file__))
# Each entry has a loss, a penalty, the share of the L1 norm in this penalty, and a solver.
table = [
    ("multinomial", "l2", 0, smooth.multinomial),
    ("one-vs-rest", "l2", 0, smooth.one_versus_rest),
    ("squared-hinge", "l2", 0, smooth.squared_hinge),
    ("hinge", "l2", 0, smooth.hinge),
    ("crammer-singer", "l2", 0, smooth.crammer_singer),
    ("multinomial", "l1", 1, sparse.penalised(1, 0)),
    ("multinomial", "elastic-net", 0.5, sparse.penalised(0.5, 0.5)),
    ("one-vs-rest", "l1", 1, sparse.one_versus_rest(1, 0)),
    ("one-vs-rest", "elastic-net", 0.5, sparse.one_versus_rest(0.5, 0.5)),
    ("multinomial", "none", 0, sparse.unpenalised),
]
tools = ["scikit-learn", "liblinear-official", "numpy", "scipy"]


def bundled(name):
    data = getattr(datasets, "load_" + name.removesuffix("_pair"))()
    features, labels = data.data.astype(np.float32), data.target
    if name == "iris_pair":
        return features[50:], labels[50:] - 1, {}
    os.makedirs(os.path.join(here, "data"), exist_ok=True)
    np.savez_compressed(os.path.join(here, "data", name + ".npz"), X=features, y=labels.astype(np.int64))
    return features, labels, {}


def photographs(name):
    with tempfile.TemporaryDirectory() as scratch:
        output = os.path.join(scratch, "features.npy")
        subprocess.run([sys.argv[1], "extract", os.path.join(sys.argv[2], name), "--output", output,
                        "--store", os.path.join(scratch, "store")], check=True, stdout=subprocess.DEVNULL)
        features = np.load(output)
        with open(os.path.join(scratch, "features.csv"), newline="") as table:
            items = list(csv.DictReader(table))
    labels = np.array([item["label"] for item in items])
    if name == "clothing":
        used = np.array([item["split"] == "train" for item in items])
    else:
        used = np.isin(labels, sorted(set(labels))[:25])
    features, labels = features[used], labels[used]
    digest = hashlib.sha256(features.tobytes()).hexdigest()
    return features, np.unique(labels, return_inverse=True)[1], dict(featuresSHA256=digest)


def projections(W):
    """16 sums of W's elements with signs. Bits 0 to 15 of SplitMix64's e-th number give the 16 signs of element e."""
    with np.errstate(over="ignore"):
        z = np.arange(1, W.size + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return [float(W.ravel() @ np.where(z >> np.uint64(bit) & np.uint64(1), -1.0, 1.0)) for bit in range(16)]


def fits(name, features, labels):
    X = features.astype(np.float64)
    deviation = X.std(0)
    X = (X - X.mean(0)) / np.where(deviation == 0, 1, deviation)
    for weighted in [False, True]:
        s = np.arange(len(labels)) % 4 * 0.5 if weighted else np.ones(len(labels))
        for C in [1e-4, 1e-2, 1, 100]:
            problem = smooth.Problem(X, labels, s, int(labels.max()) + 1, C)
            for loss, penalty, ratio, solve in table:
                if penalty == "none" and C != 1:
                    continue
                start = time.time()
                found = solve(problem)
                if found is None:
                    continue
                print(f"{name} C {C} {loss} {penalty} {'weighted ' if weighted else ''}{found.objective:.17g}, gap "
                      f"{found.gap / found.objective:.1e} of it, {found.solver}, {time.time() - start:.1f} s", flush=True)
                yield dict(
                    loss=loss, penalty=penalty, l1Ratio=ratio, c=C, weighted=weighted, objective=found.objective,
                    gap=float(f"{found.gap:.2g}"), solver=found.solver, norm=float(np.linalg.norm(found.W)),
                    projections=[float(f"{v:.9g}") for v in projections(found.W)])


path = os.path.join(here, "grid.json")
names = sys.argv[3:] or ["iris", "iris_pair", "wine", "breast_cancer", "digits", "clothing", "caltech"]
made = {}
if sys.argv[3:] and os.path.exists(path):
    with open(path) as file:
        made = {item["name"]: item for item in json.load(file)["sets"]}
for name in names:
    features, labels, extra = photographs(name) if name in ["clothing", "caltech"] else bundled(name)
    made[name] = dict(name=name, rows=len(labels), **extra, fits=list(fits(name, features, labels)))
    with open(path, "w") as file:
        versions = {tool: version(tool) for tool in tools}
        text = json.dumps(dict(versions=versions, sets=list(made.values())), separators=(",", ":"))
        file.write(text.replace('{"loss"', '\n{"loss"').replace('{"name"', '\n{"name"') + "\n")
