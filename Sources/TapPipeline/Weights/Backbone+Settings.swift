// The settings of an extraction applied to a backbone.

import TapBackbone
import TapProvenance
import TapSettings

extension Backbone {
  /// The columns that settings mean.
  ///
  /// - Throws: as `columns(layers:poolings:)`.
  package func columns(_ columns: ExtractionSettings.Columns) throws(BackboneError) -> [Column] {
    switch columns {
    case .named(let layers, let poolings): try self.columns(layers: layers, poolings: poolings)
    case .exact(let columns): columns
    }
  }
}

extension ExtractionSettings {
  /// The same settings with the backbone's name and the columns that they turned out to mean.
  package func resolved(_ backbone: Backbone, _ columns: [Column]) -> ExtractionSettings {
    var result = self
    result.backbone = backbone.name
    result.columns = .exact(columns)
    return result
  }
}
