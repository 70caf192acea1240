"""Writes nearest_mean.json: scikit-learn's nearest centroids on the features of logistic.json.

    python Tests/Reference/linear/generate_nearest_mean.py

Features are read from logistic.json as float32 and scaled in float64 by StandardScaler or MaxAbsScaler, fitted to all rows.
NearestCentroid has no sample weights, so with weights the rows are repeated: row i counts i % 4 times. The script keeps the
predicted classes of all rows and the scatter within classes. For every tenth row, it also keeps how much farther each centroid
is than the nearest one, as half the difference of squared distances. Made with scikit-learn 1.9.1, NumPy 2.4.6.
"""

import json
import os

import numpy as np
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, StandardScaler

folder = os.path.dirname(__file__)
with open(os.path.join(folder, "logistic.json")) as file:
    sets = json.load(file)

results = []
for data in sets:
    X = np.array(data["features"], np.float32).reshape(data["rows"], data["columns"]).astype(np.float64)
    y = np.array(data["labels"])
    for rule, scaler in [("none", FunctionTransformer()), ("std", StandardScaler()), ("max", MaxAbsScaler())]:
        Z = scaler.fit_transform(X)
        for weighted in [False, True]:
            times = np.arange(len(y)) % 4 if weighted else np.ones(len(y), int)
            model = NearestCentroid().fit(np.repeat(Z, times, axis=0), np.repeat(y, times))
            distances = ((Z[::10, None] - model.centroids_[None]) ** 2).sum(2) / 2
            scatter = (times * ((Z - model.centroids_[y]) ** 2).sum(1)).sum() / 2
            results.append(dict(
                name=data["name"], standardization=rule, weighted=weighted, scatter=scatter,
                predictions=model.predict(Z).tolist(),
                excess=(distances - distances.min(1, keepdims=True)).ravel().tolist()))

with open(os.path.join(folder, "nearest_mean.json"), "w") as file:
    json.dump(results, file, separators=(",", ":"))
    file.write("\n")
