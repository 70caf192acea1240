import TapBackbone
import TapProvenance
import TapTensors

extension Networks {
  /// A network with as many outputs and pixels as wide tiles of the dense kernel need. It has convolutions with a
  /// stride, in groups, with a residual, in a concatenation, with chains of several pieces, and with pixels that fill
  /// no block of tiles.
  static func wide() throws -> Backbone {
    var graph = Graph()
    func convolution(
      _ outputs: Int, _ inputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, groups: Int = 1,
      _ seed: UInt64
    ) -> Convolution {
      Convolution(
        weights: weights([outputs, inputs, kernel, kernel], seed), bias: values(outputs, seed + 1),
        stride: stride, dilation: dilation, padding: .symmetric(kernel / 2 * dilation), groups: groups)
    }
    graph.append("c1", convolution(64, 3, kernel: 3, stride: 2, 1), "input")
    graph.append("a1", Clamp.relu, "c1")
    graph.append("e1", convolution(128, 64, kernel: 1, 3), "a1")
    graph.append("b1", Clamp.relu6, "e1")
    graph.append("p1", convolution(64, 128, kernel: 3, dilation: 2, 5), "b1")
    graph.append("r1", Addition(), "p1", "a1")
    graph.append("g1", convolution(128, 32, kernel: 3, groups: 2, 7), "r1")
    graph.append("k1", convolution(9, 64, kernel: 1, 9), "r1")
    graph.append("k2", convolution(64, 64, kernel: 3, 11), "r1")
    graph.append("parts", Concatenation(), "k1", "k2", "g1")
    var preprocessing = Preprocessing()
    preprocessing.size = 27
    return try Backbone(
      name: "wide", preprocessing: preprocessing, graph: graph,
      taps: graph.nodes.map { ($0.output, "value") }, aliases: ["last": "parts"])
  }
}
