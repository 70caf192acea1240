"""Frozen networks, and features of images at their layers."""

from __future__ import annotations

import operator
import os
from ctypes import byref, c_size_t, c_uint64
from typing import Any, Iterable, Optional, Union

import numpy as np

from . import _hub
from ._errors import MissingError
from ._frames import frame
from ._images import Images, UnreadableImage, all_in_one, chunks, ground_of
from ._library import Handle, Output, Report, call, described, exported, opened, path_text, settings_text, texts
from ._work import ProgressOption, reporting
from .store import Store

Features = Union[np.ndarray, "dict[str, np.ndarray]"]
Names = Union[None, str, Iterable[str]]


def backbone_names() -> list[str]:
    """The names of the built-in backbones. Their weights need not be on this machine."""
    return texts(opened("backbone_names"))


class Backbone:
    """A network with its weights and its preprocessing. It computes features and is never trained.

    Parameters
    ----------
    source : a built-in name (see `backbone_names`), the path of a checkpoint or ONNX file, or `hf-hub:OWNER/NAME` for
        a repository in the Hub's cache. If it is not there and `huggingface_hub` is installed, it is fetched.
    **settings : settings of an extraction, with the names of pipeline files: `architecture`, `tune`, and the
        preprocessing `size`, `resize`, `cropFraction`, `interpolation`, `scale`, `mean`, `std`, `channels`, `decode`,
        `orientation`, `alpha`, `allowTruncated`.

    Raises `MissingError` if the weights are not on this machine, and `UsageError` for an unknown name or setting.

    Attributes
    ----------
    layers : a frame with one row for each layer: its name, kind, shape and cost.
    preprocessing : the preprocessing of images as a dictionary.
    warnings : sentences about the reading of the weights.
    """

    def __init__(self, source: Union[str, "os.PathLike[str]"] = "efficientnet_lite0", **settings: Any) -> None:
        self.source = os.fspath(source)
        self.settings = settings
        try:
            self._handle = _opened(self.source, settings)
        except MissingError:
            # The library finds what is in the Hub's cache, and fetches nothing.
            path = _hub.fetched(self.source) if self.source.startswith(_hub.PREFIX) else None
            if path is None:
                raise
            self._handle = _opened(path, settings)
        self._extractors: dict[bytes, Extractor] = {}
        self._description = described("backbone_describe", self._handle)

    @property
    def name(self) -> str:
        return self._description["backbone"]

    @property
    def layers(self) -> Any:
        rows = self._description["layers"]
        return frame(rows, list(dict.fromkeys(key for row in rows for key in row)))

    @property
    def preprocessing(self) -> dict[str, Any]:
        return self._description["preprocessing"]

    @property
    def weights_hash(self) -> str:
        return self._description["weightsHash"]

    @property
    def warnings(self) -> list[str]:
        return self._description["warnings"]

    def __repr__(self) -> str:
        words = [repr(self.source)] + [f"{name}={value!r}" for name, value in self.settings.items()]
        return f"Backbone({', '.join(words)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self.source, self.settings)

    def extractor(self, layers: Names = None, pool: Names = None) -> Extractor:
        """The extractor of these layers and poolings; see `embed`."""
        settings = {name: _listed(value) for name, value in (("layers", layers), ("pool", pool)) if value is not None}
        text, size = settings_text(settings)
        if text not in self._extractors:
            self._extractors[text] = Extractor(self, opened("extractor_create", self._handle.value, text, size))
        return self._extractors[text]

    def embed(
        self,
        images: Images,
        layers: Names = None,
        pool: Names = None,
        *,
        store: Union[None, str, "os.PathLike[str]"] = None,
        errors: str = "raise",
        progress: ProgressOption = None,
        threads: Optional[int] = None,
    ) -> Any:
        """Computes features of images.

        Parameters
        ----------
        images : one image or several: paths, the bytes of JPEG or PNG files, PIL images, uint8 arrays
            [height, width, 3], uint8 tensors [3, height, width] of PyTorch, or an iterator of these. Arrays and
            tensors with one more leading axis are several images. Gray images and images with alpha are accepted.
        layers : names of layers, aliases, or "all"; by default "penultimate".
        pool : "avg" (the default), "max", "avgmax", "gem" or "none". Each layer with each pooling is a column.
        store : a folder of stores that keeps the features on disk. Only rows that the store lacks are computed. All
            images must be paths.
        errors : "raise" ends at the first image that cannot be read. "report" gives such an image a row of NaN and
            returns a report.
        progress : None shows a bar if tqdm is installed and standard error is a terminal; True or False; or a function
            of the stage, the number done and the number of all.
        threads : the number of threads; by default one for each processor. It changes no result.

        Returns
        -------
        A float32 array [images, dimensions]. With several columns, a dictionary of such arrays by the columns' names.
        An array from a store may be read-only. With errors="report" the result is a pair of this and a list of
        `UnreadableImage`.
        """
        extractor = self.extractor(layers, pool)
        is_reporting = reports(errors)
        with reporting(progress) as report:
            if store is None:
                arrays, broken = extractor.features(images, is_reporting, threads, report)
            else:
                arrays, broken = extractor.features_in_store(images, store, is_reporting, threads, report)
        result: Features = arrays[0] if len(arrays) == 1 else dict(zip(extractor.columns, arrays))
        return (result, broken) if is_reporting else result

    def export_onnx(
        self,
        path: Union[str, "os.PathLike[str]"],
        layers: Names = None,
        pool: Names = None,
        *,
        input: str = "float32",
    ) -> dict[str, Any]:
        """Writes the network up to these layers as an ONNX file with the outputs `features:<column>`.

        `layers` and `pool` are as in `embed`; `input` and the report are as in `Classifier.export_onnx`.
        """
        return exported("extractor_export_onnx", self.extractor(layers, pool).handle, path, input)

    def classifier(self) -> Any:
        """The classifier of the backbone's own classes, such as those of ImageNet."""
        from .classifier import Classifier

        return Classifier(opened("backbone_classifier", self._handle.value), self.preprocessing)


class Extractor:
    """The columns of a backbone that one pass computes."""

    def __init__(self, backbone: Backbone, handle: Handle) -> None:
        self.handle = handle
        self.ground = ground_of(backbone.preprocessing)
        self.columns = texts(opened("extractor_columns", handle.value))
        sizes = (c_size_t * len(self.columns))()
        call("extractor_dimensions", handle.value, sizes, len(sizes))
        self.dimensions = list(sizes)

    def features(
        self, images: Images, is_reporting: bool, threads: Optional[int], report: Report
    ) -> tuple[list[np.ndarray], list[UnreadableImage]]:
        """The arrays of all columns, and the unreadable images."""
        capacity = operator.length_hint(images) if not isinstance(images, (str, bytes, os.PathLike)) else 0
        total, done = capacity, 0
        arrays = [np.empty((capacity, width), np.float32) for width in self.dimensions]
        broken: list[UnreadableImage] = []
        for chunk in chunks(images, self.ground):
            if done + len(chunk) > capacity:
                capacity = max(done + len(chunk), 2 * done)
                for array in arrays:
                    array.resize((capacity, array.shape[1]), refcheck=False)
            outputs = (Output * len(arrays))(
                *(Output(array[done:].ctypes.data, len(chunk), array.shape[1], 0) for array in arrays)
            )
            broken += chunk.run(
                "extract",
                self.handle,
                (outputs, len(outputs)),
                is_reporting=is_reporting,
                threads=threads,
                report=_offset(report, done, total),
            )
            done += len(chunk)
        for array in arrays:
            array.resize((done, array.shape[1]), refcheck=False)
        return arrays, broken

    def features_in_store(
        self,
        images: Images,
        store: Union[str, "os.PathLike[str]"],
        is_reporting: bool,
        threads: Optional[int],
        report: Report,
    ) -> tuple[list[np.ndarray], list[UnreadableImage]]:
        """Like `features`, but the store keeps the columns."""
        chunk = all_in_one(images, self.ground)
        for index, item in enumerate(chunk.items):
            if item.path is None:
                raise TypeError(f"image {index}: a store takes paths of files only: write the image to a file first")
        rows, opened_store = np.full(len(chunk), -1, np.int64), c_uint64()
        broken = chunk.run(
            "extract_to_store",
            self.handle,
            (rows.ctypes.data,),
            before=path_text(store),
            after=(byref(opened_store),),
            is_reporting=is_reporting,
            threads=threads,
            report=report,
        )
        columns = Store._of(Handle(opened_store.value))
        return [_taken(columns[name], rows) for name in self.columns], broken


def _taken(column: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows of a column; the column itself if these are its rows in order. A row of -1 is NaN."""
    if len(rows) == len(column) and np.array_equal(rows, np.arange(len(column))):
        return column
    result = np.full((len(rows), column.shape[1]), np.nan, np.float32)
    present = rows >= 0
    result[present] = column[rows[present]]
    return result


def _offset(report: Report, done: int, total: int) -> Report:
    """Reports a chunk's progress as that of all images, whose number is 0 if it is not known."""
    if report is None or (done == 0 and total == 0):
        return report
    function = report
    return lambda stage, count, size: function(stage, done + count, max(total, done + size) if total else 0)


def reports(errors: str) -> bool:
    """Whether unreadable images become rows of a report."""
    if errors not in ("raise", "report"):
        raise ValueError(f"errors: expected 'raise' or 'report', found {errors!r}")
    return errors == "report"


def _listed(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def _opened(source: str, settings: dict[str, Any]) -> Handle:
    return opened("backbone_open", *path_text(source), *settings_text(settings))


def _reopened(source: str, settings: dict[str, Any]) -> Backbone:
    return Backbone(source, **settings)
