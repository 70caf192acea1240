"""Writes exports/: the graphs of fifteen torchvision networks from PyTorch's two exporters, the graphs of the nine networks in the
ONNX project's backend tests, and the results of ONNX Runtime.

The files contain no weights. The weights are external data in <file>.bin. The generator of ../architectures/generate.py makes
them from the tensors' names, both in this script and in Tests/TapONNXTests/ExportTests.swift. references.safetensors has each
network's outputs for the generator's image.

The parameters are generated before the export. With PyTorch's initial values, every bias would be 0, the dynamo exporter would
leave the biases out, and the scores would be nearly 0. Weights are drawn with the smallest gain at which another image has
clearly different scores. With a gain of 1, activations and gates would halve the values again and again, until only the biases
mattered. The gain is in the file's metadata.

In the ONNX project's networks, all weights are 0.02, so every class gets the same probability. These networks get generated
weights, and end before the softmax.

Run: LAYERTAP_ONNX_TESTS=$(Scripts/onnx-tests) python3 generate_exports.py   (torch 2.13.0, torchvision 0.29.2, onnx 1.23.2, onnxscript, onnxruntime 1.31.1, numpy)
"""

import copy
import os
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torchvision
from safetensors.numpy import save_file

sys.path.insert(0, str(Path(__file__).parent.parent / "architectures"))
from generate import fill, parameter, uniform  # noqa: E402

NETWORKS = {n: 64 for n in """alexnet vgg11_bn resnet18 squeezenet1_1 mobilenet_v2 mobilenet_v3_small densenet121
efficientnet_b0 convnext_tiny resnext50_32x4d shufflenet_v2_x1_0 regnet_y_400mf mnasnet1_0 googlenet""".split()}
NETWORKS["inception_v3"] = 96
# These networks pool regions of the image, which must have equal sizes.
NETWORKS["alexnet"] = NETWORKS["vgg11_bn"] = 224


# The first and the last opsets. In the first ones, hard-swish, GELU and layer normalization consist of several nodes.
OPSETS = (("mobilenet_v3_small", 7), ("convnext_tiny", 9), ("mobilenet_v3_small", 21), ("convnext_tiny", 21))
GAINS = (1, 1.5, 2, 3, 4, 6, 8, 12)
# The least change of the scores from the image to its negative, divided by the largest score. It is 250 times the test's limit.
CHANGE = 0.005


def strip(model, location, gain):
    """Moves every float tensor of more than 16 elements into external data."""
    data, offset = [], 0
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size <= 16:
            continue
        shape = tuple(tensor.dims)
        while len(shape) > 1 and shape[-1] == 1:
            shape = shape[:-1]
        values = parameter(tensor.name, shape, gain).astype(np.float32)
        for field in ("raw_data", "float_data"):
            tensor.ClearField(field)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", offset), ("length", values.nbytes)):
            tensor.external_data.add(key=key, value=str(value))
        data.append(values.tobytes())
        offset += values.nbytes
    model.ClearField("doc_string")
    del model.metadata_props[:]
    model.metadata_props.add(key="gain", value=str(gain))
    del model.graph.metadata_props[:]
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.ClearField("doc_string")
        del node.metadata_props[:]
    for value in list(model.graph.input) + list(model.graph.output) + list(model.graph.initializer):
        del value.metadata_props[:]
    return b"".join(data)


def write(model, file, size, out, references):
    """Writes a model and its scores, with the smallest gain at which the scores depend on the image."""
    x = (2 * uniform("input", 3 * size * size) - 1).reshape(1, 3, size, size)
    for gain in GAINS:
        drawn = copy.deepcopy(model)
        data = strip(drawn, f"{file}.bin", gain)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / f"{file}.bin").write_bytes(data)
            onnx.save(drawn, Path(folder) / file)
            session = onnxruntime.InferenceSession(Path(folder) / file, providers=["CPUExecutionProvider"])
            name = session.get_inputs()[0].name
            scores, others = (session.run(None, {name: y})[0].reshape(-1) for y in (x, -x))
            change = np.abs(scores - others).max() / np.abs(scores).max()
            if change >= CHANGE:
                (out / file).write_bytes((Path(folder) / file).read_bytes())
                references[file] = scores.astype(np.float32)
                print(file, (out / file).stat().st_size, gain, np.abs(scores).max(), change, file=sys.stderr)
                return
    raise SystemExit(f"{file}: the picture does not matter")


def exported(name, size, kind, opset=None):
    options = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    network = fill(getattr(torchvision.models, name)(weights=None, **options)).float()
    x = torch.zeros(1, 3, size, size)
    names = {"input_names": ["image"], "output_names": ["scores"]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        if kind == "torchscript":
            torch.onnx.export(network, x, path, dynamo=False, opset_version=opset or 17,
                              dynamic_axes={"image": {0: "n"}, "scores": {0: "n"}}, **names)
        else:
            torch.onnx.export(network, (x,), path, dynamo=True, external_data=False, opset_version=opset, **names)
        return onnx.load(path)


def project(folder):
    """One of the ONNX project's networks, with tensors in place of constants and without its softmax."""
    model = onnx.load(folder / "model.onnx")
    graph = model.graph
    names, factors = {}, {i for n in graph.node if n.op_type == "Mul" for i in n.input}
    for node in graph.node:
        if node.op_type == "Unsqueeze" and node.output[0] in factors:
            names[node.input[0]] = node.input[0] + ".weight"
        if node.op_type == "BatchNormalization":
            names[node.input[1]], names[node.input[4]] = node.input[1] + ".weight", node.input[4] + ".running_var"
    nodes, shapes = [], {t.name: t for t in graph.initializer}
    for node in graph.node:
        if node.op_type == "ConstantOfShape":
            shape = onnx.numpy_helper.to_array(shapes.pop(node.input[0]))
            name = names.get(node.output[0], node.output[0])
            graph.initializer.append(onnx.numpy_helper.from_array(np.zeros(shape, np.float32), name))
        else:
            for index, name in enumerate(node.input):
                node.input[index] = names.get(name, name)
            nodes.append(node)
    last = nodes.pop() if nodes[-1].op_type == "Softmax" else None
    result = last.input[0] if last else graph.output[0].name
    for node in nodes:
        for values in (node.input, node.output):
            for index, name in enumerate(values):
                if name == result:
                    values[index] = "scores"
    for tensor in graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)
    used = {name for node in nodes for name in node.input}
    tensors = [t for t in graph.initializer if t.name in used]
    picture = [i for i in graph.input if [d.dim_value for d in i.type.tensor_type.shape.dim] == [1, 3, 224, 224]]
    assert len(picture) == 1 and picture[0].name in used
    output = onnx.helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, None)
    made = onnx.helper.make_model(
        onnx.helper.make_graph(nodes, graph.name, picture, [output], tensors), opset_imports=model.opset_import)
    made.ir_version = 8
    return made


def main():
    out = Path(__file__).parent / "exports"
    out.mkdir(exist_ok=True)
    references = {}
    for name, size in NETWORKS.items():
        for kind in ("torchscript", "dynamo"):
            write(exported(name, size, kind), f"{name}_{kind}.onnx", size, out, references)
    for name, opset in OPSETS:
        model = exported(name, NETWORKS[name], "dynamo" if opset > 17 else "torchscript", opset)
        assert model.opset_import[0].version == opset
        write(model, f"{name}_opset{opset}.onnx", NETWORKS[name], out, references)
    for folder in sorted((Path(os.environ["LAYERTAP_ONNX_TESTS"]) / "light").iterdir()):
        write(project(folder), folder.name.removeprefix("test_") + "_project.onnx", 224, out, references)
    save_file(references, out / "references.safetensors", metadata={
        "torch": torch.__version__, "torchvision": torchvision.__version__, "onnxruntime": onnxruntime.__version__,
        "sizes": str(NETWORKS)})


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    with torch.no_grad():
        main()
