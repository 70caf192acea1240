"""Compares the rounding error of Winograd's F(4 x 4, 3 x 3) in float32, for several sets of points 0, +-a, +-b and infinity, with
that of a direct chain of multiply-adds. The error is the largest over 64 tiles and 16 outputs of 256 channels, divided by the
largest output.

The script gives the figures in Documentation/Decisions/0011-an-algorithm-for-each-layer.md. It needs only NumPy (2.x).
"""

import numpy as np

TILES, CHANNELS, OUTPUTS = 64, 256, 16


def matrices(a, b):
    """The matrices B', G and A' of Lavin and Gray (2015) for the points 0, a, -a, b, -b and infinity."""
    points = [0, a, -a, b, -b]
    inner = np.array([[a * a * b * b, 0, -(a * a + b * b), 0, 1, 0], [0, -a * b * b, -b * b, a, 1, 0],
                      [0, a * b * b, -b * b, -a, 1, 0], [0, -a * a * b, -a * a, b, 1, 0],
                      [0, a * a * b, -a * a, -b, 1, 0], [0, a * a * b * b, 0, -(a * a + b * b), 0, 1]])
    weights = np.zeros((6, 3))
    for row, point in enumerate(points):
        scale = np.prod([point - other for other in points if other != point])
        weights[row] = np.array([1, point, point * point]) / scale
    weights[5] = [0, 0, 1]
    outer = np.array([[p**k for p in points] + [float(k == 3)] for k in range(4)])
    return inner, weights, outer


def chain(terms, shape):
    """A chain of fused multiply-adds: each product is exact in double, and each sum is rounded to float32."""
    total = np.zeros(shape, np.float32)
    for x, w in terms:
        total = (total.astype(float) + x.astype(float) * w.astype(float)).astype(np.float32)
    return total


def main():
    random = np.random.default_rng(0)
    for name in ("normal", "rectified"):
        pixels = random.standard_normal((TILES, CHANNELS, 6, 6))
        pixels = (np.maximum(pixels, 0) if name == "rectified" else pixels).astype(np.float32)
        kernels = (random.standard_normal((OUTPUTS, CHANNELS, 3, 3)) / np.sqrt(9 * CHANNELS)).astype(np.float32)
        exact = np.zeros((TILES, OUTPUTS, 4, 4))
        for y in range(4):
            for x in range(4):
                window = pixels[:, :, y:y + 3, x:x + 3].astype(float)
                exact[:, :, y, x] = np.einsum("tcij,kcij->tk", window, kernels.astype(float))
        largest = np.abs(exact).max()
        direct = chain(((pixels[:, c, i, j][:, None], kernels[:, c, i, j][None]) for i in range(3) for j in range(3)
                        for c in range(CHANNELS)), (TILES, OUTPUTS))
        base = np.abs(direct - exact[:, :, 0, 0]).max() / largest
        print(f"{name} inputs: direct {base:.1e}")
        for a, b in ((1, 2), (1, 0.5), (0.5, 1.5), (0.75, 1.5), (2**-0.5, 2**0.5)):
            inner, weights, outer = matrices(a, b)
            u = (weights @ kernels.astype(float) @ weights.T).astype(np.float32)
            b32, a32 = inner.astype(np.float32), outer.astype(np.float32)
            v = np.einsum("ij,tcjk->tcik", b32, pixels)
            v = np.einsum("tcik,lk->tcil", v, b32)
            m = np.zeros((TILES, OUTPUTS, 6, 6), np.float32)
            for i in range(6):
                for j in range(6):
                    m[:, :, i, j] = chain(((v[:, c, i, j][:, None], u[:, c, i, j][None]) for c in range(CHANNELS)),
                                          (TILES, OUTPUTS))
            y = np.einsum("ij,tkjl->tkil", a32, m)
            y = np.einsum("tkil,ml->tkim", y, a32)
            error = np.abs(y - exact).max() / largest
            print(f"  a = {a:.4g}, b = {b:.4g}: {error:.1e}, {error / base:.1f} times as large")


if __name__ == "__main__":
    main()
