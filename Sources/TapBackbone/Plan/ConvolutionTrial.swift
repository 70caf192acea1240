// Runs one convolution alone, to measure it.

import TapKernels
import TapProvenance
import TapTensors

/// A convolution that more than one algorithm can compute.
struct ChoosableConvolution {
  let geometry: String
  /// The first convolution with this geometry.
  let convolution: Convolution
  let input: Shape
  let output: Shape
  /// The algorithms that can compute it, at least two.
  let algorithms: [ConvolutionAlgorithm]
  /// The algorithm that the program chooses without measurements.
  let usual: ConvolutionAlgorithm

  /// Nil if fewer than two algorithms can compute the convolution.
  init?(_ convolution: Convolution, input: Shape, output: Shape) {
    algorithms = ConvolutionAlgorithm.allCases.filter { $0.applies(to: convolution) }
    guard algorithms.count > 1 else { return nil }
    geometry = convolution.geometry(output: output)
    self.convolution = convolution
    self.input = input
    self.output = output
    usual = ConvolutionAlgorithm.chosen(for: convolution, output: output)
  }

  fileprivate var multiplyAdds: Int { convolution.multiplyAdds(output: output) }
}

extension Backbone {
  /// The convolutions whose algorithm can be chosen, one for each geometry, sorted by decreasing multiply-adds.
  ///
  /// - Throws: ``BackboneError/operandMismatch(node:operation:operands:)``.
  func choosableConvolutions() throws(BackboneError) -> [ChoosableConvolution] {
    let size = preprocessing.size
    let shapes = try fusedGraph.shapes(input: [3, size, size])
    var known: Set<String> = []
    var layers: [ChoosableConvolution] = []
    for node in fusedGraph.nodes {
      guard let convolution = node.operation as? Convolution, let output = shapes[node.output],
        let input = node.inputs[0] == Graph.input ? [3, size, size] : shapes[node.inputs[0]],
        let layer = ChoosableConvolution(convolution, input: input, output: output),
        known.insert(layer.geometry).inserted
      else { continue }
      layers.append(layer)
    }
    return layers.sorted { ($1.multiplyAdds, $0.geometry) < ($0.multiplyAdds, $1.geometry) }
  }

  /// The geometries that ``algorithms`` can name, sorted. They are those of convolutions that more than one algorithm
  /// can compute.
  ///
  /// - Throws: ``BackboneError/operandMismatch(node:operation:operands:)``.
  public func choosableGeometries() throws(BackboneError) -> [String] {
    try choosableConvolutions().map(\.geometry).sorted()
  }
}

/// A convolution that is prepared for one algorithm.
final class ConvolutionTrial {
  private let plan: Plan
  private let image: [Float]
  private var arena: Arena

  init(
    _ layer: ChoosableConvolution, _ algorithm: ConvolutionAlgorithm, of backbone: Backbone,
    _ kernels: KernelSet
  ) {
    let count = layer.output.elementCount
    let step = layer.convolution.step(
      StepContext(
        inputs: [StepContext.Operand(place: .input, shape: layer.input)],
        output: ActivationView(
          place: .arena(offset: 0, imageStride: count), pixelStride: layer.output[0]),
        outputShape: layer.output, kernels: kernels,
        algorithms: AlgorithmRule(choices: backbone.algorithms, forced: algorithm)))
    plan = Plan(
      columns: [], dimensions: [], rowLength: 1, inputCount: layer.input.elementCount,
      size: backbone.preprocessing.size, batch: 1, instructionSet: kernels.instructionSet,
      actions: [
        .compute(Plan.Operation(step: step, output: layer.geometry, multiplyAdds: layer.multiplyAdds))
      ],
      firstBatchedAction: 1, kernels: kernels,
      arenaSizes: ArenaSizes(
        values: count, scratch: step.scratchCount, pointers: step.pointerCount, zeros: step.zeroCount))
    image = [Float](repeating: 0.5, count: layer.input.elementCount)
    arena = plan.makeArena()
  }

  func run() {
    let image = image
    // The run does not write to this row, but it needs one.
    var row: [Float] = [0]
    var span = row.mutableSpan
    plan.run(image.span, count: 1, arena: &arena, into: &span)
  }
}

/// Fills the second-level cache, as other layers would, so that the cache has no weights of the next convolution.
final class CacheDisturbance {
  /// 8 MB: more than the second-level cache of any core.
  private var words = [UInt64](repeating: 0, count: 1 << 20)

  func fillCache() {
    for index in words.indices { words[index] &+= 1 }
  }
}
