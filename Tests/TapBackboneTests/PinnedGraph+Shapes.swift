// The remaining pinned graphs: shapes, operators from an importer, several operators together.

import TapBackbone
import TapTensors

extension PinnedGraph {
  private static func reshape(_ shape: Shape, _ text: String) -> PinnedGraph {
    PinnedGraph(Reshape(shape), "reshape \(text)")
  }

  /// A vector of one element, and the operator that reads it.
  private static func scalar(_ operation: any Operator, _ text: String) -> PinnedGraph {
    let layer = FullyConnected(weights: Networks.weights([1, 3], 1), bias: [0.5])
    return PinnedGraph(
      text,
      Graph([
        Graph.Node("p", GlobalAveragePooling(), ["input"]), Graph.Node("f", layer, ["p"]),
        Graph.Node("y", operation, ["f"]),
      ]), "p = global average pool (input)\nf = fully connected (p)\ny = \(text) (f)\n")
  }

  static let shapes = [
    PinnedGraph(Flatten(), "flatten"),
    reshape([432], "[432]"), reshape([27, 16], "[27, 16]"), reshape([16, 27], "[16, 27]"),
    reshape([3, 8, 18], "[3, 8, 18]"), reshape([1, 3, 12, 12], "[1, 3, 12, 12]"),
    scalar(Reshape([]), "reshape []"), scalar(Reshape([1, 1]), "reshape [1, 1]"),
    // A layout conversion is never part of a network as an architecture defines it. So its text does not contain its
    // target.
    PinnedGraph(LayoutConversion(to: .channelsFirst), "layout conversion"),
  ]

  private static func general(
    _ name: String, _ attributes: String, constants: [Tensor] = [], as label: String? = nil
  ) -> PinnedGraph {
    PinnedGraph(
      Networks.node(name, attributes, constants: constants, of: input), "\(name) \(attributes)", label)
  }

  static let generals = [
    general("LRN", "opset 13 alpha 0.1"), general("LRN", "opset 13 alpha 0.2"),
    general("Softplus", "opset 13 alpha 0.1"),
    general(
      "LRN", "constants",
      constants: [
        Tensor(shape: [], elements: [1]), Tensor(shape: [2], elements: [1, 2]),
        Tensor(shape: [2, 3], elements: Networks.values(6, 1)),
        Tensor(shape: [1, 2, 3, 4], elements: Networks.values(24, 2)),
      ]),
    general(
      "LRN", "constants",
      constants: [
        Tensor(shape: [], elements: [1]), Tensor(shape: [2], elements: [1, 2]),
        Tensor(shape: [3, 2], elements: Networks.values(6, 1)),
        Tensor(shape: [1, 2, 3, 4], elements: Networks.values(24, 2)),
      ], as: "LRN constants, one of another shape"),
  ]

  private static func connected(_ weights: UInt64, _ bias: UInt64, _ name: String) -> PinnedGraph {
    let layer = FullyConnected(weights: Networks.weights([2, 3], weights), bias: Networks.values(2, bias))
    return PinnedGraph(
      name,
      Graph([
        Graph.Node("p", GlobalAveragePooling(), ["input"]), Graph.Node("y", layer, ["p"]),
      ]), "p = global average pool (input)\ny = fully connected (p)\n")
  }

  /// Two values of the image's shape, and the operator that reads them.
  private static func pair(_ operation: any Operator, _ text: String, _ inputs: [String]) -> PinnedGraph {
    PinnedGraph(
      "\(text) of \(inputs.joined(separator: " and "))",
      Graph([
        Graph.Node("a", Clamp.relu, ["input"]), Graph.Node("b", Clamp.relu6, ["a"]),
        Graph.Node("y", operation, inputs),
      ]),
      "a = clamp 0.0 inf (input)\nb = clamp 0.0 6.0 (a)\ny = \(text) (\(inputs.joined(separator: ", ")))\n")
  }

  static let combinations = [
    connected(1, 2, "fully connected"), connected(3, 2, "fully connected, other weights"),
    connected(1, 3, "fully connected, another bias"),
    pair(Addition(), "add", ["a", "b"]), pair(Addition(), "add", ["b", "a"]), pair(Addition(), "add", ["a", "a"]),
    pair(Multiplication(), "multiply", ["a", "b"]),
    pair(Concatenation(), "concatenate", ["a", "b", "input"]), pair(Concatenation(), "concatenate", ["a"]),
    PinnedGraph(
      "another name", Graph([Graph.Node("stem.0, (ÿ)", Clamp.relu, ["input"])]),
      "stem.0, (ÿ) = clamp 0.0 inf (input)\n"),
    PinnedGraph("nothing", Graph(), ""),
  ]

  /// Every operator that a file can contain, in one network.
  static let document: Graph = {
    var graph = Graph()
    graph.append(
      "conv",
      Convolution(
        weights: Networks.weights([6, 1, 3, 2], 1), bias: Networks.values(6, 2),
        vertical: WindowAxis(kernel: 3, stride: 2, padding: .around(before: 0, after: 1)),
        horizontal: WindowAxis(kernel: 2, stride: 2, dilation: 2, padding: .same, roundsUp: true), groups: 3
      ),
      "input")
    graph.append(
      "batch",
      BatchNormalization(scale: [1, 2, 3, 4, 5, 0.1], shift: [0, 1, 2, 3, 4, -1e-7]),
      "conv")
    graph.append("clamp", Clamp(minimum: -0.1, maximum: 6), "batch")
    graph.append("free", Clamp(minimum: -.infinity, maximum: .infinity), "clamp")
    for activation in Activation.allCases {
      graph.append(activation.rawValue, activation, graph.nodes.last?.output ?? "")
    }
    graph.append("sum", Addition(), "tanh", "free")
    graph.append("product", Multiplication(), "sum", "tanh")
    let axis = WindowAxis(kernel: 2, padding: .symmetric(1))
    graph.append("largest", WindowPooling(.maximum, axis), "product")
    for counts in [true, false] {
      graph.append(
        "mean \(counts ? 1 : 0)", WindowPooling(.average(countsPadding: counts), axis),
        "product")
    }
    graph.append("joined", Concatenation(), "largest", "mean 1", "mean 0")
    graph.append("regions", AdaptiveAveragePooling(height: 2, width: 4), "joined")
    graph.append(
      "layer",
      LayerNormalization(gamma: Networks.values(18, 3), beta: Networks.values(18, 4), epsilon: 1e-6),
      "regions")
    graph.append("turned", Reshape([36, 2, 2]), "layer")
    graph.append("pooled", GlobalAveragePooling(), "turned")
    graph.append("flat", Flatten(), "pooled")
    graph.append(
      "scores",
      FullyConnected(weights: Networks.weights([2, 36], 5), bias: Networks.values(2, 6)),
      "flat")
    graph.append("probabilities", Softmax(), "scores")
    return graph
  }()
}
