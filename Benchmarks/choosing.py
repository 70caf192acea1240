"""Times the choice of C for every column of EfficientNet-Lite0: `layertap compare STORE`, the whole command with 19 values, against
a loop of scikit-learn's over the same columns as in a typical notebook: features standardized, 5 folds, two jobs, the default
tolerance, once with 14 values and once with LayerTap's 19. The loop's seconds exclude its imports and the start of its jobs.

Then it times each column alone (`layertap train STORE --layers NAME`), beside the loop's seconds for it. With --kinds it times
one column with each kind of model instead, against scikit-learn's grid of 14 values at its defaults.

Sets: clothing without its validation part, and caltech with every fourth image of a class as test, from the folder of test data
(--data, or LAYERTAP_TESTDATA: images/clothing, images/caltech); and data/digits. Benchmarks/choosing installs the requirements.
"""

import argparse
import csv
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
import warnings
from functools import partial
from importlib.metadata import version
from pathlib import Path

import machine
from measuring import alternated, publish, ratios, run, spread

ROOT = Path(__file__).resolve().parent.parent
SETS = ["clothing", "caltech", "digits"]
# 10^-4 to 10^2.5, and LayerTap's own: 10^-5 to 10^4, two a decade.
VALUES = {14: (-4, 2.5, 14), 19: (-5, 4, 19)}
SVM = ["--classifier", "svm"]
# For each kind: its name, and LayerTap's options.
KINDS = {
    "l2": ("L2 softmax", []),
    "l1": ("L1 softmax", ["--penalty", "l1"]),
    "elastic-net": ("elastic net", ["--penalty", "elastic-net"]),
    "lbfgs": ("L2 softmax by L-BFGS", ["--solver", "lbfgs"]),
    "squared-hinge": ("squared hinge", SVM),
    "hinge": ("hinge", [*SVM, "--loss", "hinge"]),
    "l1-squared-hinge": ("L1 squared hinge", [*SVM, "--penalty", "l1"]),
    "crammer-singer": ("Crammer and Singer", [*SVM, "--loss", "crammer-singer"]),
    "one-vs-rest": ("one-versus-rest", ["--multi-class", "one-vs-rest"]),
}


def search(kind, values):
    """scikit-learn's search, and a function that returns its best accuracy and C."""
    from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
    from sklearn.model_selection import GridSearchCV
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import LinearSVC

    def path(ratio, solver):
        return LogisticRegressionCV(Cs=values, l1_ratios=(ratio,), solver=solver, cv=5, n_jobs=2, max_iter=1000,
                                    scoring="accuracy", use_legacy_attributes=False)

    def grid(model, name="C"):
        return GridSearchCV(model, {name: values}, cv=5, n_jobs=2)

    models = {
        "l2": lambda: path(0, "lbfgs"), "lbfgs": lambda: path(0, "lbfgs"), "l1": lambda: path(1, "saga"),
        "elastic-net": lambda: path(0.5, "saga"),
        "squared-hinge": lambda: grid(LinearSVC()), "hinge": lambda: grid(LinearSVC(loss="hinge")),
        "l1-squared-hinge": lambda: grid(LinearSVC(penalty="l1")),
        "crammer-singer": lambda: grid(LinearSVC(multi_class="crammer_singer")),
        "one-vs-rest": lambda: grid(OneVsRestClassifier(LogisticRegression(max_iter=1000)), "estimator__C"),
    }
    return models[kind]()


def serve(kind, count, store, columns):
    """The loop: a line of JSON for each column."""
    import numpy as np
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    warnings.filterwarnings("ignore")
    files = {column["name"]: column["file"] for column in described(store)}
    with open(f"{store}/items.csv", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["row"] and row["split"] == "train"]
    labels, rows = np.array([row["label"] for row in rows]), [int(row["row"]) for row in rows]
    # joblib's processes start and import before the timing.
    search(kind, [0.1, 1]).fit(np.arange(20.0).reshape(20, 1), [0, 1] * 10)
    for name in columns:
        start = time.perf_counter()
        model = search(kind, np.logspace(*VALUES[count]))
        make_pipeline(StandardScaler(), model).fit(np.load(f"{store}/features/{files[name]}.npy")[rows], labels)
        seconds = time.perf_counter() - start
        path = hasattr(model, "scores_")
        accuracy = np.mean(model.scores_, axis=0).max() if path else model.best_score_
        c = model.C_ if path else next(iter(model.best_params_.values()))
        print(json.dumps({"name": name, "seconds": seconds, "accuracy": accuracy, "c": float(np.max(c))}), flush=True)


def described(store):
    """The columns of a store: name, file, tap, pooling, dimensions."""
    columns = json.loads((Path(store) / "store.json").read_text())["columns"]
    for column in columns:
        column["name"] = column["tap"] + ("" if column["pooling"] == "none" else "-" + column["pooling"])
    return columns


def listed(name, data, take):
    """Path, label and part of every image of a set; at most `take` of each class and part."""
    folder = ROOT / "data/digits" if name == "digits" else Path(data or "") / "images" / name
    parts = [folder] if name == "caltech" else [folder / "train", folder / "test"]
    if not all(part.is_dir() for part in parts):
        sys.exit(f"{folder} is not there: --data or LAYERTAP_TESTDATA names the folder of test data")
    for part in parts:
        for label in sorted(path for path in part.iterdir() if path.is_dir()):
            count = {"train": 0, "test": 0}
            for index, path in enumerate(sorted(label.iterdir())):
                split = part.name if name != "caltech" else "test" if index % 4 == 3 else "train"
                count[split] += 1
                if not take or count[split] <= take:
                    yield path.resolve(), label.name, split


def stored(name, arguments):
    """The set's store with all layers; makes or completes it."""
    folder = arguments.stores.resolve() / f"{name}{'-' + str(arguments.take) if arguments.take else ''}"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "images.csv", "w", newline="") as file:
        csv.writer(file).writerows([("path", "label", "split"), *listed(name, arguments.data, arguments.take)])
    run([arguments.ours, "extract", "--labels", folder / "images.csv", "--layers", "all", "--store", folder])
    return max(folder.glob("*/store.json"), key=lambda path: path.stat().st_mtime).parent


def fresh(store):
    """The store without the choices of earlier runs, which LayerTap would reuse."""
    shutil.rmtree(Path(store) / "selections", ignore_errors=True)
    return store


class Loop:
    """The output of the loop in its runs of one store; a run beyond the limit has the columns that it finished."""

    def __init__(self, kind, count, store, columns, limit):
        self.command = [sys.executable, __file__, "--serve", json.dumps([kind, count, str(store), columns])]
        self.limit, self.columns = limit, {name: [] for name in columns}
        self.found = {}

    def run(self):
        done = run(self.command, limit=self.limit, PYTHONWARNINGS="ignore")
        entries = [json.loads(line) for line in done.printed.splitlines()]
        for entry in entries:
            self.columns[entry["name"]].append(entry["seconds"])
            self.found[entry["name"]] = entry
        return done if done.is_cut_off else done._replace(seconds=sum(entry["seconds"] for entry in entries))

    def best(self):
        return max(self.found.values(), key=lambda entry: entry["accuracy"], default=None)


def winner(name, accuracy, c):
    return f"{name}, {100 * accuracy:.1f} %, C = {c:.3g}"


def columns_of_set(name, arguments):
    """The lines of a set: all its columns in one command, then each."""
    store = stored(name, arguments)
    columns = [column for column in described(store) if not arguments.columns or column["name"] in arguments.columns]
    names, taps = [column["name"] for column in columns], [column["tap"] for column in columns]
    options = ["--classifier", arguments.classifier]
    kind = "l2" if arguments.classifier == "logistic" else "squared-hinge"
    loops = {count: Loop(kind, count, store, names, arguments.limit) for count in arguments.values}
    best = {}

    def compare(tool):
        done = run([tool, "compare", fresh(store), "--layers", *taps, *options, "--format", "json"], limit=arguments.limit)
        if not done.is_cut_off:
            page = json.loads(done.printed)
            best[tool] = page["entries"][page["best"]]
        return done

    def train(tool, tap):
        with tempfile.TemporaryDirectory() as folder:
            return run([tool, "train", fresh(store), "--layers", tap, *options, "--output", f"{folder}/m.layertap"],
                       limit=arguments.limit)

    tools = {"LayerTap": arguments.ours} | ({"LayerTap before": arguments.before} if arguments.before else {})
    found = alternated(arguments.rounds, {title: partial(compare, tool) for title, tool in tools.items()} | {
        f"scikit-learn, {count} values": loop.run for count, loop in loops.items()})
    ours = [done.seconds for done in found["LayerTap"]]
    with open(store / "items.csv", newline="") as table:
        count = sum(row["split"] == "train" for row in csv.DictReader(table))
    yield f"\n## {name}: {count:,} images to train on, {len(names)} columns, {arguments.classifier}\n"
    yield "| | seconds | its time / LayerTap's, round by round | winner |\n|---|---|---|---|"
    for title, runs in found.items():
        seconds = [done.seconds for done in runs]
        if title in tools:
            entry = best.get(tools[title])
            won = entry and winner(entry["name"], entry["accuracy"]["share"], entry["c"])
        else:
            entry = loops[int(re.search(r"\d+", title)[0])].best()
            won = entry and winner(entry["name"], entry["accuracy"], entry["c"])
        over = f", over {arguments.limit:g} s" if any(done.is_cut_off for done in runs) else ""
        yield f"| {title} | {spread(seconds)}{over} | {spread(ratios(seconds, ours), 2)} | {won or ''} |"
    yield f"\nOther processes kept up to {max(done.load for done in found['LayerTap']):.2f} cores busy while LayerTap ran."
    if arguments.whole_only:
        return
    single = alternated(arguments.rounds, {name: partial(train, arguments.ours, tap) for name, tap in
                                           zip(names, taps, strict=True)})
    medians = {name: statistics.median(done.seconds for done in runs) for name, runs in single.items()}
    middle = statistics.median(medians.values())
    yield f"\nEach column by `layertap train`, the whole command; their median is {middle:.2f} s.\n"
    yield ("| column | values | seconds | over the median column's | " +
           " | ".join(f"loop, {count} values, s" for count in loops) + " |")
    yield "|---|---|---|---|" + "---|" * len(loops)
    for column in columns:
        name = column["name"]
        theirs = [spread(loop.columns[name], 2) if loop.columns[name] else "" for loop in loops.values()]
        yield (f"| {name} | {column['dimensions']:,} | {spread([done.seconds for done in single[name]], 2)} | "
               f"{medians[name] / middle:.1f} | " + " | ".join(theirs) + " |")


def kinds_of_column(name, arguments):
    """The lines of a table: every kind of model on one column."""
    store = stored(name, arguments)
    wanted = (arguments.columns or ["blocks.5-avg"])[0]
    column = next(column for column in described(store) if column["name"] == wanted)
    yield f"\n## {name}, {wanted}, {column['dimensions']} values\n"
    yield ("| | LayerTap, s | scikit-learn's grid of 14 values, s | its time / LayerTap's, round by round | LayerTap found | "
           "scikit-learn found |\n|---|---|---|---|---|---|")
    for kind in KINDS if "all" in arguments.kinds else arguments.kinds:
        title, options = KINDS[kind]
        loop, said = Loop(kind, 14, store, [wanted], arguments.limit), []

        def train():
            with tempfile.TemporaryDirectory() as folder:
                done = run([arguments.ours, "train", fresh(store), "--layers", column["tap"], *options, "--output",
                            f"{folder}/m.layertap"], limit=arguments.limit)
            said.append(done.printed)
            return done

        found = alternated(arguments.rounds, {"LayerTap": train, f"scikit-learn, {kind}": loop.run})
        ours, theirs = ([done.seconds for done in runs] for runs in found.values())
        cut = [any(done.is_cut_off for done in runs) for runs in found.values()]
        over = [f" (limit {arguments.limit:g})" if is_cut else "" for is_cut in cut]
        ratio = "at most " * cut[0] + "at least " * cut[1] + spread(ratios(theirs, ours), 2) if not all(cut) else "not known"
        chosen = re.search(r"^C +([0-9.e+-]+).*?accuracy ([0-9.]+ %)", said[-1], re.MULTILINE | re.DOTALL)
        entry = loop.best()
        yield (f"| {title} | {spread(ours, 2)}{over[0]} | {spread(theirs, 2)}{over[1]} | **{ratio}** | "
               + (f"C = {chosen[1]}, {chosen[2]}" if chosen else "") + " | "
               + (f"C = {entry['c']:.3g}, {100 * entry['accuracy']:.1f} %" if entry else "") + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    parser.add_argument("--before", metavar="LAYERTAP", help="an earlier build of the command, to compare with as well")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=None, help="default: all; with --kinds clothing")
    parser.add_argument("--data", default=os.environ.get("LAYERTAP_TESTDATA"), help="folder of test data")
    parser.add_argument("--take", type=int, help="take so many images of each class and part only, at least 5")
    parser.add_argument("--columns", nargs="+", metavar="NAME", help="such as blocks.5-avg; default: all, with --kinds that one")
    parser.add_argument("--classifier", choices=["logistic", "svm"], default="logistic")
    parser.add_argument("--kinds", nargs="+", choices=["all", *KINDS], metavar="KIND",
                        help=f"one column with each of these: {', '.join(KINDS)}, or all")
    parser.add_argument("--values", nargs="*", type=int, choices=VALUES, default=list(VALUES), help="of the loop")
    parser.add_argument("--whole-only", action="store_true", help="leave out the columns one by one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=1200, help="seconds after which a run is given up")
    parser.add_argument("--stores", type=Path, default=Path(__file__).parent / ".stores",
                        help="folder of the feature stores, which are made if they are missing")
    parser.add_argument("--output", type=Path, help="a Markdown file for the tables as well")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.take and arguments.take < 5:
        parser.error("--take needs at least 5, one for each fold")
    if arguments.serve:
        serve(*json.loads(arguments.serve))
        return
    lines = [
        "# Choosing C\n",
        f"{machine.description()}, scikit-learn {version('scikit-learn')}.\n",
        f"Medians of {arguments.rounds} alternated rounds (min-max); 5 folds, two cores for everyone.",
    ]
    for name in arguments.sets or (["clothing"] if arguments.kinds else SETS):
        lines += (kinds_of_column if arguments.kinds else columns_of_set)(name, arguments)
    publish(lines, arguments.output)


if __name__ == "__main__":
    main()
