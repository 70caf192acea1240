// Small graphs that have every operator with every attribute, each with the full text of its structure.

import TapBackbone
import TapTensors

struct PinnedGraph {
  let name: String
  let graph: Graph
  /// The text from which the structure's hash is computed.
  let structure: String

  static let size = 12
  static let input: Shape = [3, size, size]

  init(_ name: String, _ graph: Graph, _ structure: String) {
    self.name = name
    self.graph = graph
    self.structure = structure
  }

  /// One operator that reads the image, named by its own text.
  init(_ operation: any Operator, _ text: String, _ name: String? = nil) {
    self.init(name ?? text, Graph([Graph.Node("y", operation, ["input"])]), "y = \(text) (input)\n")
  }

  static let all = convolutions + poolings + activations + normalizations + shapes + generals + combinations
}

// MARK: - Windows

extension PinnedGraph {
  private struct Window {
    let text: String
    let vertical: WindowAxis
    let horizontal: WindowAxis

    init(_ text: String, _ vertical: WindowAxis, _ horizontal: WindowAxis? = nil) {
      self.text = text
      self.vertical = vertical
      self.horizontal = horizontal ?? vertical
    }

    var convolution: Convolution {
      let kernel: Shape = [2, 3, vertical.kernel, horizontal.kernel]
      return Convolution(
        weights: Networks.weights(kernel, 1), bias: nil, vertical: vertical, horizontal: horizontal, groups: 1
      )
    }
  }

  private static let windows = [
    Window("stride 1 padding symmetric(0)", WindowAxis(kernel: 3)),
    Window("stride 2 padding symmetric(1)", WindowAxis(kernel: 3, stride: 2, padding: .symmetric(1))),
    Window("stride 3 padding symmetric(0)", WindowAxis(kernel: 1, stride: 3)),
    Window("stride 1 padding same", WindowAxis(kernel: 3, padding: .same)),
    Window(
      "stride 1 padding symmetric(2)", WindowAxis(kernel: 4, padding: .symmetric(2)),
      WindowAxis(kernel: 5, padding: .symmetric(2))),
    Window(
      "stride 1 dilation 2 padding same by stride 1 dilation 2 padding same",
      WindowAxis(kernel: 2, dilation: 2, padding: .same)),
    Window(
      "stride 1 dilation 3 padding around(before: 3, after: 3) by stride 1 dilation 3 padding around(before: 3, after: 3)",
      WindowAxis(kernel: 3, dilation: 3, padding: .symmetric(3))),
    Window(
      "stride 2 dilation 1 padding around(before: 0, after: 1) by stride 2 dilation 1 padding around(before: 0, after: 1)",
      WindowAxis(kernel: 3, stride: 2, padding: .around(before: 0, after: 1))),
    Window(
      "stride 2 dilation 1 padding around(before: 1, after: 0) by stride 2 dilation 1 padding around(before: 1, after: 0)",
      WindowAxis(kernel: 3, stride: 2, padding: .around(before: 1, after: 0))),
    Window(
      "stride 2 dilation 1 padding around(before: 1, after: 1) up by stride 2 dilation 1 padding around(before: 1, after: 1) up",
      WindowAxis(kernel: 3, stride: 2, padding: .symmetric(1), roundsUp: true)),
    Window(
      "stride 2 dilation 1 padding same up by stride 2 dilation 1 padding same",
      WindowAxis(kernel: 3, stride: 2, padding: .same, roundsUp: true),
      WindowAxis(kernel: 3, stride: 2, padding: .same)),
    Window(
      "stride 1 dilation 1 padding around(before: 0, after: 0) by stride 2 dilation 1 padding around(before: 0, after: 0)",
      WindowAxis(kernel: 3), WindowAxis(kernel: 3, stride: 2)),
    Window(
      "stride 1 dilation 1 padding same by stride 1 dilation 2 padding around(before: 10, after: 1)",
      WindowAxis(kernel: 3, padding: .same),
      WindowAxis(kernel: 3, dilation: 2, padding: .around(before: 10, after: 1))),
  ]

  private static let convolutions =
    windows.map { PinnedGraph($0.convolution, "convolution \($0.text) groups 1") } + [
      PinnedGraph(
        Convolution(
          weights: Networks.weights([6, 1, 3, 3], 2), bias: Networks.values(6, 3), padding: .symmetric(1),
          groups: 3),
        "convolution stride 1 padding symmetric(1) groups 3"),
      // A bias and the weights' shape are part of the weights' hash.
      PinnedGraph(
        Convolution(
          weights: Networks.weights([2, 3, 3, 3], 1), bias: Networks.values(2, 3), padding: .symmetric(0)),
        "convolution stride 1 padding symmetric(0) groups 1", "convolution with a bias"),
      PinnedGraph(
        Convolution(weights: Networks.weights([2, 3, 1, 9], 1), padding: .symmetric(0)),
        "convolution stride 1 padding symmetric(0) groups 1", "convolution 1 x 9"),
      PinnedGraph(
        Convolution(weights: Networks.weights([2, 3, 9, 1], 1), padding: .symmetric(0)),
        "convolution stride 1 padding symmetric(0) groups 1", "convolution 9 x 1"),
    ]

  private static let poolings =
    windows.map { window in
      PinnedGraph(
        WindowPooling(.maximum, vertical: window.vertical, horizontal: window.horizontal),
        "maximum \(window.vertical.kernel) x \(window.horizontal.kernel) \(window.text)")
    } + [
      PinnedGraph(
        WindowPooling(.average(countsPadding: true), WindowAxis(kernel: 2, stride: 2)),
        "average(countsPadding: true) 2 x 2 stride 2 padding symmetric(0)"),
      PinnedGraph(
        WindowPooling(.average(countsPadding: false), WindowAxis(kernel: 2, stride: 2)),
        "average(countsPadding: false) 2 x 2 stride 2 padding symmetric(0)"),
      PinnedGraph(
        WindowPooling(.maximum, WindowAxis(kernel: 2, stride: 2)),
        "maximum 2 x 2 stride 2 padding symmetric(0)"),
      PinnedGraph(
        AdaptiveAveragePooling(height: 2, width: 3), "adaptive average pool 2 x 3"),
      PinnedGraph(
        AdaptiveAveragePooling(height: 3, width: 2), "adaptive average pool 3 x 2"),
      PinnedGraph(
        AdaptiveAveragePooling(height: 1, width: 1), "adaptive average pool 1 x 1"),
      PinnedGraph(GlobalAveragePooling(), "global average pool"),
    ]
}

// MARK: - Numbers

extension PinnedGraph {
  private static func clamp(_ minimum: Float, _ maximum: Float, _ text: String) -> PinnedGraph {
    PinnedGraph(Clamp(minimum: minimum, maximum: maximum), "clamp \(text)")
  }

  private static let activations =
    [
      clamp(0, .infinity, "0.0 inf"), clamp(0, 6, "0.0 6.0"), clamp(-0.0, 6, "-0.0 6.0"),
      clamp(-.infinity, .infinity, "-inf inf"), clamp(0.1, 1, "0.1 1.0"), clamp(0.1, 3, "0.1 3.0"),
      clamp(-1, 1, "-1.0 1.0"), clamp(1e-7, 1e-4, "1e-07 0.0001"),
      clamp(-1.5e-5, 0.00123, "-1.5e-05 0.00123"),
      clamp(1 / 3, 2 / 3, "0.33333334 0.6666667"), clamp(-12_345.678, 16_777_216, "-12345.678 16777216.0"),
      clamp(16_777_218, 1e16, "1.6777218e+07 1e+16"), clamp(1.5e10, 3.25e20, "1.5e+10 3.25e+20"),
      clamp(.leastNonzeroMagnitude, .greatestFiniteMagnitude, "1e-45 3.4028235e+38"),
      clamp(-.greatestFiniteMagnitude, .leastNormalMagnitude, "-3.4028235e+38 1.1754944e-38"),
      clamp(.nan, 0, "nan 0.0"),
      PinnedGraph(Activation.sigmoid, "sigmoid"), PinnedGraph(Activation.silu, "silu"),
      PinnedGraph(Activation.hardSigmoid, "hardSigmoid"),
      PinnedGraph(Activation.hardSwish, "hardSwish"),
      PinnedGraph(Activation.gelu, "gelu"), PinnedGraph(Activation.tanh, "tanh"),
      PinnedGraph(
        "softmax",
        Graph([Graph.Node("v", GlobalAveragePooling(), ["input"]), Graph.Node("y", Softmax(), ["v"])]),
        "v = global average pool (input)\ny = softmax (v)\n"),
    ]

  private static func layer(_ epsilon: Double, _ text: String) -> PinnedGraph {
    PinnedGraph(
      LayerNormalization(gamma: Networks.values(3, 1), beta: Networks.values(3, 2), epsilon: epsilon),
      "layer normalization \(text)")
  }

  private static func batch(_ scale: [Double], _ shift: [Double], _ name: String) -> PinnedGraph {
    PinnedGraph(
      BatchNormalization(scale: scale, shift: shift), "batch normalization", name)
  }

  private static let normalizations = [
    layer(1e-6, "1e-06"), layer(1e-5, "1e-05"), layer(0.001, "0.001"), layer(0, "0.0"), layer(0.1, "0.1"),
    layer(1.0 / 3, "0.3333333333333333"), layer(1e-12, "1e-12"), layer(1, "1.0"), layer(1e100, "1e+100"),
    layer(9_007_199_254_740_992, "9007199254740992.0"), layer(9_007_199_254_740_994, "9.007199254740994e+15"),
    layer(1e16, "1e+16"), layer(.leastNonzeroMagnitude, "5e-324"),
    PinnedGraph(
      LayerNormalization(gamma: Networks.values(3, 2), beta: Networks.values(3, 2), epsilon: 1e-6),
      "layer normalization 1e-06", "layer normalization, another gamma"),
    PinnedGraph(
      LayerNormalization(gamma: Networks.values(3, 1), beta: Networks.values(3, 1), epsilon: 1e-6),
      "layer normalization 1e-06", "layer normalization, another beta"),
    batch([1, 2, 3], [4, 5, 6], "batch normalization"),
    batch([1, 2, 4], [4, 5, 6], "batch normalization, another scale"),
    batch([1, 2, 3], [4, 5, 7], "batch normalization, another shift"),
  ]
}
