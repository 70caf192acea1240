"""Weights in repositories of the Hugging Face Hub, through `huggingface_hub` where it is installed."""

from __future__ import annotations

import os
from typing import Optional

PREFIX = "hf-hub:"
_DESCRIPTIONS = ["config.json", "preprocessor_config.json"]
# The names of weights, in the order of preference, with the patterns of the files that belong to them.
_WEIGHTS = {
    "model.safetensors": ["model.safetensors"],
    "model.safetensors.index.json": ["model.safetensors.index.json", "model-*.safetensors"],
    "pytorch_model.bin": ["pytorch_model.bin"],
    "pytorch_model.bin.index.json": ["pytorch_model.bin.index.json", "pytorch_model-*.bin"],
}


def fetched(source: str) -> Optional[str]:
    """The path of the weights of `hf-hub:OWNER/NAME` or `hf-hub:OWNER/NAME@REVISION`, which are fetched if needed.

    The result is None if `huggingface_hub` is not installed, or if the repository has no weights.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        return None
    repository, _, revision = source[len(PREFIX) :].partition("@")
    for name, patterns in _WEIGHTS.items():
        folder = snapshot_download(repository, revision=revision or None, allow_patterns=_DESCRIPTIONS + patterns)
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return path
    return None
