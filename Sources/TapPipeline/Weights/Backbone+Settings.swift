// The settings of an extraction applied to a backbone.

import TapArchitectures
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

extension Architectures {
  /// Refuses layers that a network of a name does not have, before its weights are read. A file's own network tells its layers
  /// only when it is read.
  ///
  /// - Throws: as `Backbone.columns(layers:poolings:)`.
  package static func require(
    _ columns: ExtractionSettings.Columns, of name: String
  ) throws(BackboneError) {
    guard case .named(let layers, let poolings) = columns, names.contains(name),
      let outline = try? outline(of: name).outline
    else { return }
    _ = try outline.columns(layers: layers, poolings: poolings)
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
