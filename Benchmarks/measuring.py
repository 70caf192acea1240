"""Runs a process and measures it with its children; formats results of several rounds for tables."""

import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import machine


class Run(NamedTuple):
    """The output of a process, its seconds, the number of cores that other processes kept busy, the peak memory in bytes of
    it and its children (shared pages counted once), and whether it was ended at the limit; then its seconds are the limit."""

    printed: str
    seconds: float
    load: float
    memory: int
    is_cut_off: bool


def variables(**more):
    """The environment without OPENBLAS_CORETYPE, which slows some engines down."""
    return {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"} | more


def run(command, limit=None, **more):
    def spent():
        times = os.times()
        return times.children_user + times.children_system

    busy, own, start = machine.busy(), spent(), time.perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables(**more),
        start_new_session=True)
    watch, is_cut_off = Watch(process.pid), False
    try:
        printed, errors = process.communicate(timeout=limit)
        seconds = time.perf_counter() - start
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        printed, errors = process.communicate()
        seconds, is_cut_off = limit, True
    except BaseException:
        # A separate process group, which gets no interrupt from the keyboard.
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        watch.stop()
    if process.returncode and not is_cut_off:
        sys.exit(f"{command[0]} {command[1]} failed:\n{errors[-2000:]}")
    return Run(printed, seconds, max(0, machine.busy() - busy - (spent() - own)) / seconds, watch.largest, is_cut_off)


def control_group(name, limit):
    """A control group with a limit of its memory in bytes, the pages of files included."""
    root = Path("/sys/fs/cgroup")
    isSecondVersion = (root / "cgroup.controllers").exists()
    group = (root if isSecondVersion else root / "memory") / name
    group.mkdir(exist_ok=True)
    (group / ("memory.max" if isSecondVersion else "memory.limit_in_bytes")).write_text(str(limit))
    return group


def watched(command, group=None):
    """Runs a command that prints little, in a control group if one is given. Its output, its seconds, and the peak of its
    anonymous memory (RssAnon) in bytes; the system may keep or drop the pages of the files that it maps."""

    def enter():
        if group:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    start, largest = time.perf_counter(), 0
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, text=True, env=variables(), preexec_fn=enter)
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except FileNotFoundError:
            break
        for line in status.splitlines():
            if line.startswith("RssAnon"):
                largest = max(largest, int(line.split()[1]) * 1024)
        time.sleep(0.02)
    printed = process.communicate()[0]
    if process.returncode:
        raise SystemExit(f"{command[0]} {command[1]} ended with {process.returncode}")
    return printed, time.perf_counter() - start, largest


class Watch:
    """Measures the memory of a group of processes, often at first and five times a second later. Children of joblib and
    DataLoader stay in the group."""

    def __init__(self, group):
        self.group, self.largest, self.is_done = group, 0, threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        pause = 0.005
        while True:
            self.largest = max(self.largest, sum(map(self.held, Path("/proc").glob("[0-9]*"))))
            if self.is_done.wait(pause):
                return
            pause = min(2 * pause, 0.2)

    def held(self, process):
        try:
            if int((process / "stat").read_text().rsplit(")", 1)[1].split()[3]) != self.group:
                return 0
            lines = (process / "smaps_rollup").read_text().splitlines()
        except OSError:  # It has ended.
            return 0
        return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))

    def stop(self):
        self.is_done.set()
        self.thread.join()


def ratios(ours, theirs):
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def spread(values, digits=1):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def alternated(rounds, sides):
    """The runs, or lists of runs, of each side, by name; every round gives each a turn, every other round in reverse order."""
    found = {name: [] for name in sides}
    for number in range(rounds):
        for name in sides if number % 2 == 0 else reversed(sides):
            found[name].append(sides[name]())
            runs = found[name][-1] if isinstance(found[name][-1], list) else found[name][-1:]
            took = ", ".join(f"{done.seconds:.1f} s" for done in runs)
            print(f"round {number + 1}: {name}: {took}", file=sys.stderr)
    return found


def publish(lines, output):
    """Prints a page, and writes it to the output file if one is given."""
    text = "\n".join(lines)
    print(text)
    if output:
        Path(output).write_text(text + "\n")
