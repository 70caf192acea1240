// The settings that commands take.

import LayerTap
import TapSettings

extension Options {
  /// All settings for training a model.
  package static let training = SettingParameters(TrainingSettings.settings, base: TrainingSettings())

  /// All settings for training models of several kinds.
  package static let comparedTraining = SettingParameters(
    TrainingSettings.settings, base: TrainingSettings(), lists: ["classifier"])

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
  static func extraction(
    _ groups: [SettingParameters<ExtractionSettings>], _ arguments: ParsedArguments
  ) throws(UsageError) -> ExtractionSettings {
    var settings = groups[0].base
    for group in groups { settings = try group.value(arguments, over: settings) }
    return settings
  }
}
