// The errors in data or settings given to a linear model, and their remedies.

import TapTensors

/// The reason why a linear model cannot be fitted or applied.
public enum LinearModelError: Error, Equatable, CustomStringConvertible {
  /// A feature that is NaN or infinite.
  case notFinite(row: Int, column: Int, value: Float)
  /// The number of labels differs from the number of rows.
  case labelCount(expected: Int, found: Int)
  /// The number of sample weights differs from the number of rows.
  case sampleWeightCount(expected: Int, found: Int)
  /// A sample weight that is negative or not finite.
  case sampleWeight(row: Int, value: Double)
  /// A label outside `0..<classCount`.
  case labelOutOfRange(row: Int, label: Int, classCount: Int)
  /// A row that the matrix does not have.
  case rowOutOfRange(row: Int, rows: Int)
  /// There are no rows to fit to.
  case noRows
  /// The features have no columns.
  case noColumns
  /// Fewer than two classes.
  case tooFewClasses(classCount: Int)
  /// A class without a row.
  case emptyClass(label: Int, classCount: Int)
  /// All rows with a positive weight belong to one class.
  case oneClass(label: Int)
  /// C is infinite, NaN, 0 or negative.
  case regularization(c: Double)
  /// The tolerance is infinite, NaN, 0 or negative.
  case tolerance(Double)
  /// A maximum number of iterations below 1.
  case iterationLimit(Int)
  /// The scale of the penalized intercept is infinite, NaN, 0 or negative.
  case interceptScale(Double)
  /// The number of class weights differs from the number of classes.
  case classWeightCount(expected: Int, found: Int)
  /// A class weight is infinite, NaN, 0 or negative.
  case classWeight(label: Int, value: Double)
  /// The ratio of the elastic net is outside 0...1.
  case l1Ratio(Double)
  /// A solver that cannot minimize an objective with this penalty.
  case solverForPenalty(solver: String, penalty: String)
  /// A penalty that the loss does not support.
  case penaltyForLoss(penalty: String, loss: String)
  /// The number of classes in the start differs from the number of classes of the labels.
  case startClassCount(expected: Int, found: Int)
  /// The number of feature columns differs from the number that the model needs.
  case columnCount(expected: Int, found: Int)
  /// The matrix has more rows and more columns than the limit for principal components.
  case projectionTooLarge(rows: Int, columns: Int, limit: Int)
  /// A number of principal components below 1, or a share of the variance that is not between 0 and 1.
  case componentCount(Double)
  /// Probabilities are requested from a model that gives no probabilities.
  case noProbabilities

  public var description: String {
    switch self {
    case .notFinite(let row, let column, let value):
      "the feature in row \(row), column \(column) is \(value.dataText); every feature must be finite: "
        + "find what produced it, or leave the row out"
    case .labelCount(let expected, let found):
      "\(found) labels for \(expected) rows of features; give one label a row"
    case .sampleWeightCount(let expected, let found):
      "\(found) sample weights for \(expected) rows of features; give one weight a row"
    case .sampleWeight(let row, let value):
      "the sample weight of row \(row) is \(value.dataText); weights must be finite and at least 0"
    case .labelOutOfRange(let row, let label, let classCount):
      "the label of row \(row) is \(label); with \(classCount) classes labels run from 0 to \(classCount - 1)"
    case .rowOutOfRange(let row, let rows):
      "row \(row) was asked for, but the features have \(rows) rows"
    case .noRows: "no rows to fit; give at least one row of each class"
    case .noColumns: "the features have no columns; give at least one"
    case .tooFewClasses(let classCount):
      "\(classCount) class\(classCount == 1 ? "" : "es"); a classifier needs at least 2"
    case .emptyClass(let label, let classCount):
      "class \(label) of \(classCount) has no row with a positive weight; add rows of it or leave the class out"
    case .oneClass(let label):
      "every row has label \(label); a classifier needs rows of at least 2 classes"
    case .regularization(let c):
      "C is \(c.dataText); it must be finite and above 0 (smaller means more regularization)"
    case .tolerance(let tolerance):
      "the tolerance is \(tolerance.dataText); it must be finite and above 0 (it bounds the relative duality gap)"
    case .iterationLimit(let limit): "the iteration limit is \(limit); it must be at least 1"
    case .interceptScale(let scale):
      "the scale of the penalized intercept is \(scale.dataText); it must be finite and above 0"
    case .classWeightCount(let expected, let found):
      "\(found) class weights for \(expected) classes; give one weight a class"
    case .classWeight(let label, let value):
      "the weight of class \(label) is \(value.dataText); weights must be finite and above 0"
    case .l1Ratio(let ratio):
      "the ratio of the elastic net is \(ratio.dataText); it must be from 0 (L2) to 1 (L1)"
    case .solverForPenalty(let solver, let penalty):
      "the solver \(solver) needs a smooth objective, and the penalty \(penalty) has kinks: leave the choice of the solver out"
    case .penaltyForLoss(let penalty, let loss):
      "the loss \(loss) is not fitted under the penalty \(penalty); it is under l2"
    case .startClassCount(let expected, let found):
      "a start of \(found) classes for \(expected) classes; give weights for each, 0 for those that are new"
    case .columnCount(let expected, let found):
      "the features have \(found) columns, but the model was fitted on \(expected); "
        + "use the backbone, layers and pooling that it was fitted with"
    case .projectionTooLarge(let rows, let columns, let limit):
      "principal components of \(rows) rows of \(columns) columns: they are computed for at most \(limit) columns; take a "
        + "pooling or layer with fewer, or leave them out"
    case .componentCount(let count):
      "\(count) principal components; give a number of at least 1, or a share of the variance between 0 and 1"
    case .noProbabilities:
      "a linear SVM gives margins and a nearest mean similarities, no probabilities: use the scores, calibrate them, or fit a "
        + "logistic regression"
    }
  }
}
