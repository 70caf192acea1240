"""Images of every accepted kind, as the library takes them: paths, the bytes of files, and RGB pixels.

Pillow and PyTorch are never imported here. An image can only be one of theirs if the program has imported them.
"""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import byref, c_uint64
from dataclasses import dataclass
from typing import Any, Iterable, Iterator, NamedTuple, Optional, Union

import numpy as np

from ._errors import DataError
from ._library import IMAGE_ENCODED, IMAGE_PATH, IMAGE_RGB, Handle, Image, Report, library, path_text, texts
from ._work import run

# One call of the library takes images with at most this many bytes in memory, and at most this many images.
CHUNK_BYTES = 64 << 20
CHUNK_IMAGES = 65536
_ACCEPTED = (
    "a path, the bytes of a file, a PIL image, a uint8 array [height, width, 3], or a uint8 tensor [3, height, width]"
)


@dataclass(frozen=True)
class UnreadableImage:
    """An image that could not be read. `index` counts from 0 in the order of the images."""

    index: int
    image: Optional[str]
    status: int
    reason: str


class Item(NamedTuple):
    """An image for the library, and the object that owns its memory.

    `failure` is the reason why Pillow cannot read the image; the library then gets an image of no bytes.
    """

    image: Image
    owner: Any
    byte_count: int
    path: Optional[str]
    failure: Optional[str] = None


class Chunk:
    """Images for one call of the library."""

    def __init__(self, items: list[Item], first: int) -> None:
        self.items = items
        self.first = first
        self.images = (Image * len(items))(*(item.image for item in items))
        self.statuses = np.zeros(len(items), np.int32)

    def __len__(self) -> int:
        return len(self.items)

    def require_pixels(self) -> Chunk:
        """Raises the error of the first image that Pillow cannot read."""
        for index, item in enumerate(self.items):
            if item.failure is not None:
                raise DataError(f"image {self.first + index}: {item.failure}")
        return self

    def run(
        self,
        name: str,
        handle: Handle,
        results: Iterable[Any],
        *,
        before: Iterable[Any] = (),
        after: Iterable[Any] = (),
        is_reporting: bool,
        threads: Optional[int],
        report: Report,
    ) -> list[UnreadableImage]:
        """Calls a function for these images, and returns the images that could not be read.

        The function takes the handle, the images, `before`, the work, `results`, the statuses, the reasons and `after`.
        Unless `is_reporting`, the first unreadable image is an error.
        """
        if not is_reporting:
            self.require_pixels()
        function, reasons = getattr(library(), "layertap_" + name), c_uint64()
        report_arguments = (self.statuses.ctypes.data, byref(reasons)) if is_reporting else (None, None)
        run(
            lambda work: function(
                handle.value, self.images, len(self), *before, work, *results, *report_arguments, *after
            ),
            threads=threads,
            report=report,
        )
        return self._unreadable(Handle(reasons.value)) if is_reporting else []

    def _unreadable(self, reasons: Handle) -> list[UnreadableImage]:
        if not self.statuses.any():
            return []
        words = texts(reasons)
        return [
            UnreadableImage(self.first + index, item.path, int(self.statuses[index]), item.failure or words[index])
            for index, item in enumerate(self.items)
            if self.statuses[index] != 0
        ]


def chunks(images: Any, ground: Optional[int]) -> Iterator[Chunk]:
    """Divides images into chunks, so that images that a generator makes take a bounded amount of memory."""
    items: list[Item] = []
    first = byte_count = 0
    for item in _items(images, ground):
        items.append(item)
        byte_count += item.byte_count
        if byte_count >= CHUNK_BYTES or len(items) == CHUNK_IMAGES:
            yield Chunk(items, first)
            first += len(items)
            items, byte_count = [], 0
    if items:
        yield Chunk(items, first)


def all_in_one(images: Any, ground: Optional[int]) -> Chunk:
    """All images for one call. An image that Pillow cannot read is an error."""
    return Chunk(list(_items(images, ground)), 0).require_pixels()


def ground_of(preprocessing: dict[str, Any]) -> Optional[int]:
    """The gray that transparent pixels are laid on; None if transparency is dropped, which has no field."""
    return {"white": 255, "black": 0}.get(preprocessing.get("alpha", ""))


def is_one(images: Any) -> bool:
    """Whether the object is one image, and not a collection of images."""
    if isinstance(images, (str, bytes, bytearray, memoryview, os.PathLike)) or _is_pil(images):
        return True
    return (isinstance(images, np.ndarray) or _is_tensor(images)) and (
        images.ndim in (2, 3) and _dtype(images) == "uint8"
    )


def _items(images: Any, ground: Optional[int]) -> Iterator[Item]:
    if is_one(images):
        images = [images]
    elif isinstance(images, dict) or not isinstance(images, Iterable):
        raise TypeError(f"images: expected {_ACCEPTED}, or several of these, found {type(images).__name__}")
    for index, image in enumerate(images):
        try:
            yield _item(image, ground)
        except (TypeError, ValueError) as failure:
            raise type(failure)(f"image {index}: {failure}") from None


def _item(image: Any, ground: Optional[int]) -> Item:
    if isinstance(image, (str, os.PathLike)):
        data, _ = path_text(image)
        return Item(_of_bytes(IMAGE_PATH, data), data, 0, os.fsdecode(data))
    if isinstance(image, bytes):
        return Item(_of_bytes(IMAGE_ENCODED, image), image, len(image), None)
    if isinstance(image, (bytearray, memoryview)):
        view = np.frombuffer(image, np.uint8)
        return Item(Image(kind=IMAGE_ENCODED, data=view.ctypes.data, size=view.size), view, view.size, None)
    if _is_pil(image):
        try:
            pixels = _pil_pixels(image, ground)
        except (OSError, SyntaxError) as failure:
            # Pillow reads the file of an image only when its pixels are needed.
            path = getattr(image, "filename", None) or None
            return Item(_of_bytes(IMAGE_ENCODED, b""), b"", 0, path and os.fsdecode(path), str(failure))
        return _of_pixels(pixels, ground)
    if _is_tensor(image):
        return _of_pixels(_tensor_pixels(image), ground)
    if isinstance(image, np.ndarray):
        return _of_pixels(image, ground)
    raise TypeError(f"expected {_ACCEPTED}, found {type(image).__name__}")


def _of_bytes(kind: int, data: bytes) -> Image:
    return Image(kind=kind, data=ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), size=len(data))


def _of_pixels(pixels: np.ndarray, ground: Optional[int]) -> Item:
    """An image of uint8 pixels: [height, width], or [height, width, channels] with 1, 3 or 4 channels."""
    if pixels.dtype != np.uint8:
        raise TypeError(f"expected pixels of dtype uint8, 0 to 255, found {pixels.dtype}")
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (1, 3, 4)):
        raise ValueError(f"expected pixels of shape [height, width, 3], found {list(pixels.shape)}")
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        pixels = np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    elif pixels.shape[2] == 4:
        pixels = _on_ground(pixels, ground)
    height, width = pixels.shape[:2]
    if pixels.strides[2] != 1 or pixels.strides[1] != 3 or abs(pixels.strides[0]) < 3 * width:
        pixels = np.ascontiguousarray(pixels)
    image = Image(kind=IMAGE_RGB, data=pixels.ctypes.data, width=width, height=height, row_stride=pixels.strides[0])
    return Item(image, pixels, pixels.size, None)


def _on_ground(pixels: np.ndarray, ground: Optional[int]) -> np.ndarray:
    """RGBA pixels laid on a gray, rounded as the library does for PNG files."""
    if ground is None:
        return pixels[:, :, :3]
    alpha = pixels[:, :, 3:].astype(np.uint32)
    total = pixels[:, :, :3] * alpha + ground * (255 - alpha) + 128
    return ((total + (total >> 8)) >> 8).astype(np.uint8)


def _is_pil(image: Any) -> bool:
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(image, module.Image)


def _is_tensor(image: Any) -> bool:
    module = sys.modules.get("torch")
    return module is not None and isinstance(image, module.Tensor)


def _dtype(image: Any) -> str:
    return str(image.dtype).replace("torch.", "")


def _pil_pixels(image: Any, ground: Optional[int]) -> np.ndarray:
    """The upright pixels of a PIL image, with alpha if it has transparency."""
    from PIL import ImageOps

    if image.mode in ("F", "I") or image.mode.startswith("I;"):
        raise TypeError(
            f"a PIL image of mode {image.mode!r} has no 8-bit pixels: convert it to RGB, or pass the file's path"
        )
    upright = ImageOps.exif_transpose(image)
    has_alpha = upright.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in upright.info
    return np.asarray(upright.convert("RGBA" if has_alpha and ground is not None else "RGB"))


def _tensor_pixels(image: Any) -> np.ndarray:
    """The pixels of a tensor [channels, height, width] or [height, width] as an array [height, width, channels]."""
    if _dtype(image) != "uint8":
        raise TypeError(
            f"expected a tensor of pixels of dtype uint8, 0 to 255, found {_dtype(image)}: pass the tensor as it was "
            "before it was scaled and normalized"
        )
    pixels = image.detach().cpu()
    if pixels.ndim == 3:
        if pixels.shape[0] not in (1, 3, 4):
            raise ValueError(f"expected a tensor of shape [3, height, width], found {list(pixels.shape)}")
        pixels = pixels.permute(1, 2, 0)
    return pixels.numpy()


Images = Union[str, bytes, "os.PathLike[str]", np.ndarray, Iterable[Any]]
