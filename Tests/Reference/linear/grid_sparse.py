"""Optima with the penalty l1 |W| + l2 / 2 |W|^2, or without a penalty, for generate_grid.py.

scikit-learn's saga solves these problems, but at large C it comes nowhere near 1e-10. On the small data sets, its result must
agree as far as its tolerance goes. A proximal Newton method finds the optimum: see Yuan, Ho and Lin, "An improved GLMNET for
L1-regularized logistic regression" (2012). The duality gap certifies these optima too.
"""

import numpy as np
from scipy.optimize import linprog
from sklearn.linear_model import LogisticRegression

from grid_solvers import Logistic, Problem, Softmax, Solution, certified_gap, objective, signs


def sparse(p, loss, l1, l2, W, b):
    """The proximal Newton method from W, b, with quadratic models of the coefficients that are not 0 or may leave 0."""
    outputs, d = W.shape
    costs = p.C * p.s
    ones = np.column_stack([p.X, np.ones(len(p.y))])
    best, stale = (np.inf, W, b), 0
    value = objective(p, loss, W, b, l1, l2)
    for _ in range(300):
        G = costs[:, None] * loss.derivative(p.X @ W.T + b)
        gap = certified_gap(p, loss, W, b, -G / np.where(costs > 0, costs, 1)[:, None], l1, l2)
        if gap < 0.5 * best[0]:
            best, stale = (gap, W, b), 0
        else:
            stale += 1
        if best[0] <= 1e-13 * value or stale >= 12:
            break
        g = G.T @ p.X + l2 * W
        # Coefficients that are 0 and would stay 0 are left out. At most 400 of the other coefficients at 0 are added at a time.
        excess = np.where(W == 0, abs(g) - l1, np.inf)
        keep = np.flatnonzero(excess > 0)
        new = keep[np.isfinite(excess.ravel()[keep])]
        if len(new) > 400:
            weakest = new[np.argsort(-excess.ravel()[new])[400:]]
            keep = np.setdiff1d(keep, weakest)
        classes, features = np.divmod(keep, d)
        classes, features = np.append(classes, np.arange(outputs)), np.append(features, np.full(outputs, d))
        H = hessian(loss, costs, ones, classes, features)
        penalised = features < d
        H[np.diag_indices_from(H)] += np.where(penalised, l2, 0) + 1e-12 * H.diagonal() + 1e-300
        at = np.append(W.ravel()[keep], b)
        slope = np.append(g.ravel()[keep], G.sum(0))
        step = descend(H, slope, at, np.where(penalised, l1, 0))
        decrease = slope @ step + l1 * (abs(at + step) - abs(at))[penalised].sum()
        t = 1.0
        while t > 1e-9:
            W2, b2 = W.copy(), at[len(keep):] + t * step[len(keep):]
            W2.ravel()[keep] = (at + t * step)[:len(keep)]
            lower = objective(p, loss, W2, b2, l1, l2)
            if lower <= value + 1e-3 * t * decrease or -decrease < 1e-12 * value:
                break
            t /= 2
        W, b, value = W2, b2, lower
    return best[1], best[2], best[0]


def hessian(loss, costs, ones, classes, features):
    """The second derivatives of the loss by these coefficients. The feature after the last one is that of the intercept."""
    columns = ones[:, features]
    if isinstance(loss, Softmax):
        weighted = columns * loss.q[:, classes] * np.sqrt(costs)[:, None]
        H = -(weighted.T @ weighted)
        for c in np.unique(classes):
            own = np.flatnonzero(classes == c)
            H[np.ix_(own, own)] += (columns[:, own] * (costs * loss.q[:, c])[:, None]).T @ columns[:, own]
        return H
    return (columns * (costs * loss.curvature[:, 0])[:, None]).T @ columns


def descend(H, slope, at, l1):
    """Minimizes slope d + d'Hd / 2 + sum l1 |at + d| by coordinate descent, and exactly as soon as the signs stay the same."""
    step, rest = np.zeros_like(at), slope.copy()
    diagonal = H.diagonal()
    before, same = None, 0
    scale = max(1e-300, abs(slope).max())
    for sweep in range(2000):
        largest = 0.0
        for j in range(len(at)):
            here = at[j] + step[j]
            aim = here - rest[j] / diagonal[j]
            aim = max(0.0, abs(aim) - l1[j] / diagonal[j]) * (1 if aim > 0 else -1)
            move = aim - here
            if move != 0:
                step[j] += move
                rest += move * H[j]
                largest = max(largest, abs(move) * diagonal[j])
        if largest <= 1e-13 * scale:
            break
        pattern = np.sign(at + step)
        same = same + 1 if before is not None and (pattern == before).all() else 0
        before = pattern
        if same >= 3 and same % 4 == 3:
            free = (pattern != 0) | (l1 == 0)
            right = -(slope + l1 * pattern)[free]
            # Weights that are left out stay at 0.
            right -= H[np.ix_(free, ~free)] @ -at[~free]
            found = np.linalg.lstsq(H[np.ix_(free, free)], right, rcond=1e-15)[0]
            trial = -at
            trial[free] = found
            residue = slope + H @ trial
            kept = (np.sign(at + trial) == pattern)[free & (l1 > 0)].all()
            if kept and (abs(residue[~free]) <= l1[~free] * (1 + 1e-12)).all():
                return trial
    return step


def too_large(p):
    return p.X.size > (120_000 if p.C > 1 else 1_000_000)


def penalised(l1, l2):
    """The solver of a multinomial problem, whose path begins at a small C. The result is None if the solver would take hours, or if
    it would end with a gap of 1e-6, at large C under L1 alone."""
    def solve(p):
        if too_large(p) or l2 == 0 and p.k > 2 and p.C > 1 and p.X.size > 100_000:
            return None
        loss = Logistic(p) if p.k == 2 else Softmax(p)
        outputs = 1 if p.k == 2 else p.k
        W, b = np.zeros((outputs, p.X.shape[1])), np.zeros(outputs)
        for C in [p.C / 1000, p.C / 100, p.C / 10, p.C]:
            W, b, gap = sparse(p._replace(C=C), loss, l1, l2, W, b)
        value = objective(p, loss, W, b, l1, l2)
        if p.X.size <= 20_000:
            model = LogisticRegression(
                C=p.C, penalty="elasticnet", l1_ratio=l1, solver="saga", tol=1e-8, max_iter=2000, random_state=0)
            model.fit(p.X, p.y, sample_weight=p.s)
            other = objective(p, loss, model.coef_, model.intercept_, l1, l2)
            assert other >= value * (1 - 1e-12), (other, value)
            assert not 0.1 < p.C <= 1 or other <= 1.01 * value, (other, value)
        return Solution(W, b, value, gap, "proximal Newton")
    return solve


def one_versus_rest(l1, l2):
    def solve(p):
        if too_large(p):
            return None
        parts = [penalised(l1, l2)(Problem(p.X, (sign > 0).astype(int), p.s, 2, p.C)) for sign in signs(p).T]
        return Solution(
            np.concatenate([part.W for part in parts]), np.concatenate([part.b for part in parts]),
            sum(part.objective for part in parts), sum(part.gap for part in parts), "proximal Newton")
    return solve


def unpenalised(p):
    """Newton's method for no penalty, which starts at scikit-learn's result. The gap is that of the quadratic model. The result is
    None if the classes are separable, since there is then no minimum."""
    if p.k != 2:
        return None
    loss = Logistic(p)
    costs = p.C * p.s
    sign = loss.sign[:, 0]
    ones = np.column_stack([p.X, np.ones(len(p.y))])
    used = costs > 0
    apart = linprog(
        np.zeros(ones.shape[1]), A_ub=-(sign[:, None] * ones)[used], b_ub=-np.ones(used.sum()), bounds=(None, None))
    if apart.status == 0:
        return None
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10, max_iter=200)
    model.fit(p.X, p.y, sample_weight=p.s)
    theta = np.append(model.coef_[0], model.intercept_)
    for _ in range(10):
        g = ones.T @ (costs * loss.derivative((ones @ theta)[:, None])[:, 0])
        step = np.linalg.solve((ones * (costs * loss.curvature[:, 0])[:, None]).T @ ones, g)
        theta = theta - step
    W, b = theta[None, :-1], theta[-1:]
    return Solution(W, b, objective(p, loss, W, b, 0, 0), 0.5 * g @ step, "scikit-learn newton-cholesky")
