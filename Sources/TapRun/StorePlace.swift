// The folder of feature stores: a folder that the user names, or that the environment names, or a folder in the working
// folder.

import TapFeatures
import TapFileSystem
import TapProvenance

/// The folder of the feature stores.
package struct StorePlace: Hashable, Sendable {
  /// The environment variable that names the default folder.
  package static let variable = "LAYERTAP_STORE"
  /// The name of the default folder if the variable is not set.
  package static let name = "layertap-store"

  /// The path of the folder.
  package let path: String
  /// Whether the folder is the default, because the user named no folder.
  package let isDefault: Bool

  /// - Parameter path: the folder that the user named; nil means the default.
  package init(_ path: String?) {
    let named = path ?? Environment.value(Self.variable).flatMap { $0.isEmpty ? nil : $0 }
    self.path = named ?? Self.name
    isDefault = named == nil
  }

  /// The nearest store of this identity that is in a folder above the working folder and has rows for images of `list`.
  ///
  /// The result has the path of the store's parent, and the number of images of `list` in the store. The result is nil
  /// if there is no such store, or if the user or the environment named a folder.
  package func storeAbove(
    holding list: ImageList, identity: BackboneIdentity
  ) -> (path: String, images: Int)? {
    guard isDefault, let working = try? FileSystem.workingDirectory() else { return nil }
    let own = try? FileSystem.status(path)
    var relative = ""
    var folder = working
    while FileSystem.parent(of: folder) != folder {
      folder = FileSystem.parent(of: folder)
      relative += "../"
      let parent = FileSystem.join(folder, Self.name)
      guard let status = try? FileSystem.status(parent), status != own else { continue }
      guard
        let store = try? FeatureStore(path: FileSystem.join(parent, identity.storeName))
      else { continue }
      let places = store.knownPlaces()
      let count = list.items.count {
        places.contains(FileSystem.normalized(FileSystem.join(working, list.location(of: $0))))
      }
      if count > 0 { return (relative + Self.name, count) }
    }
    return nil
  }
}
