// The steps that are computed together, in bands of rows.

import TapProvenance
import TapTensors

/// Groups of steps. A group has a depthwise convolution or a pooling, and the convolution before it, the product after
/// it, or both. No other node reads the values between the steps of a group.
///
/// Groups affect only the speed: the bytes are the same as those of the steps one after another.
struct Bands {
  struct Group {
    let first: Graph.Node?
    let middle: Graph.Node
    let last: Graph.Node?
    var output: String { (last ?? middle).output }
  }

  /// Each group by the output of its last node.
  private(set) var groups: [String: Group] = [:]
  /// For each value that stays within a group, the output of that group.
  private(set) var inner: [String: String] = [:]

  /// The smallest number of floats of a value for which bands are used. A smaller value stays in the second-level cache
  /// without bands.
  private static let smallest = 128 * 1024

  /// - Parameters:
  ///   - tapped: values that must be stored.
  ///   - algorithm: the algorithm of a node's convolution; nil for other operators.
  init(
    _ graph: Graph, shapes: [String: Shape], tapped: Set<String>,
    algorithm: (Graph.Node) -> ConvolutionAlgorithm?
  ) {
    let uses = graph.useCounts
    func isLarge(_ name: String) -> Bool { (shapes[name]?.elementCount ?? 0) >= Self.smallest }
    func isInner(_ name: String) -> Bool { uses[name] == 1 && !tapped.contains(name) }
    for node in graph.nodes where algorithm(node) == .depthwise || node.operation is WindowPooling {
      let (input, output) = (node.inputs[0], node.output)
      let producer = graph.node(producing: input).flatMap { producer in
        // The step for small groups computes no bands.
        algorithm(producer) == .direct && (producer.operation as? Convolution)?.hasSmallGroups == false
          && producer.inputs.count == 1 && isInner(input) && isLarge(input)
          && inner[input] == nil && groups[input] == nil ? producer : nil
      }
      let reader = graph.nodes.first { $0.inputs.first == output }.flatMap { reader in
        guard let convolution = reader.operation as? Convolution else { return Graph.Node?.none }
        let isProduct =
          convolution.groups == 1
          && shapes[reader.output].map { ActivationExtents($0).pixels }
            == ActivationExtents(shapes[output] ?? []).pixels
          && convolution.kernelHeight * convolution.kernelWidth == 1
        return isProduct && algorithm(reader) == .direct && isInner(output) && isLarge(output) ? reader : nil
      }
      guard producer != nil || reader != nil else { continue }
      let group = Group(first: producer, middle: node, last: reader)
      groups[group.output] = group
      if producer != nil { inner[input] = group.output }
      if reader != nil { inner[output] = group.output }
    }
  }
}
