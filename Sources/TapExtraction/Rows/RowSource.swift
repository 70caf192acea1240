// A source of rows of features, as the extractor sees it: a backbone, or a stand-in in tests.

import TapBackbone
import TapImages
import TapProvenance
import TapTensors

/// Computes columns of features.
package protocol RowSource: Sendable {
  /// Everything that the bytes of the features depend on besides image and column.
  var identity: BackboneIdentity { get }

  /// The number of values of a column for one image.
  func dimensions(of column: Column) throws(BackboneError) -> Int

  /// The layers of the network that the columns are from, for the store; nil where there is none, or a part of one.
  var layerTable: LayerTable? { get }

  /// Prepares to compute these columns; keeps the last preparation, for an extraction after its estimate.
  func computation(of columns: [Column]) throws(BackboneError) -> any RowComputation
}

extension RowSource {
  package var layerTable: LayerTable? { nil }
}

/// The prepared computation of some columns, shared by all workers.
package protocol RowComputation: Sendable {
  /// The number of images in a worker's batch, at least 1. The bytes do not depend on it.
  var batch: Int { get }

  /// The number of values of all columns for one image.
  var rowLength: Int { get }

  /// A worker with its own memory.
  ///
  /// - Parameter threads: the number of threads that share the work on one image. The bytes do not depend on it.
  func makeWorker(threads: Int) -> any RowWorker
}

/// The memory and the work of one thread.
package protocol RowWorker: AnyObject {
  /// Decodes a JPEG or PNG file and prepares it as number `slot` of the batch.
  func load(file bytes: [UInt8], slot: Int) throws(ImageError)

  /// Prepares an image as number `slot` of the batch.
  func load(_ image: RGBImage, slot: Int) throws(ImageError)

  /// Computes the first `count` slots into `rows`: `[count, rowLength]`, the columns one after the other.
  func run(count: Int, into rows: inout MutableSpan<Float>)
}

extension RowWorker {
  package func load(file bytes: [UInt8], slot: Int) throws(ImageError) {
    try load(ImageDecoder.decode(bytes), slot: slot)
  }
}
