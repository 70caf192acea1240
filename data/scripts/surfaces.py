"""Cuts data/surfaces: 64x64 photographs of twelve surfaces, from free images in the scikit-image wheel.

Usage: surfaces.py DATA_FOLDER. Versions: requirements.txt.

Each class is one image. train/ is cut from boxes in its left part, test/ from boxes in its right part, with
a gap of at least GAP source pixels between. Positions are the "best of 32 candidates" of a seeded Mersenne
Twister: each crop takes the candidate farthest from the crops before it. An image is used only if its
function's docstring in skimage/data/_fetchers.py says CC0 or public domain (see data/README.md).
"""

import random
import shutil
import sys
from pathlib import Path

import skimage
from PIL import Image

SIDE = 64
PER_CLASS = {"train": 24, "test": 12}
CANDIDATES = 32
GAP = 24

# class: (image, side of the square cut from it, train boxes, test boxes); boxes are (left, top, right, bottom).
CLASSES = {
    "brick": ("brick.png", 64, [(0, 0, 240, 512)], [(272, 0, 512, 512)]),
    "fur": ("chelsea.png", 64, [(30, 0, 225, 80), (30, 120, 150, 270)], [(250, 0, 350, 80), (290, 165, 365, 270)]),
    "grass": ("grass.png", 64, [(0, 0, 240, 512)], [(272, 0, 512, 512)]),
    "gravel": ("gravel.png", 64, [(0, 0, 240, 512)], [(272, 0, 512, 512)]),
    "handwriting": ("text.png", 64, [(0, 0, 208, 172)], [(240, 0, 448, 172)]),
    "lattice": ("rocket.jpg", 64, [(0, 0, 90, 400)], [(552, 0, 640, 400)]),
    "porcelain": ("coffee.png", 64, [(85, 150, 200, 330)], [(395, 140, 472, 315)]),
    "retina": ("retina.jpg", 128, [(150, 330, 640, 1080)], [(770, 330, 1260, 1080)]),
    "sky": ("rocket.jpg", 64, [(92, 0, 290, 130)], [(350, 0, 548, 130)]),
    "spacesuit": ("astronaut.png", 64, [(35, 250, 190, 480)], [(235, 285, 345, 400)]),
    "stars": ("hubble_deep_field.jpg", 128, [(0, 0, 480, 872)], [(520, 0, 1000, 872)]),
    "wood": ("coffee.png", 64, [(0, 130, 76, 400), (0, 290, 90, 400)], [(430, 0, 600, 110), (482, 0, 600, 400)]),
}


def positions(boxes, side, count, generator):
    """`count` top left corners of squares that lie within one of `boxes`, spread out."""
    areas = [(right - left - side + 1) * (bottom - top - side + 1) for left, top, right, bottom in boxes]
    chosen = []
    while len(chosen) < count:
        best, best_distance = None, -1.0
        for _ in range(CANDIDATES):
            # Only random() is used: its sequence is the one thing Python promises to keep for a seed.
            pick = generator.random() * sum(areas)
            for (left, top, right, bottom), area in zip(boxes, areas):
                if pick < area:
                    break
                pick -= area
            x = left + int(generator.random() * (right - left - side + 1))
            y = top + int(generator.random() * (bottom - top - side + 1))
            distance = min([(x - a) ** 2 + (y - b) ** 2 for a, b in chosen], default=float("inf"))
            if distance > best_distance:
                best, best_distance = (x, y), distance
        chosen.append(best)
    return sorted(chosen)


def main(data):
    pictures = Path(skimage.__file__).parent / "data"
    output = Path(data) / "surfaces"
    shutil.rmtree(output, ignore_errors=True)
    for seed, (name, (file, side, train, test)) in enumerate(CLASSES.items()):
        gap = min(box[0] for box in test) - max(box[2] for box in train)
        assert gap >= GAP, (name, gap)
        picture = Image.open(pictures / file)
        picture.load()
        generator = random.Random(seed)
        for split, boxes in (("train", train), ("test", test)):
            folder = output / split / name
            folder.mkdir(parents=True)
            for index, (x, y) in enumerate(positions(boxes, side, PER_CLASS[split], generator)):
                crop = picture.crop((x, y, x + side, y + side))
                if side != SIDE:
                    crop = crop.resize((SIDE, SIDE), Image.Resampling.BOX)
                crop.save(folder / f"{name}_{index:02d}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
