"""Writes selection.json: folds, accuracies and choices of C, computed independently and by other solvers.

    python Tests/Reference/selection/generate.py

A second implementation of the rule in Sources/TapSelection/Split.swift makes the folds. Every fold is scaled by its own
training rows. It is fitted by scikit-learn's logistic regression, or by SciPy's L-BFGS for the squared hinge with a free
intercept, one class against the rest. The choices follow from the counts by a plain implementation of their definitions.
Made with scikit-learn 1.9.1, SciPy 1.17.1, NumPy 2.4.6.
"""

import json
import os
import warnings

import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, bound):
        while True:
            value = self.next()
            if value >= (1 << 64) % bound:
                return value % bound

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]


def deal(labels, folds, seed):
    """The fold of each row. The rows of a class are shuffled and dealt in turn. Each class continues where the last one stopped."""
    fold, turn, draw = np.zeros(len(labels), int), 0, SplitMix64(seed)
    for c in range(labels.max() + 1):
        rows = list(np.flatnonzero(labels == c))
        draw.shuffle(rows)
        for row in rows:
            fold[row], turn = turn, (turn + 1) % folds
    return fold


def logistic(X, y, C, Z):
    model = LogisticRegression(C=C, tol=1e-10, max_iter=20000).fit(X, y)
    return model.decision_function(Z), model.predict_proba(Z)


def svm(X, y, C, Z):
    scores = []
    for c in range(y.max() + 1):
        sign = np.where(y == c, 1.0, -1.0)

        def objective(v):
            short = np.maximum(0, 1 - sign * (X @ v[:-1] + v[-1]))
            pull = -2 * C * sign * short
            return 0.5 * v[:-1] @ v[:-1] + C * short @ short, np.append(v[:-1] + X.T @ pull, pull.sum())

        v = minimize(objective, np.zeros(X.shape[1] + 1), jac=True, method="L-BFGS-B",
                     options=dict(maxiter=100000, maxfun=100000, ftol=1e-16, gtol=1e-9, maxcor=50)).x
        scores.append(Z @ v[:-1] + v[-1])
    return np.array(scores).T, None


def judge(fit, X, y, train, test, C):
    """The number of right predictions of the test rows, and the sum of -log p over these rows."""
    mean, scale = X[train].mean(0), X[train].std(0)
    scores, p = fit((X[train] - mean) / scale, y[train], C, (X[test] - mean) / scale)
    loss = None if p is None else float(-np.log(np.maximum(p[np.arange(len(test)), y[test]], 2.2e-16)).sum())
    return int((scores.argmax(1) == y[test]).sum()), loss


def search(fit, X, y, rows, folds, repeats, seed, grid):
    """The counts [C, repeat and fold], the sizes of the folds, and the mean log losses."""
    splits = []
    for repeat in range(repeats):
        fold = deal(y[rows], folds, seed + repeat * 0x9E3779B97F4A7C15)
        splits += [(rows[fold != f], rows[fold == f]) for f in range(folds)]
    results = [[judge(fit, X, y, train, test, C) for train, test in splits] for C in grid]
    counts = np.array([[r[0] for r in row] for row in results])
    losses = None if results[0][0][1] is None else [sum(r[1] for r in row) / (repeats * len(rows)) for row in results]
    return counts, np.array([len(test) for _, test in splits]), losses


def choose(counts, sizes, losses, folds):
    """Indices into the grid: that of the best value of C, and that of the choice within one standard error of the best."""
    totals = counts.sum(1)
    ties = np.flatnonzero(totals == totals.max())
    best = int(ties[0] if losses is None else min(ties, key=lambda i: losses[i]))
    error = np.sqrt(np.var(counts[best] / sizes, ddof=1) / folds)
    share = totals / sizes.sum()
    return best, int(np.flatnonzero(share >= share[best] - error)[0]), float(error)


cases, data = [], {}
grid = [1e-4, 1e-3, 0.01, 0.1, 1, 10]
for name, load in [("iris", load_iris), ("wine", load_wine)]:
    X, y = load(return_X_y=True)
    X32 = X.astype(np.float32)
    data[name] = dict(columns=X.shape[1], features=[float(v) for v in X32.ravel()], labels=y.tolist())
    X = X32.astype(float)
    for kind, fit in [("logistic", logistic), ("svm", svm)]:
        for folds, repeats, seed in [(5, 1, 0), (4, 3, 11)]:
            rows = np.arange(len(y))
            counts, sizes, losses = search(fit, X, y, rows, folds, repeats, seed, grid)
            best, simple, error = choose(counts, sizes, losses, folds)
            cases.append(dict(
                data=name, classifier=kind, folds=folds, repeats=repeats, seed=seed, grid=grid, counts=counts.tolist(),
                logLosses=losses, best=grid[best], oneStandardError=grid[simple], standardError=error,
                assignment=deal(y, folds, seed).tolist()))
            print(name, kind, folds, repeats, counts.sum(1), grid[best], grid[simple], round(error, 4))

# In nested cross-validation, everything is chosen again without each outer fold, from the values that LayerTap tries by default.
automatic = [1e-5, 3.16e-5, 1e-4, 3.16e-4, 1e-3, 3.16e-3, 0.01, 0.0316, 0.1, 0.316, 1, 3.16, 10, 31.6, 100, 316, 1000, 3160,
             10000]
nested = []
for name, rule in [("iris", "best"), ("wine", "best"), ("wine", "one-se")]:
    X = np.array(data[name]["features"]).reshape(-1, data[name]["columns"])
    y = np.array(data[name]["labels"])
    outer, seed, folds = deal(y, 4, 3), 3, 4
    chosen, right = [], []
    for f in range(folds):
        rows = np.flatnonzero(outer != f)
        counts, sizes, losses = search(logistic, X, y, rows, folds, 1, seed, automatic)
        c = automatic[choose(counts, sizes, losses, folds)[0 if rule == "best" else 1]]
        chosen.append(c)
        right.append(judge(logistic, X, y, rows, np.flatnonzero(outer == f), c)[0])
    nested.append(dict(data=name, rule=rule, folds=folds, seed=seed, chosen=chosen, correct=right))
    print(nested[-1])

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "selection.json"), "w") as file:
    json.dump(dict(data=data, cases=cases, nested=nested), file)
    file.write("\n")
