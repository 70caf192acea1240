"""Writes data/photos: ten whole free photographs, each below 100 KB, from the scikit-image and scikit-learn wheels.

Usage: photos.py DATA_FOLDER. Versions: requirements.txt.

They are re-encoded in the varieties that cameras and web sites write: baseline and progressive JPEG, chroma at
full and at half resolution, gray JPEG and PNG, and a photograph stored on its side with an EXIF orientation.
"""

import shutil
import sys
from pathlib import Path

import skimage
import sklearn
from PIL import Image

ORIENTATION = 0x0112

# output: (package, image, long side at most, JPEG options); None copies the file as it is.
PHOTOS = {
    "astronaut.jpg": ("skimage", "astronaut.png", 512, dict(quality=88)),
    "cat.jpg": ("skimage", "chelsea.png", 451, dict(quality=92, subsampling="4:4:4")),
    "coffee.jpg": ("skimage", "coffee.png", 600, dict(quality=88, progressive=True)),
    "flower.jpg": ("sklearn", "flower.jpg", 640, dict(quality=88)),
    "handwriting.png": ("skimage", "text.png", None, None),
    "photographer.jpg": ("skimage", "camera.png", 512, dict(quality=90)),
    "retina.jpg": ("skimage", "retina.jpg", 640, dict(quality=90, subsampling="4:2:2")),
    "rocket.jpg": ("skimage", "rocket.jpg", 640, dict(quality=90, on_its_side=True)),
    "stars.jpg": ("skimage", "hubble_deep_field.jpg", 640, dict(quality=75, subsampling="4:4:4")),
    "temple.jpg": ("sklearn", "china.jpg", 640, dict(quality=80)),
}


def main(data):
    sources = {
        "skimage": Path(skimage.__file__).parent / "data",
        "sklearn": Path(sklearn.__file__).parent / "datasets" / "images",
    }
    output = Path(data) / "photos"
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    for name, (package, picture, longest, options) in PHOTOS.items():
        source = sources[package] / picture
        if options is None:
            shutil.copyfile(source, output / name)
            continue
        image = Image.open(source)
        image.load()
        if max(image.size) > longest:
            scale = longest / max(image.size)
            size = tuple(round(side * scale) for side in image.size)
            image = image.resize(size, Image.Resampling.LANCZOS)
        exif = Image.Exif()
        options = dict(options)
        if options.pop("on_its_side", False):
            # Orientation 6: the viewer turns the stored image by 90 degrees clockwise.
            image = image.transpose(Image.Transpose.ROTATE_90)
            exif[ORIENTATION] = 6
        image.save(output / name, exif=exif, **options)
        assert (output / name).stat().st_size < 100_000, name


if __name__ == "__main__":
    main(sys.argv[1])
