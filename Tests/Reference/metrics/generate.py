"""Writes metrics.json: scikit-learn's metrics of random and degenerate predictions, and SciPy's Wilson intervals.

    python Tests/Reference/metrics/generate.py

Made with scikit-learn 1.9.1, SciPy 1.17.1, NumPy 2.4.6.
"""

import json
import os
import warnings

import numpy as np
from scipy.stats import binom, binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")
random = np.random.RandomState(5)
cases = []


def top_k(labels, scores, n):
    """The top-k accuracy with the first class first among equal scores. scikit-learn puts the last class first, so it gets the
    classes in reverse order. For two classes it expects one score, so this function counts them itself."""
    k = scores.shape[1]
    if k == 2:
        return float((np.argsort(-scores, 1, kind="stable")[:, :n] == labels[:, None]).any(1).mean())
    return float(metrics.top_k_accuracy_score(k - 1 - labels, scores[:, ::-1], k=n, labels=list(range(k))))


def column(p, c):
    """The score of class c. With two classes, it is the second class's probability, or its negative for the first class."""
    return (p[:, 1] if c else -p[:, 1]) if p.shape[1] == 2 else p[:, c]


def ranking(metric, positive, scores):
    """The metric, or None if scikit-learn warns that it is not defined."""
    if not positive.any() or (metric is metrics.roc_auc_score and positive.all()):
        return None
    return float(metric(positive, scores))


def macro_auc(labels, p):
    """scikit-learn's own macro average, or None if a class has no items."""
    k = p.shape[1]
    if len(np.unique(labels)) < k:
        return None
    if k == 2:
        return float(metrics.roc_auc_score(labels, p[:, 1]))
    return float(metrics.roc_auc_score(labels, p, multi_class="ovr", average="macro"))


def macro_average_precision(labels, p):
    """scikit-learn's own macro average over the classes that have items, or None if there is only one such class."""
    present = np.unique(labels)
    if len(present) < 2:
        return None
    scores = np.stack([column(p, c) for c in present], 1)
    return float(metrics.average_precision_score(labels[:, None] == present, scores, average="macro"))


def brier(labels, p, every):
    if len(every) == 2:
        return float(metrics.brier_score_loss(labels, p[:, 1], labels=every, pos_label=1))
    return float(metrics.brier_score_loss(labels, p, labels=every))


def reliability(labels, predictions, p):
    """The bins of calibration_curve for the predicted class. Bins without predictions are left out."""
    confidence = np.minimum(1, p[np.arange(len(labels)), predictions])
    right = labels == predictions
    accuracy, mean = calibration_curve(right, confidence, n_bins=15)
    bins = np.searchsorted(np.linspace(0, 1, 16)[1:-1], confidence)
    counts = np.bincount(bins, minlength=15)
    error = float((counts[counts > 0] * np.abs(accuracy - mean)).sum() / len(labels))
    return dict(binCounts=counts.tolist(), binAccuracies=accuracy.tolist(), binConfidences=mean.tolist(), ece=error)


def coverage(labels, predictions, p):
    """The counts of the surest tenths, from all predictions to a tenth, with equal probabilities together: accepted, right, and
    the smallest accepted probability."""
    confidence = np.minimum(1, p[np.arange(len(labels)), predictions])
    parts = []
    for tenths in range(10, 0, -1):
        least = np.sort(confidence)[::-1][-(-tenths * len(labels) // 10) - 1]
        part = confidence >= least
        parts.append([int(part.sum()), int((labels == predictions)[part].sum()), float(least)])
    return parts


def case(labels, scores, k):
    labels = np.asarray(labels)
    scores = np.asarray(scores, float)
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    predictions = scores.argmax(1)
    every = list(range(k))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, predictions, labels=every, zero_division=0)
    cases.append(dict(
        classCount=k, labels=labels.tolist(), predictions=predictions.tolist(),
        scores=scores.ravel().tolist(), probabilities=p.ravel().tolist(),
        accuracy=float(metrics.accuracy_score(labels, predictions)),
        confusion=metrics.confusion_matrix(labels, predictions, labels=every).ravel().tolist(),
        precision=precision.tolist(), recall=recall.tolist(), f1=f1.tolist(), support=support.tolist(),
        weightedF1=float(metrics.f1_score(labels, predictions, average="weighted", zero_division=0)),
        aucs=[ranking(metrics.roc_auc_score, labels == c, column(p, c)) for c in every],
        averagePrecisions=[ranking(metrics.average_precision_score, labels == c, column(p, c)) for c in every],
        macroAUC=macro_auc(labels, p), macroAveragePrecision=macro_average_precision(labels, p), brier=brier(labels, p, every),
        coverage=coverage(labels, predictions, p), **reliability(labels, predictions, p),
        macroF1=float(metrics.f1_score(labels, predictions, average="macro", zero_division=0)),
        balancedAccuracy=float(metrics.balanced_accuracy_score(labels, predictions)),
        topK=[top_k(labels, scores, n) for n in range(1, k + 2)],
        logLoss=float(metrics.log_loss(labels, p, labels=every))))


for n, k in [(1, 2), (7, 2), (50, 3), (200, 10), (40, 25)]:
    case(random.randint(0, k, n), random.randn(n, k) * 2, k)
labels = random.randint(0, 4, 30)
case(labels, np.eye(4)[labels] * 5 + 0.1 * random.randn(30, 4), 4)              # all right
case((labels + 1) % 4, np.eye(4)[labels] * 5 + 0.1 * random.randn(30, 4), 4)    # all wrong
case(np.full(12, 2), random.randn(12, 5), 5)                                    # one class among the labels
case(random.randint(0, 2, 20), np.eye(5)[np.full(20, 3)] + 0.1 * random.randn(20, 5), 5)  # one class predicted
case(random.randint(0, 3, 20), random.randn(20, 3) * 400, 3)                    # probabilities of exactly 0 and 1
case(random.randint(0, 6, 60), random.randint(0, 3, (60, 6)), 6)                 # many ties
case(random.randint(0, 4, 9), np.zeros((9, 4)), 4)                              # only ties
case([4], random.randn(1, 7), 7)                                                # one item
case([0], [[1, 1]], 2)                                                          # one item, a tie of two classes
case([1, 1, 1], np.eye(3)[[1, 1, 1]], 3)                                        # only one class, all right
case(random.randint(0, 30, 8), random.randn(8, 30), 30)                         # most classes occur nowhere
case([1] * 6, np.stack([np.arange(6.0), np.full(6, 2.5)], 1), 2)                # two classes, the first has no items
case([0] * 5, np.stack([np.full(5, 0.5), np.arange(5.0) % 2], 1), 2)            # two classes, the second has no items; ties
case([0, 1, 1, 0, 1, 0, 0], np.tile([0.3, -0.2], (7, 1)), 2)                    # two classes, the same scores for all items
case([2, 0, 2, 2], np.tile([-1.0, 3.0, 0.5], (4, 1)), 3)                        # the same scores for all items, and the predicted class has no items

wilson = []
for successes, count in [(0, 1), (1, 1), (0, 10), (10, 10), (5, 10), (302, 372), (999, 1000), (123456, 1000000)]:
    for confidence in [0.5, 0.9, 0.95, 0.99, 0.9999]:
        ci = binomtest(successes, count).proportion_ci(confidence, method="wilson")
        wilson.append(dict(successes=successes, count=count, confidence=confidence, lower=ci.low, upper=ci.high))



class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        mask = (1 << 64) - 1
        while True:
            self.state = (self.state + 0x9E3779B97F4A7C15) & mask
            z = self.state
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
            z ^= z >> 31
            if z >= (1 << 64) % bound:
                return z % bound


def four(y, z, w=None):
    return np.array([
        metrics.accuracy_score(y, z, sample_weight=w),
        np.mean(metrics.recall_score(y, z, labels=np.unique(y), average=None, sample_weight=w, zero_division=0)),
        metrics.f1_score(y, z, average="macro", zero_division=0, sample_weight=w),
        metrics.f1_score(y, z, average="weighted", zero_division=0, sample_weight=w)])


def moved(y, z, c, share):
    """The changes of the metrics if this share of class c were predicted as c, and the rest as a class that no item has."""
    own = np.flatnonzero(y == c)
    others = np.flatnonzero(y != c)
    nobody = max(y.max(), z.max()) + 1
    y2 = np.concatenate([y[others], y[own], y[own]])
    # If all items of the class are wrong, the moved items change no other class. Only the F1 of the class itself is used.
    z2 = np.concatenate([z[others], np.full(len(own), c), np.where(z[own] == c, nobody, z[own])])
    w = np.concatenate([np.ones(len(others)), np.full(len(own), share), np.full(len(own), 1 - share)])
    names = np.unique(np.concatenate([y, z]))
    f1 = metrics.f1_score(y2, z2, labels=[c], average=None, zero_division=0, sample_weight=w)[0]
    before = metrics.f1_score(y, z, labels=[c], average=None, zero_division=0)[0]
    recall = np.mean(y[own] == z[own])
    return np.array([
        0, abs(share - recall) / len(np.unique(y)), abs(f1 - before) / len(names), abs(f1 - before) * len(own) / len(y)])


def open_ends(y, z, confidence):
    """The squares of the changes that Wilson's interval of the recall allows for classes that are all right, or all wrong."""
    below, above = np.zeros(4), np.zeros(4)
    right = int(np.sum(y == z))
    ci = binomtest(right, len(y)).proportion_ci(confidence, method="wilson")
    if right == len(y):
        below[0] = (1 - ci.low) ** 2
    if right == 0:
        above[0] = ci.high**2
    for c in np.unique(y):
        own = y == c
        hits = int(np.sum(own & (z == c)))
        ci = binomtest(hits, int(own.sum())).proportion_ci(confidence, method="wilson")
        if hits == own.sum():
            below += moved(y, z, c, ci.low) ** 2
        if hits == 0:
            above += moved(y, z, c, ci.high) ** 2
    return below, above


def bootstrap(labels, predictions, seed, resamples, confidence):
    """Bootstrap intervals from LayerTap's generator, scikit-learn's metrics and NumPy's quantiles. Classes that are all right, or
    all wrong, widen them."""
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    draw, values = SplitMix64(seed), []
    for _ in range(resamples):
        rows = [draw.below(len(labels)) for _ in labels]
        y, z = labels[rows], predictions[rows]
        values.append([
            metrics.accuracy_score(y, z), metrics.balanced_accuracy_score(y, z),
            metrics.f1_score(y, z, average="macro", zero_division=0),
            metrics.f1_score(y, z, average="weighted", zero_division=0)])
    lower, upper = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    whole = four(labels, predictions)
    below, above = open_ends(labels, predictions, confidence)
    wide = np.maximum(0, np.minimum(lower, whole - np.sqrt(np.maximum(0, whole - lower) ** 2 + below)))
    lower = np.where(below > 0, wide, lower)
    wide = np.minimum(1, np.maximum(upper, whole + np.sqrt(np.maximum(0, upper - whole) ** 2 + above)))
    upper = np.where(above > 0, wide, upper)
    return dict(seed=seed, resamples=resamples, confidence=confidence, lower=lower.tolist(), upper=upper.tolist())


boots = []
for index, resamples, confidence in [(2, 400, 0.95), (3, 150, 0.9), (9, 100, 0.95), (5, 50, 0.95), (12, 1, 0.5)]:
    item = cases[index]
    boots.append(dict(item=index, **bootstrap(item["labels"], item["predictions"], index, resamples, confidence)))

# With more and more resamples, the bootstrap distribution of a share tends to a binomial distribution.
binomial = [dict(successes=s, count=n, lower=float(binom.ppf(0.025, n, s / n) / n),
                 upper=float(binom.ppf(0.975, n, s / n) / n)) for s, n in [(302, 372), (45, 60), (970, 1000)]]

with open(os.path.join(os.path.dirname(__file__), "metrics.json"), "w") as file:
    json.dump(dict(cases=cases, wilson=wilson, bootstrap=boots, binomial=binomial), file, indent=0)
    file.write("\n")
