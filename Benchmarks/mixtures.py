"""Synthetic features similar to pooled ones: classes are clouds around random centers in a space of factors, mixed into columns of
unequal scales and rectified. The same NumPy always gives the same rows."""

import os

import numpy as np

BLOCK = 20_000


class Mixture:
    def __init__(self, columns, classes, factors=48, separation=0.42, random=None):
        self.columns, self.classes, self.factors = columns, classes, factors
        self.random = random or np.random.default_rng(0)
        self.centers = self.normal(classes, factors) * np.float32(separation)
        self.mix = self.normal(factors, columns) / np.float32(factors**0.5)
        self.scale = np.exp(self.normal(columns) * np.float32(0.4)) * np.float32(0.6)

    def normal(self, *shape):
        return self.random.standard_normal(shape, np.float32)

    def labels(self, rows):
        return self.random.integers(0, self.classes, rows).astype(np.int32)

    def block(self, y):
        """Rows of these classes."""
        z = self.centers[y] + self.normal(len(y), self.factors)
        x = z @ self.mix + np.float32(0.5) * self.normal(len(y), self.columns) - np.float32(0.2)
        return np.maximum(x * self.scale, 0, out=x)

    def write(self, path, rows):
        """Writes a .npy file of this many rows, in blocks; returns their classes."""
        x = np.lib.format.open_memmap(path, "w+", np.float32, (rows, self.columns))
        y = self.labels(rows)
        for start in range(0, rows, BLOCK):
            x[start:start + BLOCK] = self.block(y[start:start + BLOCK])
        x.flush()
        del x
        # So that the reading process, in its control group, loads the pages.
        with open(path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return y

    def disturb(self, y, share):
        """Redraws this share of the labels, in place."""
        wrong = self.random.random(len(y)) < share
        y[wrong] = self.random.integers(0, self.classes, wrong.sum())
        return y
