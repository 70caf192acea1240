// The functions with which architectures are written. Each function appends a layer with a name. The layer reads named
// values and gets its parameters from the parameter reader. Values have the names of torchvision's graph if torchvision
// has the same network. Tensors have PyTorch's names.

import TapBackbone
import TapProvenance
import TapTensors

/// A value of the network while the network is being built.
struct NetworkValue {
  let name: String
  /// The number of channels of an image, or of features of a vector.
  let channels: Int
}

/// The function that follows a convolution and its normalization.
enum Nonlinearity {
  case none, relu, relu6, silu, hardSwish, hardSigmoid, sigmoid, gelu

  var operation: (any Operator)? {
    switch self {
    case .none: nil
    case .relu: Clamp.relu
    case .relu6: Clamp.relu6
    case .silu: Activation.silu
    case .hardSwish: Activation.hardSwish
    case .hardSigmoid: Activation.hardSigmoid
    case .sigmoid: Activation.sigmoid
    case .gelu: Activation.gelu
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
  /// Whether images are padded with zeros by TensorFlow's rule before convolutions. Otherwise each side gets the same
  /// number of zeros, so that stride 1 keeps the size.
  private var padsLikeTensorFlow: Bool
  /// The epsilon of batch normalizations.
  private var epsilon: Double

  static let input = NetworkValue(name: Graph.input, channels: 3)

  /// - Parameter traits: properties that follow from the origin of the weights. These properties override the
  ///   properties of the architecture.
  init(_ reader: ParameterReader, traits: NetworkTraits = NetworkTraits()) {
    self.reader = reader
    self.traits = traits
    padsLikeTensorFlow = traits.padsLikeTensorFlow ?? false
    epsilon = traits.epsilon ?? 1e-5
  }

  /// Sets the architecture's values of properties that `traits` leaves open.
  mutating func assume(epsilon: Double? = nil, padsLikeTensorFlow: Bool? = nil) {
    self.epsilon = traits.epsilon ?? epsilon ?? self.epsilon
    self.padsLikeTensorFlow = traits.padsLikeTensorFlow ?? padsLikeTensorFlow ?? self.padsLikeTensorFlow
  }

  @discardableResult
  mutating func append(_ name: String, _ operation: any Operator, _ inputs: NetworkValue..., channels: Int)
    -> NetworkValue
  {
    nodes.append(Graph.Node(name, operation, inputs.map(\.name)))
    return NetworkValue(name: name, channels: channels)
  }

  /// Adds a value to the listed layers.
  mutating func tap(_ value: NetworkValue, _ kind: String, aliases names: String...) {
    if !taps.contains(where: { $0.name == value.name }) { taps.append((value.name, kind)) }
    for name in names { alias(name, value) }
  }

  /// Gives a value another name. If several values get the same name, the name means the last of these values.
  mutating func alias(_ name: String, _ value: NetworkValue) {
    if name != value.name { aliases[name] = value.name }
  }

  // MARK: - Layers with parameters

  /// A convolution. If `padding` is nil, the padding keeps the size of the image at stride 1.
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
      Convolution(weights: weights, bias: bias, stride: stride, padding: rule, groups: groups),
      x, channels: outputs)
  }

  mutating func batchNormalization(_ name: String, _ x: NetworkValue, tensors: String? = nil) -> NetworkValue {
    let normalization = reader.batchNormalization(
      tensors ?? name, channels: x.channels, epsilon: epsilon)
    return append(name, normalization, x, channels: x.channels)
  }

  mutating func layerNormalization(
    _ name: String, _ x: NetworkValue, epsilon: Double, tensors: String? = nil
  ) -> NetworkValue {
    let tensors = tensors ?? name
    let normalization = LayerNormalization(
      gamma: reader.vector("\(tensors).weight", x.channels, .constant(1)),
      beta: reader.vector("\(tensors).bias", x.channels, .constant(0)), epsilon: epsilon)
    return append(name, normalization, x, channels: x.channels)
  }

  /// torchvision's `Conv2dNormActivation`, with tensors below `<name>.0` and `<name>.1`. The value after the activation
  /// has the name `name`.
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

  /// A convolution `name` without bias, and its batch normalization `norm`. A file that is only for inference may have
  /// the normalization folded into the convolution. Such a file has a bias of the convolution instead of the
  /// normalization's tensors.
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
    return append(name, layer, x, channels: outputs)
  }

  /// Squeeze and excitation: multiplies each channel by a number, which a small network computes from the means of all
  /// channels. Hu, Shen, Sun (2018). The two layers of the small network are stored as convolutions with kernels of one
  /// pixel.
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
      value = append("\(name).\(tensors)", layer, value, channels: outputs)
      value = activation("\(name).\(tensors).activation", value, nonlinearity)
    }
    return append(name, Multiplication(), x, value, channels: x.channels)
  }

  // MARK: - Layers without parameters

  mutating func activation(_ name: String, _ x: NetworkValue, _ nonlinearity: Nonlinearity) -> NetworkValue {
    guard let operation = nonlinearity.operation else { return x }
    return append(name, operation, x, channels: x.channels)
  }

  mutating func add(_ name: String, _ a: NetworkValue, _ b: NetworkValue) -> NetworkValue {
    append(name, Addition(), a, b, channels: a.channels)
  }

  mutating func concatenate(_ name: String, _ parts: [NetworkValue]) -> NetworkValue {
    nodes.append(Graph.Node(name, Concatenation(), parts.map(\.name)))
    return NetworkValue(name: name, channels: parts.reduce(0) { $0 + $1.channels })
  }

  mutating func maxPool(
    _ name: String, _ x: NetworkValue, kernel: Int, stride: Int, padding: Int = 0, roundsUp: Bool = false
  ) -> NetworkValue {
    let axis = WindowAxis(
      kernel: kernel, stride: stride, padding: .symmetric(padding), roundsUp: roundsUp)
    return append(name, WindowPooling(.maximum, axis), x, channels: x.channels)
  }

  mutating func averagePool(
    _ name: String, _ x: NetworkValue, kernel: Int, stride: Int, padding: Int = 0, roundsUp: Bool = false,
    countsPadding: Bool = true
  ) -> NetworkValue {
    let axis = WindowAxis(
      kernel: kernel, stride: stride, padding: .symmetric(padding), roundsUp: roundsUp)
    return append(
      name, WindowPooling(.average(countsPadding: countsPadding), axis), x,
      channels: x.channels)
  }

  /// Blurs an image by (1, 2, 1) / 4 along both axes, mirroring the image at its edges, and takes every second pixel.
  /// The blur is computed in two steps: means of two neighboring pixels, then means of two neighboring means. At an
  /// edge, the mirrored mean is equal to the outermost mean. So the second step needs no mirroring: it leaves padding
  /// out of its means.
  mutating func blurPool(_ name: String, _ x: NetworkValue) -> NetworkValue {
    let means = averagePool("\(name).mean", x, kernel: 2, stride: 1)
    return averagePool(name, means, kernel: 2, stride: 2, padding: 1, countsPadding: false)
  }

  mutating func adaptiveAveragePool(_ name: String, _ x: NetworkValue, side: Int) -> NetworkValue {
    append(
      name, AdaptiveAveragePooling(height: side, width: side), x,
      channels: x.channels)
  }

  mutating func globalAveragePool(_ name: String, _ x: NetworkValue) -> NetworkValue {
    append(name, GlobalAveragePooling(), x, channels: x.channels)
  }

  /// Turns an image of `pixels` pixels into a vector, which has `pixels` times as many elements as the image has
  /// channels.
  mutating func flatten(_ name: String, _ x: NetworkValue, pixels: Int) -> NetworkValue {
    append(name, Flatten(), x, channels: x.channels * pixels)
  }

  // MARK: - Classifiers

  /// The end that most networks have: the mean over the image, and a fully connected layer to the classes.
  mutating func classify(
    _ x: NetworkValue, pool: String = "avgpool", layer: String, classes: Int = NetworkBuilder.imageNetClasses
  ) {
    let pooled = globalAveragePool(pool, x)
    tap(pooled, "global average pool", aliases: "avgpool", "penultimate", "flatten")
    guard hasClassifier(layer) else { return }
    tap(fullyConnected(layer, pooled, to: classCount(layer, classes)), "fully connected", aliases: "logits")
  }

  static let imageNetClasses = 1000

  /// The number of classes in the weights. The result is `published` if the weights do not show the number.
  func classCount(_ layer: String, _ published: Int = NetworkBuilder.imageNetClasses) -> Int {
    reader.extents("\(layer).weight")?.first ?? published
  }

  /// Whether the weights have the last layer of the classifier. A backbone without this layer still gives features.
  func hasClassifier(_ layer: String) -> Bool { reader.has("\(layer).weight") }
}
