// Where images lay: for whoever wants to look at one again.

import TapFileSystem
import TapFormats

extension FeatureStore {
  /// Where an image lay when a run last recorded it.
  ///
  /// A hint only: compare the file's SHA-256 with the key before trusting it.
  ///
  /// - Returns: absolute paths by content key, in hexadecimal; nil for a key that no run has recorded.
  package func imagePlaces() -> @Sendable (String) -> String? {
    let places = RowPlaces(folder)
    return { key in Digest(hex: key).flatMap { places[$0] } }
  }

  /// Every absolute path at which a run met an image of a row, in one spelling.
  package func knownPlaces() -> Set<String> {
    let places = RowPlaces(folder)
    return Set(keys.compactMap { places[$0].map(FileSystem.normalized) })
  }
}
