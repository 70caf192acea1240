"""Fits of linear models by the library, for the estimators."""

from __future__ import annotations

import numbers
import warnings
from ctypes import byref, c_uint64
from typing import Any, NamedTuple, Optional

import numpy as np

from ._library import Facts, Handle, call, described, library, settings_text
from ._matrices import RowTargets, matrix
from ._sklearn import ConvergenceWarning
from ._work import run

_BLOCK_ROWS = 4096


class Fit(NamedTuple):
    """A fitted model: float64 weights [classes, dimensions] and biases [classes], and facts about the fit."""

    weights: np.ndarray
    biases: np.ndarray
    facts: Facts
    description: dict[str, Any]


def fit(
    X: np.ndarray,
    y: np.ndarray,
    settings: dict[str, Any],
    *,
    sample_weight: Any = None,
    folds: Optional[np.ndarray] = None,
    threads: Optional[int] = None,
) -> tuple[np.ndarray, Fit]:
    """The classes in order, and the model that the library fits to the rows."""
    targets = RowTargets(y, weights=_weights(sample_weight, len(y)), folds=folds, is_named=False)
    classes = targets.classes
    if len(classes) < 2:
        raise ValueError(f"expected at least 2 classes, and the data has one class: {classes[0]!r}")
    description, text, handle = matrix(X), settings_text(settings), c_uint64()
    function = library().layertap_fit
    run(lambda work: function(byref(description), targets.pointer, *text, work, byref(handle)), threads=threads)
    model, facts = Handle(handle.value), Facts()
    call("model_facts", model.value, byref(facts))
    weights = np.empty((facts.classes, facts.dimensions))
    biases = np.empty(facts.classes)
    call("model_weights", model.value, weights.ctypes.data, weights.size, biases.ctypes.data, biases.size)
    return classes, Fit(weights, biases, facts, described("model_describe", model))


def warn_unless_converged(fitted: Fit, tol: float, max_iter: int) -> None:
    """Warns about a fit that ended before its relative duality gap was at most `tol`."""
    if fitted.facts.converged:
        return
    reason = fitted.description["stopReason"]
    if reason == "separable":
        text = "the classes are separable, so that the loss has no minimum without a penalty: choose a finite C"
    elif reason == "iterationLimit":
        text = f"increase max_iter, which is {max_iter}, or scale the features"
    else:
        text = "no further progress is possible in double precision: increase tol, or scale the features"
    warnings.warn(
        f"The fit ended after {fitted.facts.iterations} iterations at a relative duality gap of "
        f"{fitted.facts.relative_gap:.3g}, and tol is {tol:g}: {text}.",
        ConvergenceWarning,
        stacklevel=3,
    )


def scores(X: np.ndarray, weights: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """`X weights.T + biases` in float64. Blocks of rows keep a float32 matrix from being converted as a whole."""
    result = np.empty((len(X), len(weights)))
    for start in range(0, len(X), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        result[block] = X[block].astype(np.float64, copy=False) @ weights.T + biases
    return result


def class_weights(class_weight: Any, y: np.ndarray) -> Any:
    """scikit-learn's `class_weight` as the setting of the library: a name, or one number for each class in order."""
    if class_weight is None:
        return "none"
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ValueError(f"class_weight: expected None, 'balanced' or a dictionary, found {class_weight!r}")
        return class_weight
    classes = np.unique(y).tolist()
    unknown = [label for label in class_weight if label not in classes]
    if unknown:
        raise ValueError(f"class_weight: expected classes of y as keys, {classes}, found {unknown[0]!r}")
    return [float(class_weight.get(label, 1)) for label in classes]


def positive(name: str, value: Any, *, is_below_one: bool = False, is_infinity_allowed: bool = False) -> float:
    """A number above 0."""
    limit = 1 if is_below_one else np.inf
    number = float(value) if isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_)) else np.nan
    if not (0 < number < limit or (is_infinity_allowed and number == np.inf)):
        bound = " and below 1, the relative duality gap" if is_below_one else ""
        raise ValueError(f"{name}: expected a number above 0{bound}, found {value!r}")
    return number


def iteration_limit(max_iter: Any) -> int:
    """A number of iterations, at least 1."""
    count = int(max_iter) if isinstance(max_iter, numbers.Integral) else 0
    if not 1 <= count <= 1_000_000:
        raise ValueError(f"max_iter: expected an integer from 1 to 1000000, found {max_iter!r}")
    return count


def one_of(name: str, value: Any, *choices: Any) -> Any:
    """One of several values."""
    if not any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
        raise ValueError(f"{name}: expected {' or '.join(map(repr, choices))}, found {value!r}")
    return value


def scaling(standardize: Any) -> str:
    """The library's setting for `standardize`."""
    one_of("standardize", standardize, False, True, "std", "max", "none")
    return {False: "none", True: "std"}.get(standardize, standardize)


def refuse(reason: str, **parameters: Any) -> None:
    """Refuses a parameter of scikit-learn that is not at its default, because the library lacks its meaning."""
    for name, (value, default) in parameters.items():
        if value is not default and value != default:
            raise ValueError(f"{name}={value!r} is not supported: {reason}. Leave it {default!r}")


def _weights(sample_weight: Any, count: int) -> Optional[np.ndarray]:
    if sample_weight is None:
        return None
    if isinstance(sample_weight, numbers.Number):
        return np.full(count, float(sample_weight))  # type: ignore[arg-type]
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.shape != (count,):
        raise ValueError(
            f"sample_weight: expected {count} weights, one for each row, found the shape {list(weights.shape)}"
        )
    if not weights.any():
        raise ValueError("sample_weight: expected a weight above zero, and all are zero")
    return weights
