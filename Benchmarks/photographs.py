"""Any number of JPEG files of one size, from the photographs in data/photos: crops, every other one mirrored, with changed
brightness and colors and a camera's noise, quality 90. The same Pillow and NumPy always give the same files."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

PHOTOGRAPHS = Path(__file__).parent.parent / "data/photos"
GRAIN = 3


def make(folder, count, sides):
    """Writes the files to the folder, unless it has them already. Returns them."""
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
        image = whole.resize(sides, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))
        if number // len(photographs) % 2:
            image = ImageOps.mirror(image)
        image = ImageEnhance.Brightness(image).enhance(random.uniform(0.8, 1.2))
        image = ImageEnhance.Color(image).enhance(random.uniform(0.7, 1.3))
        grain = random.normal(0, GRAIN, (sides[1], sides[0], 1)).astype(np.float32)
        values = np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)
        Image.fromarray(values).save(path, quality=90)
    return paths


def multiply(folder, sources, count):
    """JPEG files made from photographs, given as path, label and part: in turn each photograph unchanged, then its mirror image
    without the outer tenth, then a part of two thirds, each at another position and quality. `images.csv` in the folder lists them;
    its groups are the photographs, so no photograph is on both sides of a split or fold."""
    folder = Path(folder)
    table = folder / "images.csv"
    if table.exists():
        return table
    rows = ["path,label,split,group"]
    for number in range(count):
        (source, label, split), variant = sources[number % len(sources)], number // len(sources)
        name = f"{split}/{label}/{source.stem}-{variant}.jpg"
        image = ImageOps.exif_transpose(Image.open(source)).convert("RGB")
        if variant:
            share = [0.9, 2 / 3, 0.8][(variant - 1) % 3]
            width, height = round(image.width * share), round(image.height * share)
            left, top = (image.width - width) * (number % 5) // 4, (image.height - height) * (number % 3) // 2
            image = image.crop((left, top, left + width, top + height))
            if variant % 2:
                image = ImageOps.mirror(image)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        image.save(folder / name, quality=[92, 85, 75][variant % 3])
        rows.append(f"{name},{label},{split},{source.stem}")
    table.write_text("\n".join(rows) + "\n")
    return table
