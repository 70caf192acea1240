"""Fits a logistic regression to a relative gap of 1e-3 on float32 features mapped from a file, and reports seconds and the
largest anonymous memory (RssAnon) on the way: the pages of the file are the system's to keep or drop.

The features are rectified mixtures, like pooled ones; a fifth of the labels is drawn at random, so that nothing is separable.
Where a control group can be made (--cgroup), the fit runs in one of that many bytes, the file's pages included.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile
import time

import machine


def write(folder, rows, columns, classes):
    import numpy as np

    random = np.random.default_rng(0)
    latent = 48
    centres = random.standard_normal((classes, latent), np.float32) * 0.42
    mix = random.standard_normal((latent, columns), np.float32) / np.float32(latent**0.5)
    scale = np.exp(random.standard_normal(columns, np.float32) * 0.4) * np.float32(0.6)
    x = np.lib.format.open_memmap(folder / "x.npy", "w+", np.float32, (rows, columns))
    y = random.integers(0, classes, rows).astype(np.int32)
    for start in range(0, rows, 20_000):
        part = slice(start, min(start + 20_000, rows))
        z = centres[y[part]] + random.standard_normal((len(y[part]), latent), np.float32)
        values = z @ mix + np.float32(0.5) * random.standard_normal((len(z), columns), np.float32) - np.float32(0.2)
        np.maximum(values * scale, 0, out=values)
        x[part] = values
    x.flush()
    del x
    # So that the fit, and its control group, bring the pages in.
    with open(folder / "x.npy", "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    wrong = random.random(rows) < 0.2
    y[wrong] = random.integers(0, classes, wrong.sum())
    y.tofile(folder / "y.i32")


def control_group(limit):
    root = pathlib.Path("/sys/fs/cgroup")
    isSecondVersion = (root / "cgroup.controllers").exists()
    group = (root if isSecondVersion else root / "memory") / "layertap-out-of-core"
    group.mkdir(exist_ok=True)
    (group / ("memory.max" if isSecondVersion else "memory.limit_in_bytes")).write_text(str(limit))
    return group


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=1280)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--c", type=float, default=0.01)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", help="for the features, which are deleted afterwards")
    parser.add_argument("--cgroup", type=int, metavar="BYTES", help="run in a control group of this size")
    parser.add_argument("--output", type=pathlib.Path, help="a Markdown file for the result as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        folder = pathlib.Path(folder)
        write(folder, arguments.rows, arguments.columns, arguments.classes)
        group = control_group(arguments.cgroup) if arguments.cgroup else None
        command = [arguments.ours, "fit", folder / "x.npy", folder / "y.i32", arguments.rows, arguments.columns,
                   arguments.classes, "logistic", "free", arguments.c, 1e-3, arguments.threads, 1, folder / "w"]

        def enter():
            if group:
                (group / "cgroup.procs").write_text(str(os.getpid()))

        start = time.monotonic()
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, preexec_fn=enter)
        largest = 0
        while process.poll() is None:
            try:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            except FileNotFoundError:
                break
            for line in status.splitlines():
                if line.startswith("RssAnon"):
                    largest = max(largest, int(line.split()[1]) * 1024)
            time.sleep(0.02)
        printed = process.communicate()[0].split("\n")
        if process.returncode:
            raise SystemExit(f"the fit ended with {process.returncode}")
    size = arguments.rows * arguments.columns * 4 / 1e9
    result = (
        f"{arguments.rows:,} x {arguments.columns:,} float32 ({size:.1f} GB), {arguments.classes} classes, C = {arguments.c:g}, "
        f"{arguments.threads} threads: relative gap {float(printed[1]):.2g} in {float(printed[0]):.1f} s "
        f"({time.monotonic() - start:.1f} s in all), {printed[2]}; at most {largest / 1e9:.2f} GB of anonymous memory"
        + (f", in a control group of {arguments.cgroup / 1e9:.1f} GB" if arguments.cgroup else ""))
    print(result)
    if arguments.output:
        arguments.output.write_text(f"# A logistic regression on features on disk\n\n{machine.description()}.\n\n{result}.\n")


if __name__ == "__main__":
    main()
