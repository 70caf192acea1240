"""Makes the safetensors files that SafetensorsTests reads.

Made with Python 3.11, NumPy 2.4.6, torch and safetensors; run in this folder: python3 make_safetensors.py
"""
from pathlib import Path

import torch
from safetensors.torch import save_file

out = Path(__file__).parent / "safetensors"
out.mkdir(exist_ok=True)
base = torch.arange(6, dtype=torch.float64).reshape(2, 3) - 2.5
save_file(
    {
        "f64": base, "f32": base.float(), "f16": base.half(), "bf16": base.bfloat16(),
        "i64": torch.tensor([1, -2, 2**40]), "i32": torch.tensor([3, -4], dtype=torch.int32),
        "i16": torch.tensor([5, -6], dtype=torch.int16), "i8": torch.tensor([7, -8], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8), "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(0.25), "empty": torch.zeros(0, 3),
    },
    out / "types.safetensors", metadata={"format": "pt", "note": "é"},
)
