"""Fits a logistic regression to a relative gap of 1e-3 on float32 features mapped from a file, and reports seconds and the
peak of anonymous memory (RssAnon); the system may keep or drop the pages of the file. With --steps the fit is
divided into parts of this many Newton steps, each from the last result, and a table has the gap against the passes over the
features. With --keep features and weights stay in the folder, and the next run continues from them.

ImageNet's size: --rows 1281167 --columns 2048 --classes 1000 --factors 128 --steps 1 --seconds 6000 --keep --folder DIR.

The features are rectified mixtures, similar to pooled ones; a fifth of the labels is random, so that the classes are not separable.
With --cgroup the fit runs in a control group with this limit in bytes, including the file's pages, if one can be made.
"""

import argparse
import contextlib
import json
import math
import pathlib
import tempfile

import machine
from measuring import control_group, publish, watched
from mixtures import Mixture


def data(folder, arguments):
    """Features and labels in the folder; makes them if they are missing."""
    description = [arguments.rows, arguments.columns, arguments.classes, arguments.factors, arguments.separation]
    made = folder / "made.json"
    if made.exists() and json.loads(made.read_text()) == description:
        return
    for path in [made, folder / "w"]:
        path.unlink(missing_ok=True)
    mixture = Mixture(arguments.columns, arguments.classes, arguments.factors, arguments.separation)
    mixture.disturb(mixture.write(folder / "x.npy", arguments.rows), 0.2).tofile(folder / "y.i32")
    made.write_text(json.dumps(description))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=1280)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--c", type=float, default=0.01)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--factors", type=int, default=48, help="dimensions that the classes differ in")
    parser.add_argument("--separation", type=float, default=0.42, help="of the classes' centers; their noise is 1")
    parser.add_argument("--tolerance", type=float, default=1e-3, help="the relative gap to reach")
    parser.add_argument("--steps", type=int, default=0, help="Newton steps a go; 0: one fit")
    parser.add_argument("--seconds", type=float, default=6000, help="with --steps no go begins after so many")
    parser.add_argument("--folder", help="for the features, which are deleted afterwards")
    parser.add_argument("--keep", action="store_true", help="leave features and weights in the folder, and go on from them")
    parser.add_argument("--cgroup", type=int, metavar="BYTES", help="run in a control group of this size")
    parser.add_argument("--output", type=pathlib.Path, help="a Markdown file for the result as well")
    arguments = parser.parse_args()
    if arguments.keep and not arguments.folder:
        parser.error("--keep needs --folder")
    scratch = contextlib.nullcontext(arguments.folder) if arguments.keep else tempfile.TemporaryDirectory(dir=arguments.folder)
    with scratch as folder:
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        data(folder, arguments)
        group = control_group("layertap-out-of-core", arguments.cgroup) if arguments.cgroup else None
        command = [arguments.ours, "steps" if arguments.steps else "fit", folder / "x.npy", folder / "y.i32",
                   arguments.rows, arguments.columns, arguments.classes, "logistic", "free", arguments.c,
                   arguments.tolerance, arguments.threads,
                   *([arguments.steps, arguments.seconds] if arguments.steps else [1]), folder / "w"]
        output, whole, largest = watched(command, group)
        printed = output.split("\n")
    size = arguments.rows * arguments.columns * 4 / 1e9
    title = (f"{arguments.rows:,} x {arguments.columns:,} float32 ({size:.1f} GB), {arguments.classes:,} classes, "
             f"C = {arguments.c:g}, {arguments.threads} threads")
    end = (f"at most {largest / 1e9:.2f} GB of anonymous memory"
           + (f", in a control group of {arguments.cgroup / 1e9:.1f} GB" if arguments.cgroup else ""))
    if arguments.steps:
        result = [f"{title}; {end}.\n", *goes([[float(word) for word in line.split()] for line in printed[:-1]], arguments)]
    else:
        result = [f"{title}: relative gap {float(printed[1]):.2g} in {float(printed[0]):.1f} s ({whole:.1f} s in all), "
                  f"{printed[2]}; {end}."]
    publish(["# A logistic regression on features on disk\n", f"{machine.description()}.\n", *result], arguments.output)


def goes(lines, arguments):
    """The table of a fit in parts. A pass reads all features once: one pass for a Hessian product, two for a step."""
    yield "| seconds | passes | relative gap |\n|---|---|---|"
    passes, points = 0, []
    for seconds, gap, steps, products in lines:
        passes += products + 2 * steps
        points.append((passes, seconds, gap))
        yield f"| {seconds:.1f} | {passes:.0f} | {gap:.2g} |"
    if not points:
        return
    yield f"\n{points[-1][1] / max(1, passes):.2f} s a pass."
    if points[-1][2] > arguments.tolerance and len(points) > 1 and points[-1][2] < points[0][2]:
        (first, _, start), (_, seconds, gap) = points[0], points[-1]
        needed = (passes - first) * math.log(gap / arguments.tolerance) / math.log(start / gap)
        yield (f"If the gap goes on falling as it did from the first go to the last, {arguments.tolerance:g} takes {needed:.0f} "
               f"more passes, {needed * seconds / passes / 60:.0f} minutes.")


if __name__ == "__main__":
    main()
