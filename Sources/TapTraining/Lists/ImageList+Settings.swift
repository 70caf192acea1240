// Lists of images and rows, read and grouped according to settings.

import TapFeatures
import TapFileSystem
import TapSettings

extension ListSettings {
  /// The filter that selects the listed files.
  public var filter: PathFilter { PathFilter(include: include, exclude: exclude) }

  /// How the folders at the top of a list are read.
  public var folderReading: FolderReading {
    switch folders {
    case .automatic: .automatic
    case .classes: .classes
    case .splits: .splits
    }
  }
}

extension ImageList {
  /// Lists the images of folders and files, in groups if the settings define groups.
  ///
  /// - Parameter isLabeled: whether folder names give classes and splits.
  /// - Throws: as ``init(paths:filter:folders:isLabeled:labelField:)``; ``FeatureError/grouping(_:)``;
  ///   ``FeatureError/manifest(path:line:problem:)`` if the settings name a field of labels, which only lists have.
  public init(paths: [String], _ settings: ListSettings, isLabeled: Bool = true) throws(FeatureError) {
    let hasTar = paths.contains { FileSystem.fileExtension(of: $0) == FileSystem.tarEnding }
    if let field = settings.labelField, !hasTar {
      throw .manifest(
        path: paths.first ?? "", line: nil,
        problem:
          "expected a list (.csv, .jsonl) or a tar file with the labels in \(field) (--label-field), found images")
    }
    try self.init(
      paths: paths, filter: settings.filter, folders: settings.folderReading, isLabeled: isLabeled,
      labelField: settings.labelField)
    try group(by: settings.grouping)
  }

  /// Lists the images of a folder, or of a manifest, with labels and splits.
  ///
  /// - Parameters:
  ///   - path: a folder, or a manifest (a list of images: a table, JSON lines or paths).
  ///   - labels: a manifest for the images of the folder `path`.
  /// - Throws: ``FeatureError``.
  package init(labeled path: String, labels: String?, _ settings: ListSettings) throws(FeatureError) {
    if let labels {
      try self.init(manifest: labels, folder: path, settings)
    } else if ImageList.isManifestFile(path) {
      try self.init(manifest: path, settings)
    } else {
      try self.init(paths: [path], settings)
    }
  }

  /// Reads a manifest, and gives its images groups if the settings define groups.
  ///
  /// - Throws: as ``init(manifest:folder:filter:labelField:allowsRepeats:notesOwnColumns:)``;
  ///   ``FeatureError/grouping(_:)``.
  public init(
    manifest path: String, folder: String? = nil, _ settings: ListSettings, allowsRepeats: Bool = false,
    notesOwnColumns: Bool = true
  ) throws(FeatureError) {
    try self.init(
      manifest: path, folder: folder, filter: settings.filter, labelField: settings.labelField,
      allowsRepeats: allowsRepeats, notesOwnColumns: notesOwnColumns)
    try group(by: settings.grouping)
  }

  private mutating func group(by grouping: ListSettings.Grouping) throws(FeatureError) {
    let groups: GroupsOfPaths
    do {
      groups = try GroupsOfPaths(items, by: grouping)
    } catch { throw .grouping("\(error)") }
    self = applying(groups.groups, warnings: groups.warnings)
  }

  /// A warning if file names look like parts of one thing but no setting groups them.
  package func familyWarning(_ settings: ListSettings) -> String? {
    GroupsOfPaths.familyWarning(items, settings.grouping)
  }
}

extension LabeledFeatures {
  /// A warning about class names that look like one name, if there are any.
  package var lookalikes: [String] { ImageList.lookalikes(images.classNames) }

  /// The same rows in groups, if the settings define groups.
  ///
  /// - Throws: ``TrainingError/groupsOfNothing(rule:example:)`` if a rule matches no path;
  ///   ``TrainingError/groupedAlready(rule:)`` if the rows already have groups.
  package func grouped(by settings: ListSettings) throws(TrainingError) -> (
    data: LabeledFeatures, warnings: [String]
  ) {
    let groups = try GroupsOfPaths(images, by: settings.grouping)
    guard let names = groups.groups else { return (self, groups.warnings) }
    return (inGroups(names), groups.warnings)
  }

  /// A warning if file names look like parts of one thing but no setting groups them.
  package func familyWarning(_ settings: ListSettings) -> String? {
    GroupsOfPaths.familyWarning(images, settings.grouping)
  }
}

/// The groups that a rule gives to paths.
private struct GroupsOfPaths {
  /// The group of each path; nil if the groups stay as they are.
  let groups: [String?]?
  let warnings: [String]

  init(_ items: [ImageItem], by grouping: ListSettings.Grouping) throws(TrainingError) {
    let rule: PathGrouping
    switch grouping {
    case .automatic, .none:
      groups = nil
      warnings = []
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
    warnings =
      alone == 0
      ? []
      : [
        "\(alone) of \(items.count) images get no group by --group-by \(grouping.text) and stay alone, as "
          + (zip(items, groups).first { $0.1 == nil }?.0.path ?? "")
      ]
  }

  static func familyWarning(_ items: [ImageItem], _ grouping: ListSettings.Grouping) -> String? {
    guard grouping == .automatic, items.allSatisfy({ $0.group == nil }) else { return nil }
    return PathGrouping.families(items.map(\.path), classes: items.classNames.count)?.warning(of: items.count)
  }
}
