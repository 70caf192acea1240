"""Five layers of 500 images as arrays, and the similarity of the layers by linear centered kernel alignment.

    python3 representations.py FOLDER

Kornblith, Norouzi, Lee and Hinton, "Similarity of Neural Network Representations Revisited" (2019), section 4.
"""

import sys
from pathlib import Path

import numpy as np

import layertap

LAYERS = ["stem", "blocks.2", "blocks.6", "blocks.10", "penultimate"]


def alignment(first: np.ndarray, second: np.ndarray) -> float:
    """Linear centered kernel alignment of two representations [images, dimensions], from 0 to 1."""
    first = first - first.mean(axis=0, dtype=np.float64)
    second = second - second.mean(axis=0, dtype=np.float64)
    shared = np.linalg.norm(first.T @ second) ** 2
    return shared / (np.linalg.norm(first.T @ first) * np.linalg.norm(second.T @ second))


def main(folder: str) -> None:
    images = sorted(path for path in Path(folder).rglob("*") if path.suffix in (".jpg", ".png"))[:500]
    arrays = layertap.Backbone("efficientnet_lite0").embed(images, LAYERS)
    for column, rows in arrays.items():
        print(f"{column}: {rows.shape}")
    names = list(arrays)
    table = np.array([[alignment(arrays[a], arrays[b]) for b in names] for a in names])
    print(np.round(table, 2))


if __name__ == "__main__":
    main(*sys.argv[1:])
