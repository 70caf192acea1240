// Lowering: gives every value a memory layout, channels last where the kernels read it, and inserts
// conversions only where an operator sees the logical order of the elements.

import TapTensors

extension Graph {
  /// The graph with conversions, and the layout of each rank-3 value.
  ///
  /// The input arrives channels-last. A value with one pixel, or of rank 1, is the same in both
  /// layouts and never converted.
  package func loweredToChannelsLast(shapes: [String: Shape]) -> (graph: Graph, layouts: [String: Layout]) {
    var layouts: [String: Layout] = [Graph.input: .channelsLast]
    var lowered: [Node] = []
    var converted: [String: String] = [:]

    func isSameInBoth(_ name: String) -> Bool {
      guard let shape = shapes[name], shape.rank == 3 else { return true }
      return shape[1] * shape[2] == 1 || shape[0] == 1
    }

    for node in nodes {
      var inputs = node.inputs
      let required: Layout? =
        switch node.operation {
        case .convolution, .batchNormalization, .globalAveragePool, .layerNormalization, .multiply,
          .concatenate,
          .windowPooling, .adaptiveAveragePooling:
          .channelsLast
        case .flatten: .channelsFirst
        case .clamp, .activation, .add, .fullyConnected, .softmax, .layoutConversion: nil
        }
      for (index, name) in inputs.enumerated() {
        // Element-wise operators take any layout, both operands the same.
        let wanted = required ?? layouts[inputs[0]]
        guard let wanted, let layout = layouts[name], layout != wanted, !isSameInBoth(name) else { continue }
        let key = "\(name)@\(wanted.rawValue)"
        if converted[key] == nil {
          lowered.append(Node(key, .layoutConversion(wanted), [name]))
          layouts[key] = wanted
          converted[key] = key
        }
        inputs[index] = key
      }
      lowered.append(Node(node.output, node.operation, inputs))
      if shapes[node.output]?.rank == 3 {
        layouts[node.output] = required == nil ? layouts[inputs[0]] ?? .channelsLast : .channelsLast
      }
    }
    return (Graph(lowered), layouts)
  }
}
