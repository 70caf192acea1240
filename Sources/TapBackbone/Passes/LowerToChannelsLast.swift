// Lowering: gives every value a memory layout. Values that the kernels read are channels-last. Conversions are inserted
// only before operators that need the logical order of the elements.

import TapTensors

extension Graph {
  /// The graph with conversions, and for each of `tapped` the name of its channels-last value.
  ///
  /// The input is channels-last. A value with one pixel, or with rank 1, has the same order in both layouts and is
  /// never converted.
  package func loweredToChannelsLast(
    shapes: [String: Shape], tapped: Set<String>
  ) -> (graph: Graph, taps: [String: String]) {
    var layouts: [String: Layout] = [Graph.input: .channelsLast]
    var lowered: [Node] = []

    func isSameInBoth(_ name: String) -> Bool {
      guard let shape = shapes[name], shape.rank == 3 else { return true }
      return shape[1] * shape[2] == 1 || shape[0] == 1
    }

    /// The name of a value in the wanted layout. Converts the value, once, if it has the other layout.
    func value(_ name: String, in wanted: Layout) -> String {
      guard let layout = layouts[name], layout != wanted, !isSameInBoth(name) else { return name }
      let key = "\(name)@\(wanted.rawValue)"
      if layouts[key] == nil {
        lowered.append(Node(key, LayoutConversion(to: wanted), [name]))
        layouts[key] = wanted
      }
      return key
    }

    var taps: [String: String] = [:]
    for node in nodes {
      var inputs = node.inputs
      let required = node.operation.layout(output: shapes[node.output] ?? [])
      for (index, name) in inputs.enumerated() {
        guard let wanted = required ?? layouts[inputs[0]] else { continue }
        inputs[index] = value(name, in: wanted)
      }
      lowered.append(Node(node.output, node.operation, inputs))
      if shapes[node.output]?.rank == 3 {
        layouts[node.output] = required ?? layouts[inputs[0]] ?? .channelsLast
      }
      if tapped.contains(node.output) { taps[node.output] = value(node.output, in: .channelsLast) }
    }
    return (Graph(lowered), taps)
  }
}
