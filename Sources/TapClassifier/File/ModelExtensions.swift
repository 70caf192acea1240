// Extensions of the model file: parts that later versions add without a new format number.

import TapFormats

/// The extensions that a file lists.
struct ModelExtensions {
  /// The file's entry for one extension.
  struct Entry: Hashable {
    let isRequired: Bool
    /// The revision, at least 1.
    let revision: Int
    /// The first version of the program that reads this revision.
    let since: String

    /// The entry in the metadata.
    var json: JSONValue {
      .object(["required": .bool(isRequired), "revision": .integer(revision), "since": .string(since)])
    }
  }

  /// Names that are reserved for further extensions of LayerTap. This program reads no extension with such a name.
  static let reserved = ["examples", "quantization"]
  /// The names of tensors, tensor prefixes and metadata of the format itself. No extension may have such a name.
  static let forbidden: Set = [
    "weights", "bias", "scaler", "golden", "backbone", "seen", "seenRows", "format", "formatVersion", "since",
    "classes", "columns", "column", "rows", "calibration", "settings", "training", "selection", "indexBase",
    "extensions",
  ]

  private let entries: [String: Entry]

  /// Creates an empty list.
  init() { entries = [:] }

  /// - Throws: an error that says why the object is not a list of extensions.
  init(json: JSONValue) throws(JSONError) {
    guard let fields = json.objectValue else {
      throw .wrongType(field: "", expected: "an object", found: json.kind)
    }
    var entries: [String: Entry] = [:]
    for (name, value) in fields {
      guard Self.isName(name), !Self.forbidden.contains(name) else {
        throw .wrongType(
          field: name, expected: "a name of letters and digits that the format does not use itself",
          found: name)
      }
      let revision = try value.int("revision")
      guard revision >= 1 else {
        throw .wrongType(field: "\(name).revision", expected: "an integer from 1 up", found: "\(revision)")
      }
      entries[name] = Entry(
        isRequired: try value.bool("required"), revision: revision, since: try value.string("since"))
    }
    self.entries = entries
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, first.properties.isAlphabetic else { return false }
    return name.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
    }
  }

  /// The first extension, in the order of names, that the file needs and that a program does not read. The result is
  /// nil if there is no such extension.
  ///
  /// - Parameter known: the latest revision of each extension that the program reads.
  func missing(from known: [String: Int]) -> (name: String, entry: Entry)? {
    entries.filter { $0.value.isRequired && $0.value.revision > known[$0.key] ?? 0 }
      .min { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Whether the list has an extension in a revision that a program reads.
  func has(_ name: String, upTo revision: Int) -> Bool {
    entries[name].map { $0.revision <= revision } ?? false
  }

  /// Whether a tensor with a name of the form `name.part` belongs to an extension of the list.
  func own(tensor name: String) -> Bool {
    guard let dot = name.firstIndex(of: ".") else { return false }
    return entries[String(name[..<dot])] != nil
  }
}
