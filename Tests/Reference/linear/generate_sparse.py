"""Writes sparse.json: LIBLINEAR's L1-penalized SVM (-s 5) and logistic regression (-s 6), whose bias is penalized too.

    python Tests/Reference/linear/generate_sparse.py

The data are breast_cancer of logistic.json, standardized. Objectives |w|₁ + |b| + C Σ loss are evaluated in float64.
Made with liblinear-official 2.50.0 and NumPy 2.4.6. At this tolerance, coordinate descent no longer improves the objective.
"""

import json
import os

import numpy as np
from liblinear.liblinearutil import train

folder = os.path.dirname(__file__)
data = next(d for d in json.load(open(os.path.join(folder, "logistic.json"))) if d["name"] == "breast_cancer")
X = np.array(data["features"], np.float32).reshape(data["rows"], -1).astype(np.float64)
X = (X - X.mean(0)) / X.std(0)
sign = np.where(np.array(data["labels"]) == 1, 1.0, -1.0)
fits = []
for solver, loss in [(5, "squared-hinge"), (6, "logistic")]:
    # C = 1 is left out for the SVM, which would end at its limit of iterations, 1e-4 above the minimum.
    for C in [0.01, 0.1, 1][: 2 if solver == 5 else 3]:
        model = train(sign, X, f"-s {solver} -c {C} -B 1 -e 1e-8 -q")
        w, b = model.get_decfun()
        w, b = (np.array(w), b) if model.get_labels()[0] == 1 else (-np.array(w), -b)
        m = sign * (X @ w + b)
        losses = np.maximum(0, 1 - m) ** 2 if solver == 5 else np.logaddexp(0, -m)
        fits.append(dict(loss=loss, c=C, objective=abs(w).sum() + abs(b) + C * losses.sum(), zeros=int((w == 0).sum())))
        print(fits[-1], flush=True)
with open(os.path.join(folder, "sparse.json"), "w") as file:
    json.dump(fits, file, indent=0)
    file.write("\n")
