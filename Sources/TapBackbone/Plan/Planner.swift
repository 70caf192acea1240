// From a graph and columns to a plan: fuse, lower, keep what the taps need, place every value in
// memory, pack the weights.

import TapKernels
import TapProvenance
import TapTensors

struct Planner {
  let backbone: Backbone
  let columns: [Column]
  let size: Int
  let batch: Int
  let kernels: KernelSet

  func plan() throws(BackboneError) -> Plan {
    let input: Shape = [3, size, size]
    let graph = try tappedGraph()
    let logicalShapes = try graph.shapes(input: input)
    let (lowered, tapped) = graph.loweredToChannelsLast(
      shapes: logicalShapes, tapped: Set(columns.map(\.tap)))
    let shapes = try lowered.shapes(input: input)
    let memory = MemoryPlan(lifetimes(lowered, shapes))

    func place(_ name: String) -> Place {
      name == Graph.input ? .input : .arena(offset: (memory.offsets[name] ?? 0) * batch)
    }
    var actions: [Plan.Action] = []
    func name(_ tap: String) -> String { tapped[tap] ?? tap }
    let taps = tapSteps(shapes: shapes, input: input) { place(name($0)) }
    func pool(_ value: String) {
      for (column, tap) in zip(columns, taps) where name(column.tap) == value { actions.append(.pool(tap)) }
    }
    pool(Graph.input)
    for node in lowered.nodes {
      actions.append(.compute(step(for: node, shapes: shapes, place: place)))
      pool(node.output)
    }
    let dimensions = taps.map(\.dimensions)
    let steps = actions.compactMap { if case .compute(let step) = $0 { step } else { nil } }
    return Plan(
      columns: columns, dimensions: dimensions, rowLength: dimensions.reduce(0, +),
      inputCount: input.elementCount, size: size, batch: batch,
      instructionSet: kernels.instructionSet, actions: actions, kernels: kernels,
      arenaSizes: (
        memory.count * batch, steps.map(\.pointerCount).max() ?? 0, steps.map(\.zeroCount).max() ?? 0
      ))
  }

  private func tapSteps(shapes: [String: Shape], input: Shape, place: (String) -> Place) -> [TapStep] {
    var offset = 0
    return columns.map { column in
      let tap = TapStep(
        value: place(column.tap), shape: shapes[column.tap] ?? input, pooling: column.pooling, offset: offset)
      offset += tap.dimensions
      return tap
    }
  }

  /// The fused graph, planned without regard to taps, cut to what the taps need; and for each tap
  /// inside a fused group a side branch of unfused operators from the nearest values that exist.
  /// So the bytes of one tap do not depend on another.
  private func tappedGraph() throws(BackboneError) -> Graph {
    let taps = Set(columns.map(\.tap))
    let fused = backbone.fusedGraph
    let available = Set(fused.nodes.map(\.output)).union([Graph.input])
    var branches: [Graph.Node] = []
    var wanted = taps
    var pending = taps.subtracting(available)
    for node in backbone.graph.nodes.reversed() where pending.contains(node.output) {
      branches.append(node)
      for name in node.inputs where available.contains(name) { wanted.insert(name) }
      pending.formUnion(node.inputs.filter { !available.contains($0) })
    }
    return Graph(fused.reduced(to: wanted).nodes + branches.reversed())
  }

  /// When each value is written and last read. A tap is pooled as soon as its value is written, while it is warm.
  private func lifetimes(_ graph: Graph, _ shapes: [String: Shape]) -> [MemoryPlan.Value] {
    var lastUse: [String: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for name in node.inputs { lastUse[name] = index }
    }
    return graph.nodes.enumerated().map { index, node in
      MemoryPlan.Value(
        name: node.output, count: shapes[node.output]?.elementCount ?? 0,
        lifetime: index...(lastUse[node.output] ?? index))
    }
  }

  private func step(
    for node: Graph.Node, shapes: [String: Shape], place: (String) -> Place
  ) -> Step {
    let (from, to) = (shapes[node.inputs[0]] ?? [], shapes[node.output] ?? [])
    let (input, output) = (place(node.inputs[0]), place(node.output))
    func elementwise(_ function: ElementwiseStep.Function) -> Step {
      .elementwise(
        ElementwiseStep(function: function, input: input, output: output, elements: to.elementCount))
    }
    switch node.operation {
    case .convolution(let fused) where fused.isDepthwise:
      let convolution = fused.folded
      return .depthwise(
        DepthwiseStep(
          input: input, output: output, from: Extent(from), to: Extent(to),
          vertical: convolution.vertical, horizontal: convolution.horizontal,
          clamp: convolution.clamp ?? .none,
          weights: PackedDepthwise(
            weights: convolution.weights.elements, bias: convolution.bias,
            channels: convolution.outputChannels,
            positions: convolution.kernelHeight * convolution.kernelWidth)))
    case .convolution(let fused):
      let convolution = fused.folded
      return .dense(
        DenseStep(
          input: input, output: output, residual: node.inputs.count > 1 ? place(node.inputs[1]) : nil,
          from: Extent(from), to: Extent(to), vertical: convolution.vertical,
          horizontal: convolution.horizontal,
          top: convolution.vertical.geometry(input: from[1]).before,
          left: convolution.horizontal.geometry(input: from[2]).before, clamp: convolution.clamp ?? .none,
          groups: PackedPanels.groups(of: convolution, vectorWidth: kernels.vectorWidth),
          tileRows: kernels.tileRows))
    case .fullyConnected(let layer):
      return .dense(
        DenseStep(
          input: input, output: output, residual: nil, from: Extent(from), to: Extent(to),
          vertical: WindowAxis(kernel: 1), horizontal: WindowAxis(kernel: 1), top: 0, left: 0, clamp: .none,
          groups: [
            PackedPanels(
              weights: layer.weights.elements[...], bias: layer.bias[...], outputs: layer.outputFeatures,
              channels: layer.inputFeatures, positions: 1, vectorWidth: kernels.vectorWidth)
          ],
          tileRows: kernels.tileRows))
    case .batchNormalization(let normalization):
      return elementwise(.affine(scale: normalization.scale, shift: normalization.shift))
    case .clamp(let clamp): return elementwise(.clamp(clamp))
    case .activation(let activation): return elementwise(.activation(activation))
    case .add: return elementwise(.add(place(node.inputs[1])))
    case .multiply:
      let isChannelwise = shapes[node.inputs[1]] != shapes[node.inputs[0]]
      return elementwise(
        isChannelwise
          ? .scale(by: place(node.inputs[1]), from: Extent(to)) : .multiply(place(node.inputs[1])))
    case .concatenate:
      return .concatenate(
        ConcatenationStep(
          parts: node.inputs.map { (place($0), Extent(shapes[$0] ?? []).channels) }, output: output,
          to: Extent(to)))
    case .windowPooling(let pooling):
      return .windowPooling(
        WindowPoolingStep(pooling: pooling, input: input, output: output, from: Extent(from), to: Extent(to)))
    case .adaptiveAveragePooling:
      return .adaptiveAverage(
        AdaptiveAverageStep(input: input, output: output, from: Extent(from), to: Extent(to)))
    case .layerNormalization(let normalization):
      return .layerNormalization(
        LayerNormalizationStep(
          normalization: normalization, input: input, output: output, pixels: Extent(from).pixels))
    case .softmax:
      return .softmax(SoftmaxStep(input: input, output: output, count: to.elementCount))
    case .flatten, .reshape: return elementwise(.copy)
    case .general(let operation):
      return .general(
        GeneralStep(operation: operation, inputs: node.inputs.map(place), output: output))
    case .globalAveragePool:
      return .globalAverage(GlobalAverageStep(input: input, output: output, from: Extent(from)))
    case .layoutConversion(let layout):
      return .transpose(
        TransposeStep(target: layout, input: input, output: output, extent: Extent(from)))
    }
  }
}
