"""scikit-learn's base classes and checks where it is installed, and small replacements where it is not.

The oldest supported scikit-learn is 1.3.
"""

from __future__ import annotations

import inspect
from typing import Any, Optional

import numpy as np

from ._matrices import as_features

_DTYPES = [np.float64, np.float32, np.float16]

try:
    import sklearn.base
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.exceptions import ConvergenceWarning, NotFittedError
    from sklearn.utils.multiclass import check_classification_targets

    HAS_SKLEARN = True
except ImportError:
    HAS_SKLEARN = False

    class BaseEstimator:  # type: ignore[no-redef]
        """Parameters of an estimator by name, as scikit-learn's class of this name has them."""

        def get_params(self, deep: bool = True) -> dict[str, Any]:
            """The parameters of the constructor. `deep` has no effect."""
            return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

        def set_params(self, **parameters: Any) -> BaseEstimator:
            """Sets parameters of the constructor."""
            for name, value in parameters.items():
                if name not in inspect.signature(type(self)).parameters:
                    raise ValueError(f"{type(self).__name__} has no parameter {name!r}")
                setattr(self, name, value)
            return self

        def __repr__(self) -> str:
            defaults = inspect.signature(type(self)).parameters
            changed = [
                f"{name}={value!r}" for name, value in self.get_params().items() if value is not defaults[name].default
            ]
            return f"{type(self).__name__}({', '.join(changed)})"

    class ClassifierMixin:  # type: ignore[no-redef]
        """The mean accuracy of a classifier, as scikit-learn's class of this name has it."""

        _estimator_type = "classifier"

        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
            """The share of rows, or of their weights, whose class is predicted correctly."""
            return float(np.average(self.predict(X) == np.asarray(y), weights=sample_weight))  # type: ignore

    class ConvergenceWarning(UserWarning):  # type: ignore[no-redef]
        """A fit ended before it reached its tolerance."""

    class NotFittedError(ValueError, AttributeError):  # type: ignore[no-redef]
        """An estimator was used before it was fitted."""

    def check_classification_targets(y: np.ndarray) -> None:
        """Raises an error for continuous numbers, which are no classes."""
        if y.dtype.kind == "f" and np.any(y != np.floor(y)):
            raise ValueError("Unknown label type: continuous. A classifier needs classes, not continuous numbers")


def training_arrays(estimator: Any, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """The features [rows, dimensions] and classes [rows] of a fit. The library checks that the features are finite."""
    if y is None:
        raise ValueError(f"This {type(estimator).__name__} estimator requires y to be passed, but the target y is None")
    if HAS_SKLEARN:
        X, y = _validated(estimator, X, y, is_finite=False)
    else:
        X, y = _dense(X), np.asarray(y)
        if y.ndim != 1 or len(y) != len(X):
            raise ValueError(f"y: expected {len(X)} classes, one for each row, found the shape {list(y.shape)}")
        estimator.n_features_in_ = X.shape[1]
    check_classification_targets(y)
    return X, y


def rows_to_predict(estimator: Any, X: Any) -> np.ndarray:
    """Finite features [rows, dimensions] with as many dimensions as the fit had."""
    if not hasattr(estimator, "classes_"):
        name = type(estimator).__name__
        raise NotFittedError(f"This {name} instance is not fitted yet. Call 'fit' before using this estimator.")
    if HAS_SKLEARN:
        return _validated(estimator, X, None, is_finite=True)
    X = _dense(X)
    if X.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X has {X.shape[1]} features, but {type(estimator).__name__} is expecting {estimator.n_features_in_}"
        )
    if not np.isfinite(X).all():
        raise ValueError("X contains NaN or inf")
    return X


def cross_validation_folds(cv: Any, X: np.ndarray, y: np.ndarray) -> Optional[list[Any]]:
    """Pairs of training and held-out rows; None if the library shall draw the folds, for lack of scikit-learn."""
    if HAS_SKLEARN:
        from sklearn.model_selection import check_cv

        return list(check_cv(cv, y, classifier=True).split(X, y))
    if cv is None or isinstance(cv, (int, np.integer)):
        return None
    return list(cv.split(X, y) if hasattr(cv, "split") else cv)


def _validated(estimator: Any, X: Any, y: Any, is_finite: bool) -> Any:
    options: dict[str, Any] = {"dtype": _DTYPES, "reset": y is not None}
    try:
        from sklearn.utils.validation import validate_data
    except ImportError:
        options["force_all_finite"] = is_finite
        return estimator._validate_data(X, **options) if y is None else estimator._validate_data(X, y, **options)
    options["ensure_all_finite"] = is_finite
    return validate_data(estimator, X, **options) if y is None else validate_data(estimator, X, y, **options)


def _dense(X: Any) -> np.ndarray:
    if hasattr(X, "tocsr"):
        raise TypeError("Sparse data was passed, but dense data is required. Use '.toarray()' to convert it")
    result = as_features(X)
    if 0 in result.shape:
        raise ValueError(f"X: expected at least one row and one column, found the shape {list(result.shape)}")
    return result
