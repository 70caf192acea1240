import TapBackbone
import TapProvenance
import TapTensors

extension Networks {
  /// A network with convolutions of small groups. Some have a stride, a residual or channels that fill no panel, and
  /// some are in a concatenation. Activations follow convolutions of every kind.
  static func grouped() throws -> Backbone {
    var graph = Graph()
    func product(_ outputs: Int, _ inputs: Int, _ seed: UInt64) -> Convolution {
      Convolution(
        weights: weights([outputs, inputs, 1, 1], seed), bias: values(outputs, seed + 1),
        padding: .symmetric(0))
    }
    func grouped(_ channels: Int, by group: Int, stride: Int = 1, _ seed: UInt64) -> Convolution {
      Convolution(
        weights: weights([channels, group, 3, 3], seed), bias: values(channels, seed + 1), stride: stride,
        padding: .symmetric(1), groups: channels / group)
    }
    graph.append(
      "c1",
      Convolution(weights: weights([24, 3, 3, 3], 1), stride: 2, padding: .symmetric(1)),
      "input")
    graph.append("a1", Activation.silu, "c1")
    graph.append("e1", product(44, 24, 3), "a1")
    graph.append("b1", Clamp.relu, "e1")
    graph.append("g1", grouped(44, by: 4, 5), "b1")
    graph.append("h1", Activation.hardSwish, "g1")
    graph.append("p1", product(24, 44, 7), "h1")
    graph.append("r1", Addition(), "p1", "a1")
    graph.append("g2", grouped(24, by: 8, stride: 2, 13), "r1")
    graph.append("a3", Activation.silu, "g2")
    graph.append("g3", grouped(24, by: 4, 15), "a3")
    graph.append("r3", Addition(), "g3", "a3")
    graph.append("k1", product(9, 24, 17), "r3")
    graph.append("t1", Activation.tanh, "k1")
    graph.append("g4", grouped(24, by: 8, 19), "r3")
    graph.append("s4", Activation.sigmoid, "g4")
    graph.append("k2", product(11, 24, 21), "s4")
    graph.append("a4", Activation.hardSigmoid, "k2")
    graph.append("parts", Concatenation(), "t1", "a4")
    graph.append("more", Concatenation(), "parts", "g4")
    var preprocessing = Preprocessing()
    preprocessing.size = 29
    return try Backbone(
      name: "grouped", preprocessing: preprocessing, graph: graph,
      taps: graph.nodes.map { ($0.output, "value") }, aliases: ["last": "more"])
  }
}
