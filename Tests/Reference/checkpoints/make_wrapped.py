"""Makes the checkpoints of training scripts that WrappedCheckpointTests reads, in wrapped/, and files that contain no state dict.

Made with Python 3.11, NumPy 2.4 and PyTorch 2.13.0+cpu; run in this folder: python3 make_wrapped.py
Every file of wrapped/ without "refused" in its name contains the tensors {"conv.weight", "conv.bias"}. "ema" and "teacher"
contain them twice. The copy that a reader must use has the bias 2, and the other copy has the bias 1.
"""
import argparse
import datetime
import pathlib
import warnings
from collections import Counter, OrderedDict, defaultdict

import numpy as np
import torch

warnings.filterwarnings("ignore")
here = pathlib.Path(__file__).parent / "wrapped"
LEGACY = dict(_use_new_zipfile_serialization=False)


def state(bias=2, prefix=""):
    return OrderedDict([(prefix + "conv.weight", torch.arange(4.0)), (prefix + "conv.bias", torch.full((2,), float(bias)))])


def objects():
    return {
        "epoch": 3, "best": 0.75, "args": argparse.Namespace(lr=0.1, layers=[1, 2]), "np": np.float64(0.5), "np32": np.float32(2),
        "array": np.arange(3), "counts": Counter("abca"), "table": defaultdict(list, {"a": [1]}), "ints": defaultdict(int),
        "size": torch.Size([2, 3]), "names": {"a", "b"}, "frozen": frozenset([1]), "path": pathlib.PurePosixPath("/data/x"),
        "here": pathlib.Path("runs"), "date": datetime.datetime(2026, 1, 31, 12), "span": datetime.timedelta(hours=1),
        "type": torch.float32, "device": torch.device("cpu"), "raw": b"\x00\xff", "none": None, "wide": 1 << 70,
    }


def save(name, value):
    torch.save(value, here / f"{name}.pth")
    torch.save(value, here / f"{name}_legacy.pth", **LEGACY)


for key in ("model_state_dict", "net", "weights", "network", "params", "generator"):
    save(f"key_{key}", {"epoch": 1, key: state(), "optimizer": {"state": {}, "param_groups": []}})
save("objects_beside", {**objects(), "state_dict": state()})
save("objects_among", {**state(), **{k: v for k, v in objects().items() if not isinstance(v, bytes)}})
save("nested", {"epoch": 1, "model": {"iteration": 5, "state_dict": state()}, "args": objects()["args"]})
save("ema", {"params": state(1), "params_ema": state(2)})
save("teacher", {"student": state(1), "teacher": state(2), "epoch": 3, "optimizer": {"state": {0: {"m": torch.ones(2)}}}})
save("refused_several", {"generator": state(), "discriminator": state(1)})
save("refused_none", {"epoch": 1, "args": argparse.Namespace()})


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 1, 1)

    def forward(self, x):
        return self.conv(x)


torch.save(Net(), here / "refused_module.pth")
torch.save({"w": torch.quantize_per_tensor(torch.ones(4), 0.1, 0, torch.quint8)}, here / "refused_quantized.pth")
torch.jit.script(Net()).save(str(here / "refused_script.pt"))
torch.export.save(torch.export.export(Net(), (torch.ones(1, 1, 2, 2),)), str(here / "refused_export.pt2"))
