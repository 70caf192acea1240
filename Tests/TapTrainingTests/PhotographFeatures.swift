// LayerTap's features of the photographs of the test data, extracted once for all tests of this target.

import TapBackbone
import TapFeatures
import TapFormats
import TapTraining
import TestSupport
import Testing

enum PhotographFeatures {
  static let need = Need.data("images/clothing", "images/caltech")
  private static let clothing = Result { try extracted("clothing") }
  private static let caltech = Result { try extracted("caltech") }

  /// The default backbone's features of `images/clothing` or `images/caltech`.
  static func of(_ name: String) throws -> LabeledFeatures {
    return try name == "clothing" ? clothing.get() : caltech.get()
  }

  private static func extracted(_ name: String) throws -> LabeledFeatures {
    try withTemporaryFolder { folder in
      let backbone = try Backbone.load()
      let columns = try backbone.columns(layers: ["penultimate"], poolings: [.avg])
      let photographs = try TestData.path("images/" + name)
      let extraction = try FeatureExtractor(backbone: backbone, columns: columns).extract(
        try ImageList(paths: [photographs]), into: folder)
      // The folder is removed, but its mapped files stay readable.
      return try LabeledFeatures(extraction.items, in: extraction.store, columns: columns)
    }
  }
}

extension LabeledFeatures {
  /// The SHA-256 of the items' features, little-endian, item by item. It shows whether a reference has the same
  /// features.
  func digest(of items: [Item]) -> String {
    var hash = SHA256()
    for item in items {
      candidates[0].features.withRow(item.row) { row in
        var bytes: [UInt8] = []
        for index in row.indices {
          let bits = row[index].bitPattern
          bytes += (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
        }
        hash.update(bytes)
      }
    }
    return hash.finalize().hex
  }
}
