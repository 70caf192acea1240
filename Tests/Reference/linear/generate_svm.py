"""Writes svm.json: optima of linear SVMs on LayerTap's own features of the test data's photographs.

    python Tests/Reference/linear/generate_svm.py LAYERTAP IMAGES

LAYERTAP is the built program, and IMAGES is the folder images of the test data. The features' bits are the same on every
machine with the same libjpeg-turbo, so only their SHA-256 and the objectives are kept. The photographs are clothing/train and
all of caltech.
Squared hinge: LIBLINEAR's primal trust region Newton method runs with a free intercept (-s 2 -B 1 -R) at its default
tolerance, since tight ones take hours at large C. NumPy then solves the optimality conditions of its support vectors in
float64 until these vectors stay the same.
Hinge: LIBSVM runs through scikit-learn's SVC with a linear kernel, one class against the rest. It keeps the kernel in
float32, so NumPy solves the optimality conditions of its free support vectors once in float64.
Objectives are evaluated in float64 for weights of scaled features. The lowest one counts, and they are summed over classes.
The last problem has two classes. Made with liblinear-official 2.50.0, scikit-learn 1.9.1, NumPy 2.4.6, libjpeg-turbo 2.1.5.
The script takes some minutes.
"""

import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from liblinear.liblinearutil import train
from sklearn.datasets import load_breast_cancer
from sklearn.svm import SVC

warnings.filterwarnings("ignore")


def squared_hinge(X, K, sign, C):
    model = train(sign, X, f"-s 2 -c {C} -B 1 -R -e 0.01 -q")
    w, b = model.get_decfun()
    w, b = (np.array(w), b) if model.get_labels()[0] == 1 else (-np.array(w), -b)
    best = value(X, sign, C, w, b, 2)
    # From here on, Newton's method runs in the dual. Rows within the margin have shortfall alpha / 2C, and sign * alpha sums to 0.
    for _ in range(50):
        rows = sign * (X @ w + b) < 1
        count = rows.sum()
        system = np.block([[K[np.ix_(rows, rows)] + np.eye(count) / (2 * C), np.ones((count, 1))],
                           [np.ones((1, count)), np.zeros((1, 1))]])
        solved = np.linalg.solve(system, np.append(sign[rows], 0))
        w, b = X[rows].T @ solved[:-1], solved[-1]
        found = value(X, sign, C, w, b, 2)
        if abs(found - best) <= 1e-14 * best:
            return min(best, found)
        best = min(best, found)
    raise RuntimeError("the support vectors did not settle")


def hinge(X, K, sign, C):
    model = SVC(kernel="precomputed", C=C, tol=1e-8, cache_size=1000).fit(K, sign)
    beta = np.zeros(len(sign))
    beta[model.support_] = model.dual_coef_[0]
    free = (abs(beta) > 0) & (abs(beta) < C * (1 - 1e-7))
    bounded = np.where(free, 0, beta)
    found = [(beta, model.intercept_[0])]
    if free.any():
        # Free support vectors have margin 1, so K beta + b = sign for them, and the beta sum to 0.
        count = free.sum()
        system = np.block([[K[np.ix_(free, free)], np.ones((count, 1))], [np.ones((1, count)), np.zeros((1, 1))]])
        right = np.append(sign[free] - K[free] @ bounded, -bounded.sum())
        solved = np.linalg.lstsq(system, right, rcond=None)[0]
        refined = bounded.copy()
        refined[free] = solved[:-1]
        found.append((refined, solved[-1]))
    best = np.inf
    for coefficients, b in found:
        w = X.T @ coefficients
        # The objective is piecewise linear in the intercept, so the best intercept for these weights is at a kink.
        kinks = sign - X @ w
        for k in [b, *kinks[np.argsort(abs(kinks - b))[:50]]]:
            best = min(best, value(X, sign, C, w, k, 1))
    return best


def value(X, sign, C, w, b, power):
    return 0.5 * w @ w + C * (np.maximum(0, 1 - sign * (X @ w + b)) ** power).sum()


def objectives(raw, labels, rule):
    X = raw.astype(np.float64)
    if rule == "std":
        X = (X - X.mean(0)) / X.std(0)
    K = X @ X.T
    names = sorted(set(labels))
    names = names[1:] if len(names) == 2 else names
    fits = []
    for C in [0.001, 0.1, 10]:
        for loss, solve in [("squared-hinge", squared_hinge), ("hinge", hinge)]:
            total = sum(solve(X, K, np.where(labels == name, 1.0, -1.0), C) for name in names)
            fits.append(dict(standardization=rule, c=C, loss=loss, objective=total))
            print(rule, C, loss, total, flush=True)
    return fits


sets = []
for name, folder, split, rules in [("clothing", "clothing", "train", ["none", "std"]), ("caltech", "caltech", "", ["std"])]:
    with tempfile.TemporaryDirectory() as scratch:
        output = os.path.join(scratch, "features.npy")
        subprocess.run([sys.argv[1], "extract", os.path.join(sys.argv[2], folder), "--output", output,
                        "--store", os.path.join(scratch, "store")], check=True)
        features = np.load(output)
        with open(os.path.join(scratch, "features.csv"), newline="") as table:
            items = list(csv.DictReader(table))
    rows = np.array([item["split"] == split for item in items])
    labels = np.array([item["label"] for item in items])[rows]
    fits = [fit for rule in rules for fit in objectives(features[rows], labels, rule)]
    digest = hashlib.sha256(features[rows].tobytes()).hexdigest()
    sets.append(dict(name=name, split=split, rows=int(rows.sum()), featuresSHA256=digest, fits=fits))

data = load_breast_cancer()
X32, y = data.data[:300].astype(np.float32), data.target[:300]
sets.append(dict(name="breast_cancer", rows=300, columns=X32.shape[1], labels=y.tolist(),
                 features=[float(str(v)) for v in X32.ravel()], fits=objectives(X32, y, "std")))

with open(os.path.join(os.path.dirname(__file__), "svm.json"), "w") as file:
    json.dump(sets, file, separators=(",", ":"))
    file.write("\n")
