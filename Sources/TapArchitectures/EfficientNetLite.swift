// EfficientNet-Lite: EfficientNet with ReLU6 and without squeeze-and-excitation. The stem has the same size in all
// variants, and the head has the same size in all variants. Tan, Le, "EfficientNet: Rethinking Model Scaling for
// Convolutional Neural Networks" (2019), table 1. The Lite variants are those of the TensorFlow TPU repository (2020).
// Tensors have the names of the Python package efficientnet_lite_pytorch.

import TapProvenance

struct EfficientNetLite {
  let name: String
  let width: Double
  let depth: Double
  let size: Int
  let cropFraction: Double

  static let variants = [
    EfficientNetLite(name: "efficientnet_lite0", width: 1.0, depth: 1.0, size: 224, cropFraction: 0.875),
    EfficientNetLite(name: "efficientnet_lite1", width: 1.0, depth: 1.1, size: 240, cropFraction: 0.882),
    EfficientNetLite(name: "efficientnet_lite2", width: 1.1, depth: 1.2, size: 260, cropFraction: 0.890),
    EfficientNetLite(name: "efficientnet_lite3", width: 1.2, depth: 1.4, size: 280, cropFraction: 0.904),
    EfficientNetLite(name: "efficientnet_lite4", width: 1.4, depth: 1.8, size: 300, cropFraction: 0.920),
  ]

  /// A stage of the network: a row of the paper's table, with inverted residuals at one resolution.
  private struct Stage {
    let repeats: Int
    let kernel: Int
    let stride: Int
    let expansion: Int
    let channels: Int
  }

  private static let stages = [
    Stage(repeats: 1, kernel: 3, stride: 1, expansion: 1, channels: 16),
    Stage(repeats: 2, kernel: 3, stride: 2, expansion: 6, channels: 24),
    Stage(repeats: 2, kernel: 5, stride: 2, expansion: 6, channels: 40),
    Stage(repeats: 3, kernel: 3, stride: 2, expansion: 6, channels: 80),
    Stage(repeats: 3, kernel: 5, stride: 1, expansion: 6, channels: 112),
    Stage(repeats: 4, kernel: 5, stride: 2, expansion: 6, channels: 192),
    Stage(repeats: 1, kernel: 3, stride: 1, expansion: 6, channels: 320),
  ]
  private static let stemChannels = 32
  private static let headChannels = 1280
  /// The epsilon is TensorFlow's default, 1e-3; PyTorch's default is 1e-5.
  private static let epsilon = 1e-3

  var architecture: Architecture {
    Architecture(
      name, preprocessing,
      probe: ("_blocks.\(blockCount - 1)._project_conv.weight", [scaled(320), 6 * scaled(192), 1, 1]),
      build: build)
  }

  private func repeats(_ position: Int) -> Int {
    let isFixed = position == 0 || position == Self.stages.count - 1
    let count = Self.stages[position].repeats
    return isFixed ? count : Int((depth * Double(count)).rounded(.up))
  }

  private var blockCount: Int { Self.stages.indices.reduce(0) { $0 + repeats($1) } }

  private func build(_ network: inout NetworkBuilder) {
    network.assume(epsilon: Self.epsilon, padsLikeTensorFlow: true)
    var value = convolution(
      &network, "stem", NetworkBuilder.input, to: Self.stemChannels, kernel: 3, stride: 2,
      tensors: ("_conv_stem", "_bn0"))
    network.tap(value, "convolution")
    var index = 0
    for (position, stage) in Self.stages.enumerated() {
      for block in 0..<repeats(position) {
        value = invertedResidual(
          &network, index: index, value, stage: stage, stride: block == 0 ? stage.stride : 1)
        network.tap(value, "inverted residual")
        index += 1
      }
    }
    value = convolution(
      &network, "head", value, to: Self.headChannels, kernel: 1, tensors: ("_conv_head", "_bn1"))
    network.tap(value, "convolution")
    value = network.globalAveragePool("avgpool", value)
    network.tap(value, "global average pool", aliases: "penultimate")
    guard network.hasClassifier("_fc") else { return }
    network.tap(
      network.fullyConnected("logits", value, to: network.classCount("_fc"), tensors: "_fc"),
      "fully connected")
  }

  /// The image is resized (bicubic) and cropped at its center. Then each pixel value x becomes (x - 127) / 128.
  private var preprocessing: Preprocessing {
    Preprocessing(
      size: size, resize: .short, cropFraction: cropFraction, interpolation: .bicubic, scale: 1,
      mean: [127, 127, 127], standardDeviation: [128, 128, 128])
  }

  private func scaled(_ channels: Int) -> Int { ScaledChannels.rounded(Double(channels) * width) }

  /// A convolution, a batch normalization and, unless `isLinear` is true, ReLU6. Stores contain the names that this
  /// function gives to values.
  private func convolution(
    _ network: inout NetworkBuilder, _ name: String, _ x: NetworkValue, to outputs: Int, kernel: Int,
    stride: Int = 1,
    groups: Int = 1, isLinear: Bool = false, tensors: (convolution: String, norm: String)
  ) -> NetworkValue {
    let value = network.normalized(
      "\(name).conv", isLinear ? name : "\(name).bn", x, to: outputs, kernel: kernel, stride: stride,
      groups: groups, tensors: tensors, gain: isLinear ? 1 : 2)
    return network.activation(name, value, isLinear ? .none : .relu6)
  }

  /// An expansion, a depthwise convolution and a linear projection. If the shapes agree, the input is added to the
  /// result.
  private func invertedResidual(
    _ network: inout NetworkBuilder, index: Int, _ input: NetworkValue, stage: Stage, stride: Int
  ) -> NetworkValue {
    let (name, tensors) = ("blocks.\(index)", "_blocks.\(index)")
    let expanded = input.channels * stage.expansion
    let outputs = scaled(stage.channels)
    var value = input
    if stage.expansion != 1 {
      value = convolution(
        &network, "\(name).expand", value, to: expanded, kernel: 1,
        tensors: ("\(tensors)._expand_conv", "\(tensors)._bn0"))
    }
    value = convolution(
      &network, "\(name).depthwise", value, to: expanded, kernel: stage.kernel, stride: stride,
      groups: expanded, tensors: ("\(tensors)._depthwise_conv", "\(tensors)._bn1"))
    let hasResidual = stride == 1 && input.channels == outputs
    value = convolution(
      &network, hasResidual ? "\(name).project" : name, value, to: outputs, kernel: 1, isLinear: true,
      tensors: ("\(tensors)._project_conv", "\(tensors)._bn2"))
    return hasResidual ? network.add(name, value, input) : value
  }
}
