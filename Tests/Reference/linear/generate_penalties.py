"""Writes penalties.json: logistic regressions under other penalties and one class against the rest.

    python Tests/Reference/linear/generate_penalties.py

The data are those of logistic.json, standardized. If `columns` is given, only this number of first columns is used.
Objectives are C Σ loss + (1 - r)/2 |W|² + r |W|₁ with a free intercept, evaluated in float64. They come from scikit-learn if
its solvers reach a tight tolerance (newton-cholesky, for one-vs-rest with L2 and without a penalty). Otherwise they come from
scikit-learn's saga, and NumPy continues with accelerated proximal gradient, and with Newton's method on the weights that are
not 0, until the subgradient nearest 0 is below 1e-9 of C times the number of rows. The lower objective is written. Made with
scikit-learn 1.9.1, NumPy 2.4.6. The script takes a few minutes.
"""

import json
import os
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
folder = os.path.dirname(__file__)


class Problem:
    """The problem of a softmax (sign is None), or of one class against the rest. W has shape [k, d]."""

    def __init__(self, X, Y, C, r, quadratic, absolute):
        self.X, self.Y, self.C = X, Y, C
        self.r, self.q, self.a = r, quadratic, absolute
        self.binary = Y.ndim == 1

    def loss(self, W, b):
        z = self.X @ W.T + b
        if self.binary:
            m = self.Y * z[:, 0]
            p = 1 / (1 + np.exp(m))
            return self.C * np.logaddexp(0, -m).sum(), -self.C * (self.Y * p)[:, None], (self.C * p * (1 - p))[:, None, None]
        top = z.max(1, keepdims=True)
        e = np.exp(z - top)
        q = e / e.sum(1, keepdims=True)
        value = (np.log(e.sum(1)) + top[:, 0] - (z * self.Y).sum(1)).sum()
        H = -q[:, :, None] * q[:, None, :]
        H[:, np.arange(q.shape[1]), np.arange(q.shape[1])] += q
        return self.C * value, self.C * (q - self.Y), self.C * H

    def value(self, W, b):
        return self.loss(W, b)[0] + self.q / 2 * (W ** 2).sum() + self.a * abs(W).sum()

    def subgradient(self, W, G):
        G = G + self.q * W
        return np.where(W != 0, G + self.a * np.sign(W), np.sign(G) * np.maximum(abs(G) - self.a, 0))

    def minimize(self, W, b):
        n, d = self.X.shape
        k = len(W)
        L = self.C * (0.25 if self.binary else 0.5) * np.linalg.norm(np.hstack([self.X, np.ones((n, 1))]), 2) ** 2
        for _ in range(400):
            y, c, t = W, b, 1.0
            for _ in range(300):
                _, R, _ = self.loss(y, c)
                G, g = R.T @ self.X, R.sum(0)
                Z = y - G / L
                Wn = np.sign(Z) * np.maximum(abs(Z) - self.a / L, 0) / (1 + self.q / L)
                bn = c - g / L
                if ((y - Wn) * (Wn - W)).sum() + ((c - bn) * (bn - b)).sum() > 0:
                    t = 1.0
                tn = (1 + (1 + 4 * t * t) ** 0.5) / 2
                y, c = Wn + (t - 1) / tn * (Wn - W), bn + (t - 1) / tn * (bn - b)
                W, b, t = Wn, bn, tn
            for _ in range(30):
                _, R, H = self.loss(W, b)
                G, g = self.subgradient(W, R.T @ self.X), R.sum(0)
                if max(abs(G).max(), abs(g).max()) <= 1e-9 * self.C * n:
                    return W, b
                rows, cols = np.nonzero(W)
                XA = np.hstack([self.X[:, cols], np.ones((n, k))])
                owner = np.concatenate([rows, np.arange(k)])
                M = np.einsum("ip,ipq,iq->pq", XA, H[:, owner][:, :, owner], XA, optimize=True)
                M[np.arange(len(rows)), np.arange(len(rows))] += self.q
                M += 1e-12 * np.trace(M) / len(M) * np.eye(len(M))
                step = np.linalg.solve(M, -np.concatenate([G[rows, cols], g]))
                old, size = self.value(W, b), 1.0
                while size > 1e-8:
                    Wn, bn = W.copy(), b + size * step[len(rows):]
                    Wn[rows, cols] += size * step[: len(rows)]
                    Wn[Wn * W < 0] = 0
                    if self.value(Wn, bn) < old:
                        break
                    size /= 2
                else:
                    break
                W, b = Wn, bn
        print("   no convergence", max(abs(G).max(), abs(g).max()) / (self.C * n))
        return W, b


def fit(X, Y, C, ratio):
    """The lowest objective found, with its weights. If `ratio` is None, there is no penalty."""
    quadratic, absolute = (0, 0) if ratio is None else (1 - ratio, ratio)
    problem = Problem(X, Y, C, ratio, quadratic, absolute)
    labels = (Y > 0).astype(int) if Y.ndim == 1 else Y.argmax(1)
    if absolute == 0:
        model = LogisticRegression(C=np.inf if ratio is None else C, solver="newton-cholesky", tol=1e-14, max_iter=1000)
    else:
        model = LogisticRegression(C=C, l1_ratio=ratio, solver="saga", tol=1e-9, max_iter=3000)
    model.fit(X, labels)
    W, b = model.coef_, model.intercept_
    if Y.ndim == 2 and len(W) == 1:
        raise RuntimeError("two classes have one score")
    best = (problem.value(W, b), W)
    if absolute > 0:
        W, b = problem.minimize(W, b)
        best = min(best, (problem.value(W, b), W), key=lambda pair: pair[0])
    return best


fits = []
for data in json.load(open(os.path.join(folder, "logistic.json"))):
    n, k = data["rows"], data["classCount"]
    full = np.array(data["features"], np.float32).reshape(n, -1).astype(np.float64)
    y = np.array(data["labels"])
    scale = full.std(0)
    full = (full - full.mean(0)) / np.where(scale == 0, 1, scale)
    cases = [(rule, C, ratio, None) for rule in ["multinomial", "one-vs-rest"] for C in [0.01, 1, 100] for ratio in [1, 0.5]
             if k > 2 or rule == "multinomial"]
    cases += [("one-vs-rest", C, 0, None) for C in [0.01, 1, 100] if k > 2]
    # With few columns, classes are not separable. In iris, one class always is, and digits has too many columns.
    few = {"wine": 2, "breast_cancer": 2}.get(data["name"])
    cases += [(rule, 1, None, few) for rule in ["multinomial", "one-vs-rest"] if few and (k > 2 or rule == "multinomial")]
    for rule, C, ratio, columns in cases:
        X = full[:, :columns] if columns else full
        if k == 2:
            found = [fit(X, np.where(y == 1, 1.0, -1.0), C, ratio)]
        elif rule == "multinomial":
            found = [fit(X, np.eye(k)[y], C, ratio)]
        else:
            found = [fit(X, np.where(y == c, 1.0, -1.0), C, ratio) for c in range(k)]
        zeros = int(sum((W == 0).sum() for _, W in found))
        fits.append(dict(data=data["name"], multiClass=rule, c=C, l1Ratio=ratio, columns=columns,
                         objective=sum(value for value, _ in found), zeros=zeros))
        print(fits[-1], flush=True)

with open(os.path.join(folder, "penalties.json"), "w") as file:
    json.dump(fits, file, indent=0)
    file.write("\n")
