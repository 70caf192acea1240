"""Copies of Python packages whose native code sees a processor without AVX-512 and AMX.

ONNX Runtime and ncnn choose their kernels by the answers of the instruction `cpuid`, and have no option that restricts
them. In a copy, `ud2` replaces `cpuid` (both have two bytes), and avx2_answers.c answers instead. Needs objdump and clang.
"""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

PACKAGES = ("onnxruntime", "ncnn")
CPUID, UD2 = b"\x0f\xa2", b"\x0f\x0b"


def replace_cpuid(library):
    """Replaces every `cpuid` of a shared library; returns their number."""
    sections = subprocess.run(["objdump", "--section-headers", library], check=True, capture_output=True, text=True).stdout
    places = [(int(address, 16), int(offset, 16), int(size, 16)) for size, address, offset in
              re.findall(r"^ +\d+ \.text\S* +(\S+) +(\S+) +\S+ +(\S+)", sections, re.MULTILINE)]
    listing = subprocess.Popen(["objdump", "--disassemble", "--no-show-raw-insn", library], stdout=subprocess.PIPE, text=True)
    found = [int(line.split(":")[0], 16) for line in listing.stdout if line.rstrip().endswith("\tcpuid")]
    if listing.wait():
        raise SystemExit(f"objdump cannot read {library}")
    code = bytearray(library.read_bytes())
    for at in found:
        start = next(offset + at - address for address, offset, size in places if address <= at < address + size)
        if code[start:start + 2] != CPUID:
            raise SystemExit(f"{library}: no cpuid at {at:#x}")
        code[start:start + 2] = UD2
    library.write_bytes(code)
    return len(found)


def make(folder):
    """Makes the copies and the library to preload, if they are missing; returns the environment variables to use them."""
    copies, answers = Path(folder) / "avx2", Path(folder) / "avx2" / "avx2_answers.so"
    if not answers.exists():
        shutil.rmtree(copies, ignore_errors=True)
        for package in PACKAGES:
            source = Path(importlib.util.find_spec(package).origin).parent
            shutil.copytree(source, copies / package)
            # Libraries that a wheel brings lie beside its package.
            libraries = source.parent / f"{package}.libs"
            if libraries.exists():
                shutil.copytree(libraries, copies / libraries.name)
            if sum(replace_cpuid(library) for library in (copies / package).rglob("*.so*")) == 0:
                raise SystemExit(f"{package} has no cpuid to replace")
        source = Path(__file__).parent / "avx2_answers.c"
        subprocess.run(["clang", "-O2", "-shared", "-fPIC", "-o", answers, source], check=True)
    return {"LD_PRELOAD": str(answers.absolute()), "PYTHONPATH": str(copies.absolute())}
