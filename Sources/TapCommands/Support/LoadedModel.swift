// Loads a classifier and its backbone for `evaluate` and `predict`.

import LayerTap

/// A classifier, read from its file.
struct LoadedModel {
  let classifier: Classifier
  /// The backbone embedded in the classifier's file.
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

  /// The options that name a backbone outside the model.
  static let options = [backbone.declaration] + Options.architecture.declarations

  init(_ path: String) throws {
    (classifier, embedded) = try Classifier.load(path)
  }

  /// A model in memory with its backbone.
  init(_ classifier: Classifier, embedded: Backbone?) {
    self.classifier = classifier
    self.embedded = embedded
  }

  /// Loads the backbone and checks that the backbone fits the model. The check compares scores of the golden image,
  /// which the program generates, with the scores in the model file.
  ///
  /// - Parameter prefersWhole: whether a whole backbone on this machine is preferred to an embedded backbone. A store
  /// with other columns needs layers that the embedded backbone lacks.
  func images(
    _ arguments: ParsedArguments, _ console: Console, prefersWhole: Bool = false
  ) throws -> (ImageClassifier, Backbone) {
    guard let source = classifier.source else { throw ClassifierError.noBackbone }
    let backbone = try backbone(
      named: arguments[Self.backbone], architecture: Options.architecture.value(arguments).architecture, source,
      prefersWhole: prefersWhole
    ).withPreprocessingAndAlgorithms(of: source.identity)
    let images = try ImageClassifier(
      classifier, backbone: backbone, instructionSet: arguments[Options.instructionSet] ?? .best)
    for warning in images.warnings { try console.warn("note: \(warning)") }
    return (images, backbone)
  }

  /// The backbone of the model.
  ///
  /// - Parameters:
  ///   - name: the name or the file of the backbone; nil for the embedded backbone, or the backbone of the recorded
  ///     name.
  ///   - architecture: the network of a checkpoint that does not say it.
  func backbone(
    named name: String?, architecture: String?, _ source: Classifier.FeatureSource, prefersWhole: Bool = false
  ) throws -> Backbone {
    // The model records the preprocessing, so a backbone's file without a preprocessing is enough.
    if let name {
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

  /// The embedded backbone, or the built-in backbone with the recorded name.
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
