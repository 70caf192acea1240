// Puts equal and nearly equal images into one group, if the command line asks for that.

import LayerTap
import TapSettings

extension Options {
  /// The settings that keep equal and nearly equal images together.
  static let duplicates = SettingParameters(DuplicateSettings.settings, base: DuplicateSettings())
}

extension DuplicateGroups {
  /// The groups that the command line asks for; nil if it asks for none. A line says how many images they join.
  ///
  /// - Parameter arguments: the arguments of a command that declares `Options.duplicates`.
  init?(_ data: LabeledFeatures, _ arguments: ParsedArguments, _ console: Console) throws {
    let settings = try Options.duplicates.value(arguments)
    guard settings.areGrouped else { return nil }
    let line = ProgressLine("comparing", unit: "pairs of blocks of images", console: console, logsOnce: true)
    defer { line.finish() }
    try self.init(data, settings, threads: arguments[Options.threads]) { line.update($0, of: $1) }
    line.finish()
    console.note(text.spellingOptions)
  }
}

extension TrainingArguments.Loaded {
  /// The same data in the groups that the command line asks for, divided anew.
  ///
  /// - Parameter partition: divides items into parts.
  func grouped(
    _ arguments: ParsedArguments, _ console: Console, _ partition: ([ImageItem]) throws -> Partition
  ) throws -> TrainingArguments.Loaded {
    guard let groups = try DuplicateGroups(data, arguments, console) else { return self }
    var result = self
    result.data = groups.data
    result.partition = try partition(groups.data.images)
    if let warning = groups.dividedText(result.partition) { try console.warn(warning) }
    return result
  }
}
