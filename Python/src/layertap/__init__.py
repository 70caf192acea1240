"""LayerTap: features of images at any layer of a frozen network, and linear models on features.

`Backbone` computes features, `Store` reads features on disk, `train` and `compare` do what the commands do, and `load`
opens a classifier file. `LogisticRegression`, `LogisticRegressionCV`, `LinearSVC` and `NearestCentroid` are estimators
in scikit-learn's form. Importing this package loads neither the shared library nor scikit-learn.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._errors import (
        AccessError,
        ArgumentError,
        DataError,
        ForkError,
        InputOutputError,
        LayerTapError,
        MissingError,
        OutputError,
        ReleasedError,
        SoftwareError,
        TemporaryError,
        UsageError,
    )
    from ._images import UnreadableImage
    from .backbone import Backbone, backbone_names
    from .classifier import Classifier, load
    from .estimators import ConvergenceWarning, LinearSVC, LogisticRegression, LogisticRegressionCV, NearestCentroid
    from .store import Store
    from .training import Comparison, Training, compare, train

_MODULES = {
    "_errors": (
        "AccessError ArgumentError DataError ForkError InputOutputError LayerTapError MissingError OutputError "
        "ReleasedError SoftwareError TemporaryError UsageError"
    ),
    "_images": "UnreadableImage",
    "backbone": "Backbone backbone_names",
    "classifier": "Classifier load",
    "estimators": "ConvergenceWarning LinearSVC LogisticRegression LogisticRegressionCV NearestCentroid",
    "store": "Store",
    "training": "Comparison Training compare train",
}
_NAMES = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = [*_NAMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from ._library import library

        value: Any = library().layertap_version().decode()
    elif name in _NAMES:
        value = getattr(importlib.import_module("." + _NAMES[name], __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
