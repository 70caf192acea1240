// A classifier of a file, of a training, or of a backbone's own classes.

import LayerTap
import Synchronization

/// A classifier of rows, which may also classify images.
final class ClassifierObject: HandleObject {
  static let kind = HandleKind.classifier

  /// The classifier without its backbone.
  enum Head {
    /// A trained classifier.
    case trained(Classifier)
    /// The classifier of a backbone's own classes.
    case pretrained(BackboneClassifier)
  }

  private struct Joined {
    var backbone: Backbone?
    var images: ImageClassifier?
  }

  let head: Head
  private let joined: Mutex<Joined>

  /// - Parameter backbone: the backbone of a trained classifier, if it is known.
  init(_ head: Head, backbone: Backbone? = nil) {
    self.head = head
    joined = Mutex(Joined(backbone: backbone))
  }

  /// The trained classifier.
  ///
  /// - Throws: ``ForeignError/argument(_:problem:)`` for a backbone's own classes.
  var classifier: Classifier {
    get throws {
      guard case .trained(let classifier) = head else {
        throw ForeignError.argument(
          "classifier", problem: "a classifier of a backbone's own classes takes images only, and is no file")
      }
      return classifier
    }
  }

  var classNames: [String] {
    switch head {
    case .trained(let classifier): classifier.classNames
    case .pretrained(let classifier): classifier.classNames
    }
  }

  /// Whether the classifier gives probabilities.
  var hasProbabilities: Bool {
    switch head {
    case .trained(let classifier): classifier.confidenceKind == .logistic
    case .pretrained: true
    }
  }

  /// Joins the classifier to a backbone, once.
  ///
  /// - Parameter backbone: the backbone; nil for the known backbone, or the built-in one of the recorded name.
  /// - Throws: ``ClassifierError``, ``BackboneLoadingError``, ``ForeignError/backboneOfFile(_:)``.
  func images(_ backbone: Backbone? = nil) throws -> any ImageScoring {
    let classifier: Classifier
    switch head {
    case .trained(let trained): classifier = trained
    case .pretrained(let pretrained): return pretrained
    }
    return try joined.withLock { joined in
      if backbone == nil, let images = joined.images { return images }
      let backbone = try backbone ?? joined.backbone ?? Self.knownBackbone(of: classifier)
      let images = try ImageClassifier(classifier, backbone: backbone)
      joined = Joined(backbone: backbone, images: images)
      return images
    }
  }

  /// The backbone of a trained classifier.
  ///
  /// - Throws: the errors of ``images(_:)``.
  func backbone() throws -> Backbone {
    let classifier = try classifier
    return try joined.withLock { joined in
      if let backbone = joined.backbone { return backbone }
      let backbone = try Self.knownBackbone(of: classifier)
      joined.backbone = backbone
      return backbone
    }
  }

  /// The differences from the training that were noticed when the classifier was joined to its backbone.
  var warnings: [String] { joined.withLock { $0.images?.warnings ?? [] } }

  private static func knownBackbone(of classifier: Classifier) throws -> Backbone {
    guard let source = classifier.source else { throw ClassifierError.noBackbone }
    do { return try Backbone.load(source.identity.backbone) } catch {
      switch error {
      case .unknown, .noKnownWeights: throw ForeignError.backboneOfFile(source.identity.backbone)
      default: throw error
      }
    }
  }

  /// The class, the probabilities and the scores of one row or image.
  func prediction(scores: [Double]) -> (index: Int, probabilities: [Double]?) {
    switch head {
    case .trained(let classifier):
      (
        Classifier.prediction(scores: classifier.deciding(scores: scores)),
        classifier.probabilities(scores: scores)
      )
    case .pretrained: (Classifier.prediction(scores: scores), Classifier.softmax(scores))
    }
  }
}

/// The caller's memory for predictions.
struct CallerPredictions {
  private let classes: CallerMemory<Int64>
  private let probabilities: CallerMemory<Double>
  private let scores: CallerMemory<Double>
  private let classCount: Int

  /// - Throws: ``LinearModelError/noProbabilities`` if the caller wants probabilities of a model without them.
  init(
    _ classes: UnsafeMutablePointer<Int64>?, _ probabilities: UnsafeMutablePointer<Double>?,
    _ scores: UnsafeMutablePointer<Double>?, classCount: Int, hasProbabilities: Bool
  ) throws {
    if unsafe probabilities != nil, !hasProbabilities { throw LinearModelError.noProbabilities }
    unsafe self.classes = CallerMemory(classes)
    unsafe self.probabilities = CallerMemory(probabilities)
    unsafe self.scores = CallerMemory(scores)
    self.classCount = classCount
  }

  /// Writes the prediction of a row.
  func write(_ index: Int, _ probabilities: [Double]?, _ scores: [Double], row: Int) {
    classes.write([Int64(index)], at: row)
    self.probabilities.write(probabilities ?? [], at: row * classCount)
    self.scores.write(scores, at: row * classCount)
  }

  /// Writes that an image has no prediction.
  func writeNothing(row: Int) {
    let none = [Double](repeating: .nan, count: classCount)
    write(-1, none, none, row: row)
  }
}
