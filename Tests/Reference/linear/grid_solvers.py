"""The solvers that generate_grid.py uses. Public tools begin, a few lines of float64 NumPy finish, and a duality gap certifies.

A problem has scaled features X [n, d], labels y, sample weights s, the number of classes k, and C. It minimizes
R(W) + C sum s_i loss(W x_i + b) with a free intercept. The outputs are the classes, or one score for two classes. A solution
is W [outputs, d] and b [outputs].
"""

import warnings
from collections import namedtuple

import numpy as np
from liblinear.liblinearutil import train
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

warnings.filterwarnings("ignore")
Problem = namedtuple("Problem", "X y s k C")
Solution = namedtuple("Solution", "W b objective gap solver")


def signs(p):
    """+1 for rows of an output's class, else -1: [n, outputs]."""
    classes = [1] if p.k == 2 else range(p.k)
    return np.stack([np.where(p.y == c, 1.0, -1.0) for c in classes], 1)


# Losses of scores z [n, outputs] have values [n], derivatives [n, outputs], and a Hessian's product with a direction and its
# diagonal. A dual point is -derivative. `divergence` is loss(z) + conjugate(-dual) + dual z, summed over outputs.

class Softmax:
    def __init__(self, p):
        self.one = np.eye(p.k)[p.y]

    def value(self, z):
        top = z.max(1)
        return np.log(np.exp(z - top[:, None]).sum(1)) + top - (z * self.one).sum(1)

    def probabilities(self, z):
        q = np.exp(z - z.max(1, keepdims=True))
        return q / q.sum(1, keepdims=True)

    def derivative(self, z):
        self.q = self.probabilities(z)
        return self.q - self.one

    def product(self, v):
        return self.q * (v - (self.q * v).sum(1, keepdims=True))

    def diagonal(self):
        return self.q * (1 - self.q)

    def repaired(self, dual, costs):
        """Moves the dual point [n, outputs], whose rows sum to 0, onto sum costs * dual = 0, as the repair of certificates does."""
        q = self.one - dual
        found, wanted = costs @ q, costs @ self.one
        keep = np.where(found > wanted, wanted / np.maximum(found, 1e-300), 1)
        lack = np.maximum(wanted - found, 0)
        if lack.sum() > 0:
            q = keep * q + (q @ (1 - keep))[:, None] * lack / lack.sum()
        return self.one - q

    def divergence(self, z, dual):
        """KL(p | q) for p = one - dual, computed term by term so that no digits cancel."""
        p = np.maximum(0, self.one - dual)
        log_q = z - z.max(1, keepdims=True)
        log_q = log_q - np.log(np.exp(log_q).sum(1, keepdims=True))
        q = np.exp(log_q)
        r = (p - q) / np.maximum(q, 1e-300)
        near = q * r * r * (0.5 - r * (1 / 6 - r * (1 / 12 - r / 20)))
        far = np.where(p > 0, p * (np.log(np.maximum(p, 1e-300)) - log_q), 0) - p + q
        return np.where(abs(r) < 1e-3, near, np.maximum(far, 0)).sum(1)


class Binary:
    """Losses of one margin for each output: a(m), a'(m), a''(m)."""

    def __init__(self, p):
        self.sign = signs(p)

    def value(self, z):
        return self.at(self.sign * z).sum(1)

    def derivative(self, z):
        self.curvature = self.second(self.sign * z)
        return self.sign * self.first(self.sign * z)

    def product(self, v):
        return self.curvature * v

    def diagonal(self):
        return self.curvature

    def repaired(self, dual, costs):
        """Scales the heavier side of each output down to the lighter one."""
        pi = np.maximum(0, dual * self.sign)
        plus, minus = (costs @ np.where(side, pi, 0) for side in (self.sign > 0, self.sign < 0))
        less = np.minimum(plus, minus)
        factor = np.where(self.sign > 0, less / np.maximum(plus, 1e-300), less / np.maximum(minus, 1e-300))
        return self.sign * pi * factor

    def divergence(self, z, dual):
        return self.margin_divergence(self.sign * z, np.maximum(0, dual * self.sign)).sum(1)


class Logistic(Binary):
    def at(self, m):
        return np.logaddexp(0, -m)

    def first(self, m):
        return -np.exp(-np.logaddexp(0, m))

    def second(self, m):
        return np.exp(-np.logaddexp(0, m) - np.logaddexp(0, -m))

    def margin_divergence(self, m, pi):
        """The binary Kullback-Leibler divergence of pi from sigma(-m)."""
        q = np.exp(-np.logaddexp(0, m))
        total = 0
        for a, log_b in [(pi, -np.logaddexp(0, m)), (1 - pi, -np.logaddexp(0, -m))]:
            b = np.exp(log_b)
            r = (a - b) / np.maximum(b, 1e-300)
            near = b * r * r * (0.5 - r * (1 / 6 - r * (1 / 12 - r / 20)))
            far = np.where(a > 0, a * (np.log(np.maximum(a, 1e-300)) - log_b), 0) - a + b
            total = total + np.where(abs(r) < 1e-3, near, np.maximum(far, 0))
        return total


class SquaredHinge(Binary):
    def at(self, m):
        return np.maximum(0, 1 - m) ** 2

    def first(self, m):
        return -2 * np.maximum(0, 1 - m)

    def second(self, m):
        return 2.0 * (m < 1)

    def margin_divergence(self, m, pi):
        return (pi / 2 - np.maximum(0, 1 - m)) ** 2 + pi * np.maximum(0, m - 1)


class Hinge(Binary):
    def at(self, m):
        return np.maximum(0, 1 - m)

    def margin_divergence(self, m, pi):
        pi = np.minimum(pi, 1)
        return (1 - pi) * np.maximum(0, 1 - m) + pi * np.maximum(0, m - 1)


def objective(p, loss, W, b, l1=0.0, l2=1.0):
    return l1 * abs(W).sum() + 0.5 * l2 * (W * W).sum() + p.C * (p.s @ loss.value(p.X @ W.T + b))


def certified_gap(p, loss, W, b, dual, l1=0.0, l2=1.0):
    """The difference of the objective and the value of a dual point, after the repair of this point for the free intercept. For
    L1, the point is also shrunk until the penalty's conjugate is finite."""
    costs = p.C * p.s
    z = p.X @ W.T + b
    dual = loss.repaired(dual, costs)
    V = (costs[:, None] * dual).T @ p.X
    if l2 == 0:
        theta = min(1, l1 / max(abs(V).max(), 1e-300))
        dual, V = theta * dual, theta * V
        penalties = (l1 * abs(W) - W * V).sum()
    else:
        # R(W) + R*(V) - W V is the squared distance of V from the subdifferential of R at W, computed without cancellation.
        shrunk = np.sign(V) * np.maximum(0, abs(V) - l1) / l2
        penalties = (0.5 * l2 * (W - shrunk) ** 2 + l1 * abs(W) - W * np.clip(V, -l1, l1)).sum()
    return penalties + costs @ loss.divergence(z, dual)


def newton(p, loss, W, b):
    """Newton's method with conjugate gradients for the L2 penalty, until the gap is 0 or no longer changes."""
    costs = (p.C * p.s)[:, None]
    squares = p.X * p.X
    value = objective(p, loss, W, b)
    before = np.inf
    best, stale = (np.inf, W, b), 0
    for _ in range(500):
        G = costs * loss.derivative(p.X @ W.T + b)
        gap = certified_gap(p, loss, W, b, -G / np.where(costs > 0, costs, 1))
        if gap < 0.5 * best[0]:
            best, stale = (gap, W, b), 0
        elif value > before - 1e-13 * abs(before):
            stale += 1
        before = value
        if best[0] <= 1e-15 * value or stale == 4:
            break
        gW, gb = W + G.T @ p.X, G.sum(0)
        h = costs * loss.diagonal()
        D, Db = 1 + h.T @ squares, np.maximum(h.sum(0), 1e-12)

        def times(V, vb):
            H = costs * loss.product(p.X @ V.T + vb)
            return V + H.T @ p.X, H.sum(0)

        dW, db = np.zeros_like(W), np.zeros_like(b)
        rW, rb = -gW, -gb
        sW, sb = rW / D, rb / Db
        vW, vb = sW, sb
        rho = first = (rW * sW).sum() + (rb * sb).sum()
        for _ in range(2000):
            hW, hb = times(vW, vb)
            curvature = (vW * hW).sum() + (vb * hb).sum()
            if not curvature > 0:
                break
            alpha = rho / curvature
            dW, db = dW + alpha * vW, db + alpha * vb
            rW, rb = rW - alpha * hW, rb - alpha * hb
            sW, sb = rW / D, rb / Db
            new = (rW * sW).sum() + (rb * sb).sum()
            if new <= 1e-12 * first:
                break
            vW, vb, rho = sW + new / rho * vW, sb + new / rho * vb, new
        slope = (gW * dW).sum() + (gb * db).sum()
        step = 1.0
        while step > 1e-10:
            new = objective(p, loss, W + step * dW, b + step * db)
            if new <= value + 1e-4 * step * slope or abs(slope) < 1e-11 * value:
                break
            step /= 2
        W, b, value = W + step * dW, b + step * db, new
    return best[1], best[2], best[0]


def span(p):
    """The same problem in an orthonormal basis of the rows' span, if there are fewer rows than columns."""
    if p.X.shape[0] >= p.X.shape[1]:
        return p, np.eye(p.X.shape[1])
    Q = np.linalg.qr(p.X.T)[0]
    return p._replace(X=p.X @ Q), Q


def multinomial(p):
    """scikit-learn's fit, then Newton's method. Two classes have one score."""
    small, Q = span(p)
    few = small.X.shape[1] * p.k <= 1000
    model = LogisticRegression(
        C=p.C, solver="newton-cholesky" if few else "lbfgs", tol=1e-9 if few else 1e-7, max_iter=200 if few else 3000)
    model.fit(small.X, p.y, sample_weight=p.s)
    loss = Logistic(p) if p.k == 2 else Softmax(p)
    W, b, gap = newton(small, loss, model.coef_, model.intercept_)
    return Solution(W @ Q.T, b, objective(small, loss, W, b), gap, "scikit-learn " + model.solver)


def one_versus_rest(p):
    """scikit-learn's fit for each class, then Newton's method for all classes."""
    small, Q = span(p)
    few = small.X.shape[1] <= 300
    models = [
        LogisticRegression(
            C=p.C, solver="newton-cholesky" if few else "lbfgs", tol=1e-9 if few else 1e-7, max_iter=200 if few else 3000
        ).fit(small.X, sign, sample_weight=p.s) for sign in signs(p).T]
    W, b = np.concatenate([m.coef_ for m in models]), np.concatenate([m.intercept_ for m in models])
    W, b, gap = newton(small, Logistic(p), W, b)
    value = objective(small, Logistic(p), W, b)
    return Solution(W @ Q.T, b, value, gap, "scikit-learn " + models[0].solver)


def repeated(p):
    """Repeats rows in place of sample weights, for tools without sample weights. The weights are multiples of a half."""
    if (p.s == 1).all():
        return p.X, p.y, p.C
    counts = np.rint(2 * p.s).astype(int)
    return np.repeat(p.X, counts, 0), np.repeat(p.y, counts), p.C / 2


def squared_hinge(p):
    """LIBLINEAR's trust region Newton method with a free intercept, then Newton steps that are solved exactly."""
    small, Q = span(p)
    X, y, C = repeated(small)
    loss = SquaredHinge(p)
    K = small.X @ small.X.T
    W, b = [], []
    for c in [1] if p.k == 2 else range(p.k):
        model = train(np.where(y == c, 1.0, -1.0), X, f"-s 2 -c {C!r} -B 1 -R -e 0.01 -q")
        w, bias = model.get_decfun()
        flip = 1 if model.get_labels()[0] == 1 else -1
        w, bias = supports(small, K, np.where(p.y == c, 1.0, -1.0), flip * np.array(w), flip * bias)
        W.append(w)
        b.append(bias)
    W, b = np.array(W), np.array(b)
    dual = -loss.derivative(small.X @ W.T + b)
    value, gap = objective(small, loss, W, b), certified_gap(small, loss, W, b, dual)
    return Solution(W @ Q.T, b, value, gap, "LIBLINEAR -s 2 -B 1 -R")


def supports(p, K, sign, w, b):
    """Newton's method for one output. Each step goes to the optimum for the present rows within the margin, until these rows stay
    the same."""
    def value(z, square):
        return 0.5 * square + p.C * (p.s @ np.maximum(0, 1 - sign * z) ** 2)

    z = p.X @ w + b
    best = value(z, w @ w)
    for _ in range(200):
        rows = np.flatnonzero((sign * z < 1) & (p.s > 0))
        twice = 2 * p.C * p.s[rows]
        if len(rows) < p.X.shape[1]:
            # The shortfalls are alpha / (2 C s), w is the sum of alpha * sign * x, and the values alpha * sign sum to 0.
            column = np.ones((len(rows), 1))
            system = np.block([[K[np.ix_(rows, rows)] + np.diag(1 / twice), column], [column.T, np.zeros((1, 1))]])
            found = np.linalg.solve(system, np.append(sign[rows], 0))
            target, bias = p.X[rows].T @ found[:-1], found[-1]
        else:
            A = np.column_stack([p.X[rows], np.ones(len(rows))])
            ridge = np.append(np.ones(p.X.shape[1]), 0)
            found = np.linalg.solve(np.diag(ridge) + (A * twice[:, None]).T @ A, A.T @ (twice * sign[rows]))
            target, bias = found[:-1], found[-1]
        step, moved = 1.0, p.X @ target + bias - z
        while step > 1e-6:
            between = w + step * (target - w)
            lower = value(z + step * moved, between @ between)
            if lower < best:
                break
            step /= 2
        settled = lower >= best * (1 - 1e-15)
        if lower <= best:
            w, b = between, b + step * (bias - b)
            z, best = p.X @ w + b, lower
        if settled:
            return w, b
    raise RuntimeError("the rows within the margin did not settle")


def hinge(p):
    """LIBSVM and an interior point method solve the dual of each output. For both results, the support vectors between the bounds
    are also solved for exactly. The best primal point and the best dual point count."""
    loss = Hinge(p)
    used = p.s > 0
    X, costs = p.X[used], p.C * p.s[used]
    K = X @ X.T
    W, b, dual = [], [], np.zeros(loss.sign.shape)
    for c, sign in enumerate(loss.sign[used].T):
        one = Problem(X, (sign > 0).astype(int), p.s[used], 2, p.C)
        model = SVC(kernel="precomputed", C=p.C, tol=1e-4, cache_size=500, max_iter=100_000)
        model.fit(K, sign, sample_weight=one.s)
        found = np.zeros(len(sign))
        found[model.support_] = model.dual_coef_[0]
        points = [found, sign * interior_point(X, K, sign, costs)]
        points += [settled(K, sign, costs, point) for point in points]
        primal = []
        for point in points:
            w = X.T @ point
            bias = best_bias(sign, costs, X @ w)
            primal.append((objective(one, Hinge(one), w[None], np.array([bias])), w, bias))
        _, w, bias = min(primal, key=lambda entry: entry[0])
        gaps = [certified_gap(one, Hinge(one), w[None], np.array([bias]), (point / costs)[:, None]) for point in points]
        W.append(w)
        b.append(bias)
        dual[used, c] = points[np.argmin(gaps)] / costs
    W, b = np.array(W), np.array(b)
    value, gap = objective(p, loss, W, b), certified_gap(p, loss, W, b, dual)
    return Solution(W, b, value, gap, "scikit-learn SVC")


def best_bias(sign, costs, scores):
    """The t at the minimum of sum costs max(0, 1 - sign (scores + t)), whose slope increases by a cost at each kink."""
    kinks = sign - scores
    order = np.argsort(kinks)
    risen = np.cumsum(costs[order])
    return kinks[order[np.searchsorted(risen, costs[sign > 0].sum() * (1 - 1e-14))]]


def interior_point(X, K, sign, bound):
    """Mehrotra's predictor-corrector for min a'Qa / 2 - sum a, 0 <= a <= bound, sign'a = 0, with Q = sign K sign."""
    n, d = X.shape
    Y = X * sign[:, None]
    a = room = bound / 2  # room is a separate variable, since bound - a would round to 0
    lower = upper = np.ones(n)
    b, best, stale = 0.0, (np.inf, a), 0
    for _ in range(100):
        rd = Y @ (Y.T @ a) - 1 + b * sign - lower + upper
        rp = sign @ a
        mu = (a @ lower + room @ upper) / (2 * n)
        if mu < 0.9 * best[0]:
            best, stale = (mu, a), 0
        else:
            stale += 1
        if mu * 2 * n <= 1e-13 * (a @ (1 - b * sign) + room @ upper) or stale == 5:
            break
        try:
            solve = inverse(X, K, sign, lower / a + upper / room)
        except LinAlgError:
            break
        Ms = solve(sign)

        def direction(cl, cu):
            t = solve(-rd + cl / a - cu / room)
            db = (sign @ t + rp) / (sign @ Ms)
            da = t - db * Ms
            return da, db, (cl - lower * da) / a, (cu + upper * da) / room

        da, db, dl, du = direction(-a * lower, -room * upper)
        step = longest((a, da), (room, -da), (lower, dl), (upper, du))
        after = ((a + step * da) @ (lower + step * dl) + (room - step * da) @ (upper + step * du)) / (2 * n)
        aim = (after / mu) ** 3 * mu
        da, db, dl, du = direction(aim - a * lower - da * dl, aim - room * upper + da * du)
        step = 0.995 * longest((a, da), (room, -da), (lower, dl), (upper, du))
        a, room, b = a + step * da, room - step * da, b + step * db
        lower, upper = lower + step * dl, upper + step * du
    return best[1]


def inverse(X, K, sign, D):
    """A function that solves with Q + diag(D), in the space of the columns if this space is smaller."""
    if X.shape[1] >= X.shape[0] / 2:
        whole = cho_factor(K * np.outer(sign, sign) + np.diag(D))
        return lambda right: cho_solve(whole, right)
    Y = X * sign[:, None]
    inner = cho_factor(np.eye(X.shape[1]) + (Y / D[:, None]).T @ Y)
    return lambda right: (right - Y @ cho_solve(inner, Y.T @ (right / D))) / D


def longest(*pairs):
    """The longest step, at most 1, that keeps every x + step dx at least 0."""
    return min([1.0] + [(-x[dx < 0] / dx[dx < 0]).min() for x, dx in pairs if (dx < 0).any()])


def settled(K, sign, bound, signed):
    """The signed dual variables. Those at neither bound are solved for exactly, since their rows have margin 1."""
    size = abs(signed) / bound
    free = (size > 1e-6) & (size < 1 - 1e-6)
    fixed = np.where(size >= 1 - 1e-6, sign * bound, 0)
    if not free.any():
        return fixed
    count = free.sum()
    system = np.block([[K[np.ix_(free, free)], np.ones((count, 1))], [np.ones((1, count)), np.zeros((1, 1))]])
    solved = np.linalg.lstsq(system, np.append(sign[free] - K[free] @ fixed, -fixed.sum()), rcond=None)[0]
    result = fixed.copy()
    result[free] = solved[:-1]
    return sign * np.clip(sign * result, 0, bound)


def crammer_singer(p):
    """No public tool leaves the intercept free. The loss is the maximum over classes c of e_c + z_c - z_y, where e is 0 for the
    label and 1 for other classes. It is smoothed to a log-sum-exp whose temperature becomes lower and lower. Newton's method with
    a dense Hessian minimizes it. The gap is that of the loss itself. The result is None if the Hessian would be too large."""
    k, d = p.k, p.X.shape[1]
    if k * d > 1000:
        return None
    one = np.eye(k)[p.y]
    costs = p.C * p.s
    ones = np.column_stack([p.X, np.ones(len(p.y))])
    theta = np.zeros((k, d + 1))

    def smoothed(theta, t):
        z = (1 - one + ones @ theta.T) / t
        top = z.max(1, keepdims=True)
        e = np.exp(z - top)
        total = e.sum(1, keepdims=True)
        value = 0.5 * (theta[:, :d] ** 2).sum() + costs @ (t * (np.log(total) + top)[:, 0] - (one * (ones @ theta.T)).sum(1))
        return value, e / total

    def certified(theta, q):
        """The objective with the loss itself at theta, and its distance from the value of a repaired dual point."""
        shifted = 1 - one + ones @ theta.T
        value = 0.5 * (theta[:, :d] ** 2).sum() + costs @ (shifted.max(1) - (one * (ones @ theta.T)).sum(1))
        repaired = one - Softmax(p).repaired(one - q, costs)
        V = (costs[:, None] * (one - repaired)).T @ p.X
        slack = shifted.max(1) - (repaired * shifted).sum(1)
        return value, 0.5 * ((theta[:, :d] - V) ** 2).sum() + costs @ slack

    best, bound, t = (np.inf, theta), -np.inf, 1.0
    while t > 1e-12:
        for _ in range(30):
            value, q = smoothed(theta, t)
            G = (costs[:, None] * (q - one)).T @ ones
            G[:, :d] += theta[:, :d]
            H = np.zeros((k, d + 1, k, d + 1))
            for a in range(k):
                for c in range(a, k):
                    h = costs * q[:, a] * ((a == c) - q[:, c]) / t
                    H[a, :, c, :] = (ones * h[:, None]).T @ ones
                    H[c, :, a, :] = H[a, :, c, :].T
            # Adding the same number to all biases changes nothing, so this direction is held.
            H[:, d, :, d] += max(1, H.max())
            H = H.reshape(k * (d + 1), -1)
            H[np.diag_indices_from(H)] += np.tile(np.append(np.ones(d), 0), k)
            try:
                step = -cho_solve(cho_factor(H), G.ravel()).reshape(k, d + 1)
            except LinAlgError:
                break
            slope, length = (G * step).sum(), 1.0
            while length > 1e-8 and smoothed(theta + length * step, t)[0] > value + 0.1 * length * slope:
                length /= 2
            theta = theta + length * step
            # The derivative is linearized along the step. As a dual point, it satisfies the Newton equation exactly.
            v = ones @ step.T
            dual = np.maximum(0, q * (1 + (v - (q * v).sum(1, keepdims=True)) / t))
            exact, gap = certified(theta, dual / dual.sum(1, keepdims=True))
            if exact < best[0]:
                best = (exact, theta)
            bound = max(bound, exact - gap)
            if -slope <= 1e-3 * t * costs.sum() or length <= 1e-8:
                break
        if best[0] - bound <= 1e-11 * best[0]:
            break
        t /= 3
    value, theta = best
    b = theta[:, d]
    return Solution(theta[:, :d], b - b.mean(), value, value - bound, "smoothed Newton")
