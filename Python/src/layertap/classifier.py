"""Classifiers of images or of rows of features, as classifier files keep them."""

from __future__ import annotations

import os
import tempfile
from ctypes import byref
from typing import Any, Optional, Union

import numpy as np

from ._images import Images, UnreadableImage, chunks, ground_of
from ._library import Handle, call, described, exported, library, opened, path_text, texts
from ._matrices import matrix, rows_of_features
from ._work import ProgressOption, reporting, run
from .backbone import Backbone, backbone_names, reports


def load(path: Union[str, "os.PathLike[str]"], *, backbone: Optional[Backbone] = None) -> Classifier:
    """Opens a classifier file.

    `backbone` is needed if the backbone of the classifier is neither embedded nor built in. It is checked with the
    golden image. A built-in backbone is loaded at the first image.

    Raises `MissingError` if the file does not exist, and `DataError` if it is no classifier file, one of a later
    format, or one of another backbone.
    """
    result = Classifier(opened("classifier_open", *path_text(path)))
    return result if backbone is None else result.prepare(backbone)


class Classifier:
    """A linear model with its classes and, if it classifies images, its backbone.

    `load`, `train` and `Backbone.classifier` make classifiers. A classifier of images also takes rows of features, and
    a classifier of rows takes nothing else. A two-dimensional array or frame of floating-point numbers is rows of
    features; all other inputs are images, as in `Backbone.embed`.

    Attributes
    ----------
    classes_ : array [classes] of the names of the classes, in the order of probabilities and scores.
    training : the record of the training with its certificate, or None.
    """

    def __init__(self, handle: Handle, preprocessing: Optional[dict[str, Any]] = None) -> None:
        self._handle = handle
        self.classes_ = np.array(texts(opened("classifier_classes", handle.value)))
        self._description = described("classifier_describe", handle)
        self._ground = ground_of(preprocessing or (self._description["backbone"] or {}).get("preprocessing", {}))

    @property
    def training(self) -> Optional[dict[str, Any]]:
        return self._description["training"]

    @property
    def takes_images(self) -> bool:
        return self._description["takesImages"]

    @property
    def warnings(self) -> list[str]:
        return self._description["warnings"]

    def prepare(self, backbone: Optional[Backbone] = None) -> Classifier:
        """Loads the backbone, or takes this one, and checks it with the golden image. Otherwise the first image does."""
        call("classifier_prepare", self._handle.value, backbone._handle.value if backbone else 0)
        return self

    def predict(self, images: Images, *, errors: str = "raise", **options: Any) -> Any:
        """The names of the most probable classes: an array [images].

        `errors`, `progress` and `threads` are as in `Backbone.embed`. With errors="report" the result is a pair of the
        array, with None for an image that could not be read, and a list of `UnreadableImage`.
        """
        classes, broken = self._predicted("classes", images, errors, **options)
        if not reports(errors):
            return self.classes_[classes]
        names = np.array([*self.classes_.tolist(), None], dtype=object)
        return names[classes], broken

    def predict_proba(self, images: Images, *, errors: str = "raise", **options: Any) -> Any:
        """Probabilities: a float64 array [images, classes]. Options and the report are as in `predict`.

        An image that could not be read has a row of NaN. Raises `UsageError` if the scores are no probabilities.
        """
        values, broken = self._predicted("probabilities", images, errors, **options)
        return (values, broken) if reports(errors) else values

    def decision_function(self, images: Images, *, errors: str = "raise", **options: Any) -> Any:
        """Scores: a float64 array [images, classes], also with two classes. Options are as in `predict`."""
        values, broken = self._predicted("scores", images, errors, **options)
        return (values, broken) if reports(errors) else values

    def save(self, path: Union[str, "os.PathLike[str]"], *, embed_backbone: bool = False) -> None:
        """Writes a classifier file. `embed_backbone` puts the backbone up to the tapped layer into the file."""
        call("classifier_save", self._handle.value, *path_text(path), int(embed_backbone))

    def export_onnx(self, path: Union[str, "os.PathLike[str]"], *, input: str = "float32") -> dict[str, Any]:
        """Writes the classifier with its network as an ONNX file, and returns a report.

        The file has the outputs `scores`, `probabilities` if there are any, and `features:<column>`. With
        input="float32" it takes normalized pixels [N, 3, H, W], with "uint8" r, g, b [N, H, W, 3]. The file is read
        again and compared before it gets its name; the report says how far its numbers are from the classifier's.
        """
        return exported("classifier_export_onnx", self._handle, path, input)

    @property
    def coef_(self) -> np.ndarray:
        """The weights for raw features: a float32 array [classes, dimensions]."""
        return self._parameters()[0]

    @property
    def intercept_(self) -> np.ndarray:
        """The biases for raw features: a float32 array [classes]."""
        return self._parameters()[1]

    def _parameters(self) -> tuple[np.ndarray, np.ndarray]:
        count = len(self.classes_)
        weights = np.empty((count, self._description["dimensions"]), np.float32)
        biases = np.empty(count, np.float32)
        call(
            "classifier_weights", self._handle.value, weights.ctypes.data, weights.size, biases.ctypes.data, biases.size
        )
        return weights, biases

    def _predicted(
        self, kind: str, images: Any, errors: str, *, progress: ProgressOption = None, threads: Optional[int] = None
    ) -> tuple[np.ndarray, list[UnreadableImage]]:
        is_reporting = reports(errors)
        features = rows_of_features(images)
        if features is not None:
            return self._rows(kind, features, threads), []
        parts, broken = [self._empty(kind, 0)], []
        with reporting(progress) as report:
            for chunk in chunks(images, self._ground):
                parts.append(self._empty(kind, len(chunk)))
                broken += chunk.run(
                    "classifier_predict_images",
                    self._handle,
                    _places(kind, parts[-1]),
                    is_reporting=is_reporting,
                    threads=threads,
                    report=report,
                )
        return np.concatenate(parts), broken

    def _rows(self, kind: str, features: np.ndarray, threads: Optional[int]) -> np.ndarray:
        function, description = library().layertap_classifier_predict, matrix(features)
        values = self._empty(kind, len(features))
        run(
            lambda work: function(self._handle.value, byref(description), work, *_places(kind, values)),
            threads=threads,
        )
        return values

    def _empty(self, kind: str, count: int) -> np.ndarray:
        return np.empty(count, np.int64) if kind == "classes" else np.empty((count, len(self.classes_)), np.float64)

    def __repr__(self) -> str:
        kind, count = self._description["classifier"], len(self.classes_)
        return f"<Classifier: {kind}, {count} classes of {'images' if self.takes_images else 'rows'}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # A built-in backbone is found again by its name.
        identity = self._description["backbone"]
        is_from_file = identity is not None and identity["backbone"] not in backbone_names()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "classifier.layertap")
            self.save(path, embed_backbone=is_from_file)
            with open(path, "rb") as file:
                return _restored, (file.read(),)


def _places(kind: str, values: np.ndarray) -> list[Optional[int]]:
    """The three output arguments of a prediction, of which one is asked for."""
    return [values.ctypes.data if name == kind else None for name in ("classes", "probabilities", "scores")]


def _restored(data: bytes) -> Classifier:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "classifier.layertap")
        with open(path, "wb") as file:
            file.write(data)
        return load(path)
