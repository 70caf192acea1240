// The functions that architectures are written with: layers by name over named values, each with its parameters from
// the reader. Values have the names of torchvision's graph of the same network, if it has them; tensors have PyTorch's.

import TapBackbone
import TapProvenance
import TapTensors

/// A value of the network during its construction.
struct NetworkValue {
  let name: String
  /// The number of channels, or of features of a vector.
  let channels: Int
}

/// The function after a convolution and its normalization.
enum Nonlinearity {
  case none, relu, relu6, silu, hardSwish, hardSigmoid, sigmoid, gelu

  var operation: Operator? {
    switch self {
    case .none: nil
    case .relu: .clamp(.relu)
    case .relu6: .clamp(.relu6)
    case .silu: .activation(.silu)
    case .hardSwish: .activation(.hardSwish)
    case .hardSigmoid: .activation(.hardSigmoid)
    case .sigmoid: .activation(.sigmoid)
    case .gelu: .activation(.gelu)
    }
  }
}

/// Builds a network from the input to the logits.
struct NetworkBuilder {
  private(set) var nodes: [Graph.Node] = []
  private(set) var taps: [(name: String, kind: String)] = []
  private(set) var aliases: [String: String] = [:]
  var reader: ParameterReader
  private let traits: NetworkTraits
  /// Whether zeros around convolutions follow TensorFlow's rule; otherwise they keep the size on each side.
  private var padsLikeTensorFlow: Bool
  /// The epsilon of batch normalizations.
  private var epsilon: Double

  static let input = NetworkValue(name: Graph.input, channels: 3)

  /// - Parameter traits: properties of the weights' origin that override the architecture.
  init(_ reader: ParameterReader, traits: NetworkTraits = NetworkTraits()) {
    self.reader = reader
    self.traits = traits
    padsLikeTensorFlow = traits.padsLikeTensorFlow ?? false
    epsilon = traits.epsilon ?? 1e-5
  }

  /// Sets the architecture's defaults for properties that the weights' origin leaves open.
  mutating func assume(epsilon: Double? = nil, padsLikeTensorFlow: Bool? = nil) {
    self.epsilon = traits.epsilon ?? epsilon ?? self.epsilon
    self.padsLikeTensorFlow = traits.padsLikeTensorFlow ?? padsLikeTensorFlow ?? self.padsLikeTensorFlow
  }

  @discardableResult
  mutating func append(_ name: String, _ operation: Operator, _ inputs: NetworkValue..., channels: Int)
    -> NetworkValue
  {
    nodes.append(Graph.Node(name, operation, inputs.map(\.name)))
    return NetworkValue(name: name, channels: channels)
  }

  /// Makes a value one of the listed layers.
  mutating func tap(_ value: NetworkValue, _ kind: String, aliases names: String...) {
    if !taps.contains(where: { $0.name == value.name }) { taps.append((value.name, kind)) }
    for name in names { alias(name, value) }
  }

  /// Another name of a value; the last value with this name keeps it.
  mutating func alias(_ name: String, _ value: NetworkValue) {
    if name != value.name { aliases[name] = value.name }
  }

  // MARK: - Layers with parameters

  /// A convolution; `padding` nil keeps the size at stride 1.
  mutating func convolution(
    _ name: String, _ x: NetworkValue, to outputs: Int, kernel: Int, stride: Int = 1, padding: Int? = nil,
    groups: Int = 1, hasBias: Bool = true, tensors: String? = nil, gain: Float = 2
  ) -> NetworkValue {
    let tensors = tensors ?? name
    let inputs = x.channels / groups
    let weights = reader.tensor(
      "\(tensors).weight", [outputs, inputs, kernel, kernel],
      .uniform(gain: gain, fanIn: inputs * kernel * kernel))
    let bias = hasBias ? reader.vector("\(tensors).bias", outputs, .constant(0)) : nil
    let rule: WindowAxis.Padding = padsLikeTensorFlow ? .same : .symmetric(padding ?? (kernel - 1) / 2)
    return append(
      name,
      .convolution(Convolution(weights: weights, bias: bias, stride: stride, padding: rule, groups: groups)),
      x, channels: outputs)
  }

  mutating func batchNormalization(_ name: String, _ x: NetworkValue, tensors: String? = nil) -> NetworkValue {
    let normalization = reader.batchNormalization(
      tensors ?? name, channels: x.channels, epsilon: epsilon)
    return append(name, .batchNormalization(normalization), x, channels: x.channels)
  }

  mutating func layerNormalization(
    _ name: String, _ x: NetworkValue, epsilon: Double, tensors: String? = nil
  ) -> NetworkValue {
    let tensors = tensors ?? name
    let normalization = LayerNormalization(
      gamma: reader.vector("\(tensors).weight", x.channels, .constant(1)),
      beta: reader.vector("\(tensors).bias", x.channels, .constant(0)), epsilon: epsilon)
    return append(name, .layerNormalization(normalization), x, channels: x.channels)
  }

  /// torchvision's `Conv2dNormActivation`: tensors `<name>.0` and `<name>.1`, the value `name` after the activation.
  mutating func normalizedConvolution(
    _ name: String, _ x: NetworkValue, to outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1,
    _ nonlinearity: Nonlinearity, tensors: (convolution: String, norm: String)? = nil
  ) -> NetworkValue {
    let tensors = tensors ?? ("\(name).0", "\(name).1")
    let isLinear = nonlinearity == .none
    let value = normalized(
      "\(name).0", isLinear ? name : "\(name).1", x, to: outputs, kernel: kernel, stride: stride,
      groups: groups,
      tensors: tensors, gain: isLinear ? 1 : 2)
    return activation(name, value, nonlinearity)
  }

  /// A convolution `name` without bias and its batch normalization `norm`. If that is folded already, as in networks
  /// for inference only, the file has the convolution's bias instead.
  mutating func normalized(
    _ name: String, _ norm: String, _ x: NetworkValue, to outputs: Int, kernel: Int, stride: Int = 1,
    groups: Int = 1,
    tensors: (convolution: String, norm: String)? = nil, gain: Float
  ) -> NetworkValue {
    let tensors = tensors ?? (name, norm)
    let isFolded =
      reader.isTrained && reader.has("\(tensors.convolution).bias")
      && !reader.has("\(tensors.norm).running_mean")
    let sum = convolution(
      isFolded ? norm : name, x, to: outputs, kernel: kernel, stride: stride, groups: groups,
      hasBias: isFolded,
      tensors: tensors.convolution, gain: gain)
    return isFolded ? sum : batchNormalization(norm, sum, tensors: tensors.norm)
  }

  mutating func fullyConnected(_ name: String, _ x: NetworkValue, to outputs: Int, tensors: String? = nil)
    -> NetworkValue
  {
    let tensors = tensors ?? name
    let layer = FullyConnected(
      weights: reader.tensor(
        "\(tensors).weight", [outputs, x.channels], .uniform(gain: 1, fanIn: x.channels)),
      bias: reader.vector("\(tensors).bias", outputs, .constant(0)))
    return append(name, .fullyConnected(layer), x, channels: outputs)
  }

  /// Squeeze and excitation: multiplies each channel by a number that a small network computes from all channels'
  /// means. Hu, Shen, Sun (2018). The two layers are stored as convolutions of one pixel.
  mutating func squeezeExcitation(
    _ name: String, _ x: NetworkValue, to squeezed: Int, _ first: Nonlinearity, _ second: Nonlinearity
  ) -> NetworkValue {
    var value = globalAveragePool("\(name).avgpool", x)
    for (tensors, outputs, nonlinearity) in [("fc1", squeezed, first), ("fc2", x.channels, second)] {
      let inputs = value.channels
      let stored = reader.tensor(
        "\(name).\(tensors).weight", [outputs, inputs, 1, 1], .uniform(gain: 1, fanIn: inputs))
      let layer = FullyConnected(
        weights: stored.reshaped(to: [outputs, inputs]),
        bias: reader.vector("\(name).\(tensors).bias", outputs, .constant(0)))
      value = append("\(name).\(tensors)", .fullyConnected(layer), value, channels: outputs)
      value = activation("\(name).\(tensors).activation", value, nonlinearity)
    }
    return append(name, .multiply, x, value, channels: x.channels)
  }

  // MARK: - Layers without parameters

  mutating func activation(_ name: String, _ x: NetworkValue, _ nonlinearity: Nonlinearity) -> NetworkValue {
    guard let operation = nonlinearity.operation else { return x }
    return append(name, operation, x, channels: x.channels)
  }

  mutating func add(_ name: String, _ a: NetworkValue, _ b: NetworkValue) -> NetworkValue {
    append(name, .add, a, b, channels: a.channels)
  }

  mutating func concatenate(_ name: String, _ parts: [NetworkValue]) -> NetworkValue {
    nodes.append(Graph.Node(name, .concatenate, parts.map(\.name)))
    return NetworkValue(name: name, channels: parts.reduce(0) { $0 + $1.channels })
  }

  mutating func maxPool(
    _ name: String, _ x: NetworkValue, kernel: Int, stride: Int, padding: Int = 0, roundsUp: Bool = false
  ) -> NetworkValue {
    let axis = WindowAxis(
      kernel: kernel, stride: stride, padding: .symmetric(padding), roundsUp: roundsUp)
    return append(name, .windowPooling(WindowPooling(.maximum, axis)), x, channels: x.channels)
  }

  mutating func averagePool(
    _ name: String, _ x: NetworkValue, kernel: Int, stride: Int, padding: Int = 0, roundsUp: Bool = false,
    countsPadding: Bool = true
  ) -> NetworkValue {
    let axis = WindowAxis(
      kernel: kernel, stride: stride, padding: .symmetric(padding), roundsUp: roundsUp)
    return append(
      name, .windowPooling(WindowPooling(.average(countsPadding: countsPadding), axis)), x,
      channels: x.channels)
  }

  /// Every second pixel after a blur by (1, 2, 1) / 4 along both axes, with the image mirrored at its edges. It is
  /// computed as means of two neighbors, and of two neighbors of these: at the edge the mirrored mean equals the mean
  /// itself.
  mutating func blurPool(_ name: String, _ x: NetworkValue) -> NetworkValue {
    let means = averagePool("\(name).mean", x, kernel: 2, stride: 1)
    return averagePool(name, means, kernel: 2, stride: 2, padding: 1, countsPadding: false)
  }

  mutating func adaptiveAveragePool(_ name: String, _ x: NetworkValue, side: Int) -> NetworkValue {
    append(
      name, .adaptiveAveragePooling(AdaptiveAveragePooling(height: side, width: side)), x,
      channels: x.channels)
  }

  mutating func globalAveragePool(_ name: String, _ x: NetworkValue) -> NetworkValue {
    append(name, .globalAveragePool, x, channels: x.channels)
  }

  /// The result has `pixels` times the channels.
  mutating func flatten(_ name: String, _ x: NetworkValue, pixels: Int) -> NetworkValue {
    append(name, .flatten, x, channels: x.channels * pixels)
  }

  // MARK: - Classifiers

  /// The end that most networks have: the mean over the image, and one layer to the classes.
  mutating func classify(
    _ x: NetworkValue, pool: String = "avgpool", layer: String, classes: Int = NetworkBuilder.imageNetClasses
  ) {
    let pooled = globalAveragePool(pool, x)
    tap(pooled, "global average pool", aliases: "avgpool", "penultimate", "flatten")
    guard hasClassifier(layer) else { return }
    tap(fullyConnected(layer, pooled, to: classCount(layer, classes)), "fully connected", aliases: "logits")
  }

  static let imageNetClasses = 1000

  /// The number of classes in the weights: ImageNet's unless the network was trained further.
  func classCount(_ layer: String, _ published: Int = NetworkBuilder.imageNetClasses) -> Int {
    reader.extents("\(layer).weight")?.first ?? published
  }

  /// Whether the weights have the classifier's last layer; a backbone without one still gives features.
  func hasClassifier(_ layer: String) -> Bool { reader.has("\(layer).weight") }
}
