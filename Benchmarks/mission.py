"""Times the main task of users: to find the column that separates the classes of their photographs best. 5,000 photographs made
from the clothing set by fixed rules, 14 layers of EfficientNet-Lite0 with 3 poolings in one pass, C in 5 folds for each of the 42
columns, the table. `layertap compare` with an empty store, against mission_pytorch.py and mission_onnxruntime.py, as processes.
Then a layer is added: LayerTap continues with its store, and the scripts run again completely.

Needs the folder of test data (--data, or LAYERTAP_TESTDATA: images/clothing). Benchmarks/mission installs the requirements.
"""

import argparse
import ast
import json
import os
import shutil
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import machine
import photographs
from measuring import alternated, publish, ratios, run, spread

FOLDER = Path(__file__).resolve().parent
ADDED = "head"
SCRIPTS = {
    "PyTorch": ["mission_pytorch.py"],
    "ONNX Runtime": ["mission_onnxruntime.py", "mission_pytorch.py"],
}
COMMAND = "layertap compare images.csv --layers blocks.2 ... --pool avg max gem"


def sources(data):
    """The photographs: path, label, part, the classes in turn. The validation part is used for training."""
    found = []
    for part in ["train", "validation", "test"]:
        for label in sorted(path for path in (data / part).iterdir() if path.is_dir()):
            split = "test" if part == "test" else "train"
            found += [(index, label.name, path, split) for index, path in enumerate(sorted(label.iterdir()))]
    return [(path, label, split) for _, label, path, split in sorted(found)]


def lines_of_code(files):
    """The statements, each on one line if it has no body; without comments and docstrings."""
    total = 0
    for name in files:
        tree = ast.parse((FOLDER / name).read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
                del node.body[0]
        total += sum(line != "" for line in ast.unparse(tree).splitlines())
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    parser.add_argument("--data", default=os.environ.get("LAYERTAP_TESTDATA"), help="folder of test data")
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--layers", type=int, default=14, help="the last so many of 16 blocks")
    parser.add_argument("--sides", nargs="*", choices=SCRIPTS, default=list(SCRIPTS), help="scripts to compare with")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--limit", type=float, default=7200, help="seconds after which a run is given up")
    parser.add_argument("--folder", type=Path, default=FOLDER / ".images",
                        help="folder of the JPEG files, which are made if they are missing")
    parser.add_argument("--output", type=Path, help="a Markdown file for the table as well")
    arguments = parser.parse_args()
    data = Path(arguments.data or "") / "images/clothing"
    if not data.is_dir():
        sys.exit(f"{data} is not there: --data or LAYERTAP_TESTDATA names the folder of test data")
    table = photographs.multiply(
        arguments.folder.resolve() / f"mission-{arguments.images}", sources(data), arguments.images)
    first = [f"blocks.{index}" for index in range(16 - arguments.layers, 16)]
    found = {}
    with tempfile.TemporaryDirectory() as scratch:

        def ours(layers):
            def go():
                if layers == first:
                    shutil.rmtree(f"{scratch}/store", ignore_errors=True)
                done = run([arguments.ours, "compare", table, "--layers", *layers, "--pool", "avg", "max", "gem", "--store",
                            f"{scratch}/store", "--format", "json"], limit=arguments.limit)
                if not done.is_cut_off:
                    page = json.loads(done.printed)
                    best = page["entries"][page["best"]]
                    found["LayerTap", len(layers)] = (
                        f"{best['name']} {100 * best['accuracy']['share']:.1f} % {100 * page['test']['share']:.1f} %")
                return done

            return go

        def theirs(side, layers):
            def go():
                network = [f"{scratch}/{len(layers)}.onnx"] if side == "ONNX Runtime" else []
                script = [sys.executable, "-W", "ignore", FOLDER / SCRIPTS[side][0]]
                if network and not Path(network[0]).exists():
                    run([*script, "export", *network, *layers])
                done = run([*script, *network, table, *layers], limit=arguments.limit, PYTHONWARNINGS="ignore")
                if not done.is_cut_off:
                    found[side, len(layers)] = done.printed.splitlines()[-1]
                return done

            return go

        sides = {"LayerTap": lambda layers: ours(layers)} | {
            side: lambda layers, side=side: theirs(side, layers) for side in arguments.sides}
        # A side's second run follows its first.
        both = alternated(arguments.rounds, {
            name: lambda side=side: [side(first)(), side([*first, ADDED])()] for name, side in sides.items()})
    publish(report(arguments, len(first), both, found), arguments.output)


def report(arguments, layers, both, found):
    versions = ", ".join(f"{name} {version(name)}" for name in ["torch", "onnxruntime", "scikit-learn", "pillow"])
    lines = [
        f"# {arguments.images:,} photographs, {layers} layers x 3 poolings, C in 5 folds for each\n",
        f"{machine.description()}, {versions}.\n",
        f"Medians of {arguments.rounds} alternated rounds (min-max), whole processes on two cores. Memory: the most that a process "
        "and its children hold, pages that they share counted once. The network for ONNX Runtime is exported beforehand.\n",
        "| | seconds | its time / LayerTap's | memory, MB | lines of user code | winner, cross-validated, on the test | a layer "
        "added: seconds | its time / LayerTap's | winner then |\n|---|---|---|---|---|---|---|---|---|",
    ]
    seconds = {name: [[done.seconds for done in runs] for runs in zip(*rounds, strict=True)] for name, rounds in both.items()}
    for name, rounds in both.items():
        memory = statistics.median(runs[0].memory for runs in rounds) / 1e6
        over = [" or more" if any(runs[part].is_cut_off for runs in rounds) else "" for part in range(2)]
        against = [spread(ratios(seconds[name][part], seconds["LayerTap"][part])) for part in range(2)]
        code = lines_of_code(SCRIPTS[name]) if name in SCRIPTS else 1
        lines.append(
            f"| {name} | {spread(seconds[name][0])}{over[0]} | **{against[0]}** | {memory:,.0f} | {code} | "
            f"{found.get((name, layers), '')} | {spread(seconds[name][1])}{over[1]} | **{against[1]}** | "
            f"{found.get((name, layers + 1), '')} |")
    load = max(done.load for runs in both["LayerTap"] for done in runs)
    return [*lines, f"\nLayerTap's line of user code: `{COMMAND}`. Other processes kept up to {load:.2f} cores busy while it ran."]


if __name__ == "__main__":
    main()
