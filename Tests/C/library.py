"""The part of the C face that the checks need, through ctypes."""

import ctypes
import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADER = (ROOT / "Sources/CTapForeign/include/layertap.h").read_text()
FORKED, STOPPED = 3, 130


class Image(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_int32), ("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("width", ctypes.c_size_t),
        ("height", ctypes.c_size_t), ("row_stride", ctypes.c_int64),
    ]


class Output(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p), ("rows", ctypes.c_size_t), ("columns", ctypes.c_size_t),
        ("row_stride", ctypes.c_int64),
    ]


class Matrix(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p), ("rows", ctypes.c_size_t), ("columns", ctypes.c_size_t),
        ("row_stride", ctypes.c_int64), ("column_stride", ctypes.c_int64), ("type", ctypes.c_int32),
    ]


class Targets(ctypes.Structure):
    _fields_ = [
        ("classes", ctypes.c_void_p), ("rows", ctypes.c_size_t), ("class_count", ctypes.c_size_t),
        ("names", ctypes.c_void_p), ("weights", ctypes.c_void_p), ("groups", ctypes.c_void_p),
        ("folds", ctypes.c_void_p), ("splits", ctypes.c_void_p),
    ]


PROGRESS = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int32, ctypes.c_size_t, ctypes.c_size_t)


class Work(ctypes.Structure):
    _fields_ = [("threads", ctypes.c_size_t), ("progress", PROGRESS), ("context", ctypes.c_void_p)]


class Failure(Exception):
    def __init__(self, status, text):
        super().__init__(f"status {status}: {text}")
        self.status, self.text = status, text


class Library:
    """The loaded library. Its symbols are offered to libraries that are loaded later, which is the harder case."""

    def __init__(self, path):
        self.c = ctypes.CDLL(os.fspath(path), mode=ctypes.RTLD_GLOBAL)
        self.c.layertap_error.restype = ctypes.c_char_p
        self.c.layertap_version.restype = ctypes.c_char_p
        self.c.layertap_available_threads.restype = ctypes.c_size_t

    def call(self, name, *arguments):
        status = getattr(self.c, name)(*arguments)
        if status != 0:
            raise Failure(status, self.c.layertap_error().decode())

    def handle(self, name, *arguments):
        handle = ctypes.c_uint64()
        self.call(name, *arguments, ctypes.byref(handle))
        return handle

    @staticmethod
    def text(value):
        data = value.encode()
        return ctypes.c_char_p(data), ctypes.c_size_t(len(data))

    def features(self, paths, layers):
        """The float32 bytes of each column."""
        backbone = self.handle("layertap_backbone_open", *self.text("efficientnet_lite0"), *self.text(""))
        extractor = self.handle("layertap_extractor_create", backbone, *self.text(json.dumps({"layers": layers})))
        dimensions = (ctypes.c_size_t * len(layers))()
        self.call("layertap_extractor_dimensions", extractor, dimensions, ctypes.c_size_t(len(layers)))
        names = [os.fsencode(path) for path in paths]
        images = (Image * len(paths))(*[Image(1, ctypes.cast(ctypes.c_char_p(name), ctypes.c_void_p), len(name)) for name in names])
        memory = [(ctypes.c_float * (len(paths) * count))() for count in dimensions]
        outputs = (Output * len(layers))(
            *[Output(ctypes.addressof(place), len(paths), count) for place, count in zip(memory, dimensions)]
        )
        self.call(
            "layertap_extract", extractor, images, ctypes.c_size_t(len(paths)), None, outputs,
            ctypes.c_size_t(len(layers)), None, None,
        )
        for handle in (extractor, backbone):
            self.call("layertap_release", handle)
        return [bytes(place) for place in memory]

    def fit(self, rows, columns, classes, settings, work=None):
        """The float64 bytes of the weights and biases of a fit to `rows`, the bytes of float32."""
        count = len(classes)
        labels = (ctypes.c_int64 * count)(*classes)
        data = ctypes.create_string_buffer(rows, len(rows))
        matrix = Matrix(ctypes.addressof(data), count, columns, 4 * columns, 4, 1)
        class_count = max(classes) + 1
        targets = Targets(ctypes.addressof(labels), count, class_count)
        model = self.handle(
            "layertap_fit", ctypes.byref(matrix), ctypes.byref(targets), *self.text(json.dumps(settings)),
            None if work is None else ctypes.byref(work),
        )
        weights, biases = (ctypes.c_double * (class_count * columns))(), (ctypes.c_double * class_count)()
        self.call(
            "layertap_model_weights", model, weights, ctypes.c_size_t(len(weights)), biases,
            ctypes.c_size_t(len(biases)),
        )
        self.call("layertap_release", model)
        return bytes(weights), bytes(biases)


def random_rows(count, columns, class_count, seed=1):
    """float32 bytes and classes from a small generator, so that no other library is needed."""
    state, values = seed, []
    classes = [row % class_count for row in range(count)]
    for label in classes:
        for column in range(columns):
            state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
            values.append((state >> 40) / (1 << 24) - 0.5 + (0.1 * label if column < 3 else 0))
    return bytes((ctypes.c_float * len(values))(*values)), classes
