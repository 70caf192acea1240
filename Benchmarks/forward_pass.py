"""Times forward passes to pooled features: LayerTap and its peers on the same weights and images, in rounds in which each
side has a turn, so that a change of the machine's speed affects all. Prints images/s and, round by round, the ratio of LayerTap to
the best peer, each with its best batch size.

Every engine is a separate process that loads once and sleeps while others are timed. Its features are first compared with those
of float64. A difference stops the run, and a peer that cannot run a network is left out of its row. Benchmarks/forward_pass
installs the requirements; run that.
"""

import argparse
import functools
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import machine
from engines import ENGINES, environment
from networks import NETWORKS, description

# LayerTap, and LayerTap on one thread to measure the gain by threads.
OURS, OURS_ALONE = "layertap", "layertap-alone"
OUR_BATCHES = (1, 4, 8)
# As a share of the largest feature. Winograd's transforms cost a digit or two; our direct algorithms have a smaller limit.
TOLERANCE, OUR_DIRECT_TOLERANCE = 1e-4, 2e-5
DIRECT_ONLY = ("mobilenet_v2", "efficientnet_lite0")
# Threads of the previous engine continue to spin for a while.
PAUSE = 0.25
# Number of cores that other processes may keep busy during a timing before it is repeated.
FOREIGN_LOAD, ATTEMPTS = 0.1, 4


class Ended(Exception):
    """An engine's process ended; the message has its exit status."""


class Worker:
    """An engine's process with one network."""

    def __init__(self, title, command, variables):
        self.title = title
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, env=variables)
        self.version = " ".join(self.answer()[1:])

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise Ended(f"{self.title} ended:\n{self.errors.read()[-2000:]}")
        return line.split()

    def ask(self, request):
        print(request, file=self.process.stdin, flush=True)
        return self.answer()

    def features(self, batch):
        return np.array(self.ask(f"check {batch}"), np.float64).reshape(batch, -1)

    def rate(self, batch, seconds):
        """images/s, and the number of cores that other processes kept busy meanwhile."""
        start, busy, spent = time.perf_counter(), machine.busy(), machine.spent(self.process.pid)
        rate = float(self.ask(f"{batch} {seconds}")[0])
        own = machine.spent(self.process.pid) - spent
        return rate, (machine.busy() - busy - own) / (time.perf_counter() - start)

    def quiet_rate(self, batch, seconds):
        """The timing with the least load from others among several; a single one if its load was almost zero."""
        best = None
        for _ in range(ATTEMPTS):
            time.sleep(PAUSE)
            rate, load = self.rate(batch, seconds)
            if best is None or load < best[1]:
                best = rate, load
            if load <= FOREIGN_LOAD:
                break
        return best

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def our_worker(arguments, network, count):
    workers, threads = (1, count) if arguments.latency else (count, 1)
    source = f"{arguments.models}/{network}.pth"
    return Worker("LayerTap", [arguments.ours, source, str(workers), str(threads), arguments.instruction_set or "best"],
                  environment(1, None, arguments.models))


def peer_worker(arguments, engine, network):
    command = [sys.executable, "-W", "ignore", str(Path(__file__).parent / "engines.py"), engine, network,
               str(arguments.models), str(arguments.threads), arguments.instruction_set or "best"]
    return Worker(ENGINES[engine].title, command,
                  environment(arguments.threads, arguments.instruction_set, arguments.models, ENGINES[engine].copied))


def largest_difference(worker, batches, expected):
    """The difference from float64, as a share of the largest feature; an engine with a large one is not timed."""
    return max(np.abs(worker.features(batch) - expected[:batch]).max() for batch in batches) / np.abs(expected).max()


class Result:
    """One network: rates and loads by engine and batch, round by round."""

    def __init__(self, network, multiply_adds):
        self.network, self.multiply_adds = network, multiply_adds
        self.rates, self.loads, self.differences = {}, [], {}
        # The peers that failed to run this network.
        self.ended = []

    def best(self, engine):
        """An engine's best batch size and its rates."""
        batches = {batch: values for (name, batch), values in self.rates.items() if name == engine}
        batch = max(batches, key=lambda batch: statistics.median(batches[batch]))
        return batch, batches[batch]

    def best_peer(self):
        peers = {name for name, _ in self.rates} - {OURS, OURS_ALONE}
        return max(peers, key=lambda name: statistics.median(self.best(name)[1]), default=None)

    def ratios(self, engine):
        """LayerTap's rates over another's, round by round."""
        return [a / b for a, b in zip(self.best(OURS)[1], self.best(engine)[1], strict=True)]


def measure(network, arguments, versions):
    known = description(network, arguments.models)
    expected = np.load(f"{arguments.models}/{network}.expected.npy")
    result = Result(network, known["multiplyAdds"])
    starts = {OURS: lambda: our_worker(arguments, network, arguments.threads)}
    if arguments.scaling:
        starts[OURS_ALONE] = lambda: our_worker(arguments, network, 1)
    for engine in arguments.engines:
        starts[engine] = functools.partial(peer_worker, arguments, engine, network)
    workers, turns = {}, []
    for engine, start in starts.items():
        ours = engine in (OURS, OURS_ALONE)
        batches = (1,) if arguments.latency else OUR_BATCHES if ours else ENGINES[engine].batches
        try:
            worker = start()
            difference = largest_difference(worker, batches, expected)
        except Ended as error:
            if ours:
                raise
            print(f"{network}: left out, {error}", file=sys.stderr)
            result.ended.append(engine)
            continue
        workers[engine] = worker
        turns += [(engine, batch) for batch in batches]
        versions[worker.title.split(",")[0]] = worker.version
        result.differences[engine] = difference
        print(f"{network}: {worker.title}, largest difference {difference:.1e}", file=sys.stderr)
        limit = OUR_DIRECT_TOLERANCE if ours and network in DIRECT_ONLY else TOLERANCE
        if not difference <= limit:
            sys.exit(f"{worker.title} computes something else on {network} ({difference:.1e} of the largest feature, "
                     f"allowed {limit:.0e}); timing it would prove nothing")
    for engine, batch in turns:
        workers[engine].rate(batch, arguments.seconds / 10)
    result.rates = {turn: [] for turn in turns}
    for number in range(arguments.rounds):
        for engine, batch in turns if number % 2 == 0 else reversed(turns):
            rate, load = workers[engine].quiet_rate(batch, arguments.seconds)
            result.rates[engine, batch].append(rate)
            result.loads.append(load)
    for worker in workers.values():
        worker.close()
    return result


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def title(engine):
    return {OURS: "LayerTap", OURS_ALONE: "LayerTap, one thread"}.get(engine) or ENGINES[engine].title


def report(results, versions, arguments):
    engines = [OURS, *([OURS_ALONE] if arguments.scaling else []), *arguments.engines]
    what = "one image at a time, latency" if arguments.latency else "images side by side"
    pinned = f", kept to {arguments.instruction_set.upper()}" if arguments.instruction_set else ""
    yield f"# Forward pass, float32, {arguments.threads} threads, {what}{pinned}\n"
    peers = "".join(f", {name} {version}" for name, version in versions.items() if version)
    yield f"{machine.description()}{peers}.\n"
    yield (f"images/s, medians of {arguments.rounds} alternated rounds of {arguments.seconds:g} s, best batch size of each in "
           "brackets; the ratio to the best peer is taken round by round: median (min-max).\n")
    yield f"| network | {' | '.join(map(title, engines))} | best peer | LayerTap / best peer | LayerTap, GFLOP/s |"
    yield "|---" * (len(engines) + 4) + "|"
    for result in results:
        cells = []
        for engine in engines:
            if engine in result.ended:
                cells.append("ended")
                continue
            batch, rates = result.best(engine)
            cells.append(f"{statistics.median(rates):.1f} ({batch})")
        peer, speed = result.best_peer(), statistics.median(result.best(OURS)[1])
        cells.append(title(peer) if peer else "")
        cells.append(f"**{spread(result.ratios(peer))}**" if peer else "")
        cells.append(f"{2 * speed * result.multiply_adds / 1e9:.0f}")
        yield f"| {NETWORKS[result.network]} | {' | '.join(cells)} |"
    if arguments.scaling:
        gains = ", ".join(f"{NETWORKS[result.network]} {spread(result.ratios(OURS_ALONE))}" for result in results)
        yield f"\nLayerTap on {arguments.threads} threads over one, best batch size of each, round by round: {gains}."
    yield "\nLargest difference from float64, over the largest feature, before the timings:\n"
    yield f"| network | {' | '.join(map(title, engines))} |"
    yield "|---" * (len(engines) + 1) + "|"
    for result in results:
        differences = (f"{result.differences[e]:.0e}" if e in result.differences else "ended" for e in engines)
        yield f"| {NETWORKS[result.network]} | {' | '.join(differences)} |"
    loads = [load for result in results for load in result.loads]
    disturbed = sum(load > FOREIGN_LOAD for load in loads)
    yield (f"\nOther processes kept up to {max(loads):.2f} cores busy during a timing; "
           f"more than {FOREIGN_LOAD:g} in {disturbed} of {len(loads)}.")


def choices(known):
    def parse(text):
        names = text.split(",") if text else []
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"no {unknown[0]}; there are {', '.join(known)}")
        return names

    return parse


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    parser.add_argument("--networks", type=choices(NETWORKS), default=list(NETWORKS), help=f"of {','.join(NETWORKS)}")
    parser.add_argument("--engines", type=choices(ENGINES), help=f"of {','.join(ENGINES)}; an empty text: LayerTap alone")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="of one timing")
    parser.add_argument("--instruction-set", choices=["avx2"], help="for LayerTap and its peers")
    parser.add_argument("--latency", action="store_true", help="one image at a time, all threads on it")
    parser.add_argument("--scaling", action="store_true", help="LayerTap on one thread as well")
    parser.add_argument("--models", type=Path, default=Path(__file__).parent / ".models",
                        help="folder of the networks' files, which are made if they are missing")
    parser.add_argument("--output", type=Path, help="a Markdown file for the tables as well")
    arguments = parser.parse_args()
    arguments.models = arguments.models.absolute()
    if arguments.engines is None:
        arguments.engines = [
            name for name, engine in ENGINES.items()
            if engine.serves_one or not arguments.latency]
    for name in arguments.engines:
        if arguments.latency and not ENGINES[name].serves_one:
            parser.error(f"{name} runs requests side by side; --latency has one at a time")

    versions = {}
    try:
        results = [measure(network, arguments, versions) for network in arguments.networks]
    except Ended as error:
        sys.exit(str(error))
    text = "\n".join(report(results, versions, arguments))
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
