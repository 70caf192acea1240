// All settings of an extraction, as one value.

import TapFormats
import TapProvenance

/// The features that are computed of images: the backbone, the columns, changes to its preprocessing, tuning.
///
/// The bytes of features depend on a `BackboneIdentity` and a `Column`; these settings are the words that lead to them.
public struct ExtractionSettings: Hashable, Sendable {
  /// The columns that are extracted.
  public enum Columns: Hashable, Sendable {
    /// Layers, aliases or `all`, each with every pooling.
    case named(layers: [String], poolings: [Pooling])
    /// These columns, by canonical names.
    case exact([Column])
  }

  /// A name, never a path: callers keep the path of the weights.
  public var backbone: String
  /// The network of a checkpoint whose tensors fit several networks, by a name of timm or torchvision; nil: it is
  /// inferred from the file.
  public var architecture: String?
  /// The columns that are extracted.
  public var columns: Columns
  /// The changes to the backbone's preprocessing.
  public var changes = PreprocessingChanges()
  /// Whether the algorithms of convolutions are those that are fastest on this machine.
  public var tunes = false

  /// The name of the default backbone.
  public static let defaultBackbone = "efficientnet_lite0"

  /// Creates settings, by default with the penultimate layer's mean over positions.
  public init(
    backbone: String = Self.defaultBackbone,
    columns: Columns = .named(layers: ["penultimate"], poolings: [.avg])
  ) {
    self.backbone = backbone
    self.columns = columns
  }
}

extension ExtractionSettings.Columns {
  /// The layers and poolings that the settings name; nil for exact columns.
  var names: (layers: [String], poolings: [Pooling])? {
    if case .named(let layers, let poolings) = self { (layers, poolings) } else { nil }
  }
}
