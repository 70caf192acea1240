// Residual networks. He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition" (2015), table 1, with the stride on
// the 3 x 3 convolution of a bottleneck as torchvision has it; Xie et al., "Aggregated Residual Transformations" (2017);
// Zagoruyko, Komodakis, "Wide Residual Networks" (2016).

import TapProvenance

struct ResNet {
  let name: String
  /// Blocks of each of the four stages.
  let depths: [Int]
  /// Three convolutions a block, the outer ones of one pixel, instead of two.
  let isBottleneck: Bool
  var groups = 1
  /// Channels of a group in the first stage.
  var groupWidth = 64

  static let variants = [
    ResNet(name: "resnet18", depths: [2, 2, 2, 2], isBottleneck: false),
    ResNet(name: "resnet34", depths: [3, 4, 6, 3], isBottleneck: false),
    ResNet(name: "resnet50", depths: [3, 4, 6, 3], isBottleneck: true),
    ResNet(name: "resnet101", depths: [3, 4, 23, 3], isBottleneck: true),
    ResNet(name: "resnet152", depths: [3, 8, 36, 3], isBottleneck: true),
    ResNet(name: "resnext50_32x4d", depths: [3, 4, 6, 3], isBottleneck: true, groups: 32, groupWidth: 4),
    ResNet(name: "resnext101_32x8d", depths: [3, 4, 23, 3], isBottleneck: true, groups: 32, groupWidth: 8),
    ResNet(name: "resnext101_64x4d", depths: [3, 4, 23, 3], isBottleneck: true, groups: 64, groupWidth: 4),
    ResNet(name: "wide_resnet50_2", depths: [3, 4, 6, 3], isBottleneck: true, groupWidth: 128),
    ResNet(name: "wide_resnet101_2", depths: [3, 4, 23, 3], isBottleneck: true, groupWidth: 128),
  ]

  var architecture: Architecture {
    let width = innerWidth(256)
    let last = "layer3.\(depths[2] - 1)"
    return Architecture(
      name, Preprocessing(),
      probes: [
        ("\(last).conv1.weight", isBottleneck ? [width, 1024, 1, 1] : [256, 256, 3, 3]),
        ("\(last).conv2.weight", [width, width / groups, 3, 3]),
      ], build: build)
  }

  /// Channels of the 3 x 3 convolution in a stage of `width`.
  private func innerWidth(_ width: Int) -> Int { width * groupWidth / 64 * groups }

  private func build(_ network: inout NetworkBuilder) {
    var value = network.convolution(
      "conv1", NetworkBuilder.input, to: 64, kernel: 7, stride: 2, padding: 3, hasBias: false)
    value = network.batchNormalization("bn1", value)
    value = network.activation("relu", value, .relu)
    network.tap(value, "convolution")
    value = network.maxPool("maxpool", value, kernel: 3, stride: 2, padding: 1)
    network.tap(value, "max pool")
    for (stage, depth) in depths.enumerated() {
      for block in 0..<depth {
        let isLast = block == depth - 1
        value = residualBlock(
          &network, "layer\(stage + 1).\(block)", value, width: 64 << stage,
          stride: stage > 0 && block == 0 ? 2 : 1)
        if isLast {
          network.tap(value, kind, aliases: "layer\(stage + 1)")
        } else {
          network.tap(value, kind)
        }
      }
    }
    network.classify(value, layer: "fc")
  }

  private var kind: String { isBottleneck ? "bottleneck" : "residual" }

  private func residualBlock(
    _ network: inout NetworkBuilder, _ name: String, _ input: Value, width: Int, stride: Int
  ) -> Value {
    let outputs = isBottleneck ? 4 * width : width
    let inner = innerWidth(width)
    let layers: [(outputs: Int, kernel: Int, stride: Int, groups: Int)] =
      isBottleneck
      ? [(inner, 1, 1, 1), (inner, 3, stride, groups), (outputs, 1, 1, 1)]
      : [(width, 3, stride, 1), (width, 3, 1, 1)]
    var value = input
    for (index, layer) in layers.enumerated() {
      value = network.convolution(
        "\(name).conv\(index + 1)", value, to: layer.outputs, kernel: layer.kernel, stride: layer.stride,
        groups: layer.groups, hasBias: false)
      value = network.batchNormalization("\(name).bn\(index + 1)", value)
      guard index < layers.count - 1 else { break }
      value = network.activation(index == 0 ? "\(name).relu" : "\(name).relu_\(index)", value, .relu)
    }
    var shortcut = input
    if stride > 1 || input.channels != outputs {
      shortcut = network.convolution(
        "\(name).downsample.0", input, to: outputs, kernel: 1, stride: stride, hasBias: false, gain: 1)
      shortcut = network.batchNormalization("\(name).downsample.1", shortcut)
    }
    value = network.add("\(name).add", value, shortcut)
    return network.activation("\(name).relu_\(layers.count - 1)", value, .relu)
  }
}
