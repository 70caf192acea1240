// MobileNetV2. Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018), table 2.

import TapProvenance

enum MobileNetV2 {
  /// The stages of the network. Each stage is a row of the paper's table.
  private static let stages: [(expansion: Int, outputs: Int, repeats: Int, stride: Int)] = [
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
  ]

  static let architecture = Architecture(
    "mobilenet_v2", Preprocessing(), probe: ("features.17.conv.2.weight", [320, 960, 1, 1]), build: build)

  private static func build(_ network: inout NetworkBuilder) {
    let layer = "classifier.1"
    // A network that has an additional class for the background typically comes from TensorFlow.
    network.assume(padsLikeTensorFlow: network.classCount(layer) == NetworkBuilder.imageNetClasses + 1)
    var value = network.normalizedConvolution(
      "features.0", NetworkBuilder.input, to: 32, kernel: 3, stride: 2, .relu6)
    network.tap(value, "convolution")
    var index = 1
    for stage in stages {
      for block in 0..<stage.repeats {
        value = invertedResidual(
          &network, "features.\(index)", value, expansion: stage.expansion, to: stage.outputs,
          stride: block == 0 ? stage.stride : 1)
        network.tap(value, "inverted residual", aliases: "features.\(index)")
        index += 1
      }
    }
    value = network.normalizedConvolution("features.18", value, to: 1280, kernel: 1, .relu6)
    network.tap(value, "convolution")
    network.classify(value, pool: "adaptive_avg_pool2d", layer: layer)
  }

  private static func invertedResidual(
    _ network: inout NetworkBuilder, _ name: String, _ input: NetworkValue, expansion: Int, to outputs: Int,
    stride: Int
  ) -> NetworkValue {
    let expanded = input.channels * expansion
    var value = input
    var index = 0
    func next() -> String {
      defer { index += 1 }
      return "\(name).conv.\(index)"
    }
    if expansion != 1 {
      value = network.normalizedConvolution(next(), value, to: expanded, kernel: 1, .relu6)
    }
    value = network.normalizedConvolution(
      next(), value, to: expanded, kernel: 3, stride: stride, groups: expanded, .relu6)
    let projection = next()
    value = network.normalized(projection, next(), value, to: outputs, kernel: 1, gain: 1)
    return stride == 1 && input.channels == outputs ? network.add("\(name).add", value, input) : value
  }
}
