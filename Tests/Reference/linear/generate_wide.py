"""Writes wide.json: scikit-learn's objectives on a problem as wide as a backbone's pooled features.

    python Tests/Reference/linear/generate_wide.py

The problem has 400 rows of 1,280 columns, 10 classes, and many zeros, as after a ReLU. The numbers come from SplitMix64 and
are multiples of 1/256, so that the test makes the same numbers and only objectives are kept. Made with scikit-learn 1.9.1,
NumPy 2.4.6. Two solvers run at the tightest tolerance, and the lower objective is written.
"""

import json
import os
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
rows, columns, classes = 400, 1280, 10


def hashed(counter):
    with np.errstate(over="ignore"):
        z = np.asarray(counter, np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (z ^ (z >> np.uint64(31))).astype(np.int64) & 1023


y = np.arange(rows) % classes
noise = hashed(np.arange(1, rows * columns + 1)).reshape(rows, columns)
means = (hashed(10**9 + np.arange(classes * columns)) & 1).reshape(classes, columns)
raw = np.maximum(0, noise + 120 * means[y] - 500) / 256

fits = []
for rule in ["none", "std"]:
    X = raw if rule == "none" else (raw - raw.mean(0)) / raw.std(0)
    for C in [0.001, 0.1, 10]:
        best = np.inf
        for solver in ["newton-cg", "lbfgs"]:
            model = LogisticRegression(C=C, solver=solver, tol=1e-12, max_iter=5000).fit(X, y)
            z = X @ model.coef_.T + model.intercept_
            top = z.max(1)
            loss = np.log(np.exp(z - top[:, None]).sum(1)) + top - z[np.arange(rows), y]
            best = min(best, 0.5 * (model.coef_ ** 2).sum() + C * loss.sum())
        fits.append(dict(standardization=rule, c=C, objective=best))

with open(os.path.join(os.path.dirname(__file__), "wide.json"), "w") as file:
    json.dump(fits, file, indent=0)
    file.write("\n")
