// SqueezeNet. Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters" (2016), table 1. Version
// 1.1 has its poolings earlier.

import TapProvenance

struct SqueezeNet {
  let name: String
  let stem: (outputs: Int, kernel: Int)
  /// The layers of the features after the stem. Nil stands for a pooling. A number stands for a fire module with this
  /// number of squeeze channels.
  let body: [Int?]

  /// A pooling in `body`. A fire module with s squeeze channels has two expansions with 4 s channels each.
  private static let pool: Int? = nil

  static let variants = [
    SqueezeNet(
      name: "squeezenet1_0", stem: (96, 7), body: [pool, 16, 16, 32, pool, 32, 48, 48, 64, pool, 64]),
    SqueezeNet(
      name: "squeezenet1_1", stem: (64, 3), body: [pool, 16, 16, pool, 32, 32, pool, 48, 48, 64, 64]),
  ]

  var architecture: Architecture {
    Architecture(
      name, Preprocessing(), probe: ("features.0.weight", [stem.outputs, 3, stem.kernel, stem.kernel]),
      build: build)
  }

  private func build(_ network: inout NetworkBuilder) {
    var value = network.convolution(
      "features.0", NetworkBuilder.input, to: stem.outputs, kernel: stem.kernel, stride: 2, padding: 0)
    value = network.activation("features.1", value, .relu)
    network.tap(value, "convolution")
    for (offset, squeezed) in body.enumerated() {
      let name = "features.\(offset + 2)"
      if let squeezed {
        value = fire(&network, name, value, squeezed: squeezed)
        network.tap(value, "fire", aliases: name)
      } else {
        value = network.maxPool(name, value, kernel: 3, stride: 2, roundsUp: true)
        network.tap(value, "max pool")
      }
    }
    guard network.hasClassifier("classifier.1") else {
      value = network.globalAveragePool("avgpool", value)
      network.tap(value, "global average pool", aliases: "penultimate")
      return
    }
    // The network itself does not compute the mean of the last fire module, but this mean is a common tap.
    network.tap(network.globalAveragePool("avgpool", value), "global average pool", aliases: "penultimate")
    value = network.convolution("classifier.1", value, to: network.classCount("classifier.1"), kernel: 1)
    value = network.activation("classifier.2", value, .relu)
    network.tap(value, "convolution")
    value = network.globalAveragePool("classifier.3", value)
    network.tap(value, "global average pool", aliases: "logits", "flatten")
  }

  private func fire(
    _ network: inout NetworkBuilder, _ name: String, _ input: NetworkValue, squeezed: Int
  ) -> NetworkValue {
    var value = network.convolution("\(name).squeeze", input, to: squeezed, kernel: 1)
    value = network.activation("\(name).squeeze_activation", value, .relu)
    let expanded = [1, 3].map { kernel in
      let part = network.convolution(
        "\(name).expand\(kernel)x\(kernel)", value, to: 4 * squeezed, kernel: kernel)
      return network.activation("\(name).expand\(kernel)x\(kernel)_activation", part, .relu)
    }
    return network.concatenate("\(name).cat", expanded)
  }
}
