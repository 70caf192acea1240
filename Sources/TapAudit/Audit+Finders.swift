// The searches that find pairs of nearly equal images.

extension Audit {
  /// The searches that found a pair.
  package struct Finders: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// The cosine of the features.
    package static let features = Finders(rawValue: 1)
    /// The perceptual hashes.
    package static let hash = Finders(rawValue: 2)
    /// The perceptual hashes of an image and of the other, mirrored image.
    package static let mirroredHash = Finders(rawValue: 4)

    /// The names in files: `features+hash`.
    package var text: String {
      [(Self.features, "features"), (Self.hash, "hash"), (Self.mirroredHash, "mirrored-hash")]
        .filter { contains($0.0) }.map(\.1).joined(separator: "+")
    }
  }
}
