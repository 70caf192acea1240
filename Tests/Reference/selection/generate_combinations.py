"""Writes combinations.json: combinations of columns that greedy forward selection finds, with scikit-learn's fits.

    python Tests/Reference/selection/generate_combinations.py

Logistic regressions of standardized columns are fitted to the training rows. The validation rows judge them: by the number of
correct predictions, then by the log loss. The first step adds every other column to the best column, the second step to the
best pair. No two best scores of a validation row are nearly equal, so a looser tolerance makes the same predictions.
Made with scikit-learn 1.9.1, NumPy 2.4.6.
"""

import json
import os

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def judged(columns, chosen, labels, held, C):
    X = np.hstack([columns[j] for j in chosen])
    fit = make_pipeline(StandardScaler(), LogisticRegression(C=C, solver="newton-cholesky", tol=1e-8)).fit(X[~held], labels[~held])
    scores = np.sort(fit.decision_function(X[held]), axis=1)
    assert (scores[:, -1] - scores[:, -2]).min() > 1e-4, "nearly equal scores"
    return int((fit.predict(X[held]) == labels[held]).sum()), log_loss(labels[held], fit.predict_proba(X[held]))


def best(results):
    """The most correct predictions, then the smallest log loss."""
    return max(results, key=lambda item: (item["correct"], -item["loss"]))


def case(seed, C):
    random = np.random.RandomState(seed)
    labels = np.arange(180) % 3
    held = np.arange(180) % 4 == 3
    centers = random.normal(size=(7, 3, 3)) * 0.7
    columns = [np.round(centers[j][labels] + random.normal(size=(180, 3)), 3).astype(np.float32) for j in range(7)]

    def tried(sets):
        results = [dict(zip(("correct", "loss"), judged(columns, chosen, labels, held, C)), columns=chosen) for chosen in sets]
        return results

    steps = [tried([[j] for j in range(7)])]
    chosen = [best(steps[0])]
    while len(steps) < 3 and (len(steps) == 1 or chosen[-1]["correct"] > chosen[-2]["correct"]):
        own = chosen[-1]["columns"]
        steps.append(tried([own + [j] for j in range(7) if j not in own]))
        chosen.append(best(steps[-1]))
    return dict(
        c=C, columns=[column.ravel().astype(float).round(3).tolist() for column in columns], labels=labels.tolist(), held=held.tolist(),
        singles=[item["correct"] for item in steps[0]], tried=sum(map(len, steps)),
        combinations=[dict(columns=item["columns"], correct=item["correct"]) for item in chosen[1:]])


def main():
    cases = []
    seed = 0
    # Two cases that end with three columns, and one whose second column does not help.
    for sizes in [2, 2, 1]:
        while True:
            seed += 1
            try:
                item = case(seed, 0.1)
            except AssertionError:
                continue
            if len(item["combinations"]) == sizes:
                break
        cases.append(item)
        print("seed", seed, item["singles"], item["combinations"])
    with open(os.path.join(os.path.dirname(__file__), "combinations.json"), "w") as file:
        json.dump(cases, file)
        file.write("\n")


main()
