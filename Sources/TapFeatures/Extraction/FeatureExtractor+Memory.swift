// Computes features in memory. The computation is the same as in an extraction, but there is no store.

import Synchronization
import TapBackbone
import TapExtraction
import TapFileSystem
import TapFormats
import TapProvenance
import TapTensors

/// An image that could not be read or decoded.
public struct UnreadableImage: Hashable, Sendable {
  /// The image's index among the given images, from 0.
  public let index: Int
  /// The image's path, or `image 3` for an image in memory.
  public let name: String
  /// The reason why the image could not be read or decoded.
  public let reason: String
  /// The error of the file system; nil if the file was read, or if the image is not in a file.
  package let fileError: FileSystemError?

  /// Creates the record of an image and the reason.
  package init(index: Int, name: String, reason: String, fileError: FileSystemError? = nil) {
    self.index = index
    self.name = name
    self.reason = reason
    self.fileError = fileError
  }
}

/// Rows of features in memory, and the images without a row.
package struct ExtractedRows: Sendable {
  /// One matrix for each column: `[rows, dimensions]`.
  package let matrices: [MatrixView]
  /// The image of each row, as an index into the given images.
  package let indices: [Int]
  /// SHA-256 of each row's image, in hexadecimal.
  package let keys: [String]
  /// The images without a row.
  package let unreadable: [UnreadableImage]

  package init(
    matrices: [MatrixView], indices: [Int], keys: [String], unreadable: [UnreadableImage]
  ) {
    self.matrices = matrices
    self.indices = indices
    self.keys = keys
    self.unreadable = unreadable
  }
}

/// The outcome of one image of an extraction into memory.
package enum RowOutcome: Sendable {
  /// The SHA-256 of the image, and the values of all columns, one column after the other.
  case row(key: Digest, values: [Float])
  /// The image has no row.
  case unreadable(UnreadableImage)
}

extension FeatureExtractor {
  /// Computes the features of images in memory. Each readable image has a row of its own, in the order of the images.
  ///
  /// - Parameter progress: called from any thread, one call at a time.
  /// - Returns: the rows; nil after a requested ``Cancellation``.
  /// - Throws: the errors of ``forEachRow(of:progress:_:)``.
  package func rows<Images: RandomAccessCollection<ImageInput> & Sendable>(
    of images: Images, progress: @escaping @Sendable (ExtractionProgress) -> Void = { _ in }
  ) throws(FeatureError) -> ExtractedRows? where Images.Index == Int {
    let collected = Mutex(CollectedRows(dimensions: try dimensions, capacity: images.count))
    let isComplete = try forEachRow(of: images, progress: progress) { index, outcome in
      collected.withLock { collected in
        switch outcome {
        case .row(let key, let values): collected.append(values, of: index, key: key)
        case .unreadable(let image): collected.unreadable.append(image)
        }
      }
    }
    return isComplete ? collected.withLock { $0.rows } : nil
  }

  /// The dimensions of each column.
  ///
  /// - Throws: ``FeatureError/noColumns``, ``FeatureError/backbone(_:)``.
  package var dimensions: [Int] {
    get throws(FeatureError) {
      guard !columns.isEmpty else { throw .noColumns }
      return try columns.map { column throws(FeatureError) in
        try FeatureError.mapping { () throws(BackboneError) in try source.dimensions(of: column) }
      }
    }
  }

  /// Computes the features of images in memory, and passes the outcome of each image to a function.
  ///
  /// - Parameters:
  ///   - images: the images. An element is requested when its turn comes, and no longer needed afterwards.
  ///   - progress: called from any thread, one call at a time.
  ///   - deliver: receives the index of each image and its outcome, in the order of the images, from any thread, one
  ///     call at a time.
  /// - Returns: whether every image was delivered; false after a requested ``Cancellation``.
  /// - Throws: ``FeatureError/unreadable(path:reason:)`` and ``FeatureError/unreadableFile(path:_:)`` if
  ///   ``stopsAtUnreadable``, ``FeatureError/noColumns``, ``FeatureError/backbone(_:)``.
  package func forEachRow<Images: RandomAccessCollection<ImageInput> & Sendable>(
    of images: Images, progress: @escaping @Sendable (ExtractionProgress) -> Void,
    _ deliver: @Sendable (Int, RowOutcome) -> Void
  ) throws(FeatureError) -> Bool where Images.Index == Int {
    guard !columns.isEmpty else { throw .noColumns }
    let computation = try FeatureError.mapping { () throws(BackboneError) in
      try source.computation(of: columns)
    }
    let batch = computation.batch
    let pieces = images.count / batch + (images.count % batch == 0 ? 0 : 1)
    let workers = max(1, min(threads, pieces))
    let perImage = threads / workers
    let stops = stopsAtUnreadable
    let delivered = try OrderedPipeline(threads: workers, window: workers * 4).run(
      next: { $0 < pieces ? $0 : nil },
      makeWorker: { BatchLoader(computation, threads: perImage) },
      work: { piece, loader in
        let piece = (piece * batch..<min((piece + 1) * batch, images.count)).map { images[$0] }
        return zip(piece, loader.load(piece) { _, _ in true }).map { image, outcome in
          // Bytes of an image need not wait for the delivery of earlier images.
          if case .file = image { (image, outcome) } else { (ImageInput?.none, outcome) }
        }
      },
      deliver: { piece, outcomes throws(FeatureError) in
        for (place, (file, outcome)) in outcomes.enumerated() {
          let index = piece * batch + place
          switch outcome {
          case .computed(let key, let values): deliver(index, .row(key: key, values: values))
          case .known: preconditionFailure("image \(index) was not computed")
          case .unreadable(_, let reason):
            let name = file?.name(at: index) ?? ImageInput.name(inMemory: index)
            if stops { throw .ofImage(name, reason) }
            deliver(
              index,
              .unreadable(
                UnreadableImage(index: index, name: name, reason: reason.text, fileError: reason.fileError)))
          }
        }
        progress(
          ExtractionProgress(
            stage: .extracting, done: min((piece + 1) * batch, images.count), total: images.count))
      })
    return delivered == pieces
  }
}

/// The rows collected so far, in order.
private struct CollectedRows: Sendable {
  private let dimensions: [Int]
  private var elements: [[Float]]
  private var indices: [Int] = []
  private var keys: [String] = []
  var unreadable: [UnreadableImage] = []

  init(dimensions: [Int], capacity: Int) {
    self.dimensions = dimensions
    elements = dimensions.map { count in
      var column: [Float] = []
      column.reserveCapacity(capacity * count)
      return column
    }
  }

  mutating func append(_ values: [Float], of index: Int, key: Digest) {
    var start = 0
    for (column, count) in dimensions.enumerated() {
      elements[column] += values[start..<start + count]
      start += count
    }
    indices.append(index)
    keys.append(key.hex)
  }

  var rows: ExtractedRows {
    ExtractedRows(
      matrices: zip(elements, dimensions).map {
        MatrixView(rows: indices.count, columns: $1, elements: $0)
      }, indices: indices, keys: keys, unreadable: unreadable)
  }
}

extension Extraction {
  /// The rows of the list's readable images, in list order. The rows are copies of the store's rows.
  ///
  /// - Throws: ``FeatureError`` if the store does not have a column or is damaged.
  package func rows(of columns: [Column]) throws(FeatureError) -> ExtractedRows {
    let places = items.indices.filter { items[$0].row != nil }
    let rows = places.compactMap { items[$0].row }
    return ExtractedRows(
      matrices: try columns.map { column throws(FeatureError) in
        try store.matrix(column).gathered(rows)
      }, indices: places, keys: places.map { items[$0].key ?? "" },
      unreadable: items.indices.compactMap { index in
        guard case .unreadable(let reason, _) = items[index].status else { return nil }
        return UnreadableImage(
          index: index, name: items[index].item.path, reason: reason, fileError: fileErrors[index])
      })
  }
}
