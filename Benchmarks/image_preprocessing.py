"""Times decode + resize + crop + normalize of JPEG files to 224 x 224 floats on one thread: LayerTap, and Pillow with NumPy,
in turn, in rounds. Prints ms a file (median, min-max) and, round by round, the ratio to each peer.

Two sets: photographs of 500 x 375, and of 12 megapixels (4000 x 3000, enlarged, with a camera's noise, quality 90). The
exact results are compared first; a difference stops the run. Benchmarks/image_preprocessing installs the requirements.
"""

import argparse
import io
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

SIZE, SHORT = 224, 256
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def opened(data, draft=False):
    image = Image.open(io.BytesIO(data))
    if draft:
        image.draft("RGB", (SHORT, SHORT))
    return ImageOps.exif_transpose(image).convert("RGB")


def square(image):
    """torchvision's Resize(256), CenterCrop(224)."""
    w, h = image.size
    sides = (SHORT, int(SHORT * h / w)) if w <= h else (int(SHORT * w / h), SHORT)
    image = image.resize(sides, Image.Resampling.BILINEAR)
    left, top = round((sides[0] - SIZE) / 2), round((sides[1] - SIZE) / 2)
    return image.crop((left, top, left + SIZE, top + SIZE))


def boxed(image):
    """Resizes only the cropped part: faster, with slightly different pixels."""
    w, h = image.size
    side = min(w, h) * SIZE / SHORT
    left, top = (w - side) / 2, (h - side) / 2
    return image.resize((SIZE, SIZE), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))


def normalized(image):
    values = np.asarray(image).astype(np.float32)
    values *= np.float32(1 / 255)
    values -= MEAN
    values /= STD
    return np.ascontiguousarray(values.transpose(2, 0, 1))


PEERS = {
    "Pillow + NumPy": lambda data: normalized(square(opened(data))),
    "Pillow + NumPy, resized from a box": lambda data: normalized(boxed(opened(data))),
    "Pillow + NumPy, draft mode": lambda data: normalized(square(opened(data, draft=True))),
}


def checksum(data):
    pixels = np.asarray(square(opened(data))).reshape(-1).astype(np.uint64)
    return int((pixels * (np.arange(pixels.size, dtype=np.uint64) % 65521 + 1)).sum())


def photographs(folder, count, sides, noise):
    """JPEG files of this size, made from photographs."""
    paths = sorted(p for p in folder.rglob("*.jpg"))
    paths = paths[:: max(1, len(paths) // count)][:count]
    random = np.random.default_rng(0)
    for path in paths:
        image = ImageOps.fit(Image.open(path).convert("RGB"), sides, Image.Resampling.LANCZOS)
        if noise:
            grain = np.asarray(image).astype(np.float32) + random.normal(0, noise, (sides[1], sides[0], 1))
            image = Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=90)
        yield out.getvalue()


def measure(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def timed(run, files, seconds):
    for data in files:
        run(data)
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        for data in files:
            run(data)
        done += len(files)
    return (time.perf_counter() - start) / done * 1000


def compare(title, files, arguments):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i, data in enumerate(files):
            paths.append(f"{folder}/{i:03}.jpg")
            Path(paths[-1]).write_bytes(data)
        found = measure([arguments.ours, "exact", str(SIZE), "check", *paths]).split()
        if [int(f) for f in found] != [checksum(data) for data in files]:
            sys.exit(f"{title}: the squares differ from Pillow's; timing them would prove nothing")
        times = {name: [] for name in ["LayerTap, exact", "LayerTap, fast", *PEERS]}
        for _ in range(arguments.rounds):
            for mode in ["exact", "fast"]:
                command = [arguments.ours, mode, str(SIZE), str(arguments.seconds), *paths]
                times[f"LayerTap, {mode}"].append(float(measure(command)))
            for name, run in PEERS.items():
                times[name].append(timed(run, files, arguments.seconds))
    mean = sum(map(len, files)) / len(files)
    print(f"\n{title}: {len(files)} files, {mean / 1000:.0f} kB on average, the exact squares equal to Pillow's")
    print("| | ms a file, median | min-max |\n|---|---|---|")
    for name, values in times.items():
        print(f"| {name} | {statistics.median(values):.2f} | {min(values):.2f}-{max(values):.2f} |")
    for mode in ["exact", "fast"]:
        for name in PEERS:
            ratios = [a / b for a, b in zip(times[f"LayerTap, {mode}"], times[name], strict=True)]
            print(f"LayerTap, {mode} / {name}: {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    parser.add_argument("--images", type=Path, default=Path(__file__).parent.parent / "data/photos",
                        help="photographs to make the files from")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5)
    arguments = parser.parse_args()
    import PIL
    print(f"Pillow {PIL.__version__}, NumPy {np.__version__}; one thread, {arguments.rounds} rounds of {arguments.seconds:g} s")
    compare("500 x 375", list(photographs(arguments.images, 40, (500, 375), 0)), arguments)
    compare("12 megapixels", list(photographs(arguments.images, 4, (4000, 3000), 5)), arguments)


if __name__ == "__main__":
    main()
