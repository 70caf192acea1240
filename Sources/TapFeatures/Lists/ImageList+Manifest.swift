import TapFileSystem
import TapFormats

// Lists from a CSV manifest: `path,label[,split][,group][,weight]`, the columns found by their names.

extension ImageList {
  /// Reads a manifest.
  ///
  /// The first line names the columns: `path`, and any of `label`, `split`, `group`, `weight`, in any order;
  /// others are passed over and noted. An empty field means unknown. `split` is one of train, val
  /// (or valid, validation) and test. Relative paths are relative to `folder` where one is given,
  /// otherwise to the manifest's own folder. Paths that lead to no file are listed in ``unmatched``.
  ///
  /// - Throws: ``FeatureError/manifest(path:line:problem:)`` with the line, also for a path that is
  ///   there twice; ``FeatureError/manifestMatchesNothing(path:folder:firstMissing:)``.
  public init(manifest path: String, folder: String? = nil) throws(FeatureError) {
    let folder = folder ?? Self.folder(of: path)
    let bytes = try onFiles { () throws(FileSystemError) in try FileSystem.read(path) }
    let records: [CSVRecord]
    do {
      records = try CSV.records(bytes)
    } catch {
      throw .manifest(path: path, line: nil, problem: "\(error)")
    }
    guard let header = records.first else {
      throw .manifest(path: path, line: nil, problem: "the file is empty; expected the line path,label")
    }
    let columns = try ManifestColumns(header, in: path)

    var items: [ImageItem] = []
    var unmatched: [String] = []
    var lines: [String: Int] = [:]
    for record in records.dropFirst() {
      let item = try columns.item(record, in: path)
      if let earlier = lines.updateValue(record.line, forKey: item.path) {
        throw .manifest(
          path: path, line: record.line, problem: "the path \(item.path) is on line \(earlier) already")
      }
      let location = FileSystem.join(folder, item.path)
      let status = try onFiles { () throws(FileSystemError) in try FileSystem.status(location) }
      if status?.isRegularFile == true { items.append(item) } else { unmatched.append(item.path) }
    }
    guard !items.isEmpty else {
      guard let first = unmatched.first else {
        throw .manifest(path: path, line: nil, problem: "it lists no images")
      }
      throw .manifestMatchesNothing(path: path, folder: folder, firstMissing: first)
    }
    let ignored = columns.ignored.map { "\(path): the column \($0) is not used" }
    self.init(items: items, folder: folder, unmatched: unmatched, notes: ignored)
  }

  private static func folder(of path: String) -> String {
    let parent = FileSystem.parent(of: path)
    return parent == "." ? "" : parent
  }
}

/// Which field of a record means what.
private struct ManifestColumns {
  let count: Int
  let path: Int
  let label: Int?
  let split: Int?
  let group: Int?
  let weight: Int?
  let ignored: [String]

  init(_ header: CSVRecord, in file: String) throws(FeatureError) {
    let names = header.fields
    for name in Set(names) where names.count(where: { $0 == name }) > 1 {
      throw .manifest(path: file, line: header.line, problem: "the column \(name) is there twice")
    }
    guard let path = names.firstIndex(of: "path") else {
      throw .manifest(
        path: file, line: header.line,
        problem:
          "the first line must name the columns, path among them; found \(names.joined(separator: ","))")
    }
    self.count = names.count
    self.path = path
    self.label = names.firstIndex(of: "label")
    self.split = names.firstIndex(of: "split")
    self.group = names.firstIndex(of: "group")
    self.weight = names.firstIndex(of: "weight")
    self.ignored = names.filter { !["path", "label", "split", "group", "weight"].contains($0) }
  }

  func item(_ record: CSVRecord, in file: String) throws(FeatureError) -> ImageItem {
    guard record.fields.count == count else {
      throw .manifest(
        path: file, line: record.line, problem: "expected \(count) fields, found \(record.fields.count)")
    }
    guard let path = field(self.path, record) else {
      throw .manifest(path: file, line: record.line, problem: "the path is empty")
    }
    var split: SplitName?
    if let text = field(self.split, record) {
      split = SplitName(name: text)
      guard split != nil else {
        throw .manifest(
          path: file, line: record.line,
          problem: "the split is \(text); expected train, val (or valid, validation) or test")
      }
    }
    var weight: Double?
    if let text = field(self.weight, record) {
      weight = ImageItem.weight(text)
      guard weight != nil else {
        throw .manifest(
          path: file, line: record.line,
          problem: "the weight is '\(text)'; expected \(ImageItem.weightExpectation)")
      }
    }
    return ImageItem(
      path: path, label: field(label, record), split: split, group: field(group, record), weight: weight)
  }

  private func field(_ index: Int?, _ record: CSVRecord) -> String? {
    guard let index, !record.fields[index].isEmpty else { return nil }
    return record.fields[index]
  }
}
