// Reads lists from tables, from JSON lines and from text files. A table has the columns
// `path,label[,split][,group][,weight]`, which are found by their names. Objects of JSON lines have such fields. A text
// file has one path on each line.

import TapFileSystem
import TapFormats

extension ImageList {
  /// Whether a file's name is the name of a list of images. The name `-` stands for a list on standard input.
  public static func isManifest(_ path: String) -> Bool {
    path == StandardInput.word
      || (["csv", "tsv", "txt", "lst", "list"] + ListText.endingsOfObjects).contains(FileSystem.fileExtension(of: path))
  }

  /// Whether a path leads to a list of images, by its name, and not to a folder.
  package static func isManifestFile(_ path: String) -> Bool {
    isManifest(path) && (path == StandardInput.word || !FileSystem.isDirectory(path))
  }

  /// Reads a manifest.
  ///
  /// The first line names the columns: `path`, and any of `label`, `split`, `group`, `weight`, in any order, in upper
  /// or lower case. Other columns are the user's own: ``ownColumns``. If there is no column `path`, a column `file`,
  /// `filename` or `image` replaces it. If there is no column `label`, a column `class` replaces it. A note reports
  /// each replacement. Fields are separated by commas, semicolons or tabs. A line `sep=;` before the first line names
  /// the separator. An empty field means unknown. `split` is `train`, `val` or `test`, or a word with the meaning of
  /// one of these. Relative paths are relative to `folder` if it is given, otherwise to the manifest's own folder.
  /// Paths without a file are listed in ``unmatched``.
  ///
  /// If the first line names no columns but is the path of a file, every line of the manifest is a path. If the name of
  /// the manifest ends in `.jsonl` or `.ndjson`, or if it begins with a JSON object, every line is a JSON object with
  /// these columns as fields.
  ///
  /// - Parameters:
  ///   - source: the path of the manifest, or `-` for standard input.
  ///   - filter: the filter for the paths as they are written.
  ///   - labelField: the name of the column or field of labels, if it is not `label` or `class`.
  ///   - allowsRepeats: whether a path may occur twice with equal label, split, group and weight. ``rows`` keeps the
  ///     repeats.
  ///   - notesOwnColumns: whether a note names the user's own columns, for a caller that cannot use them.
  /// - Throws: ``FeatureError/manifest(path:line:problem:)`` with the line, also for a repeated path;
  ///   ``FeatureError/manifestMatchesNothing(path:folder:firstMissing:)``.
  public init(
    manifest source: String, folder: String? = nil, filter: PathFilter = PathFilter(),
    labelField: String? = nil, allowsRepeats: Bool = false, notesOwnColumns: Bool = true
  ) throws(FeatureError) {
    let folder = folder ?? Self.folder(of: source)
    let text = try onFiles { () throws(FileSystemError) in try ListText(source) }
    let path = text.name
    let manifest = try Manifest(text, folder: folder, labelField: labelField)
    var items: [ImageItem] = []
    var rows: [Row] = []
    var unmatched: [String] = []
    var excluded = 0
    var filter = FilterRun(filter)
    var known: [ByteKey: (line: Int, item: ImageItem)] = [:]
    for (line, item, ownFields) in manifest.entries {
      guard filter.takes(item.path) else {
        excluded += 1
        continue
      }
      if let earlier = known[ByteKey(item.path)] {
        guard allowsRepeats else {
          throw .manifest(
            path: path, line: line, problem: "the path \(item.path) is on line \(earlier.line) already")
        }
        guard earlier.item == item else {
          throw .manifest(
            path: path, line: line,
            problem:
              "the path \(item.path) is on line \(earlier.line) already, with another label, split, group or weight"
          )
        }
        rows.append(Row(path: item.path, ownFields: ownFields))
        continue
      }
      known[ByteKey(item.path)] = (line, item)
      let location = FileSystem.join(folder, item.path)
      guard try onFiles({ () throws(FileSystemError) in try FileSystem.isFile(location) }) else {
        let bare = ManifestColumns.trimmed(item.path)
        if !bare.hasBytes(of: item.path), FileSystem.exists(FileSystem.join(folder, bare)) {
          throw .manifest(
            path: path, line: line,
            problem: "the path '\(item.path)' leads to no file, and does without its blanks: take them away")
        }
        unmatched.append(item.path)
        continue
      }
      items.append(item)
      rows.append(Row(path: item.path, ownFields: ownFields))
    }
    guard !items.isEmpty else {
      guard let first = unmatched.first else {
        throw .manifest(
          path: path, line: nil,
          problem: excluded > 0
            ? "all its paths are left out by --include or --exclude" : "it lists no images")
      }
      throw .manifestMatchesNothing(path: path, folder: folder, firstMissing: first)
    }
    let missing = Set(unmatched.map(ByteKey.init))
    self.init(
      items: items, folder: folder, unmatched: unmatched,
      notes: manifest.notes(isForOwnColumns: notesOwnColumns).map { "\(path): \($0)" },
      warnings: filter.warnings + Self.lookalikes(items.compactMap(\.label).sortedByBytes),
      rows: rows.filter { !missing.contains(ByteKey($0.path)) }, ownColumns: manifest.ownColumns)
  }

  private static func folder(of path: String) -> String {
    let parent = FileSystem.parent(of: path)
    return parent == "." ? "" : parent
  }
}

/// The contents of a manifest, line by line.
private struct Manifest {
  private let columns: ManifestColumns?
  let entries: [(line: Int, item: ImageItem, ownFields: [String])]

  var ownColumns: [String] { columns?.ownNames ?? [] }

  func notes(isForOwnColumns: Bool) -> [String] {
    (columns?.notes ?? [])
      + (isForOwnColumns ? ownColumns.filter { !$0.isEmpty } : []).map { "the column \($0) is not used" }
  }

  init(_ list: ListText, folder: String, labelField: String?) throws(FeatureError) {
    if !list.hasObjects, let paths = try Self.paths(list, folder) {
      if let labelField {
        throw .manifest(
          path: list.name, line: paths[0].line,
          problem: "expected names of columns, with \(labelField) (--label-field) among them, found a path")
      }
      columns = nil
      entries = paths.map { ($0.line, ImageItem(path: $0.fields[0]), []) }
      return
    }
    let records: [CSVRecord]
    do { records = try list.records(labelField: labelField) } catch { throw Self.failed(list, error) }
    guard let header = records.first else { throw Self.empty(list) }
    if list.hasObjects, !header.fields.contains(where: ManifestColumns.namesPath) {
      throw .manifest(
        path: list.name, line: header.line,
        problem: "expected the field path in the objects, found the fields \(header.fields.joined(separator: ", "))")
    }
    let columns: ManifestColumns
    do { columns = try ManifestColumns(header, in: list.name, labelField: labelField) } catch {
      // The first line names no columns, but the lines hold more than paths.
      let words = header.fields[0].utf8.split { $0 == 0x20 || $0 == 0x09 }
      let start = words.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
      guard Self.leads(header.fields[0], from: folder) || Self.leads(start, from: folder) else { throw error }
      throw .manifest(
        path: list.name, line: header.line,
        problem:
          "no line names the columns: put one before it, such as path,label, or leave a path alone on every line"
      )
    }
    self.columns = columns
    var entries: [(line: Int, item: ImageItem, ownFields: [String])] = []
    entries.reserveCapacity(records.count - 1)
    for record in records.dropFirst() {
      entries.append((record.line, try columns.item(record, in: list.name), columns.ownFields(record)))
    }
    self.entries = entries
  }

  /// The lines of a list of plain paths; nil for a table.
  private static func paths(_ list: ListText, _ folder: String) throws(FeatureError) -> [CSVRecord]? {
    let lines: [CSVRecord]
    do { lines = try list.lines() } catch { throw failed(list, error) }
    guard let first = lines.first else { throw empty(list) }
    return leads(first.fields[0], from: folder) && !ManifestColumns.namesPath(first.fields[0]) ? lines : nil
  }

  private static func failed(_ list: ListText, _ problem: ListProblem) -> FeatureError {
    .manifest(path: list.name, line: problem.line, problem: problem.problem)
  }

  private static func empty(_ list: ListText) -> FeatureError {
    let expected = list.hasObjects ? "lines such as {\"path\": \"a.jpg\", \"label\": \"cat\"}" : "the line path,label"
    return .manifest(path: list.name, line: nil, problem: "the file is empty; expected \(expected)")
  }

  private static func leads(_ path: String, from folder: String) -> Bool {
    guard !path.isEmpty, !path.utf8.contains(0) else { return false }
    return (try? FileSystem.isFile(FileSystem.join(folder, path))) ?? false
  }
}
