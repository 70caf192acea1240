import TapBackbone
import TapImages
import TapProvenance
import TapTensors

// What turns images into rows of features, as the extractor sees it: a backbone, or a stand-in in tests.

/// Computes columns of features.
package protocol RowSource: Sendable {
  /// What the bytes of the features depend on besides image and column.
  var identity: BackboneIdentity { get }

  /// Values of a column for one image.
  func dimensions(of column: Column) throws(FeatureError) -> Int

  /// The layers of the network that the columns are from, for the store; nil where there is none, or a part of one.
  var layerTable: LayerTable? { get }

  /// Prepares to compute these columns; what was prepared last is kept, for an extraction after its estimate.
  func computation(of columns: [Column]) throws(FeatureError) -> any RowComputation
}

extension RowSource {
  package var layerTable: LayerTable? { nil }
}

/// The prepared computation of some columns, shared by all workers.
package protocol RowComputation: Sendable {
  /// How many images a worker takes at once, at least 1. The bytes do not depend on it.
  var batch: Int { get }

  /// Values of all columns for one image.
  var rowLength: Int { get }

  /// A worker with memory of its own.
  ///
  /// - Parameter threads: how many threads share the work on one image. The bytes do not depend on it.
  func makeWorker(threads: Int) -> any RowWorker
}

/// One thread's memory and hands.
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
