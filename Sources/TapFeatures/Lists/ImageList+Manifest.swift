// Reads lists from tables and from text files. A table has the columns `path,label[,split][,group][,weight]`, which are
// found by their names. A text file has one path on each line.

import TapFileSystem
import TapFormats

extension ImageList {
  /// Whether a file's name is the name of a list of images.
  public static func isManifest(_ path: String) -> Bool {
    ["csv", "tsv", "txt", "lst", "list"].contains(FileSystem.fileExtension(of: path))
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
  /// If the first line names no columns but is the path of a file, every line of the manifest is a path.
  ///
  /// - Parameters:
  ///   - filter: the filter for the paths as they are written.
  ///   - allowsRepeats: whether a path may occur twice with equal label, split, group and weight. ``rows`` keeps the
  ///     repeats.
  ///   - notesOwnColumns: whether a note names the user's own columns, for a caller that cannot use them.
  /// - Throws: ``FeatureError/manifest(path:line:problem:)`` with the line, also for a repeated path;
  ///   ``FeatureError/manifestMatchesNothing(path:folder:firstMissing:)``.
  public init(
    manifest path: String, folder: String? = nil, filter: PathFilter = PathFilter(),
    allowsRepeats: Bool = false,
    notesOwnColumns: Bool = true
  ) throws(FeatureError) {
    let folder = folder ?? Self.folder(of: path)
    let bytes = try onFiles { () throws(FileSystemError) in try FileSystem.read(path, allowsPipe: true) }
    let manifest = try Manifest(bytes, path: path, folder: folder)
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
      let status = try onFiles { () throws(FileSystemError) in try FileSystem.status(location) }
      guard status?.isRegularFile == true else {
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

  init(_ bytes: [UInt8], path: String, folder: String) throws(FeatureError) {
    func failed(_ error: CSVError) -> FeatureError { .manifest(path: path, line: nil, problem: "\(error)") }
    let lines: [CSVRecord]
    do { lines = try CSV.lines(bytes) } catch { throw failed(error) }
    guard let first = lines.first else {
      throw .manifest(path: path, line: nil, problem: "the file is empty; expected the line path,label")
    }
    if Self.leads(first.fields[0], from: folder), !ManifestColumns.namesPath(first.fields[0]) {
      columns = nil
      entries = lines.map { ($0.line, ImageItem(path: $0.fields[0]), []) }
      return
    }
    let records: [CSVRecord]
    do {
      records = try CSV.tableRecords(
        bytes, isTabbed: FileSystem.fileExtension(of: path) == "tsv")
    } catch { throw failed(error) }
    guard let header = records.first else {
      throw .manifest(path: path, line: nil, problem: "the file is empty; expected the line path,label")
    }
    let columns: ManifestColumns
    do { columns = try ManifestColumns(header, in: path) } catch {
      // The first line names no columns, but the lines hold more than paths.
      let words = header.fields[0].utf8.split { $0 == 0x20 || $0 == 0x09 }
      let start = words.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
      guard Self.leads(header.fields[0], from: folder) || Self.leads(start, from: folder) else { throw error }
      throw .manifest(
        path: path, line: header.line,
        problem:
          "no line names the columns: put one before it, such as path,label, or leave a path alone on every line"
      )
    }
    self.columns = columns
    var entries: [(line: Int, item: ImageItem, ownFields: [String])] = []
    entries.reserveCapacity(records.count - 1)
    for record in records.dropFirst() {
      entries.append((record.line, try columns.item(record, in: path), columns.ownFields(record)))
    }
    self.entries = entries
  }

  private static func leads(_ path: String, from folder: String) -> Bool {
    guard !path.isEmpty, !path.utf8.contains(0) else { return false }
    return (try? FileSystem.status(FileSystem.join(folder, path)))?.isRegularFile ?? false
  }
}
