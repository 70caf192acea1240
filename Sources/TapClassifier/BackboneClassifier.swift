// The classes that a backbone was trained on itself: its last layer, and names for its outputs.

import TapBackbone
import TapExtraction
import TapImages
import TapKernels
import TapProvenance

/// Classifies images by the backbone's own classes. Immutable; one serves any number of threads.
public struct BackboneClassifier: FileScoring, Sendable {
  /// In the order of the network's outputs.
  public let classNames: [String]
  private let computation: any RowComputation

  /// - Parameter classNames: one for each output of the layer `logits`.
  /// - Throws: ``ClassifierError/backbone(_:)`` for a backbone without that layer or a preprocessing that cannot be
  ///   executed, ``ClassifierError/dimensions(expected:found:)`` for another number of names.
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

  /// The logits of one image, `[classes]`; ``Classifier/softmax(_:)`` makes probabilities of them.
  ///
  /// - Throws: ``ClassifierError/image(path:_:)``.
  public func scores(_ image: RGBImage) throws(ClassifierError) -> [Double] {
    var scorer = makeImageScorer(threads: 1)
    return try scorer.scores(.pixels(image))
  }

  /// Classes by descending score; among ties the first class first.
  ///
  /// - Parameter scores: of one image, `[classes]`.
  public func ranking(scores: [Double]) -> [(index: Int, prediction: Classifier.Prediction)] {
    precondition(scores.count == classNames.count, "\(scores.count) scores, \(classNames.count) classes")
    let probabilities = Classifier.softmax(scores)
    return scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
      .map { ($0, Classifier.Prediction(className: classNames[$0], confidence: probabilities[$0])) }
  }

  /// The memory of one worker.
  package struct Scorer {
    fileprivate var images: ImageScorer
  }

  /// Memory for one image, whose layers `threads` threads share.
  package func makeScorer(threads: Int) -> Scorer { Scorer(images: makeImageScorer(threads: threads)) }

  /// The scores of an image, `[classes]`, or the reason why there are none.
  package func scores(_ image: ImageInput, by scorer: inout Scorer) -> Result<[Double], ClassifierError> {
    Result { () throws(ClassifierError) in try scorer.images.scores(image) }
  }

  private func makeImageScorer(threads: Int) -> ImageScorer {
    ImageScorer(computation, threads: threads) { row in row.indices.map { Double(row[$0]) } }
  }
}
