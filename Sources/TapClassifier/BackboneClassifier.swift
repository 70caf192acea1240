// The classes that the backbone itself was trained on: the last layer of the backbone, and names for its outputs.

import TapBackbone
import TapExtraction
import TapImages
import TapKernels
import TapProvenance

/// Classifies images by the backbone's own classes. The classifier is immutable, and any number of threads may share
/// it.
public struct BackboneClassifier: ImageScoring, Sendable {
  /// The names of the classes, in the order of the network's outputs.
  public let classNames: [String]
  package let computation: any RowComputation

  /// - Parameter classNames: one name for each output of the layer `logits`.
  /// - Throws: ``ClassifierError/backbone(_:)`` if the backbone lacks the layer `logits` or its preprocessing cannot be
  ///   executed, ``ClassifierError/dimensions(expected:found:)`` if the number of names differs from the number of
  ///   outputs.
  public init(
    _ backbone: Backbone, classNames: [String], instructionSet: InstructionSet = .best
  ) throws(ClassifierError) {
    let rows = BackboneRows(backbone, instructionSet: instructionSet)
    do {
      let tap = try backbone.resolve("logits")
      computation = try rows.computation(of: [Column(tap: tap, pooling: .none)])
    } catch {
      throw .backbone(error)
    }
    guard computation.rowLength == classNames.count else {
      throw .dimensions(expected: classNames.count, found: computation.rowLength)
    }
    self.classNames = classNames
  }

  /// The logits of one image, `[classes]`. ``Classifier/softmax(_:)`` converts logits to probabilities.
  ///
  /// - Throws: ``ClassifierError/image(path:_:)``.
  public func scores(_ image: RGBImage) throws(ClassifierError) -> [Double] {
    try scores(of: .pixels(image))
  }

  /// The classes by descending score. Classes with equal scores keep their order.
  ///
  /// - Parameter scores: the logits of one image, `[classes]`.
  public func ranking(scores: [Double]) -> [(index: Int, prediction: Classifier.Prediction)] {
    precondition(scores.count == classNames.count, "\(scores.count) scores, \(classNames.count) classes")
    let probabilities = Classifier.softmax(scores)
    return scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
      .map { ($0, Classifier.Prediction(className: classNames[$0], confidence: probabilities[$0])) }
  }

  package func scores(row: Span<Float>) -> [Double] { row.indices.map { Double(row[$0]) } }
}
