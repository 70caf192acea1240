"""Writes novelty.json: squared distances of rows from the nearest class mean of normalized training rows, by scikit-learn.

Run: python3 generate.py   (scikit-learn 1.9.1, numpy 2.4.6)
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import normalize

CLASSES, EACH, COLUMNS, NEW = 5, 8, 20, 12


def main():
    random = np.random.RandomState(4)
    centers = 3 * random.rand(CLASSES, COLUMNS)
    labels = np.repeat(np.arange(CLASSES), EACH)
    train = (centers[labels] + random.randn(len(labels), COLUMNS)).astype(np.float32)
    new = (3 * random.rand(NEW, COLUMNS)).astype(np.float32)
    means = NearestCentroid().fit(normalize(train.astype(float)), labels).centroids_
    distances = pairwise_distances(normalize(new.astype(float)), means).min(1) ** 2
    result = {
        "sklearn": sklearn.__version__, "columns": COLUMNS, "labels": labels.tolist(), "train": train.ravel().tolist(),
        "new": new.ravel().tolist(), "distances": distances.tolist(),
    }
    (Path(__file__).parent / "novelty.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
