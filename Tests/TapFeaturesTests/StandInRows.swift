// A replacement for a backbone, so that tests of the store need no network. Its columns are simple functions of the
// pixels. It counts the images for which it computes rows.

import Glibc
import Synchronization
import TapBackbone
import TapExtraction
import TapFeatures
import TapImages
import TapProvenance

/// Column `c<n>` has n values. Value j is the j-th pixel byte times n, plus j.
final class StandInRows: RowSource {
  let identity: BackboneIdentity
  let batch: Int
  /// Makes workers take different times, so that they finish out of order.
  let jitter: Bool
  private let computed = Atomic<Int>(0)

  init(batch: Int = 1, jitter: Bool = false, weights: String = "stand-in") {
    self.batch = batch
    self.jitter = jitter
    identity = BackboneIdentity(
      backbone: "stand-in", weightsHash: weights, graphHash: "", preprocessing: Preprocessing(),
      decoder: "none", numericsRevision: 1)
  }

  /// The number of images for which rows were computed so far.
  var computedImages: Int { computed.load(ordering: .relaxed) }

  static func column(_ dimensions: Int) -> Column { Column(tap: "c\(dimensions)", pooling: .none) }

  static func values(of image: RGBImage, dimensions: Int) -> [Float] {
    (0..<dimensions).map { Float(Int(image.pixels[$0 % image.pixels.count]) * dimensions + $0) }
  }

  func dimensions(of column: Column) throws(BackboneError) -> Int { Int(column.tap.dropFirst()) ?? 1 }

  func computation(of columns: [Column]) throws(BackboneError) -> any RowComputation {
    var dimensions: [Int] = []
    for column in columns { dimensions.append(try self.dimensions(of: column)) }
    return Computation(source: self, dimensions: dimensions)
  }

  private struct Computation: RowComputation {
    let source: StandInRows
    let dimensions: [Int]

    var batch: Int { source.batch }
    var rowLength: Int { dimensions.reduce(0, +) }

    func makeWorker(threads: Int) -> any RowWorker { Worker(self) }
  }

  private final class Worker: RowWorker {
    private let computation: Computation
    private var images: [Int: RGBImage] = [:]

    init(_ computation: Computation) { self.computation = computation }

    func load(_ image: RGBImage, slot: Int) throws(ImageError) { images[slot] = image }

    func run(count: Int, into rows: inout MutableSpan<Float>) {
      var next = 0
      for slot in 0..<count {
        guard let image = images[slot] else { preconditionFailure("slot \(slot) is empty") }
        for dimensions in computation.dimensions {
          for value in StandInRows.values(of: image, dimensions: dimensions) {
            rows[next] = value
            next += 1
          }
        }
        if computation.source.jitter { usleep(UInt32(image.pixels[0]) * 10) }
      }
      precondition(next == rows.count, "\(next) values in \(rows.count)")
      computation.source.computed.add(count, ordering: .relaxed)
    }
  }
}
