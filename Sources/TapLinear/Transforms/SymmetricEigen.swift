// Eigenvalues and eigenvectors of a symmetric matrix, in double precision and plain Swift.

import TapKernels

/// The eigenvectors of the largest eigenvalues of a symmetric matrix A: A v = λ v, with orthonormal v.
///
/// Problem: A `[n, n]`, symmetric. Result: all eigenvalues in decreasing order, and the eigenvectors of the first
/// eigenvalues. The error is a few times n ulps of ‖A‖.
///
/// Householder reflections bring A to tridiagonal form T. The reflections take 2 n³ operations in n passes over the
/// remaining part of A. A pass applies one reflection and multiplies by the vector of the next reflection. The implicit
/// QL method diagonalizes T by about n² plane rotations. These rotations are collected and applied to panels of eight
/// coordinates, with 6 n³ operations. Panels fit the cache and are independent, so threads share them. The reflections
/// then transform the requested vectors back. The result does not depend on the number of threads.
///
/// Source: Golub and Van Loan, "Matrix computations", 4th edition (2013), algorithms 8.3.1 and 8.3.3. QL with
/// Wilkinson's shift: Dubrulle, Martin and Wilkinson, "The implicit QL algorithm" (1968).
package struct SymmetricEigen: Sendable {
  /// All n eigenvalues, in decreasing order.
  package let values: [Double]
  /// The eigenvectors, `[count, n]`, row-major. Each row is the eigenvector of the element of ``values`` at the same
  /// place.
  package let vectors: [Double]

  private typealias Lanes = SIMD8<Double>

  /// - Parameters:
  ///   - matrix: the matrix A, `[order, order]`, symmetric and finite.
  ///   - count: returns the number of eigenvectors, at most `order`. Called with the eigenvalues, as soon as they are
  ///     known.
  package init(_ matrix: [Double], order: Int, count: (_ values: [Double]) -> Int, threads: Int) {
    precondition(matrix.count == order * order, "\(matrix.count) elements of order \(order)")
    let (diagonalOfT, besideOfT, reflectors) = Self.tridiagonalize(matrix, order: order, threads: threads)
    var (diagonal, beside) = (diagonalOfT, besideOfT)
    let panels = (0..<((order + 7) / 8)).map { Panel(order: order, first: 8 * $0) }
    Self.diagonalize(&diagonal, &beside) { sweeps in
      Threads.concurrentForEach(count: panels.count, threads: threads) { panels[$0].rotate(sweeps) }
    }
    let ranking = (0..<order).sorted { (diagonal[$1], $0) < (diagonal[$0], $1) }
    let values = ranking.map { diagonal[$0] }
    let wanted = count(values)
    precondition((0...order).contains(wanted), "\(wanted) eigenvectors of \(order)")
    let groups = (0..<((wanted + 7) / 8)).map { group in
      Group(panels, places: Array(ranking[(8 * group)..<min(8 * group + 8, wanted)]), order: order)
    }
    Threads.concurrentForEach(count: groups.count, threads: threads) { groups[$0].reflect(reflectors) }
    var vectors: [Double] = []
    vectors.reserveCapacity(wanted * order)
    for row in 0..<wanted {
      for element in groups[row / 8].elements { vectors.append(element[row % 8]) }
    }
    self.values = values
    self.vectors = vectors
  }

  /// The eigenvalues of a symmetric and finite matrix `[order, order]`, in decreasing order.
  package static func values(_ matrix: [Double], order: Int, threads: Int) -> [Double] {
    precondition(matrix.count == order * order, "\(matrix.count) elements of order \(order)")
    var (diagonal, beside, _) = tridiagonalize(matrix, order: order, threads: threads)
    diagonalize(&diagonal, &beside) { _ in }
    return diagonal.sorted(by: >)
  }

  // MARK: To tridiagonal form

  /// H = I - scale v vᵀ, where v is zero before `start`.
  private struct Reflector: Sendable {
    let start: Int
    let scale: Double
    let vector: [Double]
  }

  /// Every `step`th row of the matrix, from row `first` on. Only one thread at a time works on an object.
  private final class Rows: @unchecked Sendable {
    /// The number of SIMD vectors of eight elements in a row.
    private let width: Int
    private var elements: [Lanes]
    /// For each row, its product with the vector of the current pass.
    private(set) var products: [Double]
    private let first: Int
    private let step: Int

    init(_ matrix: [Double], order: Int, first: Int, step: Int) {
      self.first = first
      self.step = step
      width = (order + 7) / 8
      let count = (order - first + step - 1) / step
      elements = [Lanes](repeating: .zero, count: count * width)
      products = [Double](repeating: 0, count: count)
      for place in 0..<count {
        let start = (first + place * step) * order
        for j in 0..<order { elements[place * width + j / 8][j % 8] = matrix[start + j] }
      }
    }

    /// A row from its diagonal element on, minus vᵢ w + wᵢ v. The elements before the diagonal are zeros.
    func row(_ index: Int, _ v: [Lanes], _ w: [Lanes], order: Int) -> [Double] {
      let base = (index - first) / step * width
      let (a, b) = (v[index / 8][index % 8], w[index / 8][index % 8])
      var row = [Double](repeating: 0, count: order)
      for j in index..<order {
        row[j] = elements[base + j / 8][j % 8] - (a * w[j / 8][j % 8] + b * v[j / 8][j % 8])
      }
      return row
    }

    /// Subtracts vᵢ w + wᵢ v from the rows from `start` on, then computes the products of these rows with `next`.
    func update(from start: Int, _ v: [Lanes], _ w: [Lanes], next: [Lanes]) {
      // The array is local, because Swift checks a property of a class for exclusive access at every element.
      var elements: [Lanes] = []
      swap(&elements, &self.elements)
      defer { swap(&elements, &self.elements) }
      let width = width
      let lanes = start / 8
      for place in products.indices {
        let index = first + place * step
        guard index >= start else { continue }
        let (a, b) = (v[index / 8][index % 8], w[index / 8][index % 8])
        let base = place * width
        var (even, odd) = (Lanes.zero, Lanes.zero)
        var j = lanes
        while j + 1 < width {
          let x = elements[base + j] - (a * w[j] + b * v[j])
          let y = elements[base + j + 1] - (a * w[j + 1] + b * v[j + 1])
          elements[base + j] = x
          elements[base + j + 1] = y
          even += x * next[j]
          odd += y * next[j + 1]
          j += 2
        }
        if j < width {
          let x = elements[base + j] - (a * w[j] + b * v[j])
          elements[base + j] = x
          even += x * next[j]
        }
        products[place] = (even + odd).sum()
      }
    }

    func product(_ index: Int) -> Double { products[(index - first) / step] }
  }

  private static func tridiagonalize(
    _ matrix: [Double], order: Int, threads: Int
  ) -> (diagonal: [Double], beside: [Double], reflectors: [Reflector]) {
    let step = max(1, min(threads, order / 64))
    let bands = (0..<step).map { Rows(matrix, order: order, first: $0, step: step) }
    let width = (order + 7) / 8
    var diagonal = [Double](repeating: 0, count: order)
    var beside = diagonal
    var reflectors: [Reflector] = []
    // The last reflection, A -= v wᵀ + w vᵀ, is applied once the vector of the next reflection is known.
    var (v, w) = ([Lanes](repeating: .zero, count: width), [Lanes](repeating: .zero, count: width))
    for k in 0..<order {
      let row = bands[k % step].row(k, v, w, order: order)
      diagonal[k] = row[k]
      guard k + 2 < order else {
        if k + 1 < order { beside[k] = row[k + 1] }
        continue
      }
      let reflector = reflector(row, start: k + 1)
      beside[k] = reflector.image
      reflectors.append(reflector.reflector)
      var next = [Lanes](repeating: .zero, count: width)
      for j in (k + 1)..<order { next[j / 8][j % 8] = reflector.reflector.vector[j] }
      let (lastV, lastW, nextV) = (v, w, next)
      Threads.concurrentForEach(count: step, threads: threads) {
        bands[$0].update(from: k + 1, lastV, lastW, next: nextV)
      }
      // With p = scale A v, w is p - ½ scale (pᵀv) v.
      let scale = reflector.reflector.scale
      let vector = reflector.reflector.vector
      var p = [Double](repeating: 0, count: order)
      var inner = 0.0
      for j in (k + 1)..<order {
        p[j] = scale * bands[j % step].product(j)
        inner += p[j] * vector[j]
      }
      let factor = 0.5 * scale * inner
      v = next
      w = [Lanes](repeating: .zero, count: width)
      for j in (k + 1)..<order { w[j / 8][j % 8] = p[j] - factor * vector[j] }
    }
    return (diagonal, beside, reflectors)
  }

  /// The reflection that makes all elements of `row` after `start` 0, and the element of the image at `start`. Elements
  /// before `start` are ignored.
  private static func reflector(_ row: [Double], start: Int) -> (reflector: Reflector, image: Double) {
    var vector = row
    for j in 0..<start { vector[j] = 0 }
    var rest = 0.0
    for j in (start + 1)..<row.count { rest += row[j] * row[j] }
    guard rest > 0 else {
      return (Reflector(start: start, scale: 0, vector: vector), row[start])
    }
    let norm = (row[start] * row[start] + rest).squareRoot()
    let image = row[start] > 0 ? -norm : norm
    vector[start] = row[start] - image
    let scale = 2 / (vector[start] * vector[start] + rest)
    return (Reflector(start: start, scale: scale, vector: vector), image)
  }

  // MARK: To diagonal form

  /// The rotations of one sweep, at places (first, first + 1), (first - 1, first), and so on.
  private struct Sweep: Sendable {
    let first: Int
    var cosines: [Double] = []
    var sines: [Double] = []
  }

  /// QL with implicit shifts. It passes the rotations to `apply`, at most 64 sweeps at a time.
  private static func diagonalize(_ d: inout [Double], _ e: inout [Double], apply: ([Sweep]) -> Void) {
    let order = d.count
    var sweeps: [Sweep] = []
    for l in 0..<order {
      var attempts = 0
      while true {
        var m = l
        while m + 1 < order {
          let size = abs(d[m]) + abs(d[m + 1])
          if abs(e[m]) <= 1.1e-16 * size { break }
          m += 1
        }
        if m == l { break }
        attempts += 1
        precondition(attempts < 300, "QL does not converge: the matrix is not finite")
        var g = (d[l + 1] - d[l]) / (2 * e[l])
        var r = (g * g + 1).squareRoot()
        g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r))
        var (s, c, p) = (1.0, 1.0, 0.0)
        var sweep = Sweep(first: m - 1)
        var i = m - 1
        var isSplit = false
        while i >= l {
          let f = s * e[i]
          let b = c * e[i]
          r = (f * f + g * g).squareRoot()
          e[i + 1] = r
          if r == 0 {
            d[i + 1] -= p
            e[m] = 0
            isSplit = true
            break
          }
          s = f / r
          c = g / r
          g = d[i + 1] - p
          r = (d[i] - g) * s + 2 * c * b
          p = s * r
          d[i + 1] = g + p
          g = c * r - b
          sweep.cosines.append(c)
          sweep.sines.append(s)
          i -= 1
        }
        sweeps.append(sweep)
        if sweeps.count == 64 {
          apply(sweeps)
          sweeps = []
        }
        if isSplit { continue }
        d[l] -= p
        e[l] = g
        e[m] = 0
      }
    }
    apply(sweeps)
  }

  /// Eight coordinates of all eigenvectors of T. Only one thread at a time works on a panel.
  private final class Panel: @unchecked Sendable {
    /// The eight coordinates of each eigenvector.
    private(set) var elements: [Lanes]

    init(order: Int, first: Int) {
      elements = [Lanes](repeating: .zero, count: order)
      for lane in 0..<min(8, order - first) { elements[first + lane][lane] = 1 }
    }

    func rotate(_ sweeps: [Sweep]) {
      var elements: [Lanes] = []
      swap(&elements, &self.elements)
      defer { swap(&elements, &self.elements) }
      for sweep in sweeps where !sweep.cosines.isEmpty {
        var place = sweep.first
        var upper = elements[place + 1]
        for j in sweep.cosines.indices {
          let (c, s) = (sweep.cosines[j], sweep.sines[j])
          let lower = elements[place]
          elements[place + 1] = s * lower + c * upper
          upper = c * lower - s * upper
          place -= 1
        }
        elements[place + 1] = upper
      }
    }
  }

  /// Eight eigenvectors, one in each SIMD lane. Only one thread at a time works on a group.
  private final class Group: @unchecked Sendable {
    private(set) var elements: [Lanes]

    init(_ panels: [Panel], places: [Int], order: Int) {
      elements = [Lanes](repeating: .zero, count: order)
      for (lane, place) in places.enumerated() {
        for j in 0..<order { elements[j][lane] = panels[j / 8].elements[place][j % 8] }
      }
    }

    /// Transforms eigenvectors of T to eigenvectors of A.
    func reflect(_ reflectors: [Reflector]) {
      var elements: [Lanes] = []
      swap(&elements, &self.elements)
      defer { swap(&elements, &self.elements) }
      for reflector in reflectors.reversed() where reflector.scale > 0 {
        var inner = Lanes.zero
        for j in reflector.start..<elements.count { inner += reflector.vector[j] * elements[j] }
        inner *= reflector.scale
        for j in reflector.start..<elements.count { elements[j] -= reflector.vector[j] * inner }
      }
    }
  }
}
