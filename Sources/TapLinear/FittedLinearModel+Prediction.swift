// Scores, probabilities and predictions of a fitted model.

import TapKernels
import TapTensors

extension FittedLinearModel {
  /// The scores W x + b: `[rows, classes]`, row-major, in double precision. If the model normalizes rows, x is divided
  /// by its norm. The scores of an SVM are margins. The scores of a nearest mean are similarities.
  ///
  /// - Parameters:
  ///   - features: `[n, dimensions]`, the raw features. A row with a NaN has NaN scores.
  ///   - rows: the rows to score, in this order; nil for all rows.
  ///   - threads: the number of threads; nil for one thread per processor.
  /// - Throws: ``LinearModelError/columnCount(expected:found:)``, ``LinearModelError/rowOutOfRange(row:rows:)``.
  package func scores(
    _ features: MatrixView, rows: [Int]? = nil, threads: Int? = nil
  ) throws(LinearModelError) -> [Double] {
    guard features.columns == dimensions else {
      throw .columnCount(expected: dimensions, found: features.columns)
    }
    for row in rows ?? [] where !(0..<features.rows).contains(row) {
      throw .rowOutOfRange(row: row, rows: features.rows)
    }
    let design = DesignMatrix(features: features, rows: rows, scaler: .identity(columns: dimensions))
    let count = design.count
    let problem = LinearProblem(
      design: design, labels: [Int](repeating: 0, count: count), costs: [Double](repeating: 0, count: count),
      loss: SoftmaxLoss(classCount: classCount))
    let objective = LinearObjective(problem, threads: max(1, threads ?? Threads.available))
    guard normalizesRows else { return objective.scores(at: weights + bias) }
    var scores = objective.scores(at: weights + [Double](repeating: 0, count: classCount))
    for position in 0..<count {
      let factor = features.withRow(rows?[position] ?? position, RowNormalization.inverseNorm)
      for c in 0..<classCount {
        scores[position * classCount + c] = factor * scores[position * classCount + c] + bias[c]
      }
    }
    return scores
  }

  /// The probabilities, `[rows, classes]`. According to ``multiClass``, the probabilities are the softmax of the
  /// scores, or the sigmoids of the scores divided by their sum. Each row sums to 1.
  ///
  /// - Throws: also ``LinearModelError/noProbabilities`` if the model is not a logistic regression.
  package func probabilities(
    _ features: MatrixView, rows: [Int]? = nil, threads: Int? = nil
  ) throws(LinearModelError) -> [Double] {
    guard kind == .logistic else { throw .noProbabilities }
    return probabilities(scores: try scores(features, rows: rows, threads: threads))
  }

  /// The class with the largest score in each row. If several classes have the largest score, the first of these
  /// classes is taken.
  package func predictions(
    _ features: MatrixView, rows: [Int]? = nil, threads: Int? = nil
  ) throws(LinearModelError) -> [Int] {
    predictions(scores: try scores(features, rows: rows, threads: threads))
  }

  /// The probabilities for given scores, `[rows, classes]`, of a logistic regression.
  ///
  /// - Precondition: the model is a logistic regression.
  package func probabilities(scores: [Double]) -> [Double] {
    precondition(kind == .logistic, "the scores of \(kind) are no probabilities")
    return stride(from: 0, to: scores.count, by: classCount).flatMap {
      multiClass.probabilities(scores: Array(scores[$0..<($0 + classCount)]))
    }
  }

  /// The class with the largest score in each row of given scores, `[rows, classes]`.
  package func predictions(scores: [Double]) -> [Int] {
    let loss = SoftmaxLoss(classCount: classCount)
    return stride(from: 0, to: scores.count, by: classCount).map { loss.largest(scores.span, at: $0) }
  }
}
