"""Writes holm.json: p-values and statsmodels' adjusted p-values by Holm's method.

    python Tests/Reference/metrics/generate_holm.py

Made with statsmodels 0.15.0, NumPy 2.4.6.
"""

import json
import os

import numpy as np
from statsmodels.stats.multitest import multipletests

random = np.random.RandomState(3)
cases = [[0.04], [1.0], [0.0, 0.0], [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.5], [1.0, 1e-300, 1.0, 0.02], [0.02] * 7]
for count in [2, 3, 10, 50, 200]:
    cases.append((random.uniform(size=count) ** random.randint(1, 8)).tolist())
    # McNemar's test gives few different values, so many are equal.
    cases.append(random.choice([1.0, 0.5, 0.0625, 0.03125, 0.002349853515625], count).tolist())

with open(os.path.join(os.path.dirname(__file__), "holm.json"), "w") as file:
    json.dump([dict(p=p, adjusted=multipletests(p, method="holm")[1].tolist()) for p in cases], file, indent=0)
    file.write("\n")
