"""Writes calibration.json: sigmoids and temperatures of committed margins and scores.

    python Tests/Reference/calibration/generate.py

The optima come from SciPy's Newton method with exact derivatives. The probabilities come from scikit-learn's
CalibratedClassifierCV around an estimator that returns the margins. Its L-BFGS stops a little before the optimum.
Made with scikit-learn 1.9.1, SciPy 1.17.1, NumPy 2.4.6.
"""

import json
import os
import warnings

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import expit, log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, _sigmoid_calibration
from sklearn.frozen import FrozenEstimator

warnings.filterwarnings("ignore")
random = np.random.RandomState(17)


class Given(ClassifierMixin, BaseEstimator):
    """An estimator whose margins are its features. With two classes, the margin is the second feature."""

    def __init__(self, k):
        self.k = k
        self.classes_ = np.arange(k)

    def fit(self, X, y):
        return self

    def decision_function(self, X):
        return X[:, 1] if self.k == 2 else X

    def predict(self, X):
        return X.argmax(1)

    def __sklearn_is_fitted__(self):
        return True


def sigmoid(f, positive):
    """Platt's sigmoid at the minimum of his objective, to the last digits: margins are scaled, and derivatives are exact."""
    scale = abs(f).max()
    f = f / scale
    n1, n0 = positive.sum(), (~positive).sum()
    t = np.where(positive, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))

    def value(v):
        z = v[0] * f + v[1]
        return float(np.sum(np.logaddexp(0, -z) + t * z))

    def gradient(v):
        d = t - expit(-(v[0] * f + v[1]))
        return np.array([f @ d, d.sum()])

    def hessian(v):
        p = expit(-(v[0] * f + v[1]))
        w = p * (1 - p)
        return np.array([[f @ (f * w), f @ w], [f @ w, w.sum()]])

    v = minimize(value, [0, np.log((n0 + 1) / (n1 + 1))], jac=gradient, hess=hessian, method="trust-exact",
                 options=dict(gtol=1e-13, maxiter=1000)).x
    for _ in range(20):
        v = v - np.linalg.solve(hessian(v), gradient(v))
    return v[0] / scale, v[1]


platt = []
for n, k, scale, noise in [(80, 2, 1, 1), (200, 3, 1, 0.7), (300, 5, 1, 1.5), (60, 2, 1000, 0.6), (90, 3, 1e-3, 1),
                           (40, 2, 1, 0), (45, 3, 1, 0)]:
    y = np.concatenate([np.arange(k), random.randint(0, k, n - k)])
    margins = scale * (2.0 * (y[:, None] == np.arange(k)) - 1 + noise * random.randn(n, k))
    if k == 2:
        margins[:, 0] = -margins[:, 1]
    model = CalibratedClassifierCV(FrozenEstimator(Given(k)), method="sigmoid", ensemble=False).fit(margins, y)
    fitted = [sigmoid(margins[:, c], y == c) for c in ([1] if k == 2 else range(k))]
    theirs = [_sigmoid_calibration(margins[:, c], (y == c).astype(int)) for c in ([1] if k == 2 else range(k))]
    print(n, k, scale, noise, [abs(a[0] / b[0] - 1) for a, b in zip(fitted, theirs)])
    platt.append(dict(
        classCount=k, labels=y.tolist(), margins=margins.ravel().tolist(), slopes=[f[0] for f in fitted],
        offsets=[f[1] for f in fitted], probabilities=model.predict_proba(margins).ravel().tolist()))

temperature = []
for n, k, sure in [(100, 2, 5), (200, 3, 0.3), (150, 10, 2), (60, 4, 1), (30, 3, 0)]:
    y = random.randint(0, k, n)
    z = 1.5 * (y[:, None] == np.arange(k)) + random.randn(n, k)
    z = sure * z if sure else 5.0 * (y[:, None] == np.arange(k))  # in the last case, every row is right
    loss = lambda b: -log_softmax(b * z, 1)[np.arange(n), y].sum()
    if (z.argmax(1) == y).all():
        # By Platt's targets, n rows that are all right have odds of n + 1 to 1.
        t = np.full((n, k), 1 / (n + 2) / (k - 1))
        t[np.arange(n), y] = (n + 1) / (n + 2)
        smooth = lambda b: -(t * log_softmax(b * z, 1)).sum()
        slope = lambda b: ((softmax(b * z, 1) - t) * z).sum()
        beta = float(brentq(slope, 1e-6, 1e6, xtol=1e-15, rtol=1e-15))
        print(n, k, sure, beta, smooth(beta), smooth(beta * 1.001), smooth(beta * 0.999))
        temperature.append(dict(classCount=k, labels=y.tolist(), scores=z.ravel().tolist(), temperature=1 / beta,
                                probabilities=None))
        continue
    beta = 1.0
    for _ in range(100):
        p = softmax(beta * z, 1)
        m = (p * z).sum(1)
        curvature = ((p * z * z).sum(1) - m * m).sum()
        beta = min(100.0, max(0.01, beta - (m - z[np.arange(n), y]).sum() / curvature)) if curvature > 0 else 100.0
    model = CalibratedClassifierCV(FrozenEstimator(Given(k)), method="temperature", ensemble=False)
    theirs = None
    if k > 2 and sure:
        theirs = model.fit(z, y).predict_proba(z).ravel().tolist()
    print(n, k, sure, beta, loss(beta), loss(beta * 1.001), loss(beta * 0.999))
    temperature.append(dict(classCount=k, labels=y.tolist(), scores=z.ravel().tolist(), temperature=1 / beta,
                            probabilities=theirs))

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "calibration.json"), "w") as file:
    json.dump(dict(platt=platt, temperature=temperature), file)
    file.write("\n")
