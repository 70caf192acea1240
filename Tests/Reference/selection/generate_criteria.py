"""Writes criteria.json: scikit-learn's metrics of predictions, and their standard errors.

    python Tests/Reference/selection/generate_criteria.py

A standard error is √(Σ uᵢ²). Here uᵢ is the derivative of the metric by the weight of row i, for weights that sum to n. It
comes from central differences with scikit-learn's `sample_weight`. Made with scikit-learn 1.9.1, NumPy 2.4.6.
"""

import json
import os

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, log_loss, recall_score


def balanced(y, q, w):
    return recall_score(y, q, labels=np.unique(y), average="macro", sample_weight=w, zero_division=0)


def standard_error(number, n):
    h, squares = 1e-4, 0.0
    for i in range(n):
        change = np.zeros(n)
        change[i] = h
        # All metrics depend only on shares of the weights, so the weights need not sum to n.
        squares += ((number(1 + change) - number(1 - change)) / (2 * h)) ** 2
    return float(np.sqrt(squares))


def main():
    cases = []
    for seed, (n, classes, quality) in enumerate([(40, 2, 0.8), (60, 3, 0.6), (50, 7, 0.7), (30, 4, 1.0), (25, 3, 0.0), (80, 5, 0.5)]):
        random = np.random.default_rng(seed)
        shares = random.dirichlet(np.ones(classes))
        y = random.choice(classes, n, p=shares)
        p = random.dirichlet(np.full(classes, 0.5), n) * 0.9 + 0.1 / classes
        right = random.random(n) < quality
        for i in range(n):
            best = p[i].argmax()
            target = y[i] if right[i] else (y[i] + 1 + random.integers(classes - 1)) % classes
            p[i, [best, target]] = p[i, [target, best]]
        q = p.argmax(1)
        numbers = {
            "accuracy": lambda w: accuracy_score(y, q, sample_weight=w),
            "balanced-accuracy": lambda w: balanced(y, q, w),
            "macro-f1": lambda w: f1_score(y, q, average="macro", sample_weight=w, zero_division=0),
            "log-loss": lambda w: log_loss(y, p, labels=np.arange(classes), sample_weight=w),
        }
        cases.append({
            "classCount": classes, "labels": y.tolist(), "predictions": q.tolist(),
            "losses": (-np.log(p[np.arange(n), y])).tolist(),
            "numbers": {
                name: {"score": float(number(np.ones(n))), "standardError": standard_error(number, n)}
                for name, number in numbers.items()
            },
        })
    with open(os.path.join(os.path.dirname(__file__), "criteria.json"), "w") as file:
        json.dump(cases, file)
        file.write("\n")


main()
