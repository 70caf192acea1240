// A classifier joined to the backbone of its training. The classifier takes one image after another, computes the class
// of each image, and stores no features.

import TapBackbone
import TapExtraction
import TapImages
import TapKernels
import TapProvenance

/// Classifies images. The classifier is immutable, and any number of threads may share it.
public struct ImageClassifier: ImageScoring, Sendable {
  /// The head that turns feature vectors into scores.
  public let classifier: Classifier
  /// Differences from the training that keep the golden image's scores within the tolerance: the decoder's version or
  /// the numerics revision.
  public private(set) var warnings: [String]

  package let computation: any RowComputation

  /// Joins a classifier to a backbone, and checks with the golden image that the two fit each other.
  ///
  /// The preprocessing stored in the classifier is used, not the preprocessing of the backbone.
  ///
  /// - Throws: ``ClassifierError/noBackbone``, ``ClassifierError/mismatch(part:trained:here:)``,
  ///   ``ClassifierError/goldenScores(difference:tolerance:)``.
  public init(
    _ classifier: Classifier, backbone: Backbone, instructionSet: InstructionSet = .best
  ) throws(ClassifierError) {
    try self.init(unproven: classifier, backbone, instructionSet)
    if let golden = classifier.source?.goldenScores {
      try Self.compare(scores(GoldenImage.image), with: golden)
    } else {
      warnings.append(
        "the classifier has no golden scores: nothing proves that it works here as it was trained")
    }
  }

  fileprivate init(
    unproven classifier: Classifier, _ backbone: Backbone, _ instructionSet: InstructionSet
  ) throws(ClassifierError) {
    guard let source = classifier.source else { throw .noBackbone }
    let here = try Self.rows(of: backbone, for: source, instructionSet)
    computation = try Self.computation(of: source.columns, here, dimensions: classifier.dimensions)
    warnings = Classifier.warnings(trained: source.identity, here: here.identity)
    self.classifier = classifier
  }

  /// The scores of one image: `[classes]`.
  ///
  /// - Throws: ``ClassifierError/image(path:_:)`` if the preprocessing cannot be executed.
  public func scores(_ image: RGBImage) throws(ClassifierError) -> [Double] {
    try scores(of: .pixels(image))
  }

  package func scores(row: Span<Float>) -> [Double] { classifier.scores(row) }

  /// The backbone with the preprocessing and the algorithms of the training. Throws an error if `backbone` is not the
  /// backbone of the training.
  private static func rows(
    of backbone: Backbone, for source: Classifier.FeatureSource, _ instructionSet: InstructionSet
  ) throws(ClassifierError) -> BackboneRows {
    let rows = BackboneRows(
      backbone.withPreprocessingAndAlgorithms(of: source.identity), instructionSet: instructionSet)
    try Classifier.requireSameFeatures(trained: source.identity, here: rows.identity)
    return rows
  }

  private static func computation(
    of columns: [Column], _ rows: BackboneRows, dimensions: Int
  ) throws(ClassifierError) -> any RowComputation {
    let computation: any RowComputation
    do { computation = try rows.computation(of: columns) } catch { throw .backbone(error) }
    guard computation.rowLength == dimensions else {
      throw .dimensions(expected: dimensions, found: computation.rowLength)
    }
    return computation
  }

  private static func compare(
    _ scores: [Double], with golden: [Float]
  ) throws(ClassifierError) {
    let largest = Double(golden.map(abs).max() ?? 0)
    let differences = zip(scores, golden).map { abs($0 - Double($1)) }
    // A NaN fails this comparison.
    guard differences.allSatisfy({ $0 <= GoldenImage.tolerance * largest }) else {
      throw .goldenScores(
        difference: (differences.max() ?? .nan) / largest, tolerance: GoldenImage.tolerance)
    }
  }
}

extension Classifier {
  /// The same classifier with golden scores: its scores for the golden image, computed with `backbone`.
  ///
  /// - Throws: ``ClassifierError`` if `backbone` is not the backbone of the training.
  public func withGoldenScores(of backbone: Backbone) throws(ClassifierError) -> Classifier {
    guard let source else { throw .noBackbone }
    let scores = try ImageClassifier(unproven: self, backbone, .best).scores(GoldenImage.image)
    let proven = FeatureSource(
      identity: source.identity, columns: source.columns, goldenScores: scores.map { Float($0) })
    return Classifier(
      classNames: classNames, weights: weights, bias: bias, scaler: scaler,
      normalizesRows: normalizesRows, source: proven,
      training: training, calibration: calibration, seen: seen, indexBase: indexBase, novelty: novelty
    ).with(threshold: threshold)
  }
}
