"""Writes published.json: for each published checkpoint, the hash of every tensor as PyTorch loads it.

Made with Python 3.11 and PyTorch 2.13.0+cpu: python3 make_published.py FILE...
The hash of a tensor is the first 16 digits of the SHA-256 of its shape (such as "32,3,3,3") and its float32 bytes.
"""
import hashlib
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file


def tensors(path):
    if path.suffix == ".safetensors":
        return load_file(path)
    state = torch.load(path, map_location="cpu", weights_only=True)
    state = state.get("state_dict", state)
    return {name.removeprefix("module."): tensor for name, tensor in state.items()}


def digest(tensor):
    shape = ",".join(map(str, tensor.shape)).encode()
    return hashlib.sha256(shape + tensor.float().contiguous().numpy().tobytes()).hexdigest()[:16]


paths = [Path(p) for p in sys.argv[1:]]
out = {p.name: {name: digest(t) for name, t in tensors(p).items()} for p in paths}
(Path(__file__).parent / "published.json").write_text(json.dumps(out, sort_keys=True, indent=0) + "\n")
