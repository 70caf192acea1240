// Lists of images as settings say.

import TapFeatures
import TapFileSystem
import TapSettings

extension ListSettings {
  /// Which files are listed.
  public var filter: PathFilter { PathFilter(include: include, exclude: exclude) }

  /// How folders are read.
  public var folderReading: FolderReading {
    switch folders {
    case .automatic: .automatic
    case .classes: .classes
    case .splits: .splits
    }
  }
}

extension ImageList {
  /// Lists the images of folders and files, in groups where settings say so.
  ///
  /// - Parameter isLabelled: whether folders say classes and splits.
  /// - Throws: as ``init(paths:filter:folders:isLabelled:)``; ``FeatureError/grouping(_:)``.
  public init(paths: [String], _ settings: ListSettings, isLabelled: Bool = true) throws(FeatureError) {
    try self.init(
      paths: paths, filter: settings.filter, folders: settings.folderReading, isLabelled: isLabelled)
    try group(by: settings.grouping)
  }

  /// Reads a manifest, and gives its images groups where settings say so.
  ///
  /// - Throws: as ``init(manifest:folder:filter:allowsRepeats:notesOwnColumns:)``; ``FeatureError/grouping(_:)``.
  public init(
    manifest path: String, folder: String? = nil, _ settings: ListSettings, allowsRepeats: Bool = false,
    notesOwnColumns: Bool = true
  ) throws(FeatureError) {
    try self.init(
      manifest: path, folder: folder, filter: settings.filter, allowsRepeats: allowsRepeats,
      notesOwnColumns: notesOwnColumns)
    try group(by: settings.grouping)
  }

  private mutating func group(by grouping: ListSettings.Grouping) throws(FeatureError) {
    let groups: GroupsOfPaths
    do {
      groups = try GroupsOfPaths(items.map { ($0.path, $0.group) }, by: grouping)
    } catch { throw .grouping("\(error)") }
    self = applying(groups.groups, remarks: groups.remarks)
  }

  /// A line where names look like parts of one thing and nobody says what belongs together.
  package func familyRemark(_ settings: ListSettings) -> String? {
    GroupsOfPaths.familyRemark(
      items.map { ($0.path, $0.group) }, classes: classNames.count, settings.grouping)
  }
}

extension LabelledFeatures {
  /// A line about names of classes that look like one, if there are any.
  package var lookalikes: [String] { ImageList.lookalikes(items.classNames) }

  /// The same rows in groups, where settings say so.
  ///
  /// - Throws: ``TrainingError/groupsOfNothing(rule:example:)`` or ``TrainingError/groupedAlready(rule:)`` where a rule fits no path, or the rows are in groups already.
  package func grouped(by settings: ListSettings) throws(TrainingError) -> (
    data: LabelledFeatures, remarks: [String]
  ) {
    let groups = try GroupsOfPaths(items.map { ($0.path, $0.group) }, by: settings.grouping)
    guard let names = groups.groups else { return (self, groups.remarks) }
    return (inGroups(names), groups.remarks)
  }

  /// A line where names look like parts of one thing and nobody says what belongs together.
  package func familyRemark(_ settings: ListSettings) -> String? {
    GroupsOfPaths.familyRemark(
      items.map { ($0.path, $0.group) }, classes: items.classNames.count, settings.grouping)
  }
}

/// The groups that a rule gives to paths.
private struct GroupsOfPaths {
  /// Nil where everything stays as it is.
  let groups: [String?]?
  let remarks: [String]

  init(_ items: [(path: String, group: String?)], by grouping: ListSettings.Grouping) throws(TrainingError) {
    let rule: PathGrouping
    switch grouping {
    case .automatic, .none:
      groups = nil
      remarks = []
      return
    case .parent: rule = .parent
    case .stem: rule = .stem
    case .pattern(let text):
      guard let regex = try? Regex(text) else {
        throw .groupsOfNothing(rule: text, example: items.first?.path ?? "")
      }
      rule = .pattern(regex)
    }
    if items.contains(where: { $0.group != nil }) { throw .groupedAlready(rule: grouping.text) }
    let groups = items.map { rule.group(of: $0.path) }
    let alone = groups.count { $0 == nil }
    if alone == items.count, let first = items.first {
      throw .groupsOfNothing(rule: grouping.text, example: first.path)
    }
    self.groups = groups
    remarks =
      alone == 0
      ? []
      : [
        "\(alone) of \(items.count) images get no group by --group-by \(grouping.text) and stay alone, as "
          + (zip(items, groups).first { $0.1 == nil }?.0.path ?? "")
      ]
  }

  static func familyRemark(
    _ items: [(path: String, group: String?)], classes: Int, _ grouping: ListSettings.Grouping
  ) -> String? {
    guard grouping == .automatic, items.allSatisfy({ $0.group == nil }) else { return nil }
    return PathGrouping.families(items.map(\.path), classes: classes)?.remark(of: items.count)
  }
}
