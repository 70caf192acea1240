import TapFileSystem
import TapFormats

// Lists from a CSV manifest: `path,label[,split][,group][,weight]`, the columns found by their names.

extension ImageList {
  /// Reads a manifest.
  ///
  /// The first line names the columns: `path`, and any of `label`, `split`, `group`, `weight`, in any order and case;
  /// others are passed over and noted. Without `path` a column `file`, `filename` or `image` is it, without `label` one named
  /// `class`, and that is noted. Fields are separated by commas, or by semicolons or tabs. An empty field means unknown. `split` is one of train, val
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
      records = try CSV.tableRecords(bytes)
    } catch {
      throw .manifest(path: path, line: nil, problem: "\(error)")
    }
    guard let header = records.first else {
      throw .manifest(path: path, line: nil, problem: "the file is empty; expected the line path,label")
    }
    let columns = try ManifestColumns(header, in: path)

    var items: [ImageItem] = []
    var unmatched: [String] = []
    var lines: [ByteKey: Int] = [:]
    for record in records.dropFirst() {
      let item = try columns.item(record, in: path)
      if let earlier = lines.updateValue(record.line, forKey: ByteKey(item.path)) {
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
    self.init(
      items: items, folder: folder, unmatched: unmatched, notes: columns.notes.map { "\(path): \($0)" })
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
  /// Which columns are taken for what, and which are not used.
  let notes: [String]

  /// Other names of columns; each is taken where the usual one is not there.
  private static let otherNames = ["path": ["file", "filename", "image"], "label": ["class"]]

  init(_ header: CSVRecord, in file: String) throws(FeatureError) {
    func failed(_ problem: String) -> FeatureError {
      .manifest(path: file, line: header.line, problem: problem)
    }
    let shown = header.fields.map(Self.trimmed)
    let known = ["path", "label", "split", "group", "weight"]
    let names = shown.map { known.contains($0.lowercased()) ? $0.lowercased() : $0 }
    for name in names where !name.isEmpty && names.count(where: { $0 == name }) > 1 {
      throw failed("the column \(name) is there twice")
    }
    var notes: [String] = []
    var found: [String: Int] = [:]
    for name in known {
      if let index = names.firstIndex(of: name) {
        found[name] = index
        continue
      }
      let others = names.indices.filter {
        Self.otherNames[name]?.contains(names[$0].lowercased()) ?? false
      }
      if others.count > 1 {
        throw failed(
          "it has no column \(name), and \(others.map { shown[$0] }.joined(separator: " and ")) may be it: name one of them "
            + "\(name)")
      }
      guard let index = others.first else { continue }
      found[name] = index
      notes.append("the column \(shown[index]) is taken for the \(name)")
    }
    guard let path = found["path"] else {
      throw failed(
        "the first line must name the columns, path among them; found \(shown.joined(separator: ","))")
    }
    self.count = names.count
    self.path = path
    self.label = found["label"]
    self.split = found["split"]
    self.group = found["group"]
    self.weight = found["weight"]
    self.notes =
      notes
      + names.indices.filter { !found.values.contains($0) && !names[$0].isEmpty }
      .map { "the column \(shown[$0]) is not used" }
  }

  private static func trimmed(_ name: String) -> String {
    var name = name[...]
    while name.first == " " { name.removeFirst() }
    while name.last == " " { name.removeLast() }
    return String(name)
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
