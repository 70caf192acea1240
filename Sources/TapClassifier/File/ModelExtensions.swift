// Extensions of the model file: what later versions add without a new format number.

import TapFormats

/// The extensions that a file lists.
struct ModelExtensions {
  /// The file's entry for one extension.
  struct Entry: Hashable {
    let isRequired: Bool
    /// The revision, from 1 up.
    let revision: Int
    /// The first version of the program that reads this revision.
    let since: String
  }

  /// Names that are kept for extensions to come; this program reads none of them.
  static let reserved = ["novelty", "examples", "thresholds", "quantization"]
  /// Tensors, their prefixes and metadata of the format itself, which no extension may be called.
  static let forbidden: Set = [
    "weights", "bias", "scaler", "golden", "backbone", "seen", "seenRows", "format", "formatVersion", "since",
    "classes", "columns", "column", "rows", "calibration", "settings", "training", "selection", "indexBase",
    "extensions",
  ]

  private let entries: [String: Entry]

  /// Creates an empty list.
  init() { entries = [:] }

  /// - Throws: the reason why the object is not a list of extensions.
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

  /// The first, by name, that the file needs and a program does not read.
  ///
  /// - Parameter known: the revision up to which a program reads each.
  func missing(from known: [String: Int]) -> (name: String, entry: Entry)? {
    entries.filter { $0.value.isRequired && $0.value.revision > known[$0.key] ?? 0 }
      .min { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Whether a tensor, `name.part`, belongs to one of them.
  func own(tensor name: String) -> Bool {
    guard let dot = name.firstIndex(of: ".") else { return false }
    return entries[String(name[..<dot])] != nil
  }
}
