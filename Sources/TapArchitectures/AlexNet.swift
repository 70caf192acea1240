// AlexNet in the version for one device. Krizhevsky, "One weird trick for parallelizing convolutional neural networks"
// (2014).

import TapProvenance

enum AlexNet {
  static let architecture = Architecture(
    "alexnet", Preprocessing(), probe: ("features.10.weight", [256, 256, 3, 3]), build: build)

  private static func build(_ network: inout NetworkBuilder) {
    var value = NetworkBuilder.input
    let stages: [(index: Int, outputs: Int, kernel: Int, stride: Int, padding: Int, isPooled: Bool)] = [
      (0, 64, 11, 4, 2, true), (3, 192, 5, 1, 2, true), (6, 384, 3, 1, 1, false), (8, 256, 3, 1, 1, false),
      (10, 256, 3, 1, 1, true),
    ]
    for stage in stages {
      value = network.convolution(
        "features.\(stage.index)", value, to: stage.outputs, kernel: stage.kernel, stride: stage.stride,
        padding: stage.padding)
      network.tap(value, "convolution")
      value = network.activation("features.\(stage.index + 1)", value, .relu)
      network.tap(value, "relu")
      guard stage.isPooled else { continue }
      value = network.maxPool("features.\(stage.index + 2)", value, kernel: 3, stride: 2)
      network.tap(value, "max pool")
    }
    network.tap(value, "max pool", aliases: "pool5")
    network.threeLayerClassifier(
      value, side: 6, width: 4096, layers: ["classifier.1", "classifier.4", "classifier.6"],
      relus: ["classifier.2", "classifier.5"])
  }
}
