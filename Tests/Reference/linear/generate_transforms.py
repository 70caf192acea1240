"""Writes transforms.json: scikit-learn's pipelines of Normalizer, PCA and a classifier on the features of logistic.json.

    python Tests/Reference/linear/generate_transforms.py

Features are read as float32, and the rest is float64. A pipeline has Normalizer (if rows are normalized),
PCA(svd_solver="full") of the given number or share, whitened or not, and LogisticRegression(C=1) or NearestCentroid on the
components, or on the normalized rows if there is no PCA. `rows` is the number of rows that are used, so that one of the cases
has fewer rows than columns. The script keeps:
    the explained variance ratios
    for each row, the sum of its components times 1, -2, 3, -4, …, which depends on every sign
    the objective of the logistic regression on the components (with two classes, that of the model with one score)
    the classes that the pipelines predict for all rows of the data, also for those on which they were not fitted
Made with scikit-learn 1.9.1, NumPy 2.4.6.
"""

import json
import os
import warnings

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import Normalizer

warnings.filterwarnings("ignore")
folder = os.path.dirname(__file__)
with open(os.path.join(folder, "logistic.json")) as file:
    sets = {data["name"]: data for data in json.load(file)}

cases = []
for name, rows, normalize, pca, whiten in [
    ("iris", None, True, None, False), ("wine", None, True, None, False), ("digits", None, True, None, False),
    ("iris", None, False, 2, False), ("iris", None, True, 3, True), ("wine", None, False, 5, True),
    ("wine", None, True, 0.95, False), ("digits", None, False, 20, False), ("digits", None, False, 0.9, True),
    ("digits", None, True, 30, True), ("digits", 40, False, 25, False), ("digits", 40, True, 0.8, True),
    ("breast_cancer", None, False, 4, True), ("breast_cancer", None, True, 0.999, False)]:
    data = sets[name]
    X = np.array(data["features"], np.float32).reshape(data["rows"], data["columns"]).astype(np.float64)
    y = np.array(data["labels"])
    used = slice(0, rows or len(y))
    if normalize:
        X = Normalizer().fit_transform(X)
    ratios, signature = [], []
    if pca is not None:
        model = PCA(pca, svd_solver="full", whiten=whiten).fit(X[used])
        X = model.transform(X)
        ratios = model.explained_variance_ratio_.tolist()
        weights = np.arange(1, X.shape[1] + 1) * (-1.0) ** np.arange(X.shape[1])
        signature = (X[used] @ weights).tolist()
    logistic = LogisticRegression(C=1, solver="newton-cg", tol=1e-13, max_iter=10000).fit(X[used], y[used])
    z = logistic.decision_function(X[used])
    if z.ndim == 1:
        loss = np.logaddexp(0, np.where(y[used] == 1, -z, z)).sum()
    else:
        loss = (np.logaddexp.reduce(z, axis=1) - z[np.arange(len(z)), y[used]]).sum()
    cases.append(dict(
        name=name, rows=rows, normalize=normalize, pca=pca, whiten=whiten, ratios=ratios, signature=signature,
        objective=0.5 * (logistic.coef_ ** 2).sum() + loss, logistic=logistic.predict(X).tolist(),
        nearest=NearestCentroid().fit(X[used], y[used]).predict(X).tolist()))

with open(os.path.join(folder, "transforms.json"), "w") as file:
    json.dump(cases, file, separators=(",", ":"))
    file.write("\n")
