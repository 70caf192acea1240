"""Writes logistic.json: scikit-learn's logistic regressions on its bundled data sets, at the tightest tolerance.

    python Tests/Reference/linear/generate.py

Made with scikit-learn 1.9.1, NumPy 2.4.6. Features are rounded to float32 first. Objectives are evaluated in float64, for
weights of scaled features. Two solvers run, and the result with the lower objective is written.
"""

import json
import os
import warnings

import numpy as np
from sklearn import datasets
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_class_weight

warnings.filterwarnings("ignore")


def objective(X, y, s, W, b, C):
    if len(W) == 1:
        margin = np.where(y == 1, 1, -1) * (X @ W[0] + b[0])
        loss = np.logaddexp(0, -margin)
    else:
        z = X @ W.T + b
        top = z.max(1, keepdims=True)
        loss = np.log(np.exp(z - top).sum(1)) + top[:, 0] - z[np.arange(len(y)), y]
    return 0.5 * (W ** 2).sum() + C * (s * loss).sum()


def scaled(X, rule):
    if rule == "std":
        scale = X.std(0)
        return (X - X.mean(0)) / np.where(scale == 0, 1, scale)
    if rule == "max":
        scale = abs(X).max(0)
        return X / np.where(scale == 0, 1, scale)
    return X


sets = []
for name, count in [("iris", None), ("wine", None), ("breast_cancer", 300), ("digits", 400)]:
    data = getattr(datasets, "load_" + name)()
    X32, y = data.data[:count].astype(np.float32), data.target[:count]
    k = len(np.unique(y))
    fits = []
    for rule in ["none", "std", "max"]:
        X = scaled(X32.astype(np.float64), rule)
        for C in [1e-3, 0.1, 10]:
            for weights in ["uniform"] if C != 0.1 else ["uniform", "balanced", "samples"]:
                s = np.ones(len(y))
                if weights == "balanced":
                    s = compute_class_weight("balanced", classes=np.arange(k), y=y)[y]
                if weights == "samples":
                    s = np.arange(len(y)) % 4 * 0.5
                best = None
                for solver in ["newton-cholesky", "lbfgs"]:
                    model = LogisticRegression(C=C, solver=solver, tol=1e-14, max_iter=5000)
                    model.fit(X, y, sample_weight=s)
                    value = objective(X, y, s, model.coef_, model.intercept_, C)
                    if best is None or value < best[0]:
                        best = (value, model)
                fits.append(dict(
                    standardization=rule, c=C, weights=weights, objective=best[0],
                    coefficients=best[1].coef_.ravel().tolist(), intercept=best[1].intercept_.tolist()))
    sets.append(dict(
        name=name, rows=len(y), columns=X32.shape[1], classCount=k,
        features=[float(str(v)) for v in X32.ravel()], labels=y.tolist(), fits=fits))

with open(os.path.join(os.path.dirname(__file__), "logistic.json"), "w") as file:
    json.dump(sets, file, separators=(",", ":"))
    file.write("\n")
