// Fixed hashes in Tests/Reference/identities.json, which Tests/Reference/identities/generate.py writes.

import TapBackbone
import TapFileSystem
import TapFormats
import TapProvenance
import TapTensors
import Testing

/// Pinned hashes by section and name.
///
/// These hashes name stores, and decide whether stores and models are accepted. If a hash changes by mistake, all users
/// must compute features again.
package enum PinnedIdentities {
  /// The hashes of one network, by the name of each hash.
  package typealias Pin = [String: String]

  /// The hashes of a network. The decoder is a fixed text, since it names the library of the machine.
  package static func pin(_ backbone: Backbone) -> Pin {
    let identity = BackboneIdentity(
      backbone: backbone.name, weightsHash: backbone.weightsHash, graphHash: backbone.graphHash,
      preprocessing: backbone.preprocessing, decoder: "fixed", numericsRevision: Backbone.numericsRevision,
      algorithms: backbone.algorithms)
    return ["graph": backbone.graphHash, "weights": backbone.weightsHash, "identity": identity.hash]
  }

  /// The hashes of a graph whose input has `size` by `size` pixels.
  package static func pin(_ graph: Graph, size: Int) throws -> Pin {
    pin(
      try Backbone(
        name: "pinned", preprocessing: Preprocessing(size: size), graph: graph, taps: [], aliases: [:]))
  }

  /// The SHA-256 of a text.
  package static func hash(_ text: String) -> String { SHA256.hash(Array(text.utf8)).hex }

  /// The SHA-256 of values as little-endian float32.
  package static func hash(_ elements: [Float]) -> String { SHA256.hash(elements.littleEndianBytes).hex }

  /// Compares a whole section with the file. No pin may differ, be missing or be left over.
  ///
  /// If `LAYERTAP_WRITE_IDENTITIES` names a folder, writes the section into it instead.
  package static func check(
    _ section: String, _ found: [String: Pin], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if let folder = TestData.environment("LAYERTAP_WRITE_IDENTITIES") {
      let json = JSONValue.object(found.mapValues { .object($0.mapValues(JSONValue.string)) })
      try AtomicWriter.replace("\(folder)/\(section).json", with: json.pretty + "\n")
      return
    }
    let path = Repository.path("Tests/Reference/identities.json")
    let pinned = try JSONValue.parse(try FileSystem.read(path))[section]?.objectValue ?? [:]
    #expect(Set(pinned.keys) == Set(found.keys), "the names of \(section)", sourceLocation: sourceLocation)
    for (name, pin) in found.sorted(by: { $0.key < $1.key }) {
      let expected = (pinned[name]?.objectValue ?? [:]).mapValues { $0.stringValue ?? "" }
      #expect(pin == expected, "\(section): \(name)", sourceLocation: sourceLocation)
    }
  }

  /// Reports networks with equal hashes.
  package static func checkDistinct(
    _ found: [String: Pin], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let names = Dictionary(grouping: found.keys.sorted()) { found[$0]?["identity"] ?? "" }
    for (_, alike) in names where alike.count > 1 {
      Issue.record(
        "one identity for \(alike.joined(separator: " and for "))", sourceLocation: sourceLocation)
    }
  }
}
