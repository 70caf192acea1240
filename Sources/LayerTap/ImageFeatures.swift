// Features of images, as an extractor returns them.

import TapBackbone
import TapFeatures
import TapProvenance
import TapSettings
import TapTensors

/// The features of images: one matrix for each column, that is, for each layer with a pooling.
///
/// The rows of each matrix are the images that could be read, in the order of the images.
public struct ImageFeatures: Sendable {
  /// The columns: the tapped layers, each with a pooling.
  public let columns: [Column]
  /// The matrix of each column, `[rows, dimensions]`.
  public let matrices: [MatrixView]
  /// The place of each row's image among the given images, counted from 0.
  ///
  /// Every image has a place in this list, unless images were skipped.
  public let indices: [Int]
  /// The images that have no row because unreadable images are skipped.
  public let unreadable: [UnreadableImage]
  /// Everything, besides images and columns, that the features depend on.
  public let identity: BackboneIdentity

  /// The SHA-256 of each row's image, in hexadecimal.
  package let keys: [String]
  /// The settings of the extraction; nil if the extractor was made without settings.
  let settings: ExtractionSettings?
  let backbone: Backbone

  init(_ rows: ExtractedRows, of extractor: ImageFeatureExtractor) {
    columns = extractor.columns
    matrices = rows.matrices
    indices = rows.indices
    unreadable = rows.unreadable
    identity = BackboneIdentity(extractor.backbone)
    keys = rows.keys
    settings = extractor.settings
    backbone = extractor.backbone
  }

  /// The number of rows.
  public var rows: Int { indices.count }

  /// All columns side by side, `[rows, dimensions]`. The matrix is a copy if there are several columns.
  public var matrix: MatrixView { MatrixView.joined(matrices) }

  /// The matrix of a column; nil if the column was not extracted.
  public subscript(column: Column) -> MatrixView? {
    columns.firstIndex(of: column).map { matrices[$0] }
  }
}
