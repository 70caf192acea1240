// All settings of an extraction, as one value.

import TapFormats
import TapProvenance

/// What is computed of images: the backbone, the columns, changes to its preprocessing, tuning.
///
/// The bytes of features are those of a `BackboneIdentity` and a `Column`; these are the words that led there.
public struct ExtractionSettings: Hashable, Sendable {
  /// What is tapped.
  public enum Columns: Hashable, Sendable {
    /// Layers, aliases or `all`, each with every pooling.
    case named(layers: [String], poolings: [Pooling])
    /// These, by canonical names.
    case exact([Column])
  }

  /// A name, never a path: front ends keep where its weights are.
  public var backbone: String
  /// The network of a checkpoint whose tensors do not tell it, by a name of timm or torchvision; nil leaves it to what is known of
  /// the file.
  public var architecture: String?
  /// What is tapped.
  public var columns: Columns
  /// What is changed in the backbone's preprocessing.
  public var changes = PreprocessingChanges()
  /// Whether the algorithms of convolutions are those that are fastest on this machine.
  public var tunes = false

  /// The name of the backbone that is taken unless another one is named.
  public static let defaultBackbone = "efficientnet_lite0"

  /// The penultimate layer's mean over positions unless told otherwise.
  public init(
    backbone: String = Self.defaultBackbone,
    columns: Columns = .named(layers: ["penultimate"], poolings: [.avg])
  ) {
    self.backbone = backbone
    self.columns = columns
  }
}

extension ExtractionSettings.Columns {
  /// What settings name; nil for exact columns.
  var names: (layers: [String], poolings: [Pooling])? {
    if case .named(let layers, let poolings) = self { (layers, poolings) } else { nil }
  }
}
