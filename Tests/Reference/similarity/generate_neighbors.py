"""Writes neighbors.json: predictions by k nearest neighbors, by scikit-learn's KNeighborsClassifier(metric="cosine").

    python Tests/Reference/similarity/generate_neighbors.py

Made with scikit-learn 1.9.1, NumPy 2.4.6.
"""

import json
import os

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

random = np.random.RandomState(6)
cases = []
for n, d, classes in [(80, 5, 2), (120, 12, 4), (60, 40, 3)]:
    y = random.randint(0, classes, n)
    x = (random.randn(n, d) + 0.8 * random.randn(classes, d)[y]).astype(np.float32)
    # A row of zeros has no direction. It is not predicted, because scikit-learn's order of equally near rows is not defined.
    x[7] = 0
    order = np.concatenate([[7], random.permutation([i for i in range(n) if i != 7])])
    training, held = order[: 2 * n // 3].tolist(), order[2 * n // 3:].tolist()
    predictions = {}
    for k in [1, 2, 3, 4, 5, 10, 30]:
        model = KNeighborsClassifier(k, metric="cosine").fit(x[training].astype(float), y[training])
        predictions[str(k)] = model.predict(x[held].astype(float)).tolist()
    cases.append(dict(features=x.tolist(), labels=y.tolist(), classCount=classes, training=training, heldOut=held,
                      predictions=predictions))

with open(os.path.join(os.path.dirname(__file__), "neighbors.json"), "w") as file:
    json.dump(cases, file)
    file.write("\n")
