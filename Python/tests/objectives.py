"""The objectives of scikit-learn's user guide in float64, computed by NumPy alone."""

import numpy as np


def penalty(weights, l1_ratio):
    """The penalty of the elastic net; 0 is l2, 1 is l1."""
    return (1 - l1_ratio) / 2 * (weights**2).sum() + l1_ratio * np.abs(weights).sum()


def logistic(model, X, y, C, l1_ratio=0.0, weights=None, is_one_versus_rest=False, is_intercept_penalized=False):
    """The objective of a logistic regression at a model's `coef_` and `intercept_`; infinite C has no penalty."""
    X, weights = X.astype(np.float64), np.ones(len(y)) if weights is None else weights
    scores = X @ model.coef_.T + model.intercept_
    codes = np.searchsorted(model.classes_, y)
    if len(model.classes_) == 2:
        losses = np.logaddexp(0, -np.where(codes == 1, 1, -1) * scores[:, 0])
    elif is_one_versus_rest:
        signs = np.where(codes[:, None] == np.arange(len(model.classes_)), 1, -1)
        losses = np.logaddexp(0, -signs * scores).sum(axis=1)
    else:
        losses = np.logaddexp.reduce(scores, axis=1) - scores[np.arange(len(y)), codes]
    loss = (weights * losses).sum()
    if np.isinf(C):
        return loss
    intercept = penalty(model.intercept_, l1_ratio) if is_intercept_penalized else 0
    return penalty(model.coef_, l1_ratio) + intercept + C * loss


def hinge(model, X, y, C, loss="squared_hinge", l1_ratio=0.0, weights=None, has_intercept=True):
    """The objective of LIBLINEAR, which penalizes the intercept."""
    X, weights = X.astype(np.float64), np.ones(len(y)) if weights is None else weights
    codes = np.searchsorted(model.classes_, y)
    scores = X @ model.coef_.T + model.intercept_
    count = len(model.classes_)
    signs = np.where(codes[:, None] == np.arange(count), 1, -1) if count > 2 else np.where(codes == 1, 1, -1)[:, None]
    losses = np.maximum(0, 1 - signs * scores)
    if loss == "squared_hinge":
        losses = losses**2
    extended = np.column_stack((model.coef_, model.intercept_)) if has_intercept else model.coef_
    return penalty(extended, l1_ratio) + C * (weights * losses.sum(axis=1)).sum()


def crammer_singer(model, X, y, C):
    """The objective of Crammer and Singer's machine. With two classes, `coef_` is the difference of two rows."""
    coef, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coef, intercept = np.vstack((-coef / 2, coef / 2)), np.append(-intercept / 2, intercept / 2)
    codes = np.searchsorted(model.classes_, y)
    scores = X.astype(np.float64) @ coef.T + intercept
    rows = np.arange(len(y))
    margins = scores + 1 - scores[rows, codes][:, None]
    margins[rows, codes] -= 1
    return penalty(np.column_stack((coef, intercept)), 0) + C * np.maximum(0, margins.max(axis=1)).sum()
