// A preconditioner of conjugate gradient for many classes. In each class, most rows share one curvature. The few rows
// that change the curvature of the class much are its leading rows, which keep their own curvature.

import Synchronization
import TapKernels
import TapTensors

/// The inverse B⁻¹ for each class, by the Woodbury identity. Fᴸ are the leading rows of a class, and D are their
/// curvatures. h is the mean curvature of the other rows. G are the second moments of the columns:
/// ```
/// B = M + Fᴸᵀ D Fᴸ,     M = I + h G,     B⁻¹ = M⁻¹ - M⁻¹ Fᴸᵀ (D⁻¹ + Fᴸ M⁻¹ Fᴸᵀ)⁻¹ Fᴸ M⁻¹
/// ```
/// The last column of F is the appended feature. The last row and column of M are 0 except for the diagonal element. A
/// row is a leading row of a class if it changes the curvature much in its own direction: D fᵀM⁻¹f > ``least``. The
/// value fᵀM⁻¹f is estimated from ‖f‖². As in ``ClassBlocks``, the mean of a residual over classes is left unchanged.
///
/// On 9,000 rows of 1,280 features, a thousand classes, C = 1, a fit to a relative gap of 1e-4 takes 10 Hessian
/// products. With second moments alone and another line search, the fit took 48 Hessian products. The memory is one
/// small matrix for each class, because features are read in place. Only the initializer needs the curvatures of all
/// rows and classes.
struct LeadingRows: Sendable {
  /// The minimum number of classes. With fewer classes, a class has more leading rows than a small matrix holds.
  static let fewestClasses = 64
  /// The minimum of D fᵀM⁻¹f for a leading row.
  private static let least: Float = 0.5
  /// The maximum number of leading rows of a class.
  private static let most = 64
  /// The maximum number of distinct values of h.
  private static let mostMoments = 4
  private static let blockRows = 256

  /// The leading rows of a class, and the inverse of the small matrix of the class.
  struct ClassRows: Sendable {
    var rows: [Int] = []
    var inverse: [Float] = []
  }

  let moments: [MatrixView]
  /// For each class, the index of its matrix M⁻¹.
  let momentsOfClass: [Int]
  let classes: [ClassRows]
  /// The value of the appended feature, and the diagonal element of this feature in M for each class.
  let feature: Float
  let diagonal: [Float]

  /// The approximate number of multiplications that build the preconditioner.
  static func operations(rows: Int, columns: Int, classes: Int) -> Double {
    let square = Double(columns) * Double(columns)
    return square * (Double(min(rows, 8 * classes)) + 3 * Double(columns))
  }

  /// Returns nil if a factor of M does not exist in double precision, or if there are too many leading rows.
  ///
  /// - Parameters:
  ///   - curvatures: the curvatures of rows, `[rows, classes]`, which include the costs.
  ///   - appended: the value of the appended feature, and the term added to its curvature.
  init?(
    _ design: DesignMatrix, _ curvatures: [Float], classes: Int, _ moments: ColumnMoments,
    appended: (value: Double, ridge: Double), _ product: MatrixProduct, threads: Int
  ) {
    let (n, k) = (design.count, classes)
    let feature = Float(appended.value)
    let squares = Self.squares(design)
    var leading = [[Int]](repeating: [], count: k)
    var matrices: [MatrixView] = []
    var places: [Int] = []
    var diagonal: [Float] = []
    // The first round takes the mean curvature over all rows. This mean is too large, so the first round finds too few
    // leading rows.
    for _ in 0..<2 {
      let means = Self.means(curvatures, rows: n, without: leading)
      let exponents = Self.exponents(means)
      let ordered = Set(exponents).sorted()
      let inverses = moments.inverses(exponents: Set(ordered), product: product, threads: threads)
      guard !ordered.isEmpty, inverses.count == ordered.count else { return nil }
      matrices = ordered.compactMap { inverses[$0] }
      places = exponents.map { exponent in ordered.firstIndex(of: exponent) ?? 0 }
      diagonal = means.map {
        Float(max($0 * Double(n) * appended.value * appended.value + appended.ridge, 1e-10))
      }
      let shares = Self.shares(matrices, exponents: ordered, squares)
      leading = Self.leading(curvatures, squares, shares, places, diagonal.map { feature * feature / $0 })
    }
    guard 4 * leading.count(where: { $0.count == Self.most }) <= k else { return nil }
    self.moments = matrices
    momentsOfClass = places
    self.diagonal = diagonal
    self.feature = feature
    let chosen = leading
    let (matricesOfClasses, placesOfClasses, diagonals) = (matrices, places, diagonal)
    let found = Mutex([ClassRows?](repeating: nil, count: k))
    let groups = Self.groups(chosen)
    Threads.concurrentForEach(count: groups.count, threads: threads) { index in
      for (output, rows) in Self.inverses(
        design, curvatures, chosen, groups[index], matricesOfClasses, placesOfClasses, diagonals, feature,
        classes: k, product)
      {
        found.withLock { $0[output] = rows }
      }
    }
    let all = found.withLock { $0.compactMap { $0 } }
    guard all.count == k else { return nil }
    self.classes = all
  }

  /// Groups of consecutive classes. A group ends as soon as its classes together have ``blockRows`` leading rows, or as
  /// soon as it has ``blockRows`` classes.
  private static func groups(_ leading: [[Int]]) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var (start, rows) = (0, 0)
    for output in leading.indices {
      rows += leading[output].count
      if rows >= blockRows || output - start >= blockRows || output == leading.count - 1 {
        groups.append(start..<(output + 1))
        (start, rows) = (output + 1, 0)
      }
    }
    return groups
  }

  /// The mean curvature of each class over all rows. The curvature of leading rows counts as 0.
  private static func means(_ curvatures: [Float], rows: Int, without leading: [[Int]]) -> [Double] {
    let k = leading.count
    var sums = [Double](repeating: 0, count: k)
    for i in 0..<rows {
      for c in 0..<k { sums[c] += Double(curvatures[i * k + c]) }
    }
    return sums.indices.map { c in
      let own = leading[c].reduce(0) { $0 + Double(curvatures[$1 * k + c]) }
      return max(0, sums[c] - own) / Double(rows)
    }
  }

  /// The exponents of h for the mean curvatures. There are at most ``mostMoments`` different exponents, so classes with
  /// a very small mean curvature get a larger h.
  private static func exponents(_ means: [Double]) -> [Int] {
    let found = means.map { MomentsPreconditioner.exponent($0) }
    guard let largest = found.compactMap({ $0 }).max() else { return [] }
    return found.map { max($0 ?? .min, largest - 2 * (mostMoments - 1)) }
  }

  /// The estimate of fᵀM⁻¹f / ‖f‖² for each M, one value for all rows. The estimate follows from h Σ fᵀM⁻¹f = tr h G
  /// M⁻¹ = d - tr M⁻¹.
  private static func shares(_ matrices: [MatrixView], exponents: [Int], _ squares: [Float]) -> [Float] {
    let total = squares.reduce(0) { $0 + Double($1) }
    return zip(matrices, exponents).map { matrix, exponent in
      var trace = 0.0
      for j in 0..<matrix.columns { matrix.withRow(j) { trace += Double($0[j]) } }
      let sum =
        max(0, Double(matrix.columns) - trace) / Double(sign: .plus, exponent: exponent, significand: 1)
      return total > 0 ? Float(sum / total) : 0
    }
  }

  /// The squared norm ‖f‖² of each row.
  private static func squares(_ design: DesignMatrix) -> [Float] {
    let d = design.columns
    var row = [Float](repeating: 0, count: d)
    return (0..<design.count).map { position in
      var span = row.mutableSpan
      design.fill(&span, row: position, at: 0)
      return dot(row.span, row.span)
    }
  }

  private static func leading(
    _ curvatures: [Float], _ squares: [Float], _ shares: [Float], _ places: [Int], _ appended: [Float]
  ) -> [[Int]] {
    let k = places.count
    var leading = [[Int]](repeating: [], count: k)
    let factors = places.map { shares[$0] }
    for row in squares.indices {
      for c in 0..<k where curvatures[row * k + c] * (squares[row] * factors[c] + appended[c]) > least {
        leading[c].append(row)
      }
    }
    for c in 0..<k where leading[c].count > most {
      let ordered = leading[c].sorted { a, b in
        let x = curvatures[a * k + c] * (squares[a] * factors[c] + appended[c])
        let y = curvatures[b * k + c] * (squares[b] * factors[c] + appended[c])
        return x == y ? a < b : x > y
      }
      leading[c] = ordered.prefix(most).sorted()
    }
    return leading
  }

  /// The inverses of the small matrices of a group of classes. A class whose matrix is not positive definite is
  /// omitted.
  private static func inverses(
    _ design: DesignMatrix, _ curvatures: [Float], _ leading: [[Int]], _ group: Range<Int>,
    _ matrices: [MatrixView], _ places: [Int], _ diagonal: [Float], _ feature: Float, classes k: Int,
    _ product: MatrixProduct
  ) -> [(Int, ClassRows)] {
    let d = design.columns
    var result: [(Int, ClassRows)] = []
    for (place, matrix) in matrices.enumerated() {
      let outputs = group.filter { places[$0] == place }
      let count = outputs.reduce(0) { $0 + leading[$1].count }
      var block = [Float](repeating: 0, count: count * d)
      var image = block
      var span = block.mutableSpan
      var position = 0
      for output in outputs {
        for row in leading[output] {
          design.fill(&span, row: row, at: position * d)
          position += 1
        }
      }
      var target = image.mutableSpan
      matrix.multiply(block.span, rows: count, product, into: &target)
      var first = 0
      for output in outputs {
        let rows = leading[output]
        let m = rows.count
        guard m > 0 else {
          result.append((output, ClassRows()))
          continue
        }
        var products = [Float](repeating: 0, count: m * m)
        var small = products.mutableSpan
        let range = (first * d)..<((first + m) * d)
        product.multiply(
          ProductShape(rows: m, columns: m, depth: d), block.span.extracting(range),
          image.span.extracting(range), transposeB: true, into: &small)
        first += m
        let appended = Double(feature * feature / diagonal[output])
        let known = products
        let factor = CholeskyFactor(order: m, product: product) { row, first, width, span, target in
          for j in 0..<width {
            span[target + j] =
              0.5 * Double(known[row * m + first + j] + known[(first + j) * m + row]) + appended
          }
          if row >= first && row < first + width {
            span[target + row - first] += 1 / Double(curvatures[rows[row] * k + output])
          }
        }
        guard let factor else { continue }
        result.append((output, ClassRows(rows: rows, inverse: factor.inverse(product: product))))
      }
    }
    return result
  }
}
