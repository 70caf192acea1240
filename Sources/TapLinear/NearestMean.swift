// The cheap baseline: each class has a mean, and a row belongs to the class of the nearest mean.

import TapKernels
import TapTensors

/// Nearest class mean, also called nearest centroid.
///
/// ```
/// μ_c = Σ_{yᵢ = c} sᵢ x′ᵢ / Σ_{yᵢ = c} sᵢ          score_c = -½ ‖x′ - μ_c‖² + ½ ‖x′‖² = μ_c · x′ - ½ ‖μ_c‖²
/// ```
/// with x′ the scaled features, measured from their mean, and sᵢ the sample weights. The term added to the distances is
/// the same for every class, so the largest score is that of the nearest mean; scores are similarities, not
/// probabilities.
///
/// The means minimize the scatter within classes, ½ Σ sᵢ ‖x′ᵢ - μ_{yᵢ}‖², exactly: this is the objective of the fitted
/// model, and its gap is 0. There is no C, and class weights would change nothing.
///
/// The model of scikit-learn's `NearestCentroid` with its defaults.
package struct NearestMean: LinearEstimator, Hashable, Sendable {
  /// The scaling of features; distances are those of the scaled features.
  package var standardization: Standardization
  /// The number of threads, at least 1; a fit uses one, because it is bound by memory.
  package var threads: Int
  /// The transform of features before they are scaled.
  package var transform: FeatureTransform

  package var classWeights: ClassWeights { .uniform }
  package var ignoresShifts: Bool { true }

  /// - Parameter threads: nil for as many as there are processors.
  package init(
    standardization: Standardization = .automatic, threads: Int? = nil, transform: FeatureTransform = .none
  ) {
    self.standardization = standardization
    self.threads = max(1, threads ?? Threads.available)
    self.transform = transform
  }

  /// Fits to rows of a feature matrix.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`. Every value in a row that is used must be finite. Constant columns are fine.
  ///   - rows: the rows to use, in any order; nil for all. Labels and weights of other rows are ignored.
  ///   - labels: one for each row of `features`, in `0..<classCount`. Every class needs a row among those used.
  ///   - classCount: at least 2.
  ///   - sampleWeights: one for each row of `features`, finite and at least 0; nil for 1 each. Rows of weight 0 are
  ///     ignored.
  /// - Throws: ``LinearModelError``.
  /// - Complexity: O(n d), two passes after those of the scaler; memory in addition to the features O(k d).
  package func fit(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int, sampleWeights: [Double]? = nil
  ) throws(LinearModelError) -> FittedLinearModel {
    try fit(
      prepare(features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights))
  }

  /// No setting can be out of range.
  package func checkSettings() {}

  /// `start` is ignored.
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
  /// Calls `body` for every row with a weight above 0: its scaled features, its label, its weight.
  fileprivate func forEachRow(_ body: (Span<Double>, Int, Double) -> Void) {
    var row = [Double](repeating: 0, count: design.columns)
    for position in 0..<design.count where sampleWeights[position] > 0 {
      var span = row.mutableSpan
      design.fill(&span, row: position, at: 0)
      body(row.span, labels[position], sampleWeights[position])
    }
  }
}
