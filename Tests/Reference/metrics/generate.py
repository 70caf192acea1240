"""Writes metrics.json: scikit-learn's metrics on random and degenerate predictions, SciPy's Wilson intervals.

    python Tests/Reference/metrics/generate.py

Made with scikit-learn 1.9.1, SciPy 1.17.1, NumPy 2.4.6.
"""

import json
import os
import warnings

import numpy as np
from scipy.stats import binomtest
from sklearn import metrics

warnings.filterwarnings("ignore")
random = np.random.RandomState(5)
cases = []


def top_k(labels, scores, n):
    """With the first class first among equal scores. scikit-learn puts the last first, so it is asked with the
    classes in reverse; two classes it takes as one score each, so they are counted here."""
    k = scores.shape[1]
    if k == 2:
        return float((np.argsort(-scores, 1, kind="stable")[:, :n] == labels[:, None]).any(1).mean())
    return float(metrics.top_k_accuracy_score(k - 1 - labels, scores[:, ::-1], k=n, labels=list(range(k))))


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
case(random.randint(0, 4, 9), np.zeros((9, 4)), 4)                              # nothing but ties
case([4], random.randn(1, 7), 7)                                                # one item
case([0], [[1, 1]], 2)                                                          # one item, a tie of two classes
case([1, 1, 1], np.eye(3)[[1, 1, 1]], 3)                                        # one class is all there is, all right
case(random.randint(0, 30, 8), random.randn(8, 30), 30)                         # most classes occur nowhere

wilson = []
for successes, count in [(0, 1), (1, 1), (0, 10), (10, 10), (5, 10), (302, 372), (999, 1000), (123456, 1000000)]:
    for confidence in [0.5, 0.9, 0.95, 0.99, 0.9999]:
        ci = binomtest(successes, count).proportion_ci(confidence, method="wilson")
        wilson.append(dict(successes=successes, count=count, confidence=confidence, lower=ci.low, upper=ci.high))

with open(os.path.join(os.path.dirname(__file__), "metrics.json"), "w") as file:
    json.dump(dict(cases=cases, wilson=wilson), file, indent=0)
    file.write("\n")
