"""Linear models as scikit-learn's estimators, with certificates.

Parameters, their defaults and their meanings are those of scikit-learn 1.9. Parameters that only scikit-learn 1.3 to
1.8 have are accepted too. A parameter that asks for something that LayerTap lacks is refused by its name.

Four meanings differ:

- `tol` is the relative duality gap at which a fit ends: the objective is then at most the share `tol` of itself above
  its minimum.
- `max_iter` counts Newton steps.
- `solver`, `dual` and `random_state` choose no algorithm. They were ways to the same minimum. Only
  `solver="liblinear"` changes the objective, because it penalizes the intercept.
- Threads are as many as `n_jobs`, by default one for each processor. They change no result.

Features are float32 in the library: a float32 array is read where it is, and another one is rounded to float32.
"""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from ._fitting import (
    Fit,
    class_weights,
    fit,
    iteration_limit,
    one_of,
    positive,
    refuse,
    scaling,
    scores,
    warn_unless_converged,
)
from ._sklearn import (
    BaseEstimator,
    ClassifierMixin,
    ConvergenceWarning,
    cross_validation_folds,
    rows_to_predict,
    training_arrays,
)

__all__ = ["ConvergenceWarning", "LinearSVC", "LogisticRegression", "LogisticRegressionCV", "NearestCentroid"]

_SOLVERS = ("lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga")
_SCORINGS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced-accuracy",
    "f1_macro": "macro-f1",
    "neg_log_loss": "log-loss",
}


class _LinearClassifier(ClassifierMixin, BaseEstimator):
    """The predictions of a linear model by its `coef_` and `intercept_`."""

    classes_: np.ndarray
    coef_: np.ndarray
    intercept_: np.ndarray

    def decision_function(self, X: Any) -> np.ndarray:
        """Scores: [rows, classes], or [rows] of the second of two classes."""
        result = scores(rows_to_predict(self, X), self.coef_, self.intercept_)
        return result[:, 0] if len(self.coef_) == 1 else result

    def predict(self, X: Any) -> np.ndarray:
        """The class of the largest score of each row: [rows]."""
        values = self.decision_function(X)
        return self.classes_[(values > 0).astype(int) if values.ndim == 1 else values.argmax(axis=1)]

    def _keep(self, fitted: Fit, rows: str) -> None:
        """Keeps a fit. `rows` says how two rows of weights become scikit-learn's one row."""
        self.coef_, self.intercept_ = fitted.weights, fitted.biases
        if len(self.classes_) == 2:
            first = 1.0 if rows == "difference" else 0.0
            self.coef_ = fitted.weights[1:] - first * fitted.weights[:1]
            self.intercept_ = fitted.biases[1:] - first * fitted.biases[:1]
        self.objective_ = fitted.facts.objective
        self.duality_gap_ = fitted.facts.relative_gap


class _Logistic(_LinearClassifier):
    """The parts that both logistic regressions have."""

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities: float64 [rows, classes]."""
        values = self.decision_function(X)
        if values.ndim == 1:
            second = _sigmoid(values)
            return np.column_stack((1 - second, second))
        if self._is_one_versus_rest:
            values = -np.logaddexp(0, -values)
        values = np.exp(values - values.max(axis=1, keepdims=True))
        return values / values.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithms of the probabilities: [rows, classes]."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def _settings(self, y: np.ndarray, multi_class: str) -> dict[str, Any]:
        """The settings without C and the penalty, by the parameters that both classes have."""
        one_of("solver", self.solver, *_SOLVERS)
        one_of("multi_class", multi_class, "deprecated", "auto", "multinomial", "ovr")
        is_liblinear = self.solver == "liblinear"
        if self.dual and not is_liblinear:
            raise ValueError("dual=True is for solver='liblinear'. Leave it False")
        if is_liblinear and multi_class != "ovr" and len(np.unique(y)) > 2:
            raise ValueError(
                "solver='liblinear' does not support more than 2 classes: choose another solver, or multi_class='ovr'"
            )
        refuse("a fit prints nothing", verbose=(self.verbose, 0))
        self._is_one_versus_rest = multi_class == "ovr"
        intercept: Any = "free" if self.fit_intercept else "none"
        if is_liblinear and self.fit_intercept:
            intercept = positive("intercept_scaling", self.intercept_scaling)
        return {
            "classifier": "logistic",
            "multiClass": "one-vs-rest" if self._is_one_versus_rest else "multinomial",
            "intercept": intercept,
            "tolerance": positive("tol", self.tol, is_below_one=True),
            "maximumIterations": iteration_limit(self.max_iter),
            "classWeight": class_weights(self.class_weight, y),
            "standardize": scaling(self.standardize),
        }


class LogisticRegression(_Logistic):
    """Logistic regression with a certificate; see scikit-learn's class of this name for the parameters.

    The objective is `penalty(coef_) + C * sum of weighted log losses`, with a free intercept.

    Parameters
    ----------
    tol : the relative duality gap at which the fit ends, above 0 and below 1.
    max_iter : the largest number of Newton steps; a fit that reaches it gives a `ConvergenceWarning`.
    n_jobs : the number of threads; None or -1 for one for each processor.
    standardize : True divides each feature by its standard deviation before the fit. `coef_` are for the features as
        given.
    warm_start, verbose : only the defaults are supported.

    Attributes
    ----------
    classes_, coef_, intercept_, n_iter_, n_features_in_ : as in scikit-learn, in float64.
    objective_ : the value that was minimized.
    duality_gap_ : the certificate: the objective is at most the share `duality_gap_` of itself above its minimum.
        Infinite without a penalty.
    """

    def __init__(
        self,
        penalty: Any = "deprecated",
        *,
        C: float = 1.0,
        l1_ratio: Optional[float] = 0.0,
        dual: bool = False,
        tol: float = 1e-4,
        fit_intercept: bool = True,
        intercept_scaling: float = 1,
        class_weight: Any = None,
        random_state: Any = None,
        solver: str = "lbfgs",
        max_iter: int = 100,
        multi_class: str = "deprecated",
        verbose: int = 0,
        warm_start: bool = False,
        n_jobs: Optional[int] = None,
        standardize: Any = False,
    ) -> None:
        self.penalty = penalty
        self.C = C
        self.l1_ratio = l1_ratio
        self.dual = dual
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.multi_class = multi_class
        self.verbose = verbose
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.standardize = standardize

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LogisticRegression:
        """Fits the model to features [rows, dimensions], classes [rows] and weights [rows] of at least 0."""
        refuse("every fit starts anew", warm_start=(self.warm_start, False))
        X, y = training_arrays(self, X, y)
        settings = self._settings(y, self.multi_class)
        settings.update(_penalty(self.penalty, self.l1_ratio, self.C))
        self.classes_, fitted = fit(X, y, settings, sample_weight=sample_weight, threads=self.n_jobs)
        self._keep(fitted, "difference")
        self.n_iter_ = np.array([fitted.facts.iterations], np.int32)
        warn_unless_converged(fitted, self.tol, self.max_iter)
        return self


class LogisticRegressionCV(_Logistic):
    """Logistic regression whose C is chosen by cross-validation; see scikit-learn's class of this name.

    Parameters
    ----------
    cv : as in scikit-learn. Every row must be held out at most once, and every fold must train on all rows that it
        does not hold out. Without scikit-learn, a number of folds that are drawn by class.
    scoring : None or "accuracy" for the mean accuracy of the folds; "balanced_accuracy", "f1_macro" or "neg_log_loss"
        for this measure of all held-out predictions together.
    refit : only True is supported.
    tol, max_iter, n_jobs, standardize : as in `LogisticRegression`.

    Attributes
    ----------
    C_, l1_ratio_, Cs_, l1_ratios_, scores_ : as in scikit-learn, in the form that `use_legacy_attributes` asks for.
        Measures other than accuracy have one row of scores instead of one for each fold.
    n_iter_ : the iterations of the last fit.
    objective_, duality_gap_ : those of the last fit, as in `LogisticRegression`.
    """

    def __init__(
        self,
        *,
        Cs: Any = 10,
        l1_ratios: Any = "warn",
        fit_intercept: bool = True,
        cv: Any = None,
        dual: bool = False,
        penalty: Any = "deprecated",
        scoring: Any = "warn",
        solver: str = "lbfgs",
        tol: float = 1e-4,
        max_iter: int = 100,
        class_weight: Any = None,
        n_jobs: Optional[int] = None,
        verbose: int = 0,
        refit: bool = True,
        intercept_scaling: float = 1.0,
        multi_class: str = "deprecated",
        random_state: Any = None,
        use_legacy_attributes: Any = "warn",
        standardize: Any = False,
    ) -> None:
        self.Cs = Cs
        self.l1_ratios = l1_ratios
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.dual = dual
        self.penalty = penalty
        self.scoring = scoring
        self.solver = solver
        self.tol = tol
        self.max_iter = max_iter
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.refit = refit
        self.intercept_scaling = intercept_scaling
        self.multi_class = multi_class
        self.random_state = random_state
        self.use_legacy_attributes = use_legacy_attributes
        self.standardize = standardize

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LogisticRegressionCV:
        """Chooses C, and fits the model to all rows; see `LogisticRegression.fit`."""
        refuse("the model of all rows is always fitted", refit=(self.refit, True))
        X, y = training_arrays(self, X, y)
        settings = self._settings(y, self.multi_class)
        scoring = "accuracy" if self.scoring in (None, "warn") else self.scoring
        criterion = _SCORINGS[one_of("scoring", scoring, *_SCORINGS)]
        if settings["classWeight"] == "balanced":
            settings["classWeight"] = _balanced(y, sample_weight)
        settings["selectBy"] = criterion
        self.Cs_ = np.logspace(-4, 4, self.Cs) if isinstance(self.Cs, (int, np.integer)) else np.array(self.Cs, float)
        self.l1_ratios_ = _ratios(self.l1_ratios, self.penalty)
        folds = _fold_numbers(cross_validation_folds(self.cv, X, y), len(X))
        if folds is None:
            settings["folds"] = 5 if self.cv is None else int(self.cv)
        options = {"sample_weight": sample_weight, "threads": self.n_jobs}
        tables, fits = [], []
        for ratio in self.l1_ratios_:
            penalty = _penalty(self.penalty, ratio, 1.0)
            penalty["c"] = sorted({positive("Cs", c) for c in self.Cs_.tolist()})
            self.classes_, fitted = fit(X, y, {**settings, **penalty, "exhaustive": True}, folds=folds, **options)
            fits.append(fitted)
            tables.append(_scores_of(fitted, self.Cs_, criterion))
        table = np.stack(tables, axis=1)
        means = table.mean(axis=0)
        best = np.unravel_index(np.argmax(means.T), means.T.shape)
        c, ratio, fitted = float(self.Cs_[best[0]]), self.l1_ratios_[best[1]], fits[best[1]]
        if fitted.facts.c != c:
            del settings["selectBy"]
            _, fitted = fit(X, y, {**settings, **_penalty(self.penalty, ratio, c)}, **options)
        self._keep(fitted, "difference")
        self._keep_choice(c, ratio, table)
        self.n_iter_ = np.array([fitted.facts.iterations], np.int32)
        warn_unless_converged(fitted, self.tol, self.max_iter)
        return self

    def _keep_choice(self, c: float, ratio: float, table: np.ndarray) -> None:
        """Keeps the choice and the scores [folds, ratios, Cs]."""
        self.C_: Any = c
        self.l1_ratio_: Any = ratio
        self.scores_: Any = table
        if self.use_legacy_attributes is False:
            return
        named = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        self.C_, self.l1_ratio_ = np.full(len(named), c), np.full(len(named), ratio)
        by_fold = table[:, 0, :] if len(self.l1_ratios_) == 1 else table.swapaxes(1, 2)
        self.scores_ = {name: by_fold for name in named.tolist()}


class LinearSVC(_LinearClassifier):
    """Linear support vector machine with a certificate; see scikit-learn's class of this name for the parameters.

    The objective is `penalty(coef_, intercept weight) + C * sum of weighted hinges`. As in LIBLINEAR, the intercept is
    the penalized weight of a feature of the value `intercept_scaling`.

    Parameters
    ----------
    tol, max_iter, standardize : as in `LogisticRegression`.
    dual, random_state : without effect.
    verbose : only the default is supported.
    n_jobs : the number of threads; None or -1 for one for each processor. scikit-learn has no such parameter.

    Attributes
    ----------
    classes_, coef_, intercept_, n_iter_, objective_, duality_gap_ : as in `LogisticRegression`; `n_iter_` is a number.
    """

    def __init__(
        self,
        penalty: str = "l2",
        loss: str = "squared_hinge",
        *,
        dual: Any = "auto",
        tol: float = 1e-4,
        C: float = 1.0,
        multi_class: str = "ovr",
        fit_intercept: bool = True,
        intercept_scaling: float = 1,
        class_weight: Any = None,
        verbose: int = 0,
        random_state: Any = None,
        max_iter: int = 1000,
        standardize: Any = False,
        n_jobs: Optional[int] = None,
    ) -> None:
        self.penalty = penalty
        self.loss = loss
        self.dual = dual
        self.tol = tol
        self.C = C
        self.multi_class = multi_class
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.verbose = verbose
        self.random_state = random_state
        self.max_iter = max_iter
        self.standardize = standardize
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LinearSVC:
        """Fits the model to features [rows, dimensions], classes [rows] and weights [rows] of at least 0."""
        refuse("a fit prints nothing", verbose=(self.verbose, 0))
        X, y = training_arrays(self, X, y)
        one_of("multi_class", self.multi_class, "ovr", "crammer_singer")
        is_joint = self.multi_class == "crammer_singer"
        loss = "crammer_singer" if is_joint else one_of("loss", self.loss, "squared_hinge", "hinge")
        penalty = "l2" if is_joint else one_of("penalty", self.penalty, "l2", "l1")
        settings = {
            "classifier": "svm",
            "loss": loss.replace("_", "-"),
            "penalty": penalty,
            "c": positive("C", self.C),
            "intercept": positive("intercept_scaling", self.intercept_scaling) if self.fit_intercept else "none",
            "tolerance": positive("tol", self.tol, is_below_one=True),
            "maximumIterations": iteration_limit(self.max_iter),
            "classWeight": class_weights(self.class_weight, y),
            "standardize": scaling(self.standardize),
        }
        self.classes_, fitted = fit(X, y, settings, sample_weight=sample_weight, threads=self.n_jobs)
        self._keep(fitted, "difference" if is_joint else "second")
        self.n_iter_ = fitted.facts.iterations
        warn_unless_converged(fitted, self.tol, self.max_iter)
        return self


class NearestCentroid(ClassifierMixin, BaseEstimator):
    """The nearest class mean; see scikit-learn's class of this name.

    Parameters
    ----------
    metric, shrink_threshold, priors : only the defaults are supported.

    Attributes
    ----------
    classes_, n_features_in_ : as in scikit-learn.
    centroids_ : the mean of each class, a float64 array [classes, dimensions].
    """

    def __init__(
        self, metric: str = "euclidean", *, shrink_threshold: Optional[float] = None, priors: Any = "uniform"
    ) -> None:
        self.metric = metric
        self.shrink_threshold = shrink_threshold
        self.priors = priors

    def fit(self, X: Any, y: Any) -> NearestCentroid:
        """Computes the means of features [rows, dimensions] by classes [rows]."""
        refuse(
            "the nearest mean is that of Euclidean distances",
            metric=(self.metric, "euclidean"),
            shrink_threshold=(self.shrink_threshold, None),
            priors=(self.priors, "uniform"),
        )
        X, y = training_arrays(self, X, y)
        settings = {"classifier": "nearest-mean", "standardize": "none"}
        self.classes_, fitted = fit(X, y, settings)
        self._weights, self._biases = fitted.weights, fitted.biases
        # The library's weights are the means of the classes less the mean of all rows.
        self.centroids_ = fitted.weights + X.mean(axis=0, dtype=np.float64)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The class of the nearest mean of each row: [rows]."""
        values = scores(rows_to_predict(self, X), self._weights, self._biases)
        return self.classes_[values.argmax(axis=1)]


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -values))


def _penalty(penalty: Any, l1_ratio: Optional[float], C: Any) -> dict[str, Any]:
    """The settings of the penalty and C."""
    one_of("penalty", penalty, "deprecated", "l1", "l2", "elasticnet", None)
    C = positive("C", C, is_infinity_allowed=True)
    if penalty == "elasticnet" and l1_ratio is None:
        raise ValueError("l1_ratio: expected a number from 0 to 1 for penalty='elasticnet', found None")
    if l1_ratio is not None and not 0 <= l1_ratio <= 1:
        raise ValueError(f"l1_ratio: expected a number from 0 to 1, found {l1_ratio!r}")
    if penalty is None or C == np.inf:
        return {"penalty": "none"}
    if penalty == "deprecated":
        penalty = "l1" if l1_ratio == 1 else "elasticnet" if l1_ratio else "l2"
    if penalty == "elasticnet":
        return {"penalty": "elastic-net", "l1Ratio": float(l1_ratio or 0), "c": C}
    return {"penalty": penalty, "c": C}


def _ratios(l1_ratios: Any, penalty: Any) -> list[float]:
    """The mixing parameters to choose from."""
    if l1_ratios is None or (isinstance(l1_ratios, str) and l1_ratios == "warn"):
        if penalty == "elasticnet":
            raise ValueError("l1_ratios: expected numbers from 0 to 1 for penalty='elasticnet', found None")
        return [1.0 if penalty == "l1" else 0.0]
    if penalty in ("l1", "l2"):
        return [1.0 if penalty == "l1" else 0.0]
    return [float(ratio) for ratio in l1_ratios]


def _balanced(y: np.ndarray, sample_weight: Any) -> list[float]:
    """The balanced weights of the classes of all rows, which scikit-learn also takes within folds."""
    _, codes = np.unique(y, return_inverse=True)
    totals = np.bincount(codes, weights=sample_weight)
    return (totals.sum() / (len(totals) * totals)).tolist()


def _fold_numbers(folds: Optional[list[Any]], count: int) -> Optional[np.ndarray]:
    """The fold that holds each row out, -1 for none."""
    if folds is None:
        return None
    numbers = np.full(count, -1, np.int64)
    for number, (training, held_out) in enumerate(folds):
        if np.any(numbers[held_out] >= 0) or len(training) + len(held_out) != count:
            raise ValueError(
                "cv: expected folds that hold each row out at most once and train on all other rows, such as those of "
                "StratifiedKFold or GroupKFold"
            )
        numbers[held_out] = number
    return numbers


def _scores_of(fitted: Fit, Cs: np.ndarray, criterion: str) -> np.ndarray:
    """The scores [folds, Cs]; one row for a measure of all held-out predictions together."""
    by_c = {}
    for candidate in fitted.description["selection"]["candidates"]:
        scores = {"accuracy": candidate["foldAccuracies"], "log-loss": [-(candidate["logLoss"] or 0)]}
        by_c[candidate["c"]] = scores.get(criterion, [candidate["score"]])
    return np.array([by_c[c] for c in Cs.tolist()]).T
