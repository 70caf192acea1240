// Concatenations without copies: the producers write the parts to their final places.

import TapTensors

/// Values that their producers write directly into the concatenation that alone reads them.
struct JoinedParts {
  struct Part {
    /// The concatenation's output, and the part's place and its total of channels.
    let whole: String
    let firstChannel: Int
    let channels: Int
  }

  private(set) var parts: [String: Part] = [:]
  /// Concatenations all of whose operands are such parts: they need no step.
  private(set) var wholes: Set<String> = []

  /// Only dense convolutions can write between the channels of others, and a tapped value needs its own memory.
  init(_ graph: Graph, shapes: [String: Shape], tapped: Set<String>) {
    let uses = graph.useCounts
    for node in graph.nodes {
      guard case .concatenate = node.operation, shapes[node.output]?.rank == 3,
        node.inputs.allSatisfy({ name in
          guard uses[name] == 1, !tapped.contains(name),
            case .convolution(let convolution) = graph.node(producing: name)?.operation
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
