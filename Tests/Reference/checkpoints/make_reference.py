"""Makes the small checkpoints that TapCheckpointsTests reads, good and hostile, and expected.json.

Made with Python 3.11 and PyTorch 2.13.0+cpu; run in this folder: python3 make_reference.py
Every expected value is what torch.load gives, as float32.
"""
import io
import json
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import torch

here = Path(__file__).parent
LEGACY = dict(_use_new_zipfile_serialization=False)
expected = {}


def save(name, value, tensors=None, **options):
    torch.save(value, here / name, **options)
    tensors = value if tensors is None else tensors
    expected[name] = {k: {"shape": list(v.shape), "elements": v.detach().float().flatten().tolist()}
                      for k, v in tensors.items()}


ramp = torch.arange(24, dtype=torch.float32) / 8 - 1
model = torch.nn.Sequential(OrderedDict(conv=torch.nn.Conv2d(2, 3, 3), bn=torch.nn.BatchNorm2d(3)))
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape) / 16 - 1)
state = model.state_dict()

views = OrderedDict(
    plain=ramp.reshape(2, 3, 4), transposed=ramp.reshape(4, 6).t(), sliced=ramp.reshape(4, 6)[1:3, ::2],
    offset=ramp[5:9], permuted=ramp.reshape(2, 3, 4).permute(2, 0, 1), expanded=ramp[:3].expand(2, 3),
    scalar=ramp[7], empty=torch.zeros(0, 3), single=ramp.reshape(24, 1)[:, 0:1],
)
types = OrderedDict(
    float16=ramp.half(), bfloat16=ramp.bfloat16(), float64=ramp.double(), int64=torch.tensor([1, -2, 2**40]),
    int32=torch.tensor([3, -4], dtype=torch.int32), int16=torch.tensor([5, -6], dtype=torch.int16),
    int8=torch.tensor([7, -8], dtype=torch.int8), uint8=torch.tensor([0, 255], dtype=torch.uint8),
    boolean=torch.tensor([True, False]), parameter=torch.nn.Parameter(ramp[:4].clone()),
)
for suffix, options in (("legacy", LEGACY), ("zip", {})):
    save(f"model_{suffix}.pth", state, **options)
    save(f"views_{suffix}.pth", views, **options)
    save(f"types_{suffix}.pth", types, **options)
wrapped = OrderedDict(("module." + k, v) for k, v in state.items())
optimizer = {"state": {0: {"momentum": ramp.clone()}}, "lr": 0.1, "nesterov": False, "name": None}
save("wrapped_legacy.pth", {"state_dict": wrapped, "epoch": 3, "optimizer": optimizer}, state, **LEGACY)

legacy = (here / "model_legacy.pth").read_bytes()
FIXED = (2020, 1, 1, 0, 0, 0)


def archive(name, entries):
    with zipfile.ZipFile(here / name, "w") as z:
        for entry, data in entries:
            info = zipfile.ZipInfo(entry, FIXED)
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, data)


archive("one.whl", [("package/__init__.py", b""), ("package/models/model.pth", legacy)])
expected["one.whl"] = expected["model_legacy.pth"]
archive("two.whl", [("a.pth", legacy), ("b.pth", legacy)])
archive("none.whl", [("package/__init__.py", b"")])
inner = io.BytesIO()
with zipfile.ZipFile(inner, "w") as z:
    z.writestr(zipfile.ZipInfo("model.pth", FIXED), legacy)
archive("nested.whl", [("inner.pth", inner.getvalue())])

# Hostile files. Each would do harm to a reader that trusted it, or crash the reader.


class Harm:
    def __reduce__(self):
        return (os.system, ("echo harm > harm-was-done",))


torch.save({"weight": Harm()}, here / "hostile_legacy.pth", **LEGACY)
torch.save({"weight": Harm()}, here / "hostile_zip.pth")
torch.save(torch.nn.Linear(2, 2), here / "whole_model_legacy.pth", **LEGACY)
torch.save([1, 2, 3], here / "list_legacy.pth", **LEGACY)
torch.save({"a": ramp, "b": "text"}, here / "text_value_legacy.pth", **LEGACY)

head = b"".join(pickle.dumps(x, 2) for x in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))


def hand_made(name, program, rest=b""):
    (here / name).write_bytes(head + b"\x80\x02" + program + rest)


def storage(key=b"0", count=b"K\x04", kind=b"FloatStorage"):
    text = b"X" + len(key).to_bytes(4, "little") + key
    return b"(X\x07\x00\x00\x00storagectorch\n" + kind + b"\n" + text + b"X\x03\x00\x00\x00cpu" + count + b"NtQ"


def tensor(offset=b"K\x00", shape=b"K\x04\x85", stride=b"K\x01\x85", **kw):
    return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage(**kw) + offset + shape + stride
            + b"\x89ccollections\nOrderedDict\n)RtR")


def one(value):
    return b"}X\x01\x00\x00\x00w" + value + b"s."


keys = pickle.dumps(["0"], 2)
four = (4).to_bytes(8, "little") + bytes(16)
hand_made("by_hand.pth", one(tensor()), keys + four)
expected["by_hand.pth"] = {"w": {"shape": [4], "elements": [0.0] * 4}}
hand_made("outside_offset.pth", one(tensor(offset=b"K\x01")), keys + four)
hand_made("outside_stride.pth", one(tensor(stride=b"K\x02\x85")), keys + four)
hand_made("negative_stride.pth", one(tensor(stride=b"J\xff\xff\xff\xff\x85")), keys + four)
hand_made("overflowing_shape.pth", one(tensor(shape=b"\x8a\x08" + b"\xff" * 7 + b"\x7fK\x04\x86",
                                               stride=b"K\x00K\x00\x86")), keys + four)
hand_made("expansion_bomb.pth", one(tensor(shape=b"\x8a\x05" + b"\xff" * 4 + b"\x00K\x04\x86",
                                            stride=b"K\x00K\x01\x86")), keys + four)
hand_made("short_storage.pth", one(tensor()), keys + (4).to_bytes(8, "little") + bytes(12))
hand_made("wrong_count.pth", one(tensor()), keys + (3).to_bytes(8, "little") + bytes(16))
hand_made("trailing.pth", one(tensor()), keys + four + b"x")
hand_made("missing_storage.pth", one(tensor()), pickle.dumps([], 2))
hand_made("unknown_storage.pth", one(tensor()), pickle.dumps(["0", "1"], 2) + four + four)
hand_made("self_containing.pth", b"]q\x00h\x00a.", keys + four)
hand_made("unknown_memo.pth", b"h\x07.")
hand_made("empty_stack.pth", b".")
hand_made("no_mark.pth", b"t.")
hand_made("instance.pth", b"(ios\nsystem\n.")
hand_made("protocol_4.pth", b"\x80\x04}.")
big = b"".join(pickle.dumps(x, 2) for x in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": False}))
(here / "big_endian.pth").write_bytes(big + b"\x80\x02" + one(tensor()) + keys + four)
(here / "wrong_magic.pth").write_bytes(pickle.dumps(0x1950A86A20F9469CFC6D, 2) + head[15:] + b"\x80\x02}.")
(here / "text.pth").write_bytes(b"<!DOCTYPE html><html>not found</html>\n")

(here / "expected.json").write_text(json.dumps(expected, sort_keys=True) + "\n")
