// EfficientNet-Lite: EfficientNet without squeeze-and-excitation, with ReLU6, and with stem and head of
// one size in all variants. Tan, Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
// Networks" (2019), table 1; the Lite variants are those of the TensorFlow TPU repository (2020).
// Tensor names are those of the Python package efficientnet_lite_pytorch.

import TapBackbone
import TapProvenance
import TapTensors

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

  /// A row of the paper's table: inverted residuals of one resolution.
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
  private static let classes = 1000
  /// TensorFlow's, not PyTorch's 1e-5.
  private static let epsilon = 1e-3

  func build(_ reader: inout ParameterReader) -> ArchitectureParts {
    var network = ArchitectureParts(preprocessing: preprocessing)
    var value = convolution(
      &network.graph, &reader, "stem", from: Graph.input, tensor: "_conv_stem", norm: "_bn0",
      channels: (3, Self.stemChannels), kernel: 3, stride: 2)
    network.taps.append((value, "convolution"))

    var channels = Self.stemChannels
    var index = 0
    for (position, stage) in Self.stages.enumerated() {
      let isFixed = position == 0 || position == Self.stages.count - 1
      let repeats = isFixed ? stage.repeats : Int((depth * Double(stage.repeats)).rounded(.up))
      let output = scaled(stage.channels)
      for block in 0..<repeats {
        value = invertedResidual(
          &network.graph, &reader, index: index, from: value, channels: (channels, output), stage: stage,
          stride: block == 0 ? stage.stride : 1)
        network.taps.append((value, "inverted residual"))
        channels = output
        index += 1
      }
    }

    value = convolution(
      &network.graph, &reader, "head", from: value, tensor: "_conv_head", norm: "_bn1",
      channels: (channels, Self.headChannels), kernel: 1)
    network.taps.append((value, "convolution"))
    value = network.graph.append("avgpool", .globalAveragePool, value)
    network.taps.append((value, "global average pool"))
    let classifier = FullyConnected(
      weights: reader.tensor(
        "_fc.weight", [Self.classes, Self.headChannels], .uniform(gain: 1, fanIn: Self.headChannels)),
      bias: reader.vector("_fc.bias", Self.classes, .constant(0)))
    network.graph.append("logits", .fullyConnected(classifier), value)
    network.taps.append(("logits", "fully connected"))
    network.aliases = ["penultimate": "avgpool"]
    return network
  }

  /// (x - 127) / 128 on the centre of a bicubic resize.
  private var preprocessing: Preprocessing {
    Preprocessing(
      size: size, resize: .short, cropFraction: cropFraction, interpolation: .bicubic, scale: 1,
      mean: [127, 127, 127], standardDeviation: [128, 128, 128])
  }

  /// Channels times the width, to a multiple of 8, never more than a tenth below.
  private func scaled(_ channels: Int) -> Int {
    let exact = Double(channels) * width
    let rounded = max(8, Int(exact + 4) / 8 * 8)
    return Double(rounded) < 0.9 * exact ? rounded + 8 : rounded
  }

  /// Convolution with "same" padding, batch normalisation and, unless `isLinear`, ReLU6.
  private func convolution(
    _ graph: inout Graph, _ reader: inout ParameterReader, _ name: String, from input: String,
    tensor: String, norm: String, channels: (input: Int, output: Int), kernel: Int, stride: Int = 1,
    isDepthwise: Bool = false, isLinear: Bool = false
  ) -> String {
    let groups = isDepthwise ? channels.input : 1
    let inputs = channels.input / groups
    let weights = reader.tensor(
      "\(tensor).weight", [channels.output, inputs, kernel, kernel],
      .uniform(gain: isLinear ? 1 : 2, fanIn: inputs * kernel * kernel))
    let layer = Convolution(weights: weights, stride: stride, padding: .same, groups: groups)
    let normalization = reader.batchNormalization(norm, channels: channels.output, epsilon: Self.epsilon)
    let sum = graph.append("\(name).conv", .convolution(layer), input)
    guard !isLinear else { return graph.append(name, .batchNormalization(normalization), sum) }
    let normalized = graph.append("\(name).bn", .batchNormalization(normalization), sum)
    return graph.append(name, .clamp(.relu6), normalized)
  }

  /// Expansion, depthwise convolution, linear projection, and the input added where shapes agree.
  private func invertedResidual(
    _ graph: inout Graph, _ reader: inout ParameterReader, index: Int, from input: String,
    channels: (input: Int, output: Int), stage: Stage, stride: Int
  ) -> String {
    let (name, tensors) = ("blocks.\(index)", "_blocks.\(index)")
    let expanded = channels.input * stage.expansion
    var value = input
    if stage.expansion != 1 {
      value = convolution(
        &graph, &reader, "\(name).expand", from: value, tensor: "\(tensors)._expand_conv",
        norm: "\(tensors)._bn0", channels: (channels.input, expanded), kernel: 1)
    }
    value = convolution(
      &graph, &reader, "\(name).depthwise", from: value, tensor: "\(tensors)._depthwise_conv",
      norm: "\(tensors)._bn1", channels: (expanded, expanded), kernel: stage.kernel, stride: stride,
      isDepthwise: true)
    let hasResidual = stride == 1 && channels.input == channels.output
    value = convolution(
      &graph, &reader, hasResidual ? "\(name).project" : name, from: value,
      tensor: "\(tensors)._project_conv", norm: "\(tensors)._bn2", channels: (expanded, channels.output),
      kernel: 1, isLinear: true)
    return hasResidual ? graph.append(name, .add, value, input) : value
  }
}
