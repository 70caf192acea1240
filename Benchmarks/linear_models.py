"""Times fits of linear models to the same true suboptimality: LayerTap, scikit-learn and Intel's extension of it, Cyanure,
LIBLINEAR and its version for several cores, PyTorch, two threads each (LIBLINEAR has one), in turn, in rounds. The estimators of
LayerTap's Python package run by the same lines as scikit-learn's, with another import.

A fit counts once its objective, evaluated in float64, is within a relative 1e-5 of the minimum; the minimum is the lowest
value of any side, including LayerTap at a certified 1e-12. For each side the loosest of its own stopping settings that
reaches 1e-5 is found first, and then timed. The table also has LayerTap's time to a *certified* 1e-5, and the time of each side
with its default stopping rule, with the suboptimality that it reaches. Logistic regression
has a free intercept; SVMs have one that is penalized as an appended feature of 1 (LIBLINEAR's problem). C = 1 unless given. A path
of C with folds is timed with every fit of LayerTap certified to 1e-5, against LogisticRegressionCV with its default stopping rule
and with a setting whose fits of the first fold are within 1e-5.

Data: small (5,000 x 1,280, 10 classes), large (50,000 x 512, 100 classes): rectified mixtures like pooled features, a
part of the labels drawn at random so that nothing is separable; or features of photographs: FEATURES.npy with its labels in
FEATURES.csv, as `layertap extract --output` writes them, or FILE.npz with X and y. Requires what Benchmarks/linear_models
installs.
"""

import argparse
import csv
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import machine

SUBOPTIMALITY = 1e-5
# In bytes. A peer whose matrix of all parameters would be larger is left out, because it would use all memory.
LARGEST_MATRIX = 4e9
# For OpenBLAS, which LayerTap, NumPy and SciPy use; for MKL, which Intel's extension and PyTorch use; for PyTorch's own loops; and
# for LayerTap's row products.
AVX2 = {"OPENBLAS_CORETYPE": "Haswell", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ATEN_CPU_CAPABILITY": "avx2",
        "LAYERTAP_BENCHMARK_AVX2": "1"}


def synthetic(rows, columns, classes, latent, separation, noise):
    import numpy as np

    random = np.random.RandomState(1)
    y = random.randint(0, classes, rows).astype(np.int32)
    centers = random.randn(classes, latent).astype(np.float32) * separation
    z = centers[y] + random.randn(rows, latent).astype(np.float32)
    mix = (random.randn(latent, columns) / np.sqrt(latent)).astype(np.float32)
    scale = np.exp(random.randn(columns) * 0.4).astype(np.float32)
    x = np.maximum(0, (z @ mix + 0.5 * random.randn(rows, columns).astype(np.float32) - 0.2) * scale * 0.6)
    wrong = random.rand(rows) < noise
    y[wrong] = random.randint(0, classes, wrong.sum())
    return x.astype(np.float32), y


def load(name):
    import numpy as np

    if name == "small":
        return synthetic(5000, 1280, 10, 48, 0.42, 0.2)
    if name == "large":
        return synthetic(50000, 512, 100, 64, 0.55, 0.2)
    if name.endswith(".npy"):
        with open(Path(name).with_suffix(".csv"), newline="") as table:
            labels = [row["label"] for row in csv.DictReader(table)]
        return np.ascontiguousarray(np.load(name), np.float32), np.unique(labels, return_inverse=True)[1].astype(np.int32)
    with np.load(name) as data:
        return np.ascontiguousarray(data["X"], np.float32), data["y"].astype(np.int32)


def objective(kind, x, y, weights, bias, c):
    """Computes the objective in float64, in pieces."""
    import numpy as np

    total = 0.5 * (weights**2).sum()
    if kind != "logistic":
        total += 0.5 * (bias**2).sum()
    for start in range(0, len(x), 5000):
        z = x[start:start + 5000].astype(np.float64) @ weights.T + bias
        rows = np.arange(len(z))
        part = y[start:start + 5000]
        if kind == "logistic":
            top = z.max(1, keepdims=True)
            total += c * (np.log(np.exp(z - top).sum(1)) + top[:, 0] - z[rows, part]).sum()
        else:
            signs = -np.ones_like(z)
            signs[rows, part] = 1
            lost = np.maximum(0, 1 - signs * z)
            total += c * ((lost**2).sum() if kind == "squared-hinge" else lost.sum())
    return total


# Each peer: from (x, y, c, setting) to (seconds, weights, bias).


def fitted(name, module, x, y, parameters):
    """Seconds and the parameters of an estimator. The module is all that differs between scikit-learn, its extension and ours."""
    estimator = getattr(importlib.import_module(module), name)
    # The first fit of a process loads libraries.
    estimator().fit([[0.0], [1.0]], [0, 1])
    model = estimator(**parameters)
    start = time.perf_counter()
    model.fit(x, y)
    return time.perf_counter() - start, model.coef_.astype(float), model.intercept_.astype(float)


def sklearn_logistic(solver, module="sklearn.linear_model"):
    def fit(x, y, c, setting):
        matrix = 8 * ((x.shape[1] + 1) * (int(y.max()) + 1)) ** 2
        if solver == "newton-cholesky" and matrix > LARGEST_MATRIX:
            sys.exit(f"its matrix would take {matrix / 1e9:.0f} GB")
        parameters = {"C": c, "solver": solver, "max_iter": 20000, "tol": setting}
        return fitted("LogisticRegression", module, x, y, parameters)

    return fit


def sklearn_svm(loss, module="sklearn.svm"):
    def fit(x, y, c, setting):
        parameters = {"C": c, "loss": loss, "max_iter": 1_000_000, "tol": setting, "random_state": 0}
        return fitted("LinearSVC", module, x, y, parameters)

    return fit


def cyanure(loss):
    """Its objective is the mean of the losses and λ/2 |W|²; its squared hinge has a factor of 1/2."""

    def fit(x, y, c, setting):
        import numpy as np
        from cyanure.estimators import Classifier

        is_free = loss == "logistic"
        x = x if is_free else np.hstack([x, np.ones((len(x), 1), x.dtype)])
        model = Classifier(loss=loss, penalty="l2", lambda_1=(1 if is_free else 0.5) / (c * len(x)), fit_intercept=is_free,
                           tol=setting, max_iter=100_000, verbose=False, n_threads=2)
        start = time.perf_counter()
        model.fit(x, y)
        seconds = time.perf_counter() - start
        weights = model.coef_.T.astype(float)
        if is_free:
            return seconds, weights, model.intercept_.reshape(-1).astype(float)
        return seconds, weights[:, :-1], weights[:, -1]

    return fit


def torch_lbfgs(x, y, c, iterations):
    import numpy as np
    import torch

    torch.set_num_threads(2)
    xt, yt = torch.from_numpy(x), torch.from_numpy(y).long()
    w = torch.zeros(int(y.max()) + 1, x.shape[1], requires_grad=True)
    b = torch.zeros(int(y.max()) + 1, requires_grad=True)
    optimizer = torch.optim.LBFGS([w, b], max_iter=iterations, max_eval=2 * iterations, history_size=10,
                                  tolerance_grad=0, tolerance_change=0, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(torch.addmm(b, xt, w.T), yt)
        loss = loss + w.square().sum() / (2 * c * len(x))
        loss.backward()
        return loss

    start = time.perf_counter()
    optimizer.step(closure)
    seconds = time.perf_counter() - start
    return seconds, w.detach().numpy().astype(np.float64), b.detach().numpy().astype(np.float64)


def liblinear(solver, more=""):
    def fit(x, y, c, setting):
        import numpy as np
        import scipy.sparse
        from liblinear.liblinear import liblinear as library
        from liblinear.liblinear import parameter, problem

        data = problem(y.astype(np.float64), scipy.sparse.csr_matrix(x), bias=1)
        options = parameter(f"-s {solver} -c {c} -e {setting} -q {more}")
        options.set_to_default_values = None
        start = time.perf_counter()
        model = library.train(data, options)
        seconds = time.perf_counter() - start
        found = model.contents
        classes = found.nr_class
        order = [found.label[i] for i in range(classes)]
        columns = 1 if classes == 2 else classes
        w = np.ctypeslib.as_array(found.w, ((x.shape[1] + 1) * columns,)).reshape(x.shape[1] + 1, columns).T
        result = np.zeros((classes, x.shape[1] + 1))
        result[order[:columns]] = w
        return seconds, result[:, :-1], result[:, -1]

    return fit


TOLERANCES = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7]
# LIBLINEAR for several cores is a Python module of the same name, so it has a separate environment.
MULTICORE = f"{sys.prefix}-multicore/bin/python"
# The wheel of LayerTap changes more often than the peers, so it has a separate environment.
PACKAGE = f"{sys.prefix}-package/bin/python"


class Peer(NamedTuple):
    fit: Callable
    # Settings from loose to strict, and the default.
    settings: list
    default: float
    python: str = sys.executable


PEERS = {
    "logistic": {
        "scikit-learn lbfgs": Peer(sklearn_logistic("lbfgs"), TOLERANCES[1:], 1e-4),
        "scikit-learn newton-cg": Peer(sklearn_logistic("newton-cg"), TOLERANCES, 1e-4),
        "scikit-learn newton-cholesky": Peer(sklearn_logistic("newton-cholesky"), TOLERANCES, 1e-4),
        "scikit-learn-intelex lbfgs": Peer(sklearn_logistic("lbfgs", "sklearnex.linear_model"), TOLERANCES[1:], 1e-4),
        "Cyanure": Peer(cyanure("logistic"), TOLERANCES, 1e-3),
        "layertap.LogisticRegression": Peer(sklearn_logistic("lbfgs", "layertap"), TOLERANCES, 1e-4, PACKAGE),
        "PyTorch L-BFGS": Peer(torch_lbfgs, [25, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1200], 20),
    },
    "squared-hinge": {
        "layertap.LinearSVC": Peer(sklearn_svm("squared_hinge", "layertap"), TOLERANCES, 1e-4, PACKAGE),
        "scikit-learn LinearSVC": Peer(sklearn_svm("squared_hinge"), TOLERANCES, 1e-4),
        "LIBLINEAR -s 1 (dual)": Peer(liblinear(1), TOLERANCES, 0.1),
        "LIBLINEAR -s 2 (primal)": Peer(liblinear(2), TOLERANCES, 0.01),
        "LIBLINEAR multicore -s 1": Peer(liblinear(1, "-m 2"), TOLERANCES, 0.1, MULTICORE),
        "LIBLINEAR multicore -s 2": Peer(liblinear(2, "-m 2"), TOLERANCES, 0.01, MULTICORE),
        "Cyanure": Peer(cyanure("sqhinge"), TOLERANCES, 1e-3),
    },
    "hinge": {
        "layertap.LinearSVC, hinge": Peer(sklearn_svm("hinge", "layertap"), TOLERANCES, 1e-4, PACKAGE),
        "scikit-learn LinearSVC, hinge": Peer(sklearn_svm("hinge"), TOLERANCES, 1e-4),
        "LIBLINEAR -s 3 (dual)": Peer(liblinear(3), TOLERANCES, 0.1),
        "LIBLINEAR multicore -s 3": Peer(liblinear(3, "-m 2"), TOLERANCES, 0.1, MULTICORE),
    },
}


def serve(arguments):
    """One fit in a separate process: prints seconds, and writes the parameters."""
    import numpy as np

    warnings.filterwarnings("ignore")
    kind, peer, setting, path, c = json.loads(arguments.serve)
    x, y = np.load(f"{path}.x.npy"), np.load(f"{path}.y.npy")
    seconds, weights, bias = PEERS[kind][peer].fit(x, y, c, setting)
    np.concatenate([weights.reshape(-1), bias.reshape(-1)]).tofile(f"{path}.found")
    print(seconds)


class Failure(Exception):
    """A peer's fit that ended with an error."""


class Side:
    """A side that fits, and its loosest setting that reaches the suboptimality."""

    def __init__(self, name, run, settings, missed="did not reach 1e-5"):
        self.name, self.run, self.settings, self.missed = name, run, settings, missed
        self.times, self.setting, self.value = [], None, None


def compare(kind, name, c, arguments):
    """The lines of a table."""
    import numpy as np

    x, y = load(name)
    classes = int(y.max()) + 1
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/data"
        x.tofile(f"{path}.f32"), y.tofile(f"{path}.i32")
        np.save(f"{path}.x.npy", x), np.save(f"{path}.y.npy", y)

        def value():
            found = np.fromfile(f"{path}.found")
            return objective(kind, x, y, found[:-classes].reshape(classes, -1), found[-classes:], c)

        def ours(tolerance, threads):
            command = [arguments.ours, "fit", f"{path}.f32", f"{path}.i32", *map(str, x.shape), str(classes), kind,
                       "free" if kind == "logistic" else "penalized", str(c), str(tolerance), str(threads),
                       "1", f"{path}.found"]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            return float(printed[0])

        def theirs(peer):
            def run(setting):
                threads = {k: "2" for k in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]}
                command = [PEERS[kind][peer].python, __file__, "--serve", json.dumps([kind, peer, setting, path, c])]
                done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **threads},
                                      timeout=arguments.limit)
                if done.returncode:
                    raise Failure((done.stderr.strip().splitlines() or ["it failed"])[-1])
                return float(done.stdout.split()[-1])

            return run

        ours(1e-12, 2)
        minimum = value()
        sides = [Side("LayerTap", lambda t: ours(t, 2), [1e-2, 1e-3, 1e-4, 1e-5, 1e-6])]
        if kind != "logistic":
            sides.append(Side("LayerTap, one thread", lambda t: ours(t, 1), [1e-2, 1e-3, 1e-4, 1e-5, 1e-6]))
        sides += [Side(name, theirs(name), peer.settings) for name, peer in PEERS[kind].items()
                  if not arguments.peers or name in arguments.peers]
        for side in sides:
            for setting in side.settings:
                try:
                    side.run(setting)
                except subprocess.TimeoutExpired:
                    side.missed += f" in {arguments.limit:g} s a fit"
                    break
                except Failure as failure:
                    side.missed = str(failure)
                    break
                found = value()
                minimum = min(minimum, found)
                if found - minimum <= SUBOPTIMALITY * abs(minimum):
                    side.setting, side.value = setting, found
                    break
        certified = Side("LayerTap, certified 1e-5", lambda t: ours(t, 2), [1e-5])
        sides.insert(1, certified)
        defaults = [Side("LayerTap, default", lambda t: ours(t, 2), [1e-9])] + [
            Side(f"{side.name}, default", side.run, [PEERS[kind][side.name].default], f"was not done in {arguments.limit:g} s")
            for side in sides if side.name in PEERS[kind]]
        for side in [certified, *defaults]:
            try:
                side.run(side.settings[0])
                side.setting, side.value = side.settings[0], value()
            except subprocess.TimeoutExpired:
                pass
            except Failure as failure:
                side.missed = str(failure)
        sides += defaults
        sides = [side for side in sides if side.setting is not None] + [s for s in sides if s.setting is None]
        for _ in range(arguments.rounds):
            for side in sides:
                if side.setting is not None:
                    try:
                        side.times.append(side.run(side.setting))
                    except subprocess.TimeoutExpired:
                        side.times.append(arguments.limit)
    lines = [f"## {kind}, {Path(name).stem}: {x.shape[0]:,} x {x.shape[1]:,}, {classes} classes, C = {c:g}, "
             f"{arguments.rounds} rounds", "",
             "| | stops at | above the minimum | seconds, median | min-max | its time / LayerTap's, round by round |",
             "|---|---|---|---|---|---|"]
    first = sides[0].times
    for side in sides:
        if side.setting is None:
            lines.append(f"| {side.name} | {side.missed} | | | | |")
            continue
        ratios = [b / a for a, b in zip(first, side.times, strict=True)]
        lines.append(f"| {side.name} | {side.setting:g} | {max(0, side.value / minimum - 1):.1g} | "
                     f"{statistics.median(side.times):.3f} | {min(side.times):.3f}-"
                     f"{max(side.times):.3f} | {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) |")
    return lines + [""]


PATH_VALUES, FOLDS = 20, 5
# Settings of LogisticRegressionCV, from loose to strict; with float32 features it computes in float32.
PATH_SETTINGS = [["float32", 1e-4], ["float64", 1e-6], ["float64", 1e-7], ["float64", 1e-8], ["float64", 1e-9],
                 ["float64", 1e-10]]


def serve_path(arguments):
    """A path by LogisticRegressionCV in a separate process, over all folds or the first: prints seconds, writes weights."""
    import numpy as np
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import PredefinedSplit

    warnings.filterwarnings("ignore")
    kind, tolerance, folder, every = json.loads(arguments.serve_path)
    x, y, folds = (np.load(f"{folder}/{part}.npy") for part in ["x", "y", "folds"])
    splits = list(PredefinedSplit(folds).split())
    model = LogisticRegressionCV(Cs=np.logspace(-4, 4, PATH_VALUES), cv=splits if every else splits[:1], l1_ratios=(0,),
                                 tol=tolerance, max_iter=100_000, n_jobs=2 if every else 1, refit=False,
                                 use_legacy_attributes=False)
    x = x.astype(kind)
    start = time.perf_counter()
    model.fit(x, y)
    print(time.perf_counter() - start)
    np.save(f"{folder}/found.npy", np.asarray(model.coefs_paths_)[0].squeeze().astype(np.float64))


def path(name, arguments):
    """The lines of a table."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    x, y = load(name)
    classes = int(y.max()) + 1
    values = np.logspace(-4, 4, PATH_VALUES)
    folds = np.zeros(len(y), np.int32)
    for index, (_, held) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y)):
        folds[held] = index
    with tempfile.TemporaryDirectory() as folder:
        for part, content in [("x", x), ("y", y), ("folds", folds)]:
            np.save(f"{folder}/{part}.npy", content), content.tofile(f"{folder}/{part}")

        def ours(tolerance):
            command = [arguments.ours, "path", f"{folder}/x", f"{folder}/y", *map(str, x.shape), str(classes),
                       "logistic", f"{folder}/folds", "2", str(tolerance), *map(str, values)]
            return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[0])

        def theirs(setting, every):
            command = [sys.executable, __file__, "--serve-path", json.dumps([*setting, folder, every])]
            threads = {k: "1" for k in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]}
            printed = subprocess.run(command, check=True, capture_output=True, text=True,
                                     env={**os.environ, **threads}, timeout=arguments.limit).stdout
            return float(printed.split()[-1])

        # The minima of the first fold.
        rows = folds != 0
        x[rows].tofile(f"{folder}/x0"), y[rows].tofile(f"{folder}/y0")
        minima = []
        for c in values:
            subprocess.run([arguments.ours, "fit", f"{folder}/x0", f"{folder}/y0", str(rows.sum()), str(x.shape[1]),
                            str(classes), "logistic", "free", str(c), "1e-9", "2", "1", f"{folder}/w"], check=True,
                           capture_output=True)
            found = np.fromfile(f"{folder}/w")
            minima.append(objective("logistic", x[rows], y[rows], found[:-classes].reshape(classes, -1),
                                    found[-classes:], c))

        def excess():
            found = np.load(f"{folder}/found.npy")
            return max(objective("logistic", x[rows], y[rows], w[:, :-1], w[:, -1], c) / minimum - 1
                       for c, w, minimum in zip(values, found, minima, strict=True))

        reached = {}
        for setting in PATH_SETTINGS:
            try:
                theirs(setting, False)
            except subprocess.TimeoutExpired:
                break
            reached[tuple(setting)] = excess()
            if reached[tuple(setting)] <= SUBOPTIMALITY:
                break
        exact = setting if reached.get(tuple(setting), 1) <= SUBOPTIMALITY else None
        times = {"ours": [], "default": [], "exact": []}
        for _ in range(arguments.rounds):
            times["ours"].append(ours(SUBOPTIMALITY))
            for key, setting in [("default", PATH_SETTINGS[0]), ("exact", exact)]:
                try:
                    times[key].append(theirs(setting, True) if setting else arguments.limit)
                except subprocess.TimeoutExpired:
                    times[key].append(arguments.limit)
    lines = [f"## {PATH_VALUES} values of C (0.0001 to 10,000) x {FOLDS} folds, {Path(name).stem}: {x.shape[0]:,} x "
             f"{x.shape[1]:,}, {classes} classes, {arguments.rounds} rounds", "",
             "| | worst of the first fold's fits, above its minimum | seconds, median | min-max | its time / LayerTap's, "
             "round by round |", "|---|---|---|---|---|"]
    rows = [("LayerTap, every fit certified", "at most 1e-5", "ours"),
            ("LogisticRegressionCV, 2 jobs, default", f"{reached.get(tuple(PATH_SETTINGS[0]), np.nan):.1g}", "default"),
            (f"LogisticRegressionCV, 2 jobs, {exact[0]}, tol={exact[1]:g}" if exact else "LogisticRegressionCV to 1e-5",
             f"{reached[tuple(exact)]:.1g}" if exact else f"1e-5 not reached in {arguments.limit:g} s a fold", "exact")]
    for title, above, key in rows:
        own = times[key]
        more = " or more" if max(own) >= arguments.limit else ""
        ratios = [b / a for a, b in zip(times["ours"], own, strict=True)]
        lines.append(f"| {title} | {above} | {statistics.median(own):.2f}{more} | {min(own):.2f}-{max(own):.2f} | "
                     f"{statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f}) |")
    return lines + [""]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    parser.add_argument("--data", nargs="+", default=["small", "large"])
    parser.add_argument("--only", nargs="+", choices=["logistic", "svm", "path"], default=["logistic", "svm", "path"])
    parser.add_argument("--peers", nargs="+", metavar="NAME", choices=[name for peers in PEERS.values() for name in peers],
                        help="default: all")
    parser.add_argument("--c", type=float, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=600, help="seconds after which a fit is given up")
    parser.add_argument("--instruction-set", choices=["avx2"], help="for the matrix products of all sides")
    parser.add_argument("--output", type=Path, help="a Markdown file for the tables as well")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--serve-path", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments)
        return
    if arguments.serve_path:
        serve_path(arguments)
        return
    if arguments.instruction_set:
        os.environ |= AVX2
    versions = ", ".join(f"{name} {version(name)}" for name in [
        "scikit-learn", "scikit-learn-intelex", "cyanure", "liblinear-official", "torch", "numpy"])
    kept = ", matrix products kept to AVX2" if arguments.instruction_set else ""
    lines = [f"# Fits of linear models, 2 threads{kept}", "", f"{machine.description()}, {versions}.", ""]
    print("\n".join(lines))

    def tell(more):
        lines.extend(more)
        print("\n".join(more), flush=True)
        if arguments.output:
            arguments.output.write_text("\n".join(lines))

    for name in arguments.data:
        for c in arguments.c:
            if "logistic" in arguments.only:
                tell(compare("logistic", name, c, arguments))
            if "svm" in arguments.only:
                tell(compare("squared-hinge", name, c, arguments))
                tell(compare("hinge", name, c, arguments))
        if "path" in arguments.only:
            tell(path(name, arguments))


if __name__ == "__main__":
    main()
