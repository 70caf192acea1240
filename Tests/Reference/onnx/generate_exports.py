"""Writes exports/: the graphs that PyTorch's two exporters make of fifteen torchvision networks, and what ONNX Runtime computes.

The files hold no weights: those are external data in <file>.bin, made by the generator of
../architectures/generate.py from the tensors' names, here and in Tests/TapONNXTests/ExportTests.swift. references.safetensors
has each network's outputs for the generator's picture.

Run: python3 generate_exports.py   (torch 2.13.0, torchvision 0.29.2, onnx 1.23.2, onnxscript, onnxruntime 1.31.1, numpy)
"""

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
from generate import parameter, uniform  # noqa: E402

NETWORKS = {n: 64 for n in """alexnet vgg11_bn resnet18 squeezenet1_1 mobilenet_v2 mobilenet_v3_small densenet121
efficientnet_b0 convnext_tiny resnext50_32x4d shufflenet_v2_x1_0 regnet_y_400mf mnasnet1_0 googlenet""".split()}
NETWORKS["inception_v3"] = 96
# Their regions of the picture have to be windows.
NETWORKS["alexnet"] = NETWORKS["vgg11_bn"] = 224


def strip(model, location):
    """Moves every float tensor of more than 16 elements into external data."""
    data, offset = [], 0
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size <= 16:
            continue
        shape = tuple(tensor.dims)
        while len(shape) > 1 and shape[-1] == 1:
            shape = shape[:-1]
        values = parameter(tensor.name, shape, 1).astype(np.float32)
        for field in ("raw_data", "float_data"):
            tensor.ClearField(field)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", offset), ("length", values.nbytes)):
            tensor.external_data.add(key=key, value=str(value))
        data.append(values.tobytes())
        offset += values.nbytes
    model.ClearField("doc_string")
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.ClearField("doc_string")
        del node.metadata_props[:]
    for value in list(model.graph.input) + list(model.graph.output) + list(model.graph.initializer):
        del value.metadata_props[:]
    return b"".join(data)


def main():
    out = Path(__file__).parent / "exports"
    out.mkdir(exist_ok=True)
    references = {}
    for name, size in NETWORKS.items():
        options = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
        network = getattr(torchvision.models, name)(weights=None, **options).eval()
        x = (2 * uniform("input", 3 * size * size) - 1).reshape(1, 3, size, size)
        for kind in ("torchscript", "dynamo"):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.onnx"
                names = {"input_names": ["image"], "output_names": ["scores"]}
                if kind == "torchscript":
                    torch.onnx.export(
                        network, torch.from_numpy(x), path, dynamo=False, opset_version=17,
                        dynamic_axes={"image": {0: "n"}, "scores": {0: "n"}}, **names)
                else:
                    torch.onnx.export(network, (torch.from_numpy(x),), path, dynamo=True, external_data=False, **names)
                model = onnx.load(path)
                file = f"{name}_{kind}.onnx"
                data = strip(model, f"{file}.bin")
                (Path(folder) / f"{file}.bin").write_bytes(data)
                onnx.save(model, Path(folder) / file)
                session = onnxruntime.InferenceSession(Path(folder) / file, providers=["CPUExecutionProvider"])
                references[file] = session.run(None, {"image": x})[0][0].astype(np.float32)
                (out / file).write_bytes((Path(folder) / file).read_bytes())
            scores = references[file]
            print(file, (out / file).stat().st_size, float(np.abs(scores).max()), float(scores.std()), file=sys.stderr)
    save_file(references, out / "references.safetensors", metadata={
        "torch": torch.__version__, "torchvision": torchvision.__version__, "onnxruntime": onnxruntime.__version__,
        "sizes": str(NETWORKS)})


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    with torch.no_grad():
        main()
