// Concatenations without copies: the steps before a concatenation write the parts directly to their final places.

import TapTensors

/// Values that are written directly into a concatenation. Only the concatenation reads them.
struct JoinedParts {
  struct Part {
    /// The output of the concatenation. The part begins at `firstChannel`, and the whole output has `channels`
    /// channels.
    let whole: String
    let firstChannel: Int
    let channels: Int
  }

  private(set) var parts: [String: Part] = [:]
  /// Concatenations in which every operand is such a part. These concatenations need no step.
  private(set) var wholes: Set<String> = []

  /// A value can be a part if a dense convolution computes it: other steps cannot write between the channels of other
  /// values. A tapped value cannot be a part, because it needs its own memory.
  init(_ graph: Graph, shapes: [String: Shape], tapped: Set<String>) {
    let uses = graph.useCounts
    for node in graph.nodes {
      guard node.operation is Concatenation, shapes[node.output]?.rank == 3,
        node.inputs.allSatisfy({ name in
          guard uses[name] == 1, !tapped.contains(name),
            let convolution = graph.node(producing: name)?.operation as? Convolution
          else { return false }
          return !convolution.isDepthwise
        })
      else { continue }
      var first = 0
      for name in node.inputs {
        parts[name] = Part(whole: node.output, firstChannel: first, channels: shapes[node.output]?[0] ?? 0)
        first += shapes[name]?[0] ?? 0
      }
      wholes.insert(node.output)
    }
  }
}
