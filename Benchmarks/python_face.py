"""The Python package against the command on the same inputs, in turn: the same bytes in which time and memory? And against
scikit-learn's estimators of the same names, whose module is the only difference.

Python's side runs in a warm interpreter: the package is imported and the backbone is loaded. Its memory is the peak during
the work, less the memory after the imports."""

import argparse
import importlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import machine
import measuring
import photographs

sys.path.append(str(Path(__file__).parent.parent / "Python/tests"))
import objectives

LAYER = "penultimate"
# The class, its module in scikit-learn, the command's options, C, and the formula of the objective.
FITS = {
    "logistic regression": (
        "LogisticRegression", "sklearn.linear_model", ["--classifier", "logistic"], 0.01, objectives.logistic),
    "linear SVM": ("LinearSVC", "sklearn.svm", ["--classifier", "svm", "--intercept", "1"], 0.001, objectives.hinge),
}


def memory(name):
    """A line of /proc/self/status in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return 1024 * int(line.split()[1])


def work():
    """Does the jobs that standard input names, one in a line, and prints the seconds and the bytes of each."""
    import layertap

    backbone, loaded = None, {}
    print("ready", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        if job["kind"] == "features" and backbone is None:
            backbone = layertap.Backbone("efficientnet_lite0")
            backbone.embed(job["images"][:1])
        if job["kind"] == "fit":
            estimator = getattr(importlib.import_module(job["module"]), job["estimator"])
            if job["features"] not in loaded:
                loaded[job["features"]] = (np.load(job["features"]), np.load(job["labels"]))
        Path("/proc/self/clear_refs").write_text("5")
        before, start = memory("VmRSS"), time.perf_counter()
        if job["kind"] == "features":
            backbone.embed(job["images"], LAYER, store=job["store"], threads=job["threads"])
        else:
            model = estimator(C=job["c"], **job["parameters"])
            model.fit(*loaded[job["features"]])
        seconds, peak = time.perf_counter() - start, memory("VmHWM") - before
        value = next((f[4](model, *loaded[job["features"]], job["c"]) for f in FITS.values()
                      if f[0] == job.get("estimator")), None)
        print(json.dumps({"seconds": seconds, "memory": peak, "objective": value}), flush=True)


class Interpreter:
    """A Python that waits for jobs."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--work"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=measuring.variables())
        self.process.stdout.readline()

    def do(self, job):
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        done = json.loads(self.process.stdout.readline())
        return measuring.Run(done["objective"], done["seconds"], 0, done["memory"], False)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def line(name, found):
    ours, theirs = found["Python"], found["command"]
    ratios = measuring.ratios([run.seconds for run in ours], [run.seconds for run in theirs])
    peaks = [max(run.memory for run in runs) / 1e6 for runs in (ours, theirs)]
    seconds = [measuring.spread([run.seconds for run in runs], 2) for runs in (ours, theirs)]
    return f"| {name} | {seconds[0]} | {seconds[1]} | {measuring.spread(ratios, 3)} | {peaks[0]:.0f} | {peaks[1]:.0f} |"


def swapped(name, found, minimum):
    """A line for both modules: seconds, and the distance of the objective from the minimum as a share."""
    cells = []
    for side in ("layertap", "scikit-learn"):
        gap = max(run.printed for run in found[side]) / minimum - 1
        cells += [measuring.spread([run.seconds for run in found[side]], 2), f"{max(gap, 0):.1e}"]
    ratios = measuring.ratios(*([run.seconds for run in found[side]] for side in ("scikit-learn", "layertap")))
    return f"| {name} | {' | '.join(cells)} | {measuring.spread(ratios)} |"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", action="store_true")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output")
    options = parser.parse_args()
    if options.work:
        work()
        return
    command = Path(sys.executable).with_name("layertap")
    threads = ["--threads", options.threads]
    lines = ["| | Python: s | command: s | Python / command | Python: MB above the imports | command: MB |",
             "|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        images = photographs.make(folder / "images", options.images, (500, 375))
        interpreter = Interpreter()
        # One job warms the interpreter.
        job = {"kind": "features", "images": list(map(str, images)), "threads": options.threads}
        interpreter.do({**job, "images": job["images"][:8], "store": str(folder / "first")})
        count = iter(range(1000))

        def fresh():
            for old in folder.glob("store*"):
                shutil.rmtree(old)
            return str(folder / f"store{next(count)}")

        found = measuring.alternated(options.rounds, {
            "Python": lambda: interpreter.do({**job, "store": fresh()}),
            "command": lambda: measuring.run([command, "extract", folder / "images", "--layers", LAYER, *threads,
                                              "--store", fresh()]),
        })
        lines.append(line(f"features of {options.images} photographs, to a store", found))
        random = np.random.default_rng(0)
        labels = np.arange(options.rows) % 10
        spectrum = 1 / np.sqrt(1 + np.arange(1280))
        features = (random.normal(size=(10, 1280)) * 0.3)[labels] + random.normal(size=(options.rows, 1280))
        np.save(folder / "X.npy", (features * spectrum).astype(np.float32))
        np.save(folder / "y.npy", labels)
        (folder / "y.csv").write_text("label\n" + "\n".join(map(str, labels)) + "\n")
        swaps = ["", "| | layertap: s | above the minimum | scikit-learn: s | above the minimum | scikit-learn / layertap |",
                 "|---|---|---|---|---|---|"]
        for name, (estimator, module, arguments, c, _) in FITS.items():
            parameters = {"tol": 1e-6, "n_jobs": options.threads}
            job = {"kind": "fit", "module": "layertap", "estimator": estimator, "c": c, "parameters": parameters,
                   "features": str(folder / "X.npy"), "labels": str(folder / "y.npy")}
            best = interpreter.do({**job, "parameters": {**parameters, "tol": 1e-10}})
            found = measuring.alternated(options.rounds, {
                "Python": lambda: interpreter.do(job),
                "command": lambda: measuring.run([
                    command, "train", folder / "X.npy", "--labels", folder / "y.csv", *arguments, "--c", c,
                    "--standardize", "none", "--tolerance", 1e-6, *threads, "--output", folder / "model.layertap"]),
            })
            words = f"{name}, {options.rows:,} x 1,280, 10 classes, C = {c}"
            lines.append(line(words, found))
            found = measuring.alternated(options.rounds, {
                side: lambda module=module: interpreter.do({**job, "module": module, "parameters": {}})
                for side, module in (("layertap", "layertap"), ("scikit-learn", module))
            })
            swaps.append(swapped(words, found, best.printed))
        interpreter.close()
        lines += swaps
    about = f"Medians (least-most) of {options.rounds} rounds in turn, {options.threads} threads, {machine.processor()}."
    measuring.publish([f"# The Python package and the command\n\n{about}\n", *lines], options.output)


main()
