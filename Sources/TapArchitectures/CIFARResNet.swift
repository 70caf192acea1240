// The residual networks that He et al. (2015) trained on CIFAR-10, section 4.2. Images have 32 x 32 pixels. The
// networks have three stages, which consist of blocks of two convolutions. Shortcuts have no parameters (option A):
// they take every second pixel, and the new channels are zeros.

import TapBackbone
import TapProvenance
import TapTensors

struct CIFARResNet {
  let name: String
  /// The number of blocks of each stage.
  let depth: Int
  private static let classes = 10

  static let variants = [
    CIFARResNet(name: "resnet20_cifar10", depth: 3), CIFARResNet(name: "resnet32_cifar10", depth: 5),
    CIFARResNet(name: "resnet44_cifar10", depth: 7), CIFARResNet(name: "resnet56_cifar10", depth: 9),
    CIFARResNet(name: "resnet110_cifar10", depth: 18),
  ]

  var architecture: Architecture {
    Architecture(
      name, .imageNet(resize: 32, crop: 32), probe: ("layer3.\(depth - 1).conv2.weight", [64, 64, 3, 3]),
      build: build)
  }

  private func build(_ network: inout NetworkBuilder) {
    var value = network.convolution("conv1", NetworkBuilder.input, to: 16, kernel: 3, hasBias: false)
    value = network.batchNormalization("bn1", value)
    value = network.activation("relu", value, .relu)
    network.tap(value, "convolution")
    for stage in 0..<3 {
      for block in 0..<depth {
        value = residual(
          &network, "layer\(stage + 1).\(block)", value, to: 16 << stage,
          stride: stage > 0 && block == 0 ? 2 : 1)
        if block == depth - 1 {
          network.tap(value, "residual", aliases: "layer\(stage + 1)")
        } else {
          network.tap(value, "residual")
        }
      }
    }
    network.classify(value, layer: "linear", classes: Self.classes)
  }

  private func residual(
    _ network: inout NetworkBuilder, _ name: String, _ input: NetworkValue, to outputs: Int, stride: Int
  ) -> NetworkValue {
    var value = network.convolution(
      "\(name).conv1", input, to: outputs, kernel: 3, stride: stride, hasBias: false)
    value = network.batchNormalization("\(name).bn1", value)
    value = network.activation("\(name).relu", value, .relu)
    value = network.convolution("\(name).conv2", value, to: outputs, kernel: 3, hasBias: false)
    value = network.batchNormalization("\(name).bn2", value)
    let shortcut =
      input.channels == outputs ? input : network.subsampled("\(name).shortcut", input, to: outputs)
    value = network.add("\(name).add", value, shortcut)
    return network.activation("\(name).relu_1", value, .relu)
  }
}

extension NetworkBuilder {
  /// Takes every second pixel and adds channels of zeros. Half of the added channels are before the given channels, and
  /// half are after them. The layer is a convolution. One weight for each given channel is 1, and all other weights are
  /// 0.
  fileprivate mutating func subsampled(_ name: String, _ x: NetworkValue, to outputs: Int) -> NetworkValue {
    let first = (outputs - x.channels) / 2
    var weights = [Float](repeating: 0, count: outputs * x.channels)
    for channel in 0..<x.channels { weights[(first + channel) * x.channels + channel] = 1 }
    let convolution = Convolution(
      weights: Tensor(shape: [outputs, x.channels, 1, 1], elements: weights), stride: 2,
      padding: .symmetric(0))
    return append(name, convolution, x, channels: outputs)
  }
}
