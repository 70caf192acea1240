// `train --warm-start MODEL`: the model from which a training continues. The model also gives the settings that have no
// option on the command line.

import LayerTap
import TapFileSystem
import TapSettings

/// An earlier model of the same features.
struct WarmStartModel {
  static let parameter = Parameter<String?>.optional(
    "warm-start", .file, valueName: "model",
    topic: .model, isCommon: true,
    help: """
      Go on from an earlier model of the same features, after images or a class were added: its C and \
      settings are kept unless options say otherwise, and the predictions that changed are listed.
      """)

  static let flips = Parameter<String?>.optional(
    "flips", .file, valueName: "file",
    topic: .output,
    help: "With --warm-start, write every prediction that changed as CSV: path, part, label, old, new.")

  let path: String
  private let model: LoadedModel

  var classifier: Classifier { model.classifier }

  /// Reads the model; nil if the option is not given.
  ///
  /// - Throws: ``UsageError`` for `--flips` without `--warm-start`; ``ClassifierError`` if the file is not a model.
  init?(_ arguments: ParsedArguments) throws {
    guard let path = arguments[Self.parameter] else {
      if arguments.has(Self.flips) {
        throw UsageError.contradiction("'--flips' compares with an earlier model: name it with --warm-start")
      }
      return nil
    }
    if let flips = arguments[Self.flips] { try FileSystem.requireWritable(flips) }
    self.path = path
    model = try LoadedModel(path)
  }

  // MARK: - Settings

  /// The settings that the model was trained with, and the C that was chosen.
  ///
  /// - Throws: ``CommandError/settingsOfModel(path:_:)`` for a field or a word that this program does not know.
  func settings() throws -> TrainingSettings {
    let training = classifier.training
    do {
      var settings = try training.settings.training()
      if let c = training.c, settings.model.penalty != Penalty.none { settings.c = .fixed(c) }
      return settings
    } catch { throw CommandError.settingsOfModel(path: path, error) }
  }

  // MARK: - Features

  /// The backbone for the images. It is the model's own backbone, unless options name a backbone or change the
  /// preprocessing. The training later refuses a backbone whose features differ from the features of the model's own
  /// backbone.
  func backbone(_ arguments: ParsedArguments, _ console: Console) throws -> Backbone {
    guard let source = classifier.source else { throw ClassifierError.noBackbone }
    let options = Options.backbone.declarations + Options.preprocessing.declarations
    guard !options.contains(where: { arguments.has($0) }) else {
      var backbone = try Options.loadBackbone(arguments, console)
      backbone.algorithms = source.identity.algorithms
      return backbone
    }
    return try model.knownBackbone(source, prefersWhole: true).withPreprocessingAndAlgorithms(
      of: source.identity)
  }

  /// The model's column.
  ///
  /// - Throws: ``ClassifierError/noBackbone`` for a model of a bare matrix, ``CommandError/severalColumns(path:_:)``.
  var column: Column {
    get throws {
      guard let source = classifier.source else { throw ClassifierError.noBackbone }
      guard source.columns.count == 1 else { throw CommandError.severalColumns(path: path, source.name) }
      return source.columns[0]
    }
  }

  /// Refuses features of another origin, and features of several columns.
  ///
  /// - Parameter identity: the identity of the backbone; nil for a bare matrix.
  func require(_ identity: BackboneIdentity?, _ columns: [Column]) throws {
    guard let identity else {
      if let source = classifier.source {
        throw CommandError.warmStartOfMatrix(model: path, backbone: source.identity.backbone)
      }
      return
    }
    for column in columns { try classifier.requireFeatures(of: identity, columns: [column]) }
  }

  /// Refuses data whose vectors have another length than those of the model.
  func require(_ data: LabeledFeatures) throws {
    for candidate in data.candidates where candidate.features.columns != classifier.dimensions {
      throw ClassifierError.dimensions(expected: classifier.dimensions, found: candidate.features.columns)
    }
  }
}
