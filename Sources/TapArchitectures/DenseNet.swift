// Densely connected networks. Huang, Liu, van der Maaten, Weinberger, "Densely Connected Convolutional Networks"
// (2017), table 1.

import TapProvenance

struct DenseNet {
  let name: String
  let depths: [Int]
  /// The number of channels that each layer adds.
  private static let growth = 32

  /// The number of channels after the last block. Each transition between blocks halves the number of channels.
  private var features: Int {
    depths.enumerated().reduce(64) { channels, stage in
      (channels + Self.growth * stage.element) / (stage.offset < depths.count - 1 ? 2 : 1)
    }
  }

  static let variants = [
    DenseNet(name: "densenet121", depths: [6, 12, 24, 16]),
    DenseNet(name: "densenet169", depths: [6, 12, 32, 32]),
    DenseNet(name: "densenet201", depths: [6, 12, 48, 32]),
  ]

  var architecture: Architecture {
    Architecture(
      name, Preprocessing(), probe: ("features.norm5.weight", [features]), build: build)
  }

  private func build(_ network: inout NetworkBuilder) {
    var value = network.convolution(
      "features.conv0", NetworkBuilder.input, to: 64, kernel: 7, stride: 2, padding: 3, hasBias: false)
    value = network.batchNormalization("features.norm0", value)
    value = network.activation("features.relu0", value, .relu)
    network.tap(value, "convolution")
    value = network.maxPool("features.pool0", value, kernel: 3, stride: 2, padding: 1)
    network.tap(value, "max pool")
    for (stage, depth) in depths.enumerated() {
      let block = "features.denseblock\(stage + 1)"
      var parts = [value]
      for layer in 1...depth {
        parts.append(denseLayer(&network, "\(block).denselayer\(layer)", parts))
      }
      value = network.concatenate("\(block).cat", parts)
      network.tap(value, "dense block", aliases: "denseblock\(stage + 1)")
      guard stage < depths.count - 1 else { break }
      let transition = "features.transition\(stage + 1)"
      value = network.batchNormalization("\(transition).norm", value)
      value = network.activation("\(transition).relu", value, .relu)
      value = network.convolution(
        "\(transition).conv", value, to: value.channels / 2, kernel: 1, hasBias: false)
      value = network.averagePool("\(transition).pool", value, kernel: 2, stride: 2)
      network.tap(value, "transition")
    }
    value = network.batchNormalization("features.norm5", value)
    network.tap(value, "batch normalization")
    value = network.activation("relu", value, .relu)
    network.classify(value, pool: "adaptive_avg_pool2d", layer: "classifier")
  }

  private func denseLayer(_ network: inout NetworkBuilder, _ name: String, _ parts: [NetworkValue])
    -> NetworkValue
  {
    var value = network.concatenate("\(name).cat", parts)
    value = network.batchNormalization("\(name).norm1", value)
    value = network.activation("\(name).relu1", value, .relu)
    value = network.convolution("\(name).conv1", value, to: 4 * Self.growth, kernel: 1, hasBias: false)
    value = network.batchNormalization("\(name).norm2", value)
    value = network.activation("\(name).relu2", value, .relu)
    return network.convolution("\(name).conv2", value, to: Self.growth, kernel: 3, hasBias: false)
  }
}
