// A store's rows are all computed by the same algorithms, so a tuner looks for an existing store first.

import TapFileSystem
import TapProvenance

extension FeatureStore {
  /// The store below `parent` with the features of `identity` except for tuned algorithms, and these algorithms; the
  /// first of several by name, nil if there is none. An unreadable folder is not such a store.
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
