// Platt scaling: a sigmoid from margins to the probability of a class.

import Glibc

extension Calibration {
  /// Fits one sigmoid for each class against the rest. The margins must come from rows that the model was not fitted
  /// on.
  ///
  /// For two classes, one sigmoid is fitted to the second class's margin. The first class's sigmoid is the mirror image
  /// of the second class's sigmoid.
  ///
  /// - Parameters:
  ///   - margins: `[rows, classes]`. All values are finite.
  ///   - labels: `[rows]`, in `0..<classCount`.
  /// - Precondition: the counts of margins and labels match.
  public static func fittedPlatt(margins: [Double], labels: [Int], classCount: Int) -> Calibration {
    precondition(
      margins.count == labels.count * classCount, "\(margins.count) margins of \(labels.count) rows")
    func sigmoid(of label: Int) -> Sigmoid {
      Sigmoid(
        margins: labels.indices.map { margins[$0 * classCount + label] },
        isPositive: labels.map { $0 == label })
    }
    guard classCount == 2 else { return .platt((0..<classCount).map(sigmoid)) }
    let second = sigmoid(of: 1)
    return .platt([Sigmoid(slope: second.slope, offset: -second.offset), second])
  }
}

extension Calibration.Sigmoid {
  /// Fits the sigmoid of maximum likelihood. The problem is
  /// ```
  /// minimize  - Σ tᵢ log pᵢ + (1 - tᵢ) log (1 - pᵢ),      pᵢ = 1 / (1 + exp(A fᵢ + B))
  /// tᵢ = (n₊ + 1) / (n₊ + 2) for positives, 1 / (n₋ + 2) for the others
  /// ```
  /// Newton's method with step halving solves this problem. The targets tᵢ keep the sigmoid from becoming a step
  /// function if the margins separate the classes. The result equals that of scikit-learn's `_sigmoid_calibration`,
  /// except that scikit-learn's L-BFGS stops earlier.
  ///
  /// Source: Platt, "Probabilistic outputs for support vector machines" (1999); Lin, Lin and Weng, "A note on Platt's
  /// probabilistic outputs for support vector machines" (2007), algorithm 1. As in that algorithm, no sum cancels or
  /// overflows. Here margins are first divided by their largest absolute value. So the ridge of 1e-12 on the Hessian
  /// has the same effect at every scale of margins. Newton's method continues until a step is as small as its rounding
  /// error.
  ///
  /// - Precondition: there are as many margins as elements of `isPositive`.
  public init(margins: [Double], isPositive: [Bool]) {
    precondition(margins.count == isPositive.count, "\(margins.count) margins, \(isPositive.count) rows")
    let positives = Double(isPositive.count { $0 })
    let negatives = Double(margins.count) - positives
    let scale = max(margins.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
    let f = margins.map { $0 / scale }
    let targets = isPositive.map { $0 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2) }
    var (a, b) = (0.0, log((negatives + 1) / (positives + 1)))

    func value(_ a: Double, _ b: Double) -> Double {
      var total = 0.0
      for i in f.indices {
        let z = a * f[i] + b
        total += z >= 0 ? targets[i] * z + log1p(exp(-z)) : (targets[i] - 1) * z + log1p(exp(z))
      }
      return total
    }

    var current = value(a, b)
    for _ in 0..<200 {
      var (g1, g2, h11, h22, h21) = (0.0, 0.0, 1e-12, 1e-12, 0.0)
      for i in f.indices {
        let z = a * f[i] + b
        let small = exp(-abs(z))
        let (p, q) = z >= 0 ? (small / (1 + small), 1 / (1 + small)) : (1 / (1 + small), small / (1 + small))
        let d = targets[i] - p
        let weight = p * q
        h11 += f[i] * f[i] * weight
        h22 += weight
        h21 += f[i] * weight
        g1 += f[i] * d
        g2 += d
      }
      let determinant = h11 * h22 - h21 * h21
      let (da, db) = (-(h22 * g1 - h21 * g2) / determinant, -(h11 * g2 - h21 * g1) / determinant)
      let slope = g1 * da + g2 * db
      var step = 1.0
      var next = value(a + da, b + db)
      while next > current + 1e-4 * step * slope, step > 1e-10 {
        step *= 0.5
        next = value(a + step * da, b + step * db)
      }
      guard next <= current else { break }
      (a, b) = (a + step * da, b + step * db)
      current = next
      if step * (abs(da) + abs(db)) <= 1e-14 * (1 + abs(a) + abs(b)) { break }
    }
    self.init(slope: a / scale, offset: b)
  }
}
