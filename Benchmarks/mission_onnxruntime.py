"""The same as mission_pytorch.py, with ONNX Runtime for the network. PyTorch exports it once, with the taps as outputs:

    python mission_onnxruntime.py export NETWORK.onnx blocks.2 blocks.3 ...
    python mission_onnxruntime.py NETWORK.onnx IMAGES.csv blocks.2 blocks.3 ...
"""

import sys

import onnxruntime
import torch

from mission_pytorch import Taps, compare


def main():
    first, second, *layers = sys.argv[1:]
    if first == "export":
        network = Taps(layers)
        example = torch.zeros(1, 3, 224, 224)
        outputs = [f"y{index}" for index in range(len(network(example)))]
        torch.onnx.export(network, (example,), second, dynamo=False, opset_version=17, input_names=["x"],
                          output_names=outputs, dynamic_axes={name: {0: "n"} for name in ["x", *outputs]})
        return
    session = onnxruntime.InferenceSession(first, providers=["CPUExecutionProvider"])
    compare(second, layers, lambda batch: session.run(None, {"x": batch.numpy()}))


if __name__ == "__main__":
    main()
