"""Writes clothing.json: scikit-learn's optimum on LayerTap's own features of the clothing photographs.

    python Tests/Reference/linear/generate_clothing.py LAYERTAP PHOTOGRAPHS

LAYERTAP is the built program, and PHOTOGRAPHS is the folder images/clothing of the test data. The features' bits are the
same on every machine with the same libjpeg-turbo, so only their SHA-256, the objectives and the test predictions are kept.
Made with scikit-learn 1.9.1, NumPy 2.4.6, libjpeg-turbo 2.1.5. Two solvers run at the tightest tolerance, and the result with
the lower objective is written. Objectives are evaluated in float64, for weights of scaled features. If the two best scores of
a test image are within 1e-6 of each other, the image counts as a tie and is written as -1.
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
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
with tempfile.TemporaryDirectory() as folder:
    output = os.path.join(folder, "features.npy")
    subprocess.run([sys.argv[1], "extract", sys.argv[2], "--output", output, "--store", os.path.join(folder, "store")],
                   check=True)
    features = np.load(output)
    with open(os.path.join(folder, "features.csv"), newline="") as table:
        items = list(csv.DictReader(table))

train = np.array([item["split"] == "train" for item in items])
test = np.array([item["split"] == "test" for item in items])
labels = np.array([item["label"] for item in items])
names = sorted(set(labels))
y = np.array([names.index(label) for label in labels[train]])

fits = []
for rule in ["none", "std"]:
    raw = features.astype(np.float64)
    mean, scale = (0, 1) if rule == "none" else (raw[train].mean(0), raw[train].std(0))
    X, Z = (raw[train] - mean) / scale, (raw[test] - mean) / scale
    for C in [0.001, 0.1, 10]:
        best = (np.inf, None)
        for solver in ["newton-cg", "lbfgs"]:
            model = LogisticRegression(C=C, solver=solver, tol=1e-12, max_iter=5000).fit(X, y)
            z = X @ model.coef_.T + model.intercept_
            top = z.max(1)
            loss = np.log(np.exp(z - top[:, None]).sum(1)) + top - z[np.arange(len(y)), y]
            objective = 0.5 * (model.coef_ ** 2).sum() + C * loss.sum()
            if objective < best[0]:
                scores = np.sort(Z @ model.coef_.T + model.intercept_, axis=1)
                ties = scores[:, -1] - scores[:, -2] < 1e-6
                best = (objective, np.where(ties, -1, model.predict(Z)).tolist())
        fits.append(dict(standardization=rule, c=C, objective=best[0], predictions=best[1]))
        print(rule, C, best[0], file=sys.stderr)

with open(os.path.join(os.path.dirname(__file__), "clothing.json"), "w") as file:
    json.dump(dict(featuresSHA256=hashlib.sha256(features.tobytes()).hexdigest(), rows=len(features), fits=fits), file)
    file.write("\n")
