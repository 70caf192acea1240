// Makes a plan from a graph and columns: fuses and lowers the graph, keeps the values that the taps need, places every
// value in memory, and packs the weights.

import Synchronization
import TapKernels
import TapProvenance
import TapTensors

struct Planner {
  let backbone: Backbone
  let columns: [Column]
  let size: Int
  let batch: Int
  let kernels: KernelSet
  let algorithms: AlgorithmRule

  func plan() throws(BackboneError) -> Plan {
    let input: Shape = [3, size, size]
    let graph = backbone.fusedGraph.tapped(at: Set(columns.map(\.tap)), unfused: backbone.graph)
    let logicalShapes = try graph.shapes(input: input)
    let (lowered, tapped) = graph.loweredToChannelsLast(
      shapes: logicalShapes, tapped: Set(columns.map(\.tap)))
    let shapes = try lowered.shapes(input: input)
    let kept = Set(tapped.values)
    let joined = JoinedParts(lowered, shapes: shapes, tapped: kept)
    let bands = Bands(lowered, shapes: shapes, tapped: kept) {
      algorithm(of: $0, output: shapes[$0.output] ?? [])
    }
    let firstBatched = firstBatchedNode(lowered, shapes: shapes)
    let values = lifetimes(lowered, shapes, joined, bands)
    let memory = MemoryPlan(values.map { stored($0, firstBatched) })
    let single = Set(values.filter { $0.lifetime.upperBound < firstBatched }.map(\.name))

    @Sendable func place(_ name: String) -> ActivationPlace {
      guard name != Graph.input else { return .input }
      return .arena(
        offset: memory.offsets[name] ?? 0,
        imageStride: single.contains(name) ? 0 : shapes[name]?.elementCount ?? 0)
    }
    @Sendable func view(_ name: String) -> ActivationView {
      guard let part = joined.parts[name], case .arena(let offset, let imageStride) = place(part.whole) else {
        return ActivationView(place: place(name), pixelStride: shapes[name]?.extents.first ?? 0)
      }
      return ActivationView(
        place: .arena(offset: offset + part.firstChannel, imageStride: imageStride),
        pixelStride: part.channels)
    }
    var actions: [Plan.Action] = []
    var firstBatchedAction: Int?
    func name(_ tap: String) -> String { tapped[tap] ?? tap }
    let taps = tapSteps(shapes: shapes, input: input) { place(name($0)) }
    func pool(_ value: String) {
      for (column, tap) in zip(columns, taps) where name(column.tap) == value { actions.append(.pool(tap)) }
    }
    pool(Graph.input)
    func operation(_ nodes: [Graph.Node], _ step: any Step) -> Plan.Operation {
      let multiplyAdds = nodes.map { $0.operation.multiplyAdds(output: shapes[$0.output] ?? []) }
      return Plan.Operation(
        step: step, output: nodes.last?.output ?? "", multiplyAdds: multiplyAdds.reduce(0, +))
    }
    let steps = makeSteps(of: lowered.nodes.filter { !joined.wholes.contains($0.output) }) { node in
      node.operation.step(
        StepContext(
          inputs: node.inputs.map { StepContext.Operand(place: place($0), shape: shapes[$0] ?? []) },
          output: view(node.output), outputShape: shapes[node.output] ?? [], kernels: kernels,
          algorithms: algorithms))
    }
    func step(_ node: Graph.Node) -> any Step {
      guard let step = steps[node.output] else { preconditionFailure("\(node.output) has no step") }
      return step
    }
    for (index, node) in lowered.nodes.enumerated() where bands.inner[node.output] == nil {
      if index >= firstBatched { firstBatchedAction = firstBatchedAction ?? actions.count }
      if let group = bands.groups[node.output] {
        let nodes = [group.first, group.middle, group.last].compactMap(\.self)
        actions.append(.compute(operation(nodes, BandedStep(nodes.map(step)))))
      } else if !joined.wholes.contains(node.output) {
        actions.append(.compute(operation([node], step(node))))
      }
      pool(node.output)
    }
    let dimensions = taps.map(\.dimensions)
    let computed = actions.compactMap { if case .compute(let operation) = $0 { operation.step } else { nil } }
    return Plan(
      columns: columns, dimensions: dimensions, rowLength: dimensions.reduce(0, +),
      inputCount: input.elementCount, size: size, batch: batch,
      instructionSet: kernels.instructionSet, actions: actions,
      firstBatchedAction: firstBatchedAction ?? actions.count, kernels: kernels,
      arenaSizes: ArenaSizes(
        values: memory.count, scratch: computed.map(\.scratchCount).max() ?? 0,
        pointers: computed.map(\.pointerCount).max() ?? 0, zeros: computed.map(\.zeroCount).max() ?? 0))
  }

  /// The steps of nodes, by the names of their outputs. Several threads make them, since packing the weights takes most
  /// of the time of a plan.
  private func makeSteps(
    of nodes: [Graph.Node], make: @Sendable (Graph.Node) -> any Step
  ) -> [String: any Step] {
    let steps = Mutex<[String: any Step]>([:])
    Threads.concurrentForEach(count: nodes.count, threads: Threads.available) { index in
      let step = make(nodes[index])
      steps.withLock { $0[nodes[index].output] = step }
    }
    return steps.withLock { $0 }
  }

  private func tapSteps(shapes: [String: Shape], input: Shape, place: (String) -> ActivationPlace)
    -> [TapStep]
  {
    var offset = 0
    return columns.map { column in
      let tap = TapStep(
        column: column, value: place(column.tap), shape: shapes[column.tap] ?? input, offset: offset)
      offset += tap.dimensions
      return tap
    }
  }

  /// For each value, the steps that first write it and last read it. A tap is pooled immediately after its value is
  /// written, while the value is in the cache.
  private func lifetimes(
    _ graph: Graph, _ shapes: [String: Shape], _ joined: JoinedParts, _ bands: Bands
  ) -> [MemoryPlan.Value] {
    var (firstWrite, lastUse): ([String: Int], [String: Int]) = ([:], [:])
    let indices = Dictionary(uniqueKeysWithValues: graph.nodes.enumerated().map { ($1.output, $0) })
    for node in graph.nodes {
      // All nodes of a group run at the position of the group's last node.
      guard let index = indices[bands.inner[node.output] ?? node.output] else { continue }
      for name in node.inputs { lastUse[name] = max(index, lastUse[name] ?? index) }
      let written = joined.parts[node.output]?.whole ?? node.output
      firstWrite[written] = firstWrite[written] ?? index
    }
    return graph.nodes.enumerated().compactMap { index, node in
      guard joined.parts[node.output] == nil, bands.inner[node.output] == nil else { return nil }
      return MemoryPlan.Value(
        name: node.output, count: shapes[node.output]?.elementCount ?? 0,
        lifetime: (firstWrite[node.output] ?? index)...(lastUse[node.output] ?? index))
    }
  }

  /// A value with the size and the lifetime that it has in a batch.
  private func stored(_ value: MemoryPlan.Value, _ firstBatched: Int) -> MemoryPlan.Value {
    guard value.lifetime.upperBound >= firstBatched else { return value }
    // A value that is kept for a whole batch must not be overwritten by the first steps of the next image.
    let first = value.lifetime.lowerBound < firstBatched ? 0 : value.lifetime.lowerBound
    return MemoryPlan.Value(
      name: value.name, count: value.count * batch, lifetime: first...value.lifetime.upperBound)
  }

  /// The first node that is computed for all images of a batch at once. The nodes before it are computed image by
  /// image.
  ///
  /// Early layers have large values and small weights; late layers have small values and large weights. The node is
  /// chosen so that the traffic beyond the second-level cache is smallest. This traffic has two parts: weights, which
  /// are read once for each image or once for all images, and values that do not fit in the cache.
  private func firstBatchedNode(_ graph: Graph, shapes: [String: Shape]) -> Int {
    guard batch > 1 else { return 0 }
    let cache = 256 * 1024
    func beyondCache(_ floats: Int) -> Int { floats > cache ? floats : 0 }
    var (early, late): ([Int], [Int]) = ([], [])
    for node in graph.nodes {
      let growth = algorithm(of: node, output: shapes[node.output] ?? []) == .winograd ? 4 : 1
      let weights = growth * node.operation.parameterCount
      let values = (node.inputs + [node.output]).reduce(0) { $0 + (shapes[$1]?.elementCount ?? 0) }
      early.append(batch * (weights + beyondCache(values)))
      late.append(weights + beyondCache(batch * values))
    }
    var traffic = late.reduce(0, +)
    var (best, least) = (0, traffic)
    for index in graph.nodes.indices {
      traffic += early[index] - late[index]
      if traffic < least { (best, least) = (index + 1, traffic) }
    }
    return best
  }

  private func algorithm(of node: Graph.Node, output: Shape) -> ConvolutionAlgorithm? {
    (node.operation as? Convolution).map { algorithms.algorithm(for: $0, output: output) }
  }
}
