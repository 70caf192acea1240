"""Runs exported ONNX files with ONNX Runtime, OpenVINO and OpenCV, and compares their features with LayerTap's.

usage: compare.py FOLDER

FOLDER has, for each network, NAME.onnx, NAME.input.npy [1, 3, S, S] and NAME.<output>.npy. Each file must pass ONNX's full
checker. A difference is divided by the largest value of the output. ONNX Runtime and OpenVINO must be within 2e-5; a file that
OpenCV cannot read or computes differently is listed, and does not fail.
"""

import sys
import warnings
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import openvino

BAR = 2e-5


def expected(folder, name):
    """The outputs of LayerTap by the names in the file."""
    prefix = f"{name}.features_"
    return {"features:" + path.name.removeprefix(prefix).removesuffix(".npy"): np.load(path)
            for path in sorted(folder.glob(prefix + "*.npy"))}


def onnxruntime_session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def openvino_model(path):
    return openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def opencv_network(path):
    return cv2.dnn.readNetFromONNX(str(path))


def by_onnxruntime(session, image, outputs):
    return dict(zip(outputs, session.run(outputs, {"input": image})))


def by_openvino(model, image, outputs):
    found = model(image)
    return {output: found[output] for output in outputs}


def by_opencv(network, image, outputs):
    network.setInput(image, "input")
    return dict(zip(outputs, network.forward(outputs)))


# The name of each engine, the function that loads a file, and the function that computes outputs of an image.
ENGINES = [
    ("ONNX Runtime", onnxruntime_session, by_onnxruntime),
    ("OpenVINO", openvino_model, by_openvino),
    ("OpenCV", opencv_network, by_opencv),
]


def difference(found, truth):
    return max(float(np.abs(found[name].reshape(-1) - truth[name].reshape(-1)).max() / np.abs(truth[name]).max())
               for name in truth)


def main():
    warnings.filterwarnings("ignore")
    folder = Path(sys.argv[1])
    paths = sorted(folder.glob("*.onnx"))
    if not paths:
        sys.exit(f"compare.py: {folder} has no ONNX files")
    failures = 0
    for path in paths:
        onnx.checker.check_model(str(path), full_check=True)
        image, truth = np.load(folder / f"{path.stem}.input.npy"), expected(folder, path.stem)
        line = [f"{path.stem:24}"]
        for engine, load, run in ENGINES:
            try:
                worst = difference(run(load(path), image, list(truth)), truth)
                is_good = worst <= BAR
                line.append(f"{engine} {worst:.1e}{'' if is_good else ' (too far)'}")
            except Exception as error:  # Each engine has errors of its own.
                is_good = False
                line.append(f"{engine}: {str(error).strip().splitlines()[-1][:120]}")
            failures += engine != "OpenCV" and not is_good
        print("  ".join(line), flush=True)
    print(f"{len(paths)} networks, {failures} failures")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
