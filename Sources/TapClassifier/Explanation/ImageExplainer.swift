// Divides the score of an image among the cells of the tapped layers.
//
// A linear head after average pooling adds up the cells: with x_c the mean of a_cp over P cells,
//
//   score = b + Σ_c w_c x_c = b + Σ_p (1 / P) Σ_c w_c a_cp.
//
// The scaling of the features and principal components are already part of the weights. Zhou et al., "Learning deep
// features for discriminative localization" (2016), draw this sum for the last layer of a network.

import TapBackbone
import TapExtraction
import TapImages
import TapKernels
import TapLinear
import TapProvenance

/// Explains scores of images. The explainer is immutable, and any number of threads may share it.
public struct ImageExplainer: ImageAnswering {
  /// The answer for an image.
  public typealias Answer = ImageExplanation

  /// The classifier whose scores are explained.
  public let classifier: Classifier
  package let computation: any RowComputation
  private let layers: [ExplainedLayer]
  private let preprocessor: ImagePreprocessor
  /// The explained class; nil for the predicted class of each image.
  private let wanted: Int?
  private let against: Int?

  /// Creates an explainer of a classifier's scores.
  ///
  /// - Parameters:
  ///   - images: the classifier joined to its backbone.
  ///   - backbone: the backbone that `images` was made with.
  ///   - className: the class to explain; nil for the predicted class of each image.
  ///   - against: a class whose score is subtracted; nil explains the score of one class.
  /// - Throws: ``ClassifierError/notExplainable(column:reason:)`` if a score is no sum over positions,
  ///   ``ClassifierError/unknownClass(_:known:)``, ``ClassifierError/mismatch(part:trained:here:)``.
  public init(
    _ images: ImageClassifier, backbone: Backbone, className: String? = nil, against: String? = nil,
    instructionSet: InstructionSet = .best
  ) throws(ClassifierError) {
    classifier = images.classifier
    guard let source = classifier.source else { throw .noBackbone }
    wanted = try className.map(classifier.index)
    self.against = try against.map(classifier.index)
    let backbone = backbone.withPreprocessingAndAlgorithms(of: source.identity)
    let rows = BackboneRows(backbone, instructionSet: instructionSet)
    try Classifier.requireSameFeatures(trained: source.identity, here: rows.identity)
    var layers: [ExplainedLayer] = []
    do {
      // A row has the classifier's features first, and then the whole activation of each layer.
      var (feature, value) = (0, classifier.dimensions)
      for column in source.columns {
        let dimensions = try backbone.dimensions(of: column)
        let layer = try ExplainedLayer(
          column, backbone.positions(of: column), features: feature..<feature + dimensions, values: value)
        layers.append(layer)
        feature += dimensions
        value += layer.valueCount
      }
      computation = try rows.computation(
        of: source.columns + layers.map { Column(tap: $0.value.name, pooling: .flatten) })
    } catch let error as BackboneError {
      throw .backbone(error)
    } catch let error as ClassifierError {
      throw error
    } catch { preconditionFailure("\(error)") }
    self.layers = layers
    preprocessor = ImagePreprocessor(backbone.preprocessing, instructionSet: instructionSet)
  }

  /// The limits of the meaning of this classifier's maps; empty for average pooling without normalized rows.
  public var notes: [ExplanationNote] {
    var notes: [ExplanationNote] = classifier.normalizesRows ? [.rowNorm] : []
    for layer in layers where layer.value.pooling == .max || layer.value.pooling == .avgmax {
      notes.append(.maximum(layer: layer.column.name))
    }
    return notes
  }

  /// Explains the score of one image.
  ///
  /// - Throws: ``ClassifierError/image(path:_:)``, ``ClassifierError/file(_:)``.
  public func explain(_ image: ImageInput) throws(ClassifierError) -> ImageExplanation {
    var answerer = ImageAnswerer(self, threads: 1)
    return try answerer.answer(image)
  }

  /// The part of an image that the network gets, as a square of the preprocessing's size.
  package func crop(of image: ImageContents) throws(ClassifierError) -> RGBImage {
    do {
      switch image {
      case .encoded(let bytes): return try preprocessor.pixels(file: bytes)
      case .pixels(let image): return try preprocessor.pixels(image)
      }
    } catch { throw .image(path: "", error) }
  }

  package func answer(
    row: Span<Float>, of image: ImageContents
  ) throws(ClassifierError) -> ImageExplanation {
    let features = row.extracting(first: classifier.dimensions)
    let scores = classifier.scores(features)
    let index = wanted ?? Classifier.prediction(scores: classifier.deciding(scores: scores))
    let factor = classifier.normalizesRows ? RowNormalization.inverseNorm(features) : 1
    let weights = (0..<classifier.dimensions).map { factor * parameter(classifier.weights, index, $0) }
    let intercept = parameter(classifier.bias, index, 0)
    let parts = layers.map { $0.parts(of: row, weights: weights.span) }
    let contributions = parts.map { $0.reduce(0, +) }
    let total = contributions.reduce(0) { $0 + abs($1) }
    let maps = layers.indices.map { place in
      let layer = layers[place]
      let share = intercept / Double(layers.count * layer.cellCount)
      return ScoreMap(
        column: layer.column, height: layer.value.height, width: layer.value.width,
        cells: parts[place].map { $0 + share }, contribution: contributions[place],
        share: total > 0 ? abs(contributions[place]) / total : 1 / Double(layers.count))
    }
    return ImageExplanation(
      scores: scores,
      explanation: ScoreExplanation(
        className: classifier.classNames[index], against: against.map { classifier.classNames[$0] },
        score: scores[index] - (against.map { scores[$0] } ?? 0), intercept: intercept, maps: maps))
  }

  /// A weight or an intercept of a class, minus that of the other class.
  private func parameter(_ values: [Float], _ index: Int, _ place: Int) -> Double {
    let stride = values.count / classifier.classNames.count
    return Double(values[index * stride + place])
      - (against.map { Double(values[$0 * stride + place]) } ?? 0)
  }
}

extension Classifier {
  /// The index of a class.
  fileprivate func index(of name: String) throws(ClassifierError) -> Int {
    guard let index = classNames.firstIndex(where: { $0.utf8.elementsEqual(name.utf8) }) else {
      throw .unknownClass(name, known: classNames)
    }
    return index
  }
}
