"""Makes copies of photographs and looks for them among other photographs, by `layertap audit --only duplicate`. The copies are
resized to half the size, recompressed with quality 40, cropped by 5 % of each side's length, mirrored, or brightened by 30 %.

The photographs of clothing and caltech, from the folder of test data (--data, or LAYERTAP_TESTDATA), are divided into two halves with
--images images each; as many copies of each kind as --copies says take the place of photographs. The smallest cosine and the largest
number of different bits of the hash are chosen on the first half: those with the largest recall, the mean over the kinds, among those
with a precision of at least 0.95. The table has the recall of each kind and the precision on the second half, also for the defaults.
A pair counts as right if it is a photograph with its copy. With --peers imagededup's hashes are measured in the same way.
Benchmarks/near_images installs the requirements.
"""

import argparse
import csv
import os
import statistics
import tempfile
from pathlib import Path

import machine
import numpy as np
from label_noise import listed
from measuring import publish, run
from PIL import Image, ImageEnhance, ImageOps

KINDS = ["resized", "recompressed", "cropped", "mirrored", "brightened"]
BITS = range(0, 21, 2)
LOWEST = 0.85


def changed(image, kind, random):
    width, height = image.size
    match kind:
        case "resized":
            return image.resize((width // 2, height // 2), Image.Resampling.LANCZOS)
        case "cropped":
            left, top = random.integers(0, max(1, width // 20)), random.integers(0, max(1, height // 20))
            return image.crop((left, top, left + width - width // 20, top + height - height // 20))
        case "mirrored":
            return ImageOps.mirror(image)
        case "brightened":
            return ImageEnhance.Brightness(image).enhance(1.3)
    return image


def half(paths, arguments, folder, random):
    """The images of a half, and the pairs of a photograph and its copy with the kind of the copy."""
    folder.mkdir()
    count = arguments.copies * len(KINDS)
    originals = paths[: arguments.images - count]
    images, planted = list(originals), {}
    for number, place in enumerate(random.permutation(len(originals))[:count]):
        kind = KINDS[number % len(KINDS)]
        copy = folder / f"{kind}-{number}.jpg"
        image = ImageOps.exif_transpose(Image.open(originals[place])).convert("RGB")
        changed(image, kind, random).save(copy, quality=40 if kind == "recompressed" else 90)
        planted[place, len(images)] = kind
        images.append(copy)
    with open(folder / "images.csv", "w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *((path, "image") for path in images)])
    return images, planted


def audited(images, cosine, bits, arguments, folder):
    """The pairs that the audit finds, with their cosine and what found them."""
    places = {str(path): place for place, path in enumerate(images)}
    run([arguments.ours, "audit", folder / "images.csv", "--store", folder / "store", "--only", "duplicate", "--near", cosine,
         "--near-hash", bits, "--output", folder / "findings.csv"])
    with open(folder / "findings.csv", newline="") as file:
        return [(*sorted([places[row["path"]], places[row["other"]]]), float(row["score"]), row["found"])
                for row in csv.DictReader(file) if row["kind"] == "near-duplicate"]


def measured(found, planted):
    """The precision, and the recall of each kind."""
    right = {pair: kind for pair, kind in planted.items() if pair in found}
    kinds = list(planted.values())
    return len(right) / max(1, len(found)), [list(right.values()).count(kind) / kinds.count(kind) for kind in KINDS]


def chosen(searches, planted):
    """The search with the best recall among those that are precise enough. A search is a setting with its pairs."""
    def rank(item):
        precision, recalls = measured(item[1], planted)
        return (precision >= 0.95, statistics.mean(recalls) if precision >= 0.95 else precision, precision)
    return max(searches.items(), key=rank)[0]


def ours(images, arguments, folder):
    """The pairs by (cosine, bits). A cosine of 2 stands for the hash alone, bits of -1 for the features alone."""
    features = audited(images, LOWEST, 0, arguments, folder)
    hashed = {bits: {pair[:2] for pair in audited(images, 1, bits, arguments, folder) if "hash" in pair[3]} for bits in BITS}
    hashed[-1] = set()
    cosines = [*np.round(np.arange(LOWEST, 1, 0.01), 2), 2]
    return {(cosine, bits): {pair[:2] for pair in features if "features" in pair[3] and pair[2] >= cosine} | pairs
            for cosine in cosines for bits, pairs in hashed.items()}


def theirs(images, method):
    """The pairs by the largest number of different bits."""
    codes = np.array([int(method.encode_image(image_file=str(path)), 16) for path in images], dtype=np.uint64)
    first, second = np.triu_indices(len(codes), 1)
    distances = np.bitwise_count(codes[first] ^ codes[second])
    return {bits: set(zip(first[distances <= bits].tolist(), second[distances <= bits].tolist())) for bits in range(17)}


def line(name, setting, pairs, planted):
    precision, recalls = measured(pairs, planted)
    return f"| {name} | {setting} | {precision:.3f} | " + " | ".join(f"{recall:.2f}" for recall in recalls) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--data", default=os.environ.get("LAYERTAP_TESTDATA"))
    parser.add_argument("--images", type=int, default=1800, help="images of each half, copies included")
    parser.add_argument("--copies", type=int, default=20, help="copies of each kind")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    random = np.random.default_rng(0)
    paths = [path for name in ["clothing", "caltech"] for path, _ in listed(name, arguments.data)]
    paths = [paths[place] for place in random.permutation(len(paths))]
    with tempfile.TemporaryDirectory() as scratch:
        halves = []
        for number, part in enumerate([paths[::2], paths[1::2]]):
            images, planted = half(part, arguments, Path(scratch) / str(number), random)
            halves.append((images, planted, Path(scratch) / str(number)))
        (first, planted, folder), (second, wanted, other) = halves
        ours_first, ours_second = ours(first, arguments, folder), ours(second, arguments, other)
        lines = [
            "# Copies of photographs", "",
            f"{len(second):,} images, {arguments.copies} copies of each kind. {machine.description()}.", "",
            "| method | smallest cosine, bits | precision | " + " | ".join(KINDS) + " |", "|---|---|---:|" + "---:|" * len(KINDS),
        ]
        for name, allowed in [
            ("features and hash", lambda setting: True), ("features", lambda setting: setting[1] < 0),
            ("hash", lambda setting: setting[0] > 1), ("defaults", lambda setting: setting == (0.97, 4)),
        ]:
            setting = chosen({key: pairs for key, pairs in ours_first.items() if allowed(key)}, planted)
            lines.append(line(name, f"{setting[0]:.2f}, {setting[1]}", ours_second[setting], wanted))
        if arguments.peers:
            from imagededup.methods import AHash, DHash, PHash, WHash

            for kind in [PHash, DHash, WHash, AHash]:
                method = kind(verbose=False)
                bits = chosen(theirs(first, method), planted)
                lines.append(line(f"imagededup's {kind.__name__}", bits, theirs(second, method)[bits], wanted))
    publish(lines, arguments.output)


if __name__ == "__main__":
    main()
