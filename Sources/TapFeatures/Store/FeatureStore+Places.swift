// The paths of a store's images, so that a user can look at an image again.

import TapFileSystem
import TapFormats

extension FeatureStore {
  /// The last recorded path of each image.
  ///
  /// A path is only a hint. Before a user trusts the file at the path, the SHA-256 of the file must be compared with
  /// the key.
  ///
  /// - Returns: a function from a content key, in hexadecimal, to an absolute path; nil for a key that no run has
  ///   recorded.
  package func imagePlaces() -> @Sendable (String) -> String? {
    let places = RowPlaces(folder)
    return { key in Digest(hex: key).flatMap { places[$0] } }
  }

  /// The last recorded absolute path of each row's image. The paths are normalized.
  package func knownPlaces() -> Set<String> {
    let places = RowPlaces(folder)
    return Set(keys.compactMap { places[$0].map(FileSystem.normalized) })
  }
}
