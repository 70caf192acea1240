// EfficientNet B0 to B7. Tan, Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (2019),
// table 1.

import TapProvenance

struct EfficientNet {
  private let name: String
  private let width: Double
  private let depth: Double
  private let preprocessing: Preprocessing
  private let epsilon: Double

  /// Makes a variant with the resize and the crop of torchvision's first weights.
  private init(
    _ name: String, width: Double, depth: Double, resize: Int, crop: Int, epsilon: Double = 1e-5
  ) {
    self.name = name
    self.width = width
    self.depth = depth
    self.epsilon = epsilon
    preprocessing = .imageNet(resize: resize, crop: crop, .bicubic)
  }

  static let variants = [
    EfficientNet("efficientnet_b0", width: 1.0, depth: 1.0, resize: 256, crop: 224),
    EfficientNet("efficientnet_b1", width: 1.0, depth: 1.1, resize: 256, crop: 240),
    EfficientNet("efficientnet_b2", width: 1.1, depth: 1.2, resize: 288, crop: 288),
    EfficientNet("efficientnet_b3", width: 1.2, depth: 1.4, resize: 320, crop: 300),
    EfficientNet("efficientnet_b4", width: 1.4, depth: 1.8, resize: 384, crop: 380),
    EfficientNet("efficientnet_b5", width: 1.6, depth: 2.2, resize: 456, crop: 456, epsilon: 1e-3),
    EfficientNet("efficientnet_b6", width: 1.8, depth: 2.6, resize: 528, crop: 528, epsilon: 1e-3),
    EfficientNet("efficientnet_b7", width: 2.0, depth: 3.1, resize: 600, crop: 600, epsilon: 1e-3),
  ]

  /// The stages of the network. Each stage is a row of the paper's table and has inverted residuals at one resolution.
  private static let stages: [(expansion: Int, kernel: Int, stride: Int, outputs: Int, repeats: Int)] = [
    (1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
  ]

  private func scaled(_ channels: Int) -> Int { ScaledChannels.rounded(Double(channels) * width) }

  private func repeats(_ count: Int) -> Int { Int((Double(count) * depth).rounded(.up)) }

  /// The number of blocks of each stage, for the variant that has `count` blocks in total.
  static func repeats(ofBlocks count: Int) -> [Int]? {
    variants.lazy.map { variant in stages.map { variant.repeats($0.repeats) } }
      .first { $0.reduce(0, +) == count }
  }

  var architecture: Architecture {
    // The last block of the longest stage shows the depth of the variant.
    let last = repeats(Self.stages[5].repeats) - 1
    return Architecture(
      name, preprocessing,
      probe: ("features.6.\(last).block.3.0.weight", [scaled(192), 6 * scaled(192), 1, 1]), build: build)
  }

  private func build(_ network: inout NetworkBuilder) {
    network.assume(epsilon: epsilon)
    var value = network.normalizedConvolution(
      "features.0", NetworkBuilder.input, to: scaled(32), kernel: 3, stride: 2, .silu)
    network.tap(value, "convolution")
    for (position, stage) in Self.stages.enumerated() {
      for block in 0..<repeats(stage.repeats) {
        let name = "features.\(position + 1).\(block)"
        value = invertedResidual(
          &network, name, value, expansion: stage.expansion, kernel: stage.kernel,
          stride: block == 0 ? stage.stride : 1, to: scaled(stage.outputs))
        network.tap(value, "inverted residual", aliases: name)
      }
    }
    value = network.normalizedConvolution("features.8", value, to: 4 * value.channels, kernel: 1, .silu)
    network.tap(value, "convolution")
    network.classify(value, layer: "classifier.1")
  }

  private func invertedResidual(
    _ network: inout NetworkBuilder, _ name: String, _ input: NetworkValue, expansion: Int, kernel: Int,
    stride: Int, to outputs: Int
  ) -> NetworkValue {
    let expanded = input.channels * expansion
    var value = input
    var index = 0
    func next() -> String {
      defer { index += 1 }
      return "\(name).block.\(index)"
    }
    if expansion != 1 {
      value = network.normalizedConvolution(next(), value, to: expanded, kernel: 1, .silu)
    }
    value = network.normalizedConvolution(
      next(), value, to: expanded, kernel: kernel, stride: stride, groups: expanded, .silu)
    value = network.squeezeExcitation(next(), value, to: max(1, input.channels / 4), .silu, .sigmoid)
    value = network.normalizedConvolution(next(), value, to: outputs, kernel: 1, .none)
    return stride == 1 && input.channels == outputs ? network.add("\(name).add", value, input) : value
  }
}
