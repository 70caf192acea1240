"""Writes weights.json: logistic regressions on weighted rows.

    python Tests/Reference/linear/generate_weights.py

The rows are those of ../formats/features/header.csv with the weights 0, 0.5, 1, 2.5, 0, …, without the rows of weight 0. They
go through StandardScaler, which counts every row once, and through scikit-learn's LogisticRegression with sample_weight.
Coefficients are for raw features. `correct` counts the rows that are right when held out. Every row is held out once, in five
folds by the rule of Sources/TapSelection/Split.swift.
Made with scikit-learn 1.9.1, NumPy 2.4.6.
"""

import csv
import json
import os
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

here = os.path.dirname(os.path.abspath(__file__))
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
    fold, turn, draw = np.zeros(len(labels), int), 0, SplitMix64(seed)
    for c in range(labels.max() + 1):
        rows = list(np.flatnonzero(labels == c))
        draw.shuffle(rows)
        for row in rows:
            fold[row], turn = turn, (turn + 1) % folds
    return fold


def fit(X, y, weights, C, class_weight):
    scaler = StandardScaler().fit(X)
    model = LogisticRegression(C=C, tol=1e-12, max_iter=100000, class_weight=class_weight)
    return scaler, model.fit(scaler.transform(X), y, sample_weight=weights)


with open(os.path.join(here, "../formats/features/header.csv")) as file:
    rows = list(csv.reader(file))[1:]
y = np.array([int(row[1]) for row in rows])
X = np.array([[np.float32(value) for value in row[2:]] for row in rows], dtype=np.float64)
weights = np.array([[0, 0.5, 1, 2.5][i % 4] for i in range(len(rows))])
X, y, weights = X[weights > 0], y[weights > 0], weights[weights > 0]
fits = []
for C in (0.1, 10):
    for class_weight in (None, "balanced"):
        scaler, model = fit(X, y, weights, C, class_weight)
        coefficients = model.coef_ / scaler.scale_
        intercepts = model.intercept_ - coefficients @ scaler.mean_
        correct = 0
        folds = deal(y, 5, 0)
        for fold in range(5):
            train, held = folds != fold, folds == fold
            inner, judge = fit(X[train], y[train], weights[train], C, class_weight)
            correct += int((judge.predict(inner.transform(X[held])) == y[held]).sum())
        fits.append({
            "c": C, "classWeight": class_weight or "none", "coefficients": coefficients.round(12).tolist(),
            "intercepts": (intercepts - intercepts.mean()).round(12).tolist(), "correct": correct,
        })
with open(os.path.join(here, "weights.json"), "w") as file:
    json.dump({"fits": fits}, file, indent=1)
    file.write("\n")
print([(fit["c"], fit["classWeight"], fit["correct"]) for fit in fits])
