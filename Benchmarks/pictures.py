"""JPEG files of one size, as many as wanted, from the photographs in data/photos: crops, mirrored every other time, with other
brightness and colours and a camera's grain, quality 90. The same files every time with the same Pillow and NumPy."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

PHOTOGRAPHS = Path(__file__).parent.parent / "data/photos"
GRAIN = 3


def make(folder, count, sides):
    """Fills the folder, unless it has the files already. Returns them."""
    folder = Path(folder)
    paths = [folder / f"{number:04}.jpg" for number in range(count)]
    if folder.is_dir() and sorted(folder.iterdir()) == paths:
        return paths
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    photographs = [Image.open(path).convert("RGB") for path in sorted(PHOTOGRAPHS.glob("*.jpg"))]
    random = np.random.default_rng(0)
    for number, path in enumerate(paths):
        whole = photographs[number % len(photographs)]
        width = min(whole.width, whole.height * sides[0] / sides[1]) * random.uniform(0.6, 1)
        height = width * sides[1] / sides[0]
        left, top = random.uniform(0, whole.width - width), random.uniform(0, whole.height - height)
        picture = whole.resize(sides, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))
        if number // len(photographs) % 2:
            picture = ImageOps.mirror(picture)
        picture = ImageEnhance.Brightness(picture).enhance(random.uniform(0.8, 1.2))
        picture = ImageEnhance.Color(picture).enhance(random.uniform(0.7, 1.3))
        grain = random.normal(0, GRAIN, (sides[1], sides[0], 1)).astype(np.float32)
        values = np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8)
        Image.fromarray(values).save(path, quality=90)
    return paths
