"""Times DINOv2's protocol for linear probes: a logistic regression with each of 45 values of C, 1e-6 to 1e5, on 50,000 rows of
2,048 columns, 100 classes; the best C has the highest accuracy on 10,000 held-out rows. LayerTap certifies each fit to a relative
1e-4. The others fit the values ascending, each from the last result. They use the loosest of their tolerances with which some of
the fits, made before without a start, are within a relative 1e-4 of the minimum (LayerTap's result certified to 1e-6). A peer
that passes the limit counts with the limit.

Features are rectified mixtures, see mixtures.py, and are not scaled. Benchmarks/dinov2_protocol installs the requirements.
"""

import argparse
import json
import sys
import tempfile
import time
import warnings
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

import machine
from linear_models import objective
from measuring import Run, alternated, publish, ratios, run, spread
from mixtures import Mixture

FACTORS, SEPARATION = 64, 0.45
CLOSE = 1e-4
TOLERANCES = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7]
PEERS = ["scikit-learn", "Cyanure"]


def rival(peer, tolerance, rows):
    """A model that continues from its last weights, and a function that sets its C."""
    if peer == "scikit-learn":
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(tol=tolerance, max_iter=100_000, warm_start=True)
        return model, lambda c: model.set_params(C=c)
    from cyanure.estimators import Classifier

    model = Classifier(loss="logistic", penalty="l2", fit_intercept=True, tol=tolerance, max_iter=100_000, verbose=False,
                       warm_start=True, n_threads=2)
    return model, lambda c: model.set_params(lambda_1=1 / (c * rows))


def serve(peer, tolerance, folder, rows, values, is_kept):
    """Fits in a separate process: prints a line for each C with seconds and the accuracy on the held-out rows."""
    warnings.filterwarnings("ignore")
    x, y = np.load(f"{folder}/x.npy"), np.fromfile(f"{folder}/y.i32", np.int32)
    model, choose = rival(peer, tolerance, rows)
    for index, c in enumerate(values):
        choose(c)
        start = time.perf_counter()
        model.fit(x[:rows], y[:rows])
        seconds = time.perf_counter() - start
        weights = np.asarray(model.coef_, float)
        # In Cyanure the columns are the classes.
        weights = weights if peer == "scikit-learn" else weights.T
        bias = np.reshape(model.intercept_, -1)
        right = np.mean((x[rows:] @ weights.T.astype(np.float32) + bias).argmax(1) == y[rows:])
        if is_kept:
            np.concatenate([weights.reshape(-1), bias]).astype(float).tofile(f"{folder}/w{index}")
        print(json.dumps({"c": c, "seconds": seconds, "right": right}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=50_000, help="to fit; a fifth as many judge")
    parser.add_argument("--columns", type=int, default=2048)
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--values", type=int, default=45)
    parser.add_argument("--checked", type=int, default=3, help="values of C at which a rival's tolerance is found")
    parser.add_argument("--tolerances", nargs="+", type=float, default=TOLERANCES,
                        help="of the rivals, from the loosest; a rival takes the last one if none is close enough")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--limit", type=float, default=6000, help="seconds with which a run counts that passes them")
    parser.add_argument("--settle", type=float, default=600, help="seconds for a fit on the way to a rival's tolerance")
    parser.add_argument("--folder", help="for the features, which are deleted afterwards")
    parser.add_argument("--output", type=Path, help="a Markdown file for the table as well")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(*json.loads(arguments.serve))
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        publish(list(report(arguments, folder)), arguments.output)


class Protocol:
    def __init__(self, arguments, folder):
        self.arguments, self.folder, self.rows = arguments, folder, arguments.rows
        self.values = [float(f"{c:.3g}") for c in np.logspace(-6, 5, arguments.values)]
        self.all = arguments.rows + arguments.rows // 5
        Mixture(arguments.columns, arguments.classes, FACTORS, SEPARATION).write(f"{folder}/x.npy", self.all).tofile(
            f"{folder}/y.i32")
        self.x, self.y = np.load(f"{folder}/x.npy", mmap_mode="r"), np.fromfile(f"{folder}/y.i32", np.int32)
        np.save(f"{folder}/training.npy", self.x[:self.rows])
        self.best, self.notes = {}, {}

    def problem(self, file, rows):
        return [f"{self.folder}/{file}", f"{self.folder}/y.i32", rows, self.arguments.columns, self.arguments.classes, "logistic"]

    def ours(self):
        done = run([self.arguments.ours, "grid", *self.problem("x.npy", self.all), self.rows, self.arguments.threads, CLOSE,
                    *self.values], limit=self.arguments.limit)
        if done.is_cut_off:
            return done
        first, *lines = done.printed.splitlines()
        fits = [line.split() for line in lines]
        reached = sum(fit[2] == "true" for fit in fits)
        self.best["LayerTap"] = max((float(right), float(c)) for c, right, _ in fits)
        self.notes["LayerTap"] = f"{reached} of {len(self.values)} certified"
        return done._replace(seconds=float(first))

    def minimum(self, c):
        run([self.arguments.ours, "fit", *self.problem("training.npy", self.rows), "free", c, 1e-6, self.arguments.threads, 1,
             f"{self.folder}/w"])
        return self.value(f"{self.folder}/w", c)

    def value(self, path, c):
        found, classes = np.fromfile(path), self.arguments.classes
        return objective("logistic", self.x[:self.rows], self.y[:self.rows], found[:-classes].reshape(classes, -1),
                         found[-classes:], c)

    def fits(self, peer, tolerance, values, limit, is_kept=False):
        command = [sys.executable, __file__, "--serve", json.dumps([peer, tolerance, self.folder, self.rows, values, is_kept])]
        done = run(command, limit=limit, OMP_NUM_THREADS="2", OPENBLAS_NUM_THREADS="2")
        return done, [json.loads(line) for line in done.printed.splitlines()]

    def settled(self, peer, minima):
        """The loosest tolerance that is close enough in all fits that end in time; the last if there is none."""
        for tolerance in self.arguments.tolerances:
            worst, ended = 0, 0
            for c, minimum in minima.items():
                done, _ = self.fits(peer, tolerance, [c], self.arguments.settle, is_kept=True)
                if not done.is_cut_off:
                    ended += 1
                    worst = max(worst, self.value(f"{self.folder}/w0", c) / minimum - 1)
                if worst > CLOSE:
                    break
            distance = f"at most {max(0, worst):.1g} above the minimum at {ended} values" if ended else (
                f"no fit ended in {self.arguments.settle:g} s")
            print(f"{peer} at {tolerance:g}: {distance}", file=sys.stderr)
            self.notes[peer] = f"tol = {tolerance:g}, {distance}"
            if worst <= CLOSE:
                break
        return tolerance

    def theirs(self, peer, tolerance):
        done, fits = self.fits(peer, tolerance, self.values, self.arguments.limit)
        if fits:
            self.best[peer] = max((fit["right"], fit["c"]) for fit in fits)
        if done.is_cut_off:
            self.notes[peer] += f", cut off after {len(fits)} of {len(self.values)} fits"
            return done
        return done._replace(seconds=sum(fit["seconds"] for fit in fits))


def report(arguments, folder):
    protocol = Protocol(arguments, folder)
    checked = {protocol.values[index] for index in np.linspace(0, arguments.values - 1, arguments.checked + 2)[1:-1].astype(int)}
    minima = {c: protocol.minimum(c) for c in sorted(checked)} if arguments.peers else {}
    sides = {"LayerTap": protocol.ours} | {
        peer: partial(protocol.theirs, peer, protocol.settled(peer, minima)) for peer in arguments.peers}
    found: dict[str, list[Run]] = alternated(arguments.rounds, sides)
    ours = [done.seconds for done in found["LayerTap"]]
    yield (f"# {arguments.values} values of C, 1e-6 to 1e5: {arguments.rows:,} x {arguments.columns:,}, "
           f"{arguments.classes} classes, {arguments.threads} threads\n")
    yield (f"{machine.description()}, {', '.join(f'{name} {version(name)}' for name in ['scikit-learn', 'cyanure'])}; "
           f"{arguments.rounds} alternated rounds.\n")
    yield "| | seconds | its time / LayerTap's | memory, MB | best | |\n|---|---|---|---|---|---|"
    for name, runs in found.items():
        seconds = [done.seconds for done in runs]
        over = " or more" if any(done.is_cut_off for done in runs) else ""
        best = f"{100 * protocol.best[name][0]:.2f} % at C = {protocol.best[name][1]:g}" if name in protocol.best else ""
        yield (f"| {name} | {spread(seconds)}{over} | {spread(ratios(seconds, ours))} | "
               f"{max(done.memory for done in runs) / 1e6:,.0f} | {best} | {protocol.notes.get(name, '')} |")


if __name__ == "__main__":
    main()
