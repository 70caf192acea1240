"""Writes corrected.json: accuracies of the best of several models, corrected for the choice, with plain loops over resamples.

    python Tests/Reference/selection/generate_corrected.py

Made with scikit-learn 1.9.1, SciPy 1.17.1, NumPy 2.4.6.
"""

import json
import os

import numpy as np
from scipy.stats import norm
from sklearn.metrics import accuracy_score, f1_score, recall_score

MASK = (1 << 64) - 1
INCREMENT = 0x9E3779B97F4A7C15


def mixed(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state + INCREMENT) & MASK
        return (mixed(self.state) * bound) >> 64


def balanced(y, q):
    return recall_score(y, q, labels=np.unique(y), average="macro", zero_division=0)


CRITERIA = {
    "accuracy": accuracy_score, "balanced-accuracy": balanced,
    "macro-f1": lambda y, q: f1_score(y, q, average="macro", zero_division=0),
}


def wilson(p, n):
    """The shares whose score test does not reject p, as roots of a quadratic."""
    z = norm.ppf(0.975)
    roots = np.sort(np.roots([1 + z * z / n, -(2 * p + z * z / n), p * p]).real)
    return [0.0 if p == 0 else max(0.0, roots[0]), 1.0 if p == 1 else min(1.0, roots[1])]


def corrected(labels, predictions, best, accuracy, criterion, groups, crossed, resamples, extensions=()):
    hits = predictions == labels
    n, a = len(labels), hits.mean(1)
    names = list(dict.fromkeys(range(n) if groups is None else groups))
    units = [[i for i in range(n) if (i if groups is None else groups[i]) == name] for name in names]
    effect = 1.0
    if crossed and 0 < accuracy < 1:
        effect = 1 + norm.pdf(norm.ppf(accuracy)) ** 2 / (accuracy * (1 - accuracy))
    drawn = max(1, int(np.floor(len(units) / effect + 0.5)))
    own, chosen, winners, lucks = [], [], [], [[] for _ in extensions]
    for b in range(resamples):
        draw = SplitMix64(mixed(((b + 1) * INCREMENT) & MASK))
        rows = [i for _ in range(drawn) for i in units[draw.below(len(units))]]
        scores = [CRITERIA[criterion](labels[rows], q[rows]) for q in predictions]
        # Scores that differ only by rounding are equal.
        c = next(j for j, score in enumerate(scores) if score > max(scores) - 1e-12)
        own.append(2 * a[best] - hits[best][rows].mean())
        chosen.append(2 * a[c] - hits[c][rows].mean())
        winners.append(c)
        for luck, extension in zip(lucks, extensions):
            most = max(scores[j] for j in extension["rivals"])
            r = next(j for j in extension["rivals"] if scores[j] > most - 1e-12)
            luck.append(hits[r][rows].mean() - a[r])
    inherited = np.zeros(len(predictions))
    for luck, extension in zip(lucks, extensions):
        p = extension["extended"]
        whole = max(0.0, np.mean(luck) + inherited[p])
        for m in extension["models"]:
            inherited[m] = whole * np.clip(np.corrcoef(hits[m], hits[p])[0, 1], 0, 1)
    chosen = np.array(chosen) - inherited[winners]
    value = min(1.0, max(0.0, accuracy - np.mean(own) + np.mean(chosen)))
    kept = np.clip(2 - np.var(chosen) / np.var(own), 0.25, 1) if np.var(own) > 0 else 1.0
    count = n
    if groups is not None and 0 < a[best] < 1:
        squares = sum((hits[best][unit] - a[best]).sum() ** 2 for unit in units)
        count = n / max(1, squares / (n * a[best] * (1 - a[best])))
    lower, upper = wilson(value, (count if 0 < value < 1 else len(units)) / (effect * kept))
    return dict(value=float(value), lower=float(lower), upper=float(upper))


def main():
    random = np.random.RandomState(8)
    cases = []
    for n, models, classes, share, criterion, grouped, crossed in [
            (60, 8, 2, 0.5, "accuracy", False, True), (60, 8, 2, 0.5, "accuracy", False, False),
            (90, 5, 3, 0.9, "accuracy", False, True), (80, 6, 4, 0.6, "accuracy", True, True),
            (70, 5, 3, 0.7, "balanced-accuracy", False, True), (70, 5, 3, 0.7, "macro-f1", True, False),
            (40, 3, 2, 1.0, "accuracy", False, True), (30, 2, 2, 0.0, "accuracy", False, True)]:
        labels = random.choice(classes, n, p=np.arange(1, classes + 1) / np.arange(1, classes + 1).sum())
        right = random.uniform(size=(models, n)) < share
        predictions = np.where(right, labels, (labels + random.randint(1, classes, (models, n))) % classes)
        scores = [CRITERIA[criterion](labels, q) for q in predictions]
        best = int(np.argmax(scores))
        accuracy = float((predictions[best] == labels).mean())
        groups = random.randint(0, 20, n).tolist() if grouped else None
        item = dict(labels=labels.tolist(), predictions=predictions.tolist(), best=best, accuracy=accuracy,
                    criterion=criterion, classCount=classes, groups=groups, isCrossValidated=crossed, resamples=150)
        cases.append(dict(item, **corrected(labels, predictions, best, accuracy, criterion, groups, crossed, 150)))
    # Models that extend the best model of an earlier choice: they repeat it for some of the rows.
    for n, classes, share, criterion, grouped, crossed, steps in [
            (100, 2, 0.5, "accuracy", False, True, 1), (90, 3, 0.6, "balanced-accuracy", True, False, 2)]:
        labels = random.randint(0, classes, n)
        right = list(random.uniform(size=(6, n)) < share)
        extensions, rivals = [], list(range(6))
        for _ in range(steps):
            extended = max(rivals, key=lambda j: (right[j].mean(), -j))
            models = list(range(len(right), len(right) + 4))
            for _ in models:
                right.append(np.where(random.uniform(size=n) < 0.7, right[extended], random.uniform(size=n) < share))
            extensions.append(dict(models=models, extended=extended, rivals=rivals))
            rivals = models
        right = np.array(right)
        predictions = np.where(right, labels, (labels + random.randint(1, classes, right.shape)) % classes)
        best = int(np.argmax([CRITERIA[criterion](labels, q) for q in predictions]))
        groups = random.randint(0, 25, n).tolist() if grouped else None
        item = dict(labels=labels.tolist(), predictions=predictions.tolist(), best=best,
                    accuracy=float(right[best].mean()), criterion=criterion, classCount=classes, groups=groups,
                    isCrossValidated=crossed, resamples=150, extensions=extensions)
        cases.append(dict(item, **corrected(labels, predictions, best, item["accuracy"], criterion, groups, crossed, 150,
                                            extensions)))
    with open(os.path.join(os.path.dirname(__file__), "corrected.json"), "w") as file:
        json.dump(cases, file)
        file.write("\n")


main()
