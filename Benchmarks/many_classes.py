"""Times logistic regressions of a thousand classes: 9,000 rows of 1,280 columns, nine a class, random factors with noise; the
accuracy on held-out rows is 99.8 %. One fit with each C, to LayerTap's default tolerance and to others that are given,
against scikit-learn at its defaults: time of the fit, memory of the process, accuracy on held-out rows. With --search
also `layertap train`, which chooses C itself.

Features are not scaled, except in the search. Benchmarks/many_classes installs the requirements.
"""

import argparse
import csv
import json
import re
import sys
import tempfile
import time
import warnings
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

import machine
from measuring import alternated, publish, ratios, run, spread
from mixtures import Mixture

FACTORS, SEPARATION = 128, 0.8


def serve(folder, c):
    """scikit-learn's fit: prints seconds, writes the weights."""
    from sklearn.linear_model import LogisticRegression

    warnings.filterwarnings("ignore")
    x, y = np.load(f"{folder}/x.npy"), np.fromfile(f"{folder}/y.i32", np.int32)
    start = time.perf_counter()
    model = LogisticRegression(C=c).fit(x, y)
    print(time.perf_counter() - start)
    np.concatenate([model.coef_.reshape(-1), model.intercept_]).astype(float).tofile(f"{folder}/w")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    parser.add_argument("--fit", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=9000)
    parser.add_argument("--columns", type=int, default=1280)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--c", type=float, nargs="+", default=[0.01, 1])
    parser.add_argument("--tolerances", nargs="+", default=["default"], help="relative gaps of LayerTap's fits")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--search", action="store_true", help="also the choice of C by `layertap train`, once")
    parser.add_argument("--limit", type=float, default=1200, help="seconds after which a run is given up")
    parser.add_argument("--output", type=Path, help="a Markdown file for the tables as well")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(*json.loads(arguments.serve))
        return
    with tempfile.TemporaryDirectory() as folder:
        publish(list(report(arguments, folder)), arguments.output)


def report(arguments, folder):
    mixture = Mixture(arguments.columns, arguments.classes, FACTORS, SEPARATION)
    y, other = np.arange(arguments.rows, dtype=np.int32) % arguments.classes, mixture.labels(arguments.rows // 3)
    x, held_out = mixture.block(y), mixture.block(other)
    np.save(f"{folder}/x.npy", x), y.tofile(f"{folder}/y.i32")
    accuracies, gaps = {}, {}

    def judge(name, done):
        if done.is_cut_off:
            return done
        found = np.fromfile(f"{folder}/w")
        weights, bias = found[:-arguments.classes].reshape(arguments.classes, -1), found[-arguments.classes:]
        accuracies[name] = np.mean((held_out @ weights.T + bias).argmax(1) == other)
        return done._replace(seconds=float(done.printed.split()[0]))

    def ours(name, c, tolerance):
        done = run([arguments.fit, "fit", f"{folder}/x.npy", f"{folder}/y.i32", *x.shape, arguments.classes, "logistic", "free", c,
                    tolerance, arguments.threads, 1, f"{folder}/w"], limit=arguments.limit)
        gaps[name] = "" if done.is_cut_off else f"{float(done.printed.split()[1]):.1g}"
        return judge(name, done)

    def theirs(name, c):
        return judge(name, run([sys.executable, __file__, "--serve", json.dumps([folder, c])], limit=arguments.limit))

    yield f"# {arguments.rows:,} x {arguments.columns:,}, {arguments.classes:,} classes\n"
    yield f"{machine.description()}, scikit-learn {version('scikit-learn')}.\n"
    yield f"Medians of {arguments.rounds} alternated rounds (min-max), {arguments.threads} threads."
    for c in arguments.c:
        sides = {f"LayerTap, {tolerance}": partial(ours, f"LayerTap, {tolerance}", c, tolerance)
                 for tolerance in arguments.tolerances} | {"scikit-learn": partial(theirs, "scikit-learn", c)}
        found = alternated(arguments.rounds, sides)
        rival = [done.seconds for done in found["scikit-learn"]]
        yield f"\n## C = {c:g}\n"
        yield "| | seconds | its time / scikit-learn's | memory of the process, MB | right | relative gap |"
        yield "|---|---|---|---|---|---|"
        for name, runs in found.items():
            seconds = [done.seconds for done in runs]
            over = " or more" if any(done.is_cut_off for done in runs) else ""
            right = f"{100 * accuracies[name]:.2f} %" if name in accuracies else ""
            yield (f"| {name} | {spread(seconds, 2)}{over} | {spread(ratios(seconds, rival), 2)} | "
                   f"{max(done.memory for done in runs) / 1e6:,.0f} | {right} | {gaps.get(name, '')} |")
    if arguments.search:
        np.save(f"{folder}/all.npy", np.concatenate([x, held_out]))
        with open(f"{folder}/all.csv", "w", newline="") as file:
            parts = ["train"] * len(y) + ["test"] * len(other)
            csv.writer(file).writerows([("path", "label", "split"), *(
                (index, f"c{label:04}", part) for index, (label, part) in enumerate(zip([*y, *other], parts, strict=True)))])
        done = run([arguments.ours, "train", f"{folder}/all.npy", "--labels", f"{folder}/all.csv", "--threads", arguments.threads,
                    "--output", f"{folder}/m.layertap"], limit=arguments.limit)
        said = re.findall(r"^(?:C |accuracy).*", done.printed, re.MULTILINE)
        over = " or more" if done.is_cut_off else ""
        yield (f"\n`layertap train`, C chosen in 5 folds: {done.seconds:.0f} s{over}, {done.memory / 1e6:,.0f} MB"
               + "".join(f"; {line}" for line in said) + ".")


if __name__ == "__main__":
    main()
