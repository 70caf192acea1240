// Small networks with unusual sizes that cover every operator, fusion and layout.

import TapBackbone
import TapKernels
import TapProvenance
import TapTensors
import TestSupport

enum Networks {
  static func values(_ count: Int, _ seed: UInt64, around center: Float = 0) -> [Float] {
    var numbers = Congruential(state: seed &* SplitMix64.increment &+ 1)
    return (0..<count).map { _ in center + numbers.signedFloat() / 2 }
  }

  static func weights(_ shape: Shape, _ seed: UInt64) -> Tensor {
    Tensor(shape: shape, elements: values(shape.elementCount, seed))
  }

  private static func norm(_ channels: Int, _ seed: UInt64) -> BatchNormalization {
    BatchNormalization(
      gamma: values(channels, seed, around: 1), beta: values(channels, seed + 1),
      mean: values(channels, seed + 2), variance: values(channels, seed + 3, around: 1), epsilon: 1e-3)
  }

  /// Residual blocks, a depthwise convolution, a value read twice, a flatten of more than one pixel.
  static func mixed() throws -> Backbone {
    var graph = Graph()
    graph.append(
      "c1", Convolution(weights: weights([21, 3, 3, 3], 1), stride: 2, padding: .same), "input")
    graph.append("n1", norm(21, 2), "c1")
    graph.append("a1", Clamp.relu6, "n1")
    graph.append(
      "d1",
      Convolution(weights: weights([21, 1, 5, 5], 3), padding: .symmetric(2), groups: 21), "a1")
    graph.append("n2", norm(21, 4), "d1")
    graph.append("a2", Clamp.relu, "n2")
    graph.append(
      "p1",
      Convolution(weights: weights([21, 21, 1, 1], 5), bias: values(21, 6), padding: .symmetric(0)),
      "a2")
    graph.append("n3", norm(21, 7), "p1")
    graph.append("r1", Addition(), "n3", "a1")
    graph.append("a3", Clamp.relu, "r1")
    graph.append(
      "c2",
      Convolution(weights: weights([37, 21, 3, 2], 8), stride: 1, padding: .symmetric(1)), "a3")
    graph.append("twice", Addition(), "c2", "c2")
    graph.append("n4", norm(37, 9), "twice")
    graph.append("flat", Flatten(), "n4")
    let count = try graph.shapes(input: [3, 13, 13])["flat"]!.elementCount
    graph.append(
      "f1", FullyConnected(weights: weights([11, count], 10), bias: values(11, 11)), "flat")
    graph.append("pooled", GlobalAveragePooling(), "a3")
    var preprocessing = Preprocessing()
    preprocessing.size = 13
    return try Backbone(
      name: "mixed", preprocessing: preprocessing, graph: graph,
      taps: [
        ("c1", "convolution"), ("n1", "norm"), ("a1", "activation"), ("a2", "activation"), ("n3", "norm"),
        ("r1", "add"), ("a3", "activation"), ("twice", "add"), ("n4", "norm"), ("flat", "flatten"),
        ("f1", "fc"),
        ("pooled", "pool"),
      ], aliases: ["last": "f1"])
  }

  /// Features of recent networks: groups, dilation, uneven padding, poolings, gates, concatenation.
  static func modern() throws -> Backbone {
    var graph = Graph()
    func window(_ kernel: Int, _ stride: Int, _ dilation: Int, _ before: Int, _ after: Int, up: Bool = false)
      -> WindowAxis
    {
      WindowAxis(
        kernel: kernel, stride: stride, dilation: dilation, padding: .around(before: before, after: after),
        roundsUp: up)
    }
    graph.append(
      "c1",
      Convolution(
        weights: weights([24, 3, 3, 4], 1), bias: values(24, 2), vertical: window(3, 1, 2, 1, 2),
        horizontal: window(4, 2, 1, 0, 3), groups: 1), "input")
    graph.append("g1", Activation.gelu, "c1")
    graph.append(
      "l1", LayerNormalization(gamma: values(24, 3), beta: values(24, 4), epsilon: 1e-6),
      "g1")
    graph.append(
      "c2",
      Convolution(
        weights: weights([36, 6, 3, 3], 5), bias: values(36, 6), dilation: 2, padding: .symmetric(2),
        groups: 4),
      "l1")
    graph.append("n2", norm(36, 7), "c2")
    graph.append("s2", Activation.silu, "n2")
    // This depthwise convolution is dilated, so the kernel of depthwise convolutions gets no square window.
    graph.append(
      "d2",
      Convolution(
        weights: weights([36, 1, 3, 3], 8), bias: nil, dilation: 2, padding: .symmetric(2), groups: 36),
      "s2")
    graph.append("r2", Addition(), "d2", "s2")
    graph.append("squeezed", GlobalAveragePooling(), "r2")
    graph.append(
      "e1", FullyConnected(weights: weights([36, 36], 9), bias: values(36, 10)), "squeezed")
    graph.append("e2", Activation.sigmoid, "e1")
    graph.append("gated", Multiplication(), "r2", "e2")
    graph.append("squared", Multiplication(), "gated", "gated")
    graph.append("h1", Activation.hardSwish, "squared")
    graph.append("h2", Activation.hardSigmoid, "gated")
    graph.append("h3", Activation.tanh, "gated")
    graph.append("cat", Concatenation(), "h1", "h2", "h3", "c1")
    graph.append("max", WindowPooling(.maximum, window(3, 2, 1, 1, 1, up: true)), "cat")
    graph.append(
      "mean",
      WindowPooling(
        .average(countsPadding: true), vertical: window(3, 2, 1, 1, 1), horizontal: window(2, 1, 1, 1, 0)),
      "cat")
    graph.append(
      "inner",
      WindowPooling(
        .average(countsPadding: false), vertical: window(3, 2, 1, 1, 1, up: true),
        horizontal: window(2, 1, 2, 0, 1)), "cat")
    graph.append("regions", AdaptiveAveragePooling(height: 5, width: 7), "max")
    graph.append("flat", Flatten(), "regions")
    graph.append("probabilities", Softmax(), "e1")
    graph.append("column", Reshape([36, 1, 1]), "e2")
    graph.append("gated twice", Multiplication(), "gated", "column")
    // The first node reverses rows, and reads and writes values in logical order (channels first). The convolution
    // after it needs the other layout.
    let shape = try graph.shapes(input: [3, 13, 13])["gated"]!
    graph.append("flipped", flip(of: shape), "gated")
    graph.append(
      "after",
      Convolution(weights: weights([9, 36, 1, 1], 11), bias: nil, padding: .symmetric(0)),
      "flipped")
    graph.append("sum", Addition(), "flipped", "gated")
    var preprocessing = Preprocessing()
    preprocessing.size = 13
    return try Backbone(
      name: "modern", preprocessing: preprocessing, graph: graph,
      taps: graph.nodes.map { ($0.output, "value") },
      aliases: ["last": "flat"])
  }

  /// 3 x 3 kernels of stride 1: with and without padding, residual, bias and clamp, with channels that fill no vector.
  static func squares() throws -> Backbone {
    var graph = Graph()
    func convolution(_ outputs: Int, _ inputs: Int, _ seed: UInt64, bias: Bool, padding: Int) -> Convolution {
      Convolution(
        weights: weights([outputs, inputs, 3, 3], seed), bias: bias ? values(outputs, seed + 1) : nil,
        padding: .symmetric(padding))
    }
    graph.append("c1", convolution(19, 3, 1, bias: true, padding: 1), "input")
    graph.append("a1", Clamp.relu, "c1")
    graph.append("c2", convolution(35, 19, 3, bias: false, padding: 0), "a1")
    graph.append("n2", norm(35, 5), "c2")
    graph.append("c3", convolution(35, 35, 9, bias: true, padding: 1), "n2")
    graph.append("r3", Addition(), "c3", "n2")
    graph.append("a3", Clamp.relu6, "r3")
    graph.append("c4", convolution(40, 35, 11, bias: true, padding: 2), "a3")
    var preprocessing = Preprocessing()
    preprocessing.size = 13
    return try Backbone(
      name: "squares", preprocessing: preprocessing, graph: graph,
      taps: graph.nodes.map { ($0.output, "value") }, aliases: ["last": "c4"])
  }

  /// A network with depthwise convolutions between values with many channels. The values are so large that they are
  /// computed in bands of rows. Some of the convolutions have a stride, a residual or a matrix product after them, in
  /// wide tiles of the dense kernel or in other tiles. There is also a pooling between convolutions.
  static func inverted() throws -> Backbone {
    var graph = Graph()
    func product(_ outputs: Int, _ inputs: Int, _ seed: UInt64) -> Convolution {
      Convolution(
        weights: weights([outputs, inputs, 1, 1], seed), bias: values(outputs, seed + 1),
        padding: .symmetric(0))
    }
    graph.append(
      "c1", Convolution(weights: weights([36, 3, 3, 3], 1), padding: .symmetric(1)), "input")
    graph.append("a1", Clamp.relu6, "c1")
    graph.append(
      "d1",
      Convolution(weights: weights([36, 1, 5, 5], 2), stride: 2, padding: .symmetric(2), groups: 36), "a1")
    graph.append("e2", product(192, 36, 3), "d1")
    graph.append("a2", Clamp.relu6, "e2")
    graph.append(
      "d2",
      Convolution(weights: weights([192, 1, 3, 3], 5), padding: .symmetric(1), groups: 192),
      "a2")
    graph.append("p2", product(36, 192, 6), "d2")
    graph.append("r2", Addition(), "p2", "d1")
    graph.append("e3", product(139, 36, 8), "r2")
    graph.append("twice", Addition(), "e3", "e3")
    graph.append(
      "d3",
      Convolution(weights: weights([139, 1, 3, 3], 10), padding: .symmetric(1), groups: 139),
      "twice")
    graph.append("p3", product(9, 139, 11), "d3")
    let pooled = WindowAxis(
      kernel: 3, stride: 2, dilation: 1, padding: .around(before: 1, after: 1), roundsUp: true)
    graph.append(
      "c1 again",
      Convolution(weights: weights([36, 3, 4, 3], 15), bias: values(36, 16), padding: .symmetric(2)),
      "input")
    graph.append("w1", WindowPooling(.maximum, pooled), "c1 again")
    graph.append("q1", product(7, 36, 13), "w1")
    graph.append(
      "g1",
      Convolution(weights: weights([36, 4, 3, 3], 17), padding: .symmetric(1), groups: 9),
      "c1 again")
    graph.append("w2", WindowPooling(.maximum, pooled), "g1")
    var preprocessing = Preprocessing()
    preprocessing.size = 61
    return try Backbone(
      name: "inverted", preprocessing: preprocessing, graph: graph,
      taps: graph.nodes.map { ($0.output, "value") }, aliases: ["last": "p3"])
  }

  static let all = ["mixed", "modern", "squares", "inverted", "grouped", "joined", "deep", "wide"]

  static func named(_ name: String) throws -> Backbone {
    switch name {
    case "mixed": try mixed()
    case "modern": try modern()
    case "inverted": try inverted()
    case "grouped": try grouped()
    case "joined": try joined()
    case "deep": try deep()
    case "wide": try wide()
    default: try squares()
    }
  }

  /// Images `[count, size, size, 3]` as a plan takes them.
  static func images(_ count: Int, size: Int) -> [Float] { values(count * size * size * 3, 99) }

  /// The image `index` of `images` in logical order (channels first).
  static func reference(_ images: [Float], index: Int, size: Int) -> ReferenceValue {
    let pixels = size * size
    var elements = [Double](repeating: 0, count: 3 * pixels)
    for pixel in 0..<pixels {
      for channel in 0..<3 {
        elements[channel * pixels + pixel] = Double(images[(index * pixels + pixel) * 3 + channel])
      }
    }
    return ReferenceValue(shape: [3, size, size], elements: elements)
  }
}
