"""Writes similarity.json: similarities of random features by NumPy and SciPy, with plain loops over pairs of images.

    python Tests/Reference/similarity/generate.py

Made with NumPy 2.4.6, SciPy 1.17.1.
"""

import json
import pathlib

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

random = np.random.RandomState(11)
images = 30
base = random.randn(images, 7)
features = {
    "narrow": base + 3,
    "related": base @ random.randn(7, 12) + 0.5 * random.randn(images, 12),
    # More values than images, and two images with nearly equal features.
    "wide": np.maximum(random.randn(images, 40) + 0.5 * np.repeat(base[:, :1], 40, 1), 0),
    "unrelated": random.randn(images, 5) * 100,
}
features["wide"][4] = features["wide"][3] * (1 + 1e-6)
features = {name: x.astype(np.float32) for name, x in features.items()}
classes = [int(c) if c < 3 else None for c in random.randint(0, 4, images)]


def hsic(k, l):
    """Song et al. (2012), equation 5."""
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    one = np.ones(n)
    parts = np.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2)) - 2 / (n - 2) * (one @ k @ l @ one)
    return parts / (n * (n - 3))


def cka(x, y):
    x, y = x.astype(float), y.astype(float)
    k, l = x @ x.T, y @ y.T
    return hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))


def effective_rank(x):
    s = np.linalg.svd(x.astype(float) - x.astype(float).mean(0), compute_uv=False)
    p = s / s.sum()
    p = p[p > 0]
    return float(np.exp(-(p * np.log(p)).sum()))


def separation(x):
    groups = [[i for i, c in enumerate(classes) if c == k] for k in range(3)]
    unit = x.astype(float) / np.linalg.norm(x.astype(float), axis=1, keepdims=True)
    distance = 1 - unit @ unit.T
    within = np.mean([np.mean([distance[i, j] for i in g for j in g]) for g in groups])
    total = np.mean([[np.mean([distance[i, j] for i in g for j in h]) for h in groups] for g in groups])
    return float(1 - within / total)


names = list(features)
distances = {
    measure: {name: pdist(features[name].astype(float), measure) for name in names}
    for measure in ["correlation", "cosine", "euclidean"]
}
tied = np.round(distances["euclidean"]["narrow"] * 2)
document = {
    "classes": classes,
    "features": {name: features[name].astype(float).tolist() for name in names},
    "cka": {a: {b: float(cka(features[a], features[b])) for b in names} for a in names},
    "effectiveRank": {name: effective_rank(features[name]) for name in names},
    "classSeparation": {name: separation(features[name]) for name in names},
    "dissimilarities": {m: {n: d.tolist() for n, d in by_name.items()} for m, by_name in distances.items()},
    "spearman": float(spearmanr(distances["correlation"]["narrow"], distances["correlation"]["related"]).statistic),
    "tied": tied.tolist(),
    "spearmanOfTied": float(spearmanr(distances["correlation"]["narrow"], tied).statistic),
}
path = pathlib.Path(__file__).parent / "similarity.json"
path.write_text(json.dumps(document) + "\n")
