"""Times the way from JPEG files to EfficientNet-Lite0's pooled features on disk: `layertap extract`, and Python pipelines of
Pillow or libjpeg-turbo with ONNX Runtime, OpenVINO or PyTorch, as whole processes, in rounds in which each side has a turn. Then
it times `layertap predict` from its start to one image's class.

Two sets, made from data/photos: 500 x 375, and 12 megapixels (4000 x 3000). Features are compared first; a difference stops the
run. Benchmarks/end_to_end installs the requirements; run that.
"""

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import machine
import networks
import photographs
from engines import environment
from measuring import ratios, spread
from pipelines import NAME, PIPELINES

ROOT = Path(__file__).resolve().parent.parent
OURS = {"exact": "LayerTap", "fast": "LayerTap, --decode fast"}
# Files whose features are compared: with equal pixels relative to the largest feature, else by the smallest cosine.
COMPARED, TOLERANCE = 16, 1e-4
LEAST_COSINE = {"full": 0.99, "scaled": 0.95}
PREDICTIONS = 20


def run(command, variables):
    """A process: its output, its seconds, and the number of cores that other processes kept busy meanwhile."""
    def spent():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    busy, own, start = machine.busy(), spent(), time.perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=variables,
                          cwd=Path(__file__).parent.parent)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout, seconds, max(0, machine.busy() - busy - (spent() - own)) / seconds


class Timing:
    """images/s of one side, round by round: for the whole process, and without its start."""

    def __init__(self):
        self.whole, self.loop = [], []


class Comparison:
    def __init__(self, title, folder, count, batch, arguments, scratch):
        self.title, self.folder, self.count, self.batch = title, folder, count, batch
        self.arguments, self.scratch = arguments, scratch
        self.timings = {name: Timing() for name in [*OURS, *arguments.pipelines]}
        self.loads, self.agreements = [], {}

    def extract(self, mode, *options):
        store = f"{self.scratch}/store"
        shutil.rmtree(store, ignore_errors=True)
        command = [self.arguments.ours, "extract", self.folder, "--store", store, "--decode", mode, "--interpolation",
                   self.arguments.interpolation, "--threads", self.arguments.threads, *options]
        return run(command, environment(1, None, self.arguments.models))

    def pipeline(self, name, limit):
        command = [sys.executable, "-W", "ignore", Path(__file__).parent / "pipelines.py", name, self.folder,
                   f"{self.scratch}/features.npy", self.arguments.threads, self.batch, self.arguments.interpolation,
                   self.arguments.models, limit]
        return run(command, environment(self.arguments.threads, None, self.arguments.models))

    def compare(self):
        """Compares the features of the first files with LayerTap's exact ones."""
        count = min(COMPARED, self.count)
        truth = f"{self.scratch}/ours.npy"
        for mode in reversed(OURS):
            self.extract(mode, "--limit", count, "--output", truth)
            if mode == "fast":
                fast = np.load(truth)
        truth = np.load(truth)
        self.accept("fast", truth, fast, is_scaled=True)
        for name in self.arguments.pipelines:
            self.pipeline(name, count)
            found = np.load(f"{self.scratch}/features.npy")
            pipeline = PIPELINES[name]
            self.accept(name, truth, found, is_scaled=pipeline.is_scaled, is_exact=pipeline.is_exact)

    def accept(self, name, truth, found, is_scaled, is_exact=False):
        if is_exact:
            difference = np.abs(truth - found).max() / np.abs(truth).max()
            good, text = difference <= TOLERANCE, f"differs by {difference:.0e} of the largest"
        else:
            cosine = ((truth * found).sum(1) / np.linalg.norm(truth, axis=1) / np.linalg.norm(found, axis=1)).min()
            good, text = cosine >= LEAST_COSINE["scaled" if is_scaled else "full"], f"cosine at least {cosine:.4f}"
        print(f"{self.title}: {self.name_of(name)}: {text}", file=sys.stderr)
        self.agreements[name] = text
        if not good:
            sys.exit("these are other features; timing them would prove nothing")

    def measure(self):
        self.compare()
        for number in range(self.arguments.rounds):
            for name in self.timings if number % 2 == 0 else reversed(self.timings):
                timing = self.timings[name]
                if name in OURS:
                    _, start, _ = self.extract(name, "--limit", 1)
                    _, seconds, load = self.extract(name)
                    timing.loop.append((self.count - 1) / (seconds - start))
                else:
                    printed, seconds, load = self.pipeline(name, self.count)
                    timing.loop.append(self.count / float(printed))
                timing.whole.append(self.count / seconds)
                self.loads.append(load)

    @staticmethod
    def name_of(name):
        return OURS.get(name) or PIPELINES[name].title

    def report(self):
        size = sum(path.stat().st_size for path in Path(self.folder).iterdir()) / self.count / 1000
        yield f"\n## {self.title}\n"
        yield f"{self.count} files of {size:.0f} kB on average.\n"
        yield "| | images/s | without start-up | features against LayerTap's exact ones |\n|---|---|---|---|"
        for name, timing in self.timings.items():
            yield f"| {self.name_of(name)} | {spread(timing.whole)} | {spread(timing.loop)} | {self.agreements.get(name, '')} |"
        full = [name for name in self.arguments.pipelines if not PIPELINES[name].is_scaled]
        scaled = [name for name in self.arguments.pipelines if PIPELINES[name].is_scaled]
        yield "\n| round by round | best peer | ratio | without start-up |\n|---|---|---|---|"
        for ours, peers, kind in [("exact", full, "full decode"), ("exact", [*full, *scaled], "any decode"),
                                  ("fast", scaled, "scaled decode")]:
            if peers:
                peer = max(peers, key=lambda name: statistics.median(self.timings[name].whole))
                quickest = max(peers, key=lambda name: statistics.median(self.timings[name].loop))
                whole = ratios(self.timings[ours].whole, self.timings[peer].whole)
                loop = ratios(self.timings[ours].loop, self.timings[quickest].loop)
                yield (f"| {OURS[ours]}, best peer of {kind} | {self.name_of(peer)} | **{spread(whole, 2)}** "
                       f"| {spread(loop, 2)} ({self.name_of(quickest)}) |")
        yield f"\nOther processes kept up to {max(self.loads):.2f} cores busy during a run."


def prediction(arguments, scratch):
    """Milliseconds from the start of `layertap predict` to one image's class, files cached."""
    model, image = f"{scratch}/model.layertap", ROOT / "data/photos/cat.jpg"
    variables = environment(1, None, arguments.models)
    run([arguments.ours, "train", ROOT / "data/surfaces", "--store", f"{scratch}/surfaces", "--output", model], variables)
    command = [arguments.ours, "predict", model, image]
    run(command, variables)
    runs = [run(command, variables) for _ in range(PREDICTIONS)]
    yield "\n## Start to one prediction\n"
    yield (f"`layertap predict MODEL cat.jpg`, EfficientNet-Lite0, file cache warm, {PREDICTIONS} runs: "
           f"**{spread([1000 * seconds for _, seconds, _ in runs], 0)} ms**; "
           f"other processes kept up to {max(load for _, _, load in runs):.2f} cores busy.")


def versions():
    from importlib.metadata import version

    return ", ".join(f"{title} {version(package)}" for title, package in [
        ("Pillow", "pillow"), ("simplejpeg", "simplejpeg"), ("ONNX Runtime", "onnxruntime"), ("OpenVINO", "openvino"),
        ("PyTorch", "torch")])


def report(comparisons, arguments, scratch):
    yield f"# From JPEG files to EfficientNet-Lite0's features, float32, {arguments.threads} threads\n"
    yield f"{machine.description()}, {versions()}.\n"
    yield (f"Medians of {arguments.rounds} alternated rounds (min-max); every run is a process of its own, from its start to the "
           f"features on disk. Filter: {arguments.interpolation}.")
    for comparison in comparisons:
        yield from comparison.report()
    if "predict" in arguments.only:
        yield from prediction(arguments, scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    parser.add_argument("--only", nargs="+", choices=["small", "large", "predict"], default=["small", "large", "predict"])
    parser.add_argument("--pipelines", nargs="+", choices=PIPELINES, default=list(PIPELINES), metavar="PIPELINE",
                        help=f"of {', '.join(PIPELINES)}")
    parser.add_argument("--small", type=int, default=400, help="files of 500 x 375")
    parser.add_argument("--large", type=int, default=40, help="files of 12 megapixels")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--interpolation", choices=["bicubic", "bilinear"], default="bicubic",
                        help="of the resize, for all; bicubic is the network's own")
    parser.add_argument("--models", type=Path, default=Path(__file__).parent / ".models",
                        help="folder of the network's files, which are made if they are missing")
    parser.add_argument("--images", type=Path, default=Path(__file__).parent / ".images",
                        help="folder of the JPEG files, which are made if they are missing")
    parser.add_argument("--output", type=Path, help="a Markdown file for the tables as well")
    arguments = parser.parse_args()
    arguments.models, arguments.images = arguments.models.resolve(), arguments.images.resolve()
    arguments.models = arguments.models.absolute()
    networks.description(NAME, arguments.models)

    sets = [("small", "500 x 375", (500, 375), arguments.small, 4), ("large", "12 megapixels", (4000, 3000), arguments.large, 2)]
    with tempfile.TemporaryDirectory() as scratch:
        comparisons = []
        for name, title, sides, count, batch in sets:
            if name in arguments.only:
                folder = arguments.images / name
                photographs.make(folder, count, sides)
                comparisons.append(Comparison(title, folder, count, batch, arguments, scratch))
        for comparison in comparisons:
            comparison.measure()
        text = "\n".join(report(comparisons, arguments, scratch))
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
