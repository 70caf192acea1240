// All settings of an extraction of features, as one value.

import TapFormats
import TapProvenance

/// The settings of features of images: the backbone, the columns, the changes to the preprocessing, and tuning.
///
/// The bytes of features depend on a `BackboneIdentity` and a `Column`. These settings determine both.
public struct ExtractionSettings: Hashable, Sendable {
  /// The columns that are extracted.
  public enum Columns: Hashable, Sendable {
    /// Layers, aliases of layers, or `all`, each with every pooling.
    case named(layers: [String], poolings: [Pooling])
    /// Exactly these columns, with canonical names of layers.
    case exact([Column])
  }

  /// The name of the backbone, never a path. The caller keeps the path of the weights.
  public var backbone: String
  /// The name in timm or torchvision of the network, for a checkpoint whose tensors fit several networks. With nil, the
  /// network is inferred from the file.
  public var architecture: String?
  /// The columns that are extracted.
  public var columns: Columns
  /// The changes to the backbone's preprocessing.
  public var changes = PreprocessingChanges()
  /// Whether convolutions use the algorithms that are fastest on this machine.
  public var tunes = false

  /// The name of the default backbone.
  public static let defaultBackbone = "efficientnet_lite0"

  /// Creates settings. By default they have the penultimate layer with the mean over positions.
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
