// Features of one image under every variant of a preprocessing, computed on one thread.

import TapBackbone
import TapFeatures
import TapFileSystem
import TapImages
import TapKernels
import TapProvenance
import TapTensors

/// The network and the preprocessings of an image. All threads share one copy.
struct VariantNetwork: Sendable {
  let plan: Plan
  /// The preprocessors of the present preprocessing and of its variants, in this order. All have the same output size.
  let preprocessors: [ImagePreprocessor]
}

/// An image's features under each preprocessing.
struct VariantRows: Sendable {
  /// One row for each preprocessing. A row holds all columns, one after the other.
  let rows: [[Float]]
  /// Whether each preprocessing's network input differs from the input under the present preprocessing.
  let isTouched: [Bool]
}

/// The memory of one thread, and the computations that the thread runs.
final class VariantReader {
  private let network: VariantNetwork
  private var arena: Arena
  private var present: AlignedBuffer<Float>
  private var other: AlignedBuffer<Float>

  init(_ network: VariantNetwork) {
    self.network = network
    arena = network.plan.makeArena()
    present = AlignedBuffer(count: network.plan.inputCount)
    other = AlignedBuffer(count: network.plan.inputCount)
  }

  /// Reads a file and computes its features. A variant is computed only if it changes the network's input.
  ///
  /// - Returns: the rows, or the reason why the file could not be read.
  func read(_ path: String) -> Result<VariantRows, UnreadableImage> {
    do {
      return .success(try rows(ofFile: FileSystem.readFile(path, atMost: ImageDecoder.maximumBytes)))
    } catch let error as FileSystemError {
      return .failure(UnreadableImage(reason: error.imageReason))
    } catch {
      return .failure(UnreadableImage(reason: "\(error)"))
    }
  }

  private func rows(ofFile bytes: [UInt8]) throws(ImageError) -> VariantRows {
    let first = network.preprocessors[0]
    // The exact mode decodes the whole image. So one decoding serves all variants with the same decoding settings.
    let decoding = first.preprocessing.decoding
    let image = decoding.mode == .exact ? try ImageDecoder.decode(bytes, decoding) : nil
    var rows: [[Float]] = []
    var isTouched: [Bool] = []
    for (index, preprocessor) in network.preprocessors.enumerated() {
      let shared = preprocessor.preprocessing.decoding == decoding ? image : nil
      try prepare(preprocessor, shared, bytes, isPresent: index == 0)
      let isNew = index == 0 || differs()
      isTouched.append(index > 0 && isNew)
      rows.append(isNew ? run(isPresent: index == 0) : rows[0])
    }
    return VariantRows(rows: rows, isTouched: isTouched)
  }

  private func prepare(
    _ preprocessor: ImagePreprocessor, _ image: RGBImage?, _ bytes: [UInt8], isPresent: Bool
  ) throws(ImageError) {
    func fill(_ input: inout MutableSpan<Float>) throws(ImageError) {
      if let image {
        try preprocessor.apply(image, into: &input)
      } else {
        try preprocessor.apply(file: bytes, into: &input)
      }
    }
    if isPresent {
      try present.withMutableSpan { span throws(ImageError) in try fill(&span) }
    } else {
      try other.withMutableSpan { span throws(ImageError) in try fill(&span) }
    }
  }

  private func differs() -> Bool {
    present.withSpan { first in
      other.withSpan { second in
        for i in first.indices where first[i] != second[i] { return true }
        return false
      }
    }
  }

  private func run(isPresent: Bool) -> [Float] {
    let plan = network.plan
    var row = [Float](repeating: 0, count: plan.rowLength)
    var span = row.mutableSpan
    if isPresent {
      present.withSpan { plan.run($0, count: 1, arena: &arena, into: &span) }
    } else {
      other.withSpan { plan.run($0, count: 1, arena: &arena, into: &span) }
    }
    return row
  }
}

/// An image file that gives no features.
struct UnreadableImage: Error {
  let reason: String
}
