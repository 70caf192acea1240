// ConvNeXt. Liu et al., "A ConvNet for the 2020s" (2022), table 9.

import TapBackbone
import TapProvenance
import TapTensors

struct ConvNeXt {
  let name: String
  let depths: [Int]
  let width: Int
  let resize: Int
  private static let epsilon = 1e-6

  static let variants = [
    ConvNeXt(name: "convnext_tiny", depths: [3, 3, 9, 3], width: 96, resize: 236),
    ConvNeXt(name: "convnext_small", depths: [3, 3, 27, 3], width: 96, resize: 230),
    ConvNeXt(name: "convnext_base", depths: [3, 3, 27, 3], width: 128, resize: 232),
  ]

  var architecture: Architecture {
    Architecture(
      name, .imageNet(resize: resize, crop: 224),
      probe: ("features.5.\(depths[2] - 1).layer_scale", [4 * width, 1, 1]), build: build)
  }

  private func build(_ network: inout NetworkBuilder) {
    var value = network.convolution(
      "features.0.0", NetworkBuilder.input, to: width, kernel: 4, stride: 4, padding: 0)
    value = network.layerNormalization(
      "features.0", value, epsilon: Self.epsilon, tensors: "features.0.1")
    network.tap(value, "convolution")
    for (stage, depth) in depths.enumerated() {
      if stage > 0 {
        let name = "features.\(2 * stage)"
        value = network.layerNormalization("\(name).0", value, epsilon: Self.epsilon)
        value = network.convolution(
          "\(name).1", value, to: 2 * value.channels, kernel: 2, stride: 2, padding: 0, gain: 1)
        network.tap(value, "convolution")
      }
      for block in 0..<depth {
        let name = "features.\(2 * stage + 1).\(block)"
        value = residual(&network, name, value)
        network.tap(value, "residual", aliases: name)
      }
    }
    value = network.globalAveragePool("avgpool", value)
    network.tap(value, "global average pool", aliases: "penultimate")
    guard network.hasClassifier("classifier.0") else { return }
    value = network.layerNormalization("classifier.0", value, epsilon: Self.epsilon)
    network.tap(value, "layer normalization", aliases: "penultimate", "classifier.1")
    guard network.hasClassifier("classifier.2") else { return }
    value = network.fullyConnected("classifier.2", value, to: network.classCount("classifier.2"))
    network.tap(value, "fully connected", aliases: "logits")
  }

  private func residual(_ network: inout NetworkBuilder, _ name: String, _ input: NetworkValue)
    -> NetworkValue
  {
    let channels = input.channels
    var value = network.convolution(
      "\(name).block.0", input, to: channels, kernel: 7, groups: channels, gain: 1)
    value = network.layerNormalization("\(name).block.2", value, epsilon: Self.epsilon)
    value = network.pixelwise("\(name).block.3", value, to: 4 * channels)
    value = network.activation("\(name).block.4", value, .gelu)
    value = network.pixelwise("\(name).block.5", value, to: channels)
    value = network.scale("\(name).mul", value, by: "\(name).layer_scale")
    return network.add("\(name).add", value, input)
  }
}

extension NetworkBuilder {
  /// Applies a fully connected layer to every pixel. The tensors have the names and shapes of a fully connected layer's
  /// tensors.
  fileprivate mutating func pixelwise(_ name: String, _ x: NetworkValue, to outputs: Int) -> NetworkValue {
    let stored = reader.tensor(
      "\(name).weight", [outputs, x.channels], .uniform(gain: 1, fanIn: x.channels))
    let convolution = Convolution(
      weights: stored.reshaped(to: [outputs, x.channels, 1, 1]),
      bias: reader.vector("\(name).bias", outputs, .constant(0)), padding: .symmetric(0))
    return append(name, convolution, x, channels: outputs)
  }

  /// Multiplies each channel by its element of the trained vector `tensor`.
  fileprivate mutating func scale(_ name: String, _ x: NetworkValue, by tensor: String) -> NetworkValue {
    let factors = reader.elements(tensor, [x.channels, 1, 1], .constant(1))
    let zeros = [Float](repeating: 0, count: x.channels)
    let map = BatchNormalization(
      gamma: factors, beta: zeros, mean: zeros, variance: zeros.map { $0 + 1 }, epsilon: 0)
    return append(name, map, x, channels: x.channels)
  }
}
