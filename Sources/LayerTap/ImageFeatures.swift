// Features of images, as an extractor returns them.

import TapBackbone
import TapFeatures
import TapProvenance
import TapSettings
import TapTensors

/// The features of images: a matrix for each column, whose rows are the images that could be read, in order.
public struct ImageFeatures: Sendable {
  /// The taps with their poolings.
  public let columns: [Column]
  /// One for each column: `[rows, dimensions]`.
  public let matrices: [MatrixView]
  /// The image of each row: its place among the given images, from 0. All of them, unless some were skipped.
  public let indices: [Int]
  /// The images without a row, if unreadable images are skipped.
  public let unreadable: [UnreadableImage]
  /// Everything that the features depend on besides images and columns.
  public let identity: BackboneIdentity

  /// SHA-256 of each row's image, in hexadecimal.
  package let keys: [String]
  /// The settings of the extraction, if it was made by settings.
  let settings: ExtractionSettings?
  let backbone: Backbone

  init(_ rows: ImageRows, of extractor: ImageFeatureExtractor) {
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

  /// All columns side by side, `[rows, dimensions]`; a copy if there are several.
  public var matrix: MatrixView { MatrixView.joined(matrices) }

  /// The matrix of a column; nil if it was not extracted.
  public subscript(column: Column) -> MatrixView? {
    columns.firstIndex(of: column).map { matrices[$0] }
  }
}
