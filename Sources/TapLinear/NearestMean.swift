// The fastest model, a baseline: each class has a mean, and a row is assigned to the class with the nearest mean.

import TapKernels
import TapTensors

/// Nearest class mean, also called nearest centroid.
///
/// ```
/// μ_c = Σ_{yᵢ = c} sᵢ x′ᵢ / Σ_{yᵢ = c} sᵢ          score_c = -½ ‖x′ - μ_c‖² + ½ ‖x′‖² = μ_c · x′ - ½ ‖μ_c‖²
/// ```
/// x′ are the scaled features minus their mean, and sᵢ are the sample weights. The term ½ ‖x′‖² is the same for every
/// class, so the class with the largest score has the nearest mean. Scores are similarities, not probabilities.
///
/// The means minimize the scatter within classes, ½ Σ sᵢ ‖x′ᵢ - μ_{yᵢ}‖², exactly. This scatter is the objective of the
/// fitted model, and the gap is 0. The model has no C. Class weights would change nothing.
///
/// scikit-learn's `NearestCentroid` with its defaults is the same model.
package struct NearestMean: LinearEstimator, Hashable, Sendable {
  /// The scaling of features. Distances are measured between scaled features.
  package var standardization: Standardization
  /// The number of threads, at least 1. A fit uses one thread, because memory limits its speed.
  package var threads: Int
  /// The transform of the features, which precedes the scaling.
  package var transform: FeatureTransform

  package var classWeights: ClassWeights { .uniform }
  package var ignoresShifts: Bool { true }

  /// - Parameter threads: the number of threads; nil for one thread per processor.
  package init(
    standardization: Standardization = .automatic, threads: Int? = nil, transform: FeatureTransform = .none
  ) {
    self.standardization = standardization
    self.threads = max(1, threads ?? Threads.available)
    self.transform = transform
  }

  /// Fits the model to rows of a feature matrix.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`. Every value in a row that is used must be finite. Constant columns are allowed.
  ///   - rows: the rows to use, in any order; nil for all rows. Labels and weights of other rows are ignored.
  ///   - labels: one label for each row of `features`, in `0..<classCount`. Every class needs at least one used row.
  ///   - classCount: the number of classes, at least 2.
  ///   - sampleWeights: one weight for each row of `features`, finite and at least 0; nil gives every row weight 1.
  ///     Rows of weight 0 are ignored.
  /// - Throws: ``LinearModelError``.
  /// - Complexity: O(n d): two passes over the features, after the passes of the scaler. The memory besides the
  ///   features is O(k d).
  package func fit(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int, sampleWeights: [Double]? = nil
  ) throws(LinearModelError) -> FittedLinearModel {
    try fit(
      prepare(features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights))
  }

  /// Never throws: every setting is in range.
  package func checkSettings() {}

  /// Fits the model to prepared data; ignores `start`.
  package func fit(
    _ data: TrainingData, start: FitStart?
  ) throws(LinearModelError) -> FittedLinearModel {
    let (k, d) = (data.classCount, data.design.columns)
    var parameters = [Double](repeating: 0, count: k * d + k)
    var totals = [Double](repeating: 0, count: k)
    data.forEachRow { row, label, weight in
      totals[label] += weight
      for j in 0..<d { parameters[label * d + j] += weight * row[j] }
    }
    for c in 0..<k {
      var square = 0.0
      for j in (c * d)..<((c + 1) * d) {
        parameters[j] /= totals[c]
        square += parameters[j] * parameters[j]
      }
      parameters[k * d + c] = -0.5 * square
    }
    var (within, total) = (0.0, 0.0)
    data.forEachRow { row, label, weight in
      var (distance, square) = (0.0, 0.0)
      for j in 0..<d {
        let difference = row[j] - parameters[label * d + j]
        distance += difference * difference
        square += row[j] * row[j]
      }
      within += 0.5 * weight * distance
      total += 0.5 * weight * square
    }
    let solution = SolverResult(
      parameters: parameters,
      last: SolverState(value: within, gap: 0, gradientNorm: 0), iterations: 0,
      hessianProducts: 0, stopReason: .converged)
    return FittedLinearModel(
      kind: .nearestMean, solution, by: .classMeans, lossShare: total > 0 ? within / total : 0, c: nil,
      intercept: .free,
      data: data)
  }
}

extension TrainingData {
  /// Calls `body` with the scaled features, the label and the weight of every row whose weight is above 0.
  fileprivate func forEachRow(_ body: (Span<Double>, Int, Double) -> Void) {
    var row = [Double](repeating: 0, count: design.columns)
    for position in 0..<design.count where sampleWeights[position] > 0 {
      var span = row.mutableSpan
      design.fill(&span, row: position, at: 0)
      body(row.span, labels[position], sampleWeights[position])
    }
  }
}
