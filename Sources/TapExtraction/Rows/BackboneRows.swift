// A backbone as a source of rows, computed by the preprocessing and the network of the backbone.

import TapBackbone
import TapImages
import TapKernels
import TapProvenance
import TapTensors

/// Rows of features computed by a backbone with its preprocessing.
package struct BackboneRows: RowSource {
  package let backbone: Backbone
  /// The number of images in a worker's batch.
  package let batch: Int
  package let instructionSet: InstructionSet
  package let identity: BackboneIdentity

  package init(_ backbone: Backbone, batch: Int = 1, instructionSet: InstructionSet = .best) {
    self.backbone = backbone
    self.batch = max(batch, 1)
    self.instructionSet = instructionSet
    self.identity = BackboneIdentity(backbone)
  }

  package var layerTable: LayerTable? { backbone.layerTable }

  package func dimensions(of column: Column) throws(BackboneError) -> Int {
    try backbone.dimensions(of: column)
  }

  package func computation(of columns: [Column]) throws(BackboneError) -> any RowComputation {
    Computation(
      plan: try backbone.plan(columns: columns, batch: batch, instructionSet: instructionSet),
      preprocessor: ImagePreprocessor(backbone.preprocessing, instructionSet: instructionSet))
  }

  private struct Computation: RowComputation {
    let plan: Plan
    let preprocessor: ImagePreprocessor

    var batch: Int { plan.batch }
    var rowLength: Int { plan.rowLength }

    func makeWorker(threads: Int) -> any RowWorker { Worker(self, threads: threads) }
  }

  private final class Worker: RowWorker {
    private let computation: Computation
    private var arena: Arena
    private var input: AlignedBuffer<Float>

    init(_ computation: Computation, threads: Int) {
      self.computation = computation
      arena = computation.plan.makeArena(threads: threads)
      input = AlignedBuffer(count: computation.plan.batch * computation.plan.inputCount)
    }

    func load(_ image: RGBImage, slot: Int) throws(ImageError) {
      try fill(slot) { preprocessor, place throws(ImageError) in try preprocessor.apply(image, into: &place) }
    }

    func load(file bytes: [UInt8], slot: Int) throws(ImageError) {
      try fill(slot) { preprocessor, place throws(ImageError) in
        try preprocessor.apply(file: bytes, into: &place)
      }
    }

    private func fill(
      _ slot: Int, _ body: (ImagePreprocessor, inout MutableSpan<Float>) throws(ImageError) -> Void
    ) throws(ImageError) {
      let count = computation.preprocessor.inputCount
      try input.withMutableSpan { span throws(ImageError) in
        var place = span._mutatingExtracting(slot * count..<(slot + 1) * count)
        try body(computation.preprocessor, &place)
      }
    }

    func run(count: Int, into rows: inout MutableSpan<Float>) {
      let plan = computation.plan
      input.withSpan { span in
        plan.run(span.extracting(first: count * plan.inputCount), count: count, arena: &arena, into: &rows)
      }
    }
  }
}

extension BackboneIdentity {
  /// The identity of features that this program computes with `backbone`, its preprocessing and its algorithms.
  public init(_ backbone: Backbone) {
    self.init(
      backbone: backbone.name, weightsHash: backbone.weightsHash, graphHash: backbone.graphHash,
      preprocessing: backbone.preprocessing, decoder: ImageDecoder.identity,
      numericsRevision: Backbone.numericsRevision, algorithms: backbone.algorithms)
  }
}
