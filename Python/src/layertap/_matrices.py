"""Matrices of features and facts about their rows, as the library takes them."""

from __future__ import annotations

import ctypes
from typing import Any, Optional, Sequence

import numpy as np

from ._library import Handle, Matrix, Targets, Text

_TYPES = {"float32": 1, "float64": 2, "float16": 3}
SPLITS = {"train": 0, "val": 1, "validation": 1, "test": 2}


def as_features(features: Any) -> np.ndarray:
    """Features as an array [rows, dimensions] of float32, float64 or float16; other numbers become float64."""
    result = np.asarray(features)
    if result.ndim != 2:
        raise ValueError(f"features: expected an array [rows, dimensions], found the shape {list(result.shape)}")
    if result.dtype.name not in _TYPES:
        if result.dtype.kind not in "buif":
            raise TypeError(f"features: expected numbers, found dtype {result.dtype}")
        result = result.astype(np.float64)
    if not result.dtype.isnative:
        result = result.astype(result.dtype.newbyteorder("="))
    return result


def rows_of_features(value: Any) -> Optional[np.ndarray]:
    """The value as rows of features if it is a two-dimensional array or frame of floating-point numbers, else None."""
    array = value.to_numpy() if hasattr(value, "to_numpy") else value
    is_rows = isinstance(array, np.ndarray) and array.ndim == 2 and array.dtype.kind == "f"
    return as_features(array) if is_rows else None


def matrix(features: np.ndarray) -> Matrix:
    """Describes an array [rows, dimensions] without copying it. The caller keeps the array alive."""
    rows, columns = features.shape
    return Matrix(features.ctypes.data, rows, columns, *features.strides, _TYPES[features.dtype.name])


class _Mapping:
    """Memory that a handle keeps alive, in the form that NumPy reads."""

    def __init__(self, owner: Handle, matrix: Matrix) -> None:
        self._owner = owner
        self.__array_interface__ = {
            "version": 3,
            "typestr": "<f4",
            "shape": (matrix.rows, matrix.columns),
            "strides": (matrix.row_stride, matrix.column_stride),
            "data": (matrix.data or 0, True),
        }


def mapped(owner: Handle, description: Matrix) -> np.ndarray:
    """A read-only float32 array in the library's memory. The array keeps the memory's owner alive."""
    if description.rows == 0:
        return np.empty((0, description.columns), np.float32)
    return np.asarray(_Mapping(owner, description))


class RowTargets:
    """The classes of rows with their names, and what else is known about the rows."""

    def __init__(
        self,
        labels: Any,
        *,
        weights: Any = None,
        groups: Any = None,
        splits: Any = None,
        folds: Optional[np.ndarray] = None,
        is_named: bool = True,
    ) -> None:
        values = np.asarray(labels)
        if values.ndim != 1:
            raise ValueError(f"labels: expected one label for each row, found the shape {list(values.shape)}")
        self.classes, codes = np.unique(values, return_inverse=True)
        self._arrays: list[np.ndarray] = []
        names = [str(name).encode() for name in self.classes] if is_named else []
        self.structure = Targets(
            classes=self._address("labels", codes, np.int64, len(values)),
            rows=len(values),
            class_count=len(self.classes),
            names=(Text * len(names))(*(Text(name, len(name)) for name in names)) if names else None,
            weights=self._address("weights", weights, np.float64, len(values)),
            groups=self._address("groups", _codes(groups), np.int64, len(values)),
            splits=self._address("splits", _split_codes(splits), np.int32, len(values)),
            folds=self._address("folds", folds, np.int64, len(values)),
        )

    def _address(self, name: str, values: Any, dtype: Any, count: int) -> Optional[int]:
        if values is None:
            return None
        array = np.ascontiguousarray(values, dtype)
        if array.shape != (count,):
            raise ValueError(f"{name}: expected {count} values, one for each row, found the shape {list(array.shape)}")
        self._arrays.append(array)
        return array.ctypes.data

    @property
    def pointer(self) -> Any:
        return ctypes.byref(self.structure)


def _codes(groups: Optional[Sequence[Any]]) -> Optional[np.ndarray]:
    """A number for each group; -1 for None, NaN and empty names, which mean no group."""
    if groups is None:
        return None
    numbers: dict[Any, int] = {}
    missing = (None, "")
    return np.array(
        [-1 if g in missing or g != g else numbers.setdefault(g, len(numbers)) for g in _listed(groups)], np.int64
    )


def _split_codes(splits: Optional[Sequence[str]]) -> Optional[np.ndarray]:
    if splits is None:
        return None
    for split in _listed(splits):
        if split not in SPLITS:
            raise ValueError(f"splits: expected {', '.join(SPLITS)}, found {split!r}")
    return np.array([SPLITS[split] for split in _listed(splits)], np.int32)


def _listed(values: Sequence[Any]) -> list[Any]:
    return values.tolist() if hasattr(values, "tolist") else list(values)
