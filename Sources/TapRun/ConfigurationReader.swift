// Reads the fields of a pipeline file, each with its line number. An unknown name is an error, and so is a value of the
// wrong type, so that no setting is silently ignored.

import TapArchitectures
import TapFileSystem
import TapFormats
import TapSettings

/// Reads one object of a pipeline file.
struct ConfigurationReader {
  let file: String
  private let document: JSONDocument
  /// The path of the object in the document; empty for the root object.
  private let path: String
  private let fields: [String: JSONValue]
  /// The fields that the file states by an earlier name, each with that earlier name.
  private let spelling: [String: String]

  /// The earlier names of fields, which remain valid.
  static let earlierNames = ["manifest": "labels", "classifiers": "classifier"]

  init(_ document: JSONDocument, file: String) throws(RunError) {
    guard let fields = document.root.objectValue else {
      throw RunError.configuration(
        file: file, line: document.position(of: "")?.line ?? 1, field: "",
        problem: "expected an object in braces, found \(document.root.kind)")
    }
    self.init(document, file: file, path: "", fields: fields)
  }

  private init(_ document: JSONDocument, file: String, path: String, fields: [String: JSONValue]) {
    self.document = document
    self.file = file
    self.path = path
    var fields = fields
    var spelling: [String: String] = [:]
    for (earlier, name) in Self.earlierNames where path.isEmpty && fields[name] == nil {
      guard let value = fields.removeValue(forKey: earlier) else { continue }
      fields[name] = value
      spelling[name] = earlier
    }
    self.fields = fields
    self.spelling = spelling
  }

  /// Throws an error for every field that is not among `known`.
  func allow(_ known: [String]) throws(RunError) {
    let unknown = fields.keys.filter { !known.contains($0) }
    let byLine = unknown.map { (line: line(of: $0), name: $0) }.min {
      ($0.line, $0.name) < ($1.line, $1.name)
    }
    guard let first = byLine else { return }
    let near = NearestName.nearest(to: first.name, in: known).map { "; did you mean \"\($0)\"?" } ?? ";"
    throw error(first.name, "there is no such field\(near) Known are \(known.joined(separator: ", "))")
  }

  func has(_ name: String) -> Bool { fields[name] != nil }

  func string(_ name: String) throws(RunError) -> String? {
    try value(name, "a text that is not empty") { $0.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
  }

  /// A path. A relative path starts at the folder of the pipeline file.
  func path(_ name: String) throws(RunError) -> String? { try string(name).map(located) }

  func paths(_ name: String) throws(RunError) -> [String]? { try strings(name).map { $0.map(located) } }

  /// The default folder of stores: the folder that the environment names, or otherwise a folder beside the pipeline
  /// file.
  var defaultStore: String {
    let place = StorePlace(nil)
    return place.isDefault ? located(place.path) : place.path
  }

  /// The name of a built-in backbone, or the path of a file relative to the folder of the pipeline file.
  func backbone() throws(RunError) -> String {
    guard let source = try string("backbone") else { return Architectures.defaultName }
    return locatedBackbone(source)
  }

  private func locatedBackbone(_ source: String) -> String {
    Architectures.names.contains(source) ? source : located(source)
  }

  /// One backbone, or several that are compared: see ``backbone()``.
  func backbones() throws(RunError) -> [String] {
    let expected = "a text or a list of different texts, none empty"
    let names = try value("backbone", expected) { Self.backboneValues.accepted($0)?.arrayValue }
    return names?.compactMap(\.stringValue).map(locatedBackbone) ?? [Architectures.defaultName]
  }

  /// The values of the field `backbone` of a comparison.
  static let backboneValues = SettingValues.list(.text, isSet: true)

  private func located(_ path: String) -> String {
    let parent = FileSystem.parent(of: file)
    return ConfigurationReader.simplified(FileSystem.join(parent == "." ? "" : parent, path))
  }

  /// The path without `folder/..`, as people would write it: `data` for `pipelines/../data`.
  private static func simplified(_ path: String) -> String {
    var parts: [String] = []
    for part in path.pathParts where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    let joined = parts.joined(separator: "/")
    return FileSystem.isAbsolute(path) ? "/" + joined : joined.isEmpty ? "." : joined
  }

  /// The name of the pipeline file without its ending.
  var fileStem: String {
    FileSystem.withoutExtension(FileSystem.name(of: file))
  }

  /// The texts of a field, which is one text or a list of at least one text.
  func strings(_ name: String) throws(RunError) -> [String]? {
    try value(name, "a text or a list of texts, none empty") { value in
      if let text = value.stringValue { return text.isEmpty ? nil : [text] }
      let texts = value.arrayValue?.compactMap(\.stringValue).filter { !$0.isEmpty }
      guard let texts, !texts.isEmpty, texts.count == value.arrayValue?.count else { return nil }
      return texts
    }
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(RunError) -> Int? {
    let upper = range.upperBound == .max ? "up" : "to \(range.upperBound)"
    return try value(name, "an integer from \(range.lowerBound) \(upper)") {
      $0.intValue.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(RunError) -> Choice? {
    let names = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    return try value(name, "one of \(names)") { $0.stringValue.flatMap(Choice.init(rawValue:)) }
  }

  // MARK: - Settings

  /// A group of settings. Values that the object states replace the values of `base`.
  func settings<Group: SettingGroup>(over base: Group) throws(RunError) -> Group {
    do { return try base.taking(stated(of: Group.self)) } catch { throw refusal(error) }
  }

  /// The settings of an extraction. If the object names several backbones, the settings have the first one.
  func extractionSettings() throws(RunError) -> ExtractionSettings {
    var given = stated(of: ExtractionSettings.self)
    if let first = given["backbone"]?.arrayValue?.first { given["backbone"] = first }
    do { return try ExtractionSettings().taking(given) } catch { throw refusal(error) }
  }

  /// The settings of each kind of model. The object names one kind or a list of kinds, which can also contain the word
  /// for the k nearest neighbors.
  func comparedSettings() throws(RunError) -> (settings: [TrainingSettings], comparesNeighbors: Bool) {
    do {
      let given = try TrainingSettings.takingNeighbors(stated(of: TrainingSettings.self))
      return (try TrainingSettings.compared(given.given), given.comparesNeighbors)
    } catch { throw refusal(error) }
  }

  private func stated<Group: SettingGroup>(of group: Group.Type) -> [String: JSONValue] {
    let known = Set(Group.settings.map(\.name))
    return fields.filter { known.contains($0.key) }
  }

  private func refusal(_ error: SettingsError) -> RunError {
    self.error(error.field, error.problem { "\"\($0)\"" })
  }

  func object(_ name: String) throws(RunError) -> ConfigurationReader? {
    guard let fields = try value(name, "an object in braces", read: { $0.objectValue }) else { return nil }
    return ConfigurationReader(document, file: file, path: fullPath(name), fields: fields)
  }

  /// The value of a field, converted by `read`; nil if the field is absent.
  func value<Value>(
    _ name: String, _ expected: String, read: (JSONValue) -> Value?
  ) throws(RunError) -> Value? {
    guard let value = fields[name] else { return nil }
    guard let result = read(value) else {
      throw error(name, "expected \(expected), found \(value.shown)")
    }
    return result
  }

  func missing(_ name: String, _ expected: String) -> RunError {
    .configuration(
      file: file, line: document.position(of: path)?.line ?? 1, field: fullPath(name),
      problem: "the field is missing; expected \(expected)")
  }

  func error(_ name: String, _ problem: String) -> RunError {
    .configuration(file: file, line: line(of: name), field: fullPath(name), problem: problem)
  }

  private func fullPath(_ name: String) -> String {
    path.isEmpty ? spelling[name] ?? name : "\(path).\(name)"
  }

  private func line(of name: String) -> Int { document.position(of: fullPath(name))?.line ?? 1 }
}
