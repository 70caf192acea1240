// A classifier and the backbone that it needs, as `evaluate` and `predict` load them.

import LayerTap

/// A classifier from its file.
struct LoadedModel {
  let classifier: Classifier
  /// The backbone embedded in its file.
  private let embedded: Backbone?

  static let parameter = Parameter<String>.positional(
    "model", .file, help: "A classifier's file, as 'layertap train' writes it.")

  static let backbone = Parameter<String?>.optional(
    "backbone", .file, valueName: "name", defaultText: "the model's",
    topic: .features, isCommon: true,
    help: """
      The frozen network, if it is neither embedded in the model nor a built-in one: the checkpoint that \
      the model was trained with.
      """)

  /// The backbone that is no part of the model.
  static let options = [backbone.declaration] + Options.architecture.declarations

  init(_ path: String) throws {
    (classifier, embedded) = try Classifier.load(path)
  }

  /// Loads the backbone and checks with the golden image that it fits.
  ///
  /// - Parameter prefersWhole: whether a whole backbone that is here is preferred to an embedded one: a store with
  ///   other columns needs its other layers.
  func images(
    _ arguments: ParsedArguments, _ console: Console, prefersWhole: Bool = false
  ) throws -> (ImageClassifier, Backbone) {
    guard let source = classifier.source else { throw ClassifierError.noBackbone }
    let backbone = try backbone(arguments, source, prefersWhole).withPreprocessingAndAlgorithms(
      of: source.identity)
    let images = try ImageClassifier(
      classifier, backbone: backbone, instructionSet: arguments[Options.instructionSet] ?? .best)
    for warning in images.warnings { try console.warn("note: \(warning)") }
    return (images, backbone)
  }

  private func backbone(
    _ arguments: ParsedArguments, _ source: Classifier.FeatureSource, _ prefersWhole: Bool
  ) throws -> Backbone {
    // The model has the preprocessing, so a file without it is enough.
    let architecture = try Options.architecture.value(arguments).architecture
    if let name = arguments[Self.backbone] {
      return try Backbone.loadWithOrigin(
        name, architecture: architecture, isNormalizationGiven: true,
        changingPreprocessing: { _ in source.identity.preprocessing }
      ).backbone
    }
    if architecture != nil {
      throw UsageError.contradiction("'--architecture' says what the checkpoint of '--backbone' is: name it")
    }
    return try knownBackbone(source, prefersWhole: prefersWhole)
  }

  /// The backbone that is embedded, or built in.
  func knownBackbone(_ source: Classifier.FeatureSource, prefersWhole: Bool) throws -> Backbone {
    guard let embedded else {
      do { return try Backbone.load(source.identity.backbone) } catch {
        switch error {
        case .unknown, .noKnownWeights: throw CommandError.backboneOfFile(source.identity.backbone)
        default: throw error
        }
      }
    }
    guard prefersWhole, let whole = try? Backbone.load(source.identity.backbone),
      whole.weightsHash == embedded.weightsHash
    else { return embedded }
    return whole
  }
}
