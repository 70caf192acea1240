// All rows of a store are computed by the same algorithms. So a tuner looks for an existing store first.

import TapFileSystem
import TapProvenance

extension FeatureStore {
  /// Finds a store below `parent` whose identity equals `identity` except for tuned algorithms. Returns the store's
  /// path and its algorithms. If there are several such stores, the first by name is returned; nil if there is none. An
  /// unreadable folder is left out.
  package static func tuned(
    like identity: BackboneIdentity, below parent: String
  ) -> (path: String, algorithms: AlgorithmChoices)? {
    var plain = identity
    plain.algorithms = AlgorithmChoices()
    guard let names = try? FileSystem.list(parent) else { return nil }
    for name in names where name.utf8.first != UInt8(ascii: ".") {
      let folder = StoreFolder(path: FileSystem.join(parent, name))
      guard FileSystem.exists(folder.description), let description = try? StoreDescription(in: folder)
      else { continue }
      let algorithms = description.identity.algorithms
      plain.algorithms = algorithms
      if !algorithms.isEmpty, description.identity.hash == plain.hash { return (folder.path, algorithms) }
    }
    return nil
  }
}
