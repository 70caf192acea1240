// Applies the settings of an extraction to a backbone.

import TapArchitectures
import TapBackbone
import TapProvenance
import TapSettings

extension Backbone {
  /// The columns that the settings name.
  ///
  /// - Throws: the errors of `columns(layers:poolings:)`.
  package func columns(_ columns: ExtractionSettings.Columns) throws(BackboneError) -> [Column] {
    switch columns {
    case .named(let layers, let poolings): try self.columns(layers: layers, poolings: poolings)
    case .exact(let columns): columns
    }
  }
}

extension Architectures {
  /// Throws an error for layers that a built-in network does not have, before the network's weights are read. For a
  /// network in a file, the layers are known only after the file is read.
  ///
  /// - Throws: the errors of `Backbone.columns(layers:poolings:)`.
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
  /// These settings with the backbone's name and the exact columns.
  package func resolved(_ backbone: Backbone, _ columns: [Column]) -> ExtractionSettings {
    var result = self
    result.backbone = backbone.name
    result.columns = .exact(columns)
    return result
  }
}
