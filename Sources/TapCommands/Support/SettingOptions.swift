// The settings that commands take.

import LayerTap
import TapSettings

extension Options {
  /// All settings for training a model.
  package static let training = SettingParameters(TrainingSettings.settings, base: TrainingSettings())

  /// The same for several kinds of model.
  package static let comparedTraining = SettingParameters(
    TrainingSettings.settings, base: TrainingSettings(), lists: ["classifier"])

  /// The choice of images, the reading of folders, and groups.
  package static let lists = SettingParameters(ListSettings.settings, base: ListSettings())

  /// The choice of files in folders, for commands without labels.
  static let listedFiles = SettingParameters(ListSettings.fileSettings, base: ListSettings())

  /// The seed, for commands that train nothing.
  static let seed = SettingParameters(
    TrainingSettings.settings.filter { $0.name == "seed" }, base: TrainingSettings())

  /// Names that a setting accepts besides paths.
  private static let offered = ["backbone": Architectures.names, "architecture": Architectures.names]

  /// The network and its taps.
  package static let features = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name != "tune" }, base: ExtractionSettings(),
    offered: offered)

  /// The same for comparing layers: all of them unless some are named.
  static let comparedFeatures = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name != "tune" },
    base: ExtractionSettings(columns: .named(layers: ["all"], poolings: [.avg])),
    offered: offered)

  /// The network alone.
  static let backbone = SettingParameters(
    ExtractionSettings.backboneSettings.filter { ["backbone", "architecture"].contains($0.name) },
    base: ExtractionSettings(), offered: offered)

  /// The architecture of a checkpoint, for commands that take its path by another option.
  static let architecture = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name == "architecture" }, base: ExtractionSettings(),
    offered: offered)

  /// Whether algorithms are measured.
  static let tune = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name == "tune" }, base: ExtractionSettings())

  /// Changes to the preprocessing, the same in every command that reads images.
  package static let preprocessing = SettingParameters(
    ExtractionSettings.preprocessingSettings, base: ExtractionSettings())

  /// The same for images with labels, with which the best way to resize can be found.
  package static let searchedPreprocessing = SettingParameters(
    ExtractionSettings.preprocessingSettings, base: ExtractionSettings(),
    searched: ["resize"])

  /// The settings of an extraction on a command line, put together from the command's groups.
  static func extraction(
    _ groups: [SettingParameters<ExtractionSettings>], _ arguments: ParsedArguments
  ) throws(UsageError) -> ExtractionSettings {
    var settings = groups[0].base
    for group in groups { settings = try group.value(arguments, over: settings) }
    return settings
  }
}
