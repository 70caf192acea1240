// VGG. Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2014), table 1.

import TapProvenance

struct VGG {
  let name: String
  /// The number of convolutions in each of the five stages.
  let depths: [Int]
  let isNormalized: Bool

  static let variants = [
    ("vgg11", [1, 1, 2, 2, 2]), ("vgg13", [2, 2, 2, 2, 2]), ("vgg16", [2, 2, 3, 3, 3]),
    ("vgg19", [2, 2, 4, 4, 4]),
  ].flatMap { name, depths in
    [
      VGG(name: name, depths: depths, isNormalized: false),
      VGG(name: "\(name)_bn", depths: depths, isNormalized: true),
    ]
  }

  private static let widths = [64, 128, 256, 512, 512]

  /// The index of the last convolution among the layers of the features.
  private var lastConvolution: Int {
    depths.reduce(0, +) * (isNormalized ? 3 : 2) + depths.count - 1 - (isNormalized ? 3 : 2)
  }

  var architecture: Architecture {
    Architecture(
      name, Preprocessing(), probe: ("features.\(lastConvolution).weight", [512, 512, 3, 3]), build: build)
  }

  private func build(_ network: inout NetworkBuilder) {
    var value = NetworkBuilder.input
    var index = 0
    func next() -> String {
      defer { index += 1 }
      return "features.\(index)"
    }
    for (stage, depth) in depths.enumerated() {
      for _ in 0..<depth {
        value = network.convolution(next(), value, to: Self.widths[stage], kernel: 3)
        network.tap(value, "convolution")
        if isNormalized {
          value = network.batchNormalization(next(), value)
          network.tap(value, "batch normalization")
        }
        value = network.activation(next(), value, .relu)
        network.tap(value, "relu")
      }
      value = network.maxPool(next(), value, kernel: 2, stride: 2)
      network.tap(value, "max pool", aliases: "pool\(stage + 1)")
    }
    network.threeLayerClassifier(
      value, side: 7, width: 4096, layers: ["classifier.0", "classifier.3", "classifier.6"],
      relus: ["classifier.1", "classifier.4"])
  }
}

extension NetworkBuilder {
  /// The end of AlexNet and VGG: means over regions of the image, flattened to a vector, and three fully connected
  /// layers.
  mutating func threeLayerClassifier(
    _ x: NetworkValue, side: Int, width: Int, layers: [String], relus: [String]
  ) {
    var value = adaptiveAveragePool("avgpool", x, side: side)
    tap(value, "average pool", aliases: "avgpool")
    guard hasClassifier(layers[0]) else {
      alias("penultimate", value)
      return
    }
    value = flatten("flatten", value, pixels: side * side)
    tap(value, "flatten")
    for (index, relu) in relus.enumerated() {
      value = fullyConnected(layers[index], value, to: width)
      tap(value, "fully connected", aliases: "fc\(index + 1)")
      value = activation(relu, value, .relu)
      tap(value, "relu")
    }
    alias("penultimate", value)
    guard hasClassifier(layers[2]) else { return }
    value = fullyConnected(layers[2], value, to: classCount(layers[2]))
    tap(value, "fully connected", aliases: "logits", "fc3")
  }
}
