"""Makes the files of features that FeatureFileTests reads: one matrix and its labels, in every form.

Made with Python 3.11, NumPy 2.4.6 and scikit-learn 1.9.1; run in this folder: python3 make_features.py
"""
from pathlib import Path

import numpy as np
from sklearn.datasets import dump_svmlight_file

out = Path(__file__).parent / "features"
out.mkdir(exist_ok=True)
random = np.random.RandomState(3)
n, d = 60, 7
y = random.randint(0, 3, n)
X = (random.randn(n, d) + 1.5 * np.eye(3, d)[y]).astype(np.float32)
X[random.rand(n, d) < 0.3] = 0
X[0, 0] = 0.25  # so that the sparse text names the first and the last column
X[1, d - 1] = -1e-30
names = np.array(["ant", "bée", "cat"])[y]

np.save(out / "float32.npy", X)
np.save(out / "float64_fortran.npy", np.asfortranarray(X.astype(np.float64)))
np.save(out / "int16.npy", np.arange(-6, 6, dtype=np.int16).reshape(4, 3))
np.save(out / "uint64.npy", np.array([[1, 2**63]], np.uint64))
np.savez(out / "plain.npz", X=X, y=y)
np.savez_compressed(out / "packed.npz", embeddings=X.astype(np.float64), ids=np.arange(3), classes=y.astype(np.int8))
np.savez(out / "texts.npz", first=X, second=X[:, :2], who=names, also=y)
np.savez(out / "bytes.npz", X=X, y=np.char.encode(names, "utf8"))
np.savez(out / "floats.npz", X=X, y=y.astype(np.float32))
np.savez(out / "column.npz", X=X, y=y[:, None])
np.savez(out / "fractions.npz", X=X, y=y + 0.5)
np.savez(out / "pickled.npz", X=X, y=names.astype(object))
np.savez(out / "short.npz", X=X, y=y[:10])
np.savez(out / "flat.npz", a=y, b=y)
weights = np.resize([0, 0.5, 1, 2.5], n)  # the weights of ../linear/generate_weights.py
np.savez(out / "weighted.npz", X=X, y=y, sample_weight=weights)
np.savez_compressed(out / "weighted_packed.npz", X=X, y=y, ids=np.arange(n), importance=weights[:, None].astype(np.float16))
np.savez(out / "weights_only.npz", X=X, weight=weights)
np.savez(
    out / "weights_wrong.npz", X=X, y=y, short=weights[:10], negative=weights - 0.5, nan=np.where(weights > 0, 1, np.nan), text=names,
    rows=X,
)
dump_svmlight_file(X, y, str(out / "zero.svm"), zero_based=True)
dump_svmlight_file(X, y, str(out / "one.svm"), zero_based=False, comment="made by scikit-learn")
with open(out / "header.csv", "w") as file:
    file.write("id,label," + ",".join(f"f{j}" for j in range(d)) + "\n")
    for i in range(n):
        file.write(f"item {i},{y[i]}," + ",".join(repr(float(v)) for v in X[i]) + "\n")
with open(out / "plain.csv", "w") as file:
    for i in range(n):
        file.write(",".join(repr(float(v)) for v in X[i]) + f",{y[i]}\n")
with open(out / "labels.csv", "w") as file:
    file.write("label\n" + "".join(f"{v}\n" for v in y))
