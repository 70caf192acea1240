import TapFileSystem
import TapProvenance

// A store's rows are all computed by the same algorithms, so who tunes asks the stores that there are first.

extension FeatureStore {
  /// The store below `parent` whose features are those of `identity` but for tuned algorithms, with these; of several the
  /// first by name, nil if there is none. What cannot be read is no such store.
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
