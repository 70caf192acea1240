"""Writes compare.json: scikit-learn's accuracy for every block of the backbone and several values of C.

    python Tests/Reference/linear/generate_compare.py LAYERTAP PHOTOGRAPHS

LAYERTAP is the built program, and PHOTOGRAPHS is the folder images/clothing of the test data. All blocks are extracted in one
pass. The features of each block are standardized by the training part. Logistic regressions are fitted to train/ at a tight
tolerance and evaluated on validation/. For each fit, the script keeps the number of correct predictions, and the number of
images that are nearly a tie. Their two best scores are within 1e-3 of each other, so a looser tolerance may decide otherwise.
Made with scikit-learn 1.9.1, NumPy 2.4.6, libjpeg-turbo 2.1.5.
"""

import csv
import glob
import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
blocks = [f"blocks.{i}" for i in range(16)]
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.argv[1], "extract", sys.argv[2], "--layers", *blocks, "--store", folder], check=True)
    store = glob.glob(folder + "/*")[0]
    columns = {block: np.load(f"{store}/features/{block}-avg.npy") for block in blocks}
    with open(store + "/items.csv", newline="") as table:
        items = list(csv.DictReader(table))

rows = np.array([int(item["row"]) for item in items])
names = sorted({item["label"] for item in items})
labels = np.array([names.index(item["label"]) for item in items])
train = np.array([item["split"] == "train" for item in items])
validation = np.array([item["split"] == "val" for item in items])
results = []
for block, features in columns.items():
    X = features[rows].astype(np.float64)
    X = (X - X[train].mean(0)) / X[train].std(0)
    for C in [0.001, 0.1, 10]:
        model = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-8, max_iter=1000).fit(X[train], labels[train])
        scores = np.sort(model.decision_function(X[validation]), axis=1)
        correct = (model.predict(X[validation]) == labels[validation]).sum()
        ties = (scores[:, -1] - scores[:, -2] < 1e-3).sum()
        results.append(dict(layer=block, c=C, correct=int(correct), ties=int(ties)))
        print(block, C, correct, ties, flush=True)

with open(os.path.join(os.path.dirname(__file__), "compare.json"), "w") as file:
    json.dump(dict(count=int(validation.sum()), results=results), file, indent=1)
    file.write("\n")
