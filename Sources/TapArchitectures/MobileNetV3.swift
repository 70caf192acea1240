// MobileNetV3. Howard et al., "Searching for MobileNetV3" (2019), tables 1 and 2.

import TapProvenance

struct MobileNetV3 {
  /// An inverted residual: a row of the paper's tables.
  private struct Block {
    let kernel: Int
    let expanded: Int
    let outputs: Int
    let hasExcitation: Bool
    let nonlinearity: Nonlinearity
    let stride: Int

    init(
      _ kernel: Int, _ expanded: Int, _ outputs: Int, _ hasExcitation: Bool, _ nonlinearity: Nonlinearity,
      _ stride: Int
    ) {
      self.kernel = kernel
      self.expanded = expanded
      self.outputs = outputs
      self.hasExcitation = hasExcitation
      self.nonlinearity = nonlinearity
      self.stride = stride
    }
  }

  private let name: String
  private let blocks: [Block]
  /// The number of features that the last layer reads.
  private let penultimate: Int

  static let variants = [
    MobileNetV3(
      name: "mobilenet_v3_large",
      blocks: [
        Block(3, 16, 16, false, .relu, 1), Block(3, 64, 24, false, .relu, 2),
        Block(3, 72, 24, false, .relu, 1),
        Block(5, 72, 40, true, .relu, 2), Block(5, 120, 40, true, .relu, 1),
        Block(5, 120, 40, true, .relu, 1),
        Block(3, 240, 80, false, .hardSwish, 2), Block(3, 200, 80, false, .hardSwish, 1),
        Block(3, 184, 80, false, .hardSwish, 1), Block(3, 184, 80, false, .hardSwish, 1),
        Block(3, 480, 112, true, .hardSwish, 1), Block(3, 672, 112, true, .hardSwish, 1),
        Block(5, 672, 160, true, .hardSwish, 2), Block(5, 960, 160, true, .hardSwish, 1),
        Block(5, 960, 160, true, .hardSwish, 1),
      ], penultimate: 1280),
    MobileNetV3(
      name: "mobilenet_v3_small",
      blocks: [
        Block(3, 16, 16, true, .relu, 2), Block(3, 72, 24, false, .relu, 2),
        Block(3, 88, 24, false, .relu, 1),
        Block(5, 96, 40, true, .hardSwish, 2), Block(5, 240, 40, true, .hardSwish, 1),
        Block(5, 240, 40, true, .hardSwish, 1), Block(5, 120, 48, true, .hardSwish, 1),
        Block(5, 144, 48, true, .hardSwish, 1), Block(5, 288, 96, true, .hardSwish, 2),
        Block(5, 576, 96, true, .hardSwish, 1), Block(5, 576, 96, true, .hardSwish, 1),
      ], penultimate: 1024),
  ]

  var architecture: Architecture {
    let outputs = blocks.last?.outputs ?? 0
    return Architecture(
      name, Preprocessing(), probe: ("features.\(blocks.count + 1).0.weight", [6 * outputs, outputs, 1, 1]),
      build: build)
  }

  private func build(_ network: inout NetworkBuilder) {
    network.assume(epsilon: 1e-3)
    var value = network.normalizedConvolution(
      "features.0", NetworkBuilder.input, to: 16, kernel: 3, stride: 2, .hardSwish)
    network.tap(value, "convolution")
    for (index, block) in blocks.enumerated() {
      value = invertedResidual(&network, "features.\(index + 1)", value, block)
      network.tap(value, "inverted residual", aliases: "features.\(index + 1)")
    }
    value = network.normalizedConvolution(
      "features.\(blocks.count + 1)", value, to: 6 * value.channels, kernel: 1, .hardSwish)
    network.tap(value, "convolution")
    value = network.globalAveragePool("avgpool", value)
    network.tap(value, "global average pool", aliases: "flatten", "penultimate")
    guard network.hasClassifier("classifier.0") else { return }
    value = network.fullyConnected("classifier.0", value, to: penultimate)
    value = network.activation("classifier.1", value, .hardSwish)
    network.tap(value, "fully connected", aliases: "penultimate")
    guard network.hasClassifier("classifier.3") else { return }
    value = network.fullyConnected("classifier.3", value, to: network.classCount("classifier.3"))
    network.tap(value, "fully connected", aliases: "logits")
  }

  private func invertedResidual(
    _ network: inout NetworkBuilder, _ name: String, _ input: NetworkValue, _ block: Block
  ) -> NetworkValue {
    var value = input
    var index = 0
    func next() -> String {
      defer { index += 1 }
      return "\(name).block.\(index)"
    }
    if block.expanded != input.channels {
      value = network.normalizedConvolution(next(), value, to: block.expanded, kernel: 1, block.nonlinearity)
    }
    value = network.normalizedConvolution(
      next(), value, to: block.expanded, kernel: block.kernel, stride: block.stride, groups: block.expanded,
      block.nonlinearity)
    if block.hasExcitation {
      value = network.squeezeExcitation(
        next(), value, to: ScaledChannels.rounded(Double(block.expanded / 4)), .relu, .hardSigmoid)
    }
    value = network.normalizedConvolution(next(), value, to: block.outputs, kernel: 1, .none)
    return block.stride == 1 && input.channels == block.outputs
      ? network.add("\(name).add", value, input) : value
  }
}

/// Computes the numbers of channels of scaled networks.
enum ScaledChannels {
  /// The multiple of 8 that is nearest to `exact`, but at least 8. If this multiple is less than nine tenths of
  /// `exact`, the result is the next larger multiple of 8.
  static func rounded(_ exact: Double) -> Int {
    let rounded = max(8, Int(exact + 4) / 8 * 8)
    return Double(rounded) < 0.9 * exact ? rounded + 8 : rounded
  }
}
