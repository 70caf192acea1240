#!/usr/bin/env python3
"""Compares the files and the output of Examples/c/classify with those of the command: compare.py FOLDER.

FOLDER holds c.f32, c.layertap and c.txt of the example, and features.npy, command.layertap and command.json of the command.
"""

import json
import struct
import sys
from pathlib import Path

folder = Path(sys.argv[1])


def matrix(path):
    """The bytes of an NPY file's float32 values."""
    data = path.read_bytes()
    assert data[:6] == b"\x93NUMPY" and b"'<f4'" in data[:128], path
    return data[10 + struct.unpack("<H", data[8:10])[0] :]


def data_hash(path):
    """The SHA-256 of the training data that a classifier's file records."""
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])
    return json.loads(header["__metadata__"]["training"])["dataHash"]


def tensors(path, names):
    """The bytes of some tensors of a safetensors file."""
    data = path.read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    return {name: data[start + header[name]["data_offsets"][0] : start + header[name]["data_offsets"][1]] for name in names}


features, expected = (folder / "c.f32").read_bytes(), matrix(folder / "features.npy")
assert features == expected, "the features are not those of the command"
fitted, trained = (tensors(folder / name, ["weights", "bias"]) for name in ("c.layertap", "command.layertap"))
assert fitted == trained, "the weights are not those of the command"
hashes = [data_hash(folder / name) for name in ("c.layertap", "command.layertap")]
assert hashes[0] == hashes[1] and len(hashes[0]) == 64, f"the rows have the SHA-256 {hashes[0]}, those of the command {hashes[1]}"
lines = [line for line in (folder / "c.txt").read_text().splitlines() if line.startswith("data/")]
predictions = json.loads((folder / "command.json").read_text())
assert len(lines) == len(predictions) > 0, (lines, predictions)
for line, prediction in zip(lines, predictions):
    path, rest = line.split(": ")
    name, probability = rest.split(" ")
    first = prediction["predictions"][0]
    assert path == prediction["path"] and name == first["class"] and float(probability) == first["probability"], (
        line,
        prediction,
    )
print(f"example: {len(features) // 4} features, {len(fitted['weights']) // 4} weights and {len(lines)} predictions equal the command's")
