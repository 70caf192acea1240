// Predictions for features and for images.

import TapBackbone
import TapClassifier
import TapExtraction
import TapProvenance
import TapTensors
import TapTraining

extension Classifier {
  /// Predicts the class of each row of features.
  ///
  /// - Throws: ``ClassifierError/mismatch(part:trained:here:)`` if the features have another backbone or preprocessing,
  /// or lack the column that the classifier was trained on; ``ClassifierError/dimensions(expected:found:)``;
  /// ``TrainingError/notFinite(path:column:value:)``.
  public func predict(_ features: ImageFeatures) throws -> [ClassPrediction] {
    try predict(
      matrix(of: Array(zip(features.columns, features.matrices)), computedWith: features.identity))
  }

  /// Predicts the class of each labeled row and compares the predictions with the labels.
  ///
  /// - Throws: the errors of `predict`, and ``TrainingError/unknownClasses(_:known:)`` for a label that is not
  /// among ``classNames``.
  public func evaluate(_ data: LabeledFeatures) throws -> Evaluation {
    try Evaluation(
      self, on: data,
      features: matrix(of: data.candidates.map { ($0.column, $0.features) }, computedWith: data.identity),
      indices: Array(data.items.indices))
  }

  /// The columns that the classifier was trained on, side by side. A classifier of a bare matrix gets all columns.
  private func matrix(
    of matrices: [(column: Column?, features: MatrixView)], computedWith identity: BackboneIdentity?
  ) throws(ClassifierError) -> MatrixView {
    guard let source, let identity else { return MatrixView.joined(matrices.map(\.features)) }
    try Classifier.requireSameFeatures(trained: source.identity, here: identity)
    return MatrixView.joined(
      try source.columns.map { column throws(ClassifierError) in
        guard let match = matrices.first(where: { $0.column == column }) else {
          throw .mismatch(
            part: .layer, trained: source.name,
            here: matrices.compactMap(\.column?.name).joined(separator: ", "))
        }
        return match.features
      })
  }

  /// Predicts the class of each row of a matrix.
  ///
  /// - Parameter matrix: `[rows, dimensions]`, the features as extracted, not scaled.
  /// - Throws: ``ClassifierError/dimensions(expected:found:)``, ``TrainingError/notFinite(path:column:value:)``.
  public func predict(_ matrix: MatrixView) throws -> [ClassPrediction] {
    guard matrix.columns == dimensions else {
      throw ClassifierError.dimensions(expected: dimensions, found: matrix.columns)
    }
    return try (0..<matrix.rows).map { row in
      let scores = matrix.withRow(row) { self.scores($0) }
      guard scores.allSatisfy(\.isFinite) else {
        throw TrainingError.notFinite("row \(row)", matrix, row: row)
      }
      return ClassPrediction(scores, by: self)
    }
  }
}

extension ImageClassifier {
  /// Reads a classifier's file and joins the classifier to its backbone.
  ///
  /// The backbone is embedded in the file; otherwise it is the built-in backbone with the recorded name.
  ///
  /// - Throws: ``ClassifierError``, ``BackboneLoadingError``.
  public init(contentsOf path: String) throws {
    let (classifier, embedded) = try Classifier.load(path)
    guard let source = classifier.source else { throw ClassifierError.noBackbone }
    try self.init(classifier, backbone: embedded ?? Backbone.load(source.identity.backbone))
  }
}
