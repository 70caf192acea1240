// The paths of images, to look at one again.

import TapFileSystem
import TapFormats

extension FeatureStore {
  /// The last recorded path of an image.
  ///
  /// A hint only: compare the file's SHA-256 with the key before trusting it.
  ///
  /// - Returns: absolute paths by content key, in hexadecimal; nil for a key that no run has recorded.
  package func imagePlaces() -> @Sendable (String) -> String? {
    let places = RowPlaces(folder)
    return { key in Digest(hex: key).flatMap { places[$0] } }
  }

  /// Every absolute path at which a run found an image of a row, in one spelling.
  package func knownPlaces() -> Set<String> {
    let places = RowPlaces(folder)
    return Set(keys.compactMap { places[$0].map(FileSystem.normalized) })
  }
}
