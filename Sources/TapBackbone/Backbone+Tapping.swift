// Names of layers, choice of columns, and plans.

import TapKernels
import TapProvenance
import TapTensors

extension Backbone {
  /// The sides of the input for which a plan can be made.
  public static let sizes = 1...4096

  /// The canonical name of a layer or of any value between layers. An alias is replaced by the name of its layer.
  /// `input` is the preprocessed image.
  ///
  /// - Throws: ``BackboneError/unknownLayer(_:backbone:known:)``.
  public func resolve(_ layer: String) throws(BackboneError) -> String {
    try outline.resolve(layer)
  }

  /// The columns of every layer with every pooling, in the order of the arguments, without repetition.
  ///
  /// `all` means every layer. A layer whose output is already a vector gives one column, without pooling.
  ///
  /// - Throws: ``BackboneError/unknownLayer(_:backbone:known:)``, ``BackboneError/nothingToTap(backbone:)``,
  ///   ``BackboneError/poolingNeedsParameters(_:)``, or ``BackboneError/noPositions(_:shape:pooling:)`` for a value
  ///   that is no image, such as tokens.
  public func columns(layers names: [String], poolings: [Pooling]) throws(BackboneError) -> [Column] {
    try outline.columns(layers: names, poolings: poolings)
  }

  /// The length of a column's vector for an input with a side of `size` pixels.
  ///
  /// - Throws: ``BackboneError`` for an unknown layer or a size that is too small or out of range.
  public func dimensions(of column: Column, size: Int? = nil) throws(BackboneError) -> Int {
    let tap = try resolve(column.tap)
    guard let shape = try shapes(upTo: tap, size: size)[tap] else { preconditionFailure("no value \(tap)") }
    return TapStep.dimensions(shape, column.pooling)
  }

  /// The shapes of a value and of all values that it depends on.
  func shapes(upTo tap: String, size: Int? = nil) throws(BackboneError) -> [String: Shape] {
    let size = try checked(size)
    return try graph.reduced(to: [tap]).shapes(input: [3, size, size])
  }

  /// Returns an executable plan for `columns`. It computes the network up to the deepest tap of the columns.
  ///
  /// - Parameters:
  ///   - columns: canonical columns, as ``columns(layers:poolings:)`` gives them.
  ///   - size: the side of the input; if nil, the size of the preprocessing.
  ///   - batch: the largest number of images in one run.
  ///   - instructionSet: the kernels; all instruction sets give the same bytes.
  /// - Throws: ``BackboneError``.
  package func plan(
    columns: [Column], size: Int? = nil, batch: Int = 1, instructionSet: InstructionSet = .best
  ) throws(BackboneError) -> Plan {
    try plan(columns: columns, size: size, batch: batch, instructionSet: instructionSet, forcing: nil)
  }

  /// Returns a plan that uses `algorithm` for every convolution that this algorithm can compute.
  package func plan(
    columns: [Column], size: Int? = nil, batch: Int = 1, instructionSet: InstructionSet = .best,
    forcing algorithm: ConvolutionAlgorithm?
  ) throws(BackboneError) -> Plan {
    guard !columns.isEmpty else { throw .nothingToTap(backbone: name) }
    for column in columns { _ = try resolve(column.tap) }
    return try Planner(
      backbone: self, columns: columns, size: checked(size), batch: max(1, batch),
      kernels: KernelSet(instructionSet),
      algorithms: AlgorithmRule(choices: algorithms, forced: algorithm)
    ).plan()
  }

  /// The same network with the preprocessing and the algorithms that existing features were computed with.
  package func withPreprocessingAndAlgorithms(of identity: BackboneIdentity) -> Backbone {
    var result = self
    result.preprocessing = identity.preprocessing
    result.algorithms = identity.algorithms
    return result
  }

  private func checked(_ size: Int?) throws(BackboneError) -> Int {
    let size = size ?? preprocessing.size
    guard Backbone.sizes.contains(size) else {
      throw .sizeOutOfRange(size, allowed: Backbone.sizes)
    }
    return size
  }
}
