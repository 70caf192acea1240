"""Writes the ONNX project's backend tests below a folder: KIND/NAME/model.onnx with test_data_set_*/input_*.pb and
output_*.pb, and tolerance.txt (relative, absolute).

Scripts/onnx-tests runs this script in the environment of requirements.txt, which is beside this file. The package onnx
contains the models of the kinds simple, pytorch-converted and pytorch-operator. This script makes the models of the kind node
from the package's code. The light networks get the input that the package's runner gives them: i / n for i < n. The package
contains their results.

    python generate.py FOLDER
"""

import glob
import os
import shutil
import sys
import warnings

import numpy
import onnx
from onnx import numpy_helper
from onnx.backend.test.loader import load_model_tests

warnings.filterwarnings("ignore")
numpy.seterr(all="ignore")


def write(path, message):
    with open(path, "wb") as file:
        file.write(message.SerializeToString())


def message(value, info):
    if isinstance(value, onnx.TensorProto):
        return value
    if info.type.HasField("map_type"):
        return numpy_helper.from_dict(value, info.name)
    if info.type.HasField("sequence_type"):
        return numpy_helper.from_list(value, info.name)
    if info.type.HasField("optional_type"):
        return numpy_helper.from_optional(value, info.name)
    return numpy_helper.from_array(numpy.asarray(value), info.name)


def main(root):
    package = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data")
    for kind in ["node", "simple", "pytorch-converted", "pytorch-operator", "real"]:
        for case in load_model_tests(kind=kind):
            name = "light" if kind == "real" else kind
            folder = os.path.join(root, name, case.name)
            os.makedirs(folder)
            with open(os.path.join(folder, "tolerance.txt"), "w") as file:
                file.write(f"{case.rtol} {case.atol}\n")
            if kind == "node":
                write(os.path.join(folder, "model.onnx"), case.model)
                for i, (inputs, outputs) in enumerate(case.data_sets):
                    data = os.path.join(folder, f"test_data_set_{i}")
                    os.makedirs(data)
                    for part, values, infos in [
                        ("input", inputs, case.model.graph.input),
                        ("output", outputs, case.model.graph.output),
                    ]:
                        for j, value in enumerate(values):
                            write(os.path.join(data, f"{part}_{j}.pb"), message(value, infos[j]))
            elif kind == "real":
                light = os.path.join(package, "light", os.path.basename(case.url))
                shutil.copy(light, os.path.join(folder, "model.onnx"))
                data = os.path.join(folder, "test_data_set_0")
                os.makedirs(data)
                graph = onnx.load(light).graph
                defined = {tensor.name for tensor in graph.initializer}
                for j, info in enumerate(info for info in graph.input if info.name not in defined):
                    shape = [max(axis.dim_value, 1) for axis in info.type.tensor_type.shape.dim]
                    count = int(numpy.prod(shape))
                    value = (numpy.arange(count).reshape(shape) / count).astype(numpy.float32)
                    write(os.path.join(data, f"input_{j}.pb"), numpy_helper.from_array(value, info.name))
                for output in sorted(glob.glob(light.removesuffix(".onnx") + "_output_*.pb")):
                    number = output.rsplit("_", 1)[1]
                    shutil.copy(output, os.path.join(data, f"output_{number}"))
            else:
                shutil.copytree(case.model_dir, folder, dirs_exist_ok=True)


if __name__ == "__main__":
    main(sys.argv[1])
