"""Stores of features on disk, open for reading."""

from __future__ import annotations

import csv
import io
import os
from ctypes import byref
from typing import Any, Iterator, Optional, Union

import numpy as np

from ._frames import frame
from ._library import Handle, Matrix, call, described, opened, path_text, texts
from ._matrices import mapped


class Store:
    """A store of features, with the rows that were committed when it was opened.

    A store is a mapping from the names of columns, such as "blocks.10-avg", to read-only float32 arrays
    [rows, dimensions] in the mapped files. An array stays valid as long as something refers to it.

    Parameters
    ----------
    path : the store, or a folder that contains only one store.

    Raises `MissingError` if there is no store, and `DataError` if its files contradict each other.
    """

    def __init__(self, path: Union[str, "os.PathLike[str]"]) -> None:
        self._open(opened("store_open", *path_text(path)))

    @classmethod
    def _of(cls, handle: Handle) -> Store:
        store = cls.__new__(cls)
        store._open(handle)
        return store

    def _open(self, handle: Handle) -> None:
        self._handle = handle
        self._description = described("store_describe", handle)
        self._names = [column["name"] for column in self._description["columns"]]

    @property
    def path(self) -> str:
        return self._description["path"]

    @property
    def rows(self) -> int:
        """The number of rows of every column."""
        return self._description["rows"]

    @property
    def columns(self) -> Any:
        """A frame with one row for each column: its name, layer, pooling and number of dimensions."""
        return frame(self._description["columns"], ["name", "layer", "pool", "dimensions"])

    @property
    def identity(self) -> dict[str, Any]:
        """All that the features depend on: the backbone, its weights, the preprocessing, the arithmetic."""
        return self._description["identity"]

    @property
    def items(self) -> Any:
        """The images of the store's last run in the order of their list.

        Each has a path, label, split, group, key (the SHA-256 of the file), row in the columns, and status. An image
        without a row has row -1. The result is a pandas frame, or a list of dictionaries without pandas.
        """
        text = texts(opened("store_items", self._handle.value))[0]
        reader = csv.DictReader(io.StringIO(text, newline=""))
        rows: list[dict[str, Any]] = [dict(row) for row in reader]
        for row in rows:
            row["row"] = int(row["row"] or -1)
            if "weight" in row:
                row["weight"] = float(row["weight"] or 1)
        return frame(rows, list(reader.fieldnames or ()))

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def keys(self) -> list[str]:
        return list(self._names)

    def __getitem__(self, column: str) -> np.ndarray:
        if column not in self._names:
            raise KeyError(f"{column!r}: expected one of {', '.join(self._names)}")
        matrix = Matrix()
        call("store_column", self._handle.value, self._names.index(column), byref(matrix))
        return mapped(self._handle, matrix)

    def _chosen(self, layers: Optional[list[str]], pools: Optional[list[str]]) -> list[int]:
        """The indices of columns with these names or layers, and with these poolings; of all columns with None."""
        columns = self._description["columns"]
        known = {name for column in columns for name in (column["name"], column["layer"])}
        for name in layers or []:
            if name not in known:
                raise ValueError(f"layers: expected one of {', '.join(sorted(known))}, found {name!r}")
        result = [
            index
            for index, column in enumerate(columns)
            if (layers is None or column["name"] in layers or column["layer"] in layers)
            and (pools is None or column["pool"] in pools)
        ]
        if not result:
            raise ValueError(f"{self.path}: expected at least one column, and none has these layers and poolings")
        return result

    def __repr__(self) -> str:
        return f"Store({self.path!r}): {self.rows} rows of {', '.join(self._names)}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Store, (self.path,)
