// Residual networks. He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition" (2015), table 1. As in
// torchvision, a bottleneck has its stride on the 3 x 3 convolution. Further networks: Xie et al., "Aggregated Residual
// Transformations" (2017); Zagoruyko, Komodakis, "Wide Residual Networks" (2016).

import TapProvenance
import TapTensors

struct ResNet {
  /// The layers before the blocks.
  enum Stem {
    /// One convolution of 7 x 7.
    case plain
    /// Three convolutions of 3 x 3, with these numbers of outputs.
    case deep(Int, Int, Int)
    /// One convolution of 7 x 7 whose tensors have Caffe's names, and a pooling without padding.
    case caffe
  }

  /// The layer that replaces the strides of 2 in blocks. Before the blocks, `average` replaces the max pooling, and
  /// `blur` replaces the stride of the max pooling.
  enum Antialiasing { case none, average, blur }

  /// The number of channels in the middle of an excitation.
  enum Excitation {
    case none
    /// A sixteenth of the block's channels, rounded to a multiple of 8.
    case multipleOfEight
    case sixteenth
  }

  let name: String
  /// The number of blocks of each of the four stages.
  let depths: [Int]
  /// Whether a block has three convolutions instead of two. The first and the last of the three have kernels of one
  /// pixel.
  var isBottleneck: Bool
  var groups = 1
  /// The number of channels of each group in the first stage.
  var groupWidth = 64
  var stem = Stem.plain
  /// Whether a shortcut averages pixels before its convolution. The average replaces the stride of the convolution.
  var averagesShortcuts = false
  var antialiasing = Antialiasing.none
  var excitation = Excitation.none
  /// Whether a bottleneck has its stride on the first convolution.
  var stridesFirst = false
  var preprocessing = Preprocessing()
  /// The default network among those that have the same tensors; nil for a network that is the default or has no twin.
  var twinOf: String?

  var architecture: Architecture {
    let width = innerWidth(256)
    let last = "layer3.\(depths[2] - 1)"
    let inputs = outputs(depths[2] == 1 ? 128 : 256)
    var probes: [(String, Shape)] = [
      ("\(last).conv1.weight", isBottleneck ? [width, inputs, 1, 1] : [256, inputs, 3, 3]),
      ("\(last).conv2.weight", [width, width / groups, 3, 3]),
    ]
    switch stem {
    case .plain: break
    case .deep(let first, let second, _): probes.append(("conv1.3.weight", [second, first, 3, 3]))
    case .caffe: probes.append(("layer0.conv1.weight", [64, 3, 7, 7]))
    }
    if excitation != .none { probes.append(("\(last).\(excitationName).fc1.bias", [squeezed(outputs(256))])) }
    return Architecture(name, preprocessing, probes: probes, twinOf: twinOf, build: build)
  }

  /// The number of channels of the 3 x 3 convolution in a stage of this width.
  private func innerWidth(_ width: Int) -> Int { width * groupWidth / 64 * groups }

  private func outputs(_ width: Int) -> Int { isBottleneck ? 4 * width : width }

  private func squeezed(_ channels: Int) -> Int {
    excitation == .sixteenth ? channels / 16 : max(8, (channels / 16 + 4) / 8 * 8)
  }

  private var isCaffes: Bool { if case .caffe = stem { true } else { false } }

  private var excitationName: String { isCaffes ? "se_module" : "se" }

  private func build(_ network: inout NetworkBuilder) {
    var value = buildStem(&network)
    network.tap(value, "convolution")
    switch antialiasing {
    case .none:
      value = network.maxPool(
        "maxpool", value, kernel: 3, stride: 2, padding: isCaffes ? 0 : 1, roundsUp: isCaffes)
    case .average: value = network.averagePool("maxpool", value, kernel: 2, stride: 2)
    case .blur:
      value = network.maxPool("maxpool.0", value, kernel: 3, stride: 1, padding: 1)
      value = network.blurPool("maxpool", value)
    }
    network.tap(value, antialiasing == .average ? "average pool" : "max pool")
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
    network.classify(value, layer: isCaffes ? "last_linear" : "fc")
  }

  private func buildStem(_ network: inout NetworkBuilder) -> NetworkValue {
    var value = NetworkBuilder.input
    var norm = "bn1"
    switch stem {
    case .plain:
      value = network.convolution("conv1", value, to: 64, kernel: 7, stride: 2, padding: 3, hasBias: false)
    case .caffe:
      value = network.convolution(
        "layer0.conv1", value, to: 64, kernel: 7, stride: 2, padding: 3, hasBias: false)
      norm = "layer0.bn1"
    case .deep(let first, let second, let third):
      for (index, outputs) in [first, second, third].enumerated() {
        value = network.convolution(
          "conv1.\(3 * index)", value, to: outputs, kernel: 3, stride: index == 0 ? 2 : 1, hasBias: false)
        guard index < 2 else { break }
        value = network.batchNormalization("conv1.\(3 * index + 1)", value)
        value = network.activation("conv1.\(3 * index + 2)", value, .relu)
      }
    }
    value = network.batchNormalization(norm, value)
    return network.activation("relu", value, .relu)
  }

  private var kind: String { isBottleneck ? "bottleneck" : "residual" }

  private func residualBlock(
    _ network: inout NetworkBuilder, _ name: String, _ input: NetworkValue, width: Int, stride: Int
  ) -> NetworkValue {
    let outputs = outputs(width)
    let inner = innerWidth(width)
    let layers: [(outputs: Int, kernel: Int, stride: Int, groups: Int)] =
      isBottleneck
      ? [
        (inner, 1, stridesFirst ? stride : 1, 1), (inner, 3, stridesFirst ? 1 : stride, groups),
        (outputs, 1, 1, 1),
      ]
      : [(width, 3, stride, 1), (width, 3, 1, 1)]
    var value = input
    for (index, layer) in layers.enumerated() {
      let isSmoothed = layer.stride > 1 && antialiasing != .none
      value = network.convolution(
        "\(name).conv\(index + 1)", value, to: layer.outputs, kernel: layer.kernel,
        stride: isSmoothed ? 1 : layer.stride, groups: layer.groups, hasBias: false)
      value = network.batchNormalization("\(name).bn\(index + 1)", value)
      guard index < layers.count - 1 else { break }
      value = network.activation(index == 0 ? "\(name).relu" : "\(name).relu_\(index)", value, .relu)
      guard isSmoothed else { continue }
      value =
        antialiasing == .blur
        ? network.blurPool("\(name).aa", value)
        : network.averagePool("\(name).aa", value, kernel: 2, stride: 2)
    }
    if isCaffes, !isBottleneck {
      value = network.activation("\(name).relu_1", value, .relu)
    }
    if excitation != .none {
      value = network.squeezeExcitation(
        "\(name).\(excitationName)", value, to: squeezed(outputs), .relu, .sigmoid)
    }
    var shortcut = input
    if stride > 1 || input.channels != outputs {
      let first = averagesShortcuts ? 1 : 0
      if averagesShortcuts, stride > 1 {
        shortcut = network.averagePool(
          "\(name).downsample.0", shortcut, kernel: 2, stride: 2, roundsUp: true, countsPadding: false)
      }
      shortcut = network.convolution(
        "\(name).downsample.\(first)", shortcut, to: outputs, kernel: 1,
        stride: averagesShortcuts ? 1 : stride, hasBias: false, gain: 1)
      shortcut = network.batchNormalization("\(name).downsample.\(first + 1)", shortcut)
    }
    value = network.add("\(name).add", value, shortcut)
    return network.activation("\(name).relu_\(isCaffes ? 2 : layers.count - 1)", value, .relu)
  }
}
