// The images in a tar file, in the layout of webdataset: beside `name.jpg` there may be `name.cls` with the label,
// `name.json` with the fields of a line of JSON lines, or `name.txt`.

import TapFileSystem
import TapFormats

/// The images in a tar file. Their paths are the path of the tar file and their names in it.
struct TarImages {
  /// The images, in the order of the tar file.
  private(set) var items: [ImageItem] = []
  /// The files that are neither JPEG nor PNG and do not describe an image.
  private(set) var others: [(path: String, kind: FileContentKind)] = []
  /// Notes on skipped entries, with the reason.
  let notes: [String]

  private let path: String
  private let file: File
  private let labelField: String?
  /// The files that describe images, by the name without endings and by the ending.
  private var descriptions: [ByteKey: [String: TarIndex.Member]] = [:]

  private static let endings = ["cls", "json", "txt"]
  /// The maximum number of bytes of a label in a file of its own.
  private static let longestLabel = 4096

  /// - Parameters:
  ///   - isLabeled: whether the files beside an image describe it.
  ///   - labelField: the field of `name.json` that has the labels, if it is not one of the usual fields.
  /// - Throws: ``FeatureError/manifest(path:line:problem:)`` for a file beside an image with other contents;
  ///   ``FeatureError/file(_:)`` for a damaged tar file.
  init(_ path: String, _ filter: inout FilterRun, isLabeled: Bool, labelField: String?) throws(FeatureError) {
    self.path = path
    self.labelField = labelField
    let file = try onFiles { () throws(FileSystemError) in try File(reading: path) }
    let index = try onFiles { () throws(FileSystemError) in try TarIndex(file) }
    self.file = file
    notes = index.passedOver.map { FileSystem.join(path, $0) }
    var images: [TarIndex.Member] = []
    for member in index.members where FileSystem.name(of: member.name).utf8.first != UInt8(ascii: ".") {
      let (stem, ending) = Self.parts(member.name)
      if Self.endings.contains(ending) {
        descriptions[stem, default: [:]][ending] = member
        continue
      }
      guard filter.takes(member.name) else { continue }
      let kind = FileContentKind(named: member.name) {
        (try? file.read(at: member.offset, count: min(member.size, 512))) ?? []
      }
      if case .image = kind { images.append(member) } else { others.append((member.name, kind)) }
    }
    items = isLabeled ? try described(images) : images.map { ImageItem(path: FileSystem.join(path, $0.name)) }
  }

  /// The name up to the first dot of its last part, and the rest in lower case.
  private static func parts(_ name: String) -> (stem: ByteKey, ending: String) {
    let base = FileSystem.name(of: name)
    let rest = base.utf8.drop { $0 != UInt8(ascii: ".") }
    let stem = name.utf8.dropLast(rest.count)
    return (
      ByteKey(String(decoding: stem, as: UTF8.self)),
      String(decoding: rest.dropFirst(), as: UTF8.self).lowercased()
    )
  }

  /// The images as items. Their fields are read as those of JSON lines.
  private func described(_ images: [TarIndex.Member]) throws(FeatureError) -> [ImageItem] {
    guard !images.isEmpty else { return [] }
    let paths = images.map { FileSystem.join(path, $0.name) }
    var text: [UInt8] = []
    for (image, path) in zip(images, paths) {
      var fields = try fields(of: Self.parts(image.name).stem)
      fields["path"] = .string(path)
      text += JSONValue.object(fields).canonical.utf8
      text.append(0x0A)
    }
    let list = ListText(name: path, objects: text)
    let records: [CSVRecord]
    do { records = try list.records(labelField: labelField) } catch {
      throw .manifest(path: error.line.map { paths[$0 - 1] } ?? path, line: nil, problem: error.problem)
    }
    let columns = try ManifestColumns(records[0], in: path, labelField: labelField)
    var items: [ImageItem] = []
    for (record, path) in zip(records.dropFirst(), paths) {
      do { items.append(try columns.item(record, in: path)) } catch {
        guard case .manifest(_, _, let problem) = error else { throw error }
        throw .manifest(path: path, line: nil, problem: problem)
      }
    }
    return items
  }

  /// The fields that the files beside an image state.
  private func fields(of stem: ByteKey) throws(FeatureError) -> [String: JSONValue] {
    guard let files = descriptions[stem] else { return [:] }
    let wanted = ["label", "class", "split", "group", "weight"] + [labelField].compactMap(\.self)
    var fields: [String: JSONValue] = [:]
    if let member = files["json"] {
      let bytes = try read(member, atMost: JSONLines.longestLine)
      let value: JSONValue
      do { value = try JSONValue.parse(bytes) } catch { throw problem(member, "\(error)") }
      guard let object = value.objectValue else {
        throw problem(member, "expected an object such as {\"label\": \"cat\"}, found \(value.kind)")
      }
      fields = object.filter { wanted.contains($0.key) }
    }
    guard labelField == nil else { return fields }
    // Other images can have the field under its other name, and a table has one column of labels.
    if fields["label"] == nil { fields["label"] = fields["class"] }
    fields["class"] = nil
    if let member = files["cls"] {
      fields["label"] = .string(try label(member))
    } else if fields["label"] == nil, let member = files["txt"] {
      fields["label"] = .string(try label(member))
    }
    return fields
  }

  private func label(_ member: TarIndex.Member) throws(FeatureError) -> String {
    let bytes = try read(member, atMost: Self.longestLabel)
    let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
    let trimmed = bytes.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed()
    guard let text = String(validating: trimmed, as: UTF8.self) else {
      throw problem(member, "expected a label, found text that is not UTF-8")
    }
    return text
  }

  private func read(_ member: TarIndex.Member, atMost limit: Int) throws(FeatureError) -> [UInt8] {
    guard member.size <= limit else {
      throw problem(member, "expected at most \(limit) bytes, found \(member.size) bytes")
    }
    let file = file
    return try onFiles { () throws(FileSystemError) in try file.read(at: member.offset, count: member.size) }
  }

  private func problem(_ member: TarIndex.Member, _ problem: String) -> FeatureError {
    .manifest(path: FileSystem.join(path, member.name), line: nil, problem: problem)
  }
}
