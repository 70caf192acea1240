// Keeps measured choices of algorithms for later runs. There is one file for each combination of processor, instruction
// set, numerics revision and set of convolutions. The files may be deleted at any time. After a deletion the choices
// are measured again.

import TapBackbone
import TapFileSystem
import TapFormats
import TapKernels
import TapProvenance

/// Measured choices of algorithms in the user's cache folder.
package struct TuningCache: Hashable, Sendable {
  /// The folder of the files; nil if no files are kept.
  package let folder: String?

  /// Creates a cache with files in `folder`.
  package init(folder: String? = TuningCache.standardFolder) {
    self.folder = folder
  }

  /// The folder `layertap/tuned` in `XDG_CACHE_HOME` or, if this variable is not set, in `~/.cache`; nil if the home
  /// folder is not set either.
  package static var standardFolder: String? {
    if let cache = Environment.value("XDG_CACHE_HOME"), !cache.isEmpty {
      return FileSystem.join(cache, "layertap/tuned")
    }
    guard let home = Environment.value("HOME"), !home.isEmpty else { return nil }
    return FileSystem.join(home, ".cache/layertap/tuned")
  }

  /// The conditions under which a measurement is valid.
  package struct Subject: Hashable, Sendable {
    package var processor: String
    package var instructionSet: InstructionSet
    package var numericsRevision: Int
    /// The convolutions that have several algorithms, each with the size of its input; sorted.
    package var geometries: [String]

    package init(
      processor: String = Environment.processor, instructionSet: InstructionSet,
      numericsRevision: Int = Backbone.numericsRevision, geometries: [String]
    ) {
      self.processor = processor
      self.instructionSet = instructionSet
      self.numericsRevision = numericsRevision
      self.geometries = geometries
    }

    fileprivate var json: JSONValue {
      .object([
        "processor": .string(processor), "instructionSet": .string(instructionSet.rawValue),
        "numericsRevision": .integer(numericsRevision),
        "geometries": .array(geometries.map(JSONValue.string)),
      ])
    }
  }

  /// The result of reading the cache.
  package enum Entry: Hashable, Sendable {
    case known(AlgorithmChoices, path: String)
    case unknown
    /// A file of the cache has invalid contents.
    case damaged(path: String, problem: String)
  }

  private static let format = 1

  package func entry(for subject: Subject) -> Entry {
    guard let path = path(of: subject), FileSystem.exists(path) else { return .unknown }
    do {
      let json = try JSONValue.parse(try FileSystem.read(path, atMost: FileSystem.documentLimit))
      guard json["format"] == .integer(Self.format), json["subject"] == subject.json else {
        return .damaged(path: path, problem: "it is about something else")
      }
      let choices = try AlgorithmChoices(json: json["algorithms"] ?? .null)
      guard Set(choices.algorithms.keys).isSubset(of: subject.geometries) else {
        return .damaged(path: path, problem: "it names convolutions that there are not")
      }
      return .known(choices, path: path)
    } catch {
      return .damaged(path: path, problem: "\(error)")
    }
  }

  /// Writes choices to the cache. An existing file is replaced.
  ///
  /// - Returns: the reason why the choices could not be written; nil if the choices were written, or if there is no
  ///   folder.
  package func keep(_ choices: AlgorithmChoices, for subject: Subject) -> String? {
    guard let folder, let path = path(of: subject) else { return nil }
    let json = JSONValue.object([
      "format": .integer(Self.format), "subject": subject.json, "algorithms": choices.json,
    ])
    do {
      try FileSystem.createDirectories(folder)
      try AtomicWriter.replace(path, with: json.pretty + "\n")
      return nil
    } catch {
      return error.description
    }
  }

  private func path(of subject: Subject) -> String? {
    folder.map { FileSystem.join($0, SHA256.hash(Array(subject.json.canonical.utf8)).hex + ".json") }
  }
}
