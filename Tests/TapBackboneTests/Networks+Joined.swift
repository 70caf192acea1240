import TapBackbone
import TapProvenance
import TapTensors

extension Networks {
  private static func product(_ outputs: Int, _ inputs: Int, _ seed: UInt64) -> Convolution {
    Convolution(
      weights: weights([outputs, inputs, 1, 1], seed), bias: values(outputs, seed + 1),
      padding: .symmetric(0))
  }

  private static func backbone(_ name: String, _ graph: Graph, size: Int, last: String) throws -> Backbone {
    var preprocessing = Preprocessing()
    preprocessing.size = size
    return try Backbone(
      name: name, preprocessing: preprocessing, graph: graph,
      taps: graph.nodes.map { ($0.output, "value") }, aliases: ["last": last])
  }

  /// A concatenation whose parts are written in place, each by another algorithm: in bands of rows, by Winograd's
  /// algorithm, by small groups, as a matrix product. The value before the depthwise convolution is just large enough
  /// for bands.
  static func joined() throws -> Backbone {
    var graph = Graph()
    graph.append(
      "c0",
      Convolution(weights: weights([20, 3, 3, 3], 1), bias: values(20, 2), padding: .symmetric(1)), "input"
    )
    graph.append("a0", Clamp.relu, "c0")
    graph.append("e1", product(97, 20, 3), "a0")
    graph.append("b1", Clamp.relu6, "e1")
    graph.append(
      "d1",
      Convolution(weights: weights([97, 1, 3, 3], 5), padding: .symmetric(1), groups: 97), "b1")
    graph.append("p1", product(20, 97, 6), "d1")
    graph.append(
      "q1",
      Convolution(weights: weights([33, 20, 3, 3], 8), bias: values(33, 9), padding: .symmetric(1)), "a0")
    graph.append("r1", Clamp.relu, "q1")
    graph.append(
      "g1",
      Convolution(weights: weights([20, 4, 3, 3], 10), padding: .symmetric(1), groups: 5), "a0")
    graph.append("k1", product(7, 20, 11), "a0")
    graph.append("cat", Concatenation(), "p1", "r1", "g1", "k1")
    let axis = WindowAxis(kernel: 3, stride: 2, dilation: 1, padding: .around(before: 1, after: 1))
    graph.append("max", WindowPooling(.maximum, axis), "cat")
    graph.append("k2", product(9, 80, 13), "max")
    return try backbone("joined", graph, size: 37, last: "k2")
  }

  /// A network whose kernels have several positions, and so many channels that their chains are computed in pieces of
  /// two rows or of one row.
  static func deep() throws -> Backbone {
    var graph = Graph()
    func convolution(_ outputs: Int, _ inputs: Int, stride: Int, _ seed: UInt64) -> Convolution {
      Convolution(
        weights: weights([outputs, inputs, 3, 3], seed), bias: values(outputs, seed + 1), stride: stride,
        padding: .symmetric(1))
    }
    graph.append("e1", product(130, 3, 1), "input")
    graph.append("a1", Clamp.relu, "e1")
    graph.append("c2", convolution(33, 130, stride: 1, 3), "a1")
    graph.append("a2", Clamp.relu, "c2")
    graph.append("c3", convolution(37, 130, stride: 2, 5), "a1")
    graph.append("c4", convolution(37, 33, stride: 2, 7), "a2")
    graph.append("c5", convolution(37, 130, stride: 2, 9), "a1")
    graph.append("r5", Addition(), "c5", "c3")
    graph.append("s5", Addition(), "r5", "c4")
    graph.append("a5", Clamp.relu, "s5")
    graph.append("e6", product(345, 37, 11), "a5")
    graph.append("c6", convolution(5, 345, stride: 2, 13), "e6")
    return try backbone("deep", graph, size: 9, last: "c6")
  }

  /// Sets of taps for which a plan combines steps in another way than for all taps.
  static func tapSets(_ name: String) -> [[String]] {
    switch name {
    case "mixed": [["last"], ["a2"]]
    case "modern": [["last"], ["gated"]]
    case "inverted": [["last"], ["q1"], ["d1", "r2"]]
    case "grouped": [["last"], ["r1"]]
    case "joined": [["last"], ["cat"]]
    case "deep": [["last"], ["a2"]]
    case "wide": [["last"], ["r1"]]
    default: [["last"], ["n2"]]
    }
  }
}
