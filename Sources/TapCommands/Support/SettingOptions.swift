// The settings that commands take.

import LayerTap
import TapSettings

extension Options {
  /// All settings for training a model.
  package static let training = SettingParameters(TrainingSettings.settings, base: TrainingSettings())

  /// All settings for training models of several kinds.
  package static let comparedTraining = SettingParameters(
    TrainingSettings.settings, base: TrainingSettings(), lists: ["classifier"],
    words: ["classifier": [TrainingSettings.neighbors]])

  /// The settings for choosing images, reading folders, and groups.
  package static let lists = SettingParameters(ListSettings.settings, base: ListSettings())

  /// The settings for choosing files in folders, for commands without labels.
  static let listedFiles = SettingParameters(ListSettings.fileSettings, base: ListSettings())

  /// The seed of random draws, for commands that do not train a model.
  static let seed = SettingParameters(
    TrainingSettings.settings.filter { $0.name == "seed" }, base: TrainingSettings())

  /// Names that a setting accepts, besides paths.
  private static let offered = ["backbone": Architectures.names, "architecture": Architectures.names]

  /// The settings of the network and its taps, which are the layers that features come from.
  package static let features = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name != "tune" }, base: ExtractionSettings(),
    offered: offered)

  /// The settings of the network and its taps, for comparing layers: all layers unless the user names some.
  static let comparedFeatures = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name != "tune" },
    base: ExtractionSettings(columns: .named(layers: ["all"], poolings: [.avg])),
    offered: offered)

  /// The settings of the networks and their taps, for comparing networks as well: ``backbones(_:)``.
  static let comparedBackbones = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name != "tune" },
    base: ExtractionSettings(columns: .named(layers: ["all"], poolings: [.avg])),
    repeated: ["backbone"], offered: offered)

  /// The backbones of a command line that can name several: a value of the setting for each; nil for the default.
  ///
  /// - Throws: ``UsageError`` for a backbone that is named twice.
  static func backbones(_ arguments: ParsedArguments) throws(UsageError) -> [JSONValue?] {
    let given = try backbone.given(arguments)["backbone"]
    guard let several = given?.arrayValue else { return [given] }
    for (index, name) in several.enumerated() where several[..<index].contains(name) {
      throw .contradiction("'--backbone' names \(name.typed) twice")
    }
    return several
  }

  /// The settings of the network alone.
  static let backbone = SettingParameters(
    ExtractionSettings.backboneSettings.filter { ["backbone", "architecture"].contains($0.name) },
    base: ExtractionSettings(), offered: offered)

  /// The architecture of a checkpoint, for commands that take the checkpoint's path by another option.
  static let architecture = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name == "architecture" }, base: ExtractionSettings(),
    offered: offered)

  /// Whether the fastest algorithms are found by measuring.
  static let tune = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name == "tune" }, base: ExtractionSettings())

  /// Changes to the preprocessing, the same in every command that reads images.
  package static let preprocessing = SettingParameters(
    ExtractionSettings.preprocessingSettings, base: ExtractionSettings())

  /// Changes to the preprocessing of labeled images, for which the command can find the best way to resize.
  package static let searchedPreprocessing = SettingParameters(
    ExtractionSettings.preprocessingSettings, base: ExtractionSettings(),
    searched: ["resize"])

  /// The settings of an extraction on a command line, collected from the command's groups of settings.
  ///
  /// - Parameter backbone: one of several backbones of the command line.
  static func extraction(
    _ groups: [SettingParameters<ExtractionSettings>], _ arguments: ParsedArguments, of backbone: JSONValue? = nil
  ) throws(UsageError) -> ExtractionSettings {
    var settings = groups[0].base
    let replacing = backbone.map { ["backbone": $0] } ?? [:]
    for group in groups { settings = try group.value(arguments, over: settings, replacing: replacing) }
    return settings
  }
}
