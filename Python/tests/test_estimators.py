"""Estimators: their minima and predictions are those of scikit-learn, and their errors are clear."""

import inspect
import pickle
import warnings

import numpy as np
import objectives
import pytest
import sklearn
from sklearn import linear_model, neighbors, svm
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold, ShuffleSplit, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch

import layertap
from layertap import LinearSVC, LogisticRegression, LogisticRegressionCV, NearestCentroid

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
TIGHT = 1e-9


def problem(classes=4, rows=160, columns=6, seed=0, distance=1.0):
    """Overlapping classes as float32, so that no side rounds the features."""
    random = np.random.default_rng(seed)
    centers = distance * random.normal(size=(classes, columns))
    y = np.arange(rows) % classes
    X = (centers[y] + random.normal(size=(rows, columns))).astype(np.float32)
    return Bunch(X=X, y=y, weights=random.uniform(0, 2, rows))


def quiet(model, *arguments, **options):
    """Fits without scikit-learn's warnings about its own parameters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(*arguments, **options)


def penalized(l1_ratio):
    """scikit-learn's parameters of a penalty, by its version."""
    if VERSION >= (1, 8):
        return {"l1_ratio": l1_ratio}
    return {
        "penalty": {0: "l2", 1: "l1"}.get(l1_ratio, "elasticnet"),
        "l1_ratio": l1_ratio if 0 < l1_ratio < 1 else None,
    }


LOGISTIC = {
    "multinomial": (4, {"C": 0.7}, {}),
    "two classes": (2, {"C": 3.0}, {}),
    "large C": (3, {"C": 1e4}, {}),
    "small C": (3, {"C": 1e-4}, {}),
    "no intercept": (3, {"fit_intercept": False}, {}),
    "l1": (3, {"C": 0.3}, {"l1_ratio": 1.0}),
    "l1, two classes": (2, {"C": 0.3}, {"l1_ratio": 1.0}),
    "elastic net": (3, {"C": 0.3}, {"l1_ratio": 0.4}),
}


@pytest.mark.parametrize("case", LOGISTIC)
@pytest.mark.parametrize("is_weighted", [False, True])
def test_logistic_regressions_reach_the_minimum_of_scikit_learn(case, is_weighted):
    classes, options, mixture = LOGISTIC[case]
    ratio = mixture.get("l1_ratio", 0.0)
    data = problem(classes)
    weights = data.weights if is_weighted else None
    solver = {"solver": "saga", "tol": 1e-12} if ratio else {"solver": "newton-cholesky", "tol": 1e-12}
    if VERSION < (1, 6) and not ratio:
        solver = {"solver": "newton-cg", "tol": 1e-10}
    theirs = linear_model.LogisticRegression(max_iter=100_000, **options, **penalized(ratio), **solver)
    quiet(theirs, data.X.astype(np.float64), data.y, sample_weight=weights)
    ours = LogisticRegression(tol=TIGHT, **options, **mixture).fit(data.X, data.y, sample_weight=weights)
    C = options.get("C", 1.0)
    expected = objectives.logistic(theirs, data.X, data.y, C, ratio, weights)
    found = objectives.logistic(ours, data.X, data.y, C, ratio, weights)
    assert abs(found - expected) <= 1e-6 * expected
    assert found <= expected * (1 + 1e-8), "scikit-learn's minimum is not lower"
    assert ours.objective_ == pytest.approx(found, rel=1e-9)
    assert 0 <= ours.duality_gap_ <= TIGHT
    np.testing.assert_allclose(ours.predict_proba(data.X), theirs.predict_proba(data.X), atol=1e-3)
    assert ours.coef_.shape == theirs.coef_.shape and ours.intercept_.shape == theirs.intercept_.shape


def test_without_a_penalty_the_minimum_is_scikit_learns():
    data = problem(3, distance=0.3)
    infinite = {"C": np.inf} if VERSION >= (1, 8) else {"penalty": None}
    theirs = linear_model.LogisticRegression(**infinite, solver="newton-cg", tol=1e-12, max_iter=10_000)
    quiet(theirs, data.X.astype(np.float64), data.y)
    expected = objectives.logistic(theirs, data.X, data.y, np.inf)
    for options in ({"C": np.inf}, {"penalty": None}):
        ours = LogisticRegression(tol=1e-12, **options).fit(data.X, data.y)
        assert objectives.logistic(ours, data.X, data.y, np.inf) == pytest.approx(expected, rel=1e-6)
        assert np.isinf(ours.duality_gap_)


def test_one_class_against_the_rest():
    data = problem(3)
    ours = LogisticRegression(multi_class="ovr", tol=TIGHT).fit(data.X, data.y)
    separate = []
    for label in range(3):
        model = linear_model.LogisticRegression(solver="newton-cg", tol=1e-10, max_iter=10_000)
        separate.append(quiet(model, data.X.astype(np.float64), data.y == label))
    joined = Bunch(
        classes_=np.arange(3),
        coef_=np.vstack([model.coef_ for model in separate]),
        intercept_=np.concatenate([model.intercept_ for model in separate]),
    )
    expected = objectives.logistic(joined, data.X, data.y, 1.0, is_one_versus_rest=True)
    found = objectives.logistic(ours, data.X, data.y, 1.0, is_one_versus_rest=True)
    assert found == pytest.approx(expected, rel=1e-6)
    shares = np.column_stack([model.predict_proba(data.X)[:, 1] for model in separate])
    np.testing.assert_allclose(ours.predict_proba(data.X), shares / shares.sum(axis=1, keepdims=True), atol=1e-4)


def test_liblinear_penalizes_the_intercept():
    data = problem(2)
    theirs = linear_model.LogisticRegression(solver="liblinear", tol=1e-12, max_iter=100_000)
    quiet(theirs, data.X.astype(np.float64), data.y)
    ours = LogisticRegression(solver="liblinear", tol=TIGHT).fit(data.X, data.y)
    expected = objectives.logistic(theirs, data.X, data.y, 1.0, is_intercept_penalized=True)
    found = objectives.logistic(ours, data.X, data.y, 1.0, is_intercept_penalized=True)
    assert found == pytest.approx(expected, rel=1e-6)
    with pytest.raises(ValueError, match="liblinear"):
        LogisticRegression(solver="liblinear").fit(*problem(3).values())


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
@pytest.mark.parametrize("options", [{}, {"C": 0.05}, {"fit_intercept": False}, {"is_weighted": True}], ids=str)
def test_support_vector_machines_reach_the_minimum_of_scikit_learn(classes, loss, options):
    data, options = problem(classes), dict(options)
    weights = data.weights if options.pop("is_weighted", False) else None
    common = {"C": 1.0, "loss": loss, **options}
    theirs = svm.LinearSVC(dual=True, tol=1e-10, max_iter=10_000_000, random_state=0, **common)
    quiet(theirs, data.X.astype(np.float64), data.y, sample_weight=weights)
    ours = LinearSVC(tol=TIGHT, **common).fit(data.X, data.y, sample_weight=weights)
    formula = (data.X, data.y, common["C"], loss, 0.0, weights, common.get("fit_intercept", True))
    expected, found = objectives.hinge(theirs, *formula), objectives.hinge(ours, *formula)
    assert abs(found - expected) <= 1e-6 * expected
    assert ours.objective_ == pytest.approx(found, rel=1e-9)
    assert 0 <= ours.duality_gap_ <= TIGHT
    np.testing.assert_allclose(ours.decision_function(data.X), theirs.decision_function(data.X), atol=5e-3)
    np.testing.assert_array_equal(ours.predict(data.X), ours.classes_[_decided(ours, data.X)])


def _decided(model, X):
    scores = X.astype(np.float64) @ model.coef_.T + model.intercept_
    return (scores[:, 0] > 0).astype(int) if scores.shape[1] == 1 else scores.argmax(axis=1)


def test_l1_support_vector_machine():
    data = problem(3)
    theirs = svm.LinearSVC(penalty="l1", dual=False, C=0.1, tol=1e-10, max_iter=1_000_000)
    quiet(theirs, data.X.astype(np.float64), data.y)
    ours = LinearSVC(penalty="l1", C=0.1, tol=TIGHT).fit(data.X, data.y)
    expected = objectives.hinge(theirs, data.X, data.y, 0.1, l1_ratio=1.0)
    assert objectives.hinge(ours, data.X, data.y, 0.1, l1_ratio=1.0) == pytest.approx(expected, rel=1e-6)
    np.testing.assert_array_equal(ours.coef_ == 0, theirs.coef_ == 0)


@pytest.mark.parametrize("classes", [2, 4])
def test_crammer_and_singers_machine(classes):
    data = problem(classes)
    theirs = svm.LinearSVC(multi_class="crammer_singer", C=0.5, tol=1e-10, max_iter=10_000_000, random_state=0)
    quiet(theirs, data.X.astype(np.float64), data.y)
    ours = LinearSVC(multi_class="crammer_singer", C=0.5, tol=TIGHT).fit(data.X, data.y)
    expected = objectives.crammer_singer(theirs, data.X, data.y, 0.5)
    assert objectives.crammer_singer(ours, data.X, data.y, 0.5) == pytest.approx(expected, rel=1e-6)
    assert ours.coef_.shape == theirs.coef_.shape


def test_nearest_centroids_are_scikit_learns():
    data = problem(4)
    theirs, ours = neighbors.NearestCentroid().fit(data.X, data.y), NearestCentroid().fit(data.X, data.y)
    np.testing.assert_allclose(ours.centroids_, theirs.centroids_, rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(ours.predict(data.X), theirs.predict(data.X))


@pytest.mark.parametrize("weighting", ["balanced", {"a": 3.0, "c": 0.5}], ids=str)
def test_class_weights_multiply_sample_weights(weighting):
    data = problem(3)
    labels = np.array(["a", "b", "c"])[np.minimum(data.y, np.arange(len(data.y)) % 7 % 3)]
    ours = LogisticRegression(class_weight=weighting, tol=TIGHT).fit(data.X, labels)
    if weighting == "balanced":
        names, counts = np.unique(labels, return_counts=True)
        weighting = dict(zip(names, len(labels) / (3 * counts)))
    weights = np.array([weighting.get(label, 1.0) for label in labels])
    expected = LogisticRegression(tol=TIGHT).fit(data.X, labels, sample_weight=weights)
    np.testing.assert_allclose(ours.coef_, expected.coef_, atol=1e-4)
    with pytest.raises(ValueError, match="'d'"):
        LogisticRegression(class_weight={"d": 1.0}).fit(data.X, labels)


@pytest.mark.parametrize("folds", [None, 3, StratifiedKFold(4, shuffle=True, random_state=1)], ids=str)
def test_cross_validation_chooses_as_scikit_learn(folds):
    data = problem(3, rows=203)
    options = {"Cs": [0.001, 0.01, 0.1, 1.0, 10.0], "cv": folds}
    theirs = quiet(linear_model.LogisticRegressionCV(tol=1e-10, max_iter=10_000, **options), data.X, data.y)
    ours = LogisticRegressionCV(tol=TIGHT, **options).fit(data.X, data.y)
    np.testing.assert_allclose(ours.scores_[0], theirs.scores_[0], atol=1e-12)
    np.testing.assert_array_equal(ours.C_, theirs.C_)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-3)
    single = LogisticRegressionCV(tol=TIGHT, use_legacy_attributes=False, **options).fit(data.X, data.y)
    assert single.C_ == ours.C_[0] and single.scores_.shape == (len(ours.scores_[0]), 1, 5)


def test_cross_validation_chooses_the_mixture_too():
    data = problem(2)
    options = {"Cs": [0.01, 0.1, 1.0], "l1_ratios": [0.0, 0.5, 1.0], "tol": 1e-7}
    ours = LogisticRegressionCV(use_legacy_attributes=False, **options).fit(data.X, data.y)
    means = ours.scores_.mean(axis=0)
    assert means.shape == (3, 3)
    assert means.max() == means[options["l1_ratios"].index(ours.l1_ratio_), options["Cs"].index(ours.C_)]
    direct = LogisticRegression(C=ours.C_, l1_ratio=ours.l1_ratio_, tol=1e-7).fit(data.X, data.y)
    np.testing.assert_allclose(ours.coef_, direct.coef_, atol=1e-3)


def test_cross_validation_by_log_loss_and_groups():
    data = problem(3)
    groups = np.arange(len(data.y)) // 5
    folds = list(GroupKFold(4).split(data.X, data.y, groups))
    ours = LogisticRegressionCV(Cs=[1e-3, 0.1, 10.0], cv=folds, scoring="neg_log_loss", tol=1e-7).fit(data.X, data.y)
    losses = []
    for C in (1e-3, 0.1, 10.0):
        total = 0.0
        for training, held_out in folds:
            model = linear_model.LogisticRegression(C=C, tol=1e-8, max_iter=10_000)
            probabilities = model.fit(data.X[training], data.y[training]).predict_proba(data.X[held_out])
            total -= np.log(probabilities[np.arange(len(held_out)), data.y[held_out]]).sum()
        losses.append(total / len(data.y))
    assert ours.C_[0] == [1e-3, 0.1, 10.0][int(np.argmin(losses))]
    with pytest.raises(ValueError, match="cv: .*StratifiedKFold"):
        LogisticRegressionCV(cv=ShuffleSplit(3, random_state=0)).fit(data.X, data.y)
    with pytest.raises(ValueError, match="scoring.*'roc_auc'"):
        LogisticRegressionCV(scoring="roc_auc").fit(data.X, data.y)


PAIRS = [
    (LogisticRegression, linear_model.LogisticRegression),
    (LogisticRegressionCV, linear_model.LogisticRegressionCV),
    (LinearSVC, svm.LinearSVC),
    (NearestCentroid, neighbors.NearestCentroid),
]


@pytest.mark.parametrize("ours, theirs", PAIRS)
def test_parameters_are_scikit_learns(ours, theirs):
    own, original = inspect.signature(ours).parameters, inspect.signature(theirs).parameters
    assert set(original) <= set(own)
    assert set(own) - set(original) <= {"standardize", "n_jobs", "multi_class", "use_legacy_attributes", "priors"}
    if VERSION >= (1, 9):
        assert {name: own[name].default for name in original} == {n: p.default for n, p in original.items()}
        assert [name for name in own if name in original] == list(original) or "LinearSVC" == ours.__name__


@pytest.mark.parametrize(
    "estimator, words",
    [
        (LogisticRegression(warm_start=True), "warm_start"),
        (LogisticRegression(verbose=1), "verbose"),
        (LogisticRegression(dual=True), "dual"),
        (LogisticRegression(solver="adam"), "solver"),
        (LogisticRegression(penalty="l0"), "penalty"),
        (LogisticRegression(penalty="elasticnet", l1_ratio=None), "l1_ratio"),
        (LogisticRegression(l1_ratio=1.5), "l1_ratio"),
        (LogisticRegression(C=0), "C: "),
        (LogisticRegression(C="auto"), "C: "),
        (LogisticRegression(tol=0), "tol: "),
        (LogisticRegression(tol=1.0), "tol: "),
        (LogisticRegression(max_iter=0), "max_iter: "),
        (LogisticRegression(class_weight="unbalanced"), "class_weight: "),
        (LogisticRegression(standardize="yes"), "standardize: "),
        (LogisticRegression(multi_class="ovo"), "multi_class: "),
        (LogisticRegression(n_jobs=0), "threads"),
        (LogisticRegressionCV(refit=False), "refit"),
        (LogisticRegressionCV(Cs=[1.0, -1.0]), "Cs: "),
        (LinearSVC(loss="log"), "loss: "),
        (LinearSVC(penalty="l1", loss="hinge"), "l1"),
        (LinearSVC(intercept_scaling=0), "intercept_scaling: "),
        (NearestCentroid(metric="manhattan"), "metric"),
        (NearestCentroid(shrink_threshold=0.1), "shrink_threshold"),
        (NearestCentroid(priors="empirical"), "priors"),
    ],
    ids=repr,
)
def test_what_is_lacking_is_refused_by_name(estimator, words):
    data = problem(3)
    with pytest.raises(ValueError, match=words):
        estimator.fit(data.X, data.y)


ESTIMATORS = [LogisticRegression(), LogisticRegressionCV(Cs=3, cv=3), LinearSVC(), NearestCentroid()]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_bad_features_are_refused(estimator):
    from scipy import sparse

    data = problem(3)
    with pytest.raises(TypeError, match="[Ss]parse"):
        clone(estimator).fit(sparse.csr_matrix(data.X), data.y)
    for value in (np.nan, np.inf):
        bad = data.X.copy()
        bad[7, 3] = value
        with pytest.raises(ValueError, match="row 7, column 3"):
            clone(estimator).fit(bad, data.y)
        with pytest.raises(ValueError, match="NaN|inf"):
            clone(estimator).fit(data.X, data.y).predict(bad)
    with pytest.raises(ValueError, match="1D|shape"):
        clone(estimator).fit(data.X[:, 0], data.y)
    with pytest.raises(ValueError, match="160.*159|159.*160|inconsistent"):
        clone(estimator).fit(data.X, data.y[:-1])
    with pytest.raises(ValueError, match="6 features|features"):
        clone(estimator).fit(data.X, data.y).predict(data.X[:, :5])
    with pytest.raises(ValueError, match="float32"):
        clone(estimator).fit(data.X.astype(np.float64) * 1e39, data.y)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_every_layout_gives_the_same_model(estimator):
    data = problem(3)
    expected = clone(estimator).fit(data.X, data.y).predict(data.X)
    wide = np.zeros((160, 20), np.float32)
    wide[:, 2:14:2] = data.X
    layouts = {
        "Fortran order": np.asfortranarray(data.X),
        "strided columns": wide[:, 2:14:2],
        "reversed twice": np.ascontiguousarray(data.X[::-1, ::-1])[::-1, ::-1],
        "float64": data.X.astype(np.float64),
        "big-endian": data.X.astype(">f4"),
        "list": data.X.tolist(),
    }
    for name, X in layouts.items():
        np.testing.assert_array_equal(clone(estimator).fit(X, data.y).predict(X), expected, err_msg=name)
    half = data.X.astype(np.float16)
    as_half, as_single = clone(estimator).fit(half, data.y), clone(estimator).fit(half.astype(np.float32), data.y)
    np.testing.assert_array_equal(as_half.predict(half), as_single.predict(half.astype(np.float32)))


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_the_tools_of_scikit_learn_take_the_estimators(estimator):
    data = problem(3)
    pipeline = make_pipeline(StandardScaler(), clone(estimator)).fit(data.X, data.y)
    copy = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(copy.predict(data.X), pipeline.predict(data.X))
    scores = cross_val_score(clone(estimator), data.X, data.y, cv=4, n_jobs=2)
    np.testing.assert_array_equal(scores, cross_val_score(clone(estimator), data.X, data.y, cv=4))
    assert len(scores) == 4 and scores.mean() > 0.6
    if hasattr(estimator, "C"):
        search = GridSearchCV(clone(estimator), {"C": [0.01, 1.0]}, n_jobs=2).fit(data.X, data.y)
        assert search.best_params_["C"] in (0.01, 1.0)


@pytest.mark.parametrize("model", [LogisticRegression(tol=1e-9, max_iter=1), LinearSVC(tol=1e-9, C=1e4, max_iter=1)])
def test_too_few_iterations_are_a_warning(model):
    data = problem(4)
    with pytest.warns(layertap.ConvergenceWarning, match="max_iter, which is 1"):
        model.fit(data.X, data.y)
    assert model.duality_gap_ > 1e-9
    assert issubclass(layertap.ConvergenceWarning, sklearn.exceptions.ConvergenceWarning)


def test_separable_classes_without_a_penalty_are_a_warning():
    X = np.array([[0.0], [1.0], [2.0], [3.0]], np.float32)
    with pytest.warns(layertap.ConvergenceWarning, match="separable"):
        LogisticRegression(C=np.inf).fit(X, [0, 0, 1, 1])


def test_standardization_is_that_of_a_pipeline():
    data = problem(3)
    X = data.X * np.float32([1, 10, 100, 1, 1, 1000])
    ours = LogisticRegression(standardize=True, C=0.1, tol=TIGHT).fit(X, data.y)
    scaler = StandardScaler().fit(X.astype(np.float64))
    theirs = linear_model.LogisticRegression(C=0.1, tol=1e-10, max_iter=10_000)
    theirs.fit(scaler.transform(X.astype(np.float64)), data.y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_ / scaler.scale_, rtol=1e-3, atol=1e-6)


def test_threads_change_no_bit():
    data = problem(4, rows=3000, columns=40)
    models = [LogisticRegression(n_jobs=threads).fit(data.X, data.y) for threads in (1, 2, None)]
    for model in models[1:]:
        np.testing.assert_array_equal(model.coef_, models[0].coef_)


@pytest.mark.parametrize("estimator", [LogisticRegression(tol=1e-12), LinearSVC(tol=1e-12)], ids=repr)
def test_weights_repeat_rows(estimator):
    data = problem(3)
    counts = np.arange(len(data.y)) % 4
    weighted = clone(estimator).fit(data.X, data.y, sample_weight=counts)
    repeated = clone(estimator).fit(data.X.repeat(counts, axis=0), data.y.repeat(counts))
    assert weighted.objective_ == pytest.approx(repeated.objective_, rel=1e-11)
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-4)


def test_names_of_features_are_kept():
    pandas = pytest.importorskip("pandas")
    data = problem(3)
    frame = pandas.DataFrame(data.X, columns=list("abcdef"))
    model = LogisticRegression().fit(frame, data.y)
    assert list(model.feature_names_in_) == list("abcdef")
