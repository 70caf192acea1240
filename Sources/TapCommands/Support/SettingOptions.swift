// The settings that commands take.

import LayerTap
import TapSettings

extension Options {
  /// Everything that says how a model is trained.
  package static let training = SettingParameters(TrainingSettings.settings, base: TrainingSettings())

  /// The same for several kinds of model.
  package static let comparedTraining = SettingParameters(
    TrainingSettings.settings, base: TrainingSettings(), lists: ["classifier"])

  /// Which images are taken, how folders are read, and what belongs together.
  package static let lists = SettingParameters(ListSettings.settings, base: ListSettings())

  /// Which files of folders are taken, by commands that ask for no labels.
  static let listedFiles = SettingParameters(ListSettings.fileSettings, base: ListSettings())

  /// What is drawn, by commands that train nothing.
  static let seed = SettingParameters(
    TrainingSettings.settings.filter { $0.name == "seed" }, base: TrainingSettings())

  /// Names that a setting takes beside paths, or beside none.
  private static let offered = ["backbone": Architectures.names, "architecture": Architectures.names]

  /// What is tapped of which network.
  package static let features = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name != "tune" }, base: ExtractionSettings(),
    offered: offered)

  /// The same, where layers are compared: all of them unless some are named.
  static let comparedFeatures = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name != "tune" },
    base: ExtractionSettings(columns: .named(layers: ["all"], poolings: [.avg])),
    offered: offered)

  /// The network alone.
  static let backbone = SettingParameters(
    ExtractionSettings.backboneSettings.filter { ["backbone", "architecture"].contains($0.name) },
    base: ExtractionSettings(), offered: offered)

  /// What a checkpoint is, by commands that take its path otherwise.
  static let architecture = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name == "architecture" }, base: ExtractionSettings(),
    offered: offered)

  /// Whether algorithms are measured.
  static let tune = SettingParameters(
    ExtractionSettings.backboneSettings.filter { $0.name == "tune" }, base: ExtractionSettings())

  /// Changes to the preprocessing, the same in every command that reads images.
  package static let preprocessing = SettingParameters(
    ExtractionSettings.preprocessingSettings, base: ExtractionSettings())

  /// The same, where the images have labels by which the best way to resize can be found.
  package static let searchedPreprocessing = SettingParameters(
    ExtractionSettings.preprocessingSettings, base: ExtractionSettings(),
    searched: ["resize"])

  /// The settings of an extraction that a command line asks for, put together from the groups that a command takes.
  static func extraction(
    _ groups: [SettingParameters<ExtractionSettings>], _ arguments: ParsedArguments
  ) throws(UsageError) -> ExtractionSettings {
    var settings = groups[0].base
    for group in groups { settings = try group.value(arguments, over: settings) }
    return settings
  }
}
