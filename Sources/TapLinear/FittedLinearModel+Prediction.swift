// Scores, probabilities and predictions of a fitted model.

import TapKernels
import TapTensors

extension FittedLinearModel {
  /// The scores W x + b: `[rows, classes]`, row-major, in double precision. x is divided by its norm if the model
  /// normalizes rows. The scores of an SVM are margins, those of a nearest mean similarities.
  ///
  /// - Parameters:
  ///   - features: `[n, dimensions]`, raw. NaN gives NaN scores.
  ///   - rows: the rows to score, in this order; nil for all.
  ///   - threads: nil for as many as there are processors.
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

  /// The softmax of the scores, or their sigmoids divided by the sum (``multiClass``): `[rows, classes]`; each row sums
  /// to 1.
  ///
  /// - Throws: also ``LinearModelError/noProbabilities`` unless the model is a logistic regression.
  package func probabilities(
    _ features: MatrixView, rows: [Int]? = nil, threads: Int? = nil
  ) throws(LinearModelError) -> [Double] {
    guard kind == .logistic else { throw .noProbabilities }
    return probabilities(scores: try scores(features, rows: rows, threads: threads))
  }

  /// The class of the largest score of each row; the first class in a tie.
  package func predictions(
    _ features: MatrixView, rows: [Int]? = nil, threads: Int? = nil
  ) throws(LinearModelError) -> [Int] {
    predictions(scores: try scores(features, rows: rows, threads: threads))
  }

  /// The probabilities of scores, `[rows, classes]`.
  ///
  /// - Precondition: a logistic regression.
  package func probabilities(scores: [Double]) -> [Double] {
    precondition(kind == .logistic, "the scores of \(kind) are no probabilities")
    return stride(from: 0, to: scores.count, by: classCount).flatMap {
      multiClass.probabilities(scores: Array(scores[$0..<($0 + classCount)]))
    }
  }

  /// The class of the largest of each row's scores, `[rows, classes]`.
  package func predictions(scores: [Double]) -> [Int] {
    let loss = SoftmaxLoss(classCount: classCount)
    return stride(from: 0, to: scores.count, by: classCount).map { loss.largest(scores.span, at: $0) }
  }
}
