"""Training of classifiers, and comparison of layers, as the commands `train` and `compare` do them."""

from __future__ import annotations

import json
import os
from ctypes import byref, c_size_t, c_uint64
from typing import Any, Optional, Sequence, Union

import numpy as np

from ._frames import frame
from ._images import Images, all_in_one
from ._library import Handle, Report, described, library, opened, path_text, settings_text, texts
from ._matrices import RowTargets, matrix, rows_of_features
from ._work import ProgressOption, reporting, run
from .backbone import Backbone, Names, _listed
from .classifier import Classifier
from .store import Store

_Source = Union[str, "os.PathLike[str]", Backbone]
_LIST_SETTINGS = ("include", "exclude", "folders", "labelField", "groupBy")
_INTERVAL = ["accuracy", "lower", "upper"]


class Training:
    """The result of `train`.

    Attributes
    ----------
    classifier : the `Classifier`.
    record : a dictionary: `classNames`, `column`, `training` as the classifier file records it, `evaluation` of the
        test images as `layertap evaluate --format json` prints it or None, and `warnings`.
    images : a dictionary with the `items` that took part, the `unreadable` images and `warnings` about the list.
    """

    def __init__(self, classifier: Classifier, record: dict[str, Any], images: dict[str, Any]) -> None:
        self.classifier = classifier
        self.record = record
        self.images = images

    @property
    def column(self) -> str:
        """The name of the chosen column; "matrix" for rows of features."""
        return self.record["column"]

    @property
    def certificate(self) -> dict[str, Any]:
        """The `objective`, and the `gap`: the objective is at most this far above its minimum. Also `converged`."""
        return {name: self.record["training"].get(name) for name in ("objective", "gap", "iterations", "converged")}

    @property
    def accuracy(self) -> Optional[float]:
        """The share of test images that are predicted correctly; None without test images."""
        evaluation = self.record["evaluation"]
        return None if evaluation is None else evaluation["accuracy"]["share"]

    @property
    def candidates(self) -> Any:
        """A frame with one row for each value of C that was tried: `c`, `accuracy`, and the 95 % interval."""
        rows = [
            {"c": tried.get("c"), **dict(zip(_INTERVAL, (tried["correct"] / tried["of"], *tried["interval"])))}
            for tried in self.record["training"].get("estimates", [])
        ]
        return frame(rows, ["c", *_INTERVAL])

    @property
    def classes(self) -> Any:
        """A frame with the test results of each class: `class`, `support`, `precision`, `recall`, `f1`, …; or None."""
        evaluation = self.record["evaluation"]
        if evaluation is None:
            return None
        rows = evaluation["classes"]
        return frame(rows, list(dict.fromkeys(key for row in rows for key in row)))

    @property
    def confusion(self) -> Optional[np.ndarray]:
        """The confusion matrix of the test images as counts: [true classes, predicted classes]; or None."""
        evaluation = self.record["evaluation"]
        return None if evaluation is None else np.array(evaluation["confusion"])

    @property
    def warnings(self) -> list[str]:
        return self.images["warnings"] + self.record["warnings"]

    def __repr__(self) -> str:
        accuracy = "no test images" if self.accuracy is None else f"accuracy {self.accuracy:.1%}"
        return f"<Training: {accuracy}, {self.column}>"


class Comparison:
    """The result of `compare`.

    Attributes
    ----------
    record : a dictionary as `layertap compare --format json` prints it.
    images : as in `Training`.
    """

    def __init__(self, record: dict[str, Any], images: dict[str, Any]) -> None:
        self.record = record
        self.images = images

    @property
    def entries(self) -> Any:
        """A frame with one row for each column and kind of classifier.

        Its columns are `layer`, `classifier`, `dimensions`, `c`, `milliseconds`, `accuracy`, `lower`, `upper`,
        `p_value`, which is that of McNemar's test against the best entry, and `adjusted_p_value`, which is corrected
        by Holm for the number of entries.
        """
        rows = [
            {
                "layer": entry["name"],
                "classifier": entry["classifier"],
                "dimensions": entry["dimensions"],
                "c": entry["c"],
                "milliseconds": entry.get("milliseconds"),
                **_shares(entry["accuracy"]),
                "p_value": entry["pValue"],
                "adjusted_p_value": entry["adjustedPValue"],
            }
            for entry in self.record["entries"]
        ]
        names = ["layer", "classifier", "dimensions", "c", "milliseconds", *_INTERVAL, "p_value", "adjusted_p_value"]
        return frame(rows, names)

    @property
    def best(self) -> str:
        """The name of the best entry's layer and pooling."""
        return self.record["entries"][self.record["best"]]["name"]

    @property
    def corrected(self) -> Optional[dict[str, Any]]:
        """The accuracy of the best entry without the luck of the choice: `share`, `lower`, `upper`, `resamples`; or None."""
        return self.record.get("corrected")

    @property
    def advice(self) -> Optional[str]:
        """The best entry, and the shallowest layer within one standard error of it; or None."""
        advice = self.record.get("advice")
        return None if advice is None else advice["text"]

    @property
    def learning_curve(self) -> Any:
        """A frame with `images_per_class`, `images`, `accuracy` (the mean of the draws), `lower`, `upper`; or None."""
        curve = self.record.get("learningCurve")
        if curve is None:
            return None
        rows = [
            {
                "images_per_class": point["imagesPerClass"],
                "images": point["images"],
                **dict(zip(_INTERVAL, (point["mean"], point["lower"], point["upper"]))),
            }
            for point in curve["points"]
        ]
        return frame(rows, ["images_per_class", "images", *_INTERVAL])

    @property
    def warnings(self) -> list[str]:
        return self.images["warnings"] + self.record["warnings"]

    def __repr__(self) -> str:
        return f"<Comparison: {len(self.record['entries'])} entries, {self.best} is the best>"


def _shares(accuracy: dict[str, Any]) -> dict[str, float]:
    return dict(zip(_INTERVAL, (accuracy["share"], accuracy["lower"], accuracy["upper"])))


def train(images: Any, labels: Any = None, **options: Any) -> Training:
    """Trains a classifier as the command `layertap train` does: chooses the column and C, fits, evaluates once.

    Parameters
    ----------
    images : a folder of images or a manifest, whose labels come from folders or columns; a `Store`, whose labels are
        those of its last run; several images as in `Backbone.embed`, or an array [rows, dimensions] of features, both
        with labels.
    labels : for a folder, None or the path of a manifest. For images and rows, one label for each.
    backbone : a `Backbone` or its source; by default "efficientnet_lite0".
    layers, pool : the columns to choose from, as in `Backbone.embed`.
    store : a folder of stores that keeps the features of a folder's images on disk.
    groups : for images and rows, the group of each, or None. A group stays on one side of every split.
    splits : for images and rows, "train", "val" or "test" for each; by default all are "train".
    weights : for images and rows, the weight of each in the fit, at least 0.
    progress, threads : as in `Backbone.embed`.
    include, exclude, folders, labelField, groupBy : settings of the list of a folder's images.
    **settings : settings of a training, with the names of pipeline files: `classifier`, `c`, `testFraction`, `folds`,
        `penalty`, `standardize`, `pca`, `calibrate`, `seed`, …

    Raises `UsageError` for an unknown setting, and `DataError` for images that cannot be trained on.
    """
    if isinstance(options.get("backbone"), (list, tuple)):
        raise TypeError("backbone: expected one backbone, found a list: only compare takes several")
    data, settings, progress, threads = _gathered(images, labels, **options)
    function, classifier, record = library().layertap_train, c_uint64(), c_uint64()
    text = settings_text(settings)
    with reporting(progress, "fit") as report:
        run(
            lambda work: function(data.value, *text, work, byref(classifier), byref(record)),
            threads=threads,
            report=report,
        )
    result = json.loads(texts(Handle(record.value))[0])
    return Training(Classifier(Handle(classifier.value)), result, described("data_describe", data))


def compare(images: Any, labels: Any = None, **options: Any) -> Comparison:
    """Compares layers, poolings and kinds of classifiers as the command `layertap compare` does.

    The parameters are those of `train`, and these:

    backbone : may be a list of backbones, whose columns are compared on the same images.
    classifier : may be a list of kinds. The word "k-nn" in it adds k nearest neighbors as a baseline.
    combine : 2 or 3 also compares columns side by side, up to this number; by default none.
    learningCurve : the number of draws of a learning curve, by default 0 for none.
    """
    data, settings, progress, threads = _gathered(images, labels, **options)
    function, result = library().layertap_compare, c_uint64()
    text = settings_text(settings)
    with reporting(progress, "fit") as report:
        run(lambda work: function(data.value, *text, work, byref(result)), threads=threads, report=report)
    return Comparison(json.loads(texts(Handle(result.value))[0]), described("data_describe", data))


def _gathered(
    images: Any,
    labels: Any,
    *,
    backbone: Union[_Source, Sequence[_Source]] = "efficientnet_lite0",
    layers: Names = None,
    pool: Names = None,
    store: Union[None, str, "os.PathLike[str]"] = None,
    groups: Any = None,
    splits: Any = None,
    weights: Any = None,
    progress: ProgressOption = None,
    threads: Optional[int] = None,
    **settings: Any,
) -> tuple[Handle, dict[str, Any], ProgressOption, Optional[int]]:
    """The labeled features of a training, and what is left of the options for the training itself."""
    of_list = {name: settings.pop(name) for name in _LIST_SETTINGS if name in settings}
    of_rows = {"groups": groups, "splits": splits, "weights": weights}
    is_folder = isinstance(images, (str, os.PathLike))
    if is_folder or isinstance(images, Store):
        _refuse("a folder, a manifest or a store has its own", **of_rows)
    if not is_folder:
        _refuse("it is for a folder or a manifest", store=store, **of_list)
    if isinstance(images, Store):
        _refuse("a store has its own", labels=labels)
        chosen = images._chosen(None if layers is None else _listed(layers), None if pool is None else _listed(pool))
        indices = (c_size_t * len(chosen))(*chosen)
        data = opened("data_from_store", images._handle.value, indices, len(chosen))
        return data, settings, progress, threads
    if not is_folder and labels is None:
        raise TypeError("labels: expected one label for each image or row, found None")
    features = rows_of_features(images)
    if features is not None:
        _refuse("rows of features are one column", layers=layers, pool=pool)
        targets = RowTargets(labels, **of_rows)
        return opened("data_from_matrix", byref(matrix(features)), targets.pointer), settings, progress, threads
    sources: list[Any] = list(backbone) if isinstance(backbone, (list, tuple)) else [backbone]
    if not sources:
        raise ValueError("backbone: expected at least one backbone, found an empty list")
    if len(sources) > 1 and not is_folder and not hasattr(images, "__len__"):
        images = list(images)
    parts = []
    arguments: list[Any]
    for source in sources:
        network = source if isinstance(source, Backbone) else Backbone(source)
        extractor = network.extractor(layers, pool)
        with reporting(progress) as report:
            if is_folder:
                folder = path_text(images), path_text(labels or b""), settings_text(of_list), path_text(store or b"")
                arguments = [part for text in folder for part in text]
                parts.append(_opened_by("data_from_folder", extractor.handle, arguments, threads, report))
            else:
                targets, chunk = RowTargets(labels, **of_rows), all_in_one(images, extractor.ground)
                arguments = [chunk.images, len(chunk), targets.pointer]
                parts.append(_opened_by("data_from_images", extractor.handle, arguments, threads, report))
    if len(parts) == 1:
        return parts[0], settings, progress, threads
    handles = (c_uint64 * len(parts))(*(part.value for part in parts))
    return opened("data_combine", handles, len(parts)), settings, progress, threads


def _refuse(reason: str, **options: Any) -> None:
    """Refuses options that would have no effect."""
    for name, value in options.items():
        if value is not None:
            raise TypeError(f"{name}: {reason}: leave it out")


def _opened_by(name: str, extractor: Handle, arguments: list[Any], threads: Optional[int], report: Report) -> Handle:
    """The handle that a long call of an extractor returns."""
    function, result = getattr(library(), "layertap_" + name), c_uint64()
    run(lambda work: function(extractor.value, *arguments, work, byref(result)), threads=threads, report=report)
    return Handle(result.value)
