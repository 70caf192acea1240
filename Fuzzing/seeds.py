#!/usr/bin/env python3
"""Writes small valid files as seeds of a fuzzer: seeds.py (safetensors|onnx|images|calls) FOLDER.

Seeds of pickles are in Tests/Reference/checkpoints, those of images also in Tests/Reference/images/fixtures.
"""

import json
import random
import struct
import sys
import zlib
from pathlib import Path


# safetensors: eight bytes of length, a JSON header, the data.
def safetensors(tensors, metadata=None):
    header, data = {}, b""
    if metadata is not None:
        header["__metadata__"] = metadata
    for name, (type_name, shape, content) in tensors.items():
        header[name] = {"dtype": type_name, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


SIZES = {"BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "F16": 2, "BF16": 2, "I32": 4, "F32": 4, "I64": 8, "F64": 8}


def safetensors_seeds():
    yield "empty", safetensors({})
    yield "one", safetensors({"w": ("F32", [2, 3], bytes(24))}, {"format": "pt"})
    yield "edges", safetensors({"scalar": ("F32", [], bytes(4)), "none": ("F32", [0, 3], b""), "\u00e9\n": ("U8", [1], b"!")})
    yield "types", safetensors({name: (name, [3], bytes(range(3 * size))) for name, size in SIZES.items()})


# ONNX: protobuf. A field is its number and a varint, or its number, a length and bytes.
def varint(value):
    value &= (1 << 64) - 1
    content = b""
    while value >= 0x80:
        content += bytes([value & 0x7F | 0x80])
        value >>= 7
    return content + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def attribute(name, value):
    content = field(1, name)
    if isinstance(value, float):
        return content + field(2, value) + field(20, 1)
    if isinstance(value, int):
        return content + field(3, value) + field(20, 2)
    if isinstance(value, str):
        return content + field(4, value) + field(20, 3)
    if isinstance(value, bytes):
        return content + field(5, value) + field(20, 4)
    return content + b"".join(field(8, item) for item in value) + field(20, 7)


def node(operator, inputs, outputs, **attributes):
    content = b"".join(field(1, name) for name in inputs) + b"".join(field(2, name) for name in outputs)
    content += field(3, outputs[0] + "_node") + field(4, operator)
    return content + b"".join(field(5, attribute(name, value)) for name, value in attributes.items())


def tensor(name, extents, values):
    content = b"".join(field(1, extent) for extent in extents)
    is_float = all(isinstance(value, float) for value in values)
    raw = struct.pack(f"<{len(values)}{'f' if is_float else 'q'}", *values)
    return content + field(2, 1 if is_float else 7) + field(8, name) + field(9, raw)


def value_info(name, extents):
    shape = b"".join(field(1, field(2, extent) if isinstance(extent, str) else field(1, extent)) for extent in extents)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def model(nodes, initializers, extents=("N", 3, 32, 32), output="y", opset=17):
    graph = b"".join(field(1, item) for item in nodes) + field(2, "graph")
    graph += b"".join(field(5, tensor(*item)) for item in initializers)
    graph += field(11, value_info("x", extents)) + field(12, value_info(output, ["N", 2]))
    return field(1, 8) + field(2, "seeds") + field(7, graph) + field(8, field(1, "") + field(2, opset))


def ramp(count):
    return [index / count - 0.5 for index in range(count)]


def onnx_seeds():
    weight = ("w", [4, 3, 3, 3], ramp(108))
    yield "network", model(
        [
            node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1], strides=[2, 2], kernel_shape=[3, 3]),
            node("BatchNormalization", ["c", "b", "b", "b", "v"], ["n"], epsilon=1e-5),
            node("Relu", ["n"], ["r"]),
            node("MaxPool", ["r"], ["m"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1),
            node("Add", ["m", "m"], ["a"]),
            node("GlobalAveragePool", ["a"], ["g"]),
            node("Flatten", ["g"], ["f"], axis=1),
            node("Gemm", ["f", "d", "e"], ["y"], transB=1, alpha=1.0),
        ],
        [weight, ("b", [4], ramp(4)), ("v", [4], [1.0] * 4), ("d", [2, 4], ramp(8)), ("e", [2], ramp(2))],
    )
    # The nodes that an exporter writes for x.view(x.size(0), -1).
    yield "shapes", model(
        [
            node("Shape", ["x"], ["s"]),
            node("Constant", [], ["zero"], value=tensor("", [], [0])),
            node("Gather", ["s", "zero"], ["n"], axis=0),
            node("Unsqueeze", ["n", "axes"], ["u"]),
            node("Concat", ["u", "rest"], ["to"], axis=0),
            node("AveragePool", ["x"], ["p"], kernel_shape=[8, 8], strides=[8, 8]),
            node("Reshape", ["p", "to"], ["y"]),
        ],
        [("axes", [1], [0]), ("rest", [1], [-1])],
    )
    yield "parts", model(
        [
            node("Slice", ["x", "starts", "ends", "axes", "steps"], ["s"]),
            node("Split", ["s", "halves"], ["h", "i"], axis=2),
            node("Transpose", ["h"], ["t"], perm=[0, 2, 3, 1]),
            node("Pad", ["i", "pads"], ["p"], mode="constant"),
            node("ReduceMean", ["t"], ["r"], axes=[1, 2], keepdims=0),
            node("Softmax", ["r"], ["q"], axis=1),
            node("Resize", ["p", "", "scales"], ["z"], mode="nearest"),
            node("Squeeze", ["q"], ["y"]),
        ],
        [
            ("starts", [1], [0]), ("ends", [1], [16]), ("axes", [1], [2]), ("steps", [1], [2]), ("halves", [2], [4, 4]),
            ("pads", [8], [0, 0, 1, 1, 0, 0, 1, 1]), ("scales", [4], [1.0, 1.0, 2.0, 2.0]),
        ],
    )  # fmt: skip
    yield "constants", model(
        [
            node("Range", ["zero", "limit", "one"], ["r"]),
            node("Expand", ["zero", "to"], ["e"]),
            node("ConstantOfShape", ["to"], ["k"], value=tensor("", [1], [1.0])),
            node("Tile", ["k", "to"], ["t"]),
            node("Cast", ["r"], ["f"], to=1),
            node("Mul", ["x", "k2"], ["y"]),
        ],
        [("zero", [], [0]), ("one", [], [1]), ("limit", [], [4]), ("to", [2], [2, 3]), ("k2", [1, 3, 1, 1], ramp(3))],
    )
    yield "channels_last", model(
        [
            node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]),
            node("ConvTranspose", ["t", "w2"], ["c"], strides=[2, 2]),
            node("HardSwish", ["c"], ["h"]),
            node("LeakyRelu", ["h"], ["l"], alpha=0.1),
            node("Clip", ["l", "low", "high"], ["k"]),
            node("LayerNormalization", ["k", "g"], ["o"], axis=-1),
            node("MatMul", ["o", "m"], ["y"]),
        ],
        [
            ("w2", [3, 2, 2, 2], ramp(24)), ("low", [], [0.0]), ("high", [], [6.0]), ("g", [64], ramp(64)),
            ("m", [64, 2], ramp(128)),
        ],
        extents=["N", 32, 32, 3],
    )  # fmt: skip


# Images: PNG files also with their samples stored rather than compressed, so that a changed byte is a changed sample.
def uncompressed(png):
    content, place, parts = b"", 8, [png[:8]]
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += 12 + length
        if kind == b"IDAT":
            content += data
            continue
        if kind == b"IEND":
            data = zlib.compress(zlib.decompress(content), 0)
            parts += [struct.pack(">I", len(data)), b"IDAT", data, struct.pack(">I", zlib.crc32(b"IDAT" + data))]
            data = b""
        parts += [struct.pack(">I", len(data)), kind, data, struct.pack(">I", zlib.crc32(kind + data))]
    return b"".join(parts)


def image_seeds():
    for path in sorted((Path(__file__).parent.parent / "Tests/Reference/images/fixtures").glob("*.*")):
        content = path.read_bytes()
        yield path.name, content
        if content.startswith(b"\x89PNG"):
            try:
                yield path.stem + "-stored", uncompressed(content)
            except (struct.error, zlib.error):
                pass  # one that is damaged on purpose


# Calls of the C face: Calls/CallReader.swift says what the first byte chooses.
def call_seeds():
    tests = Path(__file__).parent.parent / "Tests/Reference"
    layout = bytes([20, 2, 0, 40, 20, 2]) + bytes(range(1, 250))
    for index, settings in enumerate(
        [
            {},
            {"c": 3, "penalty": "l1", "tolerance": 1e-5},
            {"c": [0.1, 1], "exhaustive": True, "folds": 3, "selectBy": "log-loss", "seed": 7},
            {"classifier": "svm", "loss": "hinge", "intercept": 1, "classWeight": "balanced"},
            {"classifier": "nearest-mean", "standardize": "std", "normalizeRows": True, "pca": 1, "whiten": True},
            {"penalty": "elastic-net", "l1Ratio": 0.3, "multiClass": "one-vs-rest", "maximumIterations": 5},
        ]
    ):
        yield f"fit-{index}", bytes([0]) + layout + b"\0" + json.dumps(settings).encode()
    for path in sorted((tests / "images/fixtures").glob("*.*"))[:20]:
        yield "image-" + path.name, bytes([1]) + path.read_bytes()[:60000]
    yield "pixels", bytes([2, 8, 8, 152]) + bytes(range(256))
    for path in sorted((tests / "models").glob("*.layertap")):
        if path.stat().st_size < 8192:
            yield "model-" + path.stem, bytes([3]) + path.read_bytes()
    for path in sorted((tests / "checkpoints").glob("model*.pth")):
        yield "weights-" + path.stem, bytes([4]) + b'{"size": 32}\0' + path.read_bytes()
    generator = random.Random(7)
    for index in range(48):
        yield f"sequence-{index}", bytes([5]) + generator.randbytes(generator.randrange(40, 800))
    for index in range(32):
        # A file by its index, and changes of bytes at places.
        change = bytes([2]) + generator.randbytes(3 * generator.randrange(1, 12))
        yield f"store-{index}", bytes([6, 255 if index % 8 == 0 else 0, index % 16]) + change
        yield f"store-cut-{index}", bytes([6, 0, index % 16, 1]) + generator.randbytes(8)
    images = [f"images/train/{name}" for name in ("a/jpeg-8x8.jpg", "b/png-3x2.png", "b/png-palette-4.png", "a/jpeg-cmyk.jpg")]
    table = "path,label,split,group,weight\n" + "".join(
        f"{path},{path[13]},{'train' if index < 3 else 'test'},g{index},{index / 2}\n" for index, path in enumerate(images)
    )
    labels = "path,label\n" + "".join(f"{path[7:]},{path[13]}\n" for path in images)
    for index, settings in enumerate(["", '{"groupBy": "parent"}', '{"include": ["*.jpg"]}', '{"folders": "classes"}']):
        yield f"list-{index}", bytes([7]) + settings.encode() + b"\0\0" + table.encode()
        yield f"labels-{index}", bytes([7]) + settings.encode() + b"\0\xff" + labels.encode()
    for name in ["efficientnet_lite0", "hf-hub:timm/resnet50.a1_in1k@main", "Tests/Reference", "/dev/null", "a\0b", "\u00e9/"]:
        yield f"name-{len(name)}", bytes([8]) + name.encode()


makers = {
    "safetensors": safetensors_seeds,
    "onnx": onnx_seeds,
    "images": image_seeds,
    "calls": call_seeds,
}
if len(sys.argv) != 3 or sys.argv[1] not in makers:
    sys.exit("usage: seeds.py (safetensors|onnx|images|calls) FOLDER")
folder = Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
for name, content in makers[sys.argv[1]]():
    (folder / f"{name}.{sys.argv[1]}").write_bytes(content)
