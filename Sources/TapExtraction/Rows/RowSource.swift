// The interface between the extractor and a source of rows of features. The source is a backbone, or a replacement in
// tests.

import TapBackbone
import TapImages
import TapProvenance
import TapTensors

/// Computes columns of features.
package protocol RowSource: Sendable {
  /// Everything, except image and column, that determines the bytes of the features.
  var identity: BackboneIdentity { get }

  /// The number of values of a column for one image.
  func dimensions(of column: Column) throws(BackboneError) -> Int

  /// The table of the network's layers, which the store keeps. The table is nil if there is no network, or only a part
  /// of a network.
  var layerTable: LayerTable? { get }

  /// Prepares the computation of these columns. The last preparation is kept, so that an extraction can reuse the
  /// preparation that was made for its estimate.
  func computation(of columns: [Column]) throws(BackboneError) -> any RowComputation
}

extension RowSource {
  package var layerTable: LayerTable? { nil }
}

/// The prepared computation of some columns, shared by all workers.
package protocol RowComputation: Sendable {
  /// The number of images in a worker's batch, at least 1. The bytes of the features do not depend on this number.
  var batch: Int { get }

  /// The number of values of all columns for one image.
  var rowLength: Int { get }

  /// Creates a worker with its own memory.
  ///
  /// - Parameter threads: the number of threads that share the work on one image. The bytes of the features do not
  ///   depend on this number.
  func makeWorker(threads: Int) -> any RowWorker
}

/// The memory and the work of one thread.
package protocol RowWorker: AnyObject {
  /// Decodes a JPEG or PNG file and prepares its image as number `slot` of the batch.
  func load(file bytes: [UInt8], slot: Int) throws(ImageError)

  /// Prepares an image as number `slot` of the batch.
  func load(_ image: RGBImage, slot: Int) throws(ImageError)

  /// Computes the features of the first `count` slots and writes them into `rows`, `[count, rowLength]`. A row consists
  /// of the values of all columns, in order.
  func run(count: Int, into rows: inout MutableSpan<Float>)
}

extension RowWorker {
  package func load(file bytes: [UInt8], slot: Int) throws(ImageError) {
    try load(ImageDecoder.decode(bytes), slot: slot)
  }
}
