"""Writes crammer_singer.json: optima of Crammer and Singer's multiclass SVM on the features of logistic.json.

    python Tests/Reference/linear/generate_crammer_singer.py

Features are read as float32 and standardized in float64. Objectives are evaluated in float64. The intercepts are:
    `penalised` LIBLINEAR's solver (-s 4 -B 1), at the tightest tolerance at which it ends
    `none`      the same solver without -B
    `free`      LIBLINEAR has no free intercept for this loss, so SciPy's SLSQP solves the quadratic program, with a slack
                for each row. It uses only `rows` rows, at equal distances
`weights` says whether classes are weighted by their numbers of rows, as by scikit-learn's "balanced". Made with
liblinear-official 2.50.0, SciPy 1.16, NumPy 2.4.6. The script takes a minute or two.
"""

import json
import os

import numpy as np
import scipy
from liblinear.liblinearutil import train
from scipy.optimize import minimize

folder = os.path.dirname(__file__)
with open(os.path.join(folder, "logistic.json")) as file:
    sets = json.load(file)


def value(W, b, X, y, costs):
    z = X @ W.T + b
    margins = 1 + z - z[np.arange(len(y)), y][:, None]
    margins[np.arange(len(y)), y] = 0
    return 0.5 * (W ** 2).sum() + (costs * margins.max(1)).sum()


def liblinear(X, y, k, C, weights, bias):
    best = np.inf
    for epsilon in ["1e-6", "1e-9"]:
        options = f"-s 4 -c {C} -e {epsilon} -B {1 if bias else -1} -q"
        options += "".join(f" -w{c} {weights[c]}" for c in range(k))
        model = train(y, X, options)
        columns = X.shape[1] + bias
        flat = np.array(model.w[:columns * k]).reshape(columns, k)
        W = np.empty((k, columns))
        for place, label in enumerate(model.get_labels()):
            W[label] = flat[:, place]
        b = W[:, -1] if bias else np.zeros(k)
        V = W[:, :-1] if bias else W
        best = min(best, value(V, b, X, y, C * weights[y]) + 0.5 * (b ** 2).sum())
    return best


def free(X, y, k, C, weights):
    n, d = X.shape
    rows = [(i, c) for i in range(n) for c in range(k) if c != y[i]]
    A = np.zeros((len(rows), k * d + k + n))
    for r, (i, c) in enumerate(rows):
        A[r, y[i] * d:(y[i] + 1) * d] += X[i]
        A[r, c * d:(c + 1) * d] -= X[i]
        A[r, k * d + y[i]] += 1
        A[r, k * d + c] -= 1
        A[r, k * d + k + i] = 1
    costs = C * weights[y]
    start = np.zeros(A.shape[1])
    start[k * d + k:] = 1
    gradient = lambda v: np.concatenate([v[:k * d], np.zeros(k), costs])
    result = minimize(
        lambda v: 0.5 * (v[:k * d] ** 2).sum() + costs @ v[k * d + k:], start, jac=gradient, method="SLSQP",
        bounds=[(None, None)] * (k * d + k) + [(0, None)] * n,
        constraints=[{"type": "ineq", "fun": lambda v: A @ v - 1, "jac": lambda v: A}],
        options={"maxiter": 1000, "ftol": 1e-14})
    v = result.x
    return value(v[:k * d].reshape(k, d), v[k * d:k * d + k], X, y, costs)


results = []
for data in sets:
    X = np.array(data["features"], np.float32).reshape(data["rows"], data["columns"]).astype(np.float64)
    X = (X - X.mean(0)) / np.where(X.std(0) > 0, X.std(0), 1)
    y, k = np.array(data["labels"]), data["classCount"]
    balanced = len(y) / (k * np.bincount(y, minlength=k))
    for C in [1e-4, 0.01, 1, 100]:
        for name, weights in [("uniform", np.ones(k)), ("balanced", balanced)]:
            for intercept in ["none", "penalised"]:
                objective = liblinear(X, y, k, C, weights, intercept == "penalised")
                results.append(dict(name=data["name"], rows=len(y), c=C, weights=name, intercept=intercept, objective=objective))
                print(results[-1], flush=True)
for name, rows in [("iris", 60), ("wine", 48)]:
    data = next(d for d in sets if d["name"] == name)
    k = data["classCount"]
    X = np.array(data["features"], np.float32).reshape(data["rows"], data["columns"]).astype(np.float64)
    y = np.array(data["labels"])
    # The rows are at equal distances, so that all classes are present.
    used = np.arange(len(y))[::len(y) // rows][:rows]
    X, y = X[used], y[used]
    X = (X - X.mean(0)) / X.std(0)
    for C in [1e-4, 0.01, 1, 100]:
        objective = free(X, y, k, C, np.ones(k))
        results.append(dict(name=name, rows=rows, c=C, weights="uniform", intercept="free", objective=objective))
        print(results[-1], flush=True)

with open(os.path.join(folder, "crammer_singer.json"), "w") as file:
    json.dump(results, file, separators=(",", ":"))
    file.write("\n")
